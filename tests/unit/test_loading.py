"""Loading a clinic's file: the demo clinic, the format, and that every mistake is named and nothing half is stored."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, datetime, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from sqlalchemy import func, select

from bedside.care.context import Care, open_care
from bedside.records import keys, migrate
from bedside.records.chart import Chart
from bedside.records.clinic_checks import ACCOUNT, SSN_LAST4
from bedside.records.clinic_file import ClinicFileError, read_account, read_moment, read_money
from bedside.records.loading import ReplaceRefused, Summary, load_file
from bedside.records.tables import (
    Appointment,
    Audit,
    Authorization,
    Charge,
    Claim,
    Contact,
    Coverage,
    Identifier,
    Interaction,
    Opening,
    Patient,
    Payment,
    Prescription,
    Provider,
    Representative,
    Result,
    Statement,
    metadata,
)

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "demo" / "riverbend.yml"
GUIDE = ROOT / "docs" / "loading.md"
EASTERN = ZoneInfo("America/New_York")
SECRET = "a secret of the tests, long enough to be one"

SMALL = """\
providers:
  - { name: Dr. Reed, specialty: primary care }
openings:
  - { provider: Dr. Reed, starts_at: 2026-12-02 10:30, location: riverside, visit_type: office visit }
patients:
  - reference: P1
    full_name: Ana Ortiz
    birth_date: 1980-02-29
    ssn_last4: 0042
    account: a 7654321
    contacts:
      - { kind: phone, value: "+12125550199" }
    appointments:
      - { provider: Dr. Reed, starts_at: 2026-12-02 11:00, location: telehealth, visit_type: office visit }
    statements:
      - number: S-1
        issued_on: 2026-10-01
        charges:
          - service_date: 2026-09-01
            description: Lab panel
            charged: 100.10
            insurance_paid: 60.05
            adjustment: 20.00
            patient_part: 20.05
            payments:
              - { paid_on: 2026-10-20, amount: 5.05 }
"""


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without a row, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "bedside.db"
    migrate.upgrade(f"sqlite:///{file}")
    return file


def opened(folder: Path, **also: str) -> Care:
    return open_care({"BEDSIDE_VAR": str(folder), "BEDSIDE_SECRET": SECRET, "BEDSIDE_NOW": "2026-11-24T10:15", **also})


@pytest.fixture
def care(migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Care]:
    """The clinic without a row in its records; the keyring of the process is put back afterwards."""
    monkeypatch.setattr(keys, "_installed", None)
    shutil.copy(migrated, tmp_path / "bedside.db")
    clinic = opened(tmp_path)
    yield clinic
    clinic.store.close()


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "clinic.yml"
    file.write_text(text, encoding="utf-8")
    return file


def problems_of(care: Care, tmp_path: Path, text: str) -> list[str]:
    """What is said about a file, as "line key fault"; nothing may have been stored."""
    before = counts(care)
    with pytest.raises(ClinicFileError) as caught:
        load_file(care, written(tmp_path, text))
    assert str(caught.value) == "\n".join(map(str, caught.value.problems))
    assert all(problem.file.endswith("clinic.yml") for problem in caught.value.problems)
    assert counts(care) == before
    return [f"{problem.line} {problem.key} {problem.fault}" for problem in caught.value.problems]


def changed(old: str, new: str) -> str:
    assert SMALL.count(old) == 1, f"{old!r} must be in the file once"
    return SMALL.replace(old, new)


def counts(care: Care) -> dict[str, int]:
    with care.store.work() as session:
        return {
            table.name: session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


# The demo clinic --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def loaded(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demo clinic, to be copied."""
    folder = tmp_path_factory.mktemp("loaded")
    shutil.copy(migrated, folder / "bedside.db")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "_installed", None)
        clinic = opened(folder)
        load_file(clinic, DEMO)
        clinic.store.close()
    return folder / "bedside.db"


@pytest.fixture
def demo(care: Care, loaded: Path, tmp_path: Path) -> Care:
    """The demo clinic."""
    shutil.copy(loaded, tmp_path / "bedside.db")
    return care


