"""Dates of birth in any form that people type (BRIEF 3.2): candidates, because a two-digit year can mean two."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from bedside.language.numerals import read_cardinal
from bedside.language.wordlists import fold, load, tidy

OLDEST = 120  # years
_SEPARATED = re.compile(
    r"(?<![\d/.\-])(?:(?P<first>\d{1,2})\s?(?P<sep>[/.\-])\s?(?P<second>\d{1,2})\s?[/.\-]\s?'?(?P<year>\d{4}|\d{2})"
    r"|(?P<iso>\d{4})[/.\-](?P<month>\d{1,2})[/.\-](?P<day>\d{1,2}))(?![\d/]|[.\-]\d)"
)
_SPACED = re.compile(r"(?<![\d/.\-$])(\d{1,2})[\s,]{1,2}(\d{1,2})[\s,]{1,2}(\d{4}|\d{2})(?![\d/.\-]*\d)")
_SOLID = re.compile(r"(?<![\w/.\-$])(\d{8}|\d{6})(?![\w/\-]|\.\d)")
_PIECE = re.compile(r"\d+|[^\W\d_]+|[^\w\s]")
_WORD_GAP = 4  # other words between a day and a four-digit year


@dataclass(frozen=True)
class BirthDate:
    """What a stretch of the text says about a date of birth: the days it can mean, nearest first."""

    start: int
    end: int
    days: tuple[date, ...]


@dataclass(frozen=True)
class _Piece:
    kind: str  # "number", "month", "word", "mark"
    value: int
    digits: int
    text: str
    start: int
    end: int
    ordinal: bool = False


def read_birth_dates(text: str, today: date, asked: bool, language: str = "en") -> tuple[date, ...]:
    """The dates of birth the text can mean, nearest first for a two-digit year; empty when there is none.

    American order; in Spanish both orders count. Without `asked` a date needs a year, is older than last year, and must
    not plainly be another kind of date.
    """
    days: list[date] = []
    for found in find_birth_dates(text, today, asked, language):
        days += [day for day in found.days if day not in days]
    return tuple(days)


def find_birth_dates(text: str, today: date | None, asked: bool, language: str = "en") -> list[BirthDate]:
    """Like `read_birth_dates`, with the places where they stand in the tidied text; any year goes without `today`."""
    plain = fold(tidy(text))
    found: list[BirthDate] = []
    for candidate in _candidates(plain, today, asked, language):
        if not candidate.days or any(candidate.start < other.end and other.start < candidate.end for other in found):
            continue
        if not asked and not _is_volunteered(plain, candidate, today):
            continue
        found.append(candidate)
    return sorted(found, key=lambda one: one.start)


def _is_volunteered(plain: str, candidate: BirthDate, today: date | None) -> bool:
    before = plain[: candidate.start]
    near = plain[max(0, candidate.start - 40) : candidate.end + 25]
    if _cues().search(near):
        return True
    if today and any(day.year >= today.year - 1 for day in candidate.days):
        return False
    return not _other_dates().search(before)


def _candidates(plain: str, today: date | None, asked: bool, language: str) -> Iterator[BirthDate]:
    for found in _SEPARATED.finditer(plain):
        if found["iso"]:
            days = _days(int(found["iso"]), ((int(found["month"]), int(found["day"])),), today)
        else:
            days = _numeric(int(found["first"]), int(found["second"]), found["year"], today, language)
        yield BirthDate(found.start(), found.end(), days)
    yield from _with_month_names(plain, today)
    for found in _SPACED.finditer(plain):
        if len(found[3]) == 4 or asked:
            days = _numeric(int(found[1]), int(found[2]), found[3], today, language)
            yield BirthDate(found.start(), found.end(), days)
    if asked:
        for found in _SOLID.finditer(plain):
            yield BirthDate(found.start(), found.end(), _solid(found[1], today, language))


def _numeric(first: int, second: int, year: str, today: date | None, language: str) -> tuple[date, ...]:
    orders = [(first, second)]
    if language == "es" or first > 12:
        orders.append((second, first))
    days: list[date] = []
    for full in _years(year, today):
        days += [day for day in _days(full, orders, today) if day not in days]
    return tuple(days)


def _solid(digits: str, today: date | None, language: str) -> tuple[date, ...]:
    first, second, year = int(digits[:2]), int(digits[2:4]), digits[4:]
    days = _numeric(first, second, year, today, language)
    if not days and len(digits) == 8:
        days = _days(int(digits[:4]), ((int(digits[4:6]), int(digits[6:])),), today)
    return days


def _years(year: str, today: date | None) -> tuple[int, ...]:
    if len(year) == 4:
        return (int(year),)
    if today is None:
        return (1900 + int(year), 2000 + int(year))
    century = today.year // 100 * 100
    return tuple(full for full in (century + int(year), century - 100 + int(year)) if full <= today.year)


def _days(
    year: int, orders: tuple[tuple[int, int], ...] | list[tuple[int, int]], today: date | None
) -> tuple[date, ...]:
    days: list[date] = []
    for month, day in orders:
        try:
            born = date(year, month, day)
        except ValueError:
            continue
        possible = today is None or (born <= today and today.year - born.year <= OLDEST)
        if possible and born not in days:
            days.append(born)
    return tuple(days)


def _with_month_names(plain: str, today: date | None) -> Iterator[BirthDate]:
    pieces = _pieces(plain)
    for index, piece in enumerate(pieces):
        if piece.kind != "month":
            continue
        day = _day_beside(pieces, index)
        if day is None:
            continue
        first, last = min(index, day), max(index, day)
        year = _year_after(pieces, last) if _year_after(pieces, last) is not None else _year_before(pieces, first)
        if year is None:
            continue
        written = pieces[year]
        first, last = min(first, year), max(last, year)
        years = _years(f"{written.value:0{written.digits}d}", today)
        days = tuple(born for full in years for born in _days(full, ((pieces[index].value, pieces[day].value),), today))
        yield BirthDate(pieces[first].start, pieces[last].end, days)


def _pieces(plain: str) -> list[_Piece]:
    raw = list(_PIECE.finditer(plain))
    pieces: list[_Piece] = []
    index = 0
    while index < len(raw):
        found = raw[index]
        word, start, end = found.group(), found.start(), found.end()
        if word.isdecimal():
            following = raw[index + 1].group() if index + 1 < len(raw) else ""
            ordinal = following in {"st", "nd", "rd", "th"} and raw[index + 1].start() == end
            pieces.append(_Piece("number", int(word[:9]), len(word), word, start, end, ordinal))
            index += 2 if ordinal else 1
        elif word in _months():
            pieces.append(_Piece("month", _months()[word], 0, word, start, end))
            index += 1
        else:
            ahead = [place for place in range(index, min(index + 10, len(raw))) if raw[place].group() != "-"]
            spelled = _spelled([raw[place].group() for place in ahead]) if word[0].isalpha() else None
            if spelled:
                value, used, digits, ordinal = spelled
                last = ahead[used - 1]
                pieces.append(_Piece("number", value, digits, word, start, raw[last].end(), ordinal))
                index = last + 1
            else:
                pieces.append(_Piece("word" if word[0].isalpha() else "mark", 0, 0, word, start, end))
                index += 1
    return pieces


def _spelled(words: list[str]) -> tuple[int, int, int, bool] | None:
    """A spelled day or year that begins `words`: value, words taken, digits it stands for, whether an ordinal."""
    tables = load("numerals")
    if words[0] in tables["ordinals"]:
        return int(tables["ordinals"][words[0]]), 1, 2, True
    if words[0] in tables["tens"] and len(words) > 1 and words[1] in tables["ordinals"]:
        return tables["tens"][words[0]] + tables["ordinals"][words[1]], 2, 2, True
    century = {"nineteen": 1900, "twenty": 2000, "eighteen": 1800}.get(words[0])
    if century is not None and len(words) > 1:
        rest = words[1:]
        if rest[0] in {"oh", "o"} and len(rest) > 1 and rest[1] in tables["units"]:
            return century + int(tables["units"][rest[1]]), 3, 4, False
        if rest[0] == "hundred":
            tail = read_cardinal([word for word in rest[1:4] if word != "and"])
            return (century + (tail[0] if tail else 0)), (2 + (tail[1] if tail else 0)), 4, False
        if rest[0] in tables["tens"] or (rest[0] in tables["teens"]):
            tail = read_cardinal(rest[:2])
            if tail and tail[0] < 100:
                return century + tail[0], 1 + tail[1], 4, False
    whole = read_cardinal(words)
    if whole is None:
        return None
    value, used = whole
    if value >= 1000:
        return value, used, 4, False
    return (value, used, 2, False) if value < 100 else None


def _day_beside(pieces: list[_Piece], month: int) -> int | None:
    """The day of the month: "march 4th", "4 de marzo", "the eighth of june", "may/23"."""
    after = _next_number(pieces, month, 1, {"the", "el", "dia", "/", "-", ".", ","})
    before = _next_number(pieces, month, -1, {"of", "de", "/", "-", ".", "'"})
    days = [
        place
        for place in (before, after)
        if place is not None and 1 <= pieces[place].value <= 31 and pieces[place].digits <= 2
    ]
    return days[0] if days else None


def _next_number(pieces: list[_Piece], start: int, step: int, skipped: set[str]) -> int | None:
    index = start + step
    while 0 <= index < len(pieces) and abs(index - start) <= 3:
        piece = pieces[index]
        if piece.kind == "number":
            return index
        if piece.text not in skipped:
            return None
        index += step
    return None


def _year_after(pieces: list[_Piece], last: int) -> int | None:
    words = others = 0
    stopped = False
    for index in range(last + 1, len(pieces)):
        piece = pieces[index]
        if piece.kind == "number":
            short = piece.digits == 2 and not others and not stopped and not piece.ordinal
            spelled_unit = not piece.text.isdecimal() and piece.value < 10
            return index if piece.digits == 4 or (short and not spelled_unit) else None
        stopped = stopped or (piece.text == "." and pieces[min(index + 1, len(pieces) - 1)].start > piece.end)
        if piece.kind == "month" or piece.text in {"!", "?", "$", "#"}:
            return None
        if piece.kind == "word":
            words += 1
            others += not _between().fullmatch(piece.text)
            if words > _WORD_GAP:
                return None
    return None


def _year_before(pieces: list[_Piece], first: int) -> int | None:
    """ "nineteen seventy three, april first"; "nací en 1949, 19 de agosto"."""
    for index in range(first - 1, max(-1, first - 5), -1):
        piece = pieces[index]
        if piece.kind == "number":
            return index if piece.digits == 4 or (piece.digits == 2 and piece.value > 31) else None
        if piece.kind == "month" or (piece.kind == "word" and not _between().fullmatch(piece.text)):
            return None
    return None


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    return dict(load("birth_dates")["months"])


@lru_cache(maxsize=1)
def _cues() -> re.Pattern[str]:
    return re.compile(load("birth_dates")["cues"])


@lru_cache(maxsize=1)
def _other_dates() -> re.Pattern[str]:
    return re.compile(load("birth_dates")["other_dates"])


@lru_cache(maxsize=1)
def _between() -> re.Pattern[str]:
    return re.compile(load("birth_dates")["between"])
