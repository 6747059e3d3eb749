"""What is on the account, and what every step of a talk about a bill needs (BRIEF 3.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from actions.base import Events, Turn
from actions.bill_state import at, done, leave, words_of
from actions.clinical import facts_of
from bedside.care import agenda, bill_talk, billing, statements
from bedside.care.bill_requests import Asked, Voice
from bedside.care.speaking import full_day
from bedside.language.amounts import dollars
from bedside.language.answers import read_yes_no
from bedside.records.accounts import IN_COLLECTIONS, Collection

Answer = Callable[[Turn], Events | None]
"""Reads the answer to a question; None when the message is none."""
Opener = Callable[[Turn, bool, dict[str, Any]], Events]
"""Begins a topic: whether the talk begins anew with it, and what is to be kept in mind."""
SHORT, SHORTEST = 6, 3  # words


def voice(turn: Turn) -> Voice:
    """How the patient says it: what they came with, and these words when they are more than a yes."""
    said = [at(turn).get("words"), turn.text if read_yes_no(turn.text) is None else None]
    return Voice(" / ".join(dict.fromkeys(filter(None, said))), turn.mood, turn.language)


def yes_no(turn: Turn, *, writes: bool = False) -> bool | None:
    """A yes or no. Where a yes `writes` something it has to be clear; else the understanding of short words decides."""
    answer = read_yes_no(turn.text)
    if answer is None and turn.intent in ("affirm", "deny") and len(turn.text.split()) <= SHORT:
        answer = turn.intent == "affirm"
        return None if answer and writes else answer
    return answer


def in_collections(standing: Collection) -> bool:
    """Whether a final notice has gone out or an agency has it."""
    return standing.status in IN_COLLECTIONS


def by_person(turn: Turn) -> Events:
    """Step out of the form; the agenda hands this matter to the billing staff, asked first."""
    task = next((one for one in turn.tasks if one in agenda.BILLS), "billing_explain")
    others = [one for one in turn.tasks if one != task]
    asked: dict[str, Any] = {"handover_consent": None, "handover_reach": None}
    return leave(bill_by_person=task, bill_at=None, agenda=[task, *others], **asked)


def declined(turn: Turn) -> Events:
    """Nothing is done, at the person's wish."""
    turn.say("utter_bill_left_as_it_is")
    return done()


def facts(turn: Turn, asked: Asked) -> dict[str, Any]:
    """What is said of a request that was written down."""
    return {"case_number": asked.case_number, **facts_of(turn, asked.queue, asked.due_at)}


# What is on the account -----------------------------------------------------------------------------------------------


def menu_of(turn: Turn) -> tuple[str, ...]:
    """What fits next, from the records."""
    total = statements.balance(turn.care, turn.conversation_id)
    return bill_talk.menu(total, walked=at(turn).get("walked") or (), fees=bool(fees(turn)))


def rows_of(turn: Turn, numbers: Sequence[str]) -> list[statements.StatementBalance]:
    """The statements of these numbers with something owed."""
    total = statements.balance(turn.care, turn.conversation_id)
    return [row for row in total.statements if row.number in numbers]


def terms_in(parts: Iterable[statements.Part]) -> list[str]:
    """The words of the trade in some parts."""
    return [term for part in parts for term in part.terms]


def fees(turn: Turn) -> list[statements.ChargePart]:
    """The clinic's own fees that are open and not disputed."""
    found: list[statements.ChargePart] = []
    for row in statements.balance(turn.care, turn.conversation_id).statements:
        try:
            made = statements.walk_through(turn.care, turn.conversation_id, row.number)
        except statements.DoesNotAddUp:
            continue
        found += bill_talk.open_fees(made.parts)
    return found


def charge_line(turn: Turn, charge_id: int) -> str:
    """One charge as the dispute's own form lists it."""
    lines = billing.open_charges(turn.care, turn.conversation_id)
    found = next(line for line in lines if line.charge_id == charge_id)
    return words_of(turn).say(
        "piece_charge",
        description=found.description,
        date=full_day(found.service_date, turn.language),
        amount=dollars(found.owed_cents),
    )


def say_collections(turn: Turn, total: statements.Balance) -> bool:
    """Say which statements are with collections, gently; whether any is."""
    words, marked = words_of(turn), False
    for row in total.statements:
        standing = row.collection
        if standing is None or not in_collections(standing):
            continue
        marked = True
        if standing.status == "final_notice":
            turn.say("utter_bill_balance_notice", number=row.number)
        else:
            turn.say(
                "utter_bill_balance_agency",
                number=row.number,
                date=words.day(standing.since),
                agency=standing.agency or words.say("piece_agency"),
            )
    return marked
