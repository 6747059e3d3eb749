"""The word lists beside this module, read once: the language rules are data, the code is a small reader of them."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

WORDS = Path(__file__).parent / "words"


@cache
def load(name: str) -> dict[str, Any]:
    """The lists in `words/<name>.yml`, by their keys. Not to be changed by the caller."""
    with (WORDS / f"{name}.yml").open(encoding="utf-8") as file:
        lists: dict[str, Any] = YAML(typ="safe").load(file)
    return lists


@cache
def word_set(name: str, key: str) -> frozenset[str]:
    """The words of one list written as running text."""
    return frozenset(str(load(name)[key]).split())


def tidy(text: str) -> str:
    """The text in composed form, with plain apostrophes and spaces; call it before taking positions."""
    composed = unicodedata.normalize("NFC", text)
    return composed.translate(_PLAIN)


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    base = unicodedata.normalize("NFD", character)[0].lower()
    return base if len(base) == 1 else character


def fold(text: str) -> str:
    """Lower case without accents, character for character, so that positions hold."""
    return "".join(map(_fold_character, text))


_PLAIN = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u02bc": "'",
        "\u00b4": "'",
        "`": "'",
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\u201c": '"',
        "\u201d": '"',
    }
)
