"""Statements: that they add up to the cent whatever their shape, what a walk-through says, and who may hear it."""

from __future__ import annotations

import ast
import itertools
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from bedside.care import bill_requests, billing, statements
from bedside.care.bill_requests import Voice
from bedside.care.ledger import NoSuchStatement
from bedside.care.statements import (
    AdjustmentPart,
    ChargePart,
    HeaderPart,
    LeftPart,
    OptionsPart,
    Part,
    PayerPart,
    TotalsPart,
)
from bedside.records.accounts import Account, slips
from bedside.records.billing_tables import ChargeShare, Credit, FeeReview, PayerPayment, Refund
from bedside.records.chart import Chart, ChartClosed
from bedside.records.clinic_file import ClinicFileError
from bedside.records.loading import load_file
from bedside.records.tables import Audit, Charge, Commitment, Patient, Payment, Statement, Ticket
from tests.unit.bills import TALK, Bills, Made, Payer, write_patient, write_statement

READ_IN_RECORDS_ONLY = {
    "ChargeDetail",
    "ChargeShare",
    "Adjustment",
    "PayerPayment",
    "Credit",
    "Refund",
    "CollectionStatus",
}


# Adding up -------------------------------------------------------------------------------------------------------


@st.composite
def made_lines(draw: st.DrawFn) -> Made:
    """A line with up to three payers, a discount, shares and payments, of any size."""
    left = charged = draw(st.integers(0, 3_000_000))
    discount = draw(st.integers(0, left)) if draw(st.booleans()) else 0
    left -= discount
    payers = []
    for _ in range(draw(st.integers(0, 3))):
        adjusted = draw(st.integers(0, left))
        paid = draw(st.integers(0, left - adjusted))
        left -= adjusted + paid
        payers.append(Payer(adjusted, paid))
    shares = None
    if draw(st.booleans()):
        cuts = sorted(draw(st.lists(st.integers(0, left), min_size=3, max_size=3)))
        ends = [0, *cuts, left]
        shares = tuple(b - a for a, b in itertools.pairwise(ends))
    paid = draw(st.integers(0, left + 500)) if draw(st.booleans()) else 0
    return Made(charged, discount, tuple(payers), shares, paid)  # type: ignore[arg-type]


class _Undone(Exception):
    """Ends a unit of work that must leave nothing."""


@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=st.lists(made_lines(), min_size=1, max_size=4))
def test_whatever_a_statement_holds_every_figure_agrees_to_the_cent(shared: Bills, lines: list[Made]) -> None:
    care = shared.care
    with pytest.raises(_Undone), care.store.work() as session:  # noqa: PT012
        patient = write_patient(session, "G1")
        write_statement(session, patient, "G-1", lines)
        account = Account(session, Chart(session, session.get(Patient, patient)))
        (bill,) = account.bills()
        assert slips(bill.lines) == []
        walk = statements.walk(bill, statements.balance_of(care, [bill]))
        _agrees(walk.parts, lines)
        chart = Chart(session, session.get(Patient, patient))
        assert chart.balance_cents() == bill.sum("owed_cents") == sum(max(0, one.patient - one.paid) for one in lines)
        raise _Undone


def _agrees(parts: tuple[Part, ...], lines: list[Made]) -> None:
    """The parts follow one another down to what is left; the totals are the lines'; nothing else is said."""
    header, *middle, totals, options = parts
    assert isinstance(header, HeaderPart)
    assert isinstance(totals, TotalsPart)
    assert isinstance(options, OptionsPart)
    left = -1
    seen: list[Made] = []
    for part in middle:
        if isinstance(part, ChargePart):
            seen.append(lines[part.position - 1])
            left = part.charged_cents
            assert left == seen[-1].charged
        elif isinstance(part, AdjustmentPart):
            left -= part.amount_cents
            assert part.left_cents == left
        elif isinstance(part, PayerPart):
            left -= part.paid_cents
            assert part.left_cents == left
            assert part.paid_cents == seen[-1].payers[part.rank - 1].paid
        else:
            assert isinstance(part, LeftPart)
            assert part.patient_cents == left == seen[-1].patient
            assert sum(cents for _, cents in part.reasons) == left
            assert part.owed_cents == max(0, left - seen[-1].paid)
    assert seen == lines
    assert totals.charged_cents == totals.adjustment_cents + totals.insurance_cents + totals.patient_cents
    assert totals.charged_cents == sum(one.charged for one in lines)
    assert totals.insurance_cents == sum(payer.paid for one in lines for payer in one.payers)
    assert totals.owed_cents == totals.held_cents + totals.payable_cents


