"""Disputes: the hold on exactly what is disputed, the ticket, the two promises with their times, and how it ends."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bedside.care import bill_requests, billing, disputes, statements
from bedside.care.bill_requests import Voice
from bedside.records.billing_tables import CollectionStatus, DisputeOutcome
from bedside.records.chart import ChartClosed
from bedside.records.tables import Audit, Commitment, Dispute, Hold, Ticket, TicketEvent
from tests.unit.bills import EASTERN, TALK, Bills, Made, write_patient, write_statement

CT = "CT scan of the abdomen"


def scans(bills: Bills) -> list[int]:
    lines = billing.open_charges(bills.care, TALK)
    return [line.charge_id for line in lines if line.description == CT]


def held(bills: Bills) -> dict[int, int]:
    return {row.charge_id: row.amount_cents for row in bills.rows(Hold, Hold.status == "active")}


# Business days, reckoned apart from the calendar under test -------------------------------------------------------


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def closed_days(year: int) -> set[date]:
    """The demo clinic's holidays, and the weekday next to one that falls on a weekend."""
    last_monday_of_may = max(_nth(year, 5, 0, 4), _nth(year, 5, 0, 5) if _nth(year, 5, 0, 5).month == 5 else date.min)
    fixed = {date(year, 1, 1), date(year, 7, 4), date(year, 12, 25), date(year + 1, 1, 1)}
    moving = {last_monday_of_may, _nth(year, 9, 0, 1), _nth(year, 11, 3, 4)}
    observed = {day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0)) for day in fixed}
    return fixed | moving | observed


def works(day: date) -> bool:
    return day.weekday() < 5 and not any(day in closed_days(year) for year in (day.year - 1, day.year))


def at_five(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 17, tzinfo=EASTERN)


def after(day: date, business_days: int) -> date:
    while business_days:
        day += timedelta(days=1)
        business_days -= works(day)
    return day


def same_day(now: datetime) -> datetime:
    today = now.astimezone(EASTERN).date()
    if works(today) and at_five(today) - now >= timedelta(minutes=60):
        return at_five(today)
    return at_five(after(today, 1))


# The property ----------------------------------------------------------------------------------------------------

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31, 23, 59)).map(  # noqa: DTZ001
    lambda local: local.replace(second=0, microsecond=0, tzinfo=EASTERN)
)
AMOUNTS = st.lists(st.integers(1, 90_000), min_size=1, max_size=5)


@dataclass
class Counter:
    value: int = 0


COUNT = Counter()


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    now=MOMENTS,
    amounts=AMOUNTS,
    pick=st.lists(st.booleans(), min_size=5, max_size=5),
    collections=st.sampled_from([None, None, None, "final_notice", "referred", "recalled"]),
)
def test_every_dispute_holds_exactly_what_is_disputed_and_promises_the_right_times(
    shared: Bills, now: datetime, amounts: list[int], pick: list[bool], collections: str | None
) -> None:
    COUNT.value += 1
    talk = f"talk-{COUNT.value}"
    shared.clock.now = now
    with shared.care.store.work() as session:
        patient = write_patient(session, f"G{COUNT.value}", talk=talk, now=now)
        lines = [Made(cents, description=f"Visit {number}") for number, cents in enumerate(amounts)]
        charges = write_statement(session, patient, f"G-{COUNT.value}", lines, collections=collections)
    wanted = {key: cents for key, cents, chosen in zip(charges, amounts, pick, strict=False) if chosen} or {
        charges[0]: amounts[0]
    }
    made = billing.open_dispute(shared.care, talk, "this is wrong", wanted, "calm")
    with shared.care.store.reading() as session:
        (dispute,) = session.execute(select(Dispute).where(Dispute.patient_id == patient)).scalars()
        holds = session.execute(select(Hold).where(Hold.dispute_id == dispute.id)).scalars().all()
        ticket = session.get(Ticket, dispute.ticket_id)
        promises = {
            row.what: row
            for row in session.execute(select(Commitment).where(Commitment.ticket_id == ticket.id)).scalars()
        }
    today = now.date()
    in_collections = collections in ("final_notice", "referred")
    urgent = sum(wanted.values()) > 1000_00 or in_collections
    event(f"urgent={urgent} works={works(today)}")
    assert {hold.charge_id: hold.amount_cents for hold in holds} == wanted
    assert {hold.status for hold in holds} == {"active"}
    assert {hold.review_on for hold in holds} == {after(today, 30)} == {made.review_on}
    assert (ticket.priority, ticket.queue, ticket.status) == ("urgent" if urgent else "standard", "billing", "open")
    specialist = same_day(now) if urgent else at_five(after(today, 1))
    expected = {"billing_specialist_review": specialist, "dispute_follow_up": at_five(after(today, 3))}
    if in_collections:
        expected["collections_told_to_stop"] = same_day(now)
    assert {what: row.due_at for what, row in promises.items()} == expected
    assert {row.owner for row in promises.values()} == {"billing"}
    assert ticket.due_at == made.specialist_due == specialist
    assert made.follow_up_due == expected["dispute_follow_up"]
    assert made.collections_due == expected.get("collections_told_to_stop")
    assert (made.amount_cents, made.urgent, made.joined) == (sum(wanted.values()), urgent, False)
    balance = statements.balance(shared.care, talk)
    assert (balance.held_cents, balance.payable_cents) == (
        sum(wanted.values()),
        sum(amounts) - sum(wanted.values()),
    )


