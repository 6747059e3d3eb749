"""Payment plans: the terms come to the cent, nothing disputed is in them, and only a person changes one that runs."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from bedside.care import billing, payments, plans, statements
from bedside.care.bill_requests import Voice
from bedside.care.plans import Instalment
from bedside.records.billing_tables import PaymentPlan, PlanCharge, PlanInstalment, SecureLink
from bedside.records.chart import ChartClosed
from bedside.records.tables import Audit, Commitment, Payment, Ticket
from tests.unit.bills import TALK, Bills, Made, write_patient, write_statement

# The terms -------------------------------------------------------------------------------------------------------


@given(st.integers(1, 10_000_000), st.integers(1, 60))
def test_the_payments_come_to_exactly_the_balance_and_differ_by_a_cent_at_most(total: int, months: int) -> None:
    if total < months:
        with pytest.raises(ValueError, match="at least one cent"):
            plans.split(total, months)
        return
    rows = plans.split(total, months)
    assert len(rows) == months
    assert sum(rows) == total
    assert max(rows) - min(rows) <= 1
    assert list(rows) == sorted(rows, reverse=True)


@given(st.dates(date(2024, 1, 1), date(2032, 12, 31)), st.integers(1, 36))
def test_payments_are_due_on_the_same_day_of_each_month(first: date, months: int) -> None:
    days = plans.due_dates(first, months)
    assert days[0] == first
    for number, day in enumerate(days):
        assert (day.year * 12 + day.month) - (first.year * 12 + first.month) == number
        assert day.day == first.day or (day + timedelta(days=1)).day == 1
    assert sorted(set(days)) == list(days)


def test_the_last_day_of_a_month_that_is_shorter() -> None:
    assert plans.due_dates(date(2027, 1, 31), 3) == (date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31))


# The offer -------------------------------------------------------------------------------------------------------


def test_what_is_offered_for_862_50(bills: Bills) -> None:
    bills.verify("F02")
    offer = plans.offer(bills.care, TALK)
    assert (offer.amount_cents, offer.held_cents, offer.reason) == (862_50, 0, None)
    assert [(one.months, one.instalments[0].amount_cents, one.instalments[-1].amount_cents) for one in offer.terms] == [
        (3, 287_50, 287_50),
        (6, 143_75, 143_75),
        (12, 71_88, 71_87),
    ]
    assert offer.terms[0].instalments == (
        Instalment(1, date(2026, 12, 24), 287_50),
        Instalment(2, date(2027, 1, 24), 287_50),
        Instalment(3, date(2027, 2, 24), 287_50),
    )
    assert all(sum(row.amount_cents for row in one.instalments) == one.total_cents == 862_50 for one in offer.terms)


@pytest.mark.parametrize(
    ("owed", "reason"),
    [(500_00, "below_threshold"), (500_01, None), (0, "nothing_owed")],
)
def test_a_plan_is_offered_above_the_threshold(bills: Bills, owed: int, reason: str | None) -> None:
    with bills.care.store.work() as session:
        write_statement(session, write_patient(session, "G1", talk=TALK), "G-1", [Made(owed)])
    offer = plans.offer(bills.care, TALK)
    assert offer.reason == reason
    assert bool(offer.terms) is (reason is None)
    assert statements.balance(bills.care, TALK).plan_offered is (reason is None)


def test_no_payment_is_below_the_least_one(bills: Bills) -> None:
    rules = bills.care.organization.billing.copy(update={"plan_minimum_cents": 143_75})
    bills.care.organization.__dict__["billing"] = rules
    bills.verify("F02")
    assert [one.months for one in plans.offer(bills.care, TALK).terms] == [3, 6]
    bills.care.organization.__dict__["billing"] = rules.copy(update={"plan_minimum_cents": 300_00})
    assert plans.offer(bills.care, TALK).reason == "below_minimum"


def test_what_is_disputed_is_in_no_plan(bills: Bills) -> None:
    bills.verify("F01")
    scan = bills.charge("F01", "CT scan of the abdomen")
    made = billing.open_dispute(bills.care, TALK, "twice", [scan], "calm")
    assert made.plan_case is None
    offer = plans.offer(bills.care, TALK)
    assert (offer.amount_cents, offer.held_cents) == (1130_00, 710_00)
    plans.agree(bills.care, TALK, 6, 1130_00, Voice())
    planned = {row.charge_id: row.amount_cents for row in bills.rows(PlanCharge)}
    assert scan not in planned
    assert sum(planned.values()) == 1130_00


# Agreeing --------------------------------------------------------------------------------------------------------


@pytest.fixture
def agreed(bills: Bills) -> tuple[Bills, str]:
    """F02's plan over six months."""
    bills.verify("F02")
    made = plans.agree(bills.care, TALK, 6, 862_50, Voice("six months is fine", "anxious"))
    return bills, made.case_number


