"""Whether what was said is what is written: every case number, and every time that was promised under one (R7)."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import select

from bedside.care.context import Care
from bedside.records.tables import Commitment, Ticket

_CASE = re.compile(r"C-\d{4}-\d{4}")
_TIME = re.compile(r"(\d{1,2}:\d\d [AP]M)(?:,? (?:today|tomorrow|on|de hoy|de mañana|del))")


def unwritten(care: Care, replies: list[str]) -> list[str]:
    """The answers that name a case which is no ticket, or promise a clock time that no row of that clinic is due at."""
    with care.store.reading() as session:
        cases = set(session.execute(select(Ticket.case_number)).scalars())
        due = [*session.execute(select(Commitment.due_at)).scalars(), *session.execute(select(Ticket.due_at)).scalars()]
    known = {_spoken(at, care) for at in due}
    wrong = []
    for reply in replies:
        named = set(_CASE.findall(reply))
        times = set(_TIME.findall(reply)) if named else set()
        if named - cases or times - known:
            wrong.append(reply)
    return wrong


def late_to_supervisor(care: Care) -> list[str]:
    """The cases of pressing complaints of which a supervisor does not learn within the minutes that are set."""
    with care.store.reading() as session:
        pressing = select(Ticket).where(Ticket.matter.startswith("complaint:"), Ticket.priority != "standard")
        tickets = list(session.execute(pressing).scalars())
        told = {
            made.conversation_id: (made.due_at - made.made_at).total_seconds() / 60
            for made in session.execute(select(Commitment).where(Commitment.what == "supervisor_told")).scalars()
        }
        limit = care.organization.complaints.supervisor_minutes
        return [one.case_number for one in tickets if told.get(one.conversation_id, limit + 1) > limit]


def _spoken(at: datetime, care: Care) -> str:
    local = at.astimezone(care.organization.tz)
    return f"{local.hour % 12 or 12}:{local:%M} {'AM' if local.hour < 12 else 'PM'}"
