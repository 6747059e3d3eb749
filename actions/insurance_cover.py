"""What insurance does: active, network, what a visit asks, referral, deductible, which one pays first (BRIEF 3.5)."""

from __future__ import annotations

from typing import Any

from actions.base import Events, Turn
from actions.insurance_state import (
    Answer,
    Opener,
    Stage,
    asked_facts,
    at,
    by_person,
    declined,
    done,
    to,
    voice,
    words_of,
    yes_no,
)
from bedside.care import asking, coverage, insurance_wishes, new_coverage
from bedside.care.coverage import Checked, PolicyFacts, Question
from bedside.care.insurance_lines import InsuranceWords
from bedside.care.insurance_wishes import Wanted
from bedside.care.plan_rules import DEPENDS, NOT_ON_FILE
from bedside.records.clinic_file import TELEHEALTH
from bedside.records.insurance import IN, OUT

# Asking the records and the insurers ------------------------------------------------------------------------------


def look(turn: Turn, question: Question | None = None) -> Checked | None:
    """What the insurance does, with what has to be said first; None when nothing can be said as a fact.

    Where an insurer gave no good answer, a person follows up by a stated time (R7); where its answer doesn't fit the
    records, none of it is said.
    """
    found = coverage.check(turn.care, turn.conversation_id, question, voice(turn))
    if found.follow_up is not None:
        unclear = found.outcome == asking.UNCLEAR
        payers = [one.payer for one in found.policies if not one.confirmed]
        turn.say(
            "utter_insurance_unclear" if unclear else "utter_insurance_no_answer",
            payer=words_of(turn).joined(list(dict.fromkeys(payers))),
            **asked_facts(turn, found.follow_up),
        )
        if unclear:
            return None
    return found


def usable(turn: Turn, found: Checked) -> bool:
    """Whether there is insurance in force to speak of; says how it stands where there is none."""
    words = words_of(turn)
    if found.active:
        return True
    if not found.policies:
        turn.say("utter_insurance_none")
    else:
        last = found.policies[0]
        named = words.plan(last.payer, last.plan)
        if last.starts_on is not None and last.starts_on > found.on:
            turn.say("utter_insurance_not_begun", plan=named, date=words.day(last.starts_on))
        elif last.ends_on is not None:
            turn.say("utter_insurance_ended", plan=named, date=words.day(last.ends_on))
        else:
            turn.say("utter_insurance_none")
    say_pending(turn, found)
    return False


def say_pending(turn: Turn, found: Checked) -> None:
    """Insurance that was given in chat and nobody has verified yet."""
    for one in found.unverified[:1]:
        turn.say("utter_insurance_being_checked", payer=one.payer)


# Active or not ------------------------------------------------------------------------------------------------------


def _check(turn: Turn, kept: dict[str, Any]) -> Events:
    found = look(turn)
    if found is None:
        return done()
    if not usable(turn, found):
        return done() if found.unverified else to(turn, Stage.OFFER_NEW, **kept)
    words = words_of(turn)
    lines = [words.card(one.payer, one.plan, one.member_ending) for one in found.policies]
    if len(lines) == 1:
        turn.say("utter_insurance_active", plan=lines[0])
    else:
        turn.say("utter_insurance_active_several", lines="\n".join(words.say("piece_line", line=one) for one in lines))
        _say_order(turn, found, words)
    for one in found.policies:
        if one.ends_on is not None:
            turn.say("utter_insurance_ends_on", plan=words.plan(one.payer, one.plan), date=words.day(one.ends_on))
    say_pending(turn, found)
    return done()


def _offer_new_answered(turn: Turn) -> Events | None:
    answer = yes_no(turn)
    if answer is None and new_coverage.read_payer(turn.care, turn.text) is None:
        return None
    if answer is False:
        return declined(turn)
    from actions.insurance_new import open_new

    return open_new(turn, {"words": turn.text})


# Which pays first ---------------------------------------------------------------------------------------------------


def _order(turn: Turn, kept: dict[str, Any]) -> Events:
    found = look(turn)
    if found is None:
        return done()
    if not usable(turn, found):
        return done() if found.unverified else to(turn, Stage.OFFER_NEW, **kept)
    if len(found.policies) == 1:
        one = found.policies[0]
        turn.say("utter_insurance_only_one", plan=words_of(turn).plan(one.payer, one.plan))
        say_pending(turn, found)
        return done()
    if not (found.order.certain and found.order.agrees):
        turn.say("utter_insurance_order_unclear")
        return by_person(turn)
    _say_order(turn, found, words_of(turn))
    return done()


