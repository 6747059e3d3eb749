"""Financial assistance: rules as data, gentle questions, and an application that a counselor takes on."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from bedside.care import assistance
from bedside.care.assistance import Answers
from bedside.care.bill_requests import Voice
from bedside.records.billing_tables import ApplicationDocument, AssistanceApplication, AssistanceProgram
from bedside.records.chart import ChartClosed
from bedside.records.tables import Ticket
from tests.unit.bills import TALK, Bills

# The poverty line ------------------------------------------------------------------------------------------------


def test_the_poverty_line_of_each_year(bills: Bills) -> None:
    rules = bills.care.organization.billing
    assert rules.poverty_line_in(2025).for_household(4) == 32_150_00
    assert rules.poverty_line_in(2026).for_household(1) == 15_960_00
    assert rules.poverty_line_in(2026).for_household(4) == 33_000_00
    assert rules.poverty_line_in(2027) == rules.poverty_line_in(2026)  # until the new one is written
    assert rules.poverty_line_in(1999) == rules.poverty_line_in(2025)
    with pytest.raises(ValueError, match="at least one person"):
        rules.poverty_line_in(2026).for_household(0)


# The questions ---------------------------------------------------------------------------------------------------


def test_income_is_asked_by_ranges_that_the_programs_draw(bills: Bills) -> None:
    ranges = assistance.income_ranges(bills.care, 4)
    assert [one.up_to_percent for one in ranges] == [200, 250, 300, 400, 500, None]
    assert (ranges[0].least_cents, ranges[0].most_cents) == (0, 66_000_00)
    assert ranges[-1].most_cents is None


@given(household=st.integers(1, 30), income=st.integers(0, 50_000_000))
def test_every_income_is_in_exactly_one_range(shared: Bills, household: int, income: int) -> None:
    ranges = assistance.income_ranges(shared.care, household)
    inside = [
        one for one in ranges if one.least_cents <= income <= (one.most_cents if one.most_cents is not None else income)
    ]
    assert len(inside) == 1
    line = shared.care.organization.billing.poverty_line_in(2026).for_household(household)
    percent = inside[0].up_to_percent
    assert percent is None or income * 100 <= line * percent
    lower = [one.up_to_percent for one in ranges[: inside[0].number - 1]]
    assert all(below is not None and income * 100 > line * below - 100 for below in lower)


@pytest.mark.parametrize("household", [0, -1, 31])
def test_a_household_that_cannot_be(bills: Bills, household: int) -> None:
    with pytest.raises(ValueError, match="1 to 30"):
        assistance.income_ranges(bills.care, household)


# Screening -------------------------------------------------------------------------------------------------------


def verdicts(bills: Bills, answers: Answers, balance: int | None = None) -> dict[str, str]:
    return {fit.key: fit.verdict for fit in assistance.screen(bills.care, answers, balance)}


@pytest.mark.parametrize(
    ("answers", "balance", "expected"),
    [
        (Answers(), None, ("not_said", "not_said", "not_said", "not_said")),
        (Answers(3, 1, False, "Kings County"), 3215_00, ("may_fit", "may_fit", "may_fit", "may_fit")),
        (Answers(3, 3, True, "kings"), 3215_00, ("may_fit", "does_not_fit", "may_fit", "does_not_fit")),
        (Answers(3, 1, True, "Albany"), 2499_99, ("may_fit", "does_not_fit", "does_not_fit", "does_not_fit")),
        (Answers(3, 6, False, "Bronx"), 3215_00, ("does_not_fit", "does_not_fit", "does_not_fit", "does_not_fit")),
        (Answers(3, None, False, "condado de Queens"), 3215_00, ("not_said", "not_said", "not_said", "not_said")),
        (Answers(None, 1, True, None), None, ("not_said", "does_not_fit", "not_said", "not_said")),
    ],
)
def test_which_programs_may_fit(bills: Bills, answers: Answers, balance: int | None, expected: tuple[str, ...]) -> None:
    names = ("riverbend_care", "uninsured_discount", "hospital_hardship", "county_health")
    assert verdicts(bills, answers, balance) == dict(zip(names, expected, strict=True))


def test_what_speaks_against_it_and_what_is_open_is_told(bills: Bills) -> None:
    fits = {fit.key: fit for fit in assistance.screen(bills.care, Answers(3, 1, True, None))}
    assert fits["uninsured_discount"].against == ("insurance",)
    assert fits["county_health"].open == ("county",)
    assert fits["hospital_hardship"].open == ("balance",)
    assert (fits["riverbend_care"].full_help, fits["riverbend_care"].documents) == (
        True,
        ("application_form", "proof_of_income", "household_list"),
    )
    assert fits["riverbend_care"].name_in("es") == "Fondo de Ayuda Riverbend"
    two = {fit.key: fit.full_help for fit in assistance.screen(bills.care, Answers(3, 2, True, None))}
    assert two["riverbend_care"] is False


def test_those_that_may_fit_come_first(bills: Bills) -> None:
    found = [fit.verdict for fit in assistance.screen(bills.care, Answers(3, 1, True, None))]
    assert found == ["may_fit", "not_said", "not_said", "does_not_fit"]


def test_a_program_of_another_time_is_not_offered(bills: Bills) -> None:
    with bills.care.store.work() as session:
        session.execute(
            update(AssistanceProgram).where(AssistanceProgram.key == "county_health").values(ends_on=date(2026, 11, 23))
        )
    assert "county_health" not in verdicts(bills, Answers())
    bills.verify("F13")
    with pytest.raises(assistance.NoSuchProgram):
        assistance.apply(bills.care, TALK, "county_health", Answers(), Voice())


# Applying --------------------------------------------------------------------------------------------------------

ANSWERS = Answers(2, 1, True, "Kings")


def test_an_application_is_opened_with_its_documents_and_a_counselor(bills: Bills) -> None:
    bills.verify("F13")
    made = assistance.apply(bills.care, TALK, "riverbend_care", ANSWERS, Voice("I am ashamed to ask", "distressed"))
    assert made.documents == ("application_form", "proof_of_income", "household_list")
    assert not made.joined
    ticket = bills.ticket(made.case_number)
    assert (ticket.queue, ticket.priority, ticket.inquiry) == (
        "financial_counseling",
        "standard",
        "financial_assistance",
    )
    for said in ("Riverbend Care Fund", "3,215.00", "Household: 2", "0 to 43,280 USD", "Kings", "I am ashamed to ask"):
        assert said in ticket.brief
    assert bills.promises(made.case_number) == {"counselor_call": "Wed 11-25 17:00"}
    (row,) = bills.rows(AssistanceApplication)
    assert json.loads(row.answers)["household"] == 2
    with bills.care.store.reading() as session:
        raw = session.execute(text("SELECT answers FROM assistance_applications")).scalar_one()
    assert "Kings" not in raw
    (standing,) = assistance.standings(bills.care, TALK)
    assert standing.documents == tuple((name, "needed") for name in made.documents)


def test_asking_again_adds_to_the_application(bills: Bills) -> None:
    bills.verify("F13")
    first = assistance.apply(bills.care, TALK, "riverbend_care", ANSWERS, Voice())
    other = assistance.apply(bills.care, TALK, "county_health", ANSWERS, Voice())
    again = assistance.apply(bills.care, TALK, "riverbend_care", Answers(), Voice("any news?"))
    assert again.case_number == first.case_number != other.case_number
    assert again.joined
    assert len(bills.rows(AssistanceApplication)) == len(bills.rows(Ticket)) == 2
    row = bills.rows(AssistanceApplication)[0]
    another = AssistanceApplication(
        case_number="C-0000-0000",
        patient_id=row.patient_id,
        program_id=row.program_id,
        conversation_id="x",
        ticket_id=row.ticket_id,
        answers="{}",
        opened_at=row.opened_at,
    )
    with pytest.raises(IntegrityError), bills.care.store.work() as session:
        session.add(another)


def test_somebody_with_a_bill_in_collections_is_called_the_same_day(bills: Bills) -> None:
    bills.verify("F21")
    made = assistance.apply(bills.care, TALK, "riverbend_care", ANSWERS, Voice())
    assert bills.ticket(made.case_number).priority == "urgent"
    assert bills.promises(made.case_number) == {"counselor_call": "Tue 11-24 17:00"}


def test_nobody_applies_unverified(bills: Bills) -> None:
    with pytest.raises(ChartClosed):
        assistance.apply(bills.care, TALK, "riverbend_care", ANSWERS, Voice())
    with pytest.raises(ChartClosed):
        assistance.standings(bills.care, TALK)
    assert bills.rows(AssistanceApplication) == bills.rows(Ticket) == []


def test_documents_come_in_and_a_person_decides(bills: Bills) -> None:
    bills.verify("F13")
    made = assistance.apply(bills.care, TALK, "riverbend_care", ANSWERS, Voice())
    by = "L. Ortiz, counseling"
    assert not assistance.receive_document(bills.care, made.case_number, "proof_of_income", by)
    assert not assistance.receive_document(bills.care, made.case_number, "household_list", by, needed=False)
    again = assistance.apply(bills.care, TALK, "riverbend_care", ANSWERS, Voice())
    assert again.documents == ("application_form",)
    with pytest.raises(assistance.NoSuchApplication):
        assistance.receive_document(bills.care, made.case_number, "passport", by)
    assert assistance.receive_document(bills.care, made.case_number, "application_form", by)
    assert [row.status for row in bills.rows(AssistanceApplication)] == ["submitted"]
    with pytest.raises(IntegrityError, match="never_ends_silently"), bills.care.store.work() as session:
        session.execute(update(AssistanceApplication).values(status="denied"))
    assistance.decide(bills.care, made.case_number, by, "approved")
    (standing,) = assistance.standings(bills.care, TALK)
    assert standing.status == "approved"
    with pytest.raises(assistance.NoSuchApplication):
        assistance.decide(bills.care, made.case_number, by, "denied")
    assert len(bills.rows(ApplicationDocument)) == 3
    later = assistance.apply(bills.care, TALK, "riverbend_care", ANSWERS, Voice())  # another bill, another time
    assert later.case_number != made.case_number