def test_what_each_demo_patient_owes(demo: Care) -> None:
    expected = {
        "F01": 184_000,
        "F02": 86_250,
        "F05": 24_000,
        "F09": 31_000,
        "F13": 321_500,
        "F18": 11_840,
        "F20": 4_000,
        "F21": 41_000,
    }
    with demo.store.work() as session:
        patients = session.execute(select(Patient)).scalars().all()
        assert [patient.reference for patient in patients] == [
            *(f"F{number:02}" for number in range(1, 20)),
            "F19H",
            "F20",
            "F21",
        ]
        for patient in patients:
            assert Chart(session, patient).balance_cents() == expected.get(patient.reference, 0), patient.reference


def test_the_same_scan_twice(demo: Care) -> None:
    with demo.store.work() as session:
        maria = session.execute(select(Patient).where(Patient.reference == "F01")).scalar_one()
        lines = Chart(session, maria).charges()
        twice = [line for line in lines if line.service_date == date(2026, 9, 18)]
        assert [(line.description, line.owed_cents) for line in twice] == [("CT scan of the abdomen", 71_000)] * 2
        assert len({(line.charged_cents, line.insurance_cents, line.adjustment_cents) for line in twice}) == 1
        assert sum(line.owed_cents for line in lines if line not in twice) == 42_000


def test_every_demo_patient_can_be_told_apart_and_reached(demo: Care) -> None:
    with demo.store.work() as session:
        for patient in session.execute(select(Patient)).scalars():
            kinds = {row.kind for row in patient.identifiers}
            assert kinds == ({ACCOUNT} if patient.reference == "F08" else {ACCOUNT, SSN_LAST4})
            phones = select(Contact).where(Contact.patient_id == patient.id, Contact.kind == "phone")
            phone = session.execute(phones).scalar_one()
            assert phone.value[5:10] == "55501"  # numbers that belong to nobody
            assert phone.sms_consent is (patient.reference == "F11")
            assert phone.belongs_to == ("mother" if patient.reference == "F08" else "self")
            covered = select(Coverage).where(Coverage.patient_id == patient.id, Coverage.rank == 1)
            assert session.execute(covered).scalar_one().payer


def local_visits(care: Care, reference: str) -> list[tuple[str, str, str]]:
    with care.store.work() as session:
        found = session.execute(
            select(Provider.name, Appointment.starts_at, Appointment.status)
            .join(Provider, Appointment.provider_id == Provider.id)
            .join(Patient, Appointment.patient_id == Patient.id)
            .where(Patient.reference == reference)
        ).all()
    return [(name, f"{at.astimezone(EASTERN):%a %Y-%m-%d %H:%M}", status) for name, at, status in found]


@pytest.mark.parametrize(
    ("reference", "provider", "moment"),
    [
        ("F03", "Dr. Patel", "Wed 2026-12-02 10:30"),
        ("F06", "Dr. Brandt", "Thu 2026-12-10 13:00"),
        ("F07", "Dr. Soto", "Tue 2026-12-01 09:00"),
        ("F10", "Infusion nurse", "Fri 2026-11-27 09:00"),
        ("F11", "Dr. Lowe", "Fri 2026-12-04 14:00"),
        ("F14", "Dr. Ames", "Thu 2027-01-28 09:00"),
        ("F19H", "Dr. Soto", "Mon 2026-11-30 11:00"),
    ],
)
def test_the_visits_of_the_demo_clinic(demo: Care, reference: str, provider: str, moment: str) -> None:
    assert local_visits(demo, reference) == [(provider, moment, "booked")]


def test_every_demo_visit_is_when_the_clinic_is_open(demo: Care) -> None:
    with demo.store.work() as session:
        starts = [
            *session.execute(select(Opening.starts_at)).scalars(),
            *session.execute(select(Appointment.starts_at)).scalars(),
        ]
    assert len(starts) > 20
    for start in starts:
        assert demo.calendar.is_open(start), start


