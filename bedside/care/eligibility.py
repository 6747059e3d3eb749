"""Whether a visit may be booked for a patient: a reason that code can act on, never a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from enum import Enum

from sqlalchemy import select
from sqlalchemy.orm import Session

from bedside.care.context import Care
from bedside.care.openings import specialties_of
from bedside.care.slots import Slot
from bedside.organization import VisitType
from bedside.records.clinic_file import TELEHEALTH
from bedside.records.tables import Provider, ProviderAbsence
from bedside.records.visits import Visit, Visits


class Reason(Enum):
    """Why a visit can't be booked like this."""

    PAST = "past"  # it begins too soon, or has begun
    CLOSED = "closed"  # a holiday, closed hours, or the provider is away
    TOO_FAR = "too_far"  # beyond the time for which the calendar is open
    NO_SAME_DAY = "no_same_day"
    NOT_THAT_VISIT = "not_that_visit"  # the opening is for another kind of visit, or too short
    NOT_THAT_PROVIDER = "not_that_provider"  # who doesn't give it
    NO_TELEHEALTH = "no_telehealth"
    ONLY_TELEHEALTH = "only_telehealth"
    NOT_FOR_NEW_PATIENTS = "not_for_new_patients"
    PROVIDER_TAKES_NO_NEW_PATIENTS = "provider_takes_no_new_patients"
    ONLY_FOR_NEW_PATIENTS = "only_for_new_patients"
    REFERRAL_NEEDED = "referral_needed"
    OTHER_VISIT_THEN = "other_visit_then"  # the patient has a visit at that time
    DECEASED = "deceased"  # nothing is booked for somebody who has died


_SETTLED = (Reason.NOT_FOR_NEW_PATIENTS, Reason.ONLY_FOR_NEW_PATIENTS)
"""What was settled when a visit was booked, and isn't asked again when it is moved. A referral may have run out."""


def of_patient(care: Care, visits: Visits, died: bool, visit_type: str, on: date | None = None) -> tuple[Reason, ...]:
    """Every reason that has nothing to do with the time: to be told before a time is looked for.

    `on` is the day of the visit, for the referral; today when left out. A kind of visit that the configuration doesn't
    know has no rules.
    """
    reasons = [Reason.DECEASED] if died else []
    kind = care.organization.visit_type(visit_type)
    if kind is None:
        return tuple(reasons)
    known = visits.is_known()
    if not known and not kind.new_patients:
        reasons.append(Reason.NOT_FOR_NEW_PATIENTS)
    if known and not kind.known_patients:
        reasons.append(Reason.ONLY_FOR_NEW_PATIENTS)
    if kind.referral and not visits.has_referral(kind.specialties, on or care.today()):
        reasons.append(Reason.REFERRAL_NEEDED)
    return tuple(reasons)


def of_slot(care: Care, session: Session, slot: Slot, visit_type: str) -> tuple[Reason, ...]:
    """Every reason why an opening can't be had for this kind of visit, whoever asks."""
    provider = session.get(Provider, slot.provider_id)
    assert provider is not None
    kind = care.organization.visit_type(visit_type)
    reasons = _of_time(care, session, slot, kind)
    if slot.visit_type not in (kind.openings if kind else (visit_type,)) or (kind and slot.minutes < kind.minutes):
        reasons.append(Reason.NOT_THAT_VISIT)
    if kind and not set(kind.specialties) & specialties_of(provider):
        reasons.append(Reason.NOT_THAT_PROVIDER)
    return (*reasons, *_of_place(slot, kind, provider))


def of_booking(
    care: Care,
    session: Session,
    visits: Visits,
    died: bool,
    slot: Slot,
    visit_type: str,
    moving: Visit | None = None,
) -> tuple[Reason, ...]:
    """Every reason why this patient can't have this opening for this kind of visit; none when they can.

    `moving`: the visit that gives way. Whoever has it was let in already, so what it takes to be let in isn't asked
    again, unless the visit becomes another kind.
    """
    day = date.fromordinal(slot.day)
    reasons = [*of_slot(care, session, slot, visit_type)]
    asked = of_patient(care, visits, died, visit_type, day)
    if moving is not None and moving.visit_type == visit_type:
        asked = tuple(reason for reason in asked if reason not in _SETTLED)
    reasons += asked
    provider = session.get(Provider, slot.provider_id)
    new_to_them = moving is None or moving.provider_id != slot.provider_id
    if not provider.accepting_new and new_to_them and not visits.is_known():
        reasons.append(Reason.PROVIDER_TAKES_NO_NEW_PATIENTS)
    if _meets(slot, [one for one in visits.open() if moving is None or one.appointment_id != moving.appointment_id]):
        reasons.append(Reason.OTHER_VISIT_THEN)
    return tuple(reasons)


def _of_time(care: Care, session: Session, slot: Slot, kind: VisitType | None) -> list[Reason]:
    rules = care.organization.scheduling
    now, today, day = care.now(), care.today(), date.fromordinal(slot.day)
    reasons = []
    if slot.starts_at < now + timedelta(minutes=rules.lead_minutes):
        reasons.append(Reason.PAST)
    if not _in_hours(care, slot, day) or _is_away(session, slot):
        reasons.append(Reason.CLOSED)
    if day > today + timedelta(days=rules.horizon_days):
        reasons.append(Reason.TOO_FAR)
    if kind and not kind.same_day and day == today:
        reasons.append(Reason.NO_SAME_DAY)
    return reasons


def _in_hours(care: Care, slot: Slot, day: date) -> bool:
    ends = slot.starts_at + timedelta(minutes=slot.minutes)
    return (
        care.calendar.is_business_day(day)
        and slot.starts_at >= care.calendar.opening(day)
        and ends <= care.calendar.closing(day)
    )


def _is_away(session: Session, slot: Slot) -> bool:
    away = select(ProviderAbsence.id).where(
        ProviderAbsence.provider_id == slot.provider_id,
        ProviderAbsence.first_day <= slot.day,
        ProviderAbsence.last_day >= slot.day,
    )
    return session.execute(away.limit(1)).first() is not None


def _of_place(slot: Slot, kind: VisitType | None, provider: Provider) -> list[Reason]:
    by_video = slot.location == TELEHEALTH
    if by_video and (not provider.telehealth or (kind and not kind.telehealth)):
        return [Reason.NO_TELEHEALTH]
    if not by_video and kind and not kind.in_person:
        return [Reason.ONLY_TELEHEALTH]
    return []


def _meets(slot: Slot, visits: Sequence[Visit]) -> bool:
    ends = slot.starts_at + timedelta(minutes=slot.minutes)
    return any(visit.starts_at < ends and visit.ends_at > slot.starts_at for visit in visits)
