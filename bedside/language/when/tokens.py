"""From text to tokens: the language, the stretches that are no dates, then words, numbers, dates, clocks and marks."""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from bedside.language.birth_dates import find_birth_dates
from bedside.language.detect import detect_language
from bedside.language.when.vocabulary import masks, month_names, weekday_names

_TOKEN = re.compile(
    r"(?P<iso>(?<![0-9])[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}(?![0-9]))"
    r"|(?P<full>(?<![0-9/])[0-9]{1,2}\s?([/.-])\s?[0-9]{1,2}\s?[/.-]\s?'?(?:[0-9]{4}|[0-9]{2})(?![0-9/]))"
    r"|(?P<slash>(?<![0-9/])[0-9]{1,2}/[0-9]{1,2}(?![0-9/]))"
    r"|(?P<clock>(?<![0-9:])[0-9]{1,2}\s?(?:[:;]|(?<=[0-9])h)[0-9]{2}(?![0-9:])(?:\s?(?:[ap]\.?\s?m\b\.?|[ap]\b))?"
    r"|(?<![0-9:.])[0-9]{1,2}(?:\s?\.\s?[0-9]{2}|[0-9]{2})?\s?(?:[ap]\.?\s?m\b\.?)(?!')|(?<![0-9:.])[0-9]{1,2}[ap]\b)"
    r"|(?P<oclock>(?<![0-9])[0-9]{1,2}\s?(?:hrs|hs|h)\b)"
    r"|(?P<dotted>(?<![0-9.])[0-9]{1,2}\.[0-5][0-9](?![0-9.]))"
    r"|(?P<ordinal>(?<![0-9])[0-9]{1,2}(?:st|nd|rd|th|ro|o|º|°)(?![^\W\d_]))"
    r"|(?P<ish>(?<![0-9])[0-9]{1,2}(?::[0-9]{2})?\s?-?\s?ish\b)"
    r"|(?P<texted>\bb/?4\b|\b2(?:day|moro|morrow|mrw|nite|night)\b)"
    r"|(?P<number>[0-9]+)"
    r"|(?P<word>[^\W\d_]+(?:'[^\W\d_]+)*)"
    r"|(?P<mark>[^\w\s\x00])"
)


class Token(NamedTuple):
    """A piece of the text: its kind (a group of the expression above), and where it stands."""

    kind: str
    text: str
    start: int
    end: int


def tokens_of(plain: str) -> list[Token]:
    """The tokens of a text, in order; what is masked is none."""
    return [Token(str(found.lastgroup), found.group(), found.start(), found.end()) for found in _TOKEN.finditer(plain)]


def is_spanish(text: str, plain: str) -> bool:
    """Whether a text is Spanish; `plain` is the same text folded. Where that is unclear, common words decide."""
    language = detect_language(text)
    if language is None:
        words = set(re.findall(r"[^\W\d_]+", plain))
        language = "es" if words & {"el", "la", "las", "los", "para", "dia", "cita", "puedo", "al", "del"} else "en"
    return language == "es"


def masked(text: str, plain: str, today: dt.date, spanish: bool) -> str:
    """The folded text with null characters where numbers are no wish: birth dates, sums, addresses."""
    if re.search(r"\d", plain):
        for found in find_birth_dates(text, today, False, "es" if spanish else "en"):
            piece = plain[found.start : found.end]
            short = re.search(r"/(\d\d)$", piece)
            soon = short is not None and 0 <= 2000 + int(short[1]) - today.year <= 2
            sure = (re.search(r"\d{4}|/", piece) and not soon) or re.search(r"birth|born|\bnaci|\bdob\b", plain)
            if sure and all(day.year < today.year for day in found.days):
                plain = plain[: found.start] + "\x00" * (found.end - found.start) + plain[found.end :]
    for mask in masks():
        plain = mask.sub(lambda found: "\x00" * len(found.group()), plain)
    return re.sub(r"(?<=[^\W\d_])-(?=[^\W\d_])", _hyphen, plain)


def _hyphen(found: re.Match[str]) -> str:
    text = found.string
    before = re.search(r"[^\W\d_]+$", text[: found.start()])
    after = re.match(r"[^\W\d_]+", text[found.end() :])
    names = {**weekday_names(), **month_names()}
    return "-" if before and after and before.group() in names and after.group() in names else " "
