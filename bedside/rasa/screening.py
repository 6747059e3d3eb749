"""The screen's decision, made once at the intake and handed on with the message."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from bedside.safety.screen import Screen

METADATA_KEY = "screening"


class Screening(TypedDict):
    """What travels with a message: no words of the patient, only the decision."""

    decision: str
    about: str
    harm_to_others: bool


@lru_cache(maxsize=1)
def the_screen() -> Screen:
    """The screen of this process, loaded at its first use: training needs none."""
    from bedside.safety.screen import load_screen

    return load_screen()


def screen_text(text: str) -> Screening:
    """Decide about a text."""
    found = the_screen().decide(text)
    return {"decision": found.decision, "about": found.about, "harm_to_others": found.harm_to_others}


def read_screening(metadata: Mapping[str, Any] | None) -> Screening | None:
    """The decision that came with a message; None where there is none (`rasa test`, old events)."""
    found = (metadata or {}).get(METADATA_KEY)
    if not isinstance(found, Mapping) or "decision" not in found:
        return None
    return {
        "decision": str(found["decision"]),
        "about": str(found.get("about", "unknown")),
        "harm_to_others": bool(found.get("harm_to_others")),
    }