def test_the_open_times_of_the_demo_clinic(demo: Care) -> None:
    with demo.store.work() as session:
        rows = session.execute(select(Provider.name, Opening.starts_at).join(Provider)).all()
    by_provider: dict[str, list[str]] = {}
    for name, start in rows:
        by_provider.setdefault(name, []).append(f"{start.astimezone(EASTERN):%a %m-%d %H:%M}")
    assert by_provider == {
        "Dr. Patel": [
            "Thu 12-03 09:00",
            "Thu 12-03 13:30",
            "Thu 12-03 15:00",
            "Mon 12-07 10:00",
            "Tue 12-08 14:00",
            "Fri 12-11 09:30",
        ],
        "Dr. Lowe": ["Mon 12-07 08:30", "Wed 12-09 11:00"],
        "Dr. Brandt": ["Tue 12-15 15:30", "Wed 12-16 10:00"],
        "Dr. Soto": ["Thu 12-03 11:00", "Tue 12-08 09:00"],
        "Flu-shot nurse": ["Wed 11-25 08:20", "Wed 11-25 16:40", "Mon 11-30 09:00"],
    }


def test_the_particular_things_of_the_demo_clinic(demo: Care) -> None:
    with demo.store.work() as session:
        people = {row.reference: row for row in session.execute(select(Patient)).scalars()}
        guardian = session.execute(select(Representative)).scalar_one()
        assert (guardian.patient_id, guardian.full_name, guardian.relation) == (
            people["F08"].id,
            "Jennifer Munroe",
            "guardian",
        )
        assert {"appointments", "billing"} <= set(guardian.kinds)
        assert people["F19H"].died_on == date(2026, 11, 2)
        assert [one.reference for one in people.values() if one.language == "es"] == ["F07"]
        assert [one.reference for one in people.values() if one.portal_active] == ["F17"]
        asked = session.execute(select(Authorization).order_by(Authorization.patient_id)).scalars().all()
        assert [(one.patient_id, one.status, one.sent_on, one.decided_on) for one in asked] == [
            (people["F04"].id, "pending", date(2026, 11, 18), None),
            (people["F10"].id, "denied", date(2026, 11, 9), date(2026, 11, 20)),
        ]
        refill = session.execute(select(Prescription)).scalar_one()
        assert (refill.patient_id, refill.medicine, refill.refills_left, refill.refill_possible) == (
            people["F05"].id,
            "lisinopril",
            0,
            True,
        )
        result = session.execute(select(Result)).scalar_one()
        assert (result.patient_id, result.status, result.released) == (people["F14"].id, "final", False)
        claim = session.execute(select(Claim).where(Claim.patient_id == people["F18"].id)).scalar_one()
        assert (claim.service_date, claim.sent_on, claim.status) == (
            date(2026, 10, 3),
            date(2026, 11, 12),
            "in_process",
        )


# What is stored ---------------------------------------------------------------------------------------------------


def test_a_small_file_is_stored_as_it_stands(care: Care, tmp_path: Path) -> None:
    summary = load_file(care, written(tmp_path, SMALL))
    assert summary == Summary(
        {
            "providers": 1,
            "openings": 1,
            "patients": 1,
            "identifiers": 2,
            "contacts": 1,
            "appointments": 1,
            "statements": 1,
            "charges": 1,
            "payments": 1,
        }
    )
    assert str(summary).startswith("1 providers, 1 openings, 1 patients")
    with care.store.work() as session:
        patient = session.execute(select(Patient)).scalar_one()
        assert (patient.full_name, patient.birth_date, patient.language) == ("Ana Ortiz", date(1980, 2, 29), "en")
        opening = session.execute(select(Opening)).scalar_one()
        assert opening.starts_at == datetime(2026, 12, 2, 15, 30, tzinfo=timezone.utc)
        assert (opening.minutes, opening.location) == (30, "riverside")
        charge = session.execute(select(Charge)).scalar_one()
        assert (charge.charged_cents, charge.insurance_cents, charge.adjustment_cents, charge.patient_cents) == (
            10_010,
            6_005,
            2_000,
            2_005,
        )
        payment = session.execute(select(Payment)).scalar_one()
        assert (payment.patient_id, payment.charge_id, payment.amount_cents) == (patient.id, charge.id, 505)
        assert Chart(session, patient).balance_cents() == 1_500


def test_identifiers_are_keyed_digests(care: Care, tmp_path: Path) -> None:
    load_file(care, written(tmp_path, SMALL))
    with care.store.work() as session:
        rows = {row.kind: row for row in session.execute(select(Identifier)).scalars()}
        assert rows["ssn_last4"].digest == care.keyring.digest("ssn_last4", "0042")
        assert rows["ssn_last4"].value is None
        assert rows["account"].digest == care.keyring.digest("account", "A-7654321")
        assert rows["account"].value == "A-7654321"
    care.store.close()
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("bedside.db*"))
    assert b"Ana Ortiz" in stored
    assert b"7654321" not in stored
    assert b"5550199" not in stored


