"""Ways to pay, and a plan: offered, read back, agreed, written, then said (BRIEF 3.4, R7)."""

from __future__ import annotations

from typing import Any

from actions.base import Events, Turn
from actions.bill_facts import Answer, Opener, declined, facts, voice, yes_no
from actions.bill_state import Stage, at, done, to, words_of
from actions.clinical import facts_of
from bedside.care import bill_requests, bill_talk, payments, plans, statements
from bedside.care.bill_lines import BillWords
from bedside.language.amounts import dollars
from bedside.organization import display_phone
from bedside.safety.redaction import MARK


def _pay(turn: Turn, anew: bool, kept: dict[str, Any]) -> Events:
    total = statements.balance(turn.care, turn.conversation_id)
    if not total.payable_cents:
        turn.say("utter_bill_nothing_to_pay")
        if total.held_cents:
            turn.say("utter_bill_balance_held", held=dollars(total.held_cents), left=dollars(total.payable_cents))
        return done()
    numbers = [(row.number, row.payable_cents) for row in total.statements if row.payable_cents]
    meant = bill_talk.statement_meant(kept.get("words") or turn.text, numbers) if len(numbers) > 1 else None
    turn.say("utter_bill_pay_ways", amount=_payable(turn, meant), billing_phone=_billing_phone(turn))
    return to(turn, Stage.PAY, anew=anew, pay_number=meant, **kept)


def _payable(turn: Turn, number: str | None) -> str:
    total = statements.balance(turn.care, turn.conversation_id)
    rows = [row for row in total.statements if number in (None, row.number)]
    return dollars(sum(row.payable_cents for row in rows))


def _billing_phone(turn: Turn) -> str:
    return display_phone(turn.care.organization.queue(bill_requests.BILLING).phone)


def _pay_answered(turn: Turn) -> Events | None:
    text, number = turn.text, at(turn).get("pay_number")
    topic = bill_talk.topic_in(text)
    if topic not in (None, bill_talk.PAY, bill_talk.SPECIALIST) and not bill_talk.says(text, "by_link"):
        return None
    if bill_talk.says(text, "by_phone") and not bill_talk.says(text, "only_link"):
        details = turn.care.organization.queue(bill_requests.BILLING)
        turn.say(
            "utter_bill_pay_phone",
            billing_phone=_billing_phone(turn),
            wait=details.typical_wait_minutes,
            amount=_payable(turn, number),
        )
        return done()
    if bill_talk.says(text, "by_mail"):
        place = turn.care.organization.locations[0]
        turn.say("utter_bill_pay_mail", clinic_address=place.address, amount=_payable(turn, number))
        return done()
    answer = yes_no(turn)
    if bill_talk.says(text, "by_link") or MARK in text or answer:
        try:
            link = payments.make_link(turn.care, turn.conversation_id, number)
        except payments.NothingToPay:
            turn.say("utter_bill_nothing_to_pay")
            return done()
        turn.say("utter_bill_link", amount=dollars(link.amount_cents), link=link.url, until=turn.due(link.expires_at))
        return done()
    return declined(turn) if answer is False else None


# A plan ---------------------------------------------------------------------------------------------------------------


def _plan(turn: Turn, anew: bool, kept: dict[str, Any]) -> Events:
    offer = plans.offer(turn.care, turn.conversation_id)
    if offer.reason == plans.PLAN_RUNS:
        return _plan_runs(turn, anew, kept)
    if offer.reason == plans.NOTHING_OWED:
        turn.say("utter_bill_nothing_to_pay")
        if offer.held_cents:
            turn.say("utter_bill_balance_held", held=dollars(offer.held_cents), left=dollars(offer.amount_cents))
        return done()
    if offer.held_cents:
        turn.say("utter_bill_plan_out_of_it", held=dollars(offer.held_cents))
    if not offer.terms:
        turn.say("utter_bill_plan_small", amount=dollars(offer.amount_cents))
        return to(turn, Stage.OTHER_TERMS, anew=anew, **kept)
    words = kept.get("words") or turn.text
    if bill_talk.says(words, "months"):
        wanted = bill_talk.read_terms(words, offer)
        if wanted.terms is not None:
            return _chosen(turn, wanted.terms, offer, anew=anew, **kept)
    return to(turn, Stage.TERMS, anew=anew, **kept)


