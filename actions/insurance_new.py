"""New or changed insurance, a field at a time, read back without the number, stored on a clear yes (BRIEF 3.5).

What is given goes straight to the sealed draft in the records; the talk's own memory holds only which field is open.
"""

from __future__ import annotations

from typing import Any

from actions.base import Events, Turn
from actions.clinical import facts_of
from actions.insurance_state import (
    Answer,
    Opener,
    Stage,
    at,
    by_person,
    done,
    misheard,
    stay,
    to,
    voice,
    words_of,
    yes_no,
)
from bedside.care import insurance_talk, insurance_wishes, new_coverage
from bedside.care.new_coverage import Draft
from bedside.language.answers import read_choice
from bedside.language.names import read_name
from bedside.safety.redaction import MARK

_STAGE_OF = {
    new_coverage.PAYER: Stage.PAYER,
    new_coverage.PLAN: Stage.PLAN,
    new_coverage.MEMBER_ID: Stage.MEMBER_ID,
    new_coverage.GROUP_NUMBER: Stage.GROUP,
    new_coverage.HOLDER: Stage.HOLDER,
    new_coverage.STARTS_ON: Stage.STARTS_ON,
    new_coverage.PAYS_FIRST: Stage.REPLACES,
}
_LONGEST_NAME_WORDS = 8


def open_new(turn: Turn, kept: dict[str, Any]) -> Events:
    """Take up new insurance: what the words tell already is not asked again."""
    new_coverage.forget(turn.care, turn.conversation_id)
    turn.say("utter_insurance_new_start")
    words = kept.get("words") or ""
    match = new_coverage.read_payer(turn.care, words)
    given: dict[str, Any] = {}
    if match is not None and match.sure and insurance_wishes.says(words, "takes_company"):
        turn.say("utter_insurance_new_network", payer=match.name)
    if match is not None and match.sure and not _is_on_file(turn, match.name, words):
        given = {"payer": match.name, "payer_id": match.payer_id}
        plan = new_coverage.match_plan(match.plans, words)
        if plan is not None and insurance_wishes.names_plan(words, plan):
            given["plan"] = plan
    number = insurance_wishes.number_in(turn.last_about(new_coverage.INQUIRY, with_numbers=True))
    if number is not None and new_coverage.read_member_id(number):
        given["member_id"] = new_coverage.read_member_id(number)
    return _take(turn, given, **kept)


def _is_on_file(turn: Turn, payer: str, words: str) -> bool:
    """Whether the insurer that is named may be the old one: "I don't have Cigna any more"."""
    cards = insurance_talk.overview(turn.care, turn.conversation_id).cards
    return any(card.payer == payer for card in cards) and insurance_wishes.says(words, "takes_place")


def _take(turn: Turn, given: dict[str, Any], **kept: Any) -> Events:
    """Keep what was given, sealed, and go to the next field, or read it all back."""
    draft, left = new_coverage.give(turn.care, turn.conversation_id, **given)
    known = {key: value for key, value in kept.items() if key in ("words", "task", "added")}
    if not left:
        return to(turn, Stage.READ_BACK, **known)
    if left[0] == new_coverage.HOLDER and draft.holder_relation not in (None, "self"):
        return to(turn, Stage.HOLDER_NAME, **known)
    if left[0] == new_coverage.PAYS_FIRST and _old(turn) is None:
        return _take(turn, {"skipped": (new_coverage.PAYS_FIRST,)}, **kept)
    return to(turn, _STAGE_OF[left[0]], **known)


def _old(turn: Turn) -> insurance_talk.Card | None:
    """The insurance on file that is in force, where there is one."""
    cards = insurance_talk.overview(turn.care, turn.conversation_id).cards
    return next((card for card in cards if card.active), None)


def _old_name(turn: Turn) -> str | None:
    old = _old(turn)
    return words_of(turn).plan(old.payer, old.plan) if old else None


# Answers ------------------------------------------------------------------------------------------------------------


def _payer_answered(turn: Turn) -> Events | None:
    match = new_coverage.read_payer(turn.care, turn.text)
    if match is None:
        short = len(turn.text.split()) <= _LONGEST_NAME_WORDS
        if _other_requests(turn) or insurance_wishes.says(turn.text, "unknown") or not short:
            return None
        if not at(turn).get("misses"):
            turn.say("utter_insurance_payer_not_known")
            return stay(turn, misses=1)
        return _take(turn, {"payer": insurance_wishes.without_numbers(turn.text.strip()), "payer_id": None})
    if not match.sure:
        return to(turn, Stage.PAYER_WHICH, payers=[match.name, *match.others])
    plan = new_coverage.match_plan(match.plans, turn.text)
    given = {"payer": match.name, "payer_id": match.payer_id, **({"plan": plan} if plan else {})}
    return _take(turn, given)


