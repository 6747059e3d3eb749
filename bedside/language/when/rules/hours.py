"""Hours beside days and beside each other: "at 3", "between 2 and 4", "any time after noon"."""

from __future__ import annotations

import re

from bedside.language.when.grammar import Rules
from bedside.language.when.hours import (
    LAST_MINUTE,
    NOON,
    Hours,
    at_minute,
    bare_hour,
    part_of_day,
    said_hour,
    shifted,
    union_of_hours,
)
from bedside.language.when.reading import Made, Reading
from bedside.language.wordlists import load

rules = Rules()

_SIDE = r"(?:(?:at|las|around) )*(?:[NSF](\d{1,4})|T(\d+))"


@rules.add(r"F(\d{3,4})(?! P?_)")
def _digits_only(reading: Reading, found: re.Match[str]) -> Made:
    before = reading.line[: found.start()].split()[-1:] or [""]
    after = reading.line[found.end() :].split()[:1] or [""]
    spoken = before[0] in {
        "at",
        "around",
        "after",
        "before",
        "by",
        "until",
        "from",
        "between",
        "las",
        "or",
        "-",
        "to",
        "and",
    }
    if not spoken and not re.match(r"[DTP]\d*", before[0]) and not re.match(r"P[a-z]|[-]|to$", after[0]):
        return None
    hour, minute = int(found[1][:-2]), int(found[1][-2:])
    return bare_hour(hour, minute) if hour <= 12 else at_minute(hour * 60 + minute)


@rules.add(
    rf"(?:between|from|of) {_SIDE} (?:(?:to|a|until|-|and) )+{_SIDE}(?! (?:N|S|of M|M))",
    r"(?:of|from) (?:las )?(?:[NSF](\d{1,4})|T(\d+)) at (?:[NSF](\d{1,4})|T(\d+))(?! (?:N|S|of M|M))",
)
def _between_hours(reading: Reading, found: re.Match[str]) -> Made:
    return _hours_range(reading, found)


@rules.add(rf"{_SIDE} (?:to|a|until|-) {_SIDE}(?! (?:N|S|M|Y))")
def _hours_to_hours(reading: Reading, found: re.Match[str]) -> Made:
    before = reading.line[: found.start()].split()[-1:] or [""]
    plain = found[2] is None and found[4] is None
    framed = re.match(r"[DTP]\d*|,|at|around|_|in|for|on|\.|\w+", before[0]) or not before[0]
    anchored = re.match(r"at|around|las", found[0]) or re.match(r"[DTP]", before[0]) or before[0] in {"any", "not"}
    after = reading.line[found.end() :].strip()
    anchored = anchored or re.match(r"(?:, )?(?:D|T|P|in|on)", after) or (before[0] in {"", ",", "."} and not after)
    return _hours_range(reading, found) if framed and (not plain or anchored or "-" in found[0]) else None


def _hours_range(reading: Reading, found: re.Match[str]) -> Made:
    ends: list[Hours] = []
    for number, index in ((found[1], found[2]), (found[3], found[4])):
        made = reading.hours[int(index)] if index else said_hour(number) if len(number) < 3 else None
        if not isinstance(made, Hours) or not made.single:
            return None
        ends.append(made)
    first, last = ends[0].first or 0, ends[1].first or 0
    if ends[0].soft and not ends[1].soft:  # "2-4pm", "9 to 11am"
        options = [minute for minute in (first % NOON, first % NOON + NOON) if minute < last]
        first = max(options) if options else first
    elif ends[1].soft and last <= first:
        last = last + NOON if last + NOON <= LAST_MINUTE else last
    if first > last:
        return None
    return Hours(first, last, soft=ends[0].soft and ends[1].soft)


@rules.add(
    r"(?:at|around|las)(?: (?:at|around|las|_a|like))* {n}(?! (?:_o|M|Y|days?|weeks?|months?|years?|minutes|hours?))"
)
def _at_hour(_: Reading, found: re.Match[str]) -> Made:
    return said_hour(found[1])


@rules.add(
    r"(after|before|by|until|from) (?:(?:at|around|las) )*(?:the )?{n}(?! (?:M|Y|days?|weeks?|months?|years?|minutes))"
)
def _bound_hour(reading: Reading, found: re.Match[str]) -> Made:
    made = said_hour(found[2])
    return f"{found[1]} {reading.symbol(made, '_')}" if isinstance(made, Hours) else None


@rules.add(r"{n}(?= (?:in |of |at )?(?:the |las )?P(?:morning|afternoon|evening))", r"{n}(?= (?:onward|latest))")
def _hour_before_part(reading: Reading, found: re.Match[str]) -> Made:
    return said_hour(found[1])


