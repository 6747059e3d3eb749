"""Which insurers and plans the records know of, whoever has them: for reading a message, never for answering one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bedside.records.insurance_tables import Payer, Plan
from bedside.records.tables import Coverage


@dataclass(frozen=True)
class KnownPayer:
    """An insurer the clinic knows: its key in the records, its names, its plans, and how its members reach it."""

    payer_id: int
    name: str
    also_called: tuple[str, ...]
    kind: str
    plans: tuple[str, ...]
    member_phone: str | None


def known_payers(session: Session) -> tuple[KnownPayer, ...]:
    """Every insurer whose plans the clinic has described, by name."""
    plans: dict[int, list[str]] = {}
    for payer_id, name in session.execute(select(Plan.payer_id, Plan.name).order_by(Plan.name)):
        plans.setdefault(int(payer_id), []).append(str(name))
    rows = session.execute(select(Payer).order_by(Payer.name)).scalars()
    return tuple(
        KnownPayer(row.id, row.name, tuple(row.also_called), row.kind, tuple(plans.get(row.id, ())), row.member_phone)
        for row in rows
    )


def payers_on_file(session: Session) -> dict[str, tuple[str, ...]]:
    """The plans of each insurer, both by name. Nothing says whose they are."""
    plans: dict[str, list[str]] = {}
    rows = session.execute(select(Coverage.payer, Coverage.plan).distinct().order_by(Coverage.payer, Coverage.plan))
    for payer, plan in rows:
        plans.setdefault(str(payer), []).append(str(plan))
    for known in known_payers(session):
        mine = plans.setdefault(known.name, [])
        mine.extend(plan for plan in known.plans if plan not in mine)
    return {payer: tuple(names) for payer, names in plans.items()}
