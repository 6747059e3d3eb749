"""Help with the cost: gentle questions, programs that may fit, an application, a counselor (BRIEF 3.4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actions.base import Events, Turn
from actions.bill_facts import SHORTEST, Answer, Opener, declined, facts, say_collections, voice, yes_no
from actions.bill_state import Stage, at, done, stay, to, words_of
from actions.clinical import facts_of
from bedside.care import agenda, assistance, bill_requests, bill_talk, statements
from bedside.care.bill_lines import BillWords
from bedside.language.answers import read_choice

PROGRAMS_SHOWN = 3
_STAGE_OF = {
    bill_talk.PEOPLE: Stage.PEOPLE,
    bill_talk.RANGE: Stage.RANGE,
    bill_talk.INSURED: Stage.INSURED,
    bill_talk.LIVES: Stage.COUNTY,
}


def _aid(turn: Turn, anew: bool, kept: dict[str, Any]) -> Events:
    turn.say("utter_bill_aid_start")
    asked = bill_talk.questions(assistance.screen(turn.care, assistance.Answers()))
    return _next_question(turn, asked, {}, anew=anew, **kept)


def _next_question(turn: Turn, asked: Sequence[str], answers: dict[str, Any], *, anew: bool, **kept: Any) -> Events:
    """The next thing to ask; a range of income only where the household is known. Then what may fit."""
    left = [name for name in asked if name != bill_talk.RANGE or answers.get("household")]
    if left:
        rest = list(left[1:]) if left[0] != bill_talk.PEOPLE else [name for name in asked if name != bill_talk.PEOPLE]
        return to(turn, _STAGE_OF[left[0]], anew=anew, asked=rest, answers=answers, **kept)
    total = statements.balance(turn.care, turn.conversation_id)
    fits = assistance.screen(turn.care, assistance.Answers(**answers), total.owed_cents)
    shown = [fit for fit in fits if fit.verdict != assistance.DOES_NOT_FIT][:PROGRAMS_SHOWN]
    if not shown:
        turn.say("utter_bill_aid_none")
        return to(turn, Stage.COUNSELOR, anew=anew, answers=answers, **kept)
    turn.say("utter_bill_aid_fits", lines=words_of(turn).programs(shown))
    keys = [fit.key for fit in shown]
    program = keys[0] if len(keys) == 1 else None
    return to(turn, Stage.APPLY, anew=anew, answers=answers, programs=keys, program=program, **kept)


def _kept_answer(turn: Turn, **answer: Any) -> Events:
    here = at(turn)
    return _next_question(turn, here.get("asked") or [], {**here.get("answers", {}), **answer}, anew=False)


def _unread(turn: Turn, stage_key: str) -> Events | None:
    """Not read: another wish or request goes first; asked once more, then it is left unsaid, which is fine."""
    short = len(turn.text.split()) <= SHORTEST
    others = [name for name in turn.requests if name not in agenda.BILLS or not short]
    if others or bill_talk.topic_in(turn.text) is not None or turn.intent in ("out_of_scope", "distress"):
        return None
    if bill_talk.says(turn.text, "unsaid") or at(turn).get("misses"):
        return _kept_answer(turn, **{stage_key: None})
    return stay(turn, misses=1)


def _people_answered(turn: Turn) -> Events | None:
    people = bill_talk.read_people(turn.text)
    return _unread(turn, "household") if people is None else _kept_answer(turn, household=people)


def _range_answered(turn: Turn) -> Events | None:
    people = bill_talk.read_people(turn.text) if bill_talk.says(turn.text, "household") else None
    if people is not None:  # "sorry, there are three of us": the ranges are others then
        return to(turn, Stage.RANGE, answers={**at(turn)["answers"], "household": people})
    ranges = assistance.income_ranges(turn.care, at(turn)["answers"]["household"])
    found = bill_talk.read_range(turn.text, ranges, words_of(turn).ranges(ranges))
    return _unread(turn, "income_range") if found is None else _kept_answer(turn, income_range=found)


def _insured_answered(turn: Turn) -> Events | None:
    insured = bill_talk.read_insured(turn.text)
    return _unread(turn, "insured") if insured is None else _kept_answer(turn, insured=insured)


def _county_answered(turn: Turn) -> Events | None:
    county = None if bill_talk.says(turn.text, "unsaid") else bill_talk.read_county(turn.text)
    return _unread(turn, "county") if county is None else _kept_answer(turn, county=county)


def _fits(turn: Turn) -> list[assistance.Fit]:
    """The programs that were named, as they are today."""
    total = statements.balance(turn.care, turn.conversation_id)
    answers = assistance.Answers(**at(turn).get("answers") or {})
    named = at(turn).get("programs") or []
    fits = {fit.key: fit for fit in assistance.screen(turn.care, answers, total.owed_cents)}
    return [fits[key] for key in named if key in fits]


def _apply_answered(turn: Turn) -> Events | None:
    here, fits, answer = at(turn), _fits(turn), yes_no(turn, writes=True)
    picked = read_choice(turn.text, [fit.name_in(turn.language) for fit in fits])
    if picked and fits[picked[0]].key != here.get("program"):
        return to(turn, Stage.APPLY, program=fits[picked[0]].key)
    if answer is False:
        return to(turn, Stage.COUNSELOR)
    if answer is None and not picked:
        return None
    if here.get("program") is None:
        return to(turn, Stage.APPLY, program=fits[0].key)
    answers = assistance.Answers(**here.get("answers") or {})
    try:
        made = assistance.apply(turn.care, turn.conversation_id, here["program"], answers, voice(turn))
    except assistance.NoSuchProgram:
        turn.say("utter_bill_aid_none")
        return to(turn, Stage.COUNSELOR)
    turn.say(
        "utter_bill_aid_joined" if made.joined else "utter_bill_aid_applied",
        name=next(fit.name_in(turn.language) for fit in fits if fit.key == made.program),
        case_number=made.case_number,
        documents=words_of(turn).documents(made.documents),
        **facts_of(turn, bill_requests.COUNSELING, made.counselor_due),
    )
    return done()


def _counselor(turn: Turn, anew: bool, kept: dict[str, Any]) -> Events:
    return to(turn, Stage.COUNSELOR, anew=anew, **kept)


def _collections(turn: Turn, anew: bool, kept: dict[str, Any]) -> Events:
    total = statements.balance(turn.care, turn.conversation_id)
    if say_collections(turn, total):
        return to(turn, Stage.COUNSELOR, anew=anew, **kept)
    turn.say("utter_bill_no_collections")
    return to(turn, Stage.MENU, anew=anew, **kept) if total.owed_cents else done()


def _counselor_answered(turn: Turn) -> Events | None:
    answer = yes_no(turn)
    if answer is None:
        return None
    if not answer:
        return declined(turn)
    asked = bill_requests.request_counselor(turn.care, turn.conversation_id, voice(turn))
    turn.say("utter_bill_counselor_calls", **facts(turn, asked))
    return done()


def ask_apply(turn: Turn, here: dict[str, Any], words: BillWords) -> None:
    """Which program, or whether to apply for the chosen one, with the papers that it needs."""
    fits = _fits(turn)
    chosen = next((fit for fit in fits if fit.key == here.get("program")), None)
    if chosen is None:
        turn.say("utter_bill_ask_apply_which")
    else:
        name, documents = chosen.name_in(turn.language), words.documents(chosen.documents)
        turn.say("utter_bill_ask_apply", name=name, documents=documents)


ANSWERS: dict[str, Answer] = {
    Stage.PEOPLE: _people_answered,
    Stage.RANGE: _range_answered,
    Stage.INSURED: _insured_answered,
    Stage.COUNTY: _county_answered,
    Stage.APPLY: _apply_answered,
    Stage.COUNSELOR: _counselor_answered,
}
OPENERS: dict[str, Opener] = {
    bill_talk.AID: _aid,
    bill_talk.COUNSELOR: _counselor,
    bill_talk.COLLECTIONS: _collections,
}
