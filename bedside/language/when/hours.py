"""Hours while they are read, in minutes of the day: an hour, a stretch, a part of the day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from bedside.language.wordlists import load

NOON = 12 * 60
LAST_MINUTE = 24 * 60 - 1


@dataclass(frozen=True)
class Hours:
    """Hours from `first` to `last`; an open end is None."""

    first: int | None  # minutes of the day
    last: int | None
    soft: bool = False  # morning or afternoon was not said
    part: bool = False  # a part of the day, such as the morning
    guess: bool = False  # "after work", which an hour said beside it overrules

    @property
    def single(self) -> bool:
        """Whether it is one moment."""
        return self.first is not None and self.first == self.last


def at_minute(minute: int) -> Hours:
    """One moment of the day, of which nothing is open."""
    return Hours(minute, minute)


def bare_hour(hour: int, minute: int = 0) -> Hours:
    """A bare hour: 1 to 6 is in the afternoon, 7 to 11 in the morning, 12 noon."""
    return Hours((hour + 12 * (1 <= hour <= 6)) * 60 + minute, (hour + 12 * (1 <= hour <= 6)) * 60 + minute, soft=True)


def said_hour(said: str, minutes: int = 0) -> Hours | None:
    """A bare hour in digits, and the minutes past it or (negative) before it; None where no clock shows that."""
    hour = int(said)
    if not 0 < hour < 24 or not -60 < minutes < 60:
        return None
    minute = (bare_hour(hour).first or 0) + minutes
    return Hours(minute, minute, soft=hour <= 12)


@cache
def part_of_day(name: str) -> Hours:
    """The hours of a part of the day, by its name in the word list."""
    first, last = (int(clock[:2]) * 60 + int(clock[3:]) for clock in load("when")["parts"][name])
    return Hours(first, last, part=True)


def shifted(clock: Hours, part: Hours) -> Hours:
    """A bare hour beside a part of the day: "at 8 in the evening" is 20:00, "6 in the morning" 06:00."""
    if not clock.soft or part.first is None:
        return clock
    morning, evening = part.first < NOON, part.first >= 17 * 60

    def move(minute: int | None) -> int | None:
        if minute is None:
            return None
        hour = minute % NOON
        if morning:
            return hour if minute // 60 != 12 else minute
        return hour if evening and hour < 60 else hour + NOON

    return replace(clock, first=move(clock.first), last=move(clock.last), soft=False)


def union_of_hours(found: Sequence[Hours]) -> Hours | None:
    """Alternatives as one stretch, from the first of all to the last."""
    if not found:
        return None
    firsts, lasts = [one.first for one in found], [one.last for one in found]
    first = None if None in firsts else min(value for value in firsts if value is not None)
    last = None if None in lasts else max(value for value in lasts if value is not None)
    return Hours(first, last, soft=all(one.soft for one in found), part=all(one.part for one in found))