def test_the_days_of_the_oracle() -> None:
    closed = [date(2026, 11, 26), date(2026, 7, 3), date(2027, 12, 31), date(2027, 7, 5), date(2026, 5, 25)]
    assert not any(works(day) for day in closed)
    assert works(date(2026, 11, 27))
    assert after(date(2026, 11, 24), 3) == date(2026, 11, 30)


# What a dispute may be about -------------------------------------------------------------------------------------


def test_a_whole_statement(bills: Bills) -> None:
    bills.verify("F13")
    whole = billing.statement_charges(bills.care, TALK, "S-260918")
    made = billing.open_dispute(bills.care, TALK, "the whole bill", whole, "distressed")
    assert (made.amount_cents, made.charge_count, made.urgent) == (3215_00, 3, True)
    assert sum(held(bills).values()) == 3215_00
    assert bills.promises(made.case_number) == {
        "billing_specialist_review": "Tue 11-24 17:00",
        "dispute_follow_up": "Mon 11-30 17:00",
    }
    with pytest.raises(statements.NoSuchStatement):
        billing.statement_charges(bills.care, TALK, "S-261009")


@pytest.mark.parametrize(
    ("reference", "words", "count", "sure"),
    [
        ("F13", "the whole bill is wrong", 3, True),
        ("F13", "toda la cuenta está mal", 3, True),
        ("F01", "the entire bill is wrong", 5, False),
        ("F01", "all of it on S-261027", 2, True),
        ("F01", "something on S-261027 is off", 2, False),
        ("F01", "my whole bill is a mess, I was charged $250 for the ER", 1, True),
        ("F01", "I want a full refund for the CT scan, twice on this statement!", 2, True),
    ],
)
def test_which_charges_the_words_mean(bills: Bills, reference: str, words: str, count: int, sure: bool) -> None:
    bills.verify(reference)
    guess = billing.guess_charges(words, billing.open_charges(bills.care, TALK))
    assert (len(guess.charges), guess.sure) == (count, sure)


def test_only_what_one_owes_is_disputed(bills: Bills) -> None:
    with pytest.raises(ChartClosed):
        billing.open_dispute(bills.care, TALK, "mine?", [bills.charge("F01", CT)], "calm")
    bills.verify("F05")
    for wanted in ([bills.charge("F01", CT)], [bills.charge("F05", "Lab panel"), 99_999], []):
        with pytest.raises(ValueError, match="one the patient owes"):
            billing.open_dispute(bills.care, TALK, "mine?", wanted, "calm")
    assert bills.rows(Hold) == bills.rows(Ticket) == bills.rows(Commitment) == bills.rows(Dispute) == []


# A second dispute ------------------------------------------------------------------------------------------------


def test_the_same_charge_again_joins_the_case(bills: Bills) -> None:
    bills.verify("F01")
    both = scans(bills)
    first = billing.open_dispute(bills.care, TALK, "twice", both, "frustrated")
    again = billing.open_dispute(bills.care, TALK, "did you hear me", both[:1], "frustrated")
    assert (again.case_number, again.joined, again.amount_cents) == (first.case_number, True, 1420_00)
    assert again.specialist_due == first.specialist_due
    assert len(bills.rows(Dispute)) == len(bills.rows(Ticket)) == 1
    assert len(bills.rows(Commitment)) == 2
    notes = [row.detail for row in bills.rows(TicketEvent, TicketEvent.kind == "added")]
    assert len(notes) == 1
    assert "did you hear me" in notes[0]


