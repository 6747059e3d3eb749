"""The insurance tables: histories only grow, the migration keeps every row, and the file's mistakes are named."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from bedside.care.context import Care, open_care
from bedside.records import keys, migrate
from bedside.records.clinic_file import ClinicFileError
from bedside.records.insurance import insurance_for_desk
from bedside.records.insurance_tables import (
    AuthorizationEvent,
    ClaimEvent,
    CoverageYear,
    Denial,
    HistoryError,
    Payer,
    Plan,
    PlanBenefit,
    PlanNetwork,
    Remittance,
)
from bedside.records.keys import Keyring
from bedside.records.loading import load_file
from bedside.records.payers import known_payers, payers_on_file
from bedside.records.store import Store
from bedside.records.tables import Authorization, Claim, Coverage
from tests.unit.bills import ROOT, TUESDAY, Bills
from tests.unit.insured import key_of

SECRET = "a secret of the tests, long enough to be one"


# Histories -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", [AuthorizationEvent, ClaimEvent])
def test_a_history_only_grows(bills: Bills, table: type) -> None:
    key = bills.rows(table)[0].id
    with pytest.raises(HistoryError), bills.care.store.work() as session:
        session.get(table, key).status = "approved"
    with pytest.raises(HistoryError), bills.care.store.work() as session:
        session.delete(session.get(table, key))
    assert bills.rows(table)[0].status != "approved"


def test_nothing_is_written_to_somebody_elses_record(bills: Bills) -> None:
    at, on = TUESDAY, date(2026, 11, 24)
    mine = bills.rows(Claim, Claim.id == key_of(bills, Claim, "F18"))[0].patient_id
    request, claim, denial = (
        key_of(bills, Authorization, "F04"),
        key_of(bills, Claim, "F01"),
        key_of(bills, Denial, "F10"),
    )
    before = len(bills.rows(AuthorizationEvent)), len(bills.rows(ClaimEvent)), len(bills.rows(Denial))
    for wrong in (
        lambda insurance: insurance.note_request(request, "approved", at, "N. Park", on),
        lambda insurance: insurance.note_claim(claim, "denied", at, "N. Park", on),
        lambda insurance: insurance.write_denial("coding", on, claim_id=claim),
        lambda insurance: insurance.write_denial("coding", on, authorization_id=request),
        lambda insurance: insurance.write_appeal(denial, level="internal_1", noticed_on=on, file_by=on),
        lambda insurance: insurance.change_coverage(key_of(bills, Coverage, "F03"), rank=9),
    ):
        with bills.care.store.work() as session:
            insurance = insurance_for_desk(session, mine, "N. Park", at, "test")
            with pytest.raises(KeyError, match="no such record"):
                wrong(insurance)
    after = len(bills.rows(AuthorizationEvent)), len(bills.rows(ClaimEvent)), len(bills.rows(Denial))
    assert after == before


@pytest.mark.parametrize(
    "values",
    [
        {"deductible_met_cents": 1_000_000},
        {"out_of_pocket_met_cents": -1},
        {"ends_on": date(2020, 1, 1)},
    ],
)
def test_a_year_that_cannot_be_is_refused_by_the_database(bills: Bills, values: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), bills.care.store.work() as session:
        session.execute(update(CoverageYear).values(**values))


def test_a_remittance_adds_up_and_a_denial_is_of_one_thing(bills: Bills) -> None:
    claim, owner = key_of(bills, Claim, "F18"), bills.rows(Claim, Claim.id == key_of(bills, Claim, "F18"))[0].patient_id
    wrong = [
        Remittance(claim_id=claim, explained_on=date(2026, 11, 1), billed_cents=100, paid_cents=50, adjusted_cents=0, patient_cents=49),
        Denial(patient_id=owner, reason="coding", noticed_on=date(2026, 11, 1)),
        Denial(patient_id=owner, claim_id=claim, authorization_id=1, reason="coding", noticed_on=date(2026, 11, 1)),
    ]  # fmt: skip
    for row in wrong:
        with pytest.raises(IntegrityError), bills.care.store.work() as session:
            session.add(row)


# The migration ---------------------------------------------------------------------------------------------------


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A database of the version before, with insurance in it."""
    monkeypatch.setattr(keys, "_installed", Keyring(SECRET))
    store = Store(f"sqlite:///{tmp_path / 'bedside.db'}")
    with migrate.exclusively(store.engine) as connection:
        config = migrate._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
    with store.work() as session:
        session.execute(
            text(
                "INSERT INTO patients (id, reference, full_name, birth_date, language, portal_active) VALUES (7, 'P1', 'Ana Ortiz', '1980-02-29', 'en', 0)"
            )
        )
        session.execute(
            text(
                "INSERT INTO coverages (id, patient_id, payer, plan, member_id, rank, starts_on) VALUES (11, 7, 'Aetna', 'PPO', :card, 2, '2026-01-01')"
            ),
            {"card": keys.installed().seal("W100-48200")},
        )
        for values in (
            "(21, 7, 'MRI', 'pending', '2026-11-18', NULL)",
            "(23, 7, 'Infusion', 'denied', '2026-11-09', '2026-11-20')",
            "(24, 7, 'Scan', 'denied', NULL, NULL)",
        ):
            session.execute(
                text(
                    f"INSERT INTO authorizations (id, patient_id, service, status, sent_on, decided_on) VALUES {values}"
                )
            )
        for values in ("(31, 7, '2026-10-03', '2026-11-12', 'in_process')", "(35, 7, '2026-09-01', NULL, 'paid')"):
            session.execute(text(f"INSERT INTO claims (id, patient_id, service_date, sent_on, status) VALUES {values}"))
    yield store
    store.close()  # fmt: skip


