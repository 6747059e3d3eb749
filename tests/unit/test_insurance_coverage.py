"""What a plan does for a visit: 500 generated coverages against an independent reckoning, and the demo clinic's own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from bedside.care import asking, coverage
from bedside.care.cost_shares import share, with_second
from bedside.care.coverage import Question
from bedside.care.payer_order import order
from bedside.care.plan_rules import Left
from bedside.records.insurance import Benefit, PayerRules, Policy, ending
from bedside.records.tables import Authorization
from tests.unit.bills import TALK, TUESDAY, Bills, write_patient
from tests.unit.insured import MadeBenefit, MadeCoverage, MadeYear, write_coverage

# An independent reckoning: it shares no code with the one under test ------------------------------------------------

VISIT = "primary care visit"


def reckoned_network(rows: Any, provider: str, location: str) -> str:
    """The narrowest statement about this provider at this location."""
    for wanted in ((provider, location), (provider, None), (None, location)):
        found = {inside for who, where, inside in rows if (who, where) == wanted}
        if found:
            return "in" if found == {True} else "out" if found == {False} else "not_on_file"
    return "not_on_file"


def reckoned_left(year: MadeYear | None) -> tuple[int | None, int | None]:
    """What is left of the deductible and of the most to pay."""
    if year is None:
        return None, None
    own = [] if year.deductible is None else [year.deductible - year.deductible_met]
    family = [] if year.family is None else [year.family - year.family_met]
    return (
        min(own + family) if own + family else None,
        None if year.maximum is None else year.maximum - year.maximum_met,
    )


def reckoned_patient(charge: int, benefit: MadeBenefit, left: tuple[int | None, int | None]) -> dict[str, int] | None:
    """The patient's part of a charge cent by cent, and why; None where it can't be told."""
    if not benefit.covered or (benefit.limit is not None and benefit.used >= benefit.limit):
        return {"not_covered": charge, "deductible": 0, "copay": 0, "coinsurance": 0}
    deductible = 0
    if benefit.deductible:
        if left[0] is None:
            return None
        deductible = charge if charge < left[0] else left[0]
    rest = charge - deductible
    copay = rest if rest < benefit.copay else benefit.copay
    exact = Fraction((rest - copay) * benefit.percent, 100)
    coinsurance = int(exact + Fraction(1, 2))
    if left[1] is not None:
        room = left[1]  # the deductible is paid first, then the copay, then the coinsurance, until nothing is left
        deductible, room = min(deductible, room), max(0, room - deductible)
        copay, room = min(copay, room), max(0, room - copay)
        coinsurance = min(coinsurance, room)
    return {"not_covered": 0, "deductible": deductible, "copay": copay, "coinsurance": coinsurance}


# Generated coverages -----------------------------------------------------------------------------------------------

DAYS = st.dates(date(2025, 11, 1), date(2028, 3, 31))
MONEY = st.integers(0, 9000_00)


@st.composite
def benefits(draw: Any, network: str) -> MadeBenefit:
    limit = draw(st.one_of(st.none(), st.integers(0, 30)))
    return MadeBenefit(
        service=VISIT,
        network=network,
        covered=draw(st.sampled_from([True, True, True, True, False])),
        copay=draw(st.integers(0, 200_00)),
        percent=draw(st.integers(0, 100)),
        deductible=draw(st.booleans()),
        limit=limit,
        used=draw(st.integers(0, limit + 2)) if limit is not None else 0,
    )


@st.composite
def years(draw: Any) -> MadeYear:
    deductible, family, maximum = (draw(st.one_of(st.none(), MONEY)) for _ in range(3))
    return MadeYear(
        deductible=deductible,
        deductible_met=draw(st.integers(0, deductible)) if deductible else 0,
        family=family,
        family_met=draw(st.integers(0, family)) if family else 0,
        maximum=maximum,
        maximum_met=draw(st.integers(0, maximum)) if maximum else 0,
    )


@st.composite
def coverages(draw: Any, rank: int) -> MadeCoverage:
    starts = draw(st.one_of(st.none(), DAYS))
    span = draw(st.one_of(st.none(), st.integers(0, 800)))
    year = draw(years())
    first = date(draw(st.sampled_from([2025, 2026, 2027, 2028])), draw(st.sampled_from([1, 2, 7])), 1)
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from([None, "Dr. Patel", "Dr. Lowe"]),
                st.sampled_from([None, "riverside", "harbor"]),
                st.booleans(),
            ).filter(lambda row: row[0] or row[1]),
            min_size=1,
            max_size=4,
        )
    )
    made = [draw(benefits("in")), *([draw(benefits("out"))] if draw(st.booleans()) else [])]
    if len(made) == 2:  # how many visits are used is told of the service, whatever the network
        made[1] = replace(made[1], used=made[0].used)
    return MadeCoverage(
        rank=rank,
        starts=starts,
        ends=None if span is None else (starts or date(2026, 1, 1)) + timedelta(days=span),
        relation="self" if rank == 1 else "spouse",
        network=rows,
        benefits=made,
        years=[replace(year, starts=first, ends=date(first.year + 1, first.month, 1) - timedelta(days=1))],
        member_id=f"MEM{rank}-{draw(st.integers(10_000, 99_999))}",
    )


@dataclass
class Counter:
    patients: int = 0
    coverages: int = 0


COUNT = Counter()


@settings(max_examples=360, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    first=coverages(1),
    second=st.one_of(st.none(), coverages(2)),
    on=DAYS,
    provider=st.sampled_from(["Dr. Patel", "Dr. Lowe"]),
    location=st.sampled_from(["riverside", "harbor"]),
    charge=st.integers(0, 20_000_00),
)
def test_the_answer_equals_the_records(
    shared: Bills,
    first: MadeCoverage,
    second: MadeCoverage | None,
    on: date,
    provider: str,
    location: str,
    charge: int,
) -> None:
    COUNT.patients += 1
    talk = f"talk-{COUNT.patients}"
    made = [first, *([second] if second else [])]
    COUNT.coverages += len(made)
    shared.clock.now = TUESDAY
    with shared.care.store.work() as session:
        patient = write_patient(session, f"I{COUNT.patients}", talk=talk)
        keys = [write_coverage(session, patient, one) for one in made]
    checked = coverage.check(shared.care, talk, Question(on, VISIT, provider, location, charge))
    assert (checked.outcome, checked.follow_up) == (asking.ANSWERED, None)

    active = [
        (key, one)
        for key, one in zip(keys, made, strict=True)
        if (one.starts or date.min) <= on <= (one.ends or date.max)
    ]
    assert checked.active is bool(active)
    assert [one.coverage_id for one in checked.policies] == ([key for key, _ in active] or keys)
    shares: list[tuple[dict[str, int], MadeBenefit, tuple[int | None, int | None]] | None] = []
    complete: list[bool] = []
    for key, one in active:
        facts = next(row for row in checked.policies if row.coverage_id == key)
        network = reckoned_network(one.network, provider, location)
        year = next((row for row in one.years if row.starts <= on <= row.ends), None)
        left = reckoned_left(year)
        benefit = next((row for row in one.benefits if row.network == network), None)
        unknown_use = benefit is not None and year is None and benefit.limit is not None
        if benefit is not None and year is None:
            benefit = replace(benefit, limit=None, used=0)  # no year on file, so nothing is known to be used
        assert facts.active
        assert facts.network == network
        assert (facts.benefit is None) is (benefit is None)
        assert facts.left == Left(*left)
        assert facts.member_ending == one.member_id[-4:]
        if benefit is not None:
            assert facts.benefit is not None
            assert facts.benefit.copay_cents == benefit.copay
            limited = None if benefit.limit is None else max(0, benefit.limit - benefit.used)
            assert facts.visits_left == limited
        complete.append(left[1] is not None and not unknown_use)
        patients_part = reckoned_patient(charge, benefit, left) if benefit is not None else None
        shares.append(None if benefit is None or patients_part is None else (patients_part, benefit, left))

    if not active or None in shares:
        assert checked.estimate is None
        event(f"no estimate: {checked.no_estimate}")
        return
    estimate = checked.estimate
    assert estimate is not None
    part, _, _ = shares[0]  # type: ignore[misc]
    assert (
        estimate.first.deductible_cents,
        estimate.first.copay_cents,
        estimate.first.coinsurance_cents,
        estimate.first.not_covered_cents,
    ) == (part["deductible"], part["copay"], part["coinsurance"], part["not_covered"])
    assert estimate.first.plan_cents == charge - sum(part.values())
    if len(shares) == 1:
        assert estimate.second_coverage_id is None
        assert estimate.patient_cents == sum(part.values())
        event("one payer")
    else:
        alone, _, _ = shares[1]  # type: ignore[misc]
        pays = min(charge - sum(alone.values()), sum(part.values()))
        assert (estimate.second_pays_cents, estimate.patient_cents) == (pays, sum(part.values()) - pays)
        event("two payers")
    assert estimate.first.plan_cents + estimate.second_pays_cents + estimate.patient_cents == charge
    assert 0 <= estimate.patient_cents <= charge
    assert estimate.complete is all(complete)


def test_five_hundred_coverages_were_generated() -> None:
    if not COUNT.patients:
        pytest.skip("the property above was not run")
    assert COUNT.coverages >= 500, COUNT


# Arithmetic by hand --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("charge", "benefit", "left", "expected"),
    [  # deductible, copay, coinsurance, capped, plan
        (200_00, Benefit("x", copay_cents=25_00), Left(), (0, 25_00, 0, 0, 175_00)),
        (20_00, Benefit("x", copay_cents=25_00), Left(), (0, 20_00, 0, 0, 0)),
        (1000_00, Benefit("x", coinsurance_percent=20, deductible_applies=True), Left(400_00), (400_00, 0, 120_00, 0, 480_00)),
        (300_00, Benefit("x", coinsurance_percent=20, deductible_applies=True), Left(400_00), (300_00, 0, 0, 0, 0)),
        (1000_00, Benefit("x", 	coinsurance_percent=20, deductible_applies=True), Left(0, 150_00), (0, 0, 150_00, 50_00, 850_00)),
        (1000_00, Benefit("x", copay_cents=50_00, coinsurance_percent=10, deductible_applies=True), Left(500_00, 520_00), (500_00, 20_00, 0, 75_00, 480_00)),
        (1_05, Benefit("x", coinsurance_percent=10), Left(), (0, 0, 11, 0, 94)),
    ],
)  # fmt: skip
def test_shares_by_hand(charge: int, benefit: Benefit, left: Left, expected: tuple[int, ...]) -> None:
    made = share(charge, benefit, left)
    assert (
        made.deductible_cents,
        made.copay_cents,
        made.coinsurance_cents,
        made.capped_cents,
        made.plan_cents,
    ) == expected
    assert made.patient_cents + made.plan_cents == charge


def test_a_medicare_supplement_fills_the_gap() -> None:
    medicare = share(300_00, Benefit("x", coinsurance_percent=20, deductible_applies=True), Left(30_00))
    assert (medicare.deductible_cents, medicare.coinsurance_cents) == (30_00, 54_00)
    plan_n = with_second(
        medicare, "medicare_supplement", Benefit("x", copay_cents=20_00, deductible_applies=True), Left()
    )
    assert (plan_n.second_pays_cents, plan_n.patient_cents) == (34_00, 50_00)
    fills_all = with_second(medicare, "medicare_supplement", Benefit("x"), Left())
    assert (fills_all.second_pays_cents, fills_all.patient_cents) == (84_00, 0)


@pytest.mark.parametrize(
    ("member_id", "said"),
    [
        ("U9012233801", "3801"),
        ("W2204-88171", "8171"),
        ("123456", "456"),
        ("1234567", "567"),
        ("12345", None),
        (None, None),
    ],
)
def test_only_the_end_of_a_member_number_is_said(member_id: str | None, said: str | None) -> None:
    assert ending(member_id) == said


# Who pays first ------------------------------------------------------------------------------------------------------


def policy(key: int, rank: int, kind: str = "commercial", **also: Any) -> Policy:
    return Policy(key, rank, f"Payer {key}", "Plan", PayerRules(key, f"Payer {key}", kind), **also)


JOB = {"held_through": "active_job"}


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        (policy(1, 1, **JOB), policy(2, 2, "medicaid"), "medicaid_last"),
        (policy(1, 1, "medicare"), policy(2, 2, "medicaid"), "medicaid_last"),
        (policy(1, 1, **JOB, large_employer=True), policy(2, 2, "medicare"), "large_employer_first"),
        (policy(1, 1, **JOB, large_employer=True, holder_relation="spouse"), policy(2, 2, "medicare"), "large_employer_first"),
        (policy(1, 1, "medicare"), policy(2, 2, **JOB, large_employer=False), "medicare_first"),
        (policy(1, 1, "medicare"), policy(2, 2, held_through="retirement"), "medicare_first"),
        (policy(1, 1, "medicare"), policy(2, 2, held_through="cobra"), "medicare_first"),
        (policy(1, 1, "medicare"), policy(2, 2, plan_kind="medicare_supplement"), "supplement_after"),
        (policy(1, 1, **JOB), policy(2, 2, **JOB, holder_relation="spouse"), "own_first"),
        (policy(1, 1, **JOB), policy(2, 2, held_through="cobra"), "active_first"),
        (
            policy(1, 1, holder_relation="parent", holder_birth_date=date(1985, 3, 2)),
            policy(2, 2, holder_relation="parent", holder_birth_date=date(1979, 10, 1)),
            "birthday_rule",
        ),
        (
            policy(1, 1, **JOB, holder_relation="parent", holder_birth_date=date(1985, 3, 2), starts_on=date(2020, 1, 1)),
            policy(2, 2, **JOB, holder_relation="parent", holder_birth_date=date(1979, 3, 2), starts_on=date(2021, 1, 1)),
            "longer_first",
        ),
    ],
)  # fmt: skip
def test_who_pays_first(first: Policy, second: Policy, reason: str) -> None:
    for given_order in ((first, second), (second, first)):
        found = order(given_order)
        assert (found.coverage_ids, found.reasons, found.certain, found.agrees) == ((1, 2), (reason,), True, True)
    turned = order([replace(first, rank=2), replace(second, rank=1)])
    assert (turned.coverage_ids, turned.reasons, turned.certain, turned.agrees) == ((1, 2), (reason,), True, False)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (policy(1, 1, "medicare"), policy(2, 2, **JOB)),  # how large the employer is isn't known
        (policy(1, 1, "medicare"), policy(2, 2, "medicare")),
        (policy(1, 1), policy(2, 2)),
        (policy(1, 1, holder_relation="parent"), policy(2, 2, holder_relation="parent", holder_birth_date=date(1980, 1, 1))),
    ],
)  # fmt: skip
def test_what_no_rule_tells_is_for_a_person(one: Policy, other: Policy) -> None:
    assert not order([one, other]).certain
    assert not order([other, one]).certain


def test_three_payers_in_order_and_no_estimate(bills: Bills) -> None:
    found = order([policy(3, 3, "medicaid"), policy(1, 1, **JOB, large_employer=True), policy(2, 2, "medicare")])
    assert (found.coverage_ids, found.certain) == ((1, 2, 3), True)
    assert found.reasons == ("large_employer_first", "medicaid_last")


def test_an_order_that_is_not_certain_gives_no_estimate(bills: Bills) -> None:
    with bills.care.store.work() as session:
        patient = write_patient(session, "Z1", talk="two")
        write_coverage(session, patient, MadeCoverage(kind="medicare", plan_kind="medicare", through="government"))
        write_coverage(session, patient, MadeCoverage(rank=2, large=None))
    checked = coverage.check(bills.care, "two", Question(service=VISIT, location="riverside", charge_cents=100_00))
    assert (checked.estimate, checked.no_estimate) == (None, coverage.NO_ORDER)


# The demo clinic -----------------------------------------------------------------------------------------------------


def test_are_you_in_network_before_a_booking(bills: Bills) -> None:
    bills.verify("F12")
    ask = Question(service=VISIT, provider="Dr. Patel", charge_cents=210_00)
    checked = coverage.check(bills.care, TALK, ask)
    (facts,) = checked.policies
    assert (facts.active, facts.network, facts.confirmed) == (True, "in", True)
    assert (facts.payer, facts.plan, facts.member_ending) == ("Cigna", "PPO", "3801")
    assert (facts.referral, facts.authorization_needed, facts.member_phone) == ("not_needed", False, "+12125550168")
    assert checked.estimate is not None
    assert (checked.estimate.patient_cents, checked.estimate.first.copay_cents) == (25_00, 25_00)
    out = coverage.check(bills.care, TALK, Question(service="orthopedics visit", provider="Dr. Voss"))
    assert (out.policies[0].network, out.policies[0].covers_out_of_network) == ("out", True)
    assert out.policies[0].referral == "needed"  # the clinic asks one for it


def test_a_network_that_differs_by_location(bills: Bills) -> None:
    bills.verify("F20")
    assert coverage.check(bills.care, TALK, Question(service=VISIT)).policies[0].network == "depends_on_location"
    for location, network in (("riverside", "in"), ("harbor", "out")):
        facts = coverage.check(bills.care, TALK, Question(service=VISIT, location=location)).policies[0]
        assert facts.network == network


def test_a_referral_on_file_counts_on_its_days(bills: Bills) -> None:
    bills.verify("F14")
    for on, expected in ((date(2026, 12, 1), "on_file"), (date(2026, 11, 9), "needed"), (date(2027, 11, 10), "needed")):
        checked = coverage.check(bills.care, TALK, Question(on=on, service="gastroenterology visit"))
        assert checked.policies[0].referral == expected


def test_a_year_that_is_not_on_file_is_not_guessed(bills: Bills) -> None:
    bills.verify("F14")
    ask = Question(on=date(2027, 1, 28), service="imaging", location="harbor", charge_cents=800_00)
    checked = coverage.check(bills.care, TALK, ask)
    assert checked.policies[0].year is None
    assert (checked.estimate, checked.no_estimate) == (None, coverage.NO_DEDUCTIBLE)


def test_a_limit_that_is_nearly_used(bills: Bills) -> None:
    bills.verify("F15")
    ask = Question(service="physical therapy visit", location="harbor", charge_cents=180_00)
    checked = coverage.check(bills.care, TALK, ask)
    assert checked.policies[0].visits_left == 2


def test_medicare_and_its_supplement(bills: Bills) -> None:
    bills.verify("F09")
    checked = coverage.check(
        bills.care, TALK, Question(service="cardiology visit", location="harbor", charge_cents=200_00)
    )
    assert [one.payer for one in checked.policies] == ["Medicare", "AARP"]
    assert (checked.order.certain, checked.order.agrees, checked.order.reasons) == (True, True, ("supplement_after",))
    assert (checked.estimate, checked.no_estimate) == (None, coverage.NO_DEDUCTIBLE)


def test_a_coverage_that_is_over_or_not_begun(bills: Bills) -> None:
    bills.verify("F12")
    for on, active in ((date(2026, 1, 31), False), (date(2026, 2, 1), True)):
        assert coverage.check(bills.care, TALK, Question(on=on)).active is active


def test_no_figure_for_care_that_the_insurer_refused(bills: Bills) -> None:
    bills.verify("F10")
    ask = Question(on=date(2026, 11, 27), service="infusion", location="riverside", charge_cents=9000_00)
    checked = coverage.check(bills.care, TALK, ask)
    assert (checked.estimate, checked.no_estimate) == (None, coverage.REFUSED)
    assert (checked.policies[0].authorization_needed, checked.policies[0].authorization) == (True, "denied")


def test_a_figure_that_hangs_on_the_insurers_yes_says_so(bills: Bills) -> None:
    bills.verify("F04")
    ask = Question(on=date(2026, 12, 1), service="imaging", location="harbor", charge_cents=1000_00)
    waiting = coverage.check(bills.care, TALK, ask)
    assert waiting.estimate is not None
    # 690.00 is left of the deductible of 1000.00, and 20% of the other 310.00
    assert (waiting.estimate.patient_cents, waiting.estimate.if_authorized) == (690_00 + 62_00, True)
    assert waiting.policies[0].authorization == "pending"
    for valid_to, holds in ((date(2026, 12, 31), True), (date(2026, 11, 30), False)):
        with bills.care.store.work() as session:
            session.execute(update(Authorization).values(status="approved", valid_to=valid_to))
        approved = coverage.check(bills.care, TALK, ask)
        assert approved.estimate is not None
        assert approved.estimate.if_authorized is not holds