def test_a_charge_that_is_new_joins_the_one_that_is_held_and_may_make_it_urgent(bills: Bills) -> None:
    bills.verify("F01")
    one, other = scans(bills)
    first = billing.open_dispute(bills.care, TALK, "twice", [one], "calm")
    assert (first.urgent, bills.local(first.specialist_due)) == (False, "Wed 11-25 17:00")
    joined = billing.open_dispute(bills.care, TALK, "both of them", [one, other], "calm")
    assert (joined.case_number, joined.joined, joined.urgent) == (first.case_number, False, True)
    assert held(bills) == {one: 710_00, other: 710_00}
    assert bills.promises(first.case_number) == {
        "billing_specialist_review": "Tue 11-24 17:00",  # brought forward
        "dispute_follow_up": "Mon 11-30 17:00",
    }
    assert bills.ticket(first.case_number).due_at == joined.specialist_due
    assert bills.rows(Dispute)[0].amount_cents == 1420_00


def test_two_disputes_are_urgent_together_when_they_come_to_more_than_the_threshold(bills: Bills) -> None:
    bills.verify("F01")
    one, other = scans(bills)
    first = billing.open_dispute(bills.care, TALK, "this one", [one], "calm")
    second = billing.open_dispute(bills.care, TALK, "and that one", [other], "calm")
    assert first.case_number != second.case_number
    assert (first.urgent, second.urgent, second.amount_cents) == (False, True, 710_00)


def test_charges_of_two_cases_are_added_to_both(bills: Bills) -> None:
    bills.verify("F01")
    one, other = scans(bills)
    first = billing.open_dispute(bills.care, TALK, "this one", [one], "calm")
    second = billing.open_dispute(bills.care, TALK, "and that one", [other], "calm")
    eye = bills.charge("F01", "Office visit")
    third = billing.open_dispute(bills.care, TALK, "all three belong together", [one, other, eye], "calm")
    assert third.case_number == first.case_number
    assert third.amount_cents == 760_00
    for case in (first.case_number, second.case_number):
        details = bills.rows(TicketEvent, TicketEvent.ticket_id == bills.ticket(case).id, TicketEvent.kind == "added")
        assert any("belong together" in row.detail for row in details)
    assert len(bills.rows(Hold)) == 3


def test_another_talk_joins_the_case_and_can_say_when_to_call(bills: Bills) -> None:
    bills.verify("F05")
    lab = bills.charge("F05", "Lab panel")
    first = billing.open_dispute(bills.care, TALK, "free", [lab], "calm")
    bills.clock.local("2026-11-25 09:00")
    bills.verify("F05", "later-talk")
    with pytest.raises(LookupError):
        billing.prefer_call(bills.care, first.case_number, "later-talk", "at noon")
    again = billing.open_dispute(bills.care, "later-talk", "still free", [lab], "frustrated")
    assert again.case_number == first.case_number
    due = billing.prefer_call(bills.care, first.case_number, "later-talk", "at noon")
    assert bills.local(due) == "Wed 11-25 17:00"
    calls = [row for row in bills.rows(Commitment) if row.what == "billing_specialist_review"]
    assert [row.preference for row in calls] == ["at noon"]
    assert billing.held_cents(bills.care, first.case_number, "later-talk") == 240_00


def test_two_talks_at_the_same_moment_make_one_case(bills: Bills) -> None:
    talks = ["one-talk", "two-talk", "three-talk"]
    for talk in talks:
        bills.verify("F05", talk)
    lab = bills.charge("F05", "Lab panel")
    start = threading.Barrier(len(talks))
    made: list[billing.DisputeOpened] = []

    def dispute(talk: str) -> None:
        start.wait()
        made.append(billing.open_dispute(bills.care, talk, "free", [lab], "calm"))

    threads = [threading.Thread(target=dispute, args=(talk,)) for talk in talks]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(made) == len(talks)
    assert len({one.case_number for one in made}) == len(bills.rows(Hold)) == len(bills.rows(Ticket)) == 1
    assert sorted(one.joined for one in made) == [False, True, True]


