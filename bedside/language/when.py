"""When a patient can come: days and hours as people say them, English and Spanish, read by a small grammar.

The text becomes a line of symbols, one for each word or phrase of `words/when.yml` ("W1" a Tuesday, "N5" a number,
"after", "_" for what means nothing here). Rules then rewrite the line, in order, until only days ("D"), hours ("T") and
parts of the day ("P") are left, which are put together at the end.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays as holiday_library
from rapidfuzz.distance import OSA

from bedside.language.birth_dates import find_birth_dates
from bedside.language.detect import detect_language
from bedside.language.numerals import read_cardinal
from bedside.language.wordlists import fold, load, tidy, word_set

Range = tuple[dt.date | None, dt.date | None]
TimeRange = tuple[dt.time | None, dt.time | None]

JUST_PASSED = 60  # days in which a date without a year may still mean the one gone by
LONGEST = 1500  # characters read
_HORIZON = 800  # days within which a weekday, a holiday or a day of the month is looked for
_NOON = 12 * 60
_LAST_MINUTE = 24 * 60 - 1
_DAY = dt.timedelta(days=1)
_IDIOMS = {"ocho": 7, "quince": 14}  # "de hoy en ocho" is a week, "en quince días" two


@dataclass(frozen=True)
class When:
    """The wish of a patient: a day or days (both ends count, an open end is None), an hour or hours.

    `ambiguous` asks for a question back; `problem` says why: "impossible", "past", "holiday" or "ambiguous".
    """

    date: dt.date | Range | None = None
    time: dt.time | TimeRange | None = None
    ambiguous: bool = False
    excluded: frozenset[int] = field(default_factory=frozenset)
    problem: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The wish as plain data: ISO days, "HH:MM" hours, ranges with "from" and "to"."""
        day: Any = self.date
        if isinstance(self.date, tuple):
            first, last = self.date
            day = {"from": first.isoformat() if first else None, "to": last.isoformat() if last else None}
        elif self.date is not None:
            day = self.date.isoformat()
        hour: Any = self.time
        if isinstance(self.time, tuple):
            opens, closes = self.time
            hour = {"from": f"{opens:%H:%M}" if opens else None, "to": f"{closes:%H:%M}" if closes else None}
        elif self.time is not None:
            hour = f"{self.time:%H:%M}"
        return {"date": day, "time": hour, "ambiguous": self.ambiguous}


@dataclass(frozen=True)
class _Days:
    first: dt.date | None
    last: dt.date | None
    weekdays: tuple[int, ...] = ()  # said by bare weekdays: they move into a week or month named beside them
    kind: str = ""  # "week", "month", "day of month", "near"
    problem: str | None = None
    dated: bool = False  # a year was said
    alternative: bool = False  # built of several days

    @property
    def single(self) -> bool:
        return self.first is not None and self.first == self.last


@dataclass(frozen=True)
class _Hours:
    first: int | None  # minutes of the day
    last: int | None
    soft: bool = False  # morning or afternoon was not said
    part: bool = False  # a part of the day, such as the morning
    guess: bool = False  # "after work", which an hour said beside it overrules

    @property
    def single(self) -> bool:
        return self.first is not None and self.first == self.last


@dataclass(frozen=True)
class _Span:
    amount: int
    unit: str  # "day", "week", "month", "year", "hour", "minute"
    most: int


def read_when(
    text: str, now: dt.datetime, tz: ZoneInfo, holidays: Callable[[dt.date], str | None] | None = None
) -> When:
    """The days and hours in which the writer wishes to come; `now` carries a zone, days are those of `tz`.

    `holidays` names the holiday of a day on which the clinic is closed. Never raises for any text.
    """
    if now.utcoffset() is None:
        raise ValueError("a moment needs a time zone")
    return _Reading(text[:LONGEST], now.astimezone(tz).replace(tzinfo=None)).result(holidays)


# --- From text to symbols ---------------------------------------------------------------------------------------------

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
_MARKS = {"-": "-", "/": "/", "&": "and", "@": "at", "~": "around", ",": ",", "(": ",", ")": ",", ":": ",", "+": "and"}
_STOPS = {".": ".", ";": ".", "!": ".", "?": "."}


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


@cache
def _phrases() -> dict[tuple[str, ...], str]:
    table: dict[tuple[str, ...], str] = {}
    lists = load("when")
    for symbol, phrases in lists["phrases"].items():
        for phrase in phrases:
            table[_spell(str(phrase))] = str(symbol)
    for name, phrases in lists["anchors"].items():
        for phrase in phrases:
            table[_spell(str(phrase))] = f"H{list(lists['anchors']).index(name)}"
    return table


def _spell(phrase: str) -> tuple[str, ...]:
    return tuple(found.group() for found in re.finditer(r"[^\W_]+(?:'[^\W\d_]*)*|[^\w\s]", fold(phrase)) if found)


@cache
def _longest_from() -> dict[str, int]:
    longest: dict[str, int] = {}
    for phrase in _phrases():
        longest[phrase[0]] = max(longest.get(phrase[0], 0), len(phrase))
    return longest


@cache
def _weekdays() -> dict[str, int]:
    return {word: day for day, words in enumerate(load("when")["weekdays"]) for word in words.split()}


@cache
def _months() -> dict[str, int]:
    extra = {word: month for word, month in load("when")["months_extra"].items() if month}
    return {**load("birth_dates")["months"], **extra}


@cache
def _pattern(key: str) -> re.Pattern[str]:
    return re.compile(load("when")[key])


@cache
def _masks() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(mask) for mask in load("when")["masks"])


@cache
def _before(key: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(load('when')[key])})\s+(?=[^\W_])")


@cache
def _misspelled(word: str) -> str | None:
    """The weekday or month ("W1", "M10") that an unknown word comes close to."""
    known = word in word_set("ordinary", "words") or word in word_set("names", "given")
    if len(word) < 5 or known or not word.isascii():
        return None
    for names, letter in ((_weekdays(), "W"), (_months(), "M")):
        for name, value in names.items():
            allowed = 2 if len(name) >= 8 and len(word) >= 7 else 1
            if len(name) >= 6 and name[0] == word[0] and OSA.distance(word, name, score_cutoff=allowed) <= allowed:
                return f"{letter}{value}"
    if any(OSA.distance(word, name, score_cutoff=1) <= 1 for name in ("tomorrow", "tommorrow")):
        return "tomorrow"
    return None


@cache
def _holidays_of(year: int) -> dict[str, tuple[dt.date, dt.date]]:
    """The days people count from in a year, by the names of the word list."""
    found: dict[str, tuple[dt.date, dt.date]] = {}
    categories = (holiday_library.PUBLIC, holiday_library.UNOFFICIAL)
    for day, names in holiday_library.country_holidays(
        "US", years=year, categories=categories, language="en_US", expand=False
    ).items():
        for name in names.split("; "):
            found.setdefault(name, (day, day))
    texas = holiday_library.country_holidays("US", subdiv="TX", years=year, language="en_US", expand=False)
    fridays = texas.get_named("Good Friday")
    if fridays:
        found["good friday"] = (fridays[0], fridays[0])
        found["easter"] = (fridays[0] + 2 * _DAY, fridays[0] + 2 * _DAY)
    thanksgiving = found.get("Thanksgiving Day")
    if thanksgiving:
        found["black friday"] = (thanksgiving[0] + _DAY, thanksgiving[0] + _DAY)
    for name in load("when")["anchors"]:
        parts = re.fullmatch(r"(\d\d)-(\d\d)(?:/(\d\d)-(\d\d))?", name)
        if parts:
            first = dt.date(year, int(parts[1]), int(parts[2]))
            last = dt.date(year + 1, int(parts[3]), int(parts[4])) if parts[3] else first
            found[name] = (first, last)
    return found


# --- The grammar ------------------------------------------------------------------------------------------------------

_Made = _Days | _Hours | _Span | str | None
_RULES: list[tuple[re.Pattern[str], Callable[[_Reading, re.Match[str]], _Made]]] = []
_NAMES = {
    "{n}": r"[NS](\d{1,2})",
    "{day}": r"(?:[NS]|O|Q)(\d{1,2})",
    "{o}": r"[OQ](\d{1,2})",
    "{W}": r"W(\d)",
    "{D}": r"D(\d+)",
    "{T}": r"T(\d+)",
    "{U}": r"U(\d+)",
    "{H}": r"H(\d+)",
    "{the}": r"(?:(?:the|las|a) )?",
    "{of}": r"(?:(?:of|in|on|for|,) )*(?:(?:the|las) )?",
    "{to}": r"(?:to|a|until|-|and|by)",
    "{year}": r"(?: (?:, )?(?:of (?:the )?)?Y(\d{4}))?",
    "{on}": r"(?:(?:on|in|for|at|the|,|_|around|of) )*",
    "{month}": r"(M\d+(?: (?:of )?Y\d{4})?|(?:this|next|coming) month|month next|month)",
    "{sep}": r"(?:,|or|and|-|/|to)",
}


def _rule(
    *patterns: str,
) -> Callable[[Callable[[_Reading, re.Match[str]], _Made]], Callable[[_Reading, re.Match[str]], _Made]]:
    """Registers a rewriting: what stands for the pattern becomes what the function makes; None leaves it."""

    def register(make: Callable[[_Reading, re.Match[str]], _Made]) -> Callable[[_Reading, re.Match[str]], _Made]:
        for pattern in patterns:
            for name, meaning in _NAMES.items():
                pattern = pattern.replace(name, meaning)
            _RULES.append((re.compile(rf"(?<!\S)(?:{pattern})(?!\S)"), make))
        return make

    return register


