"""A small clinic for the tests of scheduling: who is there, and proving who speaks without going through the questions."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update

from bedside.care.context import Care, open_care
from bedside.care.openings import search
from bedside.care.scheduling import Wish
from bedside.records.loading import load_file
from bedside.records.tables import Appointment, AppointmentEvent, Opening, Patient, Provider, Verification
from tests import proof

EASTERN = ZoneInfo("America/New_York")
SECRET = "a secret of the tests, long enough to be one"
NOW = "2026-11-24T10:15"  # a Tuesday; Thursday is Thanksgiving

CLINIC = """\
providers:
  - { name: Dr. Reed, specialty: primary care }
  - { name: Dr. Park, specialty: primary care, accepting_new: false }
  - { name: Dr. Moss, specialty: orthopedics }
  - { name: Dr. Vale, specialty: behavioral health, telehealth: true }
  - { name: Nurse Finn, specialty: infusion }
openings:
  - { provider: Dr. Reed, starts_at: 2026-11-24 10:45, location: riverside, visit_type: primary care visit }
  - { provider: Dr. Reed, starts_at: 2026-11-24 14:00, location: riverside, visit_type: primary care visit }
  - { provider: Dr. Reed, starts_at: 2026-11-26 09:00, location: riverside, visit_type: primary care visit } # a holiday
  - { provider: Dr. Reed, starts_at: 2026-11-28 09:00, location: riverside, visit_type: primary care visit } # a Saturday
  - { provider: Dr. Reed, starts_at: 2026-12-01 09:00, location: riverside, visit_type: primary care visit }
  - { provider: Dr. Reed, starts_at: 2026-12-02 09:00, location: riverside, visit_type: primary care visit }
  - { provider: Dr. Reed, starts_at: 2026-12-02 16:45, location: riverside, visit_type: primary care visit } # till 17:15
  - { provider: Dr. Reed, starts_at: 2026-12-03 13:30, location: harbor, visit_type: primary care visit }
  - { provider: Dr. Reed, starts_at: 2026-12-03 15:00, location: harbor, visit_type: primary care visit }
  - { provider: Dr. Park, starts_at: 2026-12-03 09:00, location: harbor, visit_type: primary care visit }
  - { provider: Dr. Moss, starts_at: 2026-12-04 09:00, location: harbor, visit_type: orthopedics visit }
  - { provider: Dr. Moss, starts_at: 2026-12-03 14:45, location: harbor, visit_type: orthopedics visit }
  - { provider: Dr. Vale, starts_at: 2026-12-04 10:00, minutes: 60, location: telehealth, visit_type: counseling visit }
  - { provider: Dr. Vale, starts_at: 2026-12-04 13:00, minutes: 60, location: harbor, visit_type: counseling visit }
  - { provider: Dr. Reed, starts_at: 2026-12-04 13:00, location: telehealth, visit_type: primary care visit }
  - { provider: Nurse Finn, starts_at: 2026-11-24 15:00, location: riverside, visit_type: infusion }
  - { provider: Nurse Finn, starts_at: 2026-12-01 15:00, location: riverside, visit_type: infusion }
patients:
  - reference: ANA
    full_name: Ana Ortiz
    birth_date: 1980-02-29
    appointments:
      - { provider: Dr. Reed, starts_at: 2025-05-06 09:00, location: riverside, visit_type: physical exam, status: kept }
    referrals:
      - { specialty: orthopedics, starts_on: 2026-11-01, ends_on: 2026-12-03 }
  - reference: BO
    full_name: Bo Li
    birth_date: 1970-01-01
  - reference: CAL
    full_name: Cal Whit
    birth_date: 1955-07-21
    appointments:
      - { provider: Dr. Reed, starts_at: 2026-11-30 11:00, location: riverside, visit_type: physical exam }
  - reference: TEEN
    full_name: Tess Ortiz
    birth_date: 2011-03-19
    representatives:
      - { full_name: Ana Ortiz, relation: parent, reference: ANA, kinds: [appointments, billing], ends_on: 2029-03-18 }
    appointments:
      - { provider: Dr. Vale, starts_at: 2026-12-08 10:00, minutes: 60, location: telehealth, visit_type: counseling visit }
      - { provider: Dr. Reed, starts_at: 2026-12-08 13:00, location: riverside, visit_type: physical exam }
  - reference: TOT
    full_name: Tim Ortiz
    birth_date: 2020-08-01
    representatives:
      - { full_name: Ana Ortiz, relation: parent, reference: ANA, kinds: [appointments] }
  - reference: EX
    full_name: Eve Ortiz
    birth_date: 2001-08-01
    representatives:
      - { full_name: Ana Ortiz, relation: parent, reference: ANA, kinds: [appointments], ends_on: 2019-07-31 }
  - reference: BILLS
    full_name: Abe Ortiz
    birth_date: 1940-08-01
    representatives:
      - { full_name: Ana Ortiz, relation: child, reference: ANA, kinds: [billing] }
  - reference: LATE
    full_name: Lou Park
    birth_date: 1940-08-01
    died_on: 2026-11-01
    appointments:
      - { provider: Dr. Moss, starts_at: 2026-12-10 10:00, location: harbor, visit_type: orthopedics visit }