def test_the_migration_keeps_every_row(old: Store) -> None:
    migrate.upgrade(old)
    with old.reading() as session:
        (coverage,) = session.execute(select(Coverage)).scalars()
        assert (coverage.id, coverage.patient_id, coverage.payer, coverage.plan, coverage.rank) == (
            11,
            7,
            "Aetna",
            "PPO",
            2,
        )
        assert (coverage.member_id, coverage.starts_on, coverage.ends_on) == ("W100-48200", date(2026, 1, 1), None)
        assert (coverage.holder_relation, coverage.held_through, coverage.plan_id) == ("self", "unknown", None)
        asked = session.execute(select(Authorization).order_by(Authorization.id)).scalars().all()
        assert [
            (one.id, one.service, one.status, one.sent_on, one.decided_on, one.urgent, one.information_asked)
            for one in asked
        ] == [
            (21, "MRI", "pending", date(2026, 11, 18), None, False, []),
            (23, "Infusion", "denied", date(2026, 11, 9), date(2026, 11, 20), False, []),
            (24, "Scan", "denied", None, None, False, []),
        ]
        claims = session.execute(select(Claim).order_by(Claim.id)).scalars().all()
        assert [(one.id, one.service_date, one.sent_on, one.status) for one in claims] == [
            (31, date(2026, 10, 3), date(2026, 11, 12), "in_process"),
            (35, date(2026, 9, 1), None, "paid"),
        ]
        steps = session.execute(select(AuthorizationEvent).order_by(AuthorizationEvent.id)).scalars().all()
        assert [(one.authorization_id, one.status, one.happened_on, one.actor) for one in steps] == [
            (21, "pending", date(2026, 11, 18), "migration"),
            (23, "denied", date(2026, 11, 20), "migration"),
            (24, "denied", None, "migration"),
        ]
        assert all(one.at.tzinfo is not None for one in steps)
        assert [one.claim_id for one in session.execute(select(ClaimEvent)).scalars()] == [31, 35]
        (denial,) = session.execute(select(Denial)).scalars()
        assert (denial.authorization_id, denial.reason, denial.noticed_on) == (23, "not_on_file", date(2026, 11, 20))
        tables = session.execute(text("SELECT name FROM sqlite_master WHERE name LIKE 'kept_%'")).all()
        assert tables == []
    assert migrate.is_current(old.engine)


def test_there_is_no_way_back(old: Store) -> None:
    migrate.upgrade(old)
    config = migrate._config()
    with migrate.exclusively(old.engine) as connection:
        config.attributes["connection"] = connection
        with pytest.raises(RuntimeError, match="are kept"):
            command.downgrade(config, "0004")


# Loading ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("empty") / "bedside.db"
    migrate.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def care(empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Care]:
    """The clinic without a row in its records."""
    monkeypatch.setattr(keys, "_installed", None)
    shutil.copy(empty, tmp_path / "bedside.db")
    clinic = open_care({"BEDSIDE_VAR": str(tmp_path), "BEDSIDE_SECRET": SECRET, "BEDSIDE_NOW": "2026-11-24T10:15"})
    yield clinic
    clinic.store.close()


def load(care: Care, tmp_path: Path, written: str) -> dict[str, int]:
    file = tmp_path / "clinic.yml"
    file.write_text(written, encoding="utf-8")
    return dict(load_file(care, file).counts)


