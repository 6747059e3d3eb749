"""Asking payers without ever waiting too long: every outcome is a value, and nothing raises (BRIEF 3.5).

All questions of one message share one time limit. A call that overruns is left to itself in a thread of its own; when
too many are left, further questions count as unanswered at once instead of piling up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

ANSWERED, NO_ANSWER, FAILED, UNCLEAR = "answered", "no_answer", "failed", "unclear"
OUTCOMES = (ANSWERED, NO_ANSWER, FAILED, UNCLEAR)
"""From the best to the worst for a patient who waits for a fact: `worst` picks by this order."""

_LEFT_ALONE = 32  # calls that may hang at one time
_room = threading.BoundedSemaphore(_LEFT_ALONE)


@dataclass(frozen=True)
class Outcome:
    """How a question ended. `response` is there when it was answered, also when the answer is unclear.

    `reasons` are words of our own (`doubts`), or the kind of the error; never what the payer wrote.
    """

    kind: str
    response: Any = None
    reasons: tuple[str, ...] = ()
    took_ms: int = 0


def ask(
    questions: Sequence[Callable[[], Any]], seconds: float, monotonic: Callable[[], float] = time.monotonic
) -> list[Outcome]:
    """Ask all of these at once and wait `seconds` for all of them together; one outcome each, in their order."""
    began = monotonic()
    calls = [_Call(question, monotonic) for question in questions]
    for call in calls:
        call.start()
    return [call.outcome(began + seconds) for call in calls]


def worst(outcomes: Sequence[Outcome]) -> str:
    """The kind that decides what is said when several payers were asked; ANSWERED where nobody had to be."""
    return max((one.kind for one in outcomes), key=OUTCOMES.index, default=ANSWERED)


class _Call:
    """One question in a thread of its own."""

    def __init__(self, question: Callable[[], Any], monotonic: Callable[[], float]) -> None:
        self._question = question
        self._monotonic = monotonic
        self._began = monotonic()
        self._done = threading.Event()
        self._outcome: Outcome | None = None
        self._running = False

    def start(self) -> None:
        """Begin, where there is room for another call."""
        if not _room.acquire(blocking=False):
            return
        self._running = True
        threading.Thread(target=self._run, name="payer", daemon=True).start()

    def outcome(self, until: float) -> Outcome:
        """What came of it by that time."""
        if self._running:
            self._done.wait(max(0.0, until - self._monotonic()))
        if not self._done.is_set():
            return Outcome(NO_ANSWER, took_ms=self._took())
        assert self._outcome is not None
        return self._outcome

    def _run(self) -> None:
        try:
            response = self._question()
            self._outcome = Outcome(ANSWERED, response, took_ms=self._took())
        except BaseException as error:  # whatever an adapter raises, its words may hold what nobody may log
            self._outcome = Outcome(FAILED, reasons=(type(error).__name__,), took_ms=self._took())
        finally:
            _room.release()
            self._done.set()

    def _took(self) -> int:
        return max(0, round((self._monotonic() - self._began) * 1000))