def test_what_was_agreed_is_written_down_and_sent(agreed: tuple[Bills, str]) -> None:
    bills, case = agreed
    (plan,) = bills.rows(PaymentPlan)
    assert (plan.status, plan.months, plan.total_cents, plan.agreed_words) == (
        "active",
        6,
        862_50,
        "six months is fine",
    )
    rows = bills.rows(PlanInstalment)
    assert [row.number for row in rows] == [1, 2, 3, 4, 5, 6]
    assert sum(row.amount_cents for row in rows) == 862_50 == sum(row.amount_cents for row in bills.rows(PlanCharge))
    ticket = bills.ticket(case)
    assert (ticket.queue, ticket.inquiry) == ("financial_counseling", "payment_plan")
    assert "862.50 USD in 6 payments, the first of 143.75 USD on 12/24/2026" in ticket.brief
    assert bills.promises(case) == {"plan_in_writing": "Wed 11-25 17:00"}
    assert "plan_agreed" in [row.event for row in bills.rows(Audit)]
    standing = plans.standing(bills.care, TALK)
    assert standing is not None
    assert (standing.case_number, standing.status, standing.paid_cents) == (case, "active", 0)
    assert standing.next_due == Instalment(1, date(2026, 12, 24), 143_75)


def test_a_second_plan_is_a_counselors_to_make(agreed: tuple[Bills, str]) -> None:
    bills, _ = agreed
    assert plans.offer(bills.care, TALK).reason == "plan_runs"
    with pytest.raises(plans.NoSuchTerms, match="plan_runs"):
        plans.agree(bills.care, TALK, 6, 0, Voice())
    asked = plans.request_other_terms(bills.care, TALK, Voice("only 50 a month"))
    assert bills.promises(asked.case_number) == {"counselor_call": "Wed 11-25 17:00"}
    assert "in a plan 862.50 USD" in bills.ticket(asked.case_number).brief
    (plan,) = bills.rows(PaymentPlan)
    another = PaymentPlan(
        patient_id=plan.patient_id,
        ticket_id=plan.ticket_id,
        months=3,
        total_cents=1,
        agreed_at=plan.agreed_at,
        status="paused",
        changed_at=plan.agreed_at,
        changed_by="R. Kim",
        change_reason="test",
    )
    with pytest.raises(IntegrityError), bills.care.store.work() as session:
        session.add(another)


def test_terms_that_were_not_offered_are_not_agreed(bills: Bills) -> None:
    with pytest.raises(ChartClosed):
        plans.agree(bills.care, TALK, 6, 862_50, Voice())
    bills.verify("F02")
    with pytest.raises(plans.NoSuchTerms):
        plans.agree(bills.care, TALK, 7, 862_50, Voice())
    with pytest.raises(plans.TermsChanged):
        plans.agree(bills.care, TALK, 6, 862_49, Voice())
    assert bills.rows(PaymentPlan) == bills.rows(Ticket) == bills.rows(Commitment) == []