def _payer_which_answered(turn: Turn) -> Events | None:
    offered = at(turn).get("payers") or []
    picked = read_choice(turn.text, offered)
    answer = yes_no(turn)
    if picked is None and answer and len(offered) == 1:
        picked = (0,)
    if picked is None:
        match = new_coverage.read_payer(turn.care, turn.text)
        if match is not None and match.sure:
            return _take(turn, {"payer": match.name, "payer_id": match.payer_id})
        return to(turn, Stage.PAYER) if answer is False else None
    match = new_coverage.read_payer(turn.care, offered[picked[0]])
    assert match is not None
    return _take(turn, {"payer": match.name, "payer_id": match.payer_id})


def _plan_answered(turn: Turn) -> Events | None:
    if insurance_wishes.says(turn.text, "unknown"):
        return _take(turn, {"skipped": (new_coverage.PLAN,)})
    if len(turn.text.split()) > _LONGEST_NAME_WORDS or _other_requests(turn):
        return None
    draft = new_coverage.draft(turn.care, turn.conversation_id)
    match = new_coverage.read_payer(turn.care, draft.payer or "")
    plan = new_coverage.match_plan(match.plans, turn.text) if match else None
    return _take(turn, {"plan": plan or insurance_wishes.without_numbers(turn.text.strip(" ."))})


def _member_answered(turn: Turn) -> Events | None:
    if MARK in turn.text:
        turn.say("utter_insurance_number_removed")
        return stay(turn)
    number = new_coverage.read_member_id(insurance_wishes.number_in(turn.text) or turn.text)
    if number is not None:
        return _take(turn, {"member_id": number})
    if insurance_wishes.says(turn.text, "unknown"):
        turn.say("utter_insurance_number_needed")
        return stay(turn, misses=0) if not at(turn).get("told") else by_person(turn)
    return None


def _group_answered(turn: Turn) -> Events | None:
    number = new_coverage.read_member_id(turn.text) if MARK not in turn.text else None
    if number is not None:
        return _take(turn, {"group_number": number})
    if insurance_wishes.says(turn.text, "unknown") or yes_no(turn) is False:
        return _take(turn, {"skipped": (new_coverage.GROUP_NUMBER,)})
    return None


def _holder_answered(turn: Turn) -> Events | None:
    relation, name = insurance_wishes.read_holder(turn.text)
    if relation is None:
        if insurance_wishes.says(turn.text, "unknown"):
            return _take(turn, {"skipped": (new_coverage.HOLDER,)})
        return None
    given: dict[str, Any] = {"holder_relation": relation}
    if name is not None:
        given["holder_name"] = name
    return _take(turn, given)


def _holder_name_answered(turn: Turn) -> Events | None:
    if insurance_wishes.says(turn.text, "unknown"):
        return _take(turn, {"skipped": (new_coverage.HOLDER,)})
    name = read_name(turn.text, True)
    return _take(turn, {"holder_name": name}) if name else None


def _starts_answered(turn: Turn) -> Events | None:
    day = insurance_wishes.read_start(turn.care, turn.text)
    if day is not None:
        return _take(turn, {"starts_on": day})
    if insurance_wishes.says(turn.text, "unknown"):
        return _take(turn, {"skipped": (new_coverage.STARTS_ON,)})
    return None


def _replaces_answered(turn: Turn) -> Events | None:
    takes = insurance_wishes.read_takes_place(turn.text)
    old = _old(turn)
    if takes is None and insurance_wishes.says(turn.text, "unknown"):
        return _take(turn, {"skipped": (new_coverage.PAYS_FIRST,)})
    if takes is None or old is None:
        return None
    if takes:
        return _take(turn, {"replaces_id": old.coverage_id})
    return to(turn, Stage.PAYS_FIRST)


def _pays_first_answered(turn: Turn) -> Events | None:
    text = turn.text
    if insurance_wishes.says(text, "unknown"):
        return _take(turn, {"skipped": (new_coverage.PAYS_FIRST,)})
    old = _old(turn)
    draft = new_coverage.draft(turn.care, turn.conversation_id)
    match = new_coverage.read_payer(turn.care, text)
    named = match.name if match is not None and match.sure else None
    if old is not None and named == old.payer and named != draft.payer:
        return _take(turn, {"pays_first": False})
    if (named is not None and named == draft.payer) or insurance_wishes.says(text, "this_first"):
        return _take(turn, {"pays_first": True})
    if "old" in text.casefold().split():
        return _take(turn, {"pays_first": False})
    return None


