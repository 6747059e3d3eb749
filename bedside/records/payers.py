"""Which insurers and plans the records know of, whoever has them: for reading a message, never for answering one."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from bedside.records.tables import Coverage


def payers_on_file(session: Session) -> dict[str, tuple[str, ...]]:
    """The plans of each insurer, both by name. Nothing says whose they are."""
    plans: dict[str, list[str]] = {}
    rows = session.execute(select(Coverage.payer, Coverage.plan).distinct().order_by(Coverage.payer, Coverage.plan))
    for payer, plan in rows:
        plans.setdefault(str(payer), []).append(str(plan))
    return {payer: tuple(names) for payer, names in plans.items()}
