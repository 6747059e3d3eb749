"""The sentences of domain/, for all that speaks without Rasa: channels, the worker, a server whose model is down.

It chooses and fills exactly as Rasa does (a test holds the two together), but never at random: the first fitting
variation is said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class SentenceError(KeyError):
    """There is no such sentence, or a fact that it needs was not given."""


class Sentences:
    """Every response that domain/ holds."""

    def __init__(self, responses: Mapping[str, list[dict[str, Any]]]) -> None:
        """`responses` as in a Rasa domain: name to variations."""
        self.responses = responses

    def say(
        self, name: str, slots: Mapping[str, Any] | None = None, channel: str | None = None, /, **facts: object
    ) -> str:
        """The text of a response. Raise SentenceError for an unknown name or a missing fact."""
        try:
            variations = self.responses[name]
        except KeyError as error:
            raise SentenceError(f"There is no sentence called {name}.") from error
        chosen = _choose(variations, slots or {}, channel)
        if chosen is None:
            raise SentenceError(f"No variation of {name} fits.")
        known = {**(slots or {}), **facts}

        def fill(match: re.Match[str]) -> str:
            key = match.group(1)
            if key not in known:
                raise SentenceError(f"{name} needs {key}.")
            return str(known[key])

        return _PLACEHOLDER.sub(fill, chosen["text"])


def _choose(variations: list[dict[str, Any]], slots: Mapping[str, Any], channel: str | None) -> dict[str, Any] | None:
    """Rasa's order: conditional and channel, then channel, then conditional, then the default.

    Conditions partition (a content test says so): at most one of each group can fit.
    """

    def fits(variation: dict[str, Any]) -> bool:
        return all(slots.get(c["name"]) == c["value"] for c in variation.get("condition", []))

    mine = [v for v in variations if v.get("channel") in (None, channel)]
    groups = (
        [v for v in mine if v.get("condition") and v.get("channel") and fits(v)],
        [v for v in mine if not v.get("condition") and v.get("channel")],
        [v for v in mine if v.get("condition") and not v.get("channel") and fits(v)],
        [v for v in mine if not v.get("condition") and not v.get("channel")],
    )
    for group in groups:
        if group:
            return group[0]
    return None


@lru_cache(maxsize=4)
def load_sentences(folder: Path) -> Sentences:
    """Read every file of domain/. Raise SentenceError when a response stands in two files."""
    responses: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(folder.glob("**/*.yml")):
        data = YAML(typ="safe").load(path.read_text(encoding="utf-8")) or {}
        for name, variations in (data.get("responses") or {}).items():
            if name in responses:
                raise SentenceError(f"{name} stands in two files; the second is {path.name}.")
            responses[name] = variations
    return Sentences(responses)