def _say_order(turn: Turn, found: Checked, words: InsuranceWords) -> None:
    """Which pays first and why; nothing where that is not certain."""
    if not (found.order.certain and found.order.agrees) or len(found.policies) < 2:
        return
    by_id = {one.coverage_id: words.plan(one.payer, one.plan) for one in found.policies}
    first, *rest = [by_id[key] for key in found.order.coverage_ids]
    turn.say(
        "utter_insurance_order",
        first=first,
        others=words.joined(rest),
        reason=words.say(f"order_{found.order.reasons[0]}"),
    )


# In network ---------------------------------------------------------------------------------------------------------


def _network(turn: Turn, kept: dict[str, Any]) -> Events:
    care = insurance_wishes.read_care(turn.care, kept.get("words") or turn.text)
    if care.stranger and care.provider is None:
        turn.say("utter_insurance_stranger")
        return by_person(turn)
    found = look(turn, Question(provider=care.provider, location=care.location))
    if found is None:
        return done()
    if not usable(turn, found):
        return done() if found.unverified else to(turn, Stage.OFFER_NEW, **kept)
    known = [say_network(turn, one, care) for one in found.policies[:2]]
    if not any(known):
        return by_person(turn)
    if care.service and (care.provider or insurance_wishes.says(kept.get("words") or turn.text, "own")):
        _say_referral(turn, found.policies[0], care.service)
    turn.say("utter_insurance_network_caveat")
    return done()


def say_network(turn: Turn, facts: PolicyFacts, care: Wanted) -> bool:
    """Whether a provider or an office is in the network of one insurance; whether that is known."""
    words = words_of(turn)
    plan = words.plan(facts.payer, facts.plan)
    if facts.network == DEPENDS:
        return say_depends(turn, facts, care.provider)
    who = care.provider or (words.place(care.location) if care.location else None)
    if facts.network == NOT_ON_FILE:
        turn.say("utter_insurance_network_unknown", plan=plan, who=who or words.say("piece_we"))
        return False
    if facts.network == IN:
        if who:
            turn.say("utter_insurance_in_network", plan=plan, who=who)
        else:
            turn.say("utter_insurance_in_network_all", plan=plan)
        return True
    if who:
        turn.say("utter_insurance_out_of_network", plan=plan, who=who)
    else:
        turn.say("utter_insurance_out_of_network_all", plan=plan)
    if facts.covers_out_of_network is False:
        turn.say("utter_insurance_out_pays_nothing")
    return True


def places(turn: Turn, provider: str | None) -> tuple[list[str], list[str]]:
    """The offices in the network of the insurance that pays first, and those out of it."""
    keys = [*(one.key for one in turn.care.organization.locations), TELEHEALTH]
    found = coverage.network_by_place(turn.care, turn.conversation_id, keys, provider)
    return [key for key in keys if found.get(key) == IN], [key for key in keys if found.get(key) == OUT]


def say_depends(turn: Turn, facts: PolicyFacts, provider: str | None) -> bool:
    """Say which offices are in the network and which are not; whether any is known."""
    words = words_of(turn)
    inside, outside = places(turn, provider)
    if not inside or not outside:
        return False
    turn.say(
        "utter_insurance_network_depends",
        plan=words.plan(facts.payer, facts.plan),
        inside=words.joined([words.place(one) for one in inside]),
        outside=words.joined([words.place(one) for one in outside]),
    )
    return True


# What a visit asks of you -------------------------------------------------------------------------------------------


def _cost(turn: Turn, kept: dict[str, Any]) -> Events:
    """What care asks of the patient, where it is known which care."""
    return _about_care(turn, kept, "cost")


def _referral(turn: Turn, kept: dict[str, Any]) -> Events:
    words = kept.get("words") or turn.text
    if insurance_wishes.read_care(turn.care, words).service is None and not insurance_wishes.says(words, "needed"):
        turn.say("utter_insurance_referral_person")
        return by_person(turn)
    return _about_care(turn, kept, "referral")


def _about_care(turn: Turn, kept: dict[str, Any], what: str, *, asked: bool = False) -> Events:
    text = turn.text if asked else kept.get("words") or turn.text
    care = insurance_wishes.read_care(turn.care, text, asked=asked)
    if care.service is None:
        return to(turn, Stage.WHICH_CARE, about=what, **kept)
    if what == "cost":
        return _say_cost(turn, care, kept)
    found = look(turn, Question(service=care.service, provider=care.provider))
    if found is None:
        return done()
    if not usable(turn, found):
        return done() if found.unverified else to(turn, Stage.OFFER_NEW, **kept)
    if not _say_referral(turn, found.policies[0], care.service):
        turn.say("utter_insurance_referral_unknown")
        return by_person(turn)
    return done()


