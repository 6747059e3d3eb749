"""From tokens to the line of symbols that the rules rewrite."""

from __future__ import annotations

import re

from bedside.language.numerals import read_cardinal
from bedside.language.when.days import Days
from bedside.language.when.hours import at_minute, bare_hour
from bedside.language.when.other_words import is_other_word
from bedside.language.when.reading import Reading
from bedside.language.when.tokens import Token, masked, tokens_of
from bedside.language.when.vocabulary import (
    expression,
    lead_in,
    longest_from,
    misspelled,
    month_names,
    phrase_symbols,
    weekday_names,
)
from bedside.language.wordlists import load

_MARKS = {"-": "-", "/": "/", "&": "and", "@": "at", "~": "around", ",": ",", "(": ",", ")": ",", ":": ",", "+": "and"}
_STOPS = {".": ".", ";": ".", "!": ".", "?": "."}


def line_of(reading: Reading, text: str, plain: str) -> str:
    """The line of symbols for a text, `plain` when folded; its dates and hours are kept by the reading."""
    return _Line(reading, masked(text, plain, reading.today, reading.spanish)).written()


class _Line:
    """One text, token by token."""

    def __init__(self, reading: Reading, plain: str) -> None:
        self.reading = reading
        self.plain = plain
        self.tokens = tokens_of(plain)

    def written(self) -> str:
        """The symbols; before a date "Z" says that it is the appointment there is, "X" that it is another matter."""
        others = {found.end(): "Z" for found in lead_in("held").finditer(self.plain)}
        others |= {found.end(): "X" for found in lead_in("gone").finditer(self.plain)}
        symbols: list[str] = []
        index = 0
        while index < len(self.tokens):
            made, used = self._next_symbol(index)
            token = self.tokens[index]
            gap = self.plain[self.tokens[index - 1].end : token.start] if index else ""
            symbols += ["."] if "\n" in gap else ["_"] if "\x00" in gap else []
            if token.start in others:
                symbols.append(others[token.start])
            if made != "_dot":
                symbols.append(made)
            index += used
        return " ".join(symbols)

    def _next_symbol(self, index: int) -> tuple[str, int]:
        token = self.tokens[index]
        if token.kind in {"iso", "full", "slash"}:
            return self._numeric(token.text), 1
        if token.kind in {"clock", "oclock", "ish", "dotted"}:
            return self._clock(token), 1
        ahead = [one.text for one in self.tokens[index : index + 12]]
        for length in range(min(longest_from().get(token.text, 0), len(ahead)), 0, -1):
            symbol = phrase_symbols().get(tuple(ahead[:length]))
            if symbol is not None and not (length == 1 and is_other_word(self.tokens, index)):
                return symbol, length
        if token.kind == "ordinal":
            counted = re.match(rf"\s+{load('when')['counted']}(?![^\W_])", self.plain[token.end :])
            return ("_" if counted and not self._counts_days(token) else f"O{int(token.text[:-2] or 0)}"), 1
        if token.kind == "number":
            return self._number(token), 1
        if (
            token.text == "."
            and index
            and len(self.tokens[index - 1].text) < 6
            and self.plain[token.end - 1 : token.end + 1] != ".\n"
        ):
            word = self.tokens[index - 1].text
            if (word in month_names() or word in weekday_names()) and index + 1 < len(self.tokens):
                return "_dot", 1
        if token.kind == "mark":
            return _MARKS.get(token.text) or _STOPS.get(token.text) or "_", 1
        return self._word(index)

    def _counts_days(self, token: Token) -> bool:
        return bool(re.match(r"\s+(?:week|half)\s+(?:of|in)\s", self.plain[token.end :]))

    def _is_quantity(self, end: int) -> bool:
        following = re.match(r"[\s-]?\s*([^\W\d_]+)(?![\w'])", self.plain[end : end + 40])
        if not following or self.plain[end : end + 3].strip(" ").startswith("\n"):
            return False
        word = following[1]
        if word in weekday_names() or word in month_names() or (word,) in phrase_symbols():
            return False
        if re.match(rf"[\s-]*{load('when')['nouns']}(?![^\W_])", self.plain[end:]):
            return True
        return len(word) > 4 and word.endswith("s") and word not in {"works", "thanks", "perhaps", "always", "unless"}

    def _number(self, token: Token) -> str:
        digits = token.text
        if self._is_quantity(token.end):
            return "_"
        if len(digits) <= 2:
            return f"N{int(digits)}"
        if len(digits) == 4 and 2000 <= int(digits) < 2100:
            return f"Y{digits}" if not digits.startswith("2000") else "F2000"
        if len(digits) in {3, 4} and int(digits[:-2]) < 24 and int(digits[-2:]) < 60:
            if digits.startswith("0") and len(digits) == 4:
                return self.reading.symbol(at_minute(int(digits[:2]) * 60 + int(digits[2:])), "")
            if re.match(r"\s?(?:hours|hrs|h|horas)\b", self.plain[token.end :]):
                return self.reading.symbol(at_minute(int(digits[:-2]) * 60 + int(digits[-2:])), "")
            return f"F{digits}"
        return "_"

    def _word(self, index: int) -> tuple[str, int]:
        token = self.tokens[index]
        word = token.text
        if not is_other_word(self.tokens, index):
            if word in weekday_names():
                return f"W{weekday_names()[word]}", 1
            if word in month_names():
                return f"M{month_names()[word]}", 1
        elif word in weekday_names() or word in month_names():
            return "_", 1
        spelled = self._spelled(index)
        if spelled:
            return spelled
        return misspelled(word) or "_", 1

    def _spelled(self, index: int) -> tuple[str, int] | None:
        words = [one.text for one in self.tokens[index : index + 5]]
        table = load("numerals")
        if words[0] == "once" and not self.reading.spanish:
            return None
        tens = table["tens"].get(words[0])
        if tens and len(words) > 1 and words[1] in table["ordinals"] and table["ordinals"][words[1]] < 10:
            return f"Q{tens + table['ordinals'][words[1]]}", 2
        if words[0] in table["ordinals"]:
            follows = self._follows_ordinal(index)
            return f"Q{table['ordinals'][words[0]]}" if follows else "_", 1
        if words[0] in {"un", "una", "uno"}:
            after_article = index > 0 and self.tokens[index - 1].text == "la"
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
        if self._is_quantity(self.tokens[index + used - 1].end):
            return "_", used
        return (f"S{value}", used) if value < 100 else ("_", used)

    def _follows_ordinal(self, index: int) -> bool:
        after = self.tokens[index + 1] if index + 1 < len(self.tokens) else None
        if after is None or after.kind != "word" or after.text in weekday_names() or after.text in month_names():
            return True
        known = {"week", "semana", "weekend", "half", "part", "day", "full", "few", "two", "three", "couple"}
        return after.text in known or bool(expression("follows").fullmatch(after.text))

    def _numeric(self, text: str) -> str:
        parts = [int(part) for part in re.findall(r"\d+", text)]
        if len(parts) == 3 and len(re.findall(r"\d+", text)[0]) == 4:
            return self.reading.symbol(self.reading.almanac.dated(parts[1], parts[2], parts[0]), "_")
        year = None
        if len(parts) == 3:
            year = parts[2] if parts[2] > 99 else 2000 + parts[2]
        first, second = parts[0], parts[1]
        if not (1 <= first <= 31 and 1 <= second <= 31) or (first > 12 and second > 12):
            return "_"
        if self.reading.spanish and first <= 12 and second <= 12 and first != second:
            return self.reading.symbol(Days(None, None, problem="ambiguous"), "_")
        month, day = (second, first) if first > 12 else (first, second)
        return self.reading.symbol(self.reading.almanac.dated(month, day, year), "_")

    def _clock(self, token: Token) -> str:
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
            r"(?:\bat|\balas?|\ba las|around|after|before|from|by) ?$", self.plain[: token.start]
        ):
            return "_"
        if half:
            if hour > 12:
                return self.reading.symbol(at_minute(hour * 60 + minute), "_")
            return self.reading.symbol(at_minute((hour % 12 + 12 * (half.group() == "p")) * 60 + minute), "_")
        if token.kind == "oclock" or digits[0].startswith("0") or hour > 12 or hour == 0:
            return self.reading.symbol(at_minute(hour * 60 + minute), "_")
        return self.reading.symbol(bare_hour(hour, minute), "_")
