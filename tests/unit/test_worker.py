"""The worker: nothing twice, nothing lost; promises watched, patients told, the supervisor called at the right minute."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from bedside.care import abandoned, billing, desk, disputes, handover, leases, outbox, watch
from bedside.records.desk_tables import ChatPush, CommitmentWatch, Escalation, Notice
from bedside.records.desk_tables import Job as JobRow
from bedside.records.tables import (
    Commitment,
    Hold,
    Interaction,
    Message,
    Opening,
    OpeningHold,
    Patient,
    Reminder,
    Ticket,
    TicketEvent,
    WaitlistEntry,
    WaitlistOffer,
)
from bedside.worker import LEASE, Job, Worker, jobs
from tests.unit.bills import TALK, Bills, Clock

MACHINE = datetime(2026, 11, 24, 15, 15, tzinfo=timezone.utc)
REST = timedelta(seconds=10)


class Sent:
    """A stand-in for a channel that isn't built: keeps what it was given, and can be down."""

    name = "sent"

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.texts: list[str] = []
        self.down = False

    def takes(self, _care: object, _notice: outbox.Leaving) -> bool:
        return True

    def send(self, _care: object, notice: outbox.Leaving) -> None:
        if self.down:
            raise outbox.NotNow
        self.keys.append(notice.key)
        self.texts.append(notice.text)


def ask(bills: Bills, talk: str, inquiry: str = "billing_balance", **more: object) -> handover.HandedOver:
    return handover.hand_over(bills.care, talk, handover.Request([inquiry], "please call", **more))  # type: ignore[arg-type]


def events(bills: Bills, kind: str) -> list[TicketEvent]:
    return bills.rows(TicketEvent, TicketEvent.kind == kind)


def in_web(bills: Bills, talk: str, language: str = "en") -> None:
    now = bills.clock.now
    with bills.care.store.work() as session:
        session.add(
            Interaction(
                conversation_id=talk, channel="web", opened_at=now, last_at=now, inquiries=[], moods=[],
                acknowledged=[], language=language,
            )
        )  # fmt: skip


# Leases -----------------------------------------------------------------------------------------------------------


def test_a_job_is_one_workers_at_a_time_and_taken_over_when_the_lease_is_over(bills: Bills) -> None:
    care, minute = bills.care, timedelta(minutes=1)
    first = leases.claim(care, "job", MACHINE, minute)
    assert first is not None
    assert leases.claim(care, "job", MACHINE + timedelta(seconds=59), minute) is None
    second = leases.claim(care, "job", MACHINE + minute, minute)
    assert second is not None
    # The first one wakes up late: it can neither keep the job nor say that it is done.
    assert not leases.renew(care, "job", first, MACHINE + minute, minute)
    assert not leases.finish(care, "job", first, MACHINE + minute, REST)
    assert leases.renew(care, "job", second, MACHINE + minute, minute)
    assert leases.claim(care, "job", MACHINE + 1.9 * minute, minute) is None
    assert leases.finish(care, "job", second, MACHINE + 1.9 * minute, REST)
    assert leases.claim(care, "job", MACHINE + 2 * minute, minute) is None  # it rests
    assert leases.claim(care, "job", MACHINE + 2 * minute + REST, minute) is not None


def test_a_lease_that_has_run_out_cannot_be_renewed(bills: Bills) -> None:
    lease = leases.claim(bills.care, "job", MACHINE, LEASE)
    assert lease is not None
    assert not leases.renew(bills.care, "job", lease, MACHINE + LEASE, LEASE)


