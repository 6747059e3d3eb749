"""What the channels of one server share: the clinic, and the one intake."""

from __future__ import annotations

from functools import lru_cache

from bedside.care.context import Care, open_care
from bedside.rasa.intake import Intake


@lru_cache(maxsize=1)
def clinic() -> Care:
    """The clinic of this process."""
    return open_care()


@lru_cache(maxsize=1)
def the_intake() -> Intake:
    """The door of this process."""
    return Intake(clinic())
