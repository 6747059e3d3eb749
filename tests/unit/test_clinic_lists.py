"""The clinic's own names come from the records and the configuration, and are looked up anew after a while."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bedside.care.context import Care, open_care
from bedside.care.lists import LIFE_SECONDS, clinic_lists
from bedside.language.clinic_lists import ClinicPayer, ClinicProvider
from bedside.language.clinic_words import Kind, read_clinic_words, reader_for
from bedside.records import keys
from bedside.records.tables import Coverage, Patient, Provider, metadata


@pytest.fixture
def care(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Care]:
    monkeypatch.setattr(keys, "_installed", None, raising=False)
    made = open_care(
        {
            "BEDSIDE_VAR": str(tmp_path),
            "BEDSIDE_DATABASE_URL": f"sqlite:///{tmp_path / 'bedside.db'}",
            "BEDSIDE_SECRET": "a secret of the tests, long enough to be one",
            "BEDSIDE_NOW": "2026-11-24T10:15",
        }
    )
    metadata.create_all(made.store.engine)
    yield made
    made.store.close()


def add(care: Care, *rows: object) -> None:
    with care.store.work() as session:
        session.add_all(rows)


def a_patient(reference: str) -> Patient:
    return Patient(reference=reference, full_name="Maria Delgado", birth_date=date(1958, 6, 14))


def test_everything_the_clinic_has(care: Care) -> None:
    first, second = a_patient("P1"), a_patient("P2")
    add(care, Provider(name="Dr. Vega", specialty="cardiology", other_specialties=["internal medicine"]), first, second)
    add(
        care,
        Coverage(patient_id=first.id, payer="Aetna", plan="Choice PPO"),
        Coverage(patient_id=second.id, payer="Aetna", plan="Choice PPO"),
        Coverage(patient_id=second.id, payer="Aetna", plan="Basic"),
        Coverage(patient_id=second.id, payer="Cigna", plan="PPO"),
    )
    lists = clinic_lists(care)
    assert lists.providers == (ClinicProvider("Dr. Vega", ("cardiology", "internal medicine")),)
    assert lists.payers == (ClinicPayer("Aetna", ("Basic", "Choice PPO")), ClinicPayer("Cigna", ("PPO",)))
    assert [one.key for one in lists.locations] == [one.key for one in care.organization.locations]
    assert [one.name for one in lists.visit_types] == [one.name for one in care.organization.visit_types]
    assert lists.specialties == ("cardiology", "internal medicine")
    assert [(one.kind, one.value) for one in read_clinic_words("con la doctora vega", lists)] == [
        (Kind.PROVIDER, "Dr. Vega")
    ]


def test_a_new_provider_is_known_after_a_minute_and_no_later(care: Care) -> None:
    seconds = 0.0
    add(care, Provider(name="Dr. Vega", specialty="cardiology", other_specialties=[]))
    before = clinic_lists(care, lambda: seconds)
    add(care, Provider(name="Dr. Quist", specialty="podiatry", other_specialties=[]))
    seconds = LIFE_SECONDS - 1
    assert clinic_lists(care, lambda: seconds) is before
    seconds = LIFE_SECONDS
    assert [one.name for one in clinic_lists(care, lambda: seconds).providers] == ["Dr. Vega", "Dr. Quist"]


def test_lists_that_did_not_change_keep_their_reader(care: Care) -> None:
    seconds = 0.0
    before = clinic_lists(care, lambda: seconds)
    seconds = 2 * LIFE_SECONDS
    assert clinic_lists(care, lambda: seconds) is before
    assert reader_for(clinic_lists(care, lambda: seconds)) is reader_for(before)
