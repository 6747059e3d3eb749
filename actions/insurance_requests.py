"""Where a prior authorization or a claim stands, what we do, and what the patient may need to do (BRIEF 3.5)."""

from __future__ import annotations

from collections.abc import Sequence
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
from bedside.care import asking, authorizations, claims, insurance_talk, insurance_wishes
from bedside.care.authorizations import AuthorizationFacts
from bedside.care.claims import ClaimFacts
from bedside.care.insurance_wishes import Wanted
from bedside.language.days import names_day

SHOWN = 2


# Prior authorizations -----------------------------------------------------------------------------------------------


def _authorization(turn: Turn, kept: dict[str, Any]) -> Events:
    words = kept.get("words") or turn.text
    if insurance_wishes.says(words, "urgent") and turn.has_said("utter_insurance_auth_hurry"):
        waiting = [one for one in authorizations.standings(turn.care, turn.conversation_id) if _can_hurry(one)]
        if len(waiting) == 1:
            return to(turn, Stage.AUTH_URGENT, authorization=waiting[0].authorization_id, **kept)
    checked = authorizations.check(turn.care, turn.conversation_id, voice(turn))
    if checked.follow_up is not None:
        _say_trouble(turn, checked.outcome, _silent(checked.requests), checked.follow_up)
        if checked.outcome == asking.UNCLEAR:
            return done()
    care = insurance_wishes.read_care(turn.care, words)
    mine = _meant(checked.requests, words, care)
    if not mine:
        if care.service is None:
            return to(turn, Stage.WHICH_CARE, about="authorization", **kept)
        return say_need(turn, care, kept)
    denied = next((one for one in mine if one.status == authorizations.DENIED), None)
    if denied is not None and len(mine) == 1:
        from actions.insurance_denials import open_denial

        return open_denial(turn, {**kept, "authorization": denied.authorization_id})
    for one in mine[:SHOWN]:
        _say_one(turn, one)
    return _what_next(turn, mine[0], words, kept)


def _meant(requests: tuple[AuthorizationFacts, ...], words: str, care: Wanted) -> list[AuthorizationFacts]:
    """The requests that are meant: of the care that was named, or those that are under way, or the newest."""
    if care.service is not None:
        of_kind = [one for one in requests if care.service in (one.service_kind, one.service)]
        by_words = insurance_talk.meant([_matter(one) for one in requests], words)
        named = [one for one in requests if any(matter.key == one.authorization_id for matter in by_words)]
        if len(named) < len(requests):
            return named
        return of_kind
    open_ones = [one for one in requests if one.next_step != authorizations.NOTHING]
    return open_ones or list(requests[:1])


def _matter(one: AuthorizationFacts) -> insurance_talk.Matter:
    return insurance_talk.Matter(
        insurance_talk.AUTHORIZATION, one.authorization_id, one.service, one.sent_on, one.status, False
    )


def _say_one(turn: Turn, one: AuthorizationFacts) -> None:
    words = words_of(turn)
    turn.say("utter_insurance_part", part=words.authorization(one))
    if one.visit is not None and one.visit_before_decision:
        turn.say("utter_insurance_auth_visit_near", visit=words.visit(one.visit))


def _what_next(turn: Turn, one: AuthorizationFacts, words: str, kept: dict[str, Any]) -> Events:
    """What a person could do about it, asked first."""
    waiting = one.status in authorizations.WITH_INSURER
    known = {**kept, "authorization": one.authorization_id}
    if waiting and not one.urgent and (one.visit_before_decision or insurance_wishes.says(words, "urgent")):
        return to(turn, Stage.AUTH_URGENT, **known)
    if one.next_step == authorizations.WE_ASK:
        return to(turn, Stage.AUTH_CHASE, **known)
    if one.status == authorizations.EXPIRED:
        return to(turn, Stage.AUTH_START, service=one.service, **known)
    if one.next_step in (authorizations.WE_PREPARE, authorizations.WE_SEND) and insurance_wishes.says(words, "urgent"):
        return to(turn, Stage.AUTH_URGENT, **known)
    if _can_hurry(one):
        turn.say("utter_insurance_auth_hurry")
    return done()


def _can_hurry(one: AuthorizationFacts) -> bool:
    """Whether an urgent decision can still be asked for."""
    return one.status in (*authorizations.WITH_INSURER, authorizations.NEEDED, authorizations.BEING_PREPARED) and (
        not one.urgent
    )


def _authorization_of(turn: Turn) -> int | None:
    key = at(turn).get("authorization")
    known = {one.authorization_id for one in authorizations.standings(turn.care, turn.conversation_id)}
    return key if key in known else None


def _urgent_answered(turn: Turn) -> Events | None:
    answer = yes_no(turn, writes=True)
    key = _authorization_of(turn)
    if answer is None:
        return None
    if not answer or key is None:
        return declined(turn)
    asked = authorizations.ask_urgent(turn.care, turn.conversation_id, key, voice(turn))
    turn.say("utter_insurance_urgent_asked", **asked_facts(turn, asked))
    return done()


