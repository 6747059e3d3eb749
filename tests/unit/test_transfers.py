"""The warm transfer: consent, brief and acceptance before connection, whatever anybody tries; and honest waits."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from bedside.care import abandoned, handover, outbox, transfers
from bedside.care.transfers import NotThatState, NotYours, Person
from bedside.records.desk_tables import (
    ACCEPTED,
    AGREED,
    BRIEFED,
    CALLBACK,
    CLOSED,
    CONNECTED,
    DECLINED,
    LEGAL_STEPS,
    LIVE,
    LOST,
    OFFERED,
    WAITING,
    Staff,
    StaffSession,
    Transfer,
    TransferStep,
)
from bedside.records.tables import Audit, Commitment, Message, Ticket, TicketEvent
from tests.unit.bills import TUESDAY, Bills, opened

TALK = "web-1"
STATES = sorted(state for state in LEGAL_STEPS if state is not None)


def hire(bills: Bills, login: str, *queues: str, here: bool = True) -> Person:
    """Somebody of the staff, signed in at the desk or not."""
    now = bills.clock.now
    with bills.care.store.work() as session:
        row = Staff(login=login, name=login.title(), role="nurse", queues=list(queues), password="-", made_at=now)
        session.add(row)
        session.flush()
        if here:
            session.add(
                StaffSession(
                    staff_id=row.id, digest=f"{login}-{row.id}", started_at=now, last_used_at=now,
                    expires_at=now + timedelta(days=30),
                )
            )  # fmt: skip
        return Person(row.id, login, row.name, tuple(queues))


def present(bills: Bills) -> None:
    """Everybody who is signed in does something now."""
    with bills.care.store.work() as session:
        for row in session.execute(select(StaffSession)).scalars():
            row.last_used_at = bills.clock.now


def waiting(bills: Bills, talk: str = TALK, inquiry: str = "clinical_symptom") -> transfers.View:
    """A patient who has agreed, and waits in the chat."""
    queue = handover.queue_for(bills.care, inquiry)
    transfers.offer(bills.care, talk, queue, inquiry, "web")
    handover.hand_over(
        bills.care, talk, handover.Request([inquiry], "it hurts", consent="yes please", channel="web", stays=True)
    )
    view = transfers.current(bills.care, talk)
    assert view is not None
    return view


def steps(bills: Bills) -> list[str]:
    return [row.to_state for row in bills.rows(TransferStep)]


def told(bills: Bills, talk: str = TALK) -> list[str]:
    """What the patient reads in the chat that nobody there said to them."""
    with bills.care.store.work() as session:
        from bedside.records.tables import Interaction
        from tests.unit.test_worker import in_web

        known = session.execute(select(Interaction).where(Interaction.conversation_id == talk)).first()
    if known is None:
        in_web(bills, talk)
    outbox.send_due(bills.care, (outbox.ChatSender(),))
    return [row.text for row in bills.rows(Message, Message.conversation_id == talk)]


# The way it should go ---------------------------------------------------------------------------------------------


def test_from_the_offer_to_the_end(bills: Bills) -> None:
    care, nurse = bills.care, hire(bills, "nora", "nurse_line")
    offered = transfers.offer(care, TALK, "nurse_line", "clinical_symptom", "web")
    assert (offered.can_join, offered.wait.minutes, offered.view.state) == (True, 2, OFFERED)
    assert transfers.joinable(care, TALK)
    view = waiting(bills)
    assert view.state == AGREED
    lines = transfers.open_brief(care, nurse, view.transfer_id)
    assert len(lines) == 10
    assert "it hurts" in lines[5]
    assert transfers.accept(care, nurse, view.transfer_id).state == ACCEPTED
    assert not transfers.on_message(care, TALK)  # the assistant still speaks
    assert transfers.connect(care, nurse, view.transfer_id, "Robert", "ear pain").state == CONNECTED
    assert transfers.on_message(care, TALK)
    transfers.say(care, nurse, view.transfer_id, "Hello Robert")
    (joined, said) = sorted(told(bills), key=lambda text: text.startswith("Hello"))
    assert joined.startswith("Nora from our nurse line is here now")
    assert "ear pain" in joined
    assert said == "Hello Robert"
    transfers.finish(care, nurse, view.transfer_id, "sent to urgent care")
    assert not transfers.on_message(care, TALK)
    assert any(text.startswith("Nora has left the chat") for text in told(bills))
    assert steps(bills) == [OFFERED, AGREED, BRIEFED, ACCEPTED, CONNECTED, CLOSED]
    assert [row.status for row in bills.rows(Commitment)] == ["kept"]
    (ticket,) = bills.rows(Ticket)
    assert ticket.status == "open"  # until it is resolved
    kinds = [row.kind for row in bills.rows(TicketEvent)]
    assert kinds == [
        "opened",
        "transfer_agreed",
        "taken",
        "transfer_accepted",
        "promise_kept",
        "connected",
        "handed_back",
    ]
    assert [row.detail for row in bills.rows(Audit, Audit.event == "brief_opened")] == [ticket.case_number]
    (agreed,) = bills.rows(TransferStep, TransferStep.to_state == AGREED)
    assert (agreed.words, agreed.actor) == ("yes please", "patient")


def test_a_callback_instead(bills: Bills) -> None:
    transfers.offer(bills.care, TALK, "billing", "billing_balance")
    handover.hand_over(bills.care, TALK, handover.Request(["billing_balance"], "my bill", consent="yes, call me"))
    assert steps(bills) == [OFFERED, CALLBACK]
    assert bills.rows(TransferStep)[1].words == "yes, call me"
    clerk = hire(bills, "bill", "billing")
    (ticket,) = bills.rows(Ticket)
    with bills.care.store.work() as session:
        assert transfers.called(bills.care, session, clerk, session.get(Ticket, ticket.id)) == 1
    assert steps(bills) == [OFFERED, CALLBACK, CLOSED]
    assert [row.status for row in bills.rows(Commitment)] == ["kept"]


def test_no_is_no(bills: Bills) -> None:
    transfers.offer(bills.care, TALK, "billing", "billing_balance")
    transfers.decline(bills.care, TALK, "no thanks")
    assert steps(bills) == [OFFERED, DECLINED]
    assert bills.rows(Ticket) == []
    transfers.offer(bills.care, TALK, "billing", "billing_balance")  # asked again later, it is another one
    assert [row.state for row in bills.rows(Transfer)] == [DECLINED, OFFERED]


def test_an_offer_is_made_once_and_gives_way_to_another(bills: Bills) -> None:
    for _ in range(2):
        transfers.offer(bills.care, TALK, "billing", "billing_balance")
    transfers.offer(bills.care, TALK, "nurse_line", "clinical_symptom")
    assert [(row.queue, row.state) for row in bills.rows(Transfer)] == [("billing", LOST), ("nurse_line", OFFERED)]


def test_somebody_who_was_cut_off_does_not_start_over(bills: Bills) -> None:
    care, nurse = bills.care, hire(bills, "nora", "nurse_line")
    view = waiting(bills)
    transfers.open_brief(care, nurse, view.transfer_id)
    transfers.accept(care, nurse, view.transfer_id)
    transfers.connect(care, nurse, view.transfer_id, "Robert", "ear pain")
    transfers.lose(care, TALK, "the page was closed")
    with pytest.raises(NotThatState):
        transfers.say(care, nurse, view.transfer_id, "are you there?")
    assert not transfers.on_message(care, TALK)  # they write again: waited for under the same case
    back = transfers.current(care, TALK)
    assert back is not None
    assert (back.state, back.ticket_id) == (AGREED, view.ticket_id)
    assert any("don't have to tell it again" in text for text in told(bills))
    assert transfers.open_brief(care, nurse, view.transfer_id)
    transfers.accept(care, nurse, view.transfer_id)
    transfers.connect(care, nurse, view.transfer_id, "Robert", "ear pain")
    assert len(bills.rows(Ticket)) == 1


def test_one_who_never_agreed_has_nothing_to_come_back_to(bills: Bills) -> None:
    transfers.offer(bills.care, TALK, "billing", "billing_balance", "web")
    transfers.lose(bills.care, TALK, "gone")
    assert transfers.come_back(bills.care, TALK) is None
    assert steps(bills) == [OFFERED, LOST]


def test_a_finished_case_is_not_come_back_to(bills: Bills) -> None:
    waiting(bills)
    transfers.lose(bills.care, TALK, "gone")
    with bills.care.store.work() as session:
        session.execute(select(Ticket)).scalar_one().status = "closed"
    assert transfers.come_back(bills.care, TALK) is None


# Whose it is ------------------------------------------------------------------------------------------------------


def test_a_queue_is_its_own_staffs(bills: Bills) -> None:
    care, view = bills.care, waiting(bills)
    clerk, nurse, other = (
        hire(bills, "bill", "billing"),
        hire(bills, "nora", "nurse_line"),
        hire(bills, "ned", "nurse_line"),
    )
    for act in (transfers.open_brief, transfers.accept):
        with pytest.raises(NotYours):
            act(care, clerk, view.transfer_id)
    with pytest.raises(NotYours):
        transfers.open_brief(care, nurse, 999)
    with pytest.raises(NotThatState):
        transfers.accept(care, nurse, view.transfer_id)  # unread
    transfers.open_brief(care, nurse, view.transfer_id)
    with pytest.raises(NotYours):
        transfers.accept(care, other, view.transfer_id)  # somebody else read it
    transfers.open_brief(care, other, view.transfer_id)
    with pytest.raises(NotYours):
        transfers.accept(care, nurse, view.transfer_id)
    transfers.accept(care, other, view.transfer_id)
    for act in (transfers.open_brief, transfers.accept):
        with pytest.raises(NotYours):
            act(care, nurse, view.transfer_id)
    with pytest.raises(NotYours):
        transfers.connect(care, nurse, view.transfer_id, "Robert", "ear")
    with pytest.raises(ValueError, match="confirmed"):
        transfers.connect(care, other, view.transfer_id, " ", "ear")
    with pytest.raises(NotThatState):
        transfers.say(care, other, view.transfer_id, "hello")
    transfers.release(care, other, view.transfer_id, "shift ends")
    assert transfers.open_brief(care, nurse, view.transfer_id)


def test_two_nurses_at_once_one_accepts(bills: Bills) -> None:
    care, view = bills.care, waiting(bills)
    people = [hire(bills, f"n{number}", "nurse_line") for number in range(6)]
    won: list[str] = []
    start = threading.Barrier(len(people))

    def work(person: Person) -> None:
        start.wait()
        with suppress(NotYours, NotThatState):
            transfers.open_brief(care, person, view.transfer_id)
            transfers.accept(care, person, view.transfer_id)
            transfers.connect(care, person, view.transfer_id, "Robert", "ear")
            won.append(person.login)

    threads = [threading.Thread(target=work, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert steps(bills).count(CONNECTED) == 1


# The wait ---------------------------------------------------------------------------------------------------------


def test_the_wait_is_the_queues_own(bills: Bills) -> None:
    care, nurse = bills.care, hire(bills, "nora", "nurse_line")
    for number, minutes in enumerate([4, 30, 6, 7, 5]):
        view = waiting(bills, f"web-{number}")
        transfers.open_brief(care, nurse, view.transfer_id)
        transfers.accept(care, nurse, view.transfer_id)
        bills.clock.now += timedelta(minutes=minutes)
        transfers.connect(care, nurse, view.transfer_id, "A", "b")
        transfers.finish(care, nurse, view.transfer_id, "done")
        present(bills)
    with care.store.reading() as session:
        assert transfers.wait_for(care, session, "nurse_line") == transfers.Wait(6, 1, 0)  # the median
        assert transfers.wait_for(care, session, "billing").minutes == 8  # no figures yet
    waiting(bills, "web-8")
    waiting(bills, "web-9")
    with care.store.reading() as session:
        assert transfers.wait_for(care, session, "nurse_line") == transfers.Wait(18, 1, 2)  # two are ahead
    hire(bills, "ned", "nurse_line")
    with care.store.reading() as session:
        assert transfers.wait_for(care, session, "nurse_line") == transfers.Wait(12, 2, 2)
    bills.clock.now += timedelta(minutes=40)
    with care.store.reading() as session:
        assert transfers.wait_for(care, session, "nurse_line").minutes == 40  # somebody has waited that long already
        assert transfers.wait_for(care, session, "nurse_line").on_duty == 0  # nobody has done anything since


def test_who_waits_longer_is_told_and_in_the_end_called(bills: Bills) -> None:
    care = bills.care
    hire(bills, "nora", "nurse_line")
    waiting(bills)
    told(bills)
    assert transfers.keep_waits_honest(care) == 0
    bills.clock.now += timedelta(minutes=4)
    present(bills)
    assert transfers.keep_waits_honest(care) == 1
    assert transfers.keep_waits_honest(care) == 0
    (longer,) = told(bills)
    assert "It may be about 4 more minutes" in longer
    bills.clock.now += timedelta(minutes=30)  # and now nobody is at the desk
    assert transfers.keep_waits_honest(care) == 1
    assert steps(bills) == [OFFERED, AGREED, CALLBACK]
    assert "They will call you by" in told(bills)[-1]
    open_promises = bills.rows(Commitment, Commitment.status == "open")
    assert max(row.due_at for row in open_promises) > bills.clock.now


def test_called_instead(bills: Bills) -> None:
    hire(bills, "nora", "nurse_line")
    waiting(bills)
    promised = transfers.call_instead(bills.care, TALK, "call me")
    assert promised is not None
    assert steps(bills)[-1] == CALLBACK
    assert transfers.call_instead(bills.care, TALK, "call me") is None


def test_a_patient_with_somebody_is_not_abandoned(bills: Bills) -> None:
    waiting(bills)
    transfers.offer(bills.care, "web-2", "billing", "billing_balance")
    told(bills)
    told(bills, "web-2")
    bills.clock.now += timedelta(hours=2)
    assert abandoned.close_all(bills.care) == 1
    assert {row.conversation_id: row.state for row in bills.rows(Transfer)} == {TALK: AGREED, "web-2": LOST}


# What the database refuses ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "after"), list(itertools.product(STATES, STATES)))
def test_no_step_that_does_not_follow_can_be_stored(shared: Bills, before: str, after: str) -> None:
    """Every pair of states, past the services: only the legal ones go in, with all that a step could rest on."""
    care = shared.care
    talk = f"pair-{before}-{after}-{random.random()}"
    person = hire(shared, talk, "nurse_line", here=False)
    view = _walk_to(shared, talk, person, before)
    if view is None:
        pytest.fail("every state can be reached")
    with care.store.reading() as session:
        last = session.execute(
            select(TransferStep).where(TransferStep.transfer_id == view.transfer_id).order_by(TransferStep.id.desc())
        ).scalars().first()  # fmt: skip
        agreed = session.execute(
            select(TransferStep).where(
                TransferStep.transfer_id == view.transfer_id, TransferStep.to_state.in_((AGREED, CALLBACK))
            )
        ).scalars().first()  # fmt: skip
    step = {
        "transfer_id": view.transfer_id, "number": last.number + 1, "before": last.number, "from_state": before,
        "to_state": after, "at": shared.clock.now, "actor": "x", "holder_id": last.holder_id or person.staff_id,
        "from_holder_id": last.holder_id, "words": "yes", "brief": "b", "confirmed_name": "n", "confirmed_issue": "i",
        "consent": agreed.number if agreed else None, "consent_state": agreed.to_state if agreed else None,
    }  # fmt: skip
    legal = after in LEGAL_STEPS[before]
    stored = _stores(shared, step)
    assert stored is (legal and not (after in (ACCEPTED, CONNECTED) and last.holder_id is None))


def _stores(bills: Bills, step: dict[str, Any]) -> bool:
    try:
        with bills.care.store.work() as session:
            session.add(TransferStep(**step))
    except IntegrityError:
        return False
    return True


def _walk_to(bills: Bills, talk: str, person: Person, state: str) -> transfers.View | None:
    care = bills.care
    if state in (OFFERED, DECLINED):
        transfers.offer(care, talk, "nurse_line", "clinical_symptom", "web")
        if state == DECLINED:
            transfers.decline(care, talk, "no")
        return transfers.current(care, talk)
    view = waiting(bills, talk)
    if state == LOST:
        transfers.lose(care, talk, "gone")
    elif state == CALLBACK:
        transfers.call_instead(care, talk, "call me")
    elif state != AGREED:
        transfers.open_brief(care, person, view.transfer_id)
        if state != BRIEFED:
            transfers.accept(care, person, view.transfer_id)
        if state in (CONNECTED, CLOSED):
            transfers.connect(care, person, view.transfer_id, "n", "i")
        if state == CLOSED:
            transfers.finish(care, person, view.transfer_id, "done")
    found = transfers.current(care, talk)
    return found if found is not None and found.state == state else None


@pytest.mark.parametrize(
    "broken",
    [
        {"before": 1},  # not the last one
        {"number": 2},  # taken
        {"number": 9},  # a gap
        {"from_state": AGREED},  # not where it stood
        {"holder_id": None},
        {"from_holder_id": None},
        {"from_holder_id": 10_000},
        {"consent": None, "consent_state": None},
        {"consent": 1, "consent_state": AGREED},  # the offer is no consent
        {"consent": 3, "consent_state": BRIEFED},
        {"confirmed_name": None},
        {"confirmed_issue": None},
    ],
)
def test_no_connection_without_what_it_rests_on(shared: Bills, broken: dict[str, Any]) -> None:
    talk = f"broken-{random.random()}"
    person = hire(shared, talk, "nurse_line", here=False)
    view = _walk_to(shared, talk, person, ACCEPTED)
    assert view is not None
    whole = {
        "transfer_id": view.transfer_id, "number": 5, "before": 4, "from_state": ACCEPTED, "to_state": CONNECTED,
        "at": shared.clock.now, "actor": "x", "holder_id": person.staff_id, "from_holder_id": person.staff_id,
        "confirmed_name": "n", "confirmed_issue": "i", "consent": 2, "consent_state": AGREED,
    }  # fmt: skip
    assert not _stores(shared, {**whole, **broken})
    assert _stores(shared, whole)


def test_no_state_that_no_step_led_to(bills: Bills) -> None:
    view = waiting(bills)
    for change in (
        "state = 'connected', holder_id = 1",
        "state = 'closed'",
        "conversation_id = 'another'",
        "state = NULL",
    ):
        with pytest.raises(DBAPIError), bills.care.store.work() as session:
            session.execute(text(f"UPDATE transfers SET {change} WHERE id = {view.transfer_id}"))
    with pytest.raises(DBAPIError), bills.care.store.work() as session:
        session.add(
            Transfer(
                conversation_id="x", queue="billing", inquiry="i", channel="web", state=LOST, opened_at=bills.clock.now
            )
        )
    for verb in ("UPDATE transfer_steps SET to_state = 'closed'", "DELETE FROM transfer_steps"):
        with pytest.raises(DBAPIError, match="only added"), bills.care.store.work() as session:
            session.execute(text(verb))


# The random walk --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def walked(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bills]:
    """The clinic of the walk."""
    with opened(tmp_path_factory.mktemp("walk"), prepared) as clinic:
        yield clinic


_walks = itertools.count()
_taken = {"steps": 0}


class Walk(RuleBasedStateMachine):
    """Patients and staff who do anything at any time, against a model of where a transfer may stand."""

    bills: Bills

    @initialize()
    def begin(self) -> None:
        self.bills.clock.now = TUESDAY
        self.talk = f"walk-{next(_walks)}"
        self.people = [
            hire(self.bills, f"{self.talk}-{n}", q) for n, q in enumerate(["nurse_line", "nurse_line", "billing"])
        ]
        self.seen: list[str] = []

    def teardown(self) -> None:
        if hasattr(self, "talk"):
            transfers.lose(self.bills.care, self.talk, "the walk is over")
            with self.bills.care.store.work() as session:
                for row in session.execute(select(StaffSession).where(StaffSession.ended_at.is_(None))).scalars():
                    row.ended_at = self.bills.clock.now

    def view(self) -> transfers.View | None:
        return transfers.current(self.bills.care, self.talk)

    def attempt(self, act: Any, who: int, *args: Any) -> None:
        view = self.view()
        if view is not None:  # what is drawn never depends on where it stands
            with suppress(NotThatState, NotYours):
                act(self.bills.care, self.people[who], view.transfer_id, *args)

    @rule()
    def offer(self) -> None:
        transfers.offer(self.bills.care, self.talk, "nurse_line", "clinical_symptom", "web")

    @rule(stays=st.booleans())
    def consent(self, stays: bool) -> None:
        request = handover.Request(["clinical_symptom"], "it hurts", consent="yes", channel="web", stays=stays)
        with suppress(NotThatState):
            handover.hand_over(self.bills.care, self.talk, request)

    @rule()
    def decline(self) -> None:
        transfers.decline(self.bills.care, self.talk, "no")

    @rule()
    def lose(self) -> None:
        transfers.lose(self.bills.care, self.talk, "gone")

    @rule()
    def message(self) -> None:
        before = self.view()
        quiet = transfers.on_message(self.bills.care, self.talk)
        assert quiet is (before is not None and before.state == CONNECTED)

    @rule()
    def call_instead(self) -> None:
        transfers.call_instead(self.bills.care, self.talk, "call me")

    @rule(who=st.integers(0, 2))
    def open_brief(self, who: int) -> None:
        self.attempt(transfers.open_brief, who)

    @rule(who=st.integers(0, 2))
    def accept(self, who: int) -> None:
        self.attempt(transfers.accept, who)

    @rule(who=st.integers(0, 2))
    def connect(self, who: int) -> None:
        self.attempt(transfers.connect, who, "n", "i")

    @rule(who=st.integers(0, 2))
    def say(self, who: int) -> None:
        self.attempt(transfers.say, who, "hello")

    @rule(who=st.integers(0, 2))
    def release(self, who: int) -> None:
        self.attempt(transfers.release, who, "busy")

    @rule(who=st.integers(0, 2))
    def finish(self, who: int) -> None:
        self.attempt(transfers.finish, who, "done")

    @rule(who=st.integers(0, 1))
    def promise_call(self, who: int) -> None:
        due_at = self.bills.clock.now + timedelta(hours=1)
        self.attempt(transfers.promise_call, who, due_at, "busy")

    @rule(count=st.integers(1, 5))
    def goes_well(self, count: int) -> None:
        """What people mostly do: the next step that makes sense, by whoever has it; so that the walk gets far."""
        for _ in range(count):
            view = self.view()
            if view is None or view.state in (DECLINED, LOST, CLOSED):
                self.offer()
            elif view.state == OFFERED:
                self.consent(stays=True)
            elif view.state == CALLBACK:
                with self.bills.care.store.work() as session:
                    transfers.called(self.bills.care, session, self.people[0], session.get(Ticket, view.ticket_id))
            else:
                who = next((n for n, one in enumerate(self.people) if one.staff_id == view.holder_id), 0)
                act = {AGREED: self.open_brief, BRIEFED: self.accept, ACCEPTED: self.connect, CONNECTED: self.finish}
                act[view.state](who)

    @rule(minutes=st.integers(1, 30), away=st.booleans())
    def time_passes(self, minutes: int, away: bool) -> None:
        self.bills.clock.now += timedelta(minutes=minutes)
        if not away:
            present(self.bills)
        transfers.keep_waits_honest(self.bills.care)

    @invariant()
    def nothing_illegal_is_stored(self) -> None:
        if not hasattr(self, "talk"):
            return
        _taken["steps"] += 1
        with self.bills.care.store.reading() as session:
            rows = session.execute(select(Transfer).where(Transfer.conversation_id == self.talk)).scalars().all()
            assert sum(row.state in LIVE for row in rows) <= 1
            for row in rows:
                taken = session.execute(
                    select(TransferStep).where(TransferStep.transfer_id == row.id).order_by(TransferStep.number)
                ).scalars().all()  # fmt: skip
                states = [step.to_state for step in taken]
                assert states[-1] == row.state
                assert all(b in LEGAL_STEPS[a] for a, b in itertools.pairwise([None, *states]))
                for place, step in enumerate(taken):
                    if step.to_state != CONNECTED:
                        continue
                    # Since the last time they agreed or came back: somebody read the brief, accepted, and is the same.
                    since = max(n for n in range(place) if states[n] == AGREED)
                    assert any(s.to_state == AGREED and s.words for s in taken[:place])
                    read = [s.holder_id for s in taken[since:place] if s.to_state == BRIEFED]
                    took = [s.holder_id for s in taken[since:place] if s.to_state == ACCEPTED]
                    assert read[-1] == took[-1] == step.holder_id
                    assert step.holder_id in (self.people[0].staff_id, self.people[1].staff_id)
                if row.state in (*WAITING, CONNECTED, CALLBACK, CLOSED):
                    assert row.ticket_id is not None
                assert (row.holder_id is not None) is (row.state in (BRIEFED, ACCEPTED, CONNECTED))


def test_ten_thousand_steps_leave_nothing_illegal(walked: Bills) -> None:
    Walk.bills = walked
    Walk.TestCase.settings = settings(
        max_examples=240,
        stateful_step_count=50,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    Walk.TestCase("runTest").runTest()
    reached = set(steps(walked))
    assert _taken["steps"] >= 10_000
    assert reached == set(STATES)
