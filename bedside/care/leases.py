"""Whose turn a job is: a lease in the records, so that two workers do nothing twice and a killed one is taken over.

Leases and pauses are in the machine's own time, which goes on when the clinic's clock stands still or is moved. What
a job writes is guarded by the records' own constraints besides: a worker that was stopped in the middle and wakes up
late finds its work done.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError

from bedside.care.context import Care
from bedside.records.desk_tables import Job

LONGEST_PAUSE = timedelta(minutes=5)


def claim(care: Care, name: str, now: datetime, lasts: timedelta, day: int | None = None) -> str | None:
    """Take a job whose time has come; the lease, or None when it isn't due or somebody has it.

    `now`: the machine's time. `day`: for a daily job the clinic's day, on which it runs once.
    """
    conditions = [Job.name == name, Job.due_at <= now, or_(Job.lease_until.is_(None), Job.lease_until <= now)]
    if day is not None:
        conditions.append(or_(Job.day.is_(None), Job.day != day))
    with care.store.reading() as session:  # most of the time there is nothing to do, and nothing is locked for it
        known = session.execute(select(Job.name).where(Job.name == name)).first() is not None
        if known and session.execute(select(Job.name).where(*conditions)).first() is None:
            return None
    if not known:
        try:
            with care.store.work() as session:
                session.add(Job(name=name, due_at=now))
        except IntegrityError:
            pass  # another worker has just written it
    lease = secrets.token_hex(12)
    with care.store.work() as session:
        taken = session.execute(
            update(Job)
            .where(*conditions)
            .values(lease=lease, lease_until=now + lasts)
            .execution_options(synchronize_session=False)
        )
        return lease if taken.rowcount else None


def renew(care: Care, name: str, lease: str, now: datetime, lasts: timedelta) -> bool:
    """Keep a job that takes longer; False when the lease has run out and somebody else may have it."""
    return _change(care, name, lease, now, lease_until=now + lasts)


def finish(care: Care, name: str, lease: str, now: datetime, pause: timedelta, day: int | None = None) -> bool:
    """Give a job back that went well: when it is due again."""
    values: dict[str, Any] = {
        "due_at": now + pause,
        "ended_at": now,
        "runs": Job.runs + 1,
        "failures": 0,
        "trouble": None,
    }
    if day is not None:
        values["day"] = day
    return _change(care, name, lease, None, lease=None, lease_until=None, **values)


def fail(care: Care, name: str, lease: str, now: datetime, pause: timedelta, trouble: str) -> bool:
    """Give a job back that failed: it is tried again after a pause that doubles, up to some minutes."""
    with care.store.reading() as session:
        failures = session.execute(select(Job.failures).where(Job.name == name)).scalar() or 0
    wait = min(max(pause, timedelta(seconds=1)) * 2 ** min(failures + 1, 20), LONGEST_PAUSE)
    return _change(
        care,
        name,
        lease,
        None,
        lease=None,
        lease_until=None,
        due_at=now + wait,
        ended_at=now,
        failures=Job.failures + 1,
        trouble=trouble[:80],
    )


def _change(care: Care, name: str, held: str, alive_at: datetime | None, **values: Any) -> bool:
    with care.store.work() as session:
        changed = session.execute(
            update(Job)
            .where(Job.name == name, Job.lease == held)
            .where(*([Job.lease_until > alive_at] if alive_at else []))
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        return bool(changed.rowcount)