class _Reading:
    """One text on its way from symbols to days and hours."""

    def __init__(self, text: str, now: dt.datetime) -> None:
        self.now = now
        self.today = now.date()
        self.plain = fold(tidy(text))
        self.spanish = self._is_spanish(text)
        self.days: list[_Days] = []
        self.hours: list[_Hours] = []
        self.spans: list[_Span] = []
        self.excluded: set[int] = set()
        self.problem: str | None = None
        self.line = self._symbols(text)
        for pattern, make in _RULES:
            self._rewrite(pattern, make)

    def _rewrite(self, pattern: re.Pattern[str], make: Callable[[_Reading, re.Match[str]], _Made]) -> None:
        for _ in range(6):
            line = pattern.sub(lambda found: self._symbol(make(self, found), found.group()), self.line)
            if line == self.line:
                return
            self.line = line

    def _symbol(self, made: _Made, otherwise: str) -> str:
        if made is None:
            return otherwise
        if isinstance(made, str):
            return made
        if isinstance(made, _Days):
            self.days.append(made)
            return f"D{len(self.days) - 1}"
        if isinstance(made, _Hours):
            self.hours.append(made)
            return f"T{len(self.hours) - 1}"
        self.spans.append(made)
        return f"U{len(self.spans) - 1}"

    # From text to symbols

    def _is_spanish(self, text: str) -> bool:
        language = detect_language(text)
        if language is None:
            words = set(re.findall(r"[^\W\d_]+", self.plain))
            language = "es" if words & {"el", "la", "las", "los", "para", "dia", "cita", "puedo", "al", "del"} else "en"
        return language == "es"

    def _masked(self, text: str) -> str:
        plain = self.plain
        if re.search(r"\d", plain):
            for found in find_birth_dates(text, self.today, False, "es" if self.spanish else "en"):
                piece = plain[found.start : found.end]
                short = re.search(r"/(\d\d)$", piece)
                soon = short is not None and 0 <= 2000 + int(short[1]) - self.today.year <= 2
                sure = (re.search(r"\d{4}|/", piece) and not soon) or re.search(r"birth|born|\bnaci|\bdob\b", plain)
                if sure and all(day.year < self.today.year for day in found.days):
                    plain = plain[: found.start] + "\x00" * (found.end - found.start) + plain[found.end :]
        for mask in _masks():
            plain = mask.sub(lambda found: "\x00" * len(found.group()), plain)
        return re.sub(r"(?<=[^\W\d_])-(?=[^\W\d_])", self._hyphen, plain)

    @staticmethod
    def _hyphen(found: re.Match[str]) -> str:
        text = found.string
        before = re.search(r"[^\W\d_]+$", text[: found.start()])
        after = re.match(r"[^\W\d_]+", text[found.end() :])
        names = {**_weekdays(), **_months()}
        return "-" if before and after and before.group() in names and after.group() in names else " "

    def _symbols(self, text: str) -> str:
        plain = self._masked(text)
        tokens = [
            _Token(str(found.lastgroup), found.group(), found.start(), found.end()) for found in _TOKEN.finditer(plain)
        ]
        others = {found.end(): "Z" for found in _before("held").finditer(plain)}
        others |= {found.end(): "X" for found in _before("gone").finditer(plain)}
        symbols: list[str] = []
        index = 0
        while index < len(tokens):
            made, used = self._next_symbol(plain, tokens, index)
            gap = plain[tokens[index - 1].end : tokens[index].start] if index else ""
            symbols += ["."] if "\n" in gap else ["_"] if "\x00" in gap else []
            if tokens[index].start in others:
                symbols.append(others[tokens[index].start])
            if made != "_dot":
                symbols.append(made)
            index += used
        return " ".join(symbols)

    def _next_symbol(self, plain: str, tokens: list[_Token], index: int) -> tuple[str, int]:
        token = tokens[index]
        if token.kind in {"iso", "full", "slash"}:
            return self._numeric(token.text), 1
        if token.kind in {"clock", "oclock", "ish", "dotted"}:
            return self._clock(token, plain), 1
        ahead = [one.text for one in tokens[index : index + 12]]
        for length in range(min(_longest_from().get(token.text, 0), len(ahead)), 0, -1):
            symbol = _phrases().get(tuple(ahead[:length]))
            if symbol is not None and not (length == 1 and self._is_weak(plain, tokens, index)):
                return symbol, length
        if token.kind == "ordinal":
            counted = re.match(rf"\s+{load('when')['counted']}(?![^\W_])", plain[token.end :])
            return ("_" if counted and not self._counts_days(plain, token) else f"O{int(token.text[:-2] or 0)}"), 1
        if token.kind == "number":
            return self._number(plain, token), 1
        if (
            token.text == "."
            and index
            and len(tokens[index - 1].text) < 6
            and plain[token.end - 1 : token.end + 1] != ".\n"
        ):
            word = tokens[index - 1].text
            if (word in _months() or word in _weekdays()) and index + 1 < len(tokens):
                return "_dot", 1
        if token.kind == "mark":
            return _MARKS.get(token.text) or _STOPS.get(token.text) or "_", 1
        return self._word(plain, tokens, index)

    @staticmethod
    def _counts_days(plain: str, token: _Token) -> bool:
        return bool(re.match(r"\s+(?:week|half)\s+(?:of|in)\s", plain[token.end :]))

    def _is_quantity(self, plain: str, end: int) -> bool:
        following = re.match(r"[\s-]?\s*([^\W\d_]+)(?![\w'])", plain[end : end + 40])
        if not following or plain[end : end + 3].strip(" ").startswith("\n"):
            return False
        word = following[1]
        if word in _weekdays() or word in _months() or (word,) in _phrases():
            return False
        if re.match(rf"[\s-]*{load('when')['nouns']}(?![^\W_])", plain[end:]):
            return True
        return len(word) > 4 and word.endswith("s") and word not in {"works", "thanks", "perhaps", "always", "unless"}

    def _number(self, plain: str, token: _Token) -> str:
        digits = token.text
        if self._is_quantity(plain, token.end):
            return "_"
        if len(digits) <= 2:
            return f"N{int(digits)}"
        if len(digits) == 4 and 2000 <= int(digits) < 2100:
            return f"Y{digits}" if not digits.startswith("2000") else "F2000"
        if len(digits) in {3, 4} and int(digits[:-2]) < 24 and int(digits[-2:]) < 60:
            if digits.startswith("0") and len(digits) == 4:
                return self._symbol(_hours(int(digits[:2]) * 60 + int(digits[2:])), "")
            if re.match(r"\s?(?:hours|hrs|h|horas)\b", plain[token.end :]):
                return self._symbol(_hours(int(digits[:-2]) * 60 + int(digits[-2:])), "")
            return f"F{digits}"
        return "_"

    def _word(self, plain: str, tokens: list[_Token], index: int) -> tuple[str, int]:
        token = tokens[index]
        word = token.text
        if not self._is_weak(plain, tokens, index):
            if word in _weekdays():
                return f"W{_weekdays()[word]}", 1
            if word in _months():
                return f"M{_months()[word]}", 1
        elif word in _weekdays() or word in _months():
            return "_", 1
        spelled = self._spelled(plain, tokens, index)
        if spelled:
            return spelled
        return _misspelled(word) or "_", 1

    def _spelled(self, plain: str, tokens: list[_Token], index: int) -> tuple[str, int] | None:
        words = [one.text for one in tokens[index : index + 5]]
        table = load("numerals")
        if words[0] == "once" and not self.spanish:
            return None
        tens = table["tens"].get(words[0])
        if tens and len(words) > 1 and words[1] in table["ordinals"] and table["ordinals"][words[1]] < 10:
            return f"Q{tens + table['ordinals'][words[1]]}", 2
        if words[0] in table["ordinals"]:
            follows = self._follows_ordinal(plain, tokens, index)
            return f"Q{table['ordinals'][words[0]]}" if follows else "_", 1
        if words[0] in {"un", "una", "uno"}:
            after_article = index > 0 and tokens[index - 1].text == "la"
            unit = len(words) > 1 and words[1] in {"semana", "mes", "dia", "hora", "ano", "de"}
            return ("S1" if unit or after_article else "_"), 1
        if words[0] in {"segundo", "segunda", "primera", "tercera", "tercer", "cuarta"}:
            return f"Q{({'p': 1, 's': 2, 't': 3, 'c': 4})[words[0][0]]}", 1
        read = read_cardinal(words)
        if read is None or words[0] in {"a", "and", "y"}:
            return None
        value, used = read
        while used > 1 and (words[used - 1] in {"and", "y"} or (words[0] == "ten" and used == 2)):
            value, used = (read_cardinal(words[: used - 1]) or (value, used))[0], used - 1
        if 2000 < value < 2100:
            return f"Y{value}", used
        if self._is_quantity(plain, tokens[index + used - 1].end):
            return "_", used
        return (f"S{value}", used) if value < 100 else ("_", used)

    @staticmethod
    def _follows_ordinal(plain: str, tokens: list[_Token], index: int) -> bool:
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        if after is None or after.kind != "word" or after.text in _weekdays() or after.text in _months():
            return True
        known = {"week", "semana", "weekend", "half", "part", "day", "full", "few", "two", "three", "couple"}
        return after.text in known or bool(_pattern("follows").fullmatch(after.text))

    def _is_weak(self, plain: str, tokens: list[_Token], index: int) -> bool:
        """Whether "sat", "may" or "march" stands where it is more likely a verb or a name."""
        word = tokens[index].text
        names, months = set(load("when")["weak"].split()), set(load("when")["weak_months"].split())
        if word not in names and word not in months:
            return False
        before = tokens[index - 1] if index else None
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        stopped = before is None or before.text in ".!?;:("
        if word in months:
            day = [one for one in (before, after) if one is not None and one.kind in {"number", "ordinal"}]
            beside = any(len(one.text) <= 4 for one in day)
            if after and (after.text in load("numerals")["ordinals"] or after.text in load("numerals")["tens"]):
                beside = True
            if after and word != "may" and read_cardinal([after.text]) and after.text not in {"one", "a"}:
                beside = True
            if before and (before.text in load("numerals")["ordinals"] or before.text in {"of", "de"}):
                beside = True
            if beside and not (before and before.text in {"i", "you", "we", "he", "she", "they", "it"}):
                return False
            asks = after is not None and after.text in {"i", "we", "he", "she"}
            if before and re.fullmatch(load("when")["month_before"], before.text) and not asks:
                return False
            return not (stopped and after and re.fullmatch("works?|would|or", after.text))
        if before and re.fullmatch(load("when")["weak_before"], before.text):
            verb = word in {"sat", "wed"} and before.text in {"and", "or", "but", "that", "we"}
            return bool(verb and after and after.text in {"in", "down", "there", "for", "on", "with"})
        follows = (
            after is None or after.kind in {"number", "clock", "ordinal", "slash", "ish"} or after.text in ",.!?-/"
        )
        follows = follows or (after is not None and bool(_pattern("weak_after").fullmatch(after.text)))
        if not follows and after and after.text == "in" and index + 3 < len(tokens):
            follows = _pattern("weak_after").fullmatch(tokens[index + 3].text) is not None
        starts = stopped or (before is not None and (before.text in ",-/&" or before.kind in {"number", "clock"}))
        friendly = before is not None and re.fullmatch(
            "come|can|free|off|good|appointment|appt|cita|a|need", before.text
        )
        return not (follows and (starts or bool(friendly) or self._beside_weekday(tokens, index)))

    @staticmethod
    def _beside_weekday(tokens: list[_Token], index: int) -> bool:
        return any(0 <= place < len(tokens) and tokens[place].text in _weekdays() for place in (index - 1, index + 1))

    def _numeric(self, text: str) -> str:
        parts = [int(part) for part in re.findall(r"\d+", text)]
        if len(parts) == 3 and len(re.findall(r"\d+", text)[0]) == 4:
            return self._symbol(self._dated(parts[1], parts[2], parts[0]), "_")
        year = None
        if len(parts) == 3:
            year = parts[2] if parts[2] > 99 else 2000 + parts[2]
        first, second = parts[0], parts[1]
        if not (1 <= first <= 31 and 1 <= second <= 31) or (first > 12 and second > 12):
            return "_"
        if self.spanish and first <= 12 and second <= 12 and first != second:
            return self._symbol(_Days(None, None, problem="ambiguous"), "_")
        month, day = (second, first) if first > 12 else (first, second)
        return self._symbol(self._dated(month, day, year), "_")

    def _clock(self, token: _Token, plain: str) -> str:
        text = token.text
        digits = re.findall(r"\d+", text)
        half = re.search(r"[ap]", text.replace("ish", ""))
        hour, minute = int(digits[0]), int(digits[1]) if len(digits) > 1 else 0
        if len(digits[0]) > 2:
            hour, minute = int(digits[0][:-2]), int(digits[0][-2:])
        elif len(digits) == 1 and len(digits[0]) > 2:
            return "_"
        if hour > 23 or minute > 59:
            return "_"
        if token.kind == "dotted" and not re.search(
            r"(?:\bat|\balas?|\ba las|around|after|before|from|by) ?$", plain[: token.start]
        ):
            return "_"
        if half:
            if hour > 12:
                return self._symbol(_hours(hour * 60 + minute), "_")
            return self._symbol(_hours((hour % 12 + 12 * (half.group() == "p")) * 60 + minute), "_")
        if token.kind == "oclock" or digits[0].startswith("0") or hour > 12 or hour == 0:
            return self._symbol(_hours(hour * 60 + minute), "_")
        return self._symbol(_soft(hour, minute), "_")

    # Days

    def bare(self, weekday: int) -> dt.date:
        """The first such weekday after today."""
        return self.today + _DAY * ((weekday - self.today.weekday() - 1) % 7 + 1)

    def monday(self, weeks: int = 0) -> dt.date:
        """The Monday of the week that lies that many weeks ahead."""
        return self.today + _DAY * (7 * weeks - self.today.weekday())

    def _dated(self, month: int, day: int, year: int | None = None) -> _Days:
        if year is not None:
            made = _date(year, month, day)
            if made is None:
                return _Days(None, None, problem="impossible", dated=True)
            return _Days(made, made, dated=True, problem="past" if made < self.today else None)
        if not 1 <= month <= 12 or not 1 <= day <= 31 or _date(2028, month, day) is None:
            return _Days(None, None, problem="impossible")
        this, following = _date(self.today.year, month, day), _date(self.today.year + 1, month, day)
        gone = [one for one in (this, _date(self.today.year - 1, month, day)) if one and one < self.today]
        if gone and self.today - max(gone) <= JUST_PASSED * _DAY:
            return _Days(None, None, problem="past")
        made = this if this and this >= self.today else following
        return _Days(made, made) if made else _Days(None, None, problem="impossible")

    def _day_of_month(self, day: int) -> _Days:
        if not 1 <= day <= 31:
            return _Days(None, None, problem="impossible")
        year, month = self.today.year, self.today.month
        for _ in range(4):
            made = _date(year, month, day)
            if made and made >= self.today:
                return _Days(made, made, kind="day of month")
            year, month = _next_month(year, month)
        return _Days(None, None, problem="impossible")

    def month(self, said: str) -> tuple[int, int, bool]:
        """Year and month of "M12", "M12 Y2027", "next month", "this month"; whether the year was said."""
        named = re.match(r"M(\d+)(?:.*Y(\d{4}))?", said)
        if not named:
            here = (self.today.year, self.today.month)
            return (*(_next_month(*here) if "next" in said or "coming" in said else here), False)
        month = int(named[1])
        if named[2]:
            return int(named[2]), month, True
        return self.today.year + (month < self.today.month), month, False

    def _in_month(self, said: str, first: int, last: int) -> _Days:
        """The days of a month from `first` to `last`, counted from its end when not positive."""
        year, month, dated = self.month(said)
        length = calendar.monthrange(year, month)[1]
        low, high = dt.date(year, month, _from_end(first, length)), dt.date(year, month, _from_end(last, length))
        if not dated and said.startswith("M") and (year, month) > (self.today.year, self.today.month):
            before = dt.date(year - 1, month, 1)
            passed = before.replace(day=_from_end(last, calendar.monthrange(year - 1, month)[1]))
            if passed < self.today and self.today - passed <= JUST_PASSED * _DAY:
                return _Days(None, None, problem="past")
        return self._ahead(low, high, "month", dated)

    def _ahead(self, low: dt.date, high: dt.date, kind: str, dated: bool = False) -> _Days:
        if high < self.today:
            return _Days(low, high, problem="past", dated=True) if dated else _Days(None, None, problem="past")
        return _Days(max(low, self.today), high, kind=kind, dated=dated)

    def _week(self, monday: dt.date, last: int = 4) -> _Days:
        return self._ahead(monday, monday + last * _DAY, "week")

    def holiday(self, index: int, choose: Callable[[dt.date, dt.date], dt.date]) -> dt.date | None:
        """The first day from today on that `choose` makes of the holiday's first and last day, over the years."""
        name = list(load("when")["anchors"])[index]
        for year in (self.today.year - 1, self.today.year, self.today.year + 1, self.today.year + 2):
            span = _holidays_of(year).get(name) if 1950 < year < 2090 else None
            if span and choose(*span) >= self.today:
                return choose(*span)
        return None

    def moved(self, start: dt.date, span: _Span, amount: int | None = None) -> dt.date:
        """The day that lies the span after `start`."""
        count = span.amount if amount is None else amount
        if span.unit in {"month", "year"}:
            year, month = start.year, start.month
            total = year * 12 + month - 1 + count * (12 if span.unit == "year" else 1)
            length = calendar.monthrange(total // 12, total % 12 + 1)[1]
            return dt.date(total // 12, total % 12 + 1, min(start.day, length))
        return start + _DAY * count * (7 if span.unit == "week" else 1)

    def result(self, holidays: Callable[[dt.date], str | None] | None) -> When:
        """Days and hours put together."""
        self._drop_other_days()
        found = [self.days[int(index)] for index in re.findall(r"(?<!\S)D(\d+)(?!\S)", self.line)]
        hours = _together([self.hours[int(index)] for index in re.findall(r"(?<!\S)T(\d+)(?!\S)", self.line)])
        days = _combined(found, self.today, frozenset(self.excluded))
        time = _time_of(hours) if hours else None
        excluded = frozenset(self.excluded)
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
            elif problem is None and days.first == self.today and hours and hours.last is not None:
                late = self.now.hour * 60 + self.now.minute > hours.last
                problem = "past" if late else None
            return When(days.first, time, False, excluded, problem)
        if days.first is None and days.last is None:
            return When(None, time, False, excluded)
        return When((days.first, days.last), time, False, excluded, problem)

    def _drop_other_days(self) -> None:
        """Days marked as another matter's ("X") go, with their hour; those of the appointment there is ("Z") go when
        another day is named."""
        skip = r"(?: (?:the|of|on|for|in|at|_))*"
        dated = rf"{skip} D\d+(?:(?: (?:at|in|the|_|,))* T\d+)*"
        self.line = re.sub(rf"(?<!\S)X{dated}(?!\S)", "_", self.line)
        without = re.sub(rf"(?<!\S)Z{dated}(?!\S)", "_", self.line)
        if re.search(r"(?<!\S)D\d", without):
            self.line = without


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _next_month(year: int, month: int) -> tuple[int, int]:
    return (year + 1, 1) if month == 12 else (year, month + 1)


def _from_end(day: int, length: int) -> int:
    return max(1, min(day if day > 0 else length + day, length))


def _hours(minute: int) -> _Hours:
    return _Hours(minute, minute)


def _soft(hour: int, minute: int = 0) -> _Hours:
    """A bare hour: 1 to 6 is in the afternoon, 7 to 11 in the morning, 12 noon."""
    return _Hours((hour + 12 * (1 <= hour <= 6)) * 60 + minute, (hour + 12 * (1 <= hour <= 6)) * 60 + minute, soft=True)


@cache
def _part(name: str) -> _Hours:
    first, last = (int(clock[:2]) * 60 + int(clock[3:]) for clock in load("when")["parts"][name])
    return _Hours(first, last, part=True)


def _time_of(hours: _Hours) -> dt.time | TimeRange | None:
    def clock(minute: int | None) -> dt.time | None:
        return None if minute is None else dt.time(*divmod(min(max(minute, 0), _LAST_MINUTE), 60))

    if hours.single:
        return clock(hours.first)
    return None if hours.first is None and hours.last is None else (clock(hours.first), clock(hours.last))


def _shifted(clock: _Hours, part: _Hours) -> _Hours:
    """A bare hour beside a part of the day: "at 8 in the evening" is 20:00, "6 in the morning" 06:00."""
    if not clock.soft or part.first is None:
        return clock
    morning, evening = part.first < _NOON, part.first >= 17 * 60

    def move(minute: int | None) -> int | None:
        if minute is None:
            return None
        hour = minute % _NOON
        if morning:
            return hour if minute // 60 != 12 else minute
        return hour if evening and hour < 60 else hour + _NOON

    return replace(clock, first=move(clock.first), last=move(clock.last), soft=False)


def _together(found: list[_Hours]) -> _Hours | None:
    found = [one for one in found if not one.guess] or found
    parts = [one for one in found if one.part]
    clocks = [one for one in found if not one.part]
    if not clocks:
        return _union_hours(parts) if parts else None
    if len(parts) == 1:
        clocks = [_shifted(one, parts[0]) for one in clocks]
    whole = clocks[0]
    for one in clocks[1:]:
        met = _met(whole, one)
        open_ended = None in {whole.first, whole.last, one.first, one.last}
        whole = met if met and (open_ended or whole.single or one.single) else _union_hours([whole, one]) or whole
    for part in parts if len(parts) == 1 and not whole.single else []:
        whole = _met(whole, part) or whole
    return whole


def _met(one: _Hours, other: _Hours) -> _Hours | None:
    firsts = [value for value in (one.first, other.first) if value is not None]
    lasts = [value for value in (one.last, other.last) if value is not None]
    first, last = max(firsts) if firsts else None, min(lasts) if lasts else None
    if first is not None and last is not None and first > last:
        return None
    return _Hours(first, last)


def _union_hours(found: Sequence[_Hours]) -> _Hours | None:
    if not found:
        return None
    firsts, lasts = [one.first for one in found], [one.last for one in found]
    first = None if None in firsts else min(value for value in firsts if value is not None)
    last = None if None in lasts else max(value for value in lasts if value is not None)
    return _Hours(first, last, soft=all(one.soft for one in found), part=all(one.part for one in found))


def _union_days(found: Iterable[_Days]) -> _Days:
    spans = list(found)
    problems = [one.problem for one in spans if one.problem]
    if problems:
        good = [one for one in spans if not one.problem]
        return replace(_union_days(good), alternative=True) if good else spans[0]
    firsts, lasts = [one.first for one in spans], [one.last for one in spans]
    first = None if None in firsts else min(value for value in firsts if value is not None)
    last = None if None in lasts else max(value for value in lasts if value is not None)
    bare = all(one.weekdays for one in spans)
    weekdays = tuple(dict.fromkeys(day for one in spans for day in one.weekdays)) if bare else ()
    kind = spans[0].kind if all(one.kind == spans[0].kind for one in spans) else ""
    return _Days(first, last, weekdays, kind, dated=any(one.dated for one in spans), alternative=len(spans) > 1)


def _combined(found: list[_Days], today: dt.date, excluded: frozenset[int]) -> _Days | None:
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
            frame = _meet_days(frame, one) or _union_days([frame, one])
        moved = [_within(frame, day) for one in bare for day in one.weekdays]
        placed = [_Days(day, day) for day in moved if day is not None]
        if not placed:
            return _Days(None, None, problem="impossible")
        rest = [one for one in found if one not in bare and one not in wide]
        return _union_days([*placed, *rest])
    whole = found[0]
    for one in found[1:]:
        open_ended = None in {whole.first, whole.last, one.first, one.last}
        nested = {whole.kind, one.kind} & {"week", "month", "end"}
        met = _meet_days(whole, one) if open_ended or nested else None
        if met is None and open_ended:
            return _Days(None, None, problem="impossible")
        whole = met or _union_days([whole, one])
    return whole


def _meet_days(one: _Days, other: _Days) -> _Days | None:
    firsts = [value for value in (one.first, other.first) if value is not None]
    lasts = [value for value in (one.last, other.last) if value is not None]
    first, last = max(firsts) if firsts else None, min(lasts) if lasts else None
    if first is not None and last is not None and first > last:
        return None
    return _Days(first, last, kind=one.kind or other.kind, dated=one.dated or other.dated)


def _within(frame: _Days, weekday: int) -> dt.date | None:
    """The first such weekday in the frame; a working week stretches to its Sunday."""
    if frame.first is None:
        return None
    day = frame.first + _DAY * ((weekday - frame.first.weekday()) % 7)
    last = frame.last
    if last is not None and frame.kind in {"week", "end"} and last - frame.first < 6 * _DAY:
        last += _DAY * (6 - last.weekday())
    return day if last is None or day <= last else None


# The rules, in the order in which they rewrite the line.


@_rule(r"not (?:(?:_|at|on) ){0,3}(?:before|until)", r"(?:not|except) from")
def _not_before(_: _Reading, __: re.Match[str]) -> str:
    return "from"


@_rule(r"(?:not|except) (?:(?:_|at|on) ){0,3}after", r"not by")
def _not_after(_: _Reading, __: re.Match[str]) -> str:
    return "by"


@_rule(r"((?:any|each|weekdays)(?: (?:_|of|in|on|the|next|this|coming|week|month|day|or|M\d+))*) but")
def _any_but(_: _Reading, found: re.Match[str]) -> str:
    return f"{found[1]} except"


@_rule(r"this manana", r"manana(?= (?:in )?las manana)")
def _this_morning(reading: _Reading, found: re.Match[str]) -> str:
    return "today Pmorning" if found[0].startswith("this") else "tomorrow"


@_rule(r"(?:(?:in|of|at|to|on) )?(?:las|the) mananas?", r"mananas", r"(?<=W\d )manana")
def _morning(_: _Reading, __: re.Match[str]) -> str:
    return "Pmorning"


@_rule(r"manana")
def _tomorrow(_: _Reading, __: re.Match[str]) -> str:
    return "tomorrow"


@_rule(r"(?:since|from) yesterday(?: P[a-z]+)?", r"(?:last|final) P[a-z]+")
def _since_yesterday(_: _Reading, __: re.Match[str]) -> str:
    return "_"


@_rule(r"(?:this|today of) (P[a-z]+)")
def _this_part(_: _Reading, found: re.Match[str]) -> str:
    return f"today {found[1]}"


@_rule(r"tonight")
def _tonight(_: _Reading, __: re.Match[str]) -> str:
    return "today Pevening"


@_rule(
    r"(early|earlier|late|later|middle|end|beginning|mid) (?:(?:in|of|the|las|on) )*P(morning|afternoon|evening)",
    r"(early|late|later) (?:in |of )?the (?:day)",
)
def _modified_part(_: _Reading, found: re.Match[str]) -> _Made:
    part = found[2] if found.re.groups > 1 else ""
    word = {"earlier": "early", "beginning": "early", "later": "late", "end": "late", "middle": "mid"}.get(
        found[1], found[1]
    )
    if not part:
        return _part("early" if word == "early" else "late")
    return _part("early" if part == "morning" and word == "early" else f"{word}{part}")


@_rule(r"P(morning|afternoon|evening) (early|late)(?! (?:in|of|M|next|this|W))")
def _part_modified(_: _Reading, found: re.Match[str]) -> _Made:
    return _part("early" if found[1] == "morning" and found[2] == "early" else f"{found[2]}{found[1]}")


@_rule(r"(?:P(first|eod)) (?:(?:in|of|the|las|on) )*P(?:morning|afternoon)", r"P(first)", r"P(eod)")
def _edge_of_day(_: _Reading, found: re.Match[str]) -> _Made:
    return _part(found[1])


@_rule(r"A(?:school|work)(?: at| around)?(?= [NSTF]\d)", r"A(?:school|work) _ (?:_ )?at(?= [NST]\d)")
def _off_at(_: _Reading, __: re.Match[str]) -> str:
    return "after"


@_rule(r"Aschool", r"Awork", r"Bwork", r"Sschool", r"C")
def _around_work(_: _Reading, found: re.Match[str]) -> _Made:
    spans = {
        "Aschool": (900, None),
        "Awork": (1020, None),
        "Bwork": (None, 540),
        "Sschool": (480, 900),
        "C": (720, None),
    }
    return _Hours(*spans[found[0]], guess=True)


@_rule(r"noon")
def _noon(_: _Reading, __: re.Match[str]) -> _Made:
    return _hours(_NOON)


@_rule(r"{n} o'clock")
def _o_clock(_: _Reading, found: re.Match[str]) -> _Made:
    return _hour(found[1])


@_rule(r"(?:(?:at|around|las) )*half after {n}", r"(?:(?:at|around|las) )*{n} and (?:a )?half")
def _half_past(_: _Reading, found: re.Match[str]) -> _Made:
    return _hour(found[1], 30)


@_rule(r"(?:(?:at|around|las|a) )*quarter after {n}", r"(?:(?:at|around|las) )*{n} and (?:a )?quarter")
def _quarter_past(_: _Reading, found: re.Match[str]) -> _Made:
    return _hour(found[1], 15)


@_rule(
    r"(?:(?:at|around|las|a) )*quarter (?:to|until|of|before) {n}",
    r"(?:(?:at|around|las) )*{n} lessquarter",
    r"(?:(?:at|_) )*quarter for (?:las )?{n}",
)
def _quarter_to(_: _Reading, found: re.Match[str]) -> _Made:
    return _hour(found[1], -15)


@_rule(r"(?:(?:at|around|las) )*S(\d{1,2}) S(10|15|20|25|30|35|40|45|50|55)(?! [a-z]*(?:day|week|month|hour|minute))")
def _spoken_clock(_: _Reading, found: re.Match[str]) -> _Made:
    return _hour(found[1], int(found[2]))


@_rule(r"(?:at|around|las) N(\d{1,2}) [NS](10|15|20|25|30|35|40|45|50|55)(?! [a-z]*(?:day|week|month))")
def _spaced_clock(_: _Reading, found: re.Match[str]) -> _Made:
    return _hour(found[1], int(found[2]))


@_rule(
    r"(?<!M\d )(?<!M\d\d )(?<!the )(?:(?:at|around) )*S(5|10|20|25) after {n}",
    r"(?:(?:at|around) )*{n} minutes after {n}",
)
def _minutes_past(_: _Reading, found: re.Match[str]) -> _Made:
    return _hour(found[2], int(found[1]))


@_rule(r"(?:at|around) {n} and [NS](5|10|15|20|25|35|40)")
def _and_minutes(_: _Reading, found: re.Match[str]) -> _Made:
    return _hour(found[1], int(found[2])) if int(found[2]) > int(found[1]) or int(found[2]) > 12 else None


@_rule(
    r"(?:at|around) S(5|10|20|25) (?:to|until|before|of) {n}",
    r"S(20|25) (?:to|until) {n}(?! (?:M|days?|weeks?|minutes))",
    r"(?:(?:at|around) )*{n} minutes (?:to|until|before|of) {n}",
)
def _minutes_to(_: _Reading, found: re.Match[str]) -> _Made:
    return _hour(found[2], -int(found[1]))


@_rule(r"N(\d{1,2}) N(15|30|45)(?= (?:D\d|P[a-z]|today|tomorrow|W\d|[ap]m)|$)")
def _bare_clock(_: _Reading, found: re.Match[str]) -> _Made:
    return _hour(found[1], int(found[2])) if int(found[1]) <= 12 else None


@_rule(r"(?:(?:at|around|las) )*(?:{n}|{T}) ([ap])m")
def _with_half(reading: _Reading, found: re.Match[str]) -> _Made:
    clock = reading.hours[int(found[2])] if found[2] else _hour(found[1])
    if not isinstance(clock, _Hours) or not clock.soft or clock.first is None:
        return None
    return _hours(clock.first % _NOON + _NOON * (found[3] == "p"))


@_rule(r"am or pm", r"pm or am")
def _any_half(_: _Reading, __: re.Match[str]) -> str:
    return "any"


@_rule(r"(?<=\d )([ap])m", r"(?<=today )([ap])m", r"(?<=tomorrow )([ap])m", r"([ap])m(?= only)")
def _half_of_day(_: _Reading, found: re.Match[str]) -> str:
    return "Pmorning" if found[1] == "a" else "Pafternoon"


def _hour(said: str, minutes: int = 0) -> _Made:
    hour = int(said)
    if not 0 < hour < 24 or not -60 < minutes < 60:
        return None
    minute = (_soft(hour).first or 0) + minutes
    return _Hours(minute, minute, soft=hour <= 12)


@_rule(r"works (?:(?:_|at|the|in|on|my|a|las|all|day) ){0,5}until")
def _works_until(_: _Reading, __: re.Match[str]) -> str:
    return "after"


@_rule(r"works(?= (?:(?:on|the|in|from|of|las|each|every) )*[WPNT])")
def _at_work(_: _Reading, __: re.Match[str]) -> str:
    return "not"


# Days with a month.


@_rule(r"(?<!M\d )(?<!M\d\d )N(\d{1,2}) - N(\d{1,2})(?! (?:-|days?|weeks?|months?|hours?|minutes|P|M))")
def _dashed_date(reading: _Reading, found: re.Match[str]) -> _Made:
    first, second = int(found[1]), int(found[2])
    if reading.spanish:
        first, second = second, first
    return reading._dated(first, second) if 1 <= first <= 12 < second <= 31 else None


@_rule(r"M(\d+) (?:month )?{the}{day} (?:(?:to|until|-|a|and|or|/) )+{the}{day}{year}(?! (?:P|o'clock|Y))")
def _month_range(reading: _Reading, found: re.Match[str]) -> _Made:
    return _month_days(reading, found[1], found[2], found[3], found[4])


@_rule(r"(?:(?:between|from|of) )?{the}{day} (?:(?:to|until|-|a|and|or|the) )+{day} (?:of )?(?:the )?M(\d+){year}")
def _range_of_month(reading: _Reading, found: re.Match[str]) -> _Made:
    return _month_days(reading, found[3], found[1], found[2], found[4])


def _month_days(reading: _Reading, month: str, first: str, last: str, year: str | None) -> _Made:
    said = int(year) if year else None
    if int(first) >= int(last) or not 0 < int(first) < int(last) < 32:
        return None
    low, high = (reading._dated(int(month), int(day), said) for day in (first, last))
    if low.problem == "past" and high.first and not low.dated:
        low = _Days(reading.today, reading.today)
    if low.problem or high.problem or not low.first or not high.first:
        return replace(low, first=None, last=None) if low.problem else replace(high, first=None, last=None)
    return _Days(low.first, high.first, dated=low.dated) if low.first <= high.first else None


@_rule(r"(?:the )?M(\d+) (?:, )?{the}{day}{year}(?! (?:week|weeks|o'clock|Pmorning|half))")
def _month_day(reading: _Reading, found: re.Match[str]) -> _Made:
    return _month_and_day(reading, found[1], found[2], found[3])


@_rule(r"(?:the |a )?(?:day )?{day} (?:of )?(?:the )?(?:month of )?M(\d+){year}")
def _day_month(reading: _Reading, found: re.Match[str]) -> _Made:
    return _month_and_day(reading, found[2], found[1], found[3])


def _month_and_day(reading: _Reading, month: str, day: str, year: str | None) -> _Made:
    return reading._dated(int(month), int(day), int(year) if year else None)


@_rule(r"(?<=of )(?:the |this |las )*year", r"(?:the )?end (?:of )?year")
def _of_the_year(_: _Reading, found: re.Match[str]) -> str:
    return "end of M12" if "end" in found[0] else "M12"


@_rule(r"(next W(\d)) (?:, )?not this W\2")
def _next_not_this(_: _Reading, found: re.Match[str]) -> str:
    return found[1]


@_rule(r"(?:week|weekend|month|U\d+) (?:next|coming)(?! (?:W|week|month))")
def _turned(_: _Reading, found: re.Match[str]) -> str:
    noun, word = found[0].split()
    return f"{word} {noun}"


@_rule(r"(?:week|weekend|month) last", r"(W\d) last(?! week)")
def _turned_last(_: _Reading, found: re.Match[str]) -> str:
    return f"last {found[0].split()[0]}"


@_rule(r"(?:the )?(?:final|last) day of {the}{month}", r"(?:the )?Q1 day of {the}{month}")
def _edge_day(reading: _Reading, found: re.Match[str]) -> _Made:
    first = "Q1" in found[0]
    made = reading._in_month(found[1], 1, 1) if first else reading._in_month(found[1], 0, 0)
    if first and found[1] == "month":
        return reading._day_of_month(1)
    return made


@_rule(r"(?:the )?{o} (?:_ )?week {of}{month}")
def _week_of_month(reading: _Reading, found: re.Match[str]) -> _Made:
    number = int(found[1])
    if not 0 < number < 6:
        return None
    made = reading._in_month(found[2], 7 * number - 6, min(7 * number, 31))
    if made.problem == "past" and found[2] == "month":
        return reading._in_month("next month", 7 * number - 6, min(7 * number, 31))
    return made


@_rule(r"(?:the )?(?:final|last) week {of}{month}")
def _last_week_of_month(reading: _Reading, found: re.Match[str]) -> _Made:
    return reading._in_month(found[1], -6, 0)


@_rule(r"(?:the )?(Q1|final|last) (?:{n}|few) weeks {of}{month}")
def _weeks_of_month(reading: _Reading, found: re.Match[str]) -> _Made:
    days = 7 * min(int(found[2] or 3), 4)
    return reading._in_month(found[3], 1, days) if found[1] == "Q1" else reading._in_month(found[3], 1 - days, 0)


@_rule(r"(?:the )?(?:{o}|final|last) {W} {of}{month}")
def _weekday_of_month(reading: _Reading, found: re.Match[str]) -> _Made:
    number, weekday = int(found[1] or 0), int(found[2])
    year, month, dated = reading.month(found[3])
    if number > 5:
        return None
    for _ in range(3):
        length = calendar.monthrange(year, month)[1]
        days = [day for day in range(1, length + 1) if dt.date(year, month, day).weekday() == weekday]
        if number > len(days):
            return _Days(None, None, problem="impossible")
        made = dt.date(year, month, days[number - 1])
        if made >= reading.today or dated:
            return _Days(made, made, dated=dated, problem="past" if made < reading.today else None)
        if found[3].startswith("M") and reading.today - made <= JUST_PASSED * _DAY:
            return _Days(None, None, problem="past")
        year, month = (year + 1, month) if found[3].startswith("M") else _next_month(year, month)
    return None


@_rule(r"(?:the )?(?:[OQ](\d{1,2})|N(\d{1,2})) (?:of|in|for) (?:the )?((?:this|next|coming) month|month)")
def _day_of_next_month(reading: _Reading, found: re.Match[str]) -> _Made:
    return _in_this_or_next(reading, found[3], int(found[1] or found[2]))


@_rule(r"((?:this|next|coming) month) (?:(?:on|,|the|day) )+(?:[OQ](\d{1,2})|N(\d{1,2}))")
def _next_month_day(reading: _Reading, found: re.Match[str]) -> _Made:
    return _in_this_or_next(reading, found[1], int(found[2] or found[3]))


def _in_this_or_next(reading: _Reading, said: str, day: int) -> _Made:
    if said == "month":
        return reading._day_of_month(day)
    year, month, _ = reading.month(said)
    made = _date(year, month, day)
    if made is None:
        return _Days(None, None, problem="impossible")
    return _Days(made, made) if made >= reading.today else _Days(None, None, problem="past")


_EDGES = {"beginning": (1, 10), "early": (1, 10), "earlier": (1, 10), "firsthalf": (1, 15)}
_EDGES |= {"middle": (10, 20), "end": (-6, 0), "late": (-9, 0), "later": (-9, 0), "secondhalf": (16, 0)}


@_rule(r"{the}(beginning|early|earlier|firsthalf|middle|end|late|later|secondhalf) {of}{month}")
def _part_of_month(reading: _Reading, found: re.Match[str]) -> _Made:
    if found[1] == "later" and found[2] in {"this month", "month"}:
        return _ahead_from_tomorrow(reading, reading._in_month("month", 1, 0))
    first, last = _EDGES[found[1]]
    made = reading._in_month(found[2], first, last)
    if made.problem == "past" and found[2] == "month":
        made = reading._in_month("next month", first, last)
    return replace(made, kind="end") if found[1] == "end" else made


def _ahead_from_tomorrow(reading: _Reading, days: _Days) -> _Days:
    if days.last and days.last > reading.today:
        return replace(days, first=max(days.first or reading.today, reading.today + _DAY))
    return days


@_rule(r"(?:the )?(firsthalf|secondhalf)(?! (?:of|and))")
def _half_month(reading: _Reading, found: re.Match[str]) -> _Made:
    first, last = _EDGES[found[1]]
    made = reading._in_month("month", first, last)
    return reading._in_month("next month", first, last) if made.problem else made


@_rule(r"(next )?(?:the |las )?payday")
def _payday(reading: _Reading, found: re.Match[str]) -> _Made:
    """The 15th or the last of the month."""
    year, month = reading.today.year, reading.today.month
    length = calendar.monthrange(year, month)[1]
    made = reading.today.replace(day=15 if reading.today.day <= 15 else length)
    return _Days(made, made)


@_rule(
    r"(?:the |day |the day )?O(\d{1,2})", r"(?:the|day|the day) N(\d{1,2})", r"the (?:day )?Q(\d{1,2})", r"day S(\d+)"
)
def _ordinal(reading: _Reading, found: re.Match[str]) -> _Made:
    day = int(found[1])
    if " Q" in found[0] and day <= 3:
        return None
    return reading._day_of_month(day) if 1 <= day <= 31 else "_"


@_rule(r"the S(\d{1,2})(?! (?:_|days|weeks|months|week|month|day))")
def _spelled_day(reading: _Reading, found: re.Match[str]) -> _Made:
    day = int(found[1])
    return reading._day_of_month(day) if reading.spanish and 1 < day <= 31 else None


@_rule(r"{D} ((?:(?:or|and|to|-|until|the) )+)(?:N|S)(\d{1,2})(?! (?:o'clock|P|days|weeks|day|week|minutes))")
def _second_day(reading: _Reading, found: re.Match[str]) -> _Made:
    first, day = reading.days[int(found[1])], int(found[3])
    if first.kind != "day of month" or not first.first or not first.first.day < day <= 31:
        return None
    made = reading._day_of_month(day)
    return f"D{found[1]} {found[2]}{reading._symbol(made, '_')}"


# Days counted from others.


@_rule(r"birth (?:(?:_|on|the|of|in|at|,|this|next|,) )*[DHUM]\d+(?: Y\d+)?", r"since (?:the )?(?:D|M|W|H)\d+")
def _other_matter(_: _Reading, __: re.Match[str]) -> str:
    return "_"


@_rule(r"{the}yesterday")
def _yesterday(_: _Reading, __: re.Match[str]) -> _Made:
    return _Days(None, None, problem="past")


@_rule(r"(?:of )?(today|tomorrow|{W}) in (?:the )?[NS](8|15)(?: days?)?(?! (?:Y|o'clock|M))")
def _in_eight(reading: _Reading, found: re.Match[str]) -> _Made:
    days = 7 if found[3] == "8" else 14
    start = reading.bare(int(found[2])) if found[2] else reading.today + _DAY * (found[1] == "tomorrow")
    return _one(start + _DAY * days)


@_rule(r"(?:the )?dayafter")
def _day_after_tomorrow(reading: _Reading, _: re.Match[str]) -> _Made:
    return _one(reading.today + 2 * _DAY)


@_rule(r"(?:the )?(today|tomorrow)")
def _near(reading: _Reading, found: re.Match[str]) -> _Made:
    return replace(_one(reading.today + _DAY * (found[1] == "tomorrow")), kind="near")


def _one(day: dt.date) -> _Days:
    return _Days(day, day)


_UNIT = r"(days?|weeks?|months?|years?|hours?|minutes|fortnight)"


@_rule(rf"(?:a |an |S1 |N1 )?(?:half|half an|half a) hours?(?! {_UNIT})")
def _half_hour(_: _Reading, __: re.Match[str]) -> _Made:
    return _Span(30, "minute", 30)


@_rule(rf"{{n}} (?:to|or|-|a|and) {{n}} {_UNIT}", rf"(?:a|S1|N1) {_UNIT} or (?:_|{{n}})(?: {_UNIT})?")
def _span_range(_: _Reading, found: re.Match[str]) -> _Made:
    groups = found.groups()
    if groups[0] and groups[0].isdigit():
        return _Span(int(groups[0]), groups[2].rstrip("s"), max(int(groups[0]), int(groups[1])))
    return _Span(1, groups[0].rstrip("s"), int(groups[1] or 1))


@_rule(rf"(?:about |around )?(?:{{n}}|few|(?:a|an)) (?:_ )?{_UNIT}", r"(fortnight)")
def _span(reading: _Reading, found: re.Match[str]) -> _Made:
    if found[0] == "fortnight":
        return _Span(14, "day", 14)
    few = "few" in found[0].split()
    amount = int(found[1]) if found[1] else 3 if few else 1
    unit = found[2].rstrip("s")
    if unit == "fortnight":
        return _Span(14 * amount, "day", 14 * amount)
    if reading.spanish and unit == "day" and re.search(r"S(?:8|15) ", found[0]):
        amount = _IDIOMS["ocho" if amount == 8 else "quince"]
    return _Span(2 if few else amount, unit, 4 if few else amount)


@_rule(
    r"{U} ago",
    r"(?:since|for|last|final|each|ago|in (?:the |las )?last|within (?:the )?last) {U}",
    r"{U} (?:late|early|_ ago)",
)
def _bygone_span(_: _Reading, __: re.Match[str]) -> str:
    return "_"


@_rule(r"(?:in |on |of )?(?:the |las )?(?:next|within|coming) {U}")
def _within_span(reading: _Reading, found: re.Match[str]) -> _Made:
    span = reading.spans[int(found[1])]
    if span.unit in {"hour", "minute"}:
        return None
    return _Days(reading.today, reading.moved(reading.today, span, span.most))


@_rule(
    r"(?:in |around )*{U} from (?:today|D\d+|_)(?= |$)",
    r"(?:in|around) (?:(?:around|_|like) )?{U}",
    r"of today in {U}",
    r"{U} out",
)
def _in_span(reading: _Reading, found: re.Match[str]) -> _Made:
    span = reading.spans[int(found[1])]
    anchor = re.search(r"from D(\d+)", found[0])
    start = reading.days[int(anchor[1])].first if anchor else reading.today
    if start is None:
        return None
    if span.unit in {"hour", "minute"}:
        at = reading.now + dt.timedelta(minutes=span.amount * (60 if span.unit == "hour" else 1))
        return f"{reading._symbol(_one(at.date()), '_')} {reading._symbol(_hours(at.hour * 60 + at.minute), '_')}"
    first, last = reading.moved(start, span), reading.moved(start, span, span.most)
    return _Days(first, last, kind="span" if span.unit == "week" and not anchor else "")


# Days counted from a holiday.


@_rule(r"(?:the )?(?:{W}|day|weekend|week) (after|before|of|following|_ after|_ before) (?:the )?{H}")
def _from_holiday(reading: _Reading, found: re.Match[str]) -> _Made:
    weekday, noun = found[1], found[0].removeprefix("the ").split()[0]
    after, before = "after" in found[2], "before" in found[2]

    def choose(first: dt.date, last: dt.date) -> dt.date:
        if weekday:
            step = _DAY * ((int(weekday) - last.weekday() - 1) % 7 + 1)
            back = _DAY * ((first.weekday() - int(weekday) - 1) % 7 + 1)
            if not after and not before:
                return first + _DAY * (int(weekday) - first.weekday())
            return last + step if after else first - back
        if noun == "day":
            return last + _DAY if after else first - _DAY if before else first
        monday = first - _DAY * first.weekday() + _DAY * 7 * (after - before)
        if noun == "week":
            return monday + 4 * _DAY
        if after:
            return last + _DAY * ((5 - last.weekday() - 1) % 7 + 1)
        return first - _DAY * ((first.weekday() - 6) % 7 + 1) if before else monday + 5 * _DAY

    day = reading.holiday(int(found[3]), choose)
    if day is None:
        return None
    if noun == "week":
        return reading._week(day - 4 * _DAY)
    return _Days(day, day + _DAY) if noun == "weekend" else _one(day)


@_rule(r"{U} (after|before) (?:the )?{H}")
def _span_from_holiday(reading: _Reading, found: re.Match[str]) -> _Made:
    span = reading.spans[int(found[1])]
    if span.unit in {"hour", "minute"}:
        return None
    sign = 1 if found[2] == "after" else -1
    near = reading.holiday(
        int(found[3]), lambda first, last: reading.moved(last if sign > 0 else first, span, sign * span.most)
    )
    return None if near is None else _one(near)


@_rule(r"(?:the )?{H} (week|weekend)")
def _holiday_week(reading: _Reading, found: re.Match[str]) -> _Made:
    day = reading.holiday(int(found[1]), lambda first, _: first - _DAY * first.weekday() + 4 * _DAY)
    if day is None:
        return None
    return reading._week(day - 4 * _DAY) if found[2] == "week" else _Days(day + _DAY, day + 2 * _DAY)


@_rule(r"after (?:the )?{H}")
def _after_holiday(reading: _Reading, found: re.Match[str]) -> _Made:
    day = reading.holiday(int(found[1]), lambda _, last: last + 14 * _DAY)
    return None if day is None else _Days(max(day - 13 * _DAY, reading.today), None)


@_rule(r"(?:the )?{H}(?: Y(\d{4}))?")
def _holiday(reading: _Reading, found: re.Match[str]) -> _Made:
    name = list(load("when")["anchors"])[int(found[1])]
    if found[2]:
        span = _holidays_of(int(found[2])).get(name)
        return None if span is None else _Days(*span, dated=True, problem="past" if span[1] < reading.today else None)
    last = reading.holiday(int(found[1]), lambda _, last: last)
    if last is None:
        return None
    first = next((low for low, high in map(_span_of(name), (last.year - 1, last.year)) if high == last), last)
    return _Days(max(first, reading.today), last)


def _span_of(name: str) -> Callable[[int], tuple[dt.date, dt.date]]:
    return lambda year: _holidays_of(year).get(name, (dt.date.min, dt.date.min))


# Weekdays and weeks.


@_rule(r"not this {W} (?:(?:but|,|_) )*(?:the )?next(?: W\d| _)?")
def _not_this_but_next(_: _Reading, found: re.Match[str]) -> str:
    return f"next W{found[1]}"


@_rule(
    r"(?:not|except|daily|nogood)(?: (?:on|any|the|in|each|for|_|of|a|las|next|this))*"
    r" (W\d(?: (?:{sep} )*(?:(?:the|on|in|next|this) )*W\d)*)(?! week)",
)
@_rule(r"((?<!next )W\d(?: (?:{sep} )*(?:(?:the|on|each) )*W\d)*) (?:(?:_|the|are|is) )?nogood(?: P[a-z]+)?")
def _exclude(reading: _Reading, found: re.Match[str]) -> str:
    reading.excluded |= {int(day) for day in re.findall(r"W(\d)", found[1])}
    return ","


@_rule(r"{W} (?:(?:or|and|,|-|/) )+{W} next(?! (?:week|weekend|month|U|W|,))")
def _both_next_behind(_: _Reading, found: re.Match[str]) -> str:
    return f"next W{found[1]} or next W{found[2]}"


@_rule(r"(?<!next )(?<!next week )(?:the )?{W} next(?! (?:week|weekend|month|U|W))")
def _next_behind(_: _Reading, found: re.Match[str]) -> str:
    return f"next W{found[1]}"


@_rule(r"(next|this|coming) W(\d)((?: (?:or|and|,|-|/|to))+) W(\d)(?! (?:week|after))")
def _both_next(_: _Reading, found: re.Match[str]) -> str:
    return f"{found[1]} W{found[2]}{found[3]} {found[1]} W{found[4]}"


@_rule(r"(?:the )?{W} after next(?! (?:week|weekend|month|W))")
def _weekday_after_next(reading: _Reading, found: re.Match[str]) -> _Made:
    return _one(reading.monday(2) + _DAY * int(found[1]))


@_rule(r"{W} (?:(?:in|on|of|the|,|_) )*(next|this|coming) week(?! (?:or|of|after))")
def _weekday_of_week(reading: _Reading, found: re.Match[str]) -> _Made:
    day = reading.monday(0 if found[2] == "this" else 1) + _DAY * int(found[1])
    if day >= reading.today:
        return _one(day)
    return _Days(None, None, problem="past")


@_rule(
    r"(?:a |the )?(?:(?:U(\d+))|week) (?:from|after|on|_ from) (?:(?:the|this|coming) )*(next )?{W}", r"{U}( next)? {W}"
)
def _weeks_from_weekday(reading: _Reading, found: re.Match[str]) -> _Made:
    span = reading.spans[int(found[1])] if found[1] else _Span(1, "week", 1)
    start = reading.monday(1) + _DAY * int(found[3]) if found[2] else reading.bare(int(found[3]))
    return _one(reading.moved(start, span)) if span.unit not in {"hour", "minute"} else None


@_rule(r"(?:a |the )?(?:(?:U(\d+))|week) (?:from|after) (?:the )?{D}")
def _weeks_from_day(reading: _Reading, found: re.Match[str]) -> _Made:
    span = reading.spans[int(found[1])] if found[1] else _Span(1, "week", 1)
    start = reading.days[int(found[2])]
    if span.unit in {"hour", "minute"} or start.last is None or start.problem:
        return None
    if not found[1] and "after" in found[0]:
        return reading._week(start.last - _DAY * start.last.weekday() + 7 * _DAY)
    return _one(reading.moved(start.last, span))


@_rule(r"(?:(?:each|any|a|this|coming) )?{W} week(?! (?:of|after|before|from))")
def _weekday_week(reading: _Reading, found: re.Match[str]) -> _Made:
    return _one(reading.bare(int(found[1])) + 7 * _DAY)


@_rule(r"(?:the )?{W} (after|before) (?:the )?{D}")
def _weekday_from_day(reading: _Reading, found: re.Match[str]) -> _Made:
    anchor, weekday = reading.days[int(found[2 + 1])], int(found[1])
    if anchor.problem or anchor.last is None or anchor.first is None or anchor.weekdays:
        return None
    if found[2] == "after":
        return _one(anchor.last + _DAY * ((weekday - anchor.last.weekday() - 1) % 7 + 1))
    day = anchor.first - _DAY * ((anchor.first.weekday() - weekday - 1) % 7 + 1)
    return _one(day) if day >= reading.today else None


@_rule(r"(?:the )?day (after|before) (?:the )?(?:(next )?{W}|{D})")
def _day_from_day(reading: _Reading, found: re.Match[str]) -> _Made:
    if found[3]:
        start = reading.monday(1) + _DAY * int(found[3]) if found[2] else reading.bare(int(found[3]))
    else:
        anchor = reading.days[int(found[4])]
        if anchor.problem or anchor.first is None or anchor.last is None:
            return None
        start = anchor.last if found[1] == "after" else anchor.first
    day = start + _DAY * (1 if found[1] == "after" else -1)
    return _one(day) if day >= reading.today else _Days(None, None, problem="past")


@_rule(r"last {W}", r"last (?:week|month|weekend|year)", r"last M\d+")
def _bygone(_: _Reading, __: re.Match[str]) -> str:
    return "_"


@_rule(
    r"(?:(?:this|next|the|on|coming) )*{W} (?:(?:the|on) )*{D}",
    r"(?:(?:this|next|the|on|coming) )*{W} (?:(?:,|the|on|_) )*{D}(?! (?:(?:, )?(?:or|and) |to |- ))",
    r"(?<!or )(?<!and ){D} (?:(?:,|a|which|is|_) ){0,2}{W}(?! (?:or|and|,|to|-|after|before|week|next))",
)
def _checked(reading: _Reading, found: re.Match[str]) -> _Made:
    first = found[0].rstrip()
    day_first = re.match(r"D\d", first) is not None
    index, weekday = (int(found[1]), int(found[2])) if day_first else (int(found[2]), int(found[1]))
    days = reading.days[index]
    if days.kind == "span" and days.first is not None:
        return _one(days.first - _DAY * days.first.weekday() + _DAY * weekday)
    if days.problem or not days.single or days.first is None or days.weekdays:
        return None
    if days.first.weekday() != weekday:
        return _Days(None, None, problem="impossible")
    return f"D{index}"


@_rule(r"{W} N(1[3-9]|2\d|3[01])(?! (?:_|o'clock|:))")
def _weekday_number(reading: _Reading, found: re.Match[str]) -> _Made:
    made = reading._day_of_month(int(found[2]))
    fits = made.first is not None and made.first.weekday() == int(found[1])
    return made if fits else _Days(None, None, problem="impossible")


@_rule(r"(?:the )?(?:(?:this|coming) )?next {W}")
def _next_weekday(reading: _Reading, found: re.Match[str]) -> _Made:
    return _one(reading.monday(1) + _DAY * int(found[1]))


@_rule(r"(?:the |any |each |a )?this {W}")
def _this_weekday(reading: _Reading, found: re.Match[str]) -> _Made:
    day = reading.monday() + _DAY * int(found[1])
    return _one(day if day > reading.today else reading.bare(int(found[1])))


@_rule(r"{W} early", r"early {W}")
def _early_weekday(_: _Reading, found: re.Match[str]) -> str:
    return f"W{found[1]} Pearly"


@_rule(r"{W} late(?! P)", r"late {W}")
def _late_weekday(_: _Reading, found: re.Match[str]) -> str:
    return f"W{found[1]} Plate"


@_rule(r"(?:(?:the|any|each|a|coming|either|las) )*{W}")
def _weekday(reading: _Reading, found: re.Match[str]) -> _Made:
    day = reading.bare(int(found[1]))
    return _Days(day, day, (int(found[1]),))


@_rule(r"(?:(?:the|on|any|in|of) )*weekdays")
def _working_days(reading: _Reading, _: re.Match[str]) -> str:
    reading.excluded |= {5, 6}
    return "any"


@_rule(r"(?:not|except)(?: (?:on|the|any|in|this|next|las|each))* weekend")
def _no_weekends(reading: _Reading, _: re.Match[str]) -> str:
    reading.excluded |= {5, 6}
    return "_"


@_rule(r"(?:the )?weekend after next")
def _weekend_after_next(reading: _Reading, _: re.Match[str]) -> _Made:
    return _Days(reading.monday(2) + 5 * _DAY, reading.monday(2) + 6 * _DAY)


@_rule(r"(?:the )?weekend (?:after|following) (?:the )?{D}")
def _weekend_after(reading: _Reading, found: re.Match[str]) -> _Made:
    days = reading.days[int(found[1])]
    if days.last is None:
        return None
    saturday = days.last + _DAY * ((5 - days.last.weekday() - 1) % 7 + 1)
    return _Days(saturday, saturday + _DAY)


@_rule(r"(?:(?:the|any|on|a|each|this|coming) )*(next )?weekend(?: (?:of (?:the )?{D}))?")
def _weekend(reading: _Reading, found: re.Match[str]) -> _Made:
    if found[2]:
        day = reading.days[int(found[2])].first
        if day is None:
            return None
        saturday = day - _DAY * day.weekday() + 5 * _DAY
    else:
        saturday = reading.monday(1 if found[1] else 0) + 5 * _DAY
    return reading._ahead(saturday, saturday + _DAY, "weekend")


@_rule(r"(?:the )?(?:whole )?(?:this )?week of (?:the )?{D}")
def _week_of(reading: _Reading, found: re.Match[str]) -> _Made:
    day = reading.days[int(found[1])].first
    return None if day is None else reading._week(day - _DAY * day.weekday(), max(4, day.weekday()))


@_rule(r"(?:the )?week before (?:the )?{D}")
def _week_before(reading: _Reading, found: re.Match[str]) -> _Made:
    day = reading.days[int(found[1])].first
    return None if day is None else reading._week(day - _DAY * day.weekday() - 7 * _DAY)


@_rule(r"(?:the )?week after next")
def _week_after_next(reading: _Reading, _: re.Match[str]) -> _Made:
    return reading._week(reading.monday(2))


@_rule(r"(?:the )?month after next")
def _month_after_next(reading: _Reading, _: re.Match[str]) -> _Made:
    year, month = _next_month(*_next_month(reading.today.year, reading.today.month))
    return _Days(dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1]), kind="month")