def _which_care_answered(turn: Turn) -> Events | None:
    here = at(turn)
    care = insurance_wishes.read_care(turn.care, turn.text, asked=True)
    if care.service is None:
        return None
    if here.get("about") == "authorization":
        from actions.insurance_requests import say_need

        return say_need(turn, care, {})
    return _about_care(turn, {}, here.get("about") or "cost", asked=True)


def _say_referral(turn: Turn, facts: PolicyFacts, service: str) -> bool:
    """Whether a referral is needed for care; whether that is known."""
    named = {"service": words_of(turn).service(service)}
    if facts.referral == coverage.NEEDED:
        turn.say("utter_insurance_referral_needed", **named)
    elif facts.referral == coverage.REFERRAL_ON_FILE:
        turn.say("utter_insurance_referral_on_file", **named)
    elif facts.referral == coverage.NOT_NEEDED:
        turn.say("utter_insurance_referral_not_needed", **named)
    return facts.referral != coverage.UNKNOWN


def _say_cost(turn: Turn, care: Wanted, kept: dict[str, Any]) -> Events:
    assert care.service is not None
    inside, outside = places(turn, care.provider) if care.location is None else ([], [])
    depends = bool(inside and outside)
    location = inside[0] if depends else care.location
    found = look(turn, Question(service=care.service, provider=care.provider, location=location))
    if found is None:
        return done()
    if not usable(turn, found):
        return done() if found.unverified else to(turn, Stage.OFFER_NEW, **kept)
    if depends:
        say_depends(turn, found.policies[0], care.provider)
    return _say_shares(turn, found, care, words_of(turn))


def _say_shares(turn: Turn, found: Checked, care: Wanted, words: InsuranceWords) -> Events:
    """The share of each insurance in its order, with its conditions and the caveat."""
    ordered = in_order(found)
    if ordered is None:
        turn.say("utter_insurance_order_unclear")
        return by_person(turn)
    first, *rest = ordered
    assert care.service is not None
    if first.network == NOT_ON_FILE and first.benefit is None:
        turn.say(
            "utter_insurance_network_unknown",
            plan=words.plan(first.payer, first.plan),
            who=care.provider or words.say("piece_we"),
        )
        return by_person(turn)
    if first.benefit is None:
        turn.say("utter_insurance_part", part=words.cost(first, care.service))
        if first.network == OUT:
            say_network(turn, first, care)
        return by_person(turn)
    if first.network == OUT:
        say_network(turn, first, care)
    turn.say("utter_insurance_part", part=words.cost(first, care.service))
    for told in words.conditions(first, care.service):
        turn.say("utter_insurance_part", part=told)
    for one in rest[:1]:
        turn.say("utter_insurance_second_pays", plan=words.plan(one.payer, one.plan))
    turn.say("utter_insurance_estimate_caveat")
    return done()


def in_order(found: Checked) -> list[PolicyFacts] | None:
    """The insurances in the order in which they pay; None where that is not certain."""
    by_id = {one.coverage_id: one for one in found.policies}
    if len(by_id) > 1 and not (found.order.certain and found.order.agrees):
        return None
    return [by_id[key] for key in found.order.coverage_ids] or list(found.policies)


def _deductible(turn: Turn, kept: dict[str, Any]) -> Events:
    found = look(turn)
    if found is None:
        return done()
    if not usable(turn, found):
        return done() if found.unverified else to(turn, Stage.OFFER_NEW, **kept)
    for one in found.policies[:2]:
        turn.say("utter_insurance_part", part=words_of(turn).year(one))
    return done()


def _covered(turn: Turn, kept: dict[str, Any]) -> Events:
    """Whether care is covered: what the plan does for it; without a kind of care, what insurance is on file."""
    care = insurance_wishes.read_care(turn.care, kept.get("words") or turn.text)
    return _cost(turn, kept) if care.service else _check(turn, kept)


ANSWERS: dict[str, Answer] = {Stage.OFFER_NEW: _offer_new_answered, Stage.WHICH_CARE: _which_care_answered}
OPENERS: dict[str, Opener] = {
    insurance_wishes.CHECK: _check,
    insurance_wishes.COVERED: _covered,
    insurance_wishes.NETWORK: _network,
    insurance_wishes.COST: _cost,
    insurance_wishes.REFERRAL: _referral,
    insurance_wishes.DEDUCTIBLE: _deductible,
    insurance_wishes.ORDER: _order,
}
