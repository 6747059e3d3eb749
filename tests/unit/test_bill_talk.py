"""What is meant in a talk about a bill, and how its figures are said: to the cent, and each term where it first stands."""

from __future__ import annotations

import itertools
import re
from datetime import date

import pytest
import textstat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bedside.care import agenda, assistance, bill_talk, plans, statements
from bedside.care.assistance import Answers
from bedside.care.bill_lines import BillWords
from bedside.care.statements import LeftPart, Part, TotalsPart
from bedside.language.amounts import dollars, read_amounts
from bedside.records.accounts import Account
from bedside.records.chart import Chart
from bedside.records.tables import Patient, Statement
from tests.unit.bills import TALK, Bills, Made, write_patient, write_statement
from tests.unit.test_statements import made_lines

EXPLAINED = {
    "deductible": r"before your plan starts to pay",
    "copay": r"set amount",
    "coinsurance": r"your share of the cost",
    "adjustment": r"taken off the price",
    "explanation of benefits": r"the letter in which your plan",
    "coordination of benefits": r"one pays first",
    "out-of-pocket maximum": r"the most you pay in one year",
}
DEMO = ["F01", "F02", "F04", "F05", "F09", "F13", "F18", "F20", "F21"]


def figures(part: Part) -> set[str]:
    """Every sum of money of a part, as it is said."""
    found = {value for name, value in vars(part).items() if name.endswith("_cents")}
    if isinstance(part, LeftPart):
        found |= {cents for _, cents in part.reasons}
    return {dollars(cents) for cents in found}


def sums(text: str) -> list[str]:
    return re.findall(r"-?\$[\d,]+\.\d\d", text)


# Saying it -------------------------------------------------------------------------------------------------------


class _Undone(Exception):
    """Ends a unit of work that must leave nothing."""


@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=st.lists(made_lines(), min_size=1, max_size=4), language=st.sampled_from(["en", "es"]), slow=st.booleans())
def test_every_figure_said_of_any_statement_is_in_its_records_and_adds_up(
    shared: Bills, lines: list[Made], language: str, slow: bool
) -> None:
    care = shared.care
    words = BillWords(care, language)
    with pytest.raises(_Undone), care.store.work() as session:  # noqa: PT012
        patient = write_patient(session, "G1")
        write_statement(session, patient, "G-1", lines)
        (bill,) = Account(session, Chart(session, session.get(Patient, patient))).bills()
        parts = statements.walk(bill, statements.balance_of(care, [bill])).parts
        for first, last in bill_talk.steps(parts, slow=slow):
            said = words.step(parts[first:last])
            held = set().union(*(figures(part) for part in parts[first:last]))
            assert set(sums(said)) <= held, said
        _adds_up(words, parts)
        raise _Undone


def _adds_up(words: BillWords, parts: tuple[Part, ...]) -> None:
    """The words alone: a share is the sum of its reasons, the total what is left of the price."""
    for part in parts:
        if isinstance(part, LeftPart) and part.patient_cents and len(part.reasons) > 1:
            amount, *reasons = read_amounts(" ".join(sums(words.step([part])))[: 14 * (1 + len(part.reasons))])
            assert amount == sum(reasons[: len(part.reasons)])
        if isinstance(part, TotalsPart):
            charged, off, insurance, left = read_amounts(" ".join(sums(words.step([part]))[:4]))
            assert charged - off - insurance == left


@pytest.mark.parametrize("reference", DEMO)
@pytest.mark.parametrize("slow", [False, True])
def test_each_term_is_explained_in_the_message_where_it_first_stands(bills: Bills, reference: str, slow: bool) -> None:
    bills.verify(reference)
    words = BillWords(bills.care, "en")
    for row in statements.balance(bills.care, TALK).statements or (None,):
        parts = statements.walk_through(bills.care, TALK, row.number if row else None).parts
        known: set[str] = set()
        for first, last in bill_talk.steps(parts, slow=slow):
            said = words.step(parts[first:last])
            for term, meaning in EXPLAINED.items():
                if term in said.lower() and term not in known:
                    assert re.search(meaning, said), f"{term} is not explained in: {said}"
                    known.add(term)
            assert said.count("?") == 0
            assert textstat.flesch_kincaid_grade(said) <= 8.0, said


