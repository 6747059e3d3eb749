"""What the billing staff do at a patient's wish: one ticket, one promise with a time each (BRIEF 3.4, R7, R9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actions.base import Events, Turn
from actions.bill_facts import SHORT, Answer, Opener, by_person, declined, facts, fees, voice, yes_no
from actions.bill_state import Stage, at, done, leave, to, words_of
from actions.clinical import facts_of
from bedside.care import agenda, bill_requests, bill_talk, billing, statements
from bedside.language.amounts import dollars
from bedside.language.answers import read_yes_no


def open_dispute(turn: Turn, charge_id: int, said: str) -> Events:
    """Hold the charge, say what comes when, and let the dispute's own form ask about the call."""
    made = billing.open_dispute(turn.care, turn.conversation_id, said, [charge_id], turn.mood, turn.language)
    turn.record("billing_dispute", acknowledged=True)
    turn.say(
        "utter_dispute_joined" if made.joined else "utter_dispute_opened",
        case_number=made.case_number,
        amount=dollars(made.amount_cents),
        specialist_due=turn.due(made.specialist_due),
        follow_up_due=turn.due(made.follow_up_due),
    )
    if made.collections_due is not None:
        turn.say("utter_bill_dispute_collections", due=turn.due(made.collections_due))
    if made.plan_case is not None and made.plan_review_due is not None:
        known = facts_of(turn, bill_requests.COUNSELING, made.plan_review_due)
        turn.say("utter_bill_dispute_plan", case_number=made.plan_case, **known)
    others = [task for task in turn.tasks if task != "billing_dispute"]
    return leave(
        agenda=["billing_dispute", *others],
        bill_at={**at(turn), "stage": Stage.WALK},
        dispute_words="given",
        dispute_charges=[charge_id],
        dispute_case=made.case_number,
        dispute_call=None,
    )


def _a_statement(turn: Turn, kept: dict[str, Any]) -> str | None:
    """The statement that is meant: named, the one that was gone through, the newest."""
    total = statements.balance(turn.care, turn.conversation_id)
    numbers = [(row.number, row.owed_cents) for row in total.statements]
    named = bill_talk.statement_meant(kept.get("words") or turn.text, numbers) or at(turn).get("number")
    if named:
        return str(named)
    try:
        return statements.walk_through(turn.care, turn.conversation_id).number
    except statements.DoesNotAddUp as error:
        return error.number
    except statements.NoSuchStatement:
        return None


def _of_statement(stage: str) -> Callable[[Turn, bool, dict[str, Any]], Events]:
    def opener(turn: Turn, anew: bool, kept: dict[str, Any]) -> Events:
        number = _a_statement(turn, kept)
        if number is None:
            turn.say("utter_bill_no_statement")
            return done()
        return to(turn, stage, anew=anew, number=number, **kept)

    return opener


def _itemized_answered(turn: Turn) -> Events | None:
    way, answer = bill_talk.way_to_send(turn.text), read_yes_no(turn.text)
    if way is None and answer is False:
        return declined(turn)
    if way is None and not answer:
        return None
    number = at(turn)["number"]
    asked = bill_requests.request_itemized_bill(turn.care, turn.conversation_id, number, way or "portal", voice(turn))
    turn.say("utter_bill_itemized_asked", number=number, **facts(turn, asked))
    return done()


def _fee(turn: Turn, anew: bool, kept: dict[str, Any]) -> Events:
    found = fees(turn)
    if not found:
        turn.say("utter_bill_no_fee")
        return by_person(turn)
    one = found[0]
    turn.say(
        "utter_bill_fee_told",
        description=one.description,
        date=words_of(turn).day(one.service_date),
        amount=dollars(one.charged_cents),
    )
    return to(turn, Stage.FEE, anew=anew, charge=one.charge_id, **kept)


def _fee_answered(turn: Turn) -> Events | None:
    if read_yes_no(turn.text) is False and len(turn.text.split()) <= SHORT:
        return declined(turn)
    others = [name for name in turn.requests if name not in (*agenda.BILLS, "billing_dispute", "cancel_appointment")]
    if others or len(turn.text.split()) < 2:
        return None
    asked = bill_requests.request_fee_review(turn.care, turn.conversation_id, at(turn)["charge"], voice(turn))
    turn.say("utter_bill_fee_asked", **facts(turn, asked))
    return done()


def _refund(turn: Turn, anew: bool, kept: dict[str, Any]) -> Events:
    return to(turn, Stage.REFUND, anew=anew, **kept)


def _refund_answered(turn: Turn) -> Events | None:
    answer = yes_no(turn)
    if answer is None:
        return None
    if not answer:
        return declined(turn)
    asked = bill_requests.request_refund(turn.care, turn.conversation_id, voice(turn))
    turn.say("utter_bill_refund_asked", **facts(turn, asked))
    return done()


def _surprise_answered(turn: Turn) -> Events | None:
    answer = yes_no(turn)
    if answer is None:
        return None
    if not answer:
        return declined(turn)
    asked = bill_requests.report_surprise_bill(turn.care, turn.conversation_id, at(turn)["number"], voice(turn))
    turn.say("utter_bill_surprise_asked", **facts(turn, asked))
    return done()


def _estimate(turn: Turn, anew: bool, kept: dict[str, Any]) -> Events:
    return to(turn, Stage.ESTIMATE, anew=anew, **kept)


def _estimate_answered(turn: Turn) -> Events | None:
    others = [name for name in turn.requests if name not in (*agenda.BILLS, "schedule_appointment", "test_results")]
    if others:
        return None
    if read_yes_no(turn.text) is False:
        return declined(turn)
    asked = bill_requests.request_estimate(turn.care, turn.conversation_id, turn.text.strip(), voice(turn))
    turn.say("utter_bill_estimate_asked", **facts(turn, asked))
    return done()


ANSWERS: dict[str, Answer] = {
    Stage.ITEMIZED: _itemized_answered,
    Stage.FEE: _fee_answered,
    Stage.REFUND: _refund_answered,
    Stage.SURPRISE: _surprise_answered,
    Stage.ESTIMATE: _estimate_answered,
}
OPENERS: dict[str, Opener] = {
    bill_talk.ITEMIZED: _of_statement(Stage.ITEMIZED),
    bill_talk.SURPRISE: _of_statement(Stage.SURPRISE),
    bill_talk.FEE: _fee,
    bill_talk.REFUND: _refund,
    bill_talk.ESTIMATE: _estimate,
}
