"""The emergency screen: what a typed message asks for before anything else may run (R2, R6, BRIEF 3.8).

Phrases with their contexts (`lexicon`) and a trained classifier (`classifier`) look at every message. Either can raise
an alarm; where they disagree the message becomes `check`, one short question. It decides about any string; a fault
inside is doubt, not silence.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bedside.safety import classifier as classes
from bedside.safety.classifier import Classifier, load_classifier
from bedside.safety.lexicon import ALWAYS, ASK, HARM_OTHERS, MEDICAL, NOW, SET_ASIDE, Hit, Lexicon, load_lexicon
from bedside.safety.normalize import Token, readable

EMERGENCY_MEDICAL, EMERGENCY_MENTAL_HEALTH = "emergency_medical", "emergency_mental_health"
CHECK, CLEAR = "check", "clear"
OTHER = "other"
SOME_HARM = 0.3  # of the classifier's shares
DECISIONS = (EMERGENCY_MEDICAL, EMERGENCY_MENTAL_HEALTH, CHECK, CLEAR)

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


class Screen:
    """The screen, ready to decide; it holds no state of any conversation and may be shared by threads."""

    def __init__(self, lexicon: Lexicon, classifier: Classifier) -> None:
        """Both nets, loaded."""
        self._lexicon = lexicon
        self._classifier = classifier

    def decide(self, text: str) -> Screened:
        """What the message asks for. Never raises: a fault inside is logged without the text and becomes `check`."""
        try:
            return self._decide(text)
        except Exception as fault:
            logger.error("The emergency screen failed (%s); asking the patient instead.", type(fault).__name__)
            return Screened(CHECK, ("fault",))

    def _decide(self, text: str) -> Screened:
        plain = readable(text)
        if not any(character.isalnum() for character in plain):
            return Screened(CLEAR)
        said, hits = self._lexicon.search(plain)
        probabilities = self._classifier.probabilities(plain, hits)
        emergency = float(probabilities[2:].sum())
        danger = emergency + float(probabilities[classes.CHECK])
        thresholds = self._classifier.thresholds
        live = [hit for hit in hits if hit.level != SET_ASIDE]

        if is_emergency(hits, emergency, thresholds):
            certain = [hit for hit in hits if hit.level == ALWAYS]
            return self._emergency(said, hits, certain, [float(each) for each in probabilities])
        if danger >= thresholds["check"]:
            return Screened(CHECK, _reasons(live, danger), self._lexicon.about(said, hits))
        return Screened(CLEAR, tuple(hit.code for hit in hits if hit.level == SET_ASIDE))

    def _emergency(
        self, said: Sequence[Token], hits: Sequence[Hit], certain: Sequence[Hit], probabilities: Sequence[float]
    ) -> Screened:
        live = [hit for hit in hits if hit.level not in (ASK, SET_ASIDE)]
        medical, self_harm, harm = probabilities[2:]
        if certain:
            kinds = {hit.concept.kind for hit in certain}
            mental = kinds != {MEDICAL} or self_harm + harm > medical
        else:
            mental = self_harm + harm > medical
        kinds = {hit.concept.kind for hit in live}
        about = self._lexicon.about(said, hits)
        # "hurting my baby": words of both kinds, and another person in them.
        phrases_of_harm = kinds == {HARM_OTHERS} or (HARM_OTHERS in kinds and about == OTHER and harm >= SOME_HARM)
        to_others = mental and (harm > self_harm or phrases_of_harm)
        return Screened(
            EMERGENCY_MENTAL_HEALTH if mental else EMERGENCY_MEDICAL,
            _reasons(live, medical + self_harm + harm),
            about,
            to_others,
        )


def is_emergency(hits: Sequence[Hit], emergency: float, thresholds: Mapping[str, float]) -> bool:
    """Whether the protocol starts: a phrase that decides alone, a phrase and the classifier together, or the classifier
    alone when it is nearly certain."""
    levels = {hit.level for hit in hits}
    if ALWAYS in levels:
        return True
    return emergency >= thresholds["protocol_with_phrase" if NOW in levels else "protocol"]


def _reasons(hits: Sequence[Hit], probability: float) -> tuple[str, ...]:
    return (*dict.fromkeys(hit.code for hit in hits), f"classifier:{probability:.2f}")


@lru_cache(maxsize=1)
def load_screen() -> Screen:
    """The screen that ships with the assistant, one for each process.

    Raise LexiconError or ModelError when a phrase file is malformed or a model file is not the one that was measured.
    """
    return Screen(load_lexicon(), load_classifier())
