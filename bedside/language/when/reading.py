"""One text on its way from symbols to days and hours: the line, and what its symbols stand for."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from bedside.language.when.almanac import Almanac, Span
from bedside.language.when.days import Days
from bedside.language.when.hours import Hours

Made = Days | Hours | Span | str | None


class Reading:
    """The line of symbols and the days ("D0"), hours ("T0") and lengths of time ("U0") that are numbered in it.

    `now` is the clinic's local time.
    """

    def __init__(self, now: dt.datetime, spanish: bool) -> None:
        self.now = now
        self.today = now.date()
        self.almanac = Almanac(self.today)
        self.spanish = spanish
        self.days: list[Days] = []
        self.hours: list[Hours] = []
        self.spans: list[Span] = []
        self.excluded: set[int] = set()
        self.line = ""

    def rewrite(self, pattern: re.Pattern[str], make: Make) -> None:
        """Rewrite what stands for the pattern by what `make` makes of it, again while the line changes (six times)."""
        for _ in range(6):
            line = pattern.sub(lambda found: self.symbol(make(self, found), found.group()), self.line)
            if line == self.line:
                return
            self.line = line

    def symbol(self, made: Made, otherwise: str) -> str:
        """The symbol for what was made, which is kept under its number; `otherwise` for None."""
        if made is None:
            return otherwise
        if isinstance(made, str):
            return made
        if isinstance(made, Days):
            self.days.append(made)
            return f"D{len(self.days) - 1}"
        if isinstance(made, Hours):
            self.hours.append(made)
            return f"T{len(self.hours) - 1}"
        self.spans.append(made)
        return f"U{len(self.spans) - 1}"


Make = Callable[[Reading, re.Match[str]], Made]
