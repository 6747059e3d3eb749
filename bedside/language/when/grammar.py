"""How a rule is written down: patterns over the line of symbols, and what is made of what stands for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from bedside.language.when.reading import Make

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
    "{year}": r"(?: (?:, )?(?:of (?:the )?)?Y(\d{4}))?",
    "{month}": r"(M\d+(?: (?:of )?Y\d{4})?|(?:this|next|coming) month|month next|month)",
    "{sep}": r"(?:,|or|and|-|/|to)",
}


class Rules:
    """Rules in the order in which they rewrite the line."""

    def __init__(self) -> None:
        self._rules: list[tuple[re.Pattern[str], Make]] = []

    def add(self, *patterns: str) -> Callable[[Make], Make]:
        """Registers a rewriting: what stands for the pattern becomes what the function makes; None leaves it."""

        def register(make: Make) -> Make:
            for pattern in patterns:
                for name, meaning in _NAMES.items():
                    pattern = pattern.replace(name, meaning)
                self._rules.append((re.compile(rf"(?<!\S)(?:{pattern})(?!\S)"), make))
            return make

        return register

    def __iter__(self) -> Iterator[tuple[re.Pattern[str], Make]]:
        return iter(self._rules)