@_rule(r"this week (?:(?:or|and|,) )+(?:early )?(?:the )?next(?: week| _)?")
def _this_week_or_next(reading: _Reading, _: re.Match[str]) -> _Made:
    return _Days(reading.today, reading.monday(1) + 4 * _DAY, kind="week")


@_rule(r"next week (?:(?:or|and|,) )+(?:the )?(?:week after(?: _)?|following week|next week|one after|_ after)")
def _next_two_weeks(reading: _Reading, _: re.Match[str]) -> _Made:
    return _Days(reading.monday(1), reading.monday(2) + 4 * _DAY, kind="week")


@_rule(
    r"{the}(beginning|early|earlier|firsthalf|middle|end|late|later|secondhalf) {of}((?:(?:this|next|coming) )?week)"
)
def _part_of_week(reading: _Reading, found: re.Match[str]) -> _Made:
    upcoming = "next" in found[2] or "coming" in found[2]
    monday = reading.monday(1 if upcoming else 0)
    if found[1] in {"later", "late"} and not upcoming:
        return _ahead_from_tomorrow(reading, reading._ahead(reading.today, monday + 6 * _DAY, "week"))
    spans = {"beginning": (0, 1), "early": (0, 1), "earlier": (0, 1), "middle": (1, 3), "firsthalf": (0, 2)}
    first, last = spans.get(found[1], (2, 4) if found[1] in {"secondhalf", "later", "late"} else (3, 4))
    made = reading._ahead(monday + first * _DAY, monday + last * _DAY, "week")
    if made.problem:
        made = reading._ahead(monday + (7 + first) * _DAY, monday + (7 + last) * _DAY, "week")
    return replace(made, kind="end") if found[1] == "end" else made


