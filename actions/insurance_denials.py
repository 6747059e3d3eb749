"""A no from an insurer: heard first, explained, and set in motion with leave (BRIEF 3.5, 3.9).

Whether to come to a visit is never said here (R1): the care team is told, and tells the patient.
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
    declined,
    done,
    stay,
    to,
    voice,
    words_of,
    yes_no,
)
from bedside.care import contact_wish, denials, desk, identity, insurance_wishes
from bedside.care.denials import DenialFacts, Opened
from bedside.language.answers import read_choice, read_reach, read_yes_no
from bedside.language.calls import asks_for_call


def open_denial(turn: Turn, kept: dict[str, Any]) -> Events:
    """Which denial is meant, what it says, what can be done, and whether to connect a specialist."""
    found = denials.standings(turn.care, turn.conversation_id)
    mine = _meant(found, kept)
    if not found:
        return _not_on_file(turn, kept)
    if len(mine) > 1:
        return to(turn, Stage.WHICH_DENIAL, denials=[one.denial_id for one in mine], **kept)
    return _explain(turn, mine[0], kept)


def _meant(found: tuple[DenialFacts, ...], kept: dict[str, Any]) -> list[DenialFacts]:
    """The denials that are meant: the one that is known, those the words name, the urgent one, or all that are open."""
    exact = [
        one
        for one in found
        if (kept.get("denial") == one.denial_id)
        or (kept.get("authorization") is not None and one.authorization_id == kept["authorization"])
    ]
    if exact:
        return exact[:1]
    open_ones = [one for one in found if not _won(one)] or list(found)
    words = str(kept.get("words") or "")
    named = [one for one in open_ones if one.service and _names(words, one.service)]
    urgent = [one for one in open_ones if one.urgent]
    return named or (urgent if len(urgent) == 1 else open_ones)


def _names(words: str, service: str) -> bool:
    said = words.casefold()
    return any(part.casefold() in said for part in service.split() if len(part) > 3)


def _won(facts: DenialFacts) -> bool:
    return any(one.status == denials.WON for one in facts.appeals)


def _explain(turn: Turn, facts: DenialFacts, kept: dict[str, Any]) -> Events:
    words = words_of(turn)
    turn.say("utter_insurance_part", part=words.denial(facts))
    if _won(facts):
        turn.say("utter_insurance_part", part=words.way(facts))
        return done()
    if not turn.has_said("utter_acknowledge_denial"):
        turn.say("utter_insurance_not_the_end")
    if facts.visit is not None and facts.urgent:
        turn.say(
            "utter_insurance_denial_near",
            visit=words.visit(facts.visit),
            due=turn.due(desk.due_time(turn.care, desk.URGENT)),
            days=words.closed_days(facts),
        )
    turn.say("utter_insurance_part", part=words.way(facts))
    if facts.running is not None and facts.running.case_number is not None:
        phone = facts_of(turn, "insurance", turn.care.now())["queue_phone"]
        turn.say("utter_insurance_appeal_case", case_number=facts.running.case_number, queue_phone=phone)
        return done()
    if facts.running is None and facts.can_be_expedited and facts.visit is not None and not facts.urgent:
        turn.say("utter_insurance_expedited", hours=facts.expedited_hours)
    return to(turn, Stage.CONNECT, denial=facts.denial_id, **{key: kept[key] for key in kept if key != "denial"})


def _not_on_file(turn: Turn, kept: dict[str, Any]) -> Events:
    """The patient knows of a no that the records don't have: the appeals team looks, asked first."""
    turn.say("utter_insurance_denial_not_on_file")
    return to(turn, Stage.REPORT, **kept)


def _which_answered(turn: Turn) -> Events | None:
    found = {one.denial_id: one for one in denials.standings(turn.care, turn.conversation_id)}
    offered = [found[key] for key in at(turn).get("denials") or [] if key in found]
    named = [one for one in offered if one.service and _names(turn.text, one.service)]
    picked = read_choice(turn.text, [one.service or "" for one in offered])
    if len(named) == 1:
        return _explain(turn, named[0], {})
    return _explain(turn, offered[picked[0]], {}) if picked else None