def test_two_payers_in_order_and_why_the_rest_is_the_patients(bills: Bills) -> None:
    bills.verify("F09")
    parts = statements.walk_through(bills.care, TALK).parts
    told = [BillWords(bills.care, "en").step(parts[a:b]) for a, b in bill_talk.steps(parts, slow=False)]
    assert "Charge 1 of 2: Ultrasound of the heart (imaging), on October 1, 2026 with Dr. Soto at Harbor" in told[1]
    assert "an adjustment took $260.00 off. That left $980.00." in told[1]
    assert "Medicare was asked first and paid $576.00. That left $404.00." in told[2]
    assert "Then AARP was asked for what was left and paid $144.00. That left $260.00." in told[2]
    assert "Plans call that coordination of benefits." in told[2]
    assert "Your part of this charge is $260.00 for your deductible." in told[2]
    assert "coordination" not in told[4]  # explained once
    assert "your part is $310.00" in told[5]


@pytest.mark.parametrize("term", statements.TERMS)
def test_every_term_and_reason_has_its_words_in_both_languages(bills: Bills, term: str) -> None:
    english, spanish = (BillWords(bills.care, language).terms([term]) for language in ("en", "es"))
    assert english
    assert spanish
    assert english != spanish
    assert bill_talk.term_in(f"what is {term.replace('_', ' ')}") == term


# The steps of a walk-through -------------------------------------------------------------------------------------


@pytest.mark.parametrize("reference", DEMO)
def test_steps_cover_every_part_once_and_lead_back(bills: Bills, reference: str) -> None:
    bills.verify(reference)
    parts = statements.walk_through(bills.care, TALK).parts
    for slow in (False, True):
        found = bill_talk.steps(parts, slow=slow)
        covered = [place for first, last in found for place in range(first, last)]
        assert covered == list(range(len(parts) - 1))  # all but the options
        place = 0
        for first, last in found:
            assert bill_talk.step_at(parts, place, slow=slow) == (first, last)
            place = last
        assert bill_talk.step_at(parts, place, slow=slow) is None
        for earlier, step in itertools.pairwise(found):
            assert bill_talk.step_before(parts, step[0], slow=slow) == earlier
        assert bill_talk.step_before(parts, 0, slow=slow) == found[0]
    assert len(bill_talk.steps(parts, slow=True)) >= len(bill_talk.steps(parts, slow=False))


def test_a_change_of_pace_in_the_middle_skips_nothing(bills: Bills) -> None:
    bills.verify("F09")
    parts = statements.walk_through(bills.care, TALK).parts
    middle = next(place for place, part in enumerate(parts) if type(part).__name__ == "AdjustmentPart")
    assert bill_talk.step_at(parts, middle, slow=False) == (middle, middle + 1)


# What is meant ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("can you send me an itemized bill", "itemized"),
        ("quiero una factura detallada", "itemized"),
        ("there's a no-show fee i think is unfair", "fee"),
        ("the charge for the visit i missed, a missed appointment fee", "fee"),
        ("i paid this twice and want my money back", "refund"),
        ("i got a surprise bill from somebody out of network", "surprise"),
        ("how much will an mri of my back cost", "estimate"),
        ("some collection agency keeps phoning", "collections"),
        ("could i do fifty a month", "plan"),
        ("i can't afford it", "aid"),
        ("no puedo pagar eso", "aid"),
        ("send me the link", "pay"),
        ("walk me through it", "walk"),
        ("explíqueme la cuenta", "walk"),
        ("what do i owe", "balance"),
        ("let me talk to someone", "specialist"),
        ("the weather is nice", None),
    ],
)
def test_what_is_wished_of_a_bill(text: str, topic: str | None) -> None:
    assert bill_talk.topic_in(text) == topic


@pytest.mark.parametrize(
    ("task", "words", "topic"),
    [
        ("billing_balance", "what do i owe", "balance"),
        ("billing_explain", "i don't get this bill", "walk"),
        ("billing_explain", "please mail an itemized statement", "itemized"),
        ("payment_plan", "split it, and i paid twice once", "plan"),
        ("financial_assistance", "the final notice came and i have nothing", "collections"),
        ("billing_balance", "i'm ashamed, i can't afford what i owe", "aid"),
    ],
)
def test_where_an_inquiry_begins(task: str, words: str, topic: str) -> None:
    assert bill_talk.first_topic(task, words) == topic


