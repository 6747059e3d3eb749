"""What patients complain about, in their own words, and everything that happened to it, in order (BRIEF 3.6).

A complaint says where it stands; its events say how it came to stand there, and are never changed: the database
refuses it. `bedside.records.tables` loads this module, so that the metadata is complete whichever is imported first.
"""

from __future__ import annotations

from sqlalchemy import DDL, Boolean, CheckConstraint, Column, Date, ForeignKey, Integer, String, event

from bedside.records.tables import Base
from bedside.records.types import Instant, Listing, Sealed


class Complaint(Base):
    """A complaint. `about` names what it is about (bedside.care.complaints.KINDS), `words` is all that was said."""

    __tablename__ = "complaints"
    id = Column(Integer, primary_key=True)
    case_number = Column(String(20), nullable=False, unique=True)
    ticket_id = Column(ForeignKey("tickets.id"), nullable=False, index=True)  # of whoever answers for it
    conversation_id = Column(String(80), nullable=False, unique=True)
    patient_id = Column(ForeignKey("patients.id"), index=True)  # only of somebody who proved who they are
    about = Column(Listing, nullable=False)
    words = Column(Sealed, nullable=False)
    occurred_on = Column(Date)
    place = Column(String(120))
    anonymous = Column(Boolean, nullable=False, default=False)
    opened_at = Column(Instant, nullable=False)
    status = Column(String(20), nullable=False, default="open")  # open | resolved
    resolved_at = Column(Instant)
    resolved_by = Column(String(120))
    resolution = Column(Sealed)
    __table_args__ = (
        CheckConstraint("NOT anonymous OR patient_id IS NULL", name="anonymous_has_no_patient"),
        CheckConstraint(
            "status = 'open' OR (resolved_at IS NOT NULL AND resolved_by IS NOT NULL AND resolution IS NOT NULL)",
            name="never_ends_silently",
        ),
    )


class ComplaintEvent(Base):
    """What happened to a complaint: told, named, placed, passed on, promised. Only ever added."""

    __tablename__ = "complaint_events"
    id = Column(Integer, primary_key=True)
    complaint_id = Column(ForeignKey("complaints.id"), nullable=False, index=True)
    at = Column(Instant, nullable=False)
    actor = Column(String(120), nullable=False)
    kind = Column(String(40), nullable=False)
    detail = Column(Sealed)


_REFUSED = "what happened to a complaint is only ever added to"
SQLITE_TRIGGER = f"""CREATE TRIGGER complaint_events_stand BEFORE UPDATE ON complaint_events
BEGIN
SELECT RAISE(ABORT, '{_REFUSED}');
END"""
POSTGRESQL_FUNCTION = f"""CREATE OR REPLACE FUNCTION complaint_events_stand() RETURNS trigger AS $$
BEGIN
RAISE EXCEPTION '{_REFUSED}';
END
$$ LANGUAGE plpgsql"""
POSTGRESQL_TRIGGER = """CREATE TRIGGER complaint_events_stand BEFORE UPDATE ON complaint_events
FOR EACH ROW EXECUTE FUNCTION complaint_events_stand()"""

_TABLE = ComplaintEvent.__table__
event.listen(_TABLE, "after_create", DDL(SQLITE_TRIGGER).execute_if(dialect="sqlite"))
event.listen(_TABLE, "after_create", DDL(POSTGRESQL_FUNCTION).execute_if(dialect="postgresql"))
event.listen(_TABLE, "after_create", DDL(POSTGRESQL_TRIGGER).execute_if(dialect="postgresql"))