@rules.add(
    r"(D\d+ (?:, )?(?:P[a-z]+ )?(?:, )?){n}"
    r"(?! (?:_|M|Y|days?|weeks?|months?|years?|minutes|hours?|N|S|[-/] [NS]\d+ [-/]))"
)
def _hour_after_day(reading: Reading, found: re.Match[str]) -> Made:
    made = said_hour(found[2]) if int(found[2]) <= 12 else None
    return f"{found[1]}{reading.symbol(made, '_')}" if isinstance(made, Hours) else None


@rules.add(r"{n}(?= (?:on |the |_ )?D\d+$)", r"(?<=P[a-z]{7} ){n}(?= |$)")
def _hour_before_day(reading: Reading, found: re.Match[str]) -> Made:
    return said_hour(found[1]) if int(found[1]) <= 12 else None


@rules.add(r"{T} (or|and|-|to|,) (?:(?:at|las|around|or) )*{n}(?! (?:_|M|days?|weeks?|months?))")
def _another_hour(reading: Reading, found: re.Match[str]) -> Made:
    made = said_hour(found[3]) if reading.hours[int(found[1])].single and int(found[3]) <= 12 else None
    return f"T{found[1]} {found[2]} {reading.symbol(made, '_')}" if isinstance(made, Hours) else None


@rules.add(r"{n}(?= or T)")
def _hour_or(reading: Reading, found: re.Match[str]) -> Made:
    return said_hour(found[1])


@rules.add(r"D(\d+) (early|late)(?! [a-z])", r"(early|late) D(\d+)", r"D(\d+) (early|late)")
def _edge_with_day(reading: Reading, found: re.Match[str]) -> Made:
    word = found[1] if found[1] in {"early", "late"} else found[2]
    index = found[2] if found[1] in {"early", "late"} else found[1]
    return f"D{index} {reading.symbol(part_of_day(word), '_')}"


@rules.add(r"early")
def _early(_: Reading, __: re.Match[str]) -> Made:
    return part_of_day("early")


@rules.add(r"P([a-z]+)")
def _part_of_day(_: Reading, found: re.Match[str]) -> Made:
    return part_of_day(found[1]) if found[1] in load("when")["parts"] else "_"


@rules.add(
    r"(?<!or )(?<!and )(?<!, )(?<!not )(?<!before )(?<!after ){T}"
    r" (?:(?:in|of|at|on|the|las|,|_) )*{T}(?! (?:or|and|,|to|-) )"
)
def _clock_in_part(reading: Reading, found: re.Match[str]) -> Made:
    clock, part = reading.hours[int(found[1])], reading.hours[int(found[2])]
    if clock.part and not part.part:
        clock, part = part, clock
    if clock.part or not part.part or "after" in found[0] or "before" in found[0]:
        return None
    return shifted(clock, part) if clock.first is not None and clock.last is not None else None


@rules.add(
    r"(?:from|between|of) (?:(?:at|las|the) )*{T} (?:(?:to|until|-|and|a|las|at|the) )+{T}",
    r"{T} (?:to|until|-|a) (?:(?:las|at|the) )*{T}",
)
def _clock_range(reading: Reading, found: re.Match[str]) -> Made:
    first, last = reading.hours[int(found[1])], reading.hours[int(found[2])]
    if first.first is None or last.last is None or first.first > last.last:
        return None
    return Hours(first.first, last.last)


@rules.add(r"{T} (?:(?:or|/|and|,|-) )+(?:(?:at|in|the|las|around|even|early|on) )*{T}")
def _or_hours(reading: Reading, found: re.Match[str]) -> Made:
    first, last = reading.hours[int(found[1])], reading.hours[int(found[2])]
    if None in {first.first, first.last, last.first, last.last}:
        return None
    if first.part != last.part and "or" not in found[0].split():
        return None
    return union_of_hours([first, last])


@rules.add(
    r"after (?:(?:in|the|at|las|around) )*{T}",
    r"from (?:(?:in|the|at|las|around) )*{T}(?: (?:on|onward|_ on))?",
    r"{T} onward",
)
def _after_hour(reading: Reading, found: re.Match[str]) -> Made:
    hours = reading.hours[int(found[1])]
    return Hours(hours.first if not hours.part or "after" not in found[0] else hours.last, None, soft=hours.soft)


@rules.add(r"(?:before|by|until) (?:(?:in|the|at|las|around) )*{T}", r"{T} latest")
def _before_hour(reading: Reading, found: re.Match[str]) -> Made:
    hours = reading.hours[int(found[1])]
    if hours.part and found[0].startswith("before"):
        return Hours(None, hours.first)
    return Hours(None, hours.last, soft=hours.soft)


@rules.add(
    r"(?:not|except|daily) (?:(?:in|the|at|las|on|each|any|_|of|for) )*{T}((?: (?:or|and|,) T\d+)?)",
    r"{T} nogood",
)
def _not_then(reading: Reading, found: re.Match[str]) -> Made:
    hours = reading.hours[int(found[1])]
    if hours.single or hours.first is None or hours.last is None:
        return "_"
    return Hours(hours.last, None) if hours.first < NOON else Hours(None, hours.first)