def test_a_load_is_noted_in_the_audit_log(care: Care, tmp_path: Path) -> None:
    load_file(care, written(tmp_path, SMALL))
    with care.store.work() as session:
        note = session.execute(select(Audit)).scalar_one()
        assert (note.event, note.at) == ("records_loaded", care.now())
        assert "1 patients" in note.detail
        assert "Ana" not in note.detail


def test_a_second_file_adds_to_the_first(care: Care, tmp_path: Path) -> None:
    load_file(care, written(tmp_path, SMALL))
    more = (
        "openings:\n"
        "  - { provider: Dr. Reed, starts_at: 2026-12-03 10:30, location: harbor, visit_type: office visit }\n"
    )
    assert load_file(care, written(tmp_path, more)).counts == {"openings": 1}
    assert counts(care)["openings"] == 2


def test_loading_the_same_again_is_a_mistake_that_names_each_line(care: Care, tmp_path: Path) -> None:
    load_file(care, written(tmp_path, SMALL))
    there = "is in the database already; load only what is new, or replace everything"
    assert problems_of(care, tmp_path, SMALL) == [
        f"2 providers.1.name {there}",
        "4 openings.1.starts_at is at the same time as an opening in the database, with the same provider",
        f"6 patients.1.reference {there}",
        f"10 patients.1.account {there}",
        "14 patients.1.appointments.1.starts_at is at the same time as an appointment in the database, "
        "with the same provider",
        f"16 patients.1.statements.1.number {there}",
    ]


def test_replacing_empties_every_table_first(care: Care, tmp_path: Path) -> None:
    load_file(care, DEMO)
    with care.store.work() as session:
        session.add(
            Interaction(
                conversation_id="talk",
                channel="web",
                patient_id=session.execute(select(Patient.id)).scalars().first(),
                inquiries=[],
                moods=[],
                acknowledged=[],
                opened_at=care.now(),
                last_at=care.now(),
            )
        )
    summary = load_file(care, written(tmp_path, SMALL), replace=True)
    filled = {table: count for table, count in counts(care).items() if count}
    assert filled == {**summary.counts, "audit": 1}
    assert load_file(care, written(tmp_path, SMALL), replace=True) == summary


def test_a_mistake_leaves_what_was_there(care: Care, tmp_path: Path) -> None:
    load_file(care, DEMO)
    before = counts(care)
    with pytest.raises(ClinicFileError):
        load_file(care, written(tmp_path, changed("Lab panel", '""')), replace=True)
    assert counts(care) == before


def test_production_is_never_replaced(care: Care, tmp_path: Path) -> None:
    load_file(care, written(tmp_path, SMALL))
    before = counts(care)
    production = open_care({"BEDSIDE_VAR": str(tmp_path), "BEDSIDE_SECRET": SECRET, "BEDSIDE_ENV": "production"})
    with pytest.raises(ReplaceRefused, match="production"):
        load_file(production, DEMO, replace=True)
    production.store.close()
    assert counts(care) == before


# Mistakes ---------------------------------------------------------------------------------------------------------