def _chase_answered(turn: Turn) -> Events | None:
    answer = yes_no(turn, writes=True)
    key = _authorization_of(turn)
    if answer is None:
        return None
    if not answer or key is None:
        return declined(turn)
    asked = authorizations.follow_up(turn.care, turn.conversation_id, key, voice(turn))
    turn.say("utter_insurance_chased", **asked_facts(turn, asked))
    return done()


def _start_answered(turn: Turn) -> Events | None:
    answer = yes_no(turn, writes=True)
    if answer is None:
        return None
    if not answer:
        return declined(turn)
    asked = authorizations.start(turn.care, turn.conversation_id, str(at(turn).get("service")), voice(turn))
    turn.say("utter_insurance_started", **asked_facts(turn, asked))
    return done()


def say_need(turn: Turn, care: Wanted, kept: dict[str, Any]) -> Events:
    """Whether care needs the insurer's yes beforehand, and whether one is on file."""
    assert care.service is not None
    found = authorizations.need(
        turn.care, turn.conversation_id, care.service, provider=care.provider, location=care.location
    )
    words = words_of(turn)
    known = {"service": words.service(care.service), "payer": found.payer or words.say("piece_insurer")}
    if found.answer == authorizations.UNKNOWN:
        turn.say("utter_insurance_need_unknown", **known)
        return by_person(turn)
    if found.answer == authorizations.NOT_NEEDED:
        turn.say("utter_insurance_not_needed", **known)
        return done()
    turn.say("utter_insurance_need", **known)
    if found.on_file is not None:
        _say_one(turn, found.on_file)
        return _what_next(turn, found.on_file, turn.text, kept)
    turn.say("utter_insurance_need_none_on_file")
    return to(turn, Stage.AUTH_START, service=care.service, **kept)


# Claims -------------------------------------------------------------------------------------------------------------


def _claim(turn: Turn, kept: dict[str, Any]) -> Events:
    words = kept.get("words") or turn.text
    checked = claims.check(turn.care, turn.conversation_id, voice(turn))
    if checked.follow_up is not None:
        _say_trouble(turn, checked.outcome, _silent(checked.claims), checked.follow_up)
        if checked.outcome == asking.UNCLEAR:
            return done()
    if not checked.claims:
        turn.say("utter_insurance_no_claims")
        return by_person(turn)
    mine = _claims_meant(checked.claims, words)
    denied = next((one for one in mine if one.status == claims.DENIED and one.denial_id is not None), None)
    if denied is not None and len(mine) == 1:
        from actions.insurance_denials import open_denial

        return open_denial(turn, {**kept, "denial": denied.denial_id})
    for one in mine[:SHOWN]:
        turn.say("utter_insurance_part", part=words_of(turn).claim(one))
    first = mine[0]
    if first.next_step in (claims.WE_ASK, claims.PERSON) or (
        first.status in claims.WITH_INSURER and insurance_wishes.says(words, "chase")
    ):
        return to(turn, Stage.CLAIM_CHASE, claim=first.claim_id, **kept)
    return done()


def _claims_meant(known: tuple[ClaimFacts, ...], words: str) -> list[ClaimFacts]:
    """The claims of a day that was named, or those that are open, or the newest."""
    of_day = [one for one in known if names_day(words, one.service_date)]
    open_ones = [one for one in known if one.status in claims.WITH_INSURER]
    return of_day or open_ones or list(known[:1])


def _claim_chase_answered(turn: Turn) -> Events | None:
    answer = yes_no(turn, writes=True)
    key = at(turn).get("claim")
    if answer is None:
        return None
    known = {one.claim_id for one in claims.standings(turn.care, turn.conversation_id)}
    if not answer or key not in known:
        return declined(turn)
    asked = claims.follow_up(turn.care, turn.conversation_id, int(key), voice(turn))
    turn.say("utter_insurance_chased", **asked_facts(turn, asked))
    return done()


def _silent(those: Sequence[AuthorizationFacts | ClaimFacts]) -> list[str | None]:
    """The insurers that gave no good answer."""
    return [one.payer for one in those if one.outcome != asking.ANSWERED]


def _say_trouble(turn: Turn, outcome: str, payers: list[str | None], asked: Any) -> None:
    words = words_of(turn)
    named = list(dict.fromkeys(one for one in payers if one)) or [words.say("piece_insurer")]
    turn.say(
        "utter_insurance_unclear" if outcome == asking.UNCLEAR else "utter_insurance_no_answer",
        payer=words.joined(named),
        **asked_facts(turn, asked),
    )


ANSWERS: dict[str, Answer] = {
    Stage.AUTH_URGENT: _urgent_answered,
    Stage.AUTH_CHASE: _chase_answered,
    Stage.AUTH_START: _start_answered,
    Stage.CLAIM_CHASE: _claim_chase_answered,
}
OPENERS: dict[str, Opener] = {insurance_wishes.AUTHORIZATION: _authorization, insurance_wishes.CLAIM: _claim}