GOOD = """\
providers:
  - { name: Dr. Reed, specialty: primary care }
patients:
  - reference: P1
    full_name: Ana Ortiz
    birth_date: 1980-02-29
    coverages:
      - payer: Blue Hill
        plan: Silver
        member_id: BH100-48200
        group_number: G-77
        holder_name: Luis Ortiz
        holder_relation: spouse
        holder_birth_date: 1979-03-01
        held_through: active_job
        large_employer: true
        years:
          - starts_on: 2026-01-01
            ends_on: 2026-12-31
            deductible: 1000.00
            deductible_met: 250.50
            used:
              - { service: massage, visits: 3 }
    appointments:
      - { provider: Dr. Reed, starts_at: 2026-12-02 10:30, location: harbor, visit_type: infusion }
    statements:
      - number: S-1
        issued_on: 2026-11-01
        charges:
          - { service_date: 2026-10-08, description: Lab, charged: 100.00, patient_part: 100.00 }
    authorizations:
      - service: Infusion
        status: denied
        payer: Blue Hill
        provider: Dr. Reed
        visit_at: 2026-12-02 10:30
        sent_on: 2026-11-01
        decided_on: 2026-11-10
        denials:
          - reason: experimental
            noticed_on: 2026-11-10
            appeal_days: 60
            appeals:
              - { level: internal_1, status: filed, noticed_on: 2026-11-10, file_by: 2027-01-09, filed_on: 2026-11-15 }
    claims:
      - service_date: 2026-10-08
        status: paid
        statement: S-1
        remittances:
          - { explained_on: 2026-10-20, billed: 100.00, paid: 60.00, adjustment: 15.00, patient_part: 25.00 }
payers:
  - name: Blue Hill
    kind: commercial
    authorization_days_least: 2
    authorization_days_most: 5
    plans:
      - name: Silver
        kind: hmo
        network:
          - { location: harbor }
          - { provider: Dr. Reed, in_network: false, starts_on: 2027-01-01 }
        benefits:
          - { services: [massage, infusion], copay: 15.00, yearly_limit: 10 }
          - { services: [massage], network: out, covered: false }
"""


def test_a_clinics_insurance_is_stored_as_it_stands(care: Care, tmp_path: Path) -> None:
    counts = load(care, tmp_path, GOOD)
    assert {name: counts[name] for name in ("payers", "plans", "plan_networks", "plan_benefits", "benefit_uses")} == {
        "payers": 1,
        "plans": 1,
        "plan_networks": 2,
        "plan_benefits": 3,
        "benefit_uses": 1,
    }
    assert {
        counts[name] for name in ("coverages", "coverage_years", "denials", "appeals", "remittances", "claim_charges")
    } == {1}
    with care.store.reading() as session:
        (coverage,) = session.execute(select(Coverage)).scalars()
        (plan,) = session.execute(select(Plan)).scalars()
        assert coverage.plan_id == plan.id
        assert (coverage.group_number, coverage.holder_name, coverage.holder_birth_date) == (
            "G-77",
            "Luis Ortiz",
            "1979-03-01",
        )
        (year,) = session.execute(select(CoverageYear)).scalars()
        assert (year.deductible_cents, year.deductible_met_cents, year.out_of_pocket_cents) == (1000_00, 250_50, None)
        (asked,) = session.execute(select(Authorization)).scalars()
        assert asked.appointment_id is not None
        assert asked.coverage_id == coverage.id
        assert [one.service for one in session.execute(select(PlanBenefit).order_by(PlanBenefit.id)).scalars()] == [
            "massage",
            "infusion",
            "massage",
        ]
        assert [
            one.provider_id is None for one in session.execute(select(PlanNetwork).order_by(PlanNetwork.id)).scalars()
        ] == [True, False]
        (payer,) = known_payers(session)
        assert (payer.name, payer.plans) == ("Blue Hill", ("Silver",))
        assert payers_on_file(session) == {"Blue Hill": ("Silver",)}
    stored = b"".join(part.read_bytes() for part in tmp_path.glob("bedside.db*"))
    for secret in (b"BH100-48200", b"48200", b"G-77", b"Luis Ortiz", b"1979-03-01"):
        assert secret not in stored
    assert b"Blue Hill" in stored


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("plan: Silver", "plan: Gold", "coverages.1.plan must be one of that payer's plans in this file or already loaded"),
        ("deductible_met: 250.50", "deductible_met: 1000.01", "years.1.deductible_met must not be more than deductible"),
        ("            deductible: 1000.00\n", "", "years.1.deductible_met must stand with deductible"),
        ("        holder_name: Luis Ortiz\n", "", "coverages.1.holder_name is missing"),
        ("ends_on: 2026-12-31", "ends_on: 2025-12-31", "years.1.ends_on must not be before starts_on"),
        ("visit_at: 2026-12-02 10:30", "visit_at: 2026-12-02 11:30", "authorizations.1.visit_at must be when one of"),
        (
            "status: denied\n        payer: Blue Hill\n        provider: Dr. Reed\n        visit_at: 2026-12-02 10:30\n        sent_on: 2026-11-01\n",
            "status: pending\n        payer: Blue Hill\n        provider: Dr. Reed\n        visit_at: 2026-12-02 10:30\n",
            "authorizations.1.sent_on is missing; a request that the insurer has",
        ),
        ("payer: Blue Hill\n        provider", "payer: Red Hill\n        provider", "authorizations.1.payer must be the payer of one"),
        ("        provider: Dr. Reed\n        visit", "        provider: Dr. Read\n        visit", "authorizations.1.provider must be the name of a provider"),
        ("provider: Dr. Reed, in_network", "provider: Dr. Read, in_network", "network.2.provider must be the name of a provider"),
        ("- { location: harbor }", "- { in_network: true }", "network.1.provider is missing; name a provider, a location, or both"),
        ("reason: experimental", "reason: because", "denials.1.reason must be one of"),
        (", filed_on: 2026-11-15 }", " }", "appeals.1.filed_on is missing; a filed appeal was filed on a day"),
        ("file_by: 2027-01-09", "file_by: 2026-01-09", "appeals.1.file_by must not be before noticed_on"),
        ("paid: 60.00", "paid: 61.00", "remittances.1.billed must be paid + adjustment + patient_part, which is 101.00, not 100.00"),
        ("statement: S-1\n        remit", "statement: S-2\n        remit", "claims.1.statement must be the number of one of"),
        ("authorization_days_most: 5", "authorization_days_most: 1", "payers.1.authorization_days_most must not be less than"),
        ("network: out, covered: false", "covered: false", "benefits.2.services must be said once for a day; line"),
        ("kind: hmo", "kind: hma", "plans.1.kind must be one of"),
        ("large_employer: true", "large_employer: yes", "coverages.1.large_employer must be true or false"),
    ],
)  # fmt: skip
def test_a_mistake_names_its_line(care: Care, tmp_path: Path, old: str, new: str, said: str) -> None:
    assert GOOD.count(old) == 1, old
    with pytest.raises(ClinicFileError) as caught:
        load(care, tmp_path, GOOD.replace(old, new))
    (problem,) = caught.value.problems
    assert said in f"{problem.key} {problem.fault}"
    wanted = GOOD[: GOOD.index(old)].count("\n") + 1
    assert problem.line is not None
    assert abs(problem.line - wanted) <= 6
    for private in ("Luis", "Ana", "BH100", "G-77"):
        assert private not in problem.fault
    with care.store.reading() as session:
        assert session.execute(select(Payer)).first() is None


