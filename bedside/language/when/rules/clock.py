"""Hours in words ("half past three"), the parts of a day, and small words settled first ("manana", "not before")."""

from __future__ import annotations

import re

from bedside.language.when.grammar import Rules
from bedside.language.when.hours import NOON, Hours, at_minute, part_of_day, said_hour
from bedside.language.when.reading import Made, Reading

rules = Rules()


@rules.add(r"not (?:(?:_|at|on) ){0,3}(?:before|until)", r"(?:not|except) from")
def _not_before(_: Reading, __: re.Match[str]) -> str:
    return "from"


@rules.add(r"(?:not|except) (?:(?:_|at|on) ){0,3}after", r"not by")
def _not_after(_: Reading, __: re.Match[str]) -> str:
    return "by"


@rules.add(r"((?:any|each|weekdays)(?: (?:_|of|in|on|the|next|this|coming|week|month|day|or|M\d+))*) but")
def _any_but(_: Reading, found: re.Match[str]) -> str:
    return f"{found[1]} except"


@rules.add(r"this manana", r"manana(?= (?:in )?las manana)")
def _this_morning(reading: Reading, found: re.Match[str]) -> str:
    return "today Pmorning" if found[0].startswith("this") else "tomorrow"


@rules.add(r"(?:(?:in|of|at|to|on) )?(?:las|the) mananas?", r"mananas", r"(?<=W\d )manana")
def _morning(_: Reading, __: re.Match[str]) -> str:
    return "Pmorning"


@rules.add(r"manana")
def _tomorrow(_: Reading, __: re.Match[str]) -> str:
    return "tomorrow"


@rules.add(r"(?:since|from) yesterday(?: P[a-z]+)?", r"(?:last|final) P[a-z]+")
def _since_yesterday(_: Reading, __: re.Match[str]) -> str:
    return "_"


@rules.add(r"(?:this|today of) (P[a-z]+)")
def _this_part(_: Reading, found: re.Match[str]) -> str:
    return f"today {found[1]}"


@rules.add(r"tonight")
def _tonight(_: Reading, __: re.Match[str]) -> str:
    return "today Pevening"


@rules.add(
    r"(early|earlier|late|later|middle|end|beginning|mid) (?:(?:in|of|the|las|on) )*P(morning|afternoon|evening)",
    r"(early|late|later) (?:in |of )?the (?:day)",
)
def _modified_part(_: Reading, found: re.Match[str]) -> Made:
    part = found[2] if found.re.groups > 1 else ""
    word = {"earlier": "early", "beginning": "early", "later": "late", "end": "late", "middle": "mid"}.get(
        found[1], found[1]
    )
    if not part:
        return part_of_day("early" if word == "early" else "late")
    return part_of_day("early" if part == "morning" and word == "early" else f"{word}{part}")


@rules.add(r"P(morning|afternoon|evening) (early|late)(?! (?:in|of|M|next|this|W))")
def _part_modified(_: Reading, found: re.Match[str]) -> Made:
    return part_of_day("early" if found[1] == "morning" and found[2] == "early" else f"{found[2]}{found[1]}")


@rules.add(r"(?:P(first|eod)) (?:(?:in|of|the|las|on) )*P(?:morning|afternoon)", r"P(first)", r"P(eod)")
def _edge_of_day(_: Reading, found: re.Match[str]) -> Made:
    return part_of_day(found[1])


@rules.add(r"A(?:school|work)(?: at| around)?(?= [NSTF]\d)", r"A(?:school|work) _ (?:_ )?at(?= [NST]\d)")
def _off_at(_: Reading, __: re.Match[str]) -> str:
    return "after"


@rules.add(r"Aschool", r"Awork", r"Bwork", r"Sschool", r"C")
def _around_work(_: Reading, found: re.Match[str]) -> Made:
    spans = {
        "Aschool": (900, None),
        "Awork": (1020, None),
        "Bwork": (None, 540),
        "Sschool": (480, 900),
        "C": (720, None),
    }
    return Hours(*spans[found[0]], guess=True)


@rules.add(r"noon")
def _noon(_: Reading, __: re.Match[str]) -> Made:
    return at_minute(NOON)


@rules.add(r"{n} o'clock")
def _o_clock(_: Reading, found: re.Match[str]) -> Made:
    return said_hour(found[1])


