"""Days while they are read: a day, several, or an open end, and what is still to be settled about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Days:
    """Days from `first` to `last`, both counted; an open end is None. A `problem` is one of those of `When`."""

    first: dt.date | None
    last: dt.date | None
    weekdays: tuple[int, ...] = ()  # said by bare weekdays: they move into a week or month named beside them
    kind: str = ""  # "week", "weekend", "month", "day of month", "near", "span", "end", "open"
    problem: str | None = None
    dated: bool = False  # a year was said
    alternative: bool = False  # built of several days

    @property
    def single(self) -> bool:
        """Whether it is one day."""
        return self.first is not None and self.first == self.last


def one_day(day: dt.date) -> Days:
    """That day alone."""
    return Days(day, day)


def union_of_days(found: Iterable[Days]) -> Days:
    """Alternatives as one stretch, from the first of all to the last; those that cannot be read are left out."""
    spans = list(found)
    problems = [one.problem for one in spans if one.problem]
    if problems:
        good = [one for one in spans if not one.problem]
        return replace(union_of_days(good), alternative=True) if good else spans[0]
    firsts, lasts = [one.first for one in spans], [one.last for one in spans]
    first = None if None in firsts else min(value for value in firsts if value is not None)
    last = None if None in lasts else max(value for value in lasts if value is not None)
    bare = all(one.weekdays for one in spans)
    weekdays = tuple(dict.fromkeys(day for one in spans for day in one.weekdays)) if bare else ()
    kind = spans[0].kind if all(one.kind == spans[0].kind for one in spans) else ""
    return Days(first, last, weekdays, kind, dated=any(one.dated for one in spans), alternative=len(spans) > 1)