def test_what_ran_out_is_promised_anew_and_never_in_the_past(bills: Bills) -> None:
    bills.verify("F05")
    lab = bills.charge("F05", "Lab panel")
    first = billing.open_dispute(bills.care, TALK, "free", [lab], "calm")
    with bills.care.store.work() as session:
        for row in session.execute(select(Commitment)).scalars():
            row.status = "kept"
        session.execute(select(Ticket)).scalar_one().status = "closed"
    bills.clock.local("2026-12-15 09:00")
    bills.verify("F05")
    again = billing.open_dispute(bills.care, TALK, "it is on my bill again", [lab], "frustrated")
    assert again.case_number == first.case_number
    assert bills.promises(first.case_number) == {
        "billing_specialist_review": "Wed 11-25 17:00",
        "dispute_follow_up": "Mon 11-30 17:00",
        "billing_specialist_review.2": "Wed 12-16 17:00",
        "dispute_follow_up.2": "Fri 12-18 17:00",
    }
    assert billing.follow_up_due(bills.care, first.case_number) == again.follow_up_due
    ticket = bills.ticket(first.case_number)
    assert (ticket.status, ticket.due_at) == ("open", again.specialist_due)


# Collections -----------------------------------------------------------------------------------------------------


def test_a_charge_with_an_agency_is_held_and_the_agency_is_told_today(bills: Bills) -> None:
    bills.verify("F21")
    visit = bills.charge("F21", "Emergency room visit")
    made = billing.open_dispute(bills.care, TALK, "I paid that", [visit], "distressed")
    assert (made.urgent, held(bills)) == (True, {visit: 325_00})
    assert bills.promises(made.case_number) == {
        "billing_specialist_review": "Tue 11-24 17:00",
        "dispute_follow_up": "Mon 11-30 17:00",
        "collections_told_to_stop": "Tue 11-24 17:00",
    }
    assert "Larkfield Recovery" in bills.ticket(made.case_number).brief
    steps = bills.rows(CollectionStatus)
    assert [(row.status, row.agency) for row in steps] == [
        ("final_notice", None),
        ("referred", "Larkfield Recovery"),
        ("pause_asked", "Larkfield Recovery"),
    ]
    billing.open_dispute(bills.care, TALK, "and the crutches", [visit, bills.charge("F21", "Crutches")], "distressed")
    assert len(bills.rows(CollectionStatus)) == 3  # asked once


# What is to come, and how it ends --------------------------------------------------------------------------------


@pytest.fixture
def disputed(bills: Bills) -> tuple[Bills, str, list[int]]:
    """Both scans, disputed together."""
    bills.verify("F01")
    both = scans(bills)
    return bills, billing.open_dispute(bills.care, TALK, "twice", both, "calm").case_number, both


def test_what_the_patient_can_expect(disputed: tuple[Bills, str, list[int]]) -> None:
    bills, case, both = disputed
    (standing,) = disputes.standings(bills.care, TALK)
    assert (standing.case_number, standing.held_cents, standing.urgent, standing.outcome) == (case, 1420_00, True, None)
    assert [(one.charge_id, one.held_cents, one.review_on) for one in standing.charges] == [
        (key, 710_00, after(date(2026, 11, 24), 30)) for key in both
    ]
    assert standing.specialist_due is not None
    assert standing.follow_up_due is not None
    assert (bills.local(standing.specialist_due), bills.local(standing.follow_up_due)) == (
        "Tue 11-24 17:00",
        "Mon 11-30 17:00",
    )
    with pytest.raises(ChartClosed):
        disputes.standings(bills.care, "another-talk")
    bills.verify("F05", "another-talk")
    assert disputes.standings(bills.care, "another-talk") == []


