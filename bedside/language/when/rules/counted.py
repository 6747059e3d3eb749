"""Days counted from today or from another day: "tomorrow", "in two weeks", "a month from Friday"."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from bedside.language.when.almanac import Span
from bedside.language.when.days import DAY, Days, one_day
from bedside.language.when.grammar import Rules
from bedside.language.when.hours import at_minute
from bedside.language.when.reading import Made, Reading

rules = Rules()


@rules.add(r"birth (?:(?:_|on|the|of|in|at|,|this|next|,) )*[DHUM]\d+(?: Y\d+)?", r"since (?:the )?(?:D|M|W|H)\d+")
def _other_matter(_: Reading, __: re.Match[str]) -> str:
    return "_"


@rules.add(r"{the}yesterday")
def _yesterday(_: Reading, __: re.Match[str]) -> Made:
    return Days(None, None, problem="past")


@rules.add(r"(?:of )?(today|tomorrow|{W}) in (?:the )?[NS](8|15)(?: days?)?(?! (?:Y|o'clock|M))")
def _in_eight(reading: Reading, found: re.Match[str]) -> Made:
    days = 7 if found[3] == "8" else 14
    start = reading.almanac.bare(int(found[2])) if found[2] else reading.today + DAY * (found[1] == "tomorrow")
    return one_day(start + DAY * days)


@rules.add(r"(?:the )?dayafter")
def _day_after_tomorrow(reading: Reading, _: re.Match[str]) -> Made:
    return one_day(reading.today + 2 * DAY)


@rules.add(r"(?:the )?(today|tomorrow)")
def _near(reading: Reading, found: re.Match[str]) -> Made:
    return replace(one_day(reading.today + DAY * (found[1] == "tomorrow")), kind="near")


_UNIT = r"(days?|weeks?|months?|years?|hours?|minutes|fortnight)"


@rules.add(rf"(?:a |an |S1 |N1 )?(?:half|half an|half a) hours?(?! {_UNIT})")
def _half_hour(_: Reading, __: re.Match[str]) -> Made:
    return Span(30, "minute", 30)


@rules.add(rf"{{n}} (?:to|or|-|a|and) {{n}} {_UNIT}", rf"(?:a|S1|N1) {_UNIT} or (?:_|{{n}})(?: {_UNIT})?")
def _span_range(_: Reading, found: re.Match[str]) -> Made:
    groups = found.groups()
    if groups[0] and groups[0].isdigit():
        return Span(int(groups[0]), groups[2].rstrip("s"), max(int(groups[0]), int(groups[1])))
    return Span(1, groups[0].rstrip("s"), int(groups[1] or 1))


_IDIOMS = {"ocho": 7, "quince": 14}  # "de hoy en ocho" is a week, "en quince días" two


@rules.add(rf"(?:about |around )?(?:{{n}}|few|(?:a|an)) (?:_ )?{_UNIT}", r"(fortnight)")
def _span(reading: Reading, found: re.Match[str]) -> Made:
    if found[0] == "fortnight":
        return Span(14, "day", 14)
    few = "few" in found[0].split()
    amount = int(found[1]) if found[1] else 3 if few else 1
    unit = found[2].rstrip("s")
    if unit == "fortnight":
        return Span(14 * amount, "day", 14 * amount)
    if reading.spanish and unit == "day" and re.search(r"S(?:8|15) ", found[0]):
        amount = _IDIOMS["ocho" if amount == 8 else "quince"]
    return Span(2 if few else amount, unit, 4 if few else amount)


@rules.add(
    r"{U} ago",
    r"(?:since|for|last|final|each|ago|in (?:the |las )?last|within (?:the )?last) {U}",
    r"{U} (?:late|early|_ ago)",
)
def _bygone_span(_: Reading, __: re.Match[str]) -> str:
    return "_"


@rules.add(r"(?:in |on |of )?(?:the |las )?(?:next|within|coming) {U}")
def _within_span(reading: Reading, found: re.Match[str]) -> Made:
    span = reading.spans[int(found[1])]
    if span.unit in {"hour", "minute"}:
        return None
    return Days(reading.today, reading.almanac.moved(reading.today, span, span.most))


@rules.add(
    r"(?:in |around )*{U} from (?:today|D\d+|_)(?= |$)",
    r"(?:in|around) (?:(?:around|_|like) )?{U}",
    r"of today in {U}",
    r"{U} out",
)
def _in_span(reading: Reading, found: re.Match[str]) -> Made:
    span = reading.spans[int(found[1])]
    anchor = re.search(r"from D(\d+)", found[0])
    start = reading.days[int(anchor[1])].first if anchor else reading.today
    if start is None:
        return None
    if span.unit in {"hour", "minute"}:
        at = reading.now + dt.timedelta(minutes=span.amount * (60 if span.unit == "hour" else 1))
        return f"{reading.symbol(one_day(at.date()), '_')} {reading.symbol(at_minute(at.hour * 60 + at.minute), '_')}"
    first, last = reading.almanac.moved(start, span), reading.almanac.moved(start, span, span.most)
    return Days(first, last, kind="span" if span.unit == "week" and not anchor else "")
