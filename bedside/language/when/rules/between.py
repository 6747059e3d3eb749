"""What stands before and between days: "from … to", "or", "not", "after", "until"."""

from __future__ import annotations

import re

from bedside.language.when.almanac import date_or_none, month_after
from bedside.language.when.days import DAY, Days, one_day, union_of_days
from bedside.language.when.grammar import Rules
from bedside.language.when.reading import Made, Reading

rules = Rules()


@rules.add(r"{U} {D}")
def _week_today(reading: Reading, found: re.Match[str]) -> Made:
    """ "A week today", "two weeks tomorrow"."""
    span, days = reading.spans[int(found[1])], reading.days[int(found[2])]
    if days.kind != "near" or days.first is None or span.unit in {"hour", "minute"}:
        return None
    return one_day(reading.almanac.moved(days.first, span))


@rules.add(r"between _ and (?:the )?{D}")
def _from_now_to(reading: Reading, found: re.Match[str]) -> Made:
    days = reading.days[int(found[1])]
    return days if days.problem or days.last is None else Days(reading.today, days.last)


@rules.add(
    r"Z (?:(?:the|of|on|for|in|at|_) )*{D}(?:(?: (?:at|in|the|_))* T\d+)?(?: (?:to|for|until|_))+(?= (?:the )?[DT]\d)"
)
def _moved_to(_: Reading, __: re.Match[str]) -> str:
    return "_"


@rules.add(
    r"(?:from|of|between) (?:(?:on|the) )*{D} (?:(?:to|until|-|and|the|a|on) )+{D}",
    r"{D} (?:(?:to|until|-|the|a) )+{D}",
)
def _from_to(reading: Reading, found: re.Match[str]) -> Made:
    low, high = reading.days[int(found[1])], reading.days[int(found[2])]
    if low.problem or high.problem or low.first is None or high.last is None:
        return union_of_days([low, high])
    last = high.last
    if last < low.first:
        if high.weekdays:
            last += 7 * DAY * ((low.first - last).days // 7 + 1)
        elif high.kind == "day of month" and low.first.day < last.day:
            last = date_or_none(low.first.year, low.first.month, last.day) or last
        elif high.kind == "day of month":
            last = date_or_none(*month_after(low.first.year, low.first.month), last.day) or last
    if last < low.first:
        return Days(None, None, problem="impossible")
    return Days(low.first, last, dated=low.dated or high.dated, alternative=True)


@rules.add(r"(?:either )?{D} (?:(?:or|and|/|,|_or) )+(?:(?:on|the|even|either|maybe) )*{D}(?! (?:to|-) )")
def _or(reading: Reading, found: re.Match[str]) -> Made:
    low, high = reading.days[int(found[1])], reading.days[int(found[2])]
    open_ended = None in {low.first, low.last, high.first, high.last}
    if "or" not in found[0].split() and (open_ended or ("," in found[0] and {low.kind, high.kind} & {"week", "month"})):
        return None
    if bool(low.weekdays) != bool(high.weekdays) and "week" in {low.kind, high.kind} and "or" not in found[0]:
        return None
    return union_of_days([low, high])


@rules.add(r"not {D} (?:(?:,|but|_) )*(?:the )?(?:next )?day(?: after)?(?= [,.]|$)")
def _not_that_but_next(reading: Reading, found: re.Match[str]) -> Made:
    day = reading.days[int(found[1])].last
    return None if day is None else one_day(day + DAY)


@rules.add(r"(?:not|except) (?:(?:on|in|the|for|_) )*D\d+", r"D\d+ nogood", r"(?:for )?D\d+ not(?= [,.]|$)")
def _not_that_day(_: Reading, __: re.Match[str]) -> str:
    return "_"


@rules.add(r"(?:_ )?after (?:(?:on|the) )*{D}")
def _after_day(reading: Reading, found: re.Match[str]) -> Made:
    days = reading.days[int(found[1])]
    return days if days.last is None else Days(days.last + DAY, None, dated=days.dated, kind="open")


@rules.add(r"before (?:(?:on|the|in) )*{D}")
def _before_day(reading: Reading, found: re.Match[str]) -> Made:
    days = reading.days[int(found[1])]
    if days.first is None:
        return days
    last = days.last if days.kind == "end" and days.last else days.first - DAY
    if last < reading.today:
        return Days(None, None, problem="past")
    return Days(None, last, dated=days.dated, kind="open")


@rules.add(r"(?:by|until|within) (?:(?:on|the|in) )*{D}", r"{D} latest", r"(?:on )?latest (?:the )?{D}")
def _until_day(reading: Reading, found: re.Match[str]) -> Made:
    days = reading.days[int(found[1])]
    return days if days.last is None else Days(None, days.last, dated=days.dated, kind="open", problem=days.problem)


@rules.add(r"(?:from) (?:(?:on|the|in) )*{D}(?: (?:on|onward|_ on))?", r"{D} onward", r"(?:on )?onward (?:the )?{D}")
def _from_day(reading: Reading, found: re.Match[str]) -> Made:
    days = reading.days[int(found[1])]
    return days if days.first is None else Days(days.first, None, dated=days.dated, kind="open", problem=days.problem)