def lines(turn: Turn) -> str:
    """The denials to choose from."""
    found = {one.denial_id: one for one in denials.standings(turn.care, turn.conversation_id)}
    words = words_of(turn)
    offered = [found[key] for key in at(turn).get("denials") or [] if key in found]
    return "\n".join(
        words.say(
            "piece_denial",
            number=number,
            about=words.request(one.service) if one.service else words.say("piece_denied_care"),
            date=words.day(one.noticed_on),
        )
        for number, one in enumerate(offered, 1)
    )


# In the middle of it --------------------------------------------------------------------------------------------------


def beside(turn: Turn) -> Events | None:
    """What a frightened or angry person says or asks instead of an answer: heard, and never left without one."""
    text, stage = turn.text, at(turn)["stage"]
    if stage not in Stage.OF_DENIAL:
        return None
    comes, owes = insurance_wishes.says(text, "to_come"), insurance_wishes.says(text, "to_owe")
    told = False
    if comes:
        passed = stage == Stage.REACH
        turn.say("utter_insurance_come_told" if passed else "utter_insurance_come")
        told = True
    if owes and (stage != Stage.REACH or not read_reach(text).number):
        turn.say("utter_insurance_owe")
        told = True
    if not told and insurance_wishes.says(text, "steps") and stage != Stage.WHICH_DENIAL:
        told = _say_steps(turn)
    if not told and read_yes_no(text) is None and not _agrees(turn):
        if insurance_wishes.says(text, "afraid") or turn.intent == "distress":
            turn.say("utter_insurance_afraid")
            told = True
        elif insurance_wishes.says(text, "unfair") or turn.intent == "vent":
            turn.say("utter_insurance_angry")
            told = True
    if not told:
        return None
    shaken = bool(at(turn).get("shaken")) or owes or insurance_wishes.says(text, "afraid")
    return stay(turn, added=[*(at(turn).get("added") or []), text], shaken=shaken)


def _agrees(turn: Turn) -> bool:
    """Asking for the person is a yes to being connected."""
    return (
        turn.intent == "human_request"
        or asks_for_call(turn.text)
        or insurance_wishes.topic_in(turn.text) == insurance_wishes.SPECIALIST
    )


def _say_steps(turn: Turn) -> bool:
    """The way from here, step by step, with its days."""
    facts = _facts(turn)
    words = words_of(turn)
    if facts is None:
        return False
    turn.say("utter_insurance_part", part=words.way(facts))
    if facts.running is None and facts.level == denials.INTERNAL_1:
        turn.say("utter_insurance_part", part=words.after_first(facts))
    if facts.can_be_expedited and not facts.urgent:
        turn.say("utter_insurance_expedited", hours=facts.expedited_hours)
    return True


def _facts(turn: Turn) -> DenialFacts | None:
    key = at(turn).get("denial")
    return next((one for one in denials.standings(turn.care, turn.conversation_id) if one.denial_id == key), None)


# Connected, with leave ------------------------------------------------------------------------------------------------


def _connect_answered(turn: Turn) -> Events | None:
    answer = True if _agrees(turn) and read_yes_no(turn.text) is not False else yes_no(turn, writes=True)
    if answer is None:
        return None
    facts = _facts(turn)
    if not answer:
        phone = facts_of(turn, "insurance", turn.care.now())["queue_phone"]
        if facts is not None and facts.deadline is not None:
            turn.say(
                "utter_insurance_not_connected", queue_phone=phone, date=words_of(turn).day(facts.deadline.send_by)
            )
        else:
            turn.say("utter_insurance_not_connected_open", queue_phone=phone)
        return done()
    if facts is None:
        return by_person(turn)
    return _written(turn, denials.open_appeal(turn.care, turn.conversation_id, facts.denial_id, voice(turn)))


