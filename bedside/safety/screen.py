"""The emergency screen: what a typed message asks for before anything else may run (R2, R6, BRIEF 3.8).

Two nets hang one under the other: phrases with their contexts (`lexicon`) and a trained classifier. Either can raise an
alarm; where they disagree the message becomes `check`, one short question. Nothing here can fail on any string, and a
fault inside is doubt, not silence.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

EMERGENCY_MEDICAL, EMERGENCY_MENTAL_HEALTH = "emergency_medical", "emergency_mental_health"
DECISIONS = (EMERGENCY_MEDICAL, EMERGENCY_MENTAL_HEALTH, "check", "clear")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Screened:
    """The decision about one message.

    `reasons` are codes without a word of the patient's: `lexicon:breathing:cant_breathe`, `classifier:0.93`.
    `about` is who is in danger: `self`, `other` or `unknown`. `harm_to_others` goes with emergency_mental_health.
    """

    decision: str
    reasons: tuple[str, ...] = ()
    about: str = "unknown"
    harm_to_others: bool = False
