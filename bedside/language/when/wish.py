"""What a patient wishes, as it is told to the rest of Bedside."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

Range = tuple[dt.date | None, dt.date | None]
TimeRange = tuple[dt.time | None, dt.time | None]


@dataclass(frozen=True)
class When:
    """The wish of a patient: a day or days (both ends count, an open end is None), an hour or hours.

    `ambiguous` asks for a question back; `problem` says why: "impossible", "past", "holiday" or "ambiguous".
    """

    date: dt.date | Range | None = None
    time: dt.time | TimeRange | None = None
    ambiguous: bool = False
    excluded: frozenset[int] = field(default_factory=frozenset)
    problem: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The wish as plain data: ISO days, "HH:MM" hours, ranges with "from" and "to"."""
        day: Any = self.date
        if isinstance(self.date, tuple):
            first, last = self.date
            day = {"from": first.isoformat() if first else None, "to": last.isoformat() if last else None}
        elif self.date is not None:
            day = self.date.isoformat()
        hour: Any = self.time
        if isinstance(self.time, tuple):
            opens, closes = self.time
            hour = {"from": f"{opens:%H:%M}" if opens else None, "to": f"{closes:%H:%M}" if closes else None}
        elif self.time is not None:
            hour = f"{self.time:%H:%M}"
        return {"date": day, "time": hour, "ambiguous": self.ambiguous}