def _report_answered(turn: Turn) -> Events | None:
    answer = True if _agrees(turn) and read_yes_no(turn.text) is not False else yes_no(turn, writes=True)
    if answer is None:
        return None
    if not answer:
        return declined(turn)
    visit = _coming_visit(turn)
    return _written(turn, denials.report(turn.care, turn.conversation_id, voice(turn), visit))


def _coming_visit(turn: Turn) -> int | None:
    """The visit that the words name, where only one fits."""
    from bedside.care import scheduling

    words = " ".join(filter(None, [at(turn).get("words"), *(at(turn).get("added") or [])])).casefold()
    coming = scheduling.upcoming(turn.care, turn.conversation_id)
    named = [one for one in coming if one.visit_type.casefold().split()[0] in words]
    chosen = named or list(coming)
    return chosen[0].appointment_id if len(chosen) == 1 else None


def _written(turn: Turn, opened: Opened) -> Events:
    """Say what was set in motion: the case, the time, the direct number; then ask where to call."""
    known = {"case_number": opened.case_number, **facts_of(turn, opened.queue, opened.due_at)}
    name = "utter_insurance_connected_urgent" if opened.urgent else "utter_insurance_connected"
    turn.say("utter_insurance_connected_again" if opened.joined else name, **known)
    if opened.care_team_case is not None and opened.care_team_due_at is not None and opened.visit is not None:
        turn.say(
            "utter_insurance_care_team",
            visit=words_of(turn).visit(opened.visit),
            care_due=turn.due(opened.care_team_due_at),
        )
    return to(turn, Stage.REACH, case_number=opened.case_number)


def _reach_answered(turn: Turn) -> Events | None:
    """Where to call; the number on file, another one, a time, or none: the case stands in any case."""
    reach, answer = read_reach(turn.text), read_yes_no(turn.text)
    same = insurance_wishes.says(turn.text, "on_file")
    others = [name for name in turn.requests if name != "human_request"]
    if (others or insurance_wishes.topic_in(turn.text)) and not (reach.number or same or answer is not None):
        return None
    on_file = identity.number_on_file(turn.care, turn.conversation_id)
    if not (reach.number or answer is not None or turn.intent in ("refuse", "affirm", "deny") or reach.time_words):
        return None
    if reach.number or (reach.time_words and answer is None and not same):
        contact_wish.prefer(turn.care, turn.conversation_id, str(at(turn).get("case_number")), turn.text)
        turn.say("utter_insurance_reach_noted")
    elif on_file and answer is not False:
        contact_wish.prefer(turn.care, turn.conversation_id, str(at(turn).get("case_number")), turn.text)
        turn.say("utter_insurance_reach_on_file")
    else:
        turn.say("utter_insurance_reach_left")
    return done()


def ask_reach(turn: Turn) -> None:
    """Where they can be called; the number on file only where there is one."""
    on_file = identity.number_on_file(turn.care, turn.conversation_id)
    turn.say("utter_ask_reach_on_file" if on_file else "utter_ask_reach")


def ask_connect(turn: Turn) -> None:
    """Leave to connect; while the clinic is closed, leave to pass it on."""
    found = _facts(turn)
    priority = desk.URGENT if found is not None and found.urgent else desk.STANDARD
    facts = facts_of(turn, "insurance", desk.due_time(turn.care, priority))
    if turn.care.calendar.is_open(turn.care.now()):
        again = turn.requested is not None and turn.has_said("utter_insurance_ask_connect")
        turn.say("utter_insurance_ask_connect_again" if again else "utter_insurance_ask_connect", **facts)
    else:
        turn.say("utter_insurance_ask_connect_closed", **facts)


ANSWERS: dict[str, Answer] = {
    Stage.WHICH_DENIAL: _which_answered,
    Stage.CONNECT: _connect_answered,
    Stage.REPORT: _report_answered,
    Stage.REACH: _reach_answered,
}
OPENERS: dict[str, Opener] = {insurance_wishes.DENIAL: open_denial}