def _plan_runs(turn: Turn, anew: bool, kept: dict[str, Any]) -> Events:
    standing = plans.standing(turn.care, turn.conversation_id)
    if standing is not None and standing.next_due is not None:
        turn.say(
            "utter_bill_plan_runs",
            case_number=standing.case_number,
            amount=dollars(standing.next_due.amount_cents),
            date=words_of(turn).day(standing.next_due.due_on),
        )
    elif standing is not None:
        turn.say("utter_bill_plan_paused", case_number=standing.case_number)
    return to(turn, Stage.OTHER_TERMS, anew=anew, **kept)


def _chosen(turn: Turn, terms: plans.Terms, offer: plans.Offer, *, anew: bool = False, **kept: Any) -> Events:
    return to(turn, Stage.AGREE, anew=anew, months=terms.months, total=offer.amount_cents, **kept)


def _terms_answered(turn: Turn) -> Events | None:
    offer = plans.offer(turn.care, turn.conversation_id)
    if not offer.terms:
        return _plan(turn, False, {})
    wanted = bill_talk.read_terms(turn.text, offer)
    if wanted.terms is not None:
        return _chosen(turn, wanted.terms, offer)
    if wanted.other:
        turn.say("utter_bill_plan_other")
        return to(turn, Stage.OTHER_TERMS)
    if bill_talk.topic_in(turn.text) not in (None, bill_talk.PLAN):
        return None
    return declined(turn) if yes_no(turn) is False else None


def _agree_answered(turn: Turn) -> Events | None:
    """Only a clear yes writes a plan; other terms are read back first."""
    here, offer = at(turn), plans.offer(turn.care, turn.conversation_id)
    answer = yes_no(turn, writes=True)
    wanted = bill_talk.read_terms(turn.text, offer) if answer is not True else bill_talk.Wanted()
    if wanted.terms is not None and wanted.terms.months != here["months"]:
        return _chosen(turn, wanted.terms, offer)
    if wanted.other:
        turn.say("utter_bill_plan_other")
        return to(turn, Stage.OTHER_TERMS)
    if answer is False:
        return to(turn, Stage.TERMS)
    if answer is None:
        return None
    try:
        agreed = plans.agree(turn.care, turn.conversation_id, here["months"], here["total"], voice(turn))
    except plans.PlanError:
        turn.say("utter_bill_plan_changed")
        return _plan(turn, False, {"words": ""})
    turn.say(
        "utter_bill_plan_agreed",
        case_number=agreed.case_number,
        count=len(agreed.terms.instalments),
        total=dollars(agreed.terms.total_cents),
        **facts_of(turn, bill_requests.COUNSELING, agreed.in_writing_due),
    )
    return done()


def _other_terms_answered(turn: Turn) -> Events | None:
    answer = yes_no(turn)
    if answer is None:
        return None
    if not answer:
        return declined(turn)
    asked = plans.request_other_terms(turn.care, turn.conversation_id, voice(turn))
    turn.say("utter_bill_counselor_calls", **facts(turn, asked))
    return done()


def ask_terms(turn: Turn, here: dict[str, Any], words: BillWords) -> Events:
    """The terms to choose from, or the chosen ones read back."""
    offer = plans.offer(turn.care, turn.conversation_id)
    chosen = next((one for one in offer.terms if one.months == here.get("months")), None)
    if not offer.terms:
        turn.say("utter_bill_nothing_to_pay")
        return done()
    if here["stage"] == Stage.AGREE and chosen is not None:
        turn.say("utter_bill_ask_agree", total=dollars(chosen.total_cents), lines=words.payments(chosen))
    else:
        turn.say("utter_bill_ask_terms", amount=dollars(offer.amount_cents), lines=words.offered(offer.terms))
    return []


ANSWERS: dict[str, Answer] = {
    Stage.PAY: _pay_answered,
    Stage.TERMS: _terms_answered,
    Stage.AGREE: _agree_answered,
    Stage.OTHER_TERMS: _other_terms_answered,
}
OPENERS: dict[str, Opener] = {bill_talk.PAY: _pay, bill_talk.PLAN: _plan}
