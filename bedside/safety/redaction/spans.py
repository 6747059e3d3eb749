"""Stretches of a text, and finding them by place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """The characters from `start` to before `end`, and what they are."""

    start: int
    end: int
    kind: str


class Index:
    """Spans that do not overlap within a kind, found by place in logarithmic time."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans: dict[str, list[Span]] = {}
        for span in sorted(spans, key=lambda one: (one.start, one.end)):
            same = self._spans.setdefault(span.kind, [])
            if not same or same[-1].end <= span.start:
                same.append(span)
        self._ends = {kind: [span.end for span in spans] for kind, spans in self._spans.items()}

    def over(self, start: int, end: int, *kinds: str) -> list[Span]:
        """The spans of these kinds (or any) that share a character with `start`..`end`."""
        found: list[Span] = []
        if not self._spans:
            return found
        for kind in kinds or self._spans:
            if kind not in self._spans:
                continue
            spans = self._spans[kind]
            for place in range(bisect_right(self._ends[kind], start), len(spans)):
                if spans[place].start >= end:
                    break
                found.append(spans[place])
        return found