@_rule(r"midweek (?:(?:of|in|the) )*next week", r"next week midweek", r"next midweek", r"midweek")
def _midweek(reading: _Reading, found: re.Match[str]) -> _Made:
    upcoming = "next" in found[0] or reading.today.weekday() >= 3
    return reading._ahead(reading.monday(upcoming) + _DAY, reading.monday(upcoming) + 3 * _DAY, "week")


@_rule(r"(?:(?:the|_|of|any|in|on|las) )*(this|next|coming) week")
def _week(reading: _Reading, found: re.Match[str]) -> _Made:
    if found[1] == "this":
        return reading._ahead(reading.today, reading.monday() + 6 * _DAY, "week")
    return reading._week(reading.monday(1))


@_rule(r"(?:(?:the|any|in|of|for|las) )*{month}(?! (?:N|S|O|Q))")
def _month(reading: _Reading, found: re.Match[str]) -> _Made:
    if found[1] == "month":
        return None
    return reading._in_month(found[1], 1, 0)


# What stands before and between days.


@_rule(r"{U} {D}")
def _week_today(reading: _Reading, found: re.Match[str]) -> _Made:
    """ "A week today", "two weeks tomorrow"."""
    span, days = reading.spans[int(found[1])], reading.days[int(found[2])]
    if days.kind != "near" or days.first is None or span.unit in {"hour", "minute"}:
        return None
    return _one(reading.moved(days.first, span))