def test_a_payer_is_loaded_once(care: Care, tmp_path: Path) -> None:
    load(care, tmp_path, GOOD)
    with pytest.raises(ClinicFileError, match="is in the database already"):
        load(care, tmp_path, "payers:\n  - { name: Blue Hill, kind: commercial }\n")
    more = "patients:\n  - reference: P2\n    full_name: Bo Li\n    birth_date: 1970-01-01\n    coverages:\n"
    with pytest.raises(ClinicFileError, match="one of that payer's plans"):
        load(care, tmp_path, more + "      - { payer: Blue Hill, plan: Gold }\n")
    load(
        care,
        tmp_path,
        more + "      - { payer: Blue Hill, plan: Silver }\n      - { payer: Elsewhere, plan: Any, rank: 2 }\n",
    )
    with care.store.reading() as session:
        plans = dict(session.execute(select(Coverage.payer, Coverage.plan_id).where(Coverage.plan != "x")).all())
    assert plans["Elsewhere"] is None
    assert plans["Blue Hill"] is not None


def test_every_demo_coverage_has_a_plan_with_benefits_and_a_network(bills: Bills) -> None:
    described = {row.plan_id for row in bills.rows(PlanBenefit)} & {row.plan_id for row in bills.rows(PlanNetwork)}
    coverages = bills.rows(Coverage)
    assert len(coverages) == 23
    for row in coverages:
        assert row.plan_id in described, (row.payer, row.plan)
    for phone in (row.member_phone for row in bills.rows(Payer)):
        assert phone.startswith("+121255501")  # numbers that belong to nobody


# The layout ------------------------------------------------------------------------------------------------------


def test_care_reads_insurance_through_the_chart_only() -> None:
    for path in [*(ROOT / "bedside" / "care").rglob("*.py"), *(ROOT / "actions").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.module != "bedside.records.insurance_tables", path
                if node.module == "bedside.records.tables":
                    names = {alias.name for alias in node.names}
                    assert not names & {"Coverage", "Authorization", "Claim"}, path
