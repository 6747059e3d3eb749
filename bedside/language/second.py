"""Whether a message carries a second inquiry beside its main one (BRIEF 2: the second is not lost).

There are two signs for it: what a clause of the message says when it stands alone, and what the sentence net says that
the whole message carries. Either is enough when it is strong; together less is enough. How much is learned on held-out
messages and ships in the net's manifest. (Weighing both in a regression was worse than this.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

BESIDE_NO_REQUEST = 0.5  # enough where the main thing is only a name or a fact: then it is the first request
FAINT = 0.01  # "nobody rings me back" reads as a wish about the telephone, until the whole message is read


@dataclass(frozen=True)
class Second:
    """Shares from which on a second inquiry is believed. A clinical one needs less: doubt goes to the nurse (R6)."""

    clause: float  # of a clause, when the whole message does not speak against it
    carried: float  # of the whole message, alone
    clause_with: float  # of a clause, together with
    carried_with: float  # of the whole message
    clinical: float  # of the whole message, for a clinical one

    def believes(self, clause: float, carried: float, *, clinical: bool = False) -> bool:
        """Whether these shares are enough."""
        return (
            (clause >= self.clause and carried >= FAINT)
            or carried >= self.carried
            or (clause >= self.clause_with and carried >= self.carried_with)
            or (clinical and carried >= self.clinical)
        )

    def among(
        self,
        wanted: Sequence[str],
        main: str,
        clauses: Mapping[str, float],
        carried: Mapping[str, float],
        clinical: frozenset[str],
    ) -> dict[str, float]:
        """The inquiries of `wanted` that are asked for beside `main`, with the greater of their shares."""
        idle = main not in wanted
        return {
            label: max(clauses.get(label, 0.0), carried.get(label, 0.0))
            for label in wanted
            if label != main
            and (
                self.believes(clauses.get(label, 0.0), carried.get(label, 0.0), clinical=label in clinical)
                or (idle and carried.get(label, 0.0) >= BESIDE_NO_REQUEST)
            )
        }


NOTHING = Second(clause=2.0, carried=2.0, clause_with=2.0, carried_with=2.0, clinical=2.0)
"""Believes in no second inquiry: what a net has before that is learned."""
