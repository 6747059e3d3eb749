"""The words of `words.yml`, and the regular expressions that are built of them: shapes are code, words are data."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML


@cache
def word_lists() -> dict[str, Any]:
    """The lists by their keys. Not to be changed by the caller."""
    with (Path(__file__).parent / "words.yml").open(encoding="utf-8") as file:
        found: dict[str, Any] = YAML(typ="safe").load(file)
    return found


@cache
def words_of(key: str) -> tuple[str, ...]:
    """The words of a list that is written as running text."""
    return tuple(str(word_lists()[key]).split())


@cache
def word_set(key: str) -> frozenset[str]:
    """The same words, to be looked up."""
    return frozenset(words_of(key))


def one_of(entries: list[str]) -> str:
    """The expression that any of the entries fits, the first first."""
    return "|".join(map(str, entries))


@cache
def expression(template: str) -> re.Pattern[str]:
    """The template compiled, with the entries of a list where its key stands in braces: `(?:{banks})`."""
    return re.compile(re.sub(r"\{([a-z_]+)\}", lambda found: one_of(word_lists()[found[1]]), template))
