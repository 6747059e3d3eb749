"""Reading a reply inside the emergency protocol: is help called, is it there, are they safe? (BRIEF 3.8)

Works without a model, from the phrases in replies.yml, so that it holds while everything else is down.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML

from bedside.language.answers import read_yes_no
from bedside.safety.protocol import CALLED, NO, OTHER, SAFE, THERE, YES

_FILE = Path(__file__).with_name("replies.yml")
_INTENDED = re.compile(
    r"\b(should i|do i|can'?t|cannot|won'?t|not going to|don'?t want|no need|refuse|never)\b.{0,25}\b(call|go)"
)


def read_reply(text: str) -> str:
    """How a message reads as an answer: called, there, safe, yes, no, or other. Doubt reads as other."""
    plain = _plain(text)
    groups = _groups()
    worse = _any(groups["worse"], plain)
    if _any(groups["there"], plain) and not worse:
        return THERE
    if _any(groups["called"], plain) and not _INTENDED.search(plain):
        return CALLED
    if worse:
        return OTHER
    answer = read_yes_no(text)
    if _any(groups["safe"], plain):
        return SAFE
    if answer is None:
        return OTHER
    return YES if answer else NO


def _any(patterns: tuple[re.Pattern[str], ...], plain: str) -> bool:
    return any(pattern.search(plain) for pattern in patterns)


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.lower().replace("’", "'"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


@lru_cache(maxsize=1)
def _groups() -> dict[str, tuple[re.Pattern[str], ...]]:
    data = YAML(typ="safe").load(_FILE.read_text(encoding="utf-8"))
    return {name: tuple(re.compile(p) for p in patterns) for name, patterns in data.items()}