ONE_MISTAKE = {
    "an unknown key": (
        "birth_date: 1980",
        "birth_dat: 1980",
        "8 patients.1.birth_dat is not a key that Bedside knows; perhaps birth_date is meant",
    ),
    "an impossible day": (
        "1980-02-29",
        "1981-02-29",
        "8 patients.1.birth_date must be a day that exists, written like 2026-12-24",
    ),
    "born tomorrow": (
        "1980-02-29",
        "2026-11-25",
        "8 patients.1.birth_date must be a day from 1880 up to today, written like 1958-06-14",
    ),
    "a whole SSN": (
        "0042",
        "078-05-0042",
        "9 patients.1.ssn_last4 must be the last four digits of the SSN and no more",
    ),
    "an account of another form": (
        "a 7654321",
        "7654321",
        "10 patients.1.account must be an A and seven digits, such as A-2204417",
    ),
    "cents for dollars": (
        "charged: 100.10",
        "charged: 10010",
        "21 patients.1.statements.1.charges.1.charged must be dollars with two decimals and nothing else, "
        "such as 1420.00",
    ),
    "a charge that does not add up": (
        "charged: 100.10",
        "charged: 100.20",
        "21 patients.1.statements.1.charges.1.charged must be insurance_paid + adjustment + patient_part, "
        "which is 100.10, not 100.20",
    ),
    "a charge later than its statement": (
        "service_date: 2026-09-01",
        "service_date: 2026-10-02",
        "19 patients.1.statements.1.charges.1.service_date must not be after issued_on of the statement",
    ),
    "a payment of nothing": (
        "amount: 5.05",
        "amount: 0.00",
        "26 patients.1.statements.1.charges.1.payments.1.amount must be more than 0.00",
    ),
    "a time that does not exist": (
        "2026-12-02 10:30",
        "2027-03-14 02:30",
        "4 openings.1.starts_at does not exist: the clocks jump over it that night",
    ),
    "a time without a day": (
        "2026-12-02 10:30",
        "10:30",
        "4 openings.1.starts_at must be a day and a time at the clinic, such as 2026-12-02 10:30",
    ),
    "an unknown location": (
        "location: riverside",
        "location: Riverside",
        "4 openings.1.location must be one of harbor, riverside, telehealth; perhaps riverside is meant",
    ),
    "an unknown provider": (
        "{ provider: Dr. Reed, starts_at: 2026-12-02 11:00",
        "{ provider: Dr. Read, starts_at: 2026-12-02 11:00",
        "14 patients.1.appointments.1.provider must be the name of a provider in this file or already loaded",
    ),
    "an opening over a booked visit": (
        "2026-12-02 10:30",
        "2026-12-02 10:31",
        "4 openings.1.starts_at is at the same time as the appointment on line 14, with the same provider",
    ),
    "a phone that cannot exist": (
        "+12125550199",
        "+1212555019",
        "12 patients.1.contacts.1.value must be a phone number that can exist, such as +12125550142",
    ),
    "an email address without a place": (
        'kind: phone, value: "+12125550199"',
        'kind: email, value: "ana.example.com"',
        "12 patients.1.contacts.1.value must be an email address",
    ),
    "text messages to an address": (
        'kind: phone, value: "+12125550199"',
        "kind: address, value: 1 Elm St, sms_consent: true",
        "12 patients.1.contacts.1.sms_consent must stand with a phone number",
    ),
    "nothing after a key": (
        "full_name: Ana Ortiz",
        "full_name:",
        "7 patients.1.full_name must not be empty; leave the key out when there is nothing to say",
    ),
    "a list where a value belongs": (
        "full_name: Ana Ortiz",
        "full_name: [Ana, Ortiz]",
        "7 patients.1.full_name must be a single value",
    ),
    "a value where a list belongs": (
        "- { paid_on: 2026-10-20, amount: 5.05 }",
        "5.05",
        '25 patients.1.statements.1.charges.1.payments must be a list, each entry after a "-"; '
        "leave the key out when there is none",
    ),
    "a word where a group belongs": (
        "- { paid_on: 2026-10-20, amount: 5.05 }",
        "- 5.05",
        '26 patients.1.statements.1.charges.1.payments.1 must be a group of keys, each "key: value"',
    ),
    "a key twice": (
        "full_name: Ana Ortiz",
        "full_name: Ana Ortiz\n    full_name: Ana Ortega",
        "8 patients.1.full_name is there twice; the first is on line 7",
    ),
    "a key that is missing": (
        "            description: Lab panel\n",
        "",
        "19 patients.1.statements.1.charges.1.description is missing",
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), ONE_MISTAKE.values(), ids=ONE_MISTAKE)
def test_a_mistake_names_its_line_and_what_is_expected(
    care: Care, tmp_path: Path, old: str, new: str, expected: str
) -> None:
    found = problems_of(care, tmp_path, changed(old, new))
    assert expected in found
    others = [problem for problem in found if problem != expected]
    assert others == (["6 patients.1.birth_date is missing"] if "birth_dat:" in new else [])