def _read_back_answered(turn: Turn) -> Events | None:
    """Only a clear yes stores it; what is corrected in the same breath is taken, and all of it read back again."""
    answer = yes_no(turn, writes=True)
    corrected = _corrected(turn) if answer is not True else None
    if corrected is not None:
        return corrected
    if answer is None:
        return None
    if not answer:
        return to(turn, Stage.FIX)
    try:
        stored = new_coverage.store(turn.care, turn.conversation_id, voice(turn, story=False))
    except new_coverage.NotComplete:
        return _take(turn, {})
    if stored.read_back.already_on_file:
        turn.say("utter_insurance_new_known")
    turn.say(
        "utter_insurance_new_again" if stored.joined else "utter_insurance_new_stored",
        payer=stored.read_back.payer,
        case_number=stored.case_number,
        **facts_of(turn, stored.queue, stored.due_at),
    )
    return done()


def _corrected(turn: Turn) -> Events | None:
    """A field that is named with its new value: "no, the group is 5512"; or only named, and then asked for."""
    named = insurance_wishes.field_named(turn.text)
    if named is None:
        return None
    stage = _STAGE_OF[named]
    value = turn.text
    found = ANSWERS[stage](turn) if _has_value(turn, named, value) else None
    return found if found is not None else to(turn, stage)


def _has_value(turn: Turn, named: str, text: str) -> bool:
    if named in (new_coverage.MEMBER_ID, new_coverage.GROUP_NUMBER):
        return new_coverage.read_member_id(text) is not None
    if named == new_coverage.PAYER:
        match = new_coverage.read_payer(turn.care, text)
        return match is not None and match.sure
    if named == new_coverage.STARTS_ON:
        return insurance_wishes.read_start(turn.care, text) is not None
    if named == new_coverage.HOLDER:
        return insurance_wishes.read_holder(text)[0] is not None
    return False


def _fix_answered(turn: Turn) -> Events | None:
    return _corrected(turn)


def _other_requests(turn: Turn) -> list[str]:
    known = ("update_insurance", "insurance_coverage", *misheard(turn))
    return [name for name in turn.requests if name not in known]


# Questions ----------------------------------------------------------------------------------------------------------


def ask(turn: Turn, stage: str) -> None:
    """The question of a field; a photo is answered beside it."""
    draft = new_coverage.draft(turn.care, turn.conversation_id)
    words = words_of(turn)
    if stage == Stage.PAYER_WHICH:
        offered = at(turn).get("payers") or []
        if len(offered) == 1:
            turn.say("utter_insurance_ask_payer_meant", payer=offered[0])
        else:
            turn.say("utter_insurance_ask_payer_which", options=words.joined(offered, "or"))
    elif stage == Stage.REPLACES:
        turn.say("utter_insurance_ask_replaces", plan=_old_name(turn) or "")
    elif stage == Stage.PAYS_FIRST:
        turn.say("utter_insurance_ask_pays_first", payer=draft.payer or "", plan=_old_name(turn) or "")
    elif stage == Stage.READ_BACK:
        _read_back(turn, draft)
    else:
        turn.say(_PLAIN[stage])


def _read_back(turn: Turn, draft: Draft) -> None:
    try:
        back = new_coverage.read_back(turn.care, turn.conversation_id)
    except new_coverage.NotComplete as error:
        turn.say(_PLAIN[_STAGE_OF[error.missing[0]]])
        return
    lines = words_of(turn).read_back(back, _old_name(turn), replaces=draft.replaces_id is not None)
    turn.say("utter_insurance_ask_read_back", lines=lines)


_PLAIN = {
    Stage.PAYER: "utter_insurance_ask_payer",
    Stage.PLAN: "utter_insurance_ask_plan",
    Stage.MEMBER_ID: "utter_insurance_ask_member_id",
    Stage.GROUP: "utter_insurance_ask_group",
    Stage.HOLDER: "utter_insurance_ask_holder",
    Stage.HOLDER_NAME: "utter_insurance_ask_holder_name",
    Stage.STARTS_ON: "utter_insurance_ask_starts_on",
    Stage.FIX: "utter_insurance_ask_fix",
}
ANSWERS: dict[str, Answer] = {
    Stage.PAYER: _payer_answered,
    Stage.PAYER_WHICH: _payer_which_answered,
    Stage.PLAN: _plan_answered,
    Stage.MEMBER_ID: _member_answered,
    Stage.GROUP: _group_answered,
    Stage.HOLDER: _holder_answered,
    Stage.HOLDER_NAME: _holder_name_answered,
    Stage.STARTS_ON: _starts_answered,
    Stage.REPLACES: _replaces_answered,
    Stage.PAYS_FIRST: _pays_first_answered,
    Stage.READ_BACK: _read_back_answered,
    Stage.FIX: _fix_answered,
}
OPENERS: dict[str, Opener] = {insurance_wishes.NEW: open_new}