def test_a_plan_never_changes_silently(agreed: tuple[Bills, str]) -> None:
    bills, case = agreed
    with pytest.raises(IntegrityError, match="never_ends_silently"), bills.care.store.work() as session:
        session.execute(update(PaymentPlan).values(status="ended"))
    with pytest.raises(ValueError, match="for a reason"):
        plans.pause(bills.care, case, "R. Kim", " ")
    with pytest.raises(IntegrityError, match="within"), bills.care.store.work() as session:
        session.execute(update(PlanInstalment).values(paid_cents=143_76))


# A charge of a plan that runs is disputed ------------------------------------------------------------------------


def test_a_disputed_charge_of_a_plan_goes_to_a_person_and_the_plan_stays(agreed: tuple[Bills, str]) -> None:
    bills, case = agreed
    charge = bills.charge("F02", "Anesthesia for the knee procedure")
    made = billing.open_dispute(bills.care, TALK, "not mine", [charge], "frustrated")
    assert made.plan_case is not None
    ticket = bills.ticket(made.plan_case)
    assert (ticket.queue, ticket.priority) == ("financial_counseling", "standard")
    assert case in ticket.brief
    assert made.case_number in ticket.brief
    assert "200.00 USD of the plan's 862.50 USD" in ticket.brief
    assert bills.promises(made.plan_case) == {"plan_review": "Mon 11-30 17:00"}
    assert [plan.status for plan in bills.rows(PaymentPlan)] == ["active"]
    other = billing.open_dispute(
        bills.care, TALK, "nor this", [bills.charge("F02", "Physical therapy visit")], "frustrated"
    )
    assert other.plan_case == made.plan_case  # one review of one plan


def test_it_is_urgent_when_a_payment_falls_due_before_the_review(agreed: tuple[Bills, str]) -> None:
    bills, _ = agreed
    bills.clock.local("2026-12-22 09:00")
    bills.verify("F02")
    charge = bills.charge("F02", "Anesthesia for the knee procedure")
    made = billing.open_dispute(bills.care, TALK, "not mine", [charge], "calm")
    assert made.plan_case is not None
    assert bills.ticket(made.plan_case).priority == "urgent"
    assert bills.promises(made.plan_case) == {"plan_review": "Tue 12-22 17:00"}


def test_a_person_makes_a_new_plan_of_what_is_left(agreed: tuple[Bills, str]) -> None:
    bills, case = agreed
    assert plans.receive(bills.care, case, 143_75, date(2026, 12, 24), "R. Kim, billing") == 0
    bills.clock.local("2027-01-04 09:00")
    bills.verify("F02")
    charge = bills.charge("F02", "Anesthesia for the knee procedure")
    billing.open_dispute(bills.care, TALK, "not mine", [charge], "calm")
    plans.pause(bills.care, case, "L. Ortiz, counseling", "a charge is disputed")
    paused = plans.standing(bills.care, TALK)
    assert paused is not None
    assert (paused.status, paused.next_due) == ("paused", None)
    made = plans.recompute(bills.care, case, "L. Ortiz, counseling", "200.00 is on hold")
    assert made.total_cents == 862_50 - 143_75 - 200_00
    assert made.months == 5
    assert [row.due_on for row in made.instalments] == [date(2027, month, 24) for month in range(1, 6)]
    assert sum(row.amount_cents for row in made.instalments) == made.total_cents
    old, new = bills.rows(PaymentPlan)
    assert (old.status, old.changed_by) == ("replaced", "L. Ortiz, counseling")
    assert (new.status, new.replaces_id, new.total_cents) == ("active", old.id, made.total_cents)
    assert charge not in {row.charge_id for row in bills.rows(PlanCharge, PlanCharge.plan_id == new.id)}


@pytest.mark.parametrize(("today", "first"), [("2027-03-01", date(2027, 3, 24)), ("2027-12-24", date(2028, 1, 24))])
def test_payments_that_were_missed_move_to_the_months_to_come(
    agreed: tuple[Bills, str], today: str, first: date
) -> None:
    bills, case = agreed
    bills.clock.local(f"{today} 09:00")
    made = plans.recompute(bills.care, case, "R. Kim", "three payments were missed")
    assert (made.months, made.total_cents) == (6, 862_50)
    assert [row.due_on for row in made.instalments] == list(plans.due_dates(first, 6))
    assert made.instalments[0].due_on > bills.care.today()