@pytest.mark.parametrize(
    ("inquiries", "text", "meant"),
    [
        (["billing_dispute"], "could the missed visit fee be waived", ["billing_explain"]),
        (["billing_dispute"], "the no-show fee is wrong, i was there", ["billing_dispute"]),
        (["billing_dispute"], "i paid this bill twice, i'd like a refund", ["make_payment"]),
        (["billing_dispute"], "i was charged twice and want a refund", ["billing_dispute"]),
        (["insurance_coverage"], "what do i do with this surprise bill", ["billing_explain"]),
        (["insurance_coverage"], "is dr. patel out of network", ["insurance_coverage"]),
        (["billing_balance"], "what's my wife's balance", ["third_party"]),
        (["billing_balance"], "my husband says i should ask what my balance is", ["billing_balance"]),
        (["make_payment"], "i can't pay, i've been skipping my pills", ["make_payment", "medication_question"]),
        (["financial_assistance", "medication_refill"], "i couldn't fill my prescription because of this bill",
         ["financial_assistance", "medication_question"]),
        (["clinical_symptom", "make_payment"], "dizzy since i skip my pills for this bill",
         ["clinical_symptom", "make_payment"]),
        (["schedule_appointment"], "i want to come in", ["schedule_appointment"]),
    ],
)  # fmt: skip
def test_what_the_words_of_a_message_mean_beyond_its_kind(inquiries: list[str], text: str, meant: list[str]) -> None:
    assert bill_talk.meant(inquiries, text) == meant


@pytest.mark.parametrize(
    ("text", "hungry", "unmedicated", "ashamed"),
    [
        ("i've been skipping dinner to save for this", True, False, False),
        ("we eat once a day now", True, False, False),
        ("no me alcanza para comer", True, False, False),
        ("i cut my blood pressure pills in half to make them last", False, True, False),
        ("haven't filled my prescription since this bill came", False, True, False),
        ("i haven't picked up my refills because of it", False, True, False),
        ("i won't buy my insulin this month", False, True, False),
        ("estoy partiendo las pastillas", False, True, False),
        ("i never asked anyone for money, i'm so embarrassed", False, False, True),
        ("me da pena preguntar", False, False, True),
        ("can you split my medication bill into two", False, False, False),
        ("i had lunch and then saw the bill", False, False, False),
        ("what's this pharmacy charge", False, False, False),
    ],
)
def test_what_stands_between_the_lines(text: str, hungry: bool, unmedicated: bool, ashamed: bool) -> None:
    found = (bill_talk.hungry(text), bill_talk.unmedicated(text), bill_talk.ashamed(text))
    assert found == (hungry, unmedicated, ashamed)


@pytest.mark.parametrize(
    ("text", "care", "another", "wrong"),
    [
        ("you left me in a hallway for hours and bill me for it", True, False, False),
        ("the nurse was rude and now this", True, False, False),
        ("me trataron mal y encima la cuenta", True, False, False),
        ("what's my wife's balance", False, True, False),
        ("cuánto debe, la factura de mi esposo", False, True, False),
        ("my husband says i should ask about my bill", False, False, False),
        ("that one isn't right", False, False, True),
        ("i never had an x-ray", False, False, True),
        ("ese cargo está mal", False, False, True),
        ("nothing's wrong with it", False, False, False),
        ("can i have my bill explained", False, False, False),
    ],
)
def test_a_complaint_another_persons_bill_and_a_wrong_charge(text: str, care: bool, another: bool, wrong: bool) -> None:
    found = (bill_talk.about_care(text), bill_talk.of_another(text), bill_talk.looks_wrong(text))
    assert found == (care, another, wrong)


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("3", 3),
        ("four of us", 4),
        ("just me", 1),
        ("me and my two boys", 3),
        ("me, my husband and 3 kids", 5),
        ("mi esposo y yo", 2),
        ("vivo sola", 1),
        ("somos cinco", 5),
        ("0", None),
        ("99", None),
        ("why do you ask", None),
    ],
)
def test_a_household(text: str, people: int | None) -> None:
    assert bill_talk.read_people(text) == people


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2", 2),
        ("the first one", 1),
        ("about $25,000", 1),
        ("1500 a month", 1),
        ("around 45k", 2),
        ("$2,300 every two weeks", 3),
        ("250k a year", 6),
        ("hm", None),
    ],
)
def test_a_range_of_income(bills: Bills, text: str, number: int | None) -> None:
    ranges = assistance.income_ranges(bills.care, 2)
    spoken = BillWords(bills.care, "en").ranges(ranges)
    assert bill_talk.read_range(text, ranges, spoken) == number