def test_all_mistakes_are_named_at_once_in_the_order_of_the_file(care: Care, tmp_path: Path) -> None:
    text = (
        SMALL.replace("specialty: primary care", "speciality: primary care")
        .replace("1980-02-29", "02/29/1980")
        .replace("0042", "42")
        .replace("60.05", "60.5")
        .replace("amount: 5.05", "amount: -5.05")
    )
    found = problems_of(care, tmp_path, text + "  - { reference: P1, full_name: Bo Li, account: A-7654321 }\n")
    assert [problem.split(" ")[:2] for problem in found] == [
        ["2", "providers.1.speciality"],
        ["2", "providers.1.specialty"],
        ["8", "patients.1.birth_date"],
        ["9", "patients.1.ssn_last4"],
        ["22", "patients.1.statements.1.charges.1.insurance_paid"],
        ["26", "patients.1.statements.1.charges.1.payments.1.amount"],
        ["27", "patients.2.birth_date"],
        ["27", "patients.2.reference"],
        ["27", "patients.2.account"],
    ]
    assert found[-1] == "27 patients.2.account must be its own; line 10 has the same"


def test_more_mistakes_between_entries(care: Care, tmp_path: Path) -> None:
    text = """\
providers:
  - { name: Dr. Reed, specialty: primary care }
  - { name: Dr. Reed, specialty: surgery }
openings:
  - { provider: Dr. Reed, starts_at: 2026-12-02 10:30, location: harbor, visit_type: visit }
  - { provider: Dr. Reed, starts_at: 2026-12-02 10:59, location: harbor, visit_type: visit }
  - { provider: Dr. Reed, starts_at: 2026-12-02 11:29, location: harbor, visit_type: visit }
patients:
  - reference: P1
    full_name: Ana Ortiz
    birth_date: 1980-02-29
    died_on: 1979-02-28
    representatives:
      - { full_name: Bo Li, relation: cousin, kinds: [billing, results], starts_on: 2026-02-01, ends_on: 2026-01-01 }
      - { full_name: Bo Li, relation: child, kinds: [] }
    coverages:
      - { payer: Aetna, plan: PPO, ends_on: 2025-12-31 }
      - { payer: Cigna, plan: PPO, starts_on: 2026-01-01 }
      - { payer: Oxford, plan: PPO }
    authorizations:
      - { service: MRI, status: approved, sent_on: 2026-11-02, decided_on: 2026-11-01 }
    claims:
      - { service_date: 2026-11-02, sent_on: 2026-11-01, status: in-process }
    appointments:
      - { provider: Dr. Reed, starts_at: 2026-12-04 09:00, location: harbor, visit_type: visit }
      - { provider: Dr. Reed, starts_at: 2026-12-04 09:00, location: harbor, visit_type: visit }
      - { provider: Dr. Reed, starts_at: 2026-12-04 09:00, location: harbor, visit_type: visit, status: cancelled }
    statements:
      - { number: S-1, issued_on: 2026-10-01 }
"""
    assert problems_of(care, tmp_path, text) == [
        "3 providers.2.name must be its own; line 2 has the same",
        "6 openings.2.starts_at is at the same time as the opening on line 5, with the same provider",
        "12 patients.1.died_on must not be before birth_date",
        "14 patients.1.representatives.1.relation must be one of parent, guardian, spouse, child, power_of_attorney, "
        "health_care_proxy, executor, other",
        "14 patients.1.representatives.1.kinds.2 must be one of appointments, billing, insurance, records, clinical",
        "14 patients.1.representatives.1.ends_on must not be before starts_on",
        "15 patients.1.representatives.2.kinds must be a list with at least one word, such as [billing]",
        "19 patients.1.coverages.3.rank must differ from the coverage on line 17, which is for the same time: "
        "1 pays first, 2 second",
        "21 patients.1.authorizations.1.decided_on must not be before sent_on",
        "23 patients.1.claims.1.status must be one of sent, received, in_process, information_requested, paid, "
        "partly_paid, denied, reversed; perhaps in_process is meant",
        "23 patients.1.claims.1.sent_on must not be before service_date",
        "26 patients.1.appointments.2.starts_at is at the same time as the appointment on line 25, "
        "with the same provider",
        "29 patients.1.statements.1.charges is missing",
    ]