LINE = Made(100_00, 5_00, (Payer(20_00, 40_00), Payer(0, 10_00)), (10_00, 5_00, 7_00, 3_00))


@pytest.fixture
def written(bills: Bills) -> tuple[Bills, int]:
    """A statement of one line with two payers, of a patient who is verified."""
    with bills.care.store.work() as session:
        patient = write_patient(session, "G1", talk=TALK)
        (charge,) = write_statement(session, patient, "G-1", [LINE])
    return bills, charge


@pytest.mark.parametrize(
    ("table", "column", "what"),
    [
        (ChargeShare, "copay_cents", "adds_up"),
        (ChargeShare, "patient_cents", "adds_up"),
        (PayerPayment, "paid_cents", "adds_up"),
        (PayerPayment, "asked_cents", "adds_up"),
        (Charge, "patient_cents", "adds_up"),
        (Charge, "charged_cents", "adds_up"),
    ],
)
def test_the_database_refuses_a_line_that_is_a_cent_off(
    written: tuple[Bills, int], table: Any, column: str, what: str
) -> None:
    bills, charge = written
    key = table.id if table is Charge else table.charge_id
    with pytest.raises(IntegrityError, match=what), bills.care.store.work() as session:
        session.execute(update(table).where(key == charge).values({column: getattr(table, column) + 1}))


def test_a_share_belongs_to_the_patients_part_that_it_explains(written: tuple[Bills, int]) -> None:
    bills, charge = written
    one_more = {"patient_cents": 26_00, "charged_cents": 101_00}
    with pytest.raises(IntegrityError, match="FOREIGN KEY"), bills.care.store.work() as session:
        session.execute(update(Charge).where(Charge.id == charge).values(one_more))
    with bills.care.store.work() as session:  # without a share, the same change is a charge that adds up
        session.execute(ChargeShare.__table__.delete().where(ChargeShare.charge_id == charge))
        session.execute(update(Charge).where(Charge.id == charge).values(one_more))


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"paid_cents": 39_00, "left_cents": 36_00}, {"insurance", "payer 2 asked"}),
        ({"adjusted_cents": 21_00, "left_cents": 34_00}, {"adjustment", "payer 2 asked"}),
        ({"rank": 3}, {"order"}),
    ],
)
def test_what_stands_in_several_rows_is_checked_before_it_is_said(
    written: tuple[Bills, int], values: dict[str, int], what: set[str]
) -> None:
    bills, charge = written
    with bills.care.store.work() as session:
        rank = 2 if "rank" in values else 1
        session.execute(
            update(PayerPayment).where(PayerPayment.charge_id == charge, PayerPayment.rank == rank).values(values)
        )
    with pytest.raises(statements.DoesNotAddUp) as caught:
        statements.walk_through(bills.care, TALK)
    assert what <= {slip.what.replace("payer 3", "payer 2") for slip in caught.value.slips}
    asked = bill_requests.report_wrong_figures(bills.care, TALK, caught.value.number)
    assert "off by" in bills.ticket(asked.case_number).brief
    assert bills.promises(asked.case_number) == {"statement_review": "Wed 11-25 17:00"}