@_rule(r"between _ and (?:the )?{D}")
def _from_now_to(reading: _Reading, found: re.Match[str]) -> _Made:
    days = reading.days[int(found[1])]
    return days if days.problem or days.last is None else _Days(reading.today, days.last)


@_rule(
    r"Z (?:(?:the|of|on|for|in|at|_) )*{D}(?:(?: (?:at|in|the|_))* T\d+)?(?: (?:to|for|until|_))+(?= (?:the )?[DT]\d)"
)
def _moved_to(_: _Reading, __: re.Match[str]) -> str:
    return "_"


@_rule(
    r"(?:from|of|between) (?:(?:on|the) )*{D} (?:(?:to|until|-|and|the|a|on) )+{D}",
    r"{D} (?:(?:to|until|-|the|a) )+{D}",
)
def _from_to(reading: _Reading, found: re.Match[str]) -> _Made:
    low, high = reading.days[int(found[1])], reading.days[int(found[2])]
    if low.problem or high.problem or low.first is None or high.last is None:
        return _union_days([low, high])
    last = high.last
    if last < low.first:
        if high.weekdays:
            last += 7 * _DAY * ((low.first - last).days // 7 + 1)
        elif high.kind == "day of month" and low.first.day < last.day:
            last = _date(low.first.year, low.first.month, last.day) or last
        elif high.kind == "day of month":
            last = _date(*_next_month(low.first.year, low.first.month), last.day) or last
    if last < low.first:
        return _Days(None, None, problem="impossible")
    return _Days(low.first, last, dated=low.dated or high.dated, alternative=True)


@_rule(r"(?:either )?{D} (?:(?:or|and|/|,|_or) )+(?:(?:on|the|even|either|maybe) )*{D}(?! (?:to|-) )")
def _or(reading: _Reading, found: re.Match[str]) -> _Made:
    low, high = reading.days[int(found[1])], reading.days[int(found[2])]
    open_ended = None in {low.first, low.last, high.first, high.last}
    if "or" not in found[0].split() and (open_ended or ("," in found[0] and {low.kind, high.kind} & {"week", "month"})):
        return None
    if bool(low.weekdays) != bool(high.weekdays) and "week" in {low.kind, high.kind} and "or" not in found[0]:
        return None
    return _union_days([low, high])


@_rule(r"not {D} (?:(?:,|but|_) )*(?:the )?(?:next )?day(?: after)?(?= [,.]|$)")
def _not_that_but_next(reading: _Reading, found: re.Match[str]) -> _Made:
    day = reading.days[int(found[1])].last
    return None if day is None else _one(day + _DAY)


@_rule(r"(?:not|except) (?:(?:on|in|the|for|_) )*D\d+", r"D\d+ nogood", r"(?:for )?D\d+ not(?= [,.]|$)")
def _not_that_day(_: _Reading, __: re.Match[str]) -> str:
    return "_"


@_rule(r"(?:_ )?after (?:(?:on|the) )*{D}")
def _after_day(reading: _Reading, found: re.Match[str]) -> _Made:
    days = reading.days[int(found[1])]
    return days if days.last is None else _Days(days.last + _DAY, None, dated=days.dated, kind="open")


@_rule(r"before (?:(?:on|the|in) )*{D}")
def _before_day(reading: _Reading, found: re.Match[str]) -> _Made:
    days = reading.days[int(found[1])]
    if days.first is None:
        return days
    last = days.last if days.kind == "end" and days.last else days.first - _DAY
    if last < reading.today:
        return _Days(None, None, problem="past")
    return _Days(None, last, dated=days.dated, kind="open")


@_rule(r"(?:by|until|within) (?:(?:on|the|in) )*{D}", r"{D} latest", r"(?:on )?latest (?:the )?{D}")
def _until_day(reading: _Reading, found: re.Match[str]) -> _Made:
    days = reading.days[int(found[1])]
    return days if days.last is None else _Days(None, days.last, dated=days.dated, kind="open", problem=days.problem)


@_rule(r"(?:from) (?:(?:on|the|in) )*{D}(?: (?:on|onward|_ on))?", r"{D} onward", r"(?:on )?onward (?:the )?{D}")
def _from_day(reading: _Reading, found: re.Match[str]) -> _Made:
    days = reading.days[int(found[1])]
    return days if days.first is None else _Days(days.first, None, dated=days.dated, kind="open", problem=days.problem)


# Hours.

_CLOCK = r"(?:(?:at|las|around|a|the|for|_a) )*(?:[NSF](\d{1,4})|T(\d+))"
_SIDE = r"(?:(?:at|las|around) )*(?:[NSF](\d{1,4})|T(\d+))"


@_rule(r"F(\d{3,4})(?! P?_)")
def _digits_only(reading: _Reading, found: re.Match[str]) -> _Made:
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
    return _soft(hour, minute) if hour <= 12 else _hours(hour * 60 + minute)


@_rule(
    rf"(?:between|from|of) {_SIDE} (?:(?:to|a|until|-|and) )+{_SIDE}(?! (?:N|S|of M|M))",
    r"(?:of|from) (?:las )?(?:[NSF](\d{1,4})|T(\d+)) at (?:[NSF](\d{1,4})|T(\d+))(?! (?:N|S|of M|M))",
)
def _between_hours(reading: _Reading, found: re.Match[str]) -> _Made:
    return _hours_range(reading, found)


@_rule(rf"{_SIDE} (?:to|a|until|-) {_SIDE}(?! (?:N|S|M|Y))")
def _hours_to_hours(reading: _Reading, found: re.Match[str]) -> _Made:
    before = reading.line[: found.start()].split()[-1:] or [""]
    plain = found[2] is None and found[4] is None
    framed = re.match(r"[DTP]\d*|,|at|around|_|in|for|on|\.|\w+", before[0]) or not before[0]
    anchored = re.match(r"at|around|las", found[0]) or re.match(r"[DTP]", before[0]) or before[0] in {"any", "not"}
    after = reading.line[found.end() :].strip()
    anchored = anchored or re.match(r"(?:, )?(?:D|T|P|in|on)", after) or (before[0] in {"", ",", "."} and not after)
    return _hours_range(reading, found) if framed and (not plain or anchored or "-" in found[0]) else None


def _hours_range(reading: _Reading, found: re.Match[str]) -> _Made:
    ends: list[_Hours] = []
    for number, index in ((found[1], found[2]), (found[3], found[4])):
        made = reading.hours[int(index)] if index else _hour(number) if len(number) < 3 else None
        if not isinstance(made, _Hours) or not made.single:
            return None
        ends.append(made)
    first, last = ends[0].first or 0, ends[1].first or 0
    if ends[0].soft and not ends[1].soft:  # "2-4pm", "9 to 11am"
        options = [minute for minute in (first % _NOON, first % _NOON + _NOON) if minute < last]
        first = max(options) if options else first
    elif ends[1].soft and last <= first:
        last = last + _NOON if last + _NOON <= _LAST_MINUTE else last
    if first > last:
        return None
    return _Hours(first, last, soft=ends[0].soft and ends[1].soft)


@_rule(
    r"(?:at|around|las)(?: (?:at|around|las|_a|like))* {n}(?! (?:_o|M|Y|days?|weeks?|months?|years?|minutes|hours?))"
)
def _at_hour(_: _Reading, found: re.Match[str]) -> _Made:
    return _hour(found[1])


@_rule(
    r"(after|before|by|until|from) (?:(?:at|around|las) )*(?:the )?{n}(?! (?:M|Y|days?|weeks?|months?|years?|minutes))"
)
def _bound_hour(reading: _Reading, found: re.Match[str]) -> _Made:
    made = _hour(found[2])
    return f"{found[1]} {reading._symbol(made, '_')}" if isinstance(made, _Hours) else None


@_rule(r"{n}(?= (?:in |of |at )?(?:the |las )?P(?:morning|afternoon|evening))", r"{n}(?= (?:onward|latest))")
def _hour_before_part(reading: _Reading, found: re.Match[str]) -> _Made:
    return _hour(found[1])


@_rule(
    r"(D\d+ (?:, )?(?:P[a-z]+ )?(?:, )?){n}"
    r"(?! (?:_|M|Y|days?|weeks?|months?|years?|minutes|hours?|N|S|[-/] [NS]\d+ [-/]))"
)
def _hour_after_day(reading: _Reading, found: re.Match[str]) -> _Made:
    made = _hour(found[2]) if int(found[2]) <= 12 else None
    return f"{found[1]}{reading._symbol(made, '_')}" if isinstance(made, _Hours) else None


@_rule(r"{n}(?= (?:on |the |_ )?D\d+$)", r"(?<=P[a-z]{7} ){n}(?= |$)")
def _hour_before_day(reading: _Reading, found: re.Match[str]) -> _Made:
    return _hour(found[1]) if int(found[1]) <= 12 else None


@_rule(r"{T} (or|and|-|to|,) (?:(?:at|las|around|or) )*{n}(?! (?:_|M|days?|weeks?|months?))")
def _another_hour(reading: _Reading, found: re.Match[str]) -> _Made:
    made = _hour(found[3]) if reading.hours[int(found[1])].single and int(found[3]) <= 12 else None
    return f"T{found[1]} {found[2]} {reading._symbol(made, '_')}" if isinstance(made, _Hours) else None


@_rule(r"{n}(?= or T)")
def _hour_or(reading: _Reading, found: re.Match[str]) -> _Made:
    return _hour(found[1])


@_rule(r"D(\d+) (early|late)(?! [a-z])", r"(early|late) D(\d+)", r"D(\d+) (early|late)")
def _edge_with_day(reading: _Reading, found: re.Match[str]) -> _Made:
    word = found[1] if found[1] in {"early", "late"} else found[2]
    index = found[2] if found[1] in {"early", "late"} else found[1]
    return f"D{index} {reading._symbol(_part(word), '_')}"


@_rule(r"early")
def _early(_: _Reading, __: re.Match[str]) -> _Made:
    return _part("early")


@_rule(r"P([a-z]+)")
def _part_of_day(_: _Reading, found: re.Match[str]) -> _Made:
    return _part(found[1]) if found[1] in load("when")["parts"] else "_"


@_rule(
    r"(?<!or )(?<!and )(?<!, )(?<!not )(?<!before )(?<!after ){T}"
    r" (?:(?:in|of|at|on|the|las|,|_) )*{T}(?! (?:or|and|,|to|-) )"
)
def _clock_in_part(reading: _Reading, found: re.Match[str]) -> _Made:
    clock, part = reading.hours[int(found[1])], reading.hours[int(found[2])]
    if clock.part and not part.part:
        clock, part = part, clock
    if clock.part or not part.part or "after" in found[0] or "before" in found[0]:
        return None
    return _shifted(clock, part) if clock.first is not None and clock.last is not None else None


@_rule(
    r"(?:from|between|of) (?:(?:at|las|the) )*{T} (?:(?:to|until|-|and|a|las|at|the) )+{T}",
    r"{T} (?:to|until|-|a) (?:(?:las|at|the) )*{T}",
)
def _clock_range(reading: _Reading, found: re.Match[str]) -> _Made:
    first, last = reading.hours[int(found[1])], reading.hours[int(found[2])]
    if first.first is None or last.last is None or first.first > last.last:
        return None
    return _Hours(first.first, last.last)


@_rule(r"{T} (?:(?:or|/|and|,|-) )+(?:(?:at|in|the|las|around|even|early|on) )*{T}")
def _or_hours(reading: _Reading, found: re.Match[str]) -> _Made:
    first, last = reading.hours[int(found[1])], reading.hours[int(found[2])]
    if None in {first.first, first.last, last.first, last.last}:
        return None
    if first.part != last.part and "or" not in found[0].split():
        return None
    return _union_hours([first, last])


@_rule(
    r"after (?:(?:in|the|at|las|around) )*{T}",
    r"from (?:(?:in|the|at|las|around) )*{T}(?: (?:on|onward|_ on))?",
    r"{T} onward",
)
def _after_hour(reading: _Reading, found: re.Match[str]) -> _Made:
    hours = reading.hours[int(found[1])]
    return _Hours(hours.first if not hours.part or "after" not in found[0] else hours.last, None, soft=hours.soft)


@_rule(r"(?:before|by|until) (?:(?:in|the|at|las|around) )*{T}", r"{T} latest")
def _before_hour(reading: _Reading, found: re.Match[str]) -> _Made:
    hours = reading.hours[int(found[1])]
    if hours.part and found[0].startswith("before"):
        return _Hours(None, hours.first)
    return _Hours(None, hours.last, soft=hours.soft)


@_rule(
    r"(?:not|except|daily) (?:(?:in|the|at|las|on|each|any|_|of|for) )*{T}((?: (?:or|and|,) T\d+)?)",
    r"{T} nogood",
)
def _not_then(reading: _Reading, found: re.Match[str]) -> _Made:
    hours = reading.hours[int(found[1])]
    if hours.single or hours.first is None or hours.last is None:
        return "_"
    return _Hours(hours.last, None) if hours.first < _NOON else _Hours(None, hours.first)
