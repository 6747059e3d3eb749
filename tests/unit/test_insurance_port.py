"""The door to insurers: no answer in time, an error and a contradiction are values, within the limit, and followed up."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from bedside.care import asking, authorizations, claims, coverage, doubts, payer_port
from bedside.care.bill_requests import Voice
from bedside.care.coverage import Question
from bedside.care.payer_port import (
    AuthorizationResponse,
    BenefitAnswer,
    ClaimStatusResponse,
    EligibilityResponse,
)
from bedside.records.chart import ChartClosed
from bedside.records.insurance_tables import AuthorizationEvent, Denial, PayerInquiry
from bedside.records.tables import Audit, Authorization, Coverage, Patient, Ticket
from tests.unit.bills import TALK, Bills
from tests.unit.insured import MadeCoverage, StandInPayer, write_coverage

LIMIT = 5.0
ACTIVE = EligibilityResponse(known=True, active=True)


def impatient(bills: Bills, seconds: int = 1) -> None:
    """The tests need not wait as long as patients may."""
    rules = bills.care.organization.insurance
    bills.care.organization.__dict__["insurance"] = rules.copy(update={"payer_seconds": seconds})


@pytest.fixture
def sam(bills: Bills) -> Bills:
    bills.verify("F12")
    return bills


def followed_up(bills: Bills, checked: Any) -> None:
    """A person asks the insurer by the end of the next business day, and that is written down."""
    assert checked.follow_up is not None
    ticket = bills.ticket(checked.follow_up.case_number)
    assert (ticket.queue, ticket.priority, ticket.status) == ("insurance", "standard", "open")
    assert bills.promises(checked.follow_up.case_number) == {"payer_follow_up": "Wed 11-25 17:00"}


# What can go wrong -----------------------------------------------------------------------------------------------


def test_the_clinic_waits_five_seconds_in_all(bills: Bills) -> None:
    assert bills.care.organization.insurance.payer_seconds == LIMIT


def test_no_answer_in_time_is_a_value_within_the_limit(sam: Bills) -> None:
    payer = StandInPayer(lambda _request: payer.never.wait(60))
    began = time.monotonic()
    checked = coverage.check(sam.care, TALK, port=payer)
    took = time.monotonic() - began
    payer.never.set()
    assert LIMIT - 0.5 < took < LIMIT + 1
    assert checked.outcome == asking.NO_ANSWER
    (facts,) = checked.policies
    assert (facts.payer, facts.plan, facts.active, facts.confirmed) == ("Cigna", "PPO", True, False)
    followed_up(sam, checked)
    assert "gave no answer in time" in sam.ticket(checked.follow_up.case_number).brief  # type: ignore[union-attr]
    (row,) = sam.rows(PayerInquiry)
    assert (row.outcome, row.answer_digest) == ("no_answer", None)


def test_several_slow_payers_share_one_limit(bills: Bills) -> None:
    impatient(bills)
    bills.verify("F09")  # Medicare and a supplement
    payer = StandInPayer(lambda _request: payer.never.wait(60))
    began = time.monotonic()
    checked = coverage.check(bills.care, TALK, port=payer)
    took = time.monotonic() - began
    payer.never.set()
    assert took < 2
    assert [one.outcome for one in checked.policies] == [asking.NO_ANSWER] * 2
    assert len(bills.rows(Ticket)) == 1
    followed_up(bills, checked)


def test_the_records_are_free_for_others_while_an_insurer_is_waited_for(bills: Bills) -> None:
    impatient(bills)
    bills.verify("F12")
    payer = StandInPayer(lambda _request: payer.never.wait(60))
    talk = threading.Thread(target=coverage.check, args=(bills.care, TALK), kwargs={"port": payer})
    talk.start()
    while not payer.asked:
        time.sleep(0.01)
    began = time.monotonic()
    with bills.care.store.work() as session:
        session.execute(update(Patient).values(portal_active=True))
    assert time.monotonic() - began < 0.5
    payer.never.set()
    talk.join()


@pytest.mark.parametrize(
    "error", [ConnectionError("member W123 at 10.0.0.1"), ValueError("U9012233801"), SystemExit(1)]
)
def test_an_error_is_a_value_and_its_words_go_nowhere(sam: Bills, error: BaseException) -> None:
    def fail(_request: Any) -> Any:
        raise error

    checked = coverage.check(sam.care, TALK, port=StandInPayer(fail))
    assert checked.outcome == asking.FAILED
    assert checked.policies[0].reasons == (type(error).__name__,)
    followed_up(sam, checked)
    written = sam.ticket(checked.follow_up.case_number).brief + str(vars(sam.rows(PayerInquiry)[0]))  # type: ignore[union-attr]
    assert "could not be reached" in written
    for words in ("W123", "U9012233801", "10.0.0.1"):
        assert words not in written


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (EligibilityResponse(known=True, active=False), doubts.ACTIVE_HERE_ENDED_THERE),
        (EligibilityResponse(known=False, active=None), doubts.NOT_KNOWN_THERE),
        (EligibilityResponse(known=True, active=None), doubts.INCOMPLETE),
        (replace(ACTIVE, plan="HMO"), doubts.OTHER_PLAN),
        (replace(ACTIVE, in_network=False), doubts.OTHER_NETWORK),
        (
            replace(ACTIVE, benefits=(BenefitAnswer("primary care visit", "in", copay_cents=60_00),)),
            doubts.OTHER_BENEFIT,
        ),
        (
            replace(
                ACTIVE,
                benefits=(
                    BenefitAnswer("massage", "in", copay_cents=1),
                    BenefitAnswer("massage", "in", copay_cents=2),
                ),
            ),
            doubts.ANSWERS_DIFFER,
        ),
        ("approved", doubts.INCOMPLETE),
        (None, doubts.INCOMPLETE),
    ],
)
def test_a_contradiction_is_a_value_and_no_fact(sam: Bills, answer: Any, reason: str) -> None:
    question = Question(service="primary care visit", provider="Dr. Patel", location="riverside", charge_cents=200_00)
    checked = coverage.check(sam.care, TALK, question, port=StandInPayer(lambda _request: answer))
    assert checked.outcome == asking.UNCLEAR
    assert checked.policies[0].reasons == (reason,)
    assert not checked.policies[0].confirmed
    assert (checked.estimate, checked.no_estimate) == (None, coverage.NOT_CONFIRMED)
    followed_up(sam, checked)
    assert "not clear" in sam.ticket(checked.follow_up.case_number).brief  # type: ignore[union-attr]


def test_a_coverage_that_ended_here_and_is_active_there_is_unclear(sam: Bills) -> None:
    with sam.care.store.work() as session:
        session.execute(update(Coverage).values(ends_on=date(2026, 10, 31)))
    checked = coverage.check(sam.care, TALK, port=StandInPayer(lambda _request: ACTIVE))
    assert not checked.active
    assert checked.policies[0].reasons == (doubts.ENDED_HERE_ACTIVE_THERE,)
    followed_up(sam, checked)


def test_two_answers_of_one_day_that_differ_are_unclear_and_the_next_day_is_a_new_one(sam: Bills) -> None:
    said = ["PPO"]
    payer = StandInPayer(lambda _request: replace(ACTIVE, plan=said[0] or None))
    first = coverage.check(sam.care, TALK, Question(service="imaging"), port=payer)
    same = coverage.check(sam.care, TALK, Question(service="flu shot"), port=payer)
    assert (first.outcome, same.outcome) == (asking.ANSWERED, asking.ANSWERED)
    said[0] = ""
    other = coverage.check(sam.care, TALK, port=payer)
    assert (other.outcome, other.policies[0].reasons) == (asking.UNCLEAR, (doubts.ANSWERS_DIFFER,))
    followed_up(sam, other)
    sam.clock.local("2026-11-25 09:00")
    sam.verify("F12")
    assert coverage.check(sam.care, TALK, port=payer).outcome == asking.ANSWERED


def test_a_good_answer_needs_nobody_and_its_own_figures_count(sam: Bills) -> None:
    payer = StandInPayer(lambda _request: replace(ACTIVE, plan="ppo", deductible_left_cents=123_45))
    checked = coverage.check(sam.care, TALK, Question(service="imaging", location="harbor"), port=payer)
    assert (checked.outcome, checked.follow_up) == (asking.ANSWERED, None)
    assert checked.policies[0].left.deductible_cents == 123_45
    assert checked.policies[0].left.out_of_pocket_cents == 4500_00
    assert sam.rows(Ticket) == []
    (request,) = payer.asked
    assert (request.member.payer, request.member.member_id, request.service) == ("Cigna", "U9012233801", "imaging")


def test_asking_again_before_anybody_could_is_the_same_case(sam: Bills) -> None:
    payer = StandInPayer(lambda _request: replace(ACTIVE, active=False))
    first, second = (coverage.check(sam.care, TALK, port=payer) for _ in range(2))
    assert first.follow_up is not None
    assert second.follow_up is not None
    assert first.follow_up.case_number == second.follow_up.case_number
    assert second.follow_up.joined
    assert len(sam.rows(PayerInquiry)) == 2


def test_a_connected_clearinghouse_is_asked_without_being_named(sam: Bills) -> None:
    payer = StandInPayer(lambda _request: ACTIVE)
    payer_port.connect(payer)
    try:
        assert coverage.check(sam.care, TALK).outcome == asking.ANSWERED
    finally:
        payer_port.connect(None)
    assert len(payer.asked) == 1


def test_too_many_calls_that_hang_are_no_answer_at_once() -> None:
    never = threading.Event()
    try:
        hanging = asking.ask([never.wait] * 40, 0.05)
        assert {one.kind for one in hanging} == {asking.NO_ANSWER}
        began = time.monotonic()
        assert asking.ask([lambda: 1], 5)[0].kind == asking.NO_ANSWER
        assert time.monotonic() - began < 0.5
    finally:
        never.set()
    for _ in range(100):  # the calls end by themselves
        answered = asking.ask([lambda: 1], 5)[0]
        if answered.kind == asking.ANSWERED:
            break
        time.sleep(0.02)
    assert answered.response == 1


# Requests and claims ---------------------------------------------------------------------------------------------


def test_what_an_insurer_says_anew_of_a_request_is_news_and_written_down(bills: Bills) -> None:
    bills.verify("F04")
    payer = StandInPayer(lambda _r: AuthorizationResponse(True, "approved", decided_on=date(2026, 11, 24)))
    checked = authorizations.check(bills.care, TALK, port=payer)
    assert (checked.outcome, checked.follow_up) == (asking.ANSWERED, None)
    (facts,) = checked.requests
    assert (facts.status, facts.decided_on, facts.next_step) == ("approved", date(2026, 11, 24), "nothing")
    steps = bills.rows(AuthorizationEvent, AuthorizationEvent.authorization_id == facts.authorization_id)
    assert [step.status for step in steps] == ["needed", "being_prepared", "sent", "pending", "approved"]
    assert steps[-1].actor == "payer: Empire BlueCross BlueShield"


def test_a_denial_that_an_insurer_tells_can_be_appealed(bills: Bills) -> None:
    bills.verify("F04")
    payer = StandInPayer(lambda _r: AuthorizationResponse(True, "denied", decided_on=date(2026, 11, 23)))
    assert authorizations.check(bills.care, TALK, port=payer).requests[0].status == "denied"
    (row,) = bills.rows(Denial, Denial.noticed_on == date(2026, 11, 23))
    assert row.reason == "not_on_file"


@pytest.mark.parametrize(
    ("answer", "outcome", "reasons"),
    [
        (AuthorizationResponse(False, None), asking.UNCLEAR, (doubts.NOT_KNOWN_THERE,)),
        (AuthorizationResponse(True, "maybe"), asking.UNCLEAR, (doubts.INCOMPLETE,)),
        (ClaimStatusResponse(True, "paid"), asking.UNCLEAR, (doubts.INCOMPLETE,)),
        (RuntimeError("down"), asking.FAILED, ("RuntimeError",)),
    ],
)
def test_no_good_word_on_a_request_leaves_the_records_as_they_are(
    bills: Bills, answer: Any, outcome: str, reasons: tuple[str, ...]
) -> None:
    def respond(_request: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    bills.verify("F04")
    checked = authorizations.check(bills.care, TALK, Voice("is it there yet"), port=StandInPayer(respond))
    assert checked.outcome == outcome
    assert checked.requests[0].reasons == reasons
    assert checked.requests[0].status == "pending"
    followed_up(bills, checked)
    assert len(bills.rows(AuthorizationEvent, AuthorizationEvent.actor.like("payer%"))) == 0


def test_claims_are_asked_alike(bills: Bills) -> None:
    bills.verify("F18")
    slow = StandInPayer(lambda _r: slow.never.wait(60))
    impatient(bills)
    checked = claims.check(bills.care, TALK, port=slow)
    slow.never.set()
    assert checked.outcome == asking.NO_ANSWER
    assert checked.claims[0].status == "in_process"
    followed_up(bills, checked)
    gone = claims.check(bills.care, TALK, port=StandInPayer(lambda _r: ClaimStatusResponse(False, None)))
    assert (gone.outcome, gone.claims[0].reasons) == (asking.UNCLEAR, (doubts.NOT_KNOWN_THERE,))
    paid = claims.check(
        bills.care, TALK, port=StandInPayer(lambda _r: ClaimStatusResponse(True, "paid", 9000, date(2026, 11, 23)))
    )
    assert (paid.outcome, paid.claims[0].status, paid.claims[0].next_step) == (asking.ANSWERED, "paid", "see_bill")


def test_a_decision_on_file_is_not_undone_by_another_answer() -> None:
    decided = {"approved": "denied", "denied": "pending"}
    for here, there in decided.items():
        assert doubts._moved_back(here, there, ("approved", "denied"), ("expired",)) == (doubts.OTHER_DECISION,)
    assert doubts._moved_back("approved", "expired", ("approved", "denied"), ("expired",)) == ()
    assert doubts._moved_back("pending", "denied", ("approved", "denied"), ("expired",)) == ()


# The gate --------------------------------------------------------------------------------------------------------


def test_nobody_is_asked_anything_without_a_live_verification(bills: Bills) -> None:
    payer = StandInPayer(lambda _request: ACTIVE)
    for work in (
        lambda: coverage.check(bills.care, TALK, port=payer),
        lambda: authorizations.check(bills.care, TALK, port=payer),
        lambda: claims.check(bills.care, TALK, port=payer),
        lambda: authorizations.standings(bills.care, TALK),
        lambda: claims.standings(bills.care, TALK),
    ):
        with pytest.raises(ChartClosed):
            work()
    assert payer.asked == []
    assert bills.rows(PayerInquiry) == bills.rows(Ticket) == []
    assert [row.event for row in bills.rows(Audit, Audit.conversation_id == TALK)] == ["chart_refused"] * 5


def test_somebody_else_who_is_verified_meanwhile_hears_nothing(sam: Bills) -> None:
    def answer(_request: Any) -> EligibilityResponse:
        sam.verify("F03")
        return ACTIVE

    with pytest.raises(ChartClosed):
        coverage.check(sam.care, TALK, port=StandInPayer(answer))
    assert sam.rows(PayerInquiry) == []


def test_every_opening_is_audited(sam: Bills) -> None:
    before = len(sam.rows(Audit, Audit.event == "chart_opened"))
    coverage.check(sam.care, TALK)
    opened = sam.rows(Audit, Audit.event == "chart_opened")[before:]
    assert [row.detail for row in opened] == ["insurance coverage"] * 2


def test_a_payer_is_told_of_nobody_elses_card(bills: Bills) -> None:
    bills.verify("F12")
    with bills.care.store.work() as session:
        other = session.execute(select(Patient.id).where(Patient.reference == "F03")).scalar_one()
        write_coverage(session, other, MadeCoverage(member_id="SOMEBODY-ELSE-1"))
    payer = StandInPayer(lambda _request: ACTIVE)
    coverage.check(bills.care, TALK, port=payer)
    assert {one.member.member_id for one in payer.asked} == {"U9012233801"}
    assert bills.rows(Authorization, Authorization.patient_id == other) == []