def test_a_new_opening_or_visit_keeps_clear_of_the_calendar_that_is_there(care: Care, tmp_path: Path) -> None:
    load_file(care, written(tmp_path, SMALL))
    found = problems_of(
        care,
        tmp_path,
        """\
openings:
  - { provider: Dr. Reed, starts_at: 2026-12-02 10:45, minutes: 10, location: harbor, visit_type: visit }
  - { provider: Dr. Reed, starts_at: 2026-12-02 11:00, location: harbor, visit_type: visit }
  - { provider: Dr. Reed, starts_at: 2026-12-02 10:15, minutes: 15, location: harbor, visit_type: visit }
patients:
  - reference: P2
    full_name: Bo Li
    birth_date: 1970-01-01
    appointments:
      - { provider: Dr. Reed, starts_at: 2026-12-02 10:59, location: harbor, visit_type: visit }
""",
    )
    assert [problem.split(",")[0] for problem in found] == [
        "2 openings.1.starts_at is at the same time as an opening in the database",
        "3 openings.2.starts_at is at the same time as an appointment in the database",
        "10 patients.1.appointments.1.starts_at is at the same time as an opening in the database",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1 None is empty"),
        ("# nothing yet\n", "1 None is empty"),
        ("- a list\n", "1 None must hold keys such as patients and providers"),
        ("patients:\n  - reference: 'P1\n", "3 None is not correct YAML here: found unexpected end of stream"),
        ("patients:\n  - {a: 1\n  - b\n", None),
        ("patients: []\n---\npatients: []\n", None),
        ("patients:\n\t- a\n", None),
        ("patients: \x07\n", "1 None is not YAML that can be read"),
        ("patients: *nobody\n", None),
        ("patients: " + "[" * 400, None),
    ],
    ids=["empty", "a comment", "a list", "a quote", "a bracket", "two", "a tab", "a bell", "an alias", "too deep"],
)
def test_a_file_that_is_no_yaml_of_a_clinic(care: Care, tmp_path: Path, text: str, expected: str | None) -> None:
    found = problems_of(care, tmp_path, text)
    assert len(found) == 1
    if expected is not None:
        assert found[0] == expected


def test_a_file_that_cannot_be_read(care: Care, tmp_path: Path) -> None:
    with pytest.raises(ClinicFileError, match="cannot be read: No such file"):
        load_file(care, tmp_path / "absent.yml")
    latin = tmp_path / "latin.yml"
    latin.write_bytes("patients:\n  - full_name: José\n".encode("latin-1"))
    with pytest.raises(ClinicFileError, match="line 2: the file is not UTF-8 text"):
        load_file(care, latin)


def test_a_mistake_never_repeats_what_the_file_says_about_a_person(care: Care, tmp_path: Path) -> None:
    private = ["Ximena Quarles", "1931-31-07", "078-05-1120", "A-2291", "quarles@@example", "99 Secret Lane" * 40]
    text = f"""\
patients:
  - reference: P1
    full_name: [{private[0]}]
    birth_date: {private[1]}
    ssn_last4: {private[2]}
    account: {private[3]}
    contacts:
      - {{ kind: email, value: "{private[4]}" }}
      - {{ kind: address, value: "{private[5]}" }}
      - {private[0]}
    {private[0]}: true
    statements:
      - {{ number: S-1, issued_on: 2026-10-01, charges: [{private[0]}, {{ charged: {private[2]} }}] }}
"""
    said = "\n".join(problems_of(care, tmp_path, text))
    assert len(said.splitlines()) >= 10
    for words in private:
        assert words[:12] not in said
    broken = "\n".join(problems_of(care, tmp_path, f"patients:\n  - full_name: *{private[0].split()[0]}\n"))
    assert "Ximena" not in broken


# Single values ----------------------------------------------------------------------------------------------------


@given(st.integers(0, 999_999_999))
def test_money_is_exact(cents: int) -> None:
    assert read_money(f"{cents // 100}.{cents % 100:02}") == cents


@given(st.text(st.sampled_from("0123456789.,-+$ e"), max_size=9))
def test_money_is_read_only_when_it_is_plain(written: str) -> None:
    plain = len(written) > 3 and written[-3] == "." and (written[:-3] + written[-2:]).isdigit() and len(written) <= 10
    if plain:
        assert read_money(written) == int(written.replace(".", ""))
    else:
        with pytest.raises(ValueError, match="two decimals"):
            read_money(written)