@pytest.mark.parametrize(
    ("text", "insured"),
    [("yes", True), ("no", False), ("i have medicare", True), ("lost my insurance in may", False), ("sin seguro", False),
     ("what for", None)],
)  # fmt: skip
def test_insurance(text: str, insured: bool | None) -> None:
    assert bill_talk.read_insured(text) is insured


@pytest.mark.parametrize(
    ("text", "months", "other"),
    [
        ("6 months", 6, False),
        ("the six", 6, False),
        ("over a year", 12, False),
        ("three", 3, False),
        ("the last one", 12, False),
        ("the middle one please, 6", 6, False),
        ("the lowest a month", 12, False),
        ("i could do $150 a month", 6, False),
        ("300 dollars a month", 3, False),
        ("75 a month is my limit", 12, False),
        ("i only have $20 a month", None, True),
        ("can it be 24 months", None, True),
        ("two years?", None, True),
        ("12 meses", 12, False),
        ("is there interest", None, False),
    ],
)
def test_terms_that_are_meant(text: str, months: int | None, other: bool) -> None:
    first = date(2026, 12, 24)
    offer = plans.Offer(86250, 0, 0, tuple(plans.terms(86250, count, first) for count in (3, 6, 12)))
    wanted = bill_talk.read_terms(text, offer)
    assert (wanted.terms.months if wanted.terms else None, wanted.other) == (months, other)


def test_only_what_some_program_looks_at_is_asked(bills: Bills) -> None:
    assert bill_talk.questions(assistance.screen(bills.care, Answers())) == ["people", "range", "insured", "county"]
    known = Answers(household=2, income_range=1, insured=True)
    assert bill_talk.questions(assistance.screen(bills.care, known)) == ["county"]
    assert bill_talk.questions([]) == []


@pytest.mark.parametrize(
    ("text", "county"),
    [("Kings", "Kings"), ("i live in Queens county", "Queens"), ("condado del Bronx", "del Bronx"), ("10031", None),
     ("i'd have to look that up on my license", None)],
)  # fmt: skip
def test_a_county(text: str, county: str | None) -> None:
    assert bill_talk.read_county(text) == county


@pytest.mark.parametrize(
    ("reference", "offered"),
    [
        ("F02", ("walk", "pay", "plan", "aid", "specialist")),
        ("F05", ("walk", "pay", "aid", "specialist")),
        ("F20", ("fee", "walk", "pay", "aid", "specialist")),
        ("F21", ("counselor", "walk", "pay", "aid", "specialist")),
    ],
)
def test_what_fits_next(bills: Bills, reference: str, offered: tuple[str, ...]) -> None:
    bills.verify(reference)
    total = statements.balance(bills.care, TALK)
    fees = [one for row in total.statements for one in _fees(bills, row.number)]
    assert bill_talk.menu(total, fees=bool(fees)) == offered
    walked = [row.number for row in total.statements]
    assert "walk" not in bill_talk.menu(total, walked=walked)


def _fees(bills: Bills, number: str) -> list[statements.ChargePart]:
    return bill_talk.open_fees(statements.walk_through(bills.care, TALK, number).parts)


def test_a_statement_is_named_by_its_number_or_by_what_is_open_on_it() -> None:
    rows = [("S-1", 25000), ("S-2", 17000)]
    assert bill_talk.statement_meant("the s-2 one", rows) == "S-2"
    assert bill_talk.statement_meant("the $250 one", rows) == "S-1"
    assert bill_talk.statement_meant("s-1 or s-2", rows) is None
    assert bill_talk.statement_meant("the other", rows) is None


def test_the_statement_of_a_patient_without_any_is_none(bills: Bills) -> None:
    bills.verify("F12")
    assert bills.rows(Statement) != []
    assert statements.balance(bills.care, TALK).statements == ()


def test_a_bill_is_worked_on_once_identity_is_proved_or_goes_to_the_staff() -> None:
    known = {"name_answered": True, "has_name": True, "verified": True, "locked": False}
    for inquiry in agenda.BILLS:
        assert agenda.next_step([inquiry], **known) == "bill_form"
        assert agenda.next_step([inquiry], **{**known, "verified": False}) == "identity_form"
        assert agenda.next_step([inquiry], **{**known, "has_name": False}) == "handover_form"
        assert agenda.next_step([inquiry], **{**known, "locked": True}) is None
        assert agenda.next_step([inquiry], **known, by_person=True) == "handover_form"
