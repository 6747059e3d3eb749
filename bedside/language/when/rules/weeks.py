"""Weekdays, weekends, weeks and months as a whole."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import replace

from bedside.language.when.almanac import Span, month_after
from bedside.language.when.days import DAY, Days, one_day
from bedside.language.when.grammar import Rules
from bedside.language.when.reading import Made, Reading

rules = Rules()


@rules.add(r"not this {W} (?:(?:but|,|_) )*(?:the )?next(?: W\d| _)?")
def _not_this_but_next(_: Reading, found: re.Match[str]) -> str:
    return f"next W{found[1]}"


@rules.add(
    r"((?<!next )W\d(?: (?:{sep} )*(?:(?:the|on|each) )*W\d)*) (?:(?:_|the|are|is) )?nogood(?: P[a-z]+)?",
    r"(?:not|except|daily|nogood)(?: (?:on|any|the|in|each|for|_|of|a|las|next|this))*"
    r" (W\d(?: (?:{sep} )*(?:(?:the|on|in|next|this) )*W\d)*)(?! week)",
)
def _exclude(reading: Reading, found: re.Match[str]) -> str:
    reading.excluded |= {int(day) for day in re.findall(r"W(\d)", found[1])}
    return ","


@rules.add(r"{W} (?:(?:or|and|,|-|/) )+{W} next(?! (?:week|weekend|month|U|W|,))")
def _both_next_behind(_: Reading, found: re.Match[str]) -> str:
    return f"next W{found[1]} or next W{found[2]}"


@rules.add(r"(?<!next )(?<!next week )(?:the )?{W} next(?! (?:week|weekend|month|U|W))")
def _next_behind(_: Reading, found: re.Match[str]) -> str:
    return f"next W{found[1]}"


@rules.add(r"(next|this|coming) W(\d)((?: (?:or|and|,|-|/|to))+) W(\d)(?! (?:week|after))")
def _both_next(_: Reading, found: re.Match[str]) -> str:
    return f"{found[1]} W{found[2]}{found[3]} {found[1]} W{found[4]}"


@rules.add(r"(?:the )?{W} after next(?! (?:week|weekend|month|W))")
def _weekday_after_next(reading: Reading, found: re.Match[str]) -> Made:
    return one_day(reading.almanac.monday(2) + DAY * int(found[1]))


@rules.add(r"{W} (?:(?:in|on|of|the|,|_) )*(next|this|coming) week(?! (?:or|of|after))")
def _weekday_of_week(reading: Reading, found: re.Match[str]) -> Made:
    day = reading.almanac.monday(0 if found[2] == "this" else 1) + DAY * int(found[1])
    if day >= reading.today:
        return one_day(day)
    return Days(None, None, problem="past")


@rules.add(
    r"(?:a |the )?(?:(?:U(\d+))|week) (?:from|after|on|_ from) (?:(?:the|this|coming) )*(next )?{W}", r"{U}( next)? {W}"
)
def _weeks_from_weekday(reading: Reading, found: re.Match[str]) -> Made:
    span = reading.spans[int(found[1])] if found[1] else Span(1, "week", 1)
    start = reading.almanac.monday(1) + DAY * int(found[3]) if found[2] else reading.almanac.bare(int(found[3]))
    return one_day(reading.almanac.moved(start, span)) if span.unit not in {"hour", "minute"} else None


@rules.add(r"(?:a |the )?(?:(?:U(\d+))|week) (?:from|after) (?:the )?{D}")
def _weeks_from_day(reading: Reading, found: re.Match[str]) -> Made:
    span = reading.spans[int(found[1])] if found[1] else Span(1, "week", 1)
    start = reading.days[int(found[2])]
    if span.unit in {"hour", "minute"} or start.last is None or start.problem:
        return None
    if not found[1] and "after" in found[0]:
        return reading.almanac.week(start.last - DAY * start.last.weekday() + 7 * DAY)
    return one_day(reading.almanac.moved(start.last, span))


@rules.add(r"(?:(?:each|any|a|this|coming) )?{W} week(?! (?:of|after|before|from))")
def _weekday_week(reading: Reading, found: re.Match[str]) -> Made:
    return one_day(reading.almanac.bare(int(found[1])) + 7 * DAY)


@rules.add(r"(?:the )?{W} (after|before) (?:the )?{D}")
def _weekday_from_day(reading: Reading, found: re.Match[str]) -> Made:
    anchor, weekday = reading.days[int(found[2 + 1])], int(found[1])
    if anchor.problem or anchor.last is None or anchor.first is None or anchor.weekdays:
        return None
    if found[2] == "after":
        return one_day(anchor.last + DAY * ((weekday - anchor.last.weekday() - 1) % 7 + 1))
    day = anchor.first - DAY * ((anchor.first.weekday() - weekday - 1) % 7 + 1)
    return one_day(day) if day >= reading.today else None


@rules.add(r"(?:the )?day (after|before) (?:the )?(?:(next )?{W}|{D})")
def _day_from_day(reading: Reading, found: re.Match[str]) -> Made:
    if found[3]:
        start = reading.almanac.monday(1) + DAY * int(found[3]) if found[2] else reading.almanac.bare(int(found[3]))
    else:
        anchor = reading.days[int(found[4])]
        if anchor.problem or anchor.first is None or anchor.last is None:
            return None
        start = anchor.last if found[1] == "after" else anchor.first
    day = start + DAY * (1 if found[1] == "after" else -1)
    return one_day(day) if day >= reading.today else Days(None, None, problem="past")


@rules.add(r"last {W}", r"last (?:week|month|weekend|year)", r"last M\d+")
def _bygone(_: Reading, __: re.Match[str]) -> str:
    return "_"


@rules.add(
    r"(?:(?:this|next|the|on|coming) )*{W} (?:(?:the|on) )*{D}",
    r"(?:(?:this|next|the|on|coming) )*{W} (?:(?:,|the|on|_) )*{D}(?! (?:(?:, )?(?:or|and) |to |- ))",
    r"(?<!or )(?<!and ){D} (?:(?:,|a|which|is|_) ){0,2}{W}(?! (?:or|and|,|to|-|after|before|week|next))",
)
def _checked(reading: Reading, found: re.Match[str]) -> Made:
    first = found[0].rstrip()
    day_first = re.match(r"D\d", first) is not None
    index, weekday = (int(found[1]), int(found[2])) if day_first else (int(found[2]), int(found[1]))
    days = reading.days[index]
    if days.kind == "span" and days.first is not None:
        return one_day(days.first - DAY * days.first.weekday() + DAY * weekday)
    if days.problem or not days.single or days.first is None or days.weekdays:
        return None
    if days.first.weekday() != weekday:
        return Days(None, None, problem="impossible")
    return f"D{index}"


@rules.add(r"{W} N(1[3-9]|2\d|3[01])(?! (?:_|o'clock|:))")
def _weekday_number(reading: Reading, found: re.Match[str]) -> Made:
    made = reading.almanac.day_of_month(int(found[2]))
    fits = made.first is not None and made.first.weekday() == int(found[1])
    return made if fits else Days(None, None, problem="impossible")


@rules.add(r"(?:the )?(?:(?:this|coming) )?next {W}")
def _next_weekday(reading: Reading, found: re.Match[str]) -> Made:
    return one_day(reading.almanac.monday(1) + DAY * int(found[1]))


@rules.add(r"(?:the |any |each |a )?this {W}")
def _this_weekday(reading: Reading, found: re.Match[str]) -> Made:
    day = reading.almanac.monday() + DAY * int(found[1])
    return one_day(day if day > reading.today else reading.almanac.bare(int(found[1])))


@rules.add(r"{W} early", r"early {W}")
def _early_weekday(_: Reading, found: re.Match[str]) -> str:
    return f"W{found[1]} Pearly"


@rules.add(r"{W} late(?! P)", r"late {W}")
def _late_weekday(_: Reading, found: re.Match[str]) -> str:
    return f"W{found[1]} Plate"


@rules.add(r"(?:(?:the|any|each|a|coming|either|las) )*{W}")
def _weekday(reading: Reading, found: re.Match[str]) -> Made:
    day = reading.almanac.bare(int(found[1]))
    return Days(day, day, (int(found[1]),))


@rules.add(r"(?:(?:the|on|any|in|of) )*weekdays")
def _working_days(reading: Reading, _: re.Match[str]) -> str:
    reading.excluded |= {5, 6}
    return "any"


@rules.add(r"(?:not|except)(?: (?:on|the|any|in|this|next|las|each))* weekend")
def _no_weekends(reading: Reading, _: re.Match[str]) -> str:
    reading.excluded |= {5, 6}
    return "_"


@rules.add(r"(?:the )?weekend after next")
def _weekend_after_next(reading: Reading, _: re.Match[str]) -> Made:
    return Days(reading.almanac.monday(2) + 5 * DAY, reading.almanac.monday(2) + 6 * DAY)


@rules.add(r"(?:the )?weekend (?:after|following) (?:the )?{D}")
def _weekend_after(reading: Reading, found: re.Match[str]) -> Made:
    days = reading.days[int(found[1])]
    if days.last is None:
        return None
    saturday = days.last + DAY * ((5 - days.last.weekday() - 1) % 7 + 1)
    return Days(saturday, saturday + DAY)


@rules.add(r"(?:(?:the|any|on|a|each|this|coming) )*(next )?weekend(?: (?:of (?:the )?{D}))?")
def _weekend(reading: Reading, found: re.Match[str]) -> Made:
    if found[2]:
        day = reading.days[int(found[2])].first
        if day is None:
            return None
        saturday = day - DAY * day.weekday() + 5 * DAY
    else:
        saturday = reading.almanac.monday(1 if found[1] else 0) + 5 * DAY
    return reading.almanac.ahead(saturday, saturday + DAY, "weekend")


@rules.add(r"(?:the )?(?:whole )?(?:this )?week of (?:the )?{D}")
def _week_of(reading: Reading, found: re.Match[str]) -> Made:
    day = reading.days[int(found[1])].first
    return None if day is None else reading.almanac.week(day - DAY * day.weekday(), max(4, day.weekday()))


@rules.add(r"(?:the )?week before (?:the )?{D}")
def _week_before(reading: Reading, found: re.Match[str]) -> Made:
    day = reading.days[int(found[1])].first
    return None if day is None else reading.almanac.week(day - DAY * day.weekday() - 7 * DAY)


@rules.add(r"(?:the )?week after next")
def _week_after_next(reading: Reading, _: re.Match[str]) -> Made:
    return reading.almanac.week(reading.almanac.monday(2))


@rules.add(r"(?:the )?month after next")
def _month_after_next(reading: Reading, _: re.Match[str]) -> Made:
    year, month = month_after(*month_after(reading.today.year, reading.today.month))
    return Days(dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1]), kind="month")


@rules.add(r"this week (?:(?:or|and|,) )+(?:early )?(?:the )?next(?: week| _)?")
def _this_week_or_next(reading: Reading, _: re.Match[str]) -> Made:
    return Days(reading.today, reading.almanac.monday(1) + 4 * DAY, kind="week")


@rules.add(r"next week (?:(?:or|and|,) )+(?:the )?(?:week after(?: _)?|following week|next week|one after|_ after)")
def _next_two_weeks(reading: Reading, _: re.Match[str]) -> Made:
    return Days(reading.almanac.monday(1), reading.almanac.monday(2) + 4 * DAY, kind="week")


@rules.add(
    r"{the}(beginning|early|earlier|firsthalf|middle|end|late|later|secondhalf) {of}((?:(?:this|next|coming) )?week)"
)
def _part_of_week(reading: Reading, found: re.Match[str]) -> Made:
    upcoming = "next" in found[2] or "coming" in found[2]
    monday = reading.almanac.monday(1 if upcoming else 0)
    if found[1] in {"later", "late"} and not upcoming:
        return reading.almanac.from_tomorrow(reading.almanac.ahead(reading.today, monday + 6 * DAY, "week"))
    spans = {"beginning": (0, 1), "early": (0, 1), "earlier": (0, 1), "middle": (1, 3), "firsthalf": (0, 2)}
    first, last = spans.get(found[1], (2, 4) if found[1] in {"secondhalf", "later", "late"} else (3, 4))
    made = reading.almanac.ahead(monday + first * DAY, monday + last * DAY, "week")
    if made.problem:
        made = reading.almanac.ahead(monday + (7 + first) * DAY, monday + (7 + last) * DAY, "week")
    return replace(made, kind="end") if found[1] == "end" else made


@rules.add(r"midweek (?:(?:of|in|the) )*next week", r"next week midweek", r"next midweek", r"midweek")
def _midweek(reading: Reading, found: re.Match[str]) -> Made:
    upcoming = "next" in found[0] or reading.today.weekday() >= 3
    return reading.almanac.ahead(
        reading.almanac.monday(upcoming) + DAY, reading.almanac.monday(upcoming) + 3 * DAY, "week"
    )


@rules.add(r"(?:(?:the|_|of|any|in|on|las) )*(this|next|coming) week")
def _week(reading: Reading, found: re.Match[str]) -> Made:
    if found[1] == "this":
        return reading.almanac.ahead(reading.today, reading.almanac.monday() + 6 * DAY, "week")
    return reading.almanac.week(reading.almanac.monday(1))


@rules.add(r"(?:(?:the|any|in|of|for|las) )*{month}(?! (?:N|S|O|Q))")
def _month(reading: Reading, found: re.Match[str]) -> Made:
    if found[1] == "month":
        return None
    return reading.almanac.in_month(found[1], 1, 0)