@rules.add(r"(?:(?:at|around|las) )*half after {n}", r"(?:(?:at|around|las) )*{n} and (?:a )?half")
def _half_past(_: Reading, found: re.Match[str]) -> Made:
    return said_hour(found[1], 30)


@rules.add(r"(?:(?:at|around|las|a) )*quarter after {n}", r"(?:(?:at|around|las) )*{n} and (?:a )?quarter")
def _quarter_past(_: Reading, found: re.Match[str]) -> Made:
    return said_hour(found[1], 15)


@rules.add(
    r"(?:(?:at|around|las|a) )*quarter (?:to|until|of|before) {n}",
    r"(?:(?:at|around|las) )*{n} lessquarter",
    r"(?:(?:at|_) )*quarter for (?:las )?{n}",
)
def _quarter_to(_: Reading, found: re.Match[str]) -> Made:
    return said_hour(found[1], -15)


@rules.add(
    r"(?:(?:at|around|las) )*S(\d{1,2}) S(10|15|20|25|30|35|40|45|50|55)(?! [a-z]*(?:day|week|month|hour|minute))"
)
def _spoken_clock(_: Reading, found: re.Match[str]) -> Made:
    return said_hour(found[1], int(found[2]))


@rules.add(r"(?:at|around|las) N(\d{1,2}) [NS](10|15|20|25|30|35|40|45|50|55)(?! [a-z]*(?:day|week|month))")
def _spaced_clock(_: Reading, found: re.Match[str]) -> Made:
    return said_hour(found[1], int(found[2]))


@rules.add(
    r"(?<!M\d )(?<!M\d\d )(?<!the )(?:(?:at|around) )*S(5|10|20|25) after {n}",
    r"(?:(?:at|around) )*{n} minutes after {n}",
)
def _minutes_past(_: Reading, found: re.Match[str]) -> Made:
    return said_hour(found[2], int(found[1]))


@rules.add(r"(?:at|around) {n} and [NS](5|10|15|20|25|35|40)")
def _and_minutes(_: Reading, found: re.Match[str]) -> Made:
    return said_hour(found[1], int(found[2])) if int(found[2]) > int(found[1]) or int(found[2]) > 12 else None


@rules.add(
    r"(?:at|around) S(5|10|20|25) (?:to|until|before|of) {n}",
    r"S(20|25) (?:to|until) {n}(?! (?:M|days?|weeks?|minutes))",
    r"(?:(?:at|around) )*{n} minutes (?:to|until|before|of) {n}",
)
def _minutes_to(_: Reading, found: re.Match[str]) -> Made:
    return said_hour(found[2], -int(found[1]))


@rules.add(r"N(\d{1,2}) N(15|30|45)(?= (?:D\d|P[a-z]|today|tomorrow|W\d|[ap]m)|$)")
def _bare_clock(_: Reading, found: re.Match[str]) -> Made:
    return said_hour(found[1], int(found[2])) if int(found[1]) <= 12 else None


@rules.add(r"(?:(?:at|around|las) )*(?:{n}|{T}) ([ap])m")
def _with_half(reading: Reading, found: re.Match[str]) -> Made:
    clock = reading.hours[int(found[2])] if found[2] else said_hour(found[1])
    if not isinstance(clock, Hours) or not clock.soft or clock.first is None:
        return None
    return at_minute(clock.first % NOON + NOON * (found[3] == "p"))


@rules.add(r"am or pm", r"pm or am")
def _any_half(_: Reading, __: re.Match[str]) -> str:
    return "any"


@rules.add(r"(?<=\d )([ap])m", r"(?<=today )([ap])m", r"(?<=tomorrow )([ap])m", r"([ap])m(?= only)")
def _half_of_day(_: Reading, found: re.Match[str]) -> str:
    return "Pmorning" if found[1] == "a" else "Pafternoon"


@rules.add(r"works (?:(?:_|at|the|in|on|my|a|las|all|day) ){0,5}until")
def _works_until(_: Reading, __: re.Match[str]) -> str:
    return "after"


@rules.add(r"works(?= (?:(?:on|the|in|from|of|las|each|every) )*[WPNT])")
def _at_work(_: Reading, __: re.Match[str]) -> str:
    return "not"