def test_on_the_review_day_a_person_looks_and_the_hold_stays(disputed: tuple[Bills, str, list[int]]) -> None:
    bills, case, both = disputed
    review = after(date(2026, 11, 24), 30)
    bills.clock.local(f"{review - timedelta(days=1)} 23:00")
    assert disputes.ask_for_reviews(bills.care) == []
    bills.clock.local(f"{review} 08:30")
    assert disputes.ask_for_reviews(bills.care) == [case]
    assert disputes.ask_for_reviews(bills.care) == []  # once
    (ticket,) = bills.rows(Ticket, Ticket.case_number != case)
    assert (ticket.priority, ticket.queue) == ("urgent", "billing")
    assert case in ticket.brief
    assert set(held(bills)) == set(both)
    with pytest.raises(ValueError, match="later day"):
        disputes.keep_hold(bills.care, case, "R. Kim, billing", review, "the insurer has not answered")
    later = review + timedelta(days=14)
    disputes.keep_hold(bills.care, case, "R. Kim, billing", later, "the insurer has not answered")
    bills.clock.local(f"{later} 08:30")
    assert disputes.ask_for_reviews(bills.care) == [case]
    assert set(held(bills)) == set(both)


def test_a_hold_is_ended_by_a_person_for_a_reason(disputed: tuple[Bills, str, list[int]]) -> None:
    bills, case, (one, other) = disputed
    with pytest.raises(ValueError, match="by somebody, for a reason"):
        disputes.end_holds(bills.care, case, "", "why", [one])
    disputes.end_holds(bills.care, case, "R. Kim, billing", "the second scan is right", [one])
    assert held(bills) == {other: 710_00}
    ended = bills.rows(Hold, Hold.status == "ended")[0]
    assert (ended.ended_by, ended.end_reason) == ("R. Kim, billing", "the second scan is right")
    with pytest.raises(disputes.NoSuchDispute):
        disputes.end_holds(bills.care, case, "R. Kim, billing", "again", [one])
    assert "hold_ended" in [row.event for row in bills.rows(Audit, Audit.actor == "R. Kim, billing")]


@pytest.mark.parametrize(
    ("moment", "told"), [("2026-11-27 09:00", "Mon 11-30 17:00"), ("2026-12-03 09:00", "Fri 12-04 17:00")]
)
def test_an_outcome_is_written_and_the_patient_is_told(
    disputed: tuple[Bills, str, list[int]], moment: str, told: str
) -> None:
    bills, case, both = disputed
    bills.clock.local(moment)
    with pytest.raises(ValueError, match="ends with one of"):
        disputes.end_dispute(bills.care, case, "R. Kim, billing", "lost", "no")
    due = disputes.end_dispute(bills.care, case, "R. Kim, billing", "corrected", "one scan was taken off")
    assert bills.local(due) == told
    assert told in bills.promises(case).values()
    assert held(bills) == {}
    (outcome,) = bills.rows(DisputeOutcome)
    assert (outcome.outcome, outcome.ended_by, outcome.reason) == (
        "corrected",
        "R. Kim, billing",
        "one scan was taken off",
    )
    bills.verify("F01")
    (standing,) = disputes.standings(bills.care, TALK)
    assert (standing.outcome, standing.held_cents, standing.charges) == ("corrected", 0, ())
    with pytest.raises(disputes.NoSuchDispute):
        disputes.end_dispute(bills.care, case, "R. Kim, billing", "stands", "again")
    fresh = billing.open_dispute(bills.care, TALK, "it is back", both, "frustrated")
    assert fresh.case_number != case  # an ended case is not joined


def test_an_outcome_is_written_once(disputed: tuple[Bills, str, list[int]]) -> None:
    bills, case, _ = disputed
    disputes.end_dispute(bills.care, case, "R. Kim, billing", "withdrawn", "the patient says so")
    (first,) = bills.rows(DisputeOutcome)
    values: dict[str, Any] = {"ended_at": first.ended_at, "ended_by": "X", "reason": "y"}
    with pytest.raises(IntegrityError), bills.care.store.work() as session:
        session.add(DisputeOutcome(dispute_id=first.dispute_id, outcome="stands", **values))


def test_a_dispute_and_a_call_from_a_counselor_are_two_cases(bills: Bills) -> None:
    bills.verify("F13")
    made = billing.open_dispute(
        bills.care, TALK, "the whole bill", billing.statement_charges(bills.care, TALK, "S-260918"), "distressed"
    )
    asked = bill_requests.request_counselor(bills.care, TALK, Voice("I can't pay this anyway", "distressed"))
    assert asked.case_number != made.case_number
    assert "3,215.00 USD on hold" in bills.ticket(asked.case_number).brief
