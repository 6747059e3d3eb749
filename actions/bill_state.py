"""Where a talk about a bill stands: one slot of plain data, and the words to say it in."""

from __future__ import annotations

from typing import Any

from actions.base import Events, Turn, set_slots
from actions.conversation import leave_form
from bedside.care.bill_lines import BillWords

DONE = "done"


class Stage:
    """What the last question was about."""

    BOTH, MENU, WHICH, WALK, DISPUTE = "both", "menu", "which", "walk", "dispute"
    PAY, TERMS, AGREE, OTHER_TERMS = "pay", "terms", "agree", "other_terms"
    PEOPLE, RANGE, INSURED, COUNTY, APPLY = "people", "range", "insured", "county", "apply"
    COUNSELOR, ITEMIZED, FEE, REFUND, SURPRISE, ESTIMATE = (
        "counselor",
        "itemized",
        "fee",
        "refund",
        "surprise",
        "estimate",
    )


def at(turn: Turn) -> dict[str, Any]:
    """Where the talk stands; at the menu when nothing is known."""
    here = turn.slot("bill_at")
    return dict(here) if isinstance(here, dict) and "stage" in here else {"stage": Stage.MENU, "task": ""}


def to(turn: Turn, stage: str, *, anew: bool = False, **known: Any) -> Events:
    """Go to a stage; what is known stays, but for the questions that were not answered."""
    kept = {} if anew else at(turn)
    return set_slots(bill_at={**kept, "misses": 0, **known, "stage": stage}, bill_done=None)


def stay(turn: Turn, **known: Any) -> Events:
    """Ask the same again."""
    return set_slots(bill_at={**at(turn), **known}, bill_done=None)


def done() -> Events:
    """This matter is settled."""
    return set_slots(bill_done=DONE)


def leave(**slots: Any) -> Events:
    """Put the form aside, with these slots set."""
    return [*leave_form(), *set_slots(**slots)]


def words_of(turn: Turn) -> BillWords:
    """The sentences about bills in the language that is spoken."""
    return BillWords(turn.care, turn.language)
