"""One opening at a time: whose turn it is, who holds it, and giving it back.

Everything that books, holds or offers an opening locks its row first, so that two of them take turns on PostgreSQL as
they do on SQLite, which has one writer. The database's own unique indices stand behind that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from bedside.care.context import Care
from bedside.records.tables import Opening, OpeningHold
from bedside.records.visits import Visit, Visits, is_taken, local_place

READ_BACK, OFFER = "read_back", "offer"
ACTIVE, USED, RELEASED, EXPIRED = "active", "used", "released", "expired"


_TAKEN = is_taken(Opening.id)


@dataclass(frozen=True)
class Slot:
    """An opening that this unit of work has locked. `starts_at` is UTC; `held_for` is a patient, while a hold lasts."""

    opening_id: int
    provider_id: int
    starts_at: datetime
    minutes: int
    location: str
    room: str | None
    visit_type: str
    day: int
    minute: int
    taken: bool
    held_for: int | None

    def is_free_for(self, patient_id: int) -> bool:
        """Whether nobody has it, and nobody else holds it."""
        return not self.taken and self.held_for in (None, patient_id)


def lock(care: Care, session: Session, opening_ids: Iterable[int]) -> dict[int, Slot]:
    """Lock openings, always in the same order, and tell how they stand now. One that doesn't exist is left out."""
    wanted = sorted(set(opening_ids))
    if session.get_bind().dialect.name != "sqlite":  # which has one writer, and it is this one
        session.execute(select(Opening.id).where(Opening.id.in_(wanted)).order_by(Opening.id).with_for_update())
    rows = session.execute(
        select(Opening, _TAKEN, OpeningHold.patient_id)
        .outerjoin(
            OpeningHold,
            and_(OpeningHold.opening_id == Opening.id, OpeningHold.status == ACTIVE, OpeningHold.until > care.now()),
        )
        .where(Opening.id.in_(wanted))
        .execution_options(populate_existing=True)
    ).all()
    return {
        row.id: Slot(
            opening_id=row.id,
            provider_id=row.provider_id,
            starts_at=row.starts_at,
            minutes=row.minutes,
            location=row.location,
            room=row.room,
            visit_type=row.visit_type,
            day=row.day,
            minute=row.minute,
            taken=bool(taken),
            held_for=held_for,
        )
        for row, taken, held_for in rows
    }


def hold(
    care: Care,
    session: Session,
    slot: Slot,
    patient_id: int,
    purpose: str,
    until: datetime,
    conversation_id: str | None = None,
) -> OpeningHold:
    """Keep a locked, free opening for a patient. An older hold on it ends."""
    end_holds(care, session, OpeningHold.opening_id == slot.opening_id)
    made = OpeningHold(
        opening_id=slot.opening_id,
        patient_id=patient_id,
        conversation_id=conversation_id,
        purpose=purpose,
        placed_at=care.now(),
        until=until,
        status=ACTIVE,
    )
    session.add(made)
    session.flush()
    return made


def end_holds(care: Care, session: Session, *which: object, status: str = RELEASED) -> None:
    """End the active holds that fit the conditions; those whose time is over end as expired."""
    now = care.now()
    for name, condition in ((EXPIRED, OpeningHold.until <= now), (status, OpeningHold.until > now)):
        session.execute(
            update(OpeningHold)
            .where(OpeningHold.status == ACTIVE, condition, *which)
            .values(status=name, ended_at=now)
            .execution_options(synchronize_session="fetch")
        )


def expire_holds(care: Care) -> int:
    """End every read-back hold whose time is over; how many. Offers end by themselves (`offers.expire_due`)."""
    over = (OpeningHold.status == ACTIVE, OpeningHold.purpose == READ_BACK, OpeningHold.until <= care.now())
    with care.store.reading() as session:
        if session.execute(select(OpeningHold.id).where(*over).limit(1)).first() is None:
            return 0
    with care.store.work() as session:
        ended = session.execute(
            update(OpeningHold)
            .where(*over)
            .values(status=EXPIRED, ended_at=care.now())
            .execution_options(synchronize_session=False)
        )
        return int(ended.rowcount)


def opening_of(care: Care, session: Session, visits: Visits, visit: Visit) -> int:
    """The opening that a visit takes up. One is made for a visit from before Bedside kept the calendar."""
    if visit.opening_id is not None:
        return visit.opening_id
    known = session.execute(
        select(Opening.id).where(Opening.provider_id == visit.provider_id, Opening.starts_at == visit.starts_at)
    ).scalar_one_or_none()
    if known is None:
        kind = care.organization.visit_type(visit.visit_type)
        day, minute = local_place(visit.starts_at, care.organization.tz)
        made = Opening(
            provider_id=visit.provider_id,
            starts_at=visit.starts_at,
            minutes=visit.minutes,
            location=visit.location,
            room=visit.room,
            visit_type=kind.openings[-1] if kind else visit.visit_type,
            day=day,
            minute=minute,
        )
        session.add(made)
        session.flush()
        known = int(made.id)
    visits.set_opening(visit.appointment_id, known)
    return int(known)