def test_a_killed_worker_is_taken_over(bills: Bills, tmp_path: Path) -> None:
    script = (
        "import sys, time\n"
        "from datetime import datetime, timedelta, timezone\n"
        "from bedside.records.store import Store\n"
        "from types import SimpleNamespace\n"
        "from bedside.care import leases\n"
        f"care = SimpleNamespace(store=Store({bills.care.store.url!r}))\n"
        "print(leases.claim(care, 'round', datetime.now(timezone.utc), timedelta(seconds=60)), flush=True)\n"
        "time.sleep(600)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline().strip() not in (b"", b"None")
    process.kill()
    process.wait()
    ran: list[str] = []
    job = Job("round", lambda _care: len(ran.append("again") or ran), REST)
    now = datetime.now(timezone.utc)
    assert Worker(bills.care, [job], machine=lambda: now).tick() == {}
    assert Worker(bills.care, [job], machine=lambda: now + LEASE).tick() == {"round": 1}


def test_a_job_that_fails_is_tried_again_later_and_holds_up_nothing(bills: Bills) -> None:
    machine, calls = Clock(MACHINE), []

    def fail(_care: object) -> int:
        calls.append(machine.now)
        raise RuntimeError("a patient's words")

    worker = Worker(bills.care, [Job("bad", fail, REST), Job("good", lambda _care: 7, REST)], machine=machine)
    assert worker.tick() == {"good": 7}
    for _ in range(600):
        machine.now += timedelta(seconds=1)
        worker.tick()
    pauses = [(b - a).total_seconds() for a, b in itertools.pairwise(calls)]
    assert pauses == [20, 40, 80, 160, 300]
    with bills.care.store.reading() as session:
        row = session.get(JobRow, "bad")
        assert (row.failures, row.trouble, row.lease) == (6, "RuntimeError", None)


def test_a_daily_job_runs_once_a_clinics_day(bills: Bills) -> None:
    machine, days = Clock(MACHINE), []
    job = Job("daily", lambda care: len(days.append(care.today()) or days), timedelta(minutes=1), daily=True)
    worker = Worker(bills.care, [job], machine=machine)
    bills.clock.local("2026-11-24T23:00")
    for _ in range(26 * 6):
        worker.tick()
        bills.clock.now += timedelta(minutes=10)
        machine.now += timedelta(minutes=10)
    assert [day.day for day in days] == [24, 25, 26]


def test_a_long_job_keeps_its_lease(bills: Bills, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bedside.worker.LEASE", timedelta(seconds=1))
    second: list[object] = []

    def slow(care: object) -> int:
        time.sleep(2.2)
        second.append(Worker(bills.care, [job]).tick())
        return 1

    job = Job("slow", slow, REST)
    assert Worker(bills.care, [job]).tick() == {"slow": 1}
    assert second == [{}]


def test_a_stopped_worker_ends(bills: Bills) -> None:
    worker = Worker(bills.care, [Job("one", lambda _care: 1, timedelta(0))])
    thread = threading.Thread(target=worker.run)
    thread.start()
    worker.stop()
    thread.join(5)
    assert not thread.is_alive()


def test_two_workers_at_once_do_nothing_twice(bills: Bills) -> None:
    """Both run every job at the same moment, as if each lease had run out while the other was still working."""
    for number in range(25):
        ask(bills, f"talk-{number}")
    bills.clock.now += timedelta(days=10)
    sent = Sent()
    work = jobs((sent,))
    failures: list[BaseException] = []

    def run() -> None:
        try:
            for job in work:
                job.run(bills.care)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # One may be turned away by the records where another was first; what is written is written once.
    assert all(isinstance(error, IntegrityError) for error in failures)
    run()
    late = {f"late:{row.id}" for row in bills.rows(Commitment, Commitment.what == handover.CONTACT)}
    counted = Counter(sent.keys)
    assert late <= set(counted)
    assert set(counted.values()) == {1}
    assert len(bills.rows(Escalation, Escalation.commitment_id.is_(None))) == 25
    per_promise = Counter(row.commitment_id for row in bills.rows(Escalation, Escalation.commitment_id.isnot(None)))
    assert set(per_promise.values()) == {1}


# Promises ---------------------------------------------------------------------------------------------------------


def test_staff_are_reminded_then_the_patient_is_told_then_it_is_missed(bills: Bills) -> None:
    in_web(bills, "web-1")
    done = ask(bills, "web-1")  # due Wednesday 17:00
    worker, machine = _worker(bills)
    seen: dict[str, str] = {}
    bills.clock.local("2026-11-25T15:50")
    for _ in range(100):
        _tick(bills, worker, machine, timedelta(minutes=1))
        for kind in ("reminder", "patient_told", "promise_missed", "escalated"):
            if events(bills, kind):
                seen.setdefault(kind, f"{bills.clock.now.astimezone(bills.care.organization.tz):%H:%M}")
    assert seen == {"reminder": "16:00", "patient_told": "16:45", "escalated": "17:00", "promise_missed": "17:00"}
    (said,) = bills.rows(Message, Message.conversation_id == "web-1")
    assert said.sender == "bedside"
    assert done.case_number in said.text
    assert "9:00 AM on Friday, November 27" in said.text  # an hour of opening, over Thanksgiving
    first, second = bills.rows(Commitment)
    assert (first.status, second.status, second.what) == ("missed", "open", "staff_contact.2")
    assert len(bills.rows(Escalation)) == 2  # the ticket, and the promise


def test_a_promise_of_two_minutes_is_told_before_it_is_missed(bills: Bills) -> None:
    in_web(bills, "web-1", "es")
    ask(bills, "web-1", "clinical_symptom")
    worker, machine = _worker(bills)
    told = None
    for _ in range(13):
        _tick(bills, worker, machine, timedelta(seconds=10))
        if told is None and bills.rows(Message):
            told = bills.clock.now
        statuses = [row.status for row in bills.rows(Commitment)]
        assert "missed" not in statuses or told is not None
    (promise, _) = bills.rows(Commitment)
    assert promise.status == "missed"
    assert told == promise.due_at - timedelta(seconds=30)
    assert "911" in bills.rows(Message)[0].text
    assert bills.rows(Message)[0].text.startswith("Le escribo")


def test_a_promise_that_was_kept_is_left_alone(bills: Bills) -> None:
    ask(bills, "talk-1")
    with bills.care.store.work() as session:
        assert watch.keep(bills.care, session, session.execute(select(Ticket)).scalar_one(), "nurse-1") == 1
    bills.clock.now += timedelta(days=9)
    for job in jobs((Sent(),)):
        job.run(bills.care)
    assert [row.status for row in bills.rows(Commitment)] == ["kept"]
    assert bills.rows(Notice, Notice.key.like("late:%")) == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.datetimes(datetime(2026, 11, 20), datetime(2027, 1, 5)),  # noqa: DTZ001
    st.sampled_from(["billing_balance", "clinical_symptom", "insurance_denial_appeal", "media_inquiry"]),
    st.lists(st.integers(1, 5000), min_size=1, max_size=12),
)
def test_nothing_is_missed_before_the_patient_was_told(
    shared: Bills, at: datetime, inquiry: str, steps: list[int]
) -> None:
    """Whenever the worker comes by, also when it was down for days."""
    shared.clock.now = at.replace(tzinfo=timezone.utc)
    talk = f"t-{random.random()}"
    ask(shared, talk, inquiry)
    for minutes in steps:
        shared.clock.now += timedelta(minutes=minutes)
        for job in jobs((Sent(),))[:4]:
            job.run(shared.care)
        for promise in shared.rows(Commitment, Commitment.conversation_id == talk):
            with shared.care.store.reading() as session:
                watched = session.get(CommitmentWatch, promise.id)
            if promise.status == "missed":
                assert watched.told_at <= watched.missed_at
                assert watched.notice_id is not None
                assert watched.missed_at >= promise.due_at
            assert promise.made_at < promise.due_at
        assert any(row.status == "open" for row in shared.rows(Commitment, Commitment.conversation_id == talk))


def test_the_records_refuse_a_promise_that_is_missed_in_silence(bills: Bills) -> None:
    ask(bills, "talk-1")
    with pytest.raises(DBAPIError, match="nobody was told"), bills.care.store.work() as session:
        session.execute(select(Commitment)).scalar_one().status = "missed"
    (promise,) = bills.rows(Commitment)
    with pytest.raises(IntegrityError), bills.care.store.work() as session:
        session.add(CommitmentWatch(commitment_id=promise.id, missed_at=bills.clock.now))


def test_what_the_house_promised_itself_is_told_to_no_patient(bills: Bills) -> None:
    ask(bills, "talk-1")
    with bills.care.store.work() as session:
        session.execute(select(Commitment)).scalar_one().what = disputes.HOLD_REVIEW
    bills.clock.now += timedelta(days=9)
    assert watch.escalate_promises(bills.care) == 1
    assert bills.rows(Notice) == []
    assert [row.status for row in bills.rows(Commitment)] == ["missed"]


# Tickets ----------------------------------------------------------------------------------------------------------


def test_five_hundred_tickets_over_a_long_weekend_escalate_at_the_right_minute_once_each(bills: Bills) -> None:
    """From Tuesday before Thanksgiving to the Tuesday after, with every priority, opened at any minute."""
    chance = random.Random(11)
    care, inquiries = bills.care, ["billing_balance", "clinical_symptom", "insurance_denial_appeal", "legal_threat"]
    begin = bills.clock.now
    opened = sorted(begin + timedelta(minutes=chance.randrange(5 * 24 * 60)) for _ in range(500))
    wanted: dict[str, datetime] = {}
    for number, at in enumerate(opened):
        bills.clock.now = at
        done = ask(bills, f"talk-{number}", chance.choice(inquiries))
        wanted[done.case_number] = bills.ticket(done.case_number).due_at
    at_desk = set(chance.sample(sorted(wanted), 60))
    with care.store.work() as session:
        for case in at_desk:
            session.execute(select(Ticket).where(Ticket.case_number == case)).scalar_one().status = desk.CLOSED
    bills.clock.now = begin
    cases = {row.id: row.case_number for row in bills.rows(Ticket)}
    seen: dict[str, datetime] = {}
    minutes = 7 * 24 * 60
    for _ in range(minutes):
        if watch.escalate_tickets(care):
            for row in bills.rows(Escalation):
                seen.setdefault(cases[row.ticket_id], bills.clock.now)
        bills.clock.now += timedelta(minutes=1)
    assert set(seen) == set(wanted) - at_desk
    for case, at in seen.items():
        assert timedelta(0) <= at - wanted[case] < timedelta(minutes=1), case
    assert len(bills.rows(Escalation)) == len(seen)
    assert len(events(bills, "escalated")) == len(seen)
    for case in seen:
        local = wanted[case].astimezone(care.organization.tz)
        if bills.ticket(case).priority == desk.STANDARD:
            assert care.calendar.is_business_day(local.date())
            assert f"{local:%H:%M}" == "17:00"


def test_a_ticket_that_is_due_later_now_escalates_once_more(bills: Bills) -> None:
    ask(bills, "talk-1")
    bills.clock.now += timedelta(days=3)
    assert watch.escalate_tickets(bills.care) == 1
    assert watch.escalate_tickets(bills.care) == 0
    with bills.care.store.work() as session:
        session.execute(select(Ticket)).scalar_one().due_at = bills.clock.now + timedelta(hours=1)
    assert watch.escalate_tickets(bills.care) == 0
    bills.clock.now += timedelta(hours=1)
    assert watch.escalate_tickets(bills.care) == 1


def test_the_history_of_a_ticket_cannot_be_changed(bills: Bills) -> None:
    ask(bills, "talk-1")
    for verb in ("UPDATE ticket_events SET kind = 'x'", "DELETE FROM ticket_events"):
        with pytest.raises(DBAPIError, match="only added"), bills.care.store.work() as session:
            session.execute(text(verb))


def test_the_tickets_of_one_talk_are_tied_together(bills: Bills) -> None:
    ask(bills, "talk-1")
    ask(bills, "talk-1", "insurance_coverage")
    ask(bills, "talk-2")
    with bills.care.store.reading() as session:
        first, second, third = session.execute(select(Ticket).order_by(Ticket.id)).scalars()
        assert [other.id for other, _ in desk.linked(session, second)] == [first.id]
        assert [other.id for other, _ in desk.linked(session, first)] == [second.id]
        assert desk.linked(session, third) == []
    with bills.care.store.work() as session:
        assert not desk.link(bills.care, session, session.get(Ticket, first.id), session.get(Ticket, second.id), "x")
    with pytest.raises(ValueError, match="itself"), bills.care.store.work() as session:
        desk.link(bills.care, session, session.get(Ticket, first.id), session.get(Ticket, first.id), "x")


# What goes out ----------------------------------------------------------------------------------------------------


def test_a_notice_waits_for_a_sender_and_leaves_once(bills: Bills) -> None:
    with bills.care.store.work() as session:
        patient = session.execute(select(Patient.id).order_by(Patient.id)).scalars().first()
        for _ in range(2):
            outbox.put(
                bills.care, session, "k", "utter_notice_visit_reminder", patient_id=patient,
                when_at=bills.clock.now + timedelta(days=2), phone="(212) 555-0100",
            )  # fmt: skip
    assert outbox.send_due(bills.care, ()) == 0
    sent = Sent()
    sent.down = True
    assert outbox.send_due(bills.care, (sent,)) == 0
    sent.down = False
    assert outbox.send_due(bills.care, (sent,)) == 0  # not at once again
    bills.clock.now += timedelta(minutes=1)
    assert outbox.send_due(bills.care, (sent,)) == 1
    assert outbox.send_due(bills.care, (sent,)) == 0
    assert sent.keys == ["k"]
    assert "10:15 AM on Thursday, November 26" in sent.texts[0]


def test_a_notice_that_is_of_no_use_any_more_is_dropped(bills: Bills) -> None:
    with bills.care.store.work() as session:
        outbox.put(
            bills.care, session, "k", "utter_notice_visit_reminder", conversation_id="web-1", phone="",
            when_at=bills.clock.now, expires_at=bills.clock.now + timedelta(hours=1),
        )  # fmt: skip
    bills.clock.now += timedelta(hours=1)
    sent = Sent()
    assert outbox.send_due(bills.care, (sent,)) == 0
    assert [row.status for row in bills.rows(Notice)] == ["dropped"]


def test_a_sender_that_was_killed_half_way_is_taken_over(bills: Bills) -> None:
    in_web(bills, "web-1")
    with bills.care.store.work() as session:
        outbox.put(
            bills.care,
            session,
            "k",
            "utter_notice_visit_reminder",
            conversation_id="web-1",
            when_at=bills.clock.now,
            phone="",
        )

    class Killed(outbox.ChatSender):
        def send(self, care: object, notice: outbox.Leaving) -> None:
            super().send(care, notice)  # type: ignore[arg-type]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        outbox.send_due(bills.care, (Killed(),))
    assert outbox.send_due(bills.care, (outbox.ChatSender(),)) == 0  # somebody still has it
    bills.clock.now += outbox.LEASE
    assert outbox.send_due(bills.care, (outbox.ChatSender(),)) == 1
    assert len(bills.rows(Message)) == 1
    with bills.care.store.reading() as session:
        assert len(session.execute(select(ChatPush)).all()) == 1
    assert [row.text for row in outbox.take_pushes(bills.care)] == [bills.rows(Message)[0].text]
    assert outbox.take_pushes(bills.care) == []


def test_reminders_of_visits_become_notices_once(bills: Bills) -> None:
    worker, machine = _worker(bills)
    _tick(bills, worker, machine, timedelta(0))
    bills.clock.now += timedelta(days=30)
    due = {row.id for row in bills.rows(Reminder, Reminder.due_at <= bills.clock.now, Reminder.status == "due")}
    assert due
    for _ in range(3):
        _tick(bills, worker, machine, timedelta(minutes=2))
    written = [row.key for row in bills.rows(Notice, Notice.key.like("reminder:%"))]
    assert len(set(written)) == len(written)
    assert bills.rows(Reminder, Reminder.due_at <= bills.clock.now, Reminder.status == "due") == []
    sent = {int(key.partition(":")[2]) for key in written}
    dropped = {row.id for row in bills.rows(Reminder, Reminder.status == "dropped")}
    assert due <= sent | dropped
    for notice in bills.rows(Notice, Notice.key.like("reminder:%")):
        assert notice.patient_id is not None
        assert notice.conversation_id is None


def test_an_offer_of_the_waitlist_is_told_and_passed_on_when_it_ends(bills: Bills) -> None:
    care = bills.care
    worker, machine = _worker(bills)
    _tick(bills, worker, machine, timedelta(0))
    with care.store.work() as session:
        opening = session.execute(
            select(Opening).where(Opening.starts_at > bills.clock.now + timedelta(days=6)).order_by(Opening.id)
        ).scalars().first()  # fmt: skip
        first, second = session.execute(select(Patient.id).order_by(Patient.id).limit(2)).scalars()
        hold = OpeningHold(
            opening_id=opening.id, patient_id=first, purpose="offer", placed_at=bills.clock.now,
            until=bills.clock.now + timedelta(hours=2), status="active",
        )  # fmt: skip
        entry = WaitlistEntry(
            patient_id=first, visit_type=opening.visit_type, joined_at=bills.clock.now, status="offered",
            excluded_weekdays=[], conversation_id="web-1",
        )  # fmt: skip
        session.add_all([hold, entry])
        session.flush()
        session.add(
            WaitlistOffer(
                entry_id=entry.id, opening_id=opening.id, hold_id=hold.id, offered_at=bills.clock.now,
                expires_at=bills.clock.now + timedelta(hours=2), status="open",
            )
        )  # fmt: skip
    for _ in range(3):
        _tick(bills, worker, machine, timedelta(minutes=1))
    (notice,) = bills.rows(Notice, Notice.key.like("offer:%"))
    assert notice.patient_id == first
    bills.clock.now += timedelta(hours=3)
    _tick(bills, worker, machine, timedelta(minutes=1))
    (offer,) = bills.rows(WaitlistOffer, WaitlistOffer.entry_id == entry.id)
    assert offer.status == "expired"
    assert second is not None


def test_a_hold_of_the_read_back_ends_in_the_records_too(bills: Bills) -> None:
    worker, machine = _worker(bills)
    _tick(bills, worker, machine, timedelta(0))
    with bills.care.store.work() as session:
        opening = session.execute(select(Opening.id)).scalars().first()
        patient = session.execute(select(Patient.id)).scalars().first()
        session.add(
            OpeningHold(
                opening_id=opening, patient_id=patient, purpose="read_back", placed_at=bills.clock.now,
                until=bills.clock.now + timedelta(minutes=5), status="active",
            )
        )  # fmt: skip
    _tick(bills, worker, machine, timedelta(minutes=4))
    assert [row.status for row in bills.rows(OpeningHold)] == ["active"]
    _tick(bills, worker, machine, timedelta(minutes=1))
    assert [row.status for row in bills.rows(OpeningHold)] == ["expired"]


def test_holds_are_asked_about_on_their_day(bills: Bills) -> None:
    bills.verify("F05")
    worker, machine = _worker(bills)
    billing.open_dispute(bills.care, TALK, "twice", [bills.charge("F05", "Lab panel")], "calm")
    (hold,) = bills.rows(Hold, Hold.status == "active")
    while bills.care.today() < hold.review_on:
        _tick(bills, worker, machine, timedelta(hours=12))
    _tick(bills, worker, machine, timedelta(minutes=1))
    assert len(bills.rows(Ticket, Ticket.matter.like("hold_review%"))) == 1
    assert [row.status for row in bills.rows(Hold)].count("active") >= 1


# Conversations ----------------------------------------------------------------------------------------------------


def test_a_conversation_that_nobody_ended_is_documented(bills: Bills) -> None:
    care = bills.care
    in_web(bills, "web-left")
    in_web(bills, "web-asked")
    in_web(bills, "web-busy")
    ask(bills, "web-asked")
    bills.verify("F01", "web-asked")
    with care.store.work() as session:
        for talk in ("web-left", "web-asked", "web-unknown"):
            session.add(Message(conversation_id=talk, sender="patient", text="hello", at=bills.clock.now))
    bills.clock.now += timedelta(minutes=59)
    assert abandoned.close_all(care) == 0
    with care.store.work() as session:
        session.add(Message(conversation_id="web-busy", sender="patient", text="still here", at=bills.clock.now))
    bills.clock.now += timedelta(minutes=1)
    assert abandoned.close_all(care) == 3
    assert abandoned.close_all(care) == 0
    found = {row.conversation_id: row for row in bills.rows(Interaction)}
    assert found["web-left"].outcome == "abandoned"
    assert found["web-unknown"].outcome == "abandoned"
    assert found["web-unknown"].channel == "web"
    assert found["web-asked"].outcome == "handed_over"
    assert found["web-asked"].patient_id is not None
    assert found["web-busy"].closed_at is None


def _worker(bills: Bills) -> tuple[Worker, Clock]:
    machine = Clock(MACHINE)
    return Worker(bills.care, jobs((outbox.ChatSender(),)), machine=machine), machine


def _tick(bills: Bills, worker: Worker, machine: Clock, passed: timedelta) -> None:
    bills.clock.now += passed
    machine.now += max(passed, timedelta(minutes=6))
    worker.tick()
    machine.now += timedelta(seconds=2)
    worker.tick()