@pytest.mark.parametrize(
    "written",
    ["1420", "1,420.00", "$1420.00", "-1.00", "1.5", "1.000", ".50", "1e3", "", "12345678.00", "١.٠٠", "1.00\n"],
)
def test_money_in_another_form_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="two decimals"):
        read_money(written)


@pytest.mark.parametrize("written", ["A-2204417", "a-2204417", "A2204417", "A 2204417"])
def test_an_account_is_kept_in_one_form(written: str) -> None:
    assert read_account(written) == "A-2204417"


def test_a_time_in_summer_and_in_winter() -> None:
    assert read_moment("2026-07-01 10:30", EASTERN) == datetime(2026, 7, 1, 14, 30, tzinfo=timezone.utc)
    assert read_moment("2026-12-01T10:30", EASTERN) == datetime(2026, 12, 1, 15, 30, tzinfo=timezone.utc)


def test_the_hour_that_comes_twice_needs_its_offset() -> None:
    with pytest.raises(ValueError, match="happens twice"):
        read_moment("2026-11-01 01:30", EASTERN)
    assert read_moment("2026-11-01 01:30-04:00", EASTERN) == datetime(2026, 11, 1, 5, 30, tzinfo=timezone.utc)
    assert read_moment("2026-11-01 01:30-05:00", EASTERN) == datetime(2026, 11, 1, 6, 30, tzinfo=timezone.utc)


@settings(max_examples=200)
@given(st.integers(946_684_800, 2_840_140_800).map(lambda seconds: datetime.fromtimestamp(seconds, timezone.utc)))
def test_a_local_time_is_the_moment_it_was_written_for(moment: datetime) -> None:
    moment = moment.replace(second=0, microsecond=0)
    local = moment.astimezone(EASTERN)
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    offset = f"{local:%z}"
    written = f"{local:%Y-%m-%d %H:%M}" + (f"{offset[:3]}:{offset[3:]}" if twice else "")
    assert read_moment(written, EASTERN) == moment


# The guide --------------------------------------------------------------------------------------------------------


def test_the_example_of_the_guide_can_be_loaded(care: Care, tmp_path: Path) -> None:
    blocks = [block.split("```")[0] for block in GUIDE.read_text(encoding="utf-8").split("```yaml\n")[1:]]
    assert blocks
    assert load_file(care, written(tmp_path, blocks[0])).counts["patients"] == 1


def test_the_guide_names_every_key_and_every_word(care: Care) -> None:
    from bedside.records import clinic_file

    guide = GUIDE.read_text(encoding="utf-8")

    def keys_of(group: clinic_file.Group) -> Iterator[str]:
        yield from group.keys
        for name, inner in group.lists.items():
            yield name
            yield from keys_of(inner)

    words = {
        *keys_of(clinic_file.clinic_format(EASTERN, [], date(2026, 11, 24))),
        clinic_file.TELEHEALTH,
        *clinic_file.CONTACT_KINDS,
        *clinic_file.RELATIONS,
        *clinic_file.INFORMATION_KINDS,
        *clinic_file.APPOINTMENT_STATUSES,
        *clinic_file.AUTHORIZATION_STATUSES,
        *clinic_file.CLAIM_STATUSES,
        *clinic_file.RESULT_STATUSES,
        *clinic_file.FEES,
        *clinic_file.DISCOUNTS,
        *clinic_file.CREDITS,
        *clinic_file.COLLECTIONS,
        *clinic_file.INSURANCE,
        *clinic_file.PAYER_KINDS,
        *clinic_file.REACHED_BY,
        *clinic_file.PLAN_KINDS,
        *clinic_file.NETWORKS,
        *clinic_file.HOLDER_RELATIONS,
        *clinic_file.HELD_THROUGH,
        *clinic_file.DENIAL_REASONS,
        *clinic_file.APPEAL_LEVELS,
        *clinic_file.APPEAL_STATUSES,
        *clinic_file.INFORMATION_ASKED,
    }
    assert [word for word in sorted(words) if f"`{word}`" not in guide] == []


def test_the_demo_file_is_plain_yaml() -> None:
    tree = YAML(typ="safe", pure=True).load(DEMO.read_text(encoding="utf-8"))
    assert set(tree) == {"providers", "openings", "patients", "payers", "assistance_programs"}
    assert Statement.__tablename__ in tree["patients"][0]