def test_money_given_back_and_taken_off_counts(written: tuple[Bills, int]) -> None:
    bills, charge = written
    day = date(2026, 11, 2)
    with bills.care.store.work() as session:
        patient = session.execute(select(Patient.id).where(Patient.reference == "G1")).scalar_one()
        session.add(Payment(patient_id=patient, charge_id=charge, paid_on=day, amount_cents=20_00))
        session.add(Refund(charge_id=charge, refunded_on=day, amount_cents=8_00))
        session.add(Credit(charge_id=charge, kind="courtesy", made_on=day, made_by="R. Kim", amount_cents=3_00))
    assert statements.balance(bills.care, TALK).owed_cents == 10_00
    assert billing.open_charges(bills.care, TALK)[0].owed_cents == 10_00
    left = next(part for part in statements.walk_through(bills.care, TALK).parts if isinstance(part, LeftPart))
    assert (left.paid_cents, left.credited_cents, left.owed_cents) == (12_00, 3_00, 10_00)


# The balance -----------------------------------------------------------------------------------------------------


def test_the_balance_by_statement_and_in_all(bills: Bills) -> None:
    bills.verify("F01")
    found = statements.balance(bills.care, TALK)
    assert [(row.number, row.owed_cents) for row in found.statements] == [
        ("S-260914", 250_00),
        ("S-261009", 1420_00),
        ("S-261027", 170_00),
    ]
    assert (found.owed_cents, found.held_cents, found.payable_cents, found.plan_offered) == (1840_00, 0, 1840_00, True)


def test_what_is_disputed_is_owed_but_not_asked_for(bills: Bills) -> None:
    bills.verify("F01")
    billing.open_dispute(bills.care, TALK, "twice", [bills.charge("F01", "CT scan of the abdomen")], "calm")
    found = statements.balance(bills.care, TALK)
    assert (found.owed_cents, found.held_cents, found.payable_cents) == (1840_00, 710_00, 1130_00)
    scan = next(row for row in found.statements if row.number == "S-261009")
    assert (scan.owed_cents, scan.held_cents, scan.payable_cents) == (1420_00, 710_00, 710_00)
    held = [p.on_hold for p in statements.walk_through(bills.care, TALK, "S-261009").parts if isinstance(p, LeftPart)]
    assert held == [True, False]


def test_nobody_hears_anything_unverified_or_of_somebody_else(bills: Bills) -> None:
    reads: list[Any] = [statements.balance, statements.walk_through]
    for read in reads:
        with pytest.raises(ChartClosed):
            read(bills.care, TALK)
    assert [row.event for row in bills.rows(Audit)][-2:] == ["chart_refused"] * 2
    bills.verify("F05")
    for number in ("S-261009", "S-999999"):
        with pytest.raises(NoSuchStatement):
            statements.walk_through(bills.care, TALK, number)
        with pytest.raises(NoSuchStatement):
            bill_requests.request_itemized_bill(bills.care, TALK, number)
    assert statements.balance(bills.care, TALK).owed_cents == 240_00
    bills.clock.now += timedelta(minutes=21)  # idle for too long
    with pytest.raises(ChartClosed):
        statements.balance(bills.care, TALK)
    assert bills.rows(Ticket) == bills.rows(Commitment) == []


