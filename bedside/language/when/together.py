"""Days and hours put together into one wish."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from bedside.language.when.days import DAY, Days, union_of_days
from bedside.language.when.hours import LAST_MINUTE, Hours, shifted, union_of_hours
from bedside.language.when.reading import Reading
from bedside.language.when.wish import TimeRange, When


def put_together(reading: Reading, holidays: Callable[[dt.date], str | None] | None) -> When:
    """The wish that the rewritten line says; `holidays` names the holiday of a day on which the clinic is closed."""
    line = _without_other_days(reading.line)
    found = [reading.days[int(index)] for index in re.findall(r"(?<!\S)D(\d+)(?!\S)", line)]
    hours = _together([reading.hours[int(index)] for index in re.findall(r"(?<!\S)T(\d+)(?!\S)", line)])
    days = _combined(found, reading.today, frozenset(reading.excluded))
    time = _time_of(hours) if hours else None
    excluded = frozenset(reading.excluded)
    if days is None:
        return When(None, time, False, excluded)
    problem = days.problem
    if problem and not (days.dated and days.first and problem == "past"):
        return When(None, time, True, excluded, problem)
    if days.first and days.last and days.first > days.last:
        return When(None, time, True, excluded, "impossible")
    if days.single and days.first is not None:
        if days.first.weekday() in excluded:
            return When(None, time, True, excluded, "impossible")
        if problem is None and holidays is not None and holidays(days.first) is not None:
            problem = "holiday"
        elif problem is None and days.first == reading.today and hours and hours.last is not None:
            late = reading.now.hour * 60 + reading.now.minute > hours.last
            problem = "past" if late else None
        return When(days.first, time, False, excluded, problem)
    if days.first is None and days.last is None:
        return When(None, time, False, excluded)
    return When((days.first, days.last), time, False, excluded, problem)


def _without_other_days(line: str) -> str:
    """Days marked as another matter's ("X") go, with their hour; those of the appointment there is ("Z") go when
    another day is named."""
    skip = r"(?: (?:the|of|on|for|in|at|_))*"
    dated = rf"{skip} D\d+(?:(?: (?:at|in|the|_|,))* T\d+)*"
    line = re.sub(rf"(?<!\S)X{dated}(?!\S)", "_", line)
    without = re.sub(rf"(?<!\S)Z{dated}(?!\S)", "_", line)
    return without if re.search(r"(?<!\S)D\d", without) else line


def _time_of(hours: Hours) -> dt.time | TimeRange | None:
    def clock(minute: int | None) -> dt.time | None:
        return None if minute is None else dt.time(*divmod(min(max(minute, 0), LAST_MINUTE), 60))

    if hours.single:
        return clock(hours.first)
    return None if hours.first is None and hours.last is None else (clock(hours.first), clock(hours.last))


def _together(found: list[Hours]) -> Hours | None:
    found = [one for one in found if not one.guess] or found
    parts = [one for one in found if one.part]
    clocks = [one for one in found if not one.part]
    if not clocks:
        return union_of_hours(parts) if parts else None
    if len(parts) == 1:
        clocks = [shifted(one, parts[0]) for one in clocks]
    whole = clocks[0]
    for one in clocks[1:]:
        met = _meeting(whole, one)
        open_ended = None in {whole.first, whole.last, one.first, one.last}
        whole = met if met and (open_ended or whole.single or one.single) else union_of_hours([whole, one]) or whole
    for part in parts if len(parts) == 1 and not whole.single else []:
        whole = _meeting(whole, part) or whole
    return whole


def _meeting(one: Hours, other: Hours) -> Hours | None:
    firsts = [value for value in (one.first, other.first) if value is not None]
    lasts = [value for value in (one.last, other.last) if value is not None]
    first, last = max(firsts) if firsts else None, min(lasts) if lasts else None
    if first is not None and last is not None and first > last:
        return None
    return Hours(first, last)


def _combined(found: list[Days], today: dt.date, excluded: frozenset[int]) -> Days | None:
    """Days said apart: weekdays go into the week or month named, open ends meet, the rest are alternatives."""
    if not found:
        return None
    unreadable = [one for one in found if one.problem and one.first is None]
    if unreadable:
        others = [one for one in found if one not in unreadable]
        serious = [one for one in unreadable if one.problem != "past"]
        if serious or not others:
            return (serious or unreadable)[0]
        found = others
    bare = [one for one in found if one.weekdays]
    wide = [one for one in found if not one.weekdays and not one.single and not one.problem]
    if bare and wide:
        frame = wide[0]
        for one in wide[1:]:
            frame = _meeting_days(frame, one) or union_of_days([frame, one])
        moved = [_within(frame, day) for one in bare for day in one.weekdays]
        placed = [Days(day, day) for day in moved if day is not None]
        if not placed:
            return Days(None, None, problem="impossible")
        rest = [one for one in found if one not in bare and one not in wide]
        return union_of_days([*placed, *rest])
    whole = found[0]
    for one in found[1:]:
        open_ended = None in {whole.first, whole.last, one.first, one.last}
        nested = {whole.kind, one.kind} & {"week", "month", "end"}
        met = _meeting_days(whole, one) if open_ended or nested else None
        if met is None and open_ended:
            return Days(None, None, problem="impossible")
        whole = met or union_of_days([whole, one])
    return whole


def _meeting_days(one: Days, other: Days) -> Days | None:
    firsts = [value for value in (one.first, other.first) if value is not None]
    lasts = [value for value in (one.last, other.last) if value is not None]
    first, last = max(firsts) if firsts else None, min(lasts) if lasts else None
    if first is not None and last is not None and first > last:
        return None
    return Days(first, last, kind=one.kind or other.kind, dated=one.dated or other.dated)


def _within(frame: Days, weekday: int) -> dt.date | None:
    """The first such weekday in the frame; a working week stretches to its Sunday."""
    if frame.first is None:
        return None
    day = frame.first + DAY * ((weekday - frame.first.weekday()) % 7)
    last = frame.last
    if last is not None and frame.kind in {"week", "end"} and last - frame.first < 6 * DAY:
        last += DAY * (6 - last.weekday())
    return day if last is None or day <= last else None