def test_a_plan_whose_every_charge_is_disputed_ends_when_a_person_says_so(agreed: tuple[Bills, str]) -> None:
    bills, case = agreed
    whole = billing.statement_charges(bills.care, TALK, "S-261022")
    billing.open_dispute(bills.care, TALK, "all of it", whole, "calm")
    assert plans.recompute(bills.care, case, "R. Kim", "all of it is disputed").total_cents == 0
    assert [plan.status for plan in bills.rows(PaymentPlan)] == ["ended"]
    with pytest.raises(plans.NoSuchPlan):
        plans.recompute(bills.care, case, "R. Kim", "again")


def test_money_that_comes_in_finishes_a_plan(agreed: tuple[Bills, str]) -> None:
    bills, case = agreed
    assert plans.receive(bills.care, case, 900_00, date(2026, 12, 24), "R. Kim, billing") == 37_50
    assert sum(row.amount_cents for row in bills.rows(Payment, Payment.paid_on == date(2026, 12, 24))) == 862_50
    assert [plan.status for plan in bills.rows(PaymentPlan)] == ["finished"]
    assert statements.balance(bills.care, TALK).owed_cents == 0
    assert plans.standing(bills.care, TALK) is None


# Secure links ----------------------------------------------------------------------------------------------------


def token_of(link: payments.Link) -> str:
    start, _, token = link.url.rpartition("/")
    assert start == "https://pay.riverbendhealth.example/bill"
    return token


def test_a_link_is_random_short_lived_and_kept_as_a_digest(bills: Bills) -> None:
    bills.verify("F02")
    link = payments.make_link(bills.care, TALK)
    token = token_of(link)
    assert len(token) == 43
    assert (link.amount_cents, bills.local(link.expires_at)) == (862_50, "Tue 11-24 10:45")
    (row,) = bills.rows(SecureLink)
    assert token not in str(vars(row))
    other = payments.make_link(bills.care, TALK, "S-261022")
    assert token_of(other) != token
    assert payments.redeem(bills.care, token) is None  # replaced
    redeemed = payments.redeem(bills.care, token_of(other))
    assert redeemed is not None
    assert (redeemed.patient_id, redeemed.statement_number, redeemed.amount_cents) == (
        row.patient_id,
        "S-261022",
        862_50,
    )
    assert payments.redeem(bills.care, token_of(other)) is None  # used
    assert [row.status for row in bills.rows(SecureLink)] == ["replaced", "used"]


@pytest.mark.parametrize(("minutes", "works"), [(29, True), (30, False)])
def test_a_link_expires(bills: Bills, minutes: int, works: bool) -> None:
    bills.verify("F02")
    token = token_of(payments.make_link(bills.care, TALK))
    bills.clock.now += timedelta(minutes=minutes)
    assert (payments.redeem(bills.care, token) is not None) is works
    assert [row.status for row in bills.rows(SecureLink)] == ["used" if works else "expired"]


def test_a_link_is_for_one_purpose_and_one_installation(bills: Bills) -> None:
    bills.verify("F02")
    token = token_of(payments.make_link(bills.care, TALK))
    for wrong in ("", "x" * 43, token[:-1], token.swapcase()):
        assert payments.redeem(bills.care, wrong) is None
    assert payments.redeem(bills.care, token, purpose="portal") is None
    assert payments.redeem(bills.care, token) is not None


def test_a_link_asks_for_nothing_that_is_disputed_since(bills: Bills) -> None:
    bills.verify("F05")
    token = token_of(payments.make_link(bills.care, TALK))
    billing.open_dispute(bills.care, TALK, "free", [bills.charge("F05", "Lab panel")], "calm")
    assert payments.redeem(bills.care, token) is None
    with pytest.raises(payments.NothingToPay):
        payments.make_link(bills.care, TALK)
    with pytest.raises(ChartClosed):
        payments.make_link(bills.care, "another-talk")