def test_bills_are_read_in_records_only(root: Path) -> None:
    found = 0
    for path in [*(root / "bedside").rglob("*.py"), *(root / "actions").rglob("*.py")]:
        if path.is_relative_to(root / "bedside" / "records"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "bedside.records.billing_tables":
                found += 1
                assert not {alias.name for alias in node.names} & READ_IN_RECORDS_ONLY, path
    assert found


# The walk-through ------------------------------------------------------------------------------------------------


def kinds(parts: tuple[Part, ...]) -> list[str]:
    return [type(part).__name__.removesuffix("Part") for part in parts]


def test_a_bill_with_two_payers_part_by_part(bills: Bills) -> None:
    bills.verify("F09")
    walk = statements.walk_through(bills.care, TALK)
    line = ["Charge", "Adjustment", "Payer", "Payer", "Left"]
    assert kinds(walk.parts) == ["Header", *line, *line, "Totals", "Options"]
    header, charge, adjustment, first, second, left = walk.parts[:6]
    assert (header.number, header.line_count) == ("S-261026", 2)  # type: ignore[attr-defined]
    assert (charge.charged_cents, charge.provider) == (1240_00, "Dr. Soto")  # type: ignore[attr-defined]
    assert (adjustment.amount_cents, adjustment.left_cents) == (260_00, 980_00)  # type: ignore[attr-defined]
    assert isinstance(first, PayerPart)
    assert isinstance(second, PayerPart)
    assert (first.payer, first.rank, first.of, first.paid_cents, first.left_cents) == ("Medicare", 1, 2, 576_00, 404_00)
    assert (second.payer, second.rank, second.paid_cents, second.left_cents) == ("AARP", 2, 144_00, 260_00)
    assert left.reasons == (("deductible", 260_00),)  # type: ignore[attr-defined]
    assert [part.terms for part in walk.parts] == [
        (),
        (),
        ("adjustment",),
        ("explanation_of_benefits", "coordination_of_benefits"),
        (),
        ("deductible",),
        (),
        (),
        (),
        (),
        ("copay",),
        (),
        (),
    ]


@pytest.mark.parametrize(
    ("reference", "reasons"),
    [
        ("F05", [(("deductible", 240_00),)]),
        ("F13", [(("deductible", 1736_00),), (("deductible", 384_00), ("coinsurance", 595_00)), (("deductible", 235_00), ("coinsurance", 265_00))]),
        ("F18", [(("waiting_for_insurance", 118_40),)]),
        ("F20", [(("fee", 40_00),)]),
        ("F21", [(("copay", 250_00), ("coinsurance", 150_00)), (("not_covered", 85_00),)]),
    ],
)  # fmt: skip
def test_why_a_part_is_the_patients(bills: Bills, reference: str, reasons: list[Any]) -> None:
    bills.verify(reference)
    parts = statements.walk_through(bills.care, TALK).parts
    assert [part.reasons for part in parts if isinstance(part, LeftPart)] == reasons
    assert {kind for row in reasons for kind, _ in row} <= set(statements.REASONS)


def test_every_demo_statement_can_be_walked_through_and_every_term_comes_up_once(bills: Bills) -> None:
    terms: set[str] = set()
    with bills.care.store.reading() as session:
        numbers = session.execute(select(Patient.reference, Statement.number).join(Statement)).all()
    assert len(numbers) > 9
    for reference, number in numbers:
        bills.verify(reference, number)
        said = [term for part in statements.walk_through(bills.care, number, number).parts for term in part.terms]
        assert len(said) == len(set(said))
        terms |= set(said)
    assert terms == set(statements.TERMS)


def test_an_explanation_that_says_something_else_is_noticed(written: tuple[Bills, int]) -> None:
    bills, charge = written
    with bills.care.store.work() as session:
        session.execute(
            update(PayerPayment)
            .where(PayerPayment.charge_id == charge, PayerPayment.rank == 2)
            .values(says_owed_cents=20_00)
        )
    parts = statements.walk_through(bills.care, TALK).parts
    assert [part.matches for part in parts if isinstance(part, PayerPart)] == [True, False]


@pytest.mark.parametrize(
    ("reference", "options"),
    [
        ("F02", ("pay", "payment_plan", "assistance", "itemized_bill", "dispute", "specialist")),
        ("F05", ("pay", "assistance", "itemized_bill", "dispute", "specialist")),
        ("F20", ("pay", "assistance", "itemized_bill", "fee_review", "dispute", "specialist")),
        ("F21", ("collections_help", "pay", "assistance", "itemized_bill", "dispute", "specialist")),
        ("F04", ("itemized_bill", "specialist")),
    ],
)
def test_what_is_offered_at_the_end(bills: Bills, reference: str, options: tuple[str, ...]) -> None:
    bills.verify(reference)
    last = statements.walk_through(bills.care, TALK).parts[-1]
    assert isinstance(last, OptionsPart)
    assert last.options == options


# What a person does ----------------------------------------------------------------------------------------------


def test_an_itemized_bill_is_asked_for_once_and_promised_with_a_time(bills: Bills) -> None:
    bills.verify("F02")
    asked = bill_requests.request_itemized_bill(
        bills.care, TALK, "S-261022", "mail", Voice("send it by post", "anxious")
    )
    again = bill_requests.request_itemized_bill(bills.care, TALK, "S-261022")
    assert (again.case_number, asked.joined, again.joined) == (asked.case_number, False, True)
    ticket = bills.ticket(asked.case_number)
    assert (ticket.queue, ticket.priority) == ("billing", "standard")
    assert "S-261022" in ticket.brief
    assert "by mail" in ticket.brief
    assert "send it by post" in ticket.brief
    assert bills.promises(asked.case_number) == {"itemized_bill": "Mon 11-30 17:00"}  # Thanksgiving doesn't count
    with pytest.raises(ValueError, match="goes out by"):
        bill_requests.request_itemized_bill(bills.care, TALK, "S-261022", "pigeon")


def test_a_promise_that_ran_out_is_made_again_with_a_new_time(bills: Bills) -> None:
    bills.verify("F02")
    asked = bill_requests.request_itemized_bill(bills.care, TALK, "S-261022")
    bills.clock.local("2026-12-02 10:00")
    bills.verify("F02")
    again = bill_requests.request_itemized_bill(bills.care, TALK, "S-261022")
    assert again.case_number == asked.case_number
    assert bills.promises(asked.case_number) == {
        "itemized_bill": "Mon 11-30 17:00",
        "itemized_bill.2": "Mon 12-07 17:00",
    }
    assert again.due_at == bills.ticket(asked.case_number).due_at


def test_a_fee_is_looked_at_again_by_a_person(bills: Bills) -> None:
    bills.verify("F20")
    fee = bills.charge("F20", "Fee for a missed visit")
    asked = bill_requests.request_fee_review(bills.care, TALK, fee, Voice("the bus broke down"))
    again = bill_requests.request_fee_review(bills.care, TALK, fee, Voice("really"))
    assert again.case_number == asked.case_number
    assert bills.promises(asked.case_number) == {"fee_review": "Mon 11-30 17:00"}
    (review,) = bills.rows(FeeReview)
    assert (review.status, review.words) == ("open", "the bus broke down")
    assert bill_requests.end_fee_review(bills.care, asked.case_number, "R. Kim, billing", waived=True) == 40_00
    assert statements.balance(bills.care, TALK).owed_cents == 0
    (review,) = bills.rows(FeeReview)
    assert (review.status, review.ended_by) == ("waived", "R. Kim, billing")
    with pytest.raises(bill_requests.NoSuchFee):
        bill_requests.end_fee_review(bills.care, asked.case_number, "R. Kim, billing", waived=False)


def test_a_fee_that_is_disputed_stays_with_the_dispute(bills: Bills) -> None:
    bills.verify("F20")
    fee = bills.charge("F20", "Fee for a missed visit")
    made = billing.open_dispute(bills.care, TALK, "I was there", [fee], "frustrated")
    asked = bill_requests.request_fee_review(bills.care, TALK, fee, Voice("look again"))
    assert (asked.case_number, asked.joined) == (made.case_number, True)
    assert set(bills.promises(made.case_number)) == {"billing_specialist_review", "dispute_follow_up", "fee_review"}
    assert bills.rows(FeeReview) == []


def test_only_a_fee_of_ones_own_is_reviewed(bills: Bills) -> None:
    bills.verify("F05")
    for charge in (bills.charge("F05", "Lab panel"), bills.charge("F20", "Fee for a missed visit")):
        with pytest.raises(bill_requests.NoSuchFee):
            bill_requests.request_fee_review(bills.care, TALK, charge, Voice())
    assert bills.rows(Ticket) == []


def test_a_surprise_bill_an_estimate_and_a_refund_reach_people(bills: Bills) -> None:
    bills.verify("F01")
    surprise = bill_requests.report_surprise_bill(bills.care, TALK, "S-260914", Voice("nobody told me"))
    refund = bill_requests.request_refund(bills.care, TALK, Voice("I paid twice"))
    estimate = bill_requests.request_estimate(bills.care, "another-talk", "an MRI of my knee", Voice())
    assert bills.promises(surprise.case_number) == {"surprise_bill_review": "Wed 11-25 17:00"}
    assert bills.promises(refund.case_number) == {"refund_review": "Mon 11-30 17:00"}
    assert bills.promises(estimate.case_number) == {"good_faith_estimate": "Mon 11-30 17:00"}
    ticket = bills.ticket(estimate.case_number)
    assert ticket.patient_id is None
    assert "not verified" in ticket.brief
    assert "knee" not in ticket.matter  # readable in the database


def test_money_paid_twice_is_in_the_brief(bills: Bills) -> None:
    with bills.care.store.work() as session:
        patient = write_patient(session, "G1", talk=TALK)
        write_statement(session, patient, "G-1", [Made(50_00, paid=80_00)])
    assert statements.balance(bills.care, TALK).overpaid_cents == 30_00
    refund = bill_requests.request_refund(bills.care, TALK, Voice())
    assert "overpaid by 30.00" in bills.ticket(refund.case_number).brief


@pytest.mark.parametrize(
    ("reference", "priority", "due"),
    [("F13", "standard", "Wed 11-25 17:00"), ("F21", "urgent", "Tue 11-24 17:00")],
)
def test_somebody_who_cannot_pay_is_called_by_a_counselor(
    bills: Bills, reference: str, priority: str, due: str
) -> None:
    bills.verify(reference)
    asked = bill_requests.request_counselor(bills.care, TALK, Voice("I lost my job", "distressed"))
    ticket = bills.ticket(asked.case_number)
    assert (ticket.queue, ticket.priority) == ("financial_counseling", priority)
    assert bills.promises(asked.case_number) == {"counselor_call": due}
    assert ("collections: referred" in ticket.brief) is (reference == "F21")
    assert "I lost my job" in ticket.brief


# Loading ---------------------------------------------------------------------------------------------------------

SMALL = """\
patients:
  - reference: P1
    full_name: Ana Ortiz
    birth_date: 1980-02-29
    account: A-7654321
    statements:
      - number: S-1
        issued_on: 2026-10-01
        collections:
          - { status: final_notice, since: 2026-10-20 }
          - { status: referred, since: 2026-11-02, agency: Larkfield Recovery }
        charges:
          - service_date: 2026-09-01
            description: Lab panel
            charged: 100.00
            insurance_paid: 50.00
            adjustment: 25.00
            patient_part: 25.00
            deductible: 10.00
            coinsurance: 15.00
            place: Riverside
            payers:
              - { payer: AARP, rank: 2, paid: 10.00, patient_owes: 25.00 }
              - { payer: Medicare, paid: 40.00, adjustment: 20.00, explained_on: 2026-09-20 }
            discounts: [{ kind: discount, amount: 5.00 }]
            payments: [{ paid_on: 2026-10-09, amount: 9.00 }]
            refunds: [{ refunded_on: 2026-10-11, amount: 4.00 }]
            credits: [{ kind: courtesy, made_on: 2026-10-12, made_by: R. Kim, amount: 2.50 }]
assistance_programs:
  - { key: small_fund, name: Small Fund, name_es: Fondo, income_up_to_percent: 200, full_help_up_to_percent: 200, starts_on: 2026-01-01, ends_on: 2026-12-31 }
"""


def test_a_bill_is_loaded_as_it_stands(bills: Bills, tmp_path: Path) -> None:
    file = tmp_path / "clinic.yml"
    file.write_text(SMALL, encoding="utf-8")
    counts = load_file(bills.care, file).counts
    assert {table: counts[table] for table in ("payer_payments", "charge_shares", "collection_statuses")} == {
        "payer_payments": 2,
        "charge_shares": 1,
        "collection_statuses": 2,
    }
    bills.verify("P1")
    walk = statements.walk_through(bills.care, TALK)
    header, charge, adjustment, first, second, left, totals, _ = walk.parts
    assert (header.collection.status, header.collection.agency) == ("referred", "Larkfield Recovery")  # type: ignore[attr-defined]
    assert charge.place == "Riverside"  # type: ignore[attr-defined]
    assert (adjustment.amount_cents, adjustment.own_cents, adjustment.payers) == (25_00, 5_00, ("Medicare",))  # type: ignore[attr-defined]
    assert [(part.payer, part.paid_cents, part.left_cents, part.matches) for part in (first, second)] == [  # type: ignore[attr-defined]
        ("Medicare", 40_00, 35_00, None),
        ("AARP", 10_00, 25_00, True),
    ]
    assert left.reasons == (("deductible", 10_00), ("coinsurance", 15_00))  # type: ignore[attr-defined]
    assert (left.paid_cents, left.credited_cents, left.owed_cents) == (5_00, 2_50, 17_50)  # type: ignore[attr-defined]
    assert totals.payable_cents == 17_50  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("deductible: 10.00", "deductible: 10.01", "patient_part must be deductible + copay + coinsurance + not_covered, which is 25.01, not 25.00"),
        ("paid: 10.00,", "paid: 10.01,", "insurance_paid must be what the payers paid, which is 50.01"),
        ("amount: 5.00", "amount: 5.01", "adjustment must be what payers and discounts take off, which is 25.01"),
        ("rank: 2", "rank: 3", "payers.1.rank must be 1 for the payer who pays first, 2 for the second, and so on"),
        ("rank: 2", "rank: 1", "payers.2.rank must be 1 for the payer who pays first, 2 for the second, and so on"),
        ("explained_on: 2026-09-20", "explained_on: 2026-08-31", "payers.2.explained_on must not be before service_date of the charge"),
        ("refunded_on: 2026-10-11, amount: 4.00", "refunded_on: 2026-10-11, amount: 9.01", "refunds must not give back more than the payments of the charge"),
        ("amount: 2.50", "amount: 25.01", "credits must not take off more than patient_part"),
        ("since: 2026-11-02", "since: 2026-10-19", "collections.2.since must not be before issued_on of the statement or the step before it"),
        ("full_help_up_to_percent: 200", "full_help_up_to_percent: 201", "assistance_programs.1.full_help_up_to_percent must not be more than income_up_to_percent"),
        ("ends_on: 2026-12-31", "ends_on: 2025-12-31", "assistance_programs.1.ends_on must not be before starts_on"),
        ("key: small_fund", "key: riverbend_care", "assistance_programs.1.key is in the database already; load only what is new, or replace everything"),
        ("status: referred", "status: sold", "collections.2.status must be one of final_notice, referred, paused, recalled, settled"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_bill_is_named_and_nothing_is_loaded(
    bills: Bills, tmp_path: Path, old: str, new: str, fault: str
) -> None:
    assert SMALL.count(old) == 1
    file = tmp_path / "clinic.yml"
    file.write_text(SMALL.replace(old, new), encoding="utf-8")
    with pytest.raises(ClinicFileError) as caught:
        load_file(bills.care, file)
    (problem,) = caught.value.problems
    assert f"{problem.key} {problem.fault}".endswith(fault)
    assert bills.rows(Patient, Patient.reference == "P1") == []