"""


def clinic_at(folder: Path, empty: Path | None = None, *, clinic: str = CLINIC, **environ: str) -> Care:
    """The clinic in a folder, at NOW; `empty` is a migrated database to start from. Move the time with `pass_time`."""
    if empty is not None:
        shutil.copy(empty, folder / "bedside.db")
    (folder / "now").write_text(NOW, encoding="utf-8")
    care = open_care(
        {"BEDSIDE_VAR": str(folder), "BEDSIDE_SECRET": SECRET, "BEDSIDE_NOW": f"@{folder / 'now'}", **environ}
    )
    if clinic:
        file = folder / "clinic.yml"
        file.write_text(clinic, encoding="utf-8")
        load_file(care, file)
    return care


def set_time(care: Care, local: str) -> None:
    """Set the clinic's clock to a local time, at which whoever was verified still is."""
    clock = care.settings.var / "now"
    fresh = clock.with_suffix(".new")
    fresh.write_text(local, encoding="utf-8")
    fresh.replace(clock)
    with care.store.work() as session:
        session.execute(update(Verification).values(last_used_at=care.now()))


def pass_time(care: Care, **span: float) -> None:
    """Let time go by."""
    later = (care.now() + timedelta(**span)).astimezone(EASTERN)
    set_time(care, later.isoformat())


def prove(care: Care, *references: str) -> None:
    """Let each of these patients be verified in the conversation that bears their reference, until further notice."""
    with care.store.work() as session:
        for reference in references:
            proof.prove(care, session, reference, reference, timedelta(days=400))


def patient_id(care: Care, reference: str) -> int:
    with care.store.reading() as session:
        return int(session.execute(select(Patient.id).where(Patient.reference == reference)).scalar_one())


def moment(local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=EASTERN)


def opening(care: Care, provider: str, local: str) -> int:
    """The id of an opening."""
    with care.store.reading() as session:
        return int(
            session.execute(
                select(Opening.id)
                .join(Provider, Opening.provider_id == Provider.id)
                .where(Provider.name == provider, Opening.starts_at == moment(local))
            ).scalar_one()
        )


def rows(care: Care, reference: str) -> list[tuple[str, str]]:
    """Every visit of a patient as (local time, status), as they were written."""
    with care.store.reading() as session:
        found = session.execute(
            select(Appointment.starts_at, Appointment.status)
            .join(Patient, Appointment.patient_id == Patient.id)
            .where(Patient.reference == reference)
            .order_by(Appointment.id)
        ).all()
    return [(f"{at.astimezone(EASTERN):%Y-%m-%d %H:%M}", status) for at, status in found]


def history(care: Care, appointment_id: int) -> list[tuple[str, str]]:
    """What is written of a visit, as (what, who)."""
    with care.store.reading() as session:
        return [
            (kind, actor)
            for kind, actor in session.execute(
                select(AppointmentEvent.kind, AppointmentEvent.actor)
                .where(AppointmentEvent.appointment_id == appointment_id)
                .order_by(AppointmentEvent.id)
            )
        ]


def free(care: Care, **wish: object) -> list[str]:
    """Every open time that anybody could have, as "provider local-time", in the order of the search."""
    page = search(care, Wish(**wish), size=500)  # type: ignore[arg-type]
    assert page.cursor is None
    return [f"{one.provider} {one.starts_at.astimezone(EASTERN):%Y-%m-%d %H:%M}" for one in page.offers]


def count(care: Care, table: type) -> int:
    with care.store.reading() as session:
        return int(session.execute(select(func.count()).select_from(table)).scalar_one())
