"""On PostgreSQL as on SQLite: workers at the same moment do nothing twice, one nurse gets the patient, guards refuse."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from bedside.care import desk, handover, transfers, webhooks
from bedside.care.transfers import NotThatState, NotYours
from bedside.records import keys, migrate
from bedside.records.desk_tables import CONNECTED, Delivery, Escalation, Notice, TransferStep
from bedside.records.loading import load_file
from bedside.records.tables import Commitment, Ticket, TicketEvent
from bedside.worker import jobs
from tests.unit.bills import ROOT, Bills
from tests.unit.scheduling_clinic import clinic_at
from tests.unit.test_transfers import hire, waiting
from tests.unit.test_webhooks import Receiver, equip, happen
from tests.unit.test_worker import Sent, ask


@pytest.fixture(params=["sqlite", "postgresql"])
def bills(
    request: pytest.FixtureRequest, tmp_path: Path, new_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bills]:
    monkeypatch.setattr(keys, "_installed", None)
    url = f"sqlite:///{tmp_path}/bedside.db" if request.param == "sqlite" else new_database()
    migrate.upgrade(url)
    care = clinic_at(tmp_path, clinic="", BEDSIDE_DATABASE_URL=url)
    load_file(care, ROOT / "demo" / "riverbend.yml")
    yield Bills(care)
    care.store.close()


def at_once(count: int, work: Callable[[], None]) -> list[BaseException]:
    """Run it that many times at the same moment; what failed."""
    failures: list[BaseException] = []
    start = threading.Barrier(count)

    def run() -> None:
        start.wait()
        try:
            work()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def test_four_workers_without_a_lease_do_nothing_twice(bills: Bills) -> None:
    for number in range(10):
        ask(bills, f"talk-{number}")
    bills.clock.now += timedelta(days=5)
    sent = Sent()

    def work() -> None:
        for job in jobs((sent,)):
            with suppress(IntegrityError):  # another one was first
                job.run(bills.care)

    assert at_once(4, work) == []
    work()
    assert set(Counter(sent.keys).values()) == {1}
    assert len(bills.rows(Escalation, Escalation.commitment_id.is_(None))) == 10
    late = {row.key for row in bills.rows(Notice, Notice.key.like("late:%"))}
    first = bills.rows(Commitment, Commitment.what == handover.CONTACT)
    assert {row.status for row in first} == {"missed"}
    assert {f"late:{row.id}" for row in first} <= late
    told = Counter((row.ticket_id, row.detail) for row in bills.rows(TicketEvent, TicketEvent.kind == "patient_told"))
    assert set(told.values()) == {1}


def test_one_of_six_nurses_is_connected(bills: Bills) -> None:
    people = iter([hire(bills, f"n{number}", "nurse_line") for number in range(6)])
    view = waiting(bills)
    lock = threading.Lock()

    def work() -> None:
        with lock:
            person = next(people)
        with suppress(NotYours, NotThatState):
            transfers.open_brief(bills.care, person, view.transfer_id)
            transfers.accept(bills.care, person, view.transfer_id)
            transfers.connect(bills.care, person, view.transfer_id, "Robert", "ear")

    assert at_once(6, work) == []
    assert [row.to_state for row in bills.rows(TransferStep)].count(CONNECTED) == 1


def test_events_of_one_ticket_written_at_once_keep_an_order(bills: Bills) -> None:
    receiver = Receiver(bills.care)
    receiver.port = 1
    equip(bills, receiver)
    happen(bills, 1, 1)

    def work() -> None:
        with bills.care.store.work() as session:
            desk.note(bills.care, session, session.execute(select(Ticket)).scalar_one(), "x")

    assert at_once(8, work) == []
    assert sorted(row.number for row in bills.rows(Delivery)) == list(range(1, 10))
    webhooks.drain(bills.care, lambda _url, headers, body: receiver.take(dict(headers), body))
    assert receiver.faults == []
    assert len(receiver.seen) == 9


def test_the_database_refuses_what_did_not_happen(bills: Bills) -> None:
    view = waiting(bills)
    for words in (
        "UPDATE ticket_events SET kind = 'x'",
        "DELETE FROM ticket_events",
        "UPDATE transfer_steps SET to_state = 'closed'",
        "DELETE FROM transfer_steps",
        f"UPDATE transfers SET state = 'connected', holder_id = NULL WHERE id = {view.transfer_id}",
        f"UPDATE transfers SET state = 'closed' WHERE id = {view.transfer_id}",
        "UPDATE commitments SET status = 'missed'",
    ):
        with pytest.raises(DBAPIError), bills.care.store.work() as session:
            session.execute(text(words))
    load_file(bills.care, ROOT / "demo" / "riverbend.yml", replace=True)  # a demo is emptied all the same,
    waiting(bills)
    with pytest.raises(DBAPIError), bills.care.store.work() as session:
        session.execute(text("DELETE FROM ticket_events"))  # and guarded again afterwards
