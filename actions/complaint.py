"""A complaint: heard with room to finish, written down in full, passed on, and promised (BRIEF 3.6).

Acknowledge and validate (`take_up`), ask, act, commit: one stage each, kept in the slot `complaint_at`.
"""

from __future__ import annotations

from typing import Any

from actions.base import BedsideAction, Events, Turn, set_slots
from actions.calm import PATIENCE, say_calm, without_progress
from actions.clinical import clinical_in, facts_of, request_of
from actions.complaint_open import facts, told
from bedside.care import agenda, complaints, handover, identity
from bedside.language import complaints as reading
from bedside.language.answers import read_reach, read_yes_no
from bedside.language.identifiers import read_identity
from bedside.language.past import says_some_time

HEAR, MORE, NURSE, WHERE, PERSON, REACH, PROOF = "hear", "more", "nurse", "where", "person", "reach", "proof"
ASKS = {
    HEAR: ("utter_complaint_ask_what", "utter_complaint_ask_what_again", "utter_complaint_ask_one_thing"),
    MORE: ("utter_complaint_ask_more", "utter_complaint_ask_more_again"),
    PERSON: ("utter_complaint_ask_person", "utter_complaint_ask_person_again"),
}
WHERE_ASKS = {
    "both": "utter_complaint_ask_where_both",
    "day": "utter_complaint_ask_where_day",
    "place": "utter_complaint_ask_where_place",
}
MOST_ADDITIONS = 2  # then it is passed on; what comes later is added all the same
STORY_WORDS = 7  # a message of so many words tells something, whatever it was taken for
LONGEST_REQUEST = 14  # words in which somebody plainly asks for a person or for something else
# Short messages that their own rules answer, and then the question comes again.
_ASIDE = ("bot_challenge", "repeat", "help", "hold_on", "stop", "goodbye", "ask_why", "greeting", "ask_collections")


class ValidateComplaint(BedsideAction):
    """Take what was said to where the talk stands."""

    action_name = "validate_complaint_form"

    def perform(self, turn: Turn) -> Events:
        """One stage at a time; everything that tells something is written down first."""
        if turn.requested is None:
            return self._begin(turn)
        at = _at(turn)
        if turn.intent == "goodbye" and at["stage"] in (REACH, PROOF) and not read_reach(turn.text).number:
            return _commit(turn, at, turn.text, call=False)
        short = len(turn.text.split()) < STORY_WORDS and not reading.is_finished(turn.text)
        if turn.intent in _ASIDE and short and not _tells(turn):
            return []
        if at["stage"] in (HEAR, MORE, WHERE) and _gives_number(turn):
            return _reach(turn, at)
        if _asks_for_person(turn) and at["stage"] != PERSON:
            complaints.note(turn.care, turn.conversation_id, "wants_a_person", turn.text)
            return _to({**at, "back": at["stage"]}, PERSON)
        if not reading.is_finished(turn.text) and _asks_else(turn, at):
            return []
        stage = {
            HEAR: _heard,
            MORE: _more,
            NURSE: _nurse,
            WHERE: _where,
            PERSON: _person,
            REACH: _reach,
            PROOF: _reach,
        }[at["stage"]]
        return stage(turn, at)

    def _begin(self, turn: Turn) -> Events:
        """What was said before the form began is there already, or is written down now."""
        if turn.slot("complaint_at"):
            return set_slots(complaint_at=turn.slot("complaint_at"))
        known = complaints.standing(turn.care, turn.conversation_id)
        if known is not None:
            return [*_opened(turn), *_to({}, NURSE if known.hurt else HEAR)]
        words = turn.just_said(about=agenda.COMPLAINTS) or turn.just_said()
        pressing = complaints.is_pressing(told(turn, words, turn.tasks[:1]))
        if words and (pressing or len(words.split()) >= complaints.ENOUGH_WORDS):
            known = complaints.hear(turn.care, turn.conversation_id, told(turn, words, turn.tasks[:1]))
            return [*_opened(turn), *_to({}, NURSE if known.hurt else HEAR)]
        return _to({}, HEAR)


def _at(turn: Turn) -> dict[str, Any]:
    here = turn.slot("complaint_at")
    return dict(here) if isinstance(here, dict) else {"stage": HEAR}


def _to(at: dict[str, Any], stage: str, **known: Any) -> Events:
    return set_slots(complaint_at={**at, **known, "stage": stage}, complaint_done=None)


def _opened(turn: Turn) -> Events:
    standing = complaints.standing(turn.care, turn.conversation_id)
    return set_slots(complaint_case=standing.case_number if standing else None)


# What a message is ------------------------------------------------------------------------------------------------


def _tells(turn: Turn) -> bool:
    """Whether a message tells something of what happened."""
    if reading.is_bait(turn.text) and not reading.kinds_in(turn.text):
        return False
    names = [one.name for one in turn.care.organization.locations]
    if reading.kinds_in(turn.text) or reading.read_place(turn.text, names) or set(turn.requests) & _COMPLAINTS:
        return True
    return turn.intent != "vent" and len(turn.text.split()) >= STORY_WORDS


_COMPLAINTS = set(agenda.COMPLAINTS)


def _gives_number(turn: Turn) -> bool:
    """Whether a message is little more than where to call: then nothing more is asked."""
    if read_reach(turn.text).number is None or len(turn.text.split()) > LONGEST_REQUEST:
        return False
    return not _tells(turn) and complaints.standing(turn.care, turn.conversation_id) is not None


def _asks_for_person(turn: Turn) -> bool:
    return turn.intent == "human_request" and len(turn.text.split()) <= LONGEST_REQUEST


def _asks_else(turn: Turn, at: dict[str, Any]) -> bool:
    """Whether a message plainly asks for something else: its own rule takes it up, and the complaint goes on after."""
    others = [name for name in turn.requests if name not in _COMPLAINTS and name != "human_request"]
    if not others or set(turn.requests) & _COMPLAINTS or reading.kinds_in(turn.text):
        return False
    if at["stage"] in (NURSE, REACH, PROOF, PERSON) and not clinical_in(turn):
        return turn.text.rstrip().endswith("?")
    asks = turn.text.rstrip().endswith("?")
    return asks or (len(turn.text.split()) <= LONGEST_REQUEST and not _tells(turn))


def _hear(turn: Turn, *, anyway: bool = False) -> complaints.Standing | None:
    """Write this message down. `anyway`: also the words that tell nothing, once there is a complaint."""
    known = complaints.standing(turn.care, turn.conversation_id)
    if known is None and anyway:
        return None
    about = [inquiry for inquiry in turn.requests if inquiry in _COMPLAINTS]
    for inquiry in about:
        turn.record(inquiry, acknowledged=True)
    return complaints.hear(
        turn.care, turn.conversation_id, told(turn, turn.text, about if known else [*about, *turn.tasks[:1]])
    )


def _no_progress(turn: Turn, at: dict[str, Any]) -> Events:
    """Calm words; the second time in a row a person is offered."""
    _hear(turn, anyway=True)
    say_calm(turn)
    if without_progress(turn) + 1 >= PATIENCE:
        return _to({**at, "back": at["stage"]}, PERSON)
    return _to(at, at["stage"])


# The stages -------------------------------------------------------------------------------------------------------


def _heard(turn: Turn, at: dict[str, Any]) -> Events:
    declines = reading.is_finished(turn.text) or turn.intent in ("refuse", "deny")
    if complaints.standing(turn.care, turn.conversation_id) is not None and declines:
        return _pass_on(turn, at)
    if not _tells(turn) and (
        reading.is_bait(turn.text) or turn.intent in ("vent", "thanks", "affirm", "deny", "refuse")
    ):
        return _no_progress(turn, at)
    standing = _hear(turn)
    assert standing is not None
    return [*set_slots(complaint_case=standing.case_number), *_after_story(turn, at)]


def _after_story(turn: Turn, at: dict[str, Any]) -> Events:
    """A nurse first where somebody is hurt or tells how they feel, then room to finish."""
    return _to(at, NURSE if _needs_nurse(turn, at) else MORE)


def _needs_nurse(turn: Turn, at: dict[str, Any]) -> bool:
    standing = complaints.standing(turn.care, turn.conversation_id)
    if at.get("nurse") is not None or standing is None:
        return False
    return standing.hurt or bool(clinical_in(turn) and not standing.unhurt)


def _nurse(turn: Turn, at: dict[str, Any]) -> Events:
    """A nurse is offered, never pressed; the call is a matter of its own, at once."""
    answer = read_yes_no(turn.text)
    reach = read_reach(turn.text)
    if answer is None and turn.intent in ("affirm", "deny", "refuse"):
        answer = turn.intent == "affirm"
    if answer is None and reach.number is None:
        if reading.is_bait(turn.text) or turn.intent == "vent":
            return _no_progress(turn, at)
        _hear(turn)  # more of the story; the offer stands
        return _to({**at, "nurse": "offered"}, MORE)
    after = MORE if turn.has_said("utter_complaint_ask_all") else HEAR
    if answer is False:
        return _to({**at, "nurse": "declined"}, after)
    standing = complaints.standing(turn.care, turn.conversation_id)
    words = standing.words.replace("\n", " / ") if standing is not None else turn.text
    request = request_of(turn, ["clinical_symptom"], words, preference=turn.text if reach.number else None)
    done = handover.hand_over(turn.care, turn.conversation_id, request)
    turn.record("clinical_symptom", acknowledged=True)
    turn.say("utter_complaint_nurse_called", case_number=done.case_number, **facts_of(turn, done.queue, done.due_at))
    return _to({**at, "nurse": "yes"}, after)


def _more(turn: Turn, at: dict[str, Any]) -> Events:
    short = len(turn.text.split()) < STORY_WORDS
    answer = read_yes_no(turn.text)
    if reading.is_finished(turn.text) or (short and (answer is False or turn.intent in ("deny", "refuse", "thanks"))):
        return _pass_on(turn, at)
    if not _tells(turn) and (reading.is_bait(turn.text) or turn.intent == "vent"):
        return _no_progress(turn, at)
    if short and answer is True and not _tells(turn):
        turn.say("utter_complaint_go_ahead")
        return _to({**at, "quiet": True}, MORE)
    _hear(turn)
    added = int(at.get("added") or 0) + 1
    if _needs_nurse(turn, at):
        return _to(at, NURSE, added=added)
    return _to(at, MORE, added=added) if added < MOST_ADDITIONS else _pass_on(turn, {**at, "added": added})


def _pass_on(turn: Turn, at: dict[str, Any]) -> Events:
    """What is known is passed on; only what is missing is asked, once."""
    at = {key: known for key, known in at.items() if key != "quiet"}
    standing = complaints.standing(turn.care, turn.conversation_id)
    if standing is None:
        return _to(at, HEAR)
    told_when = standing.occurred_on is not None or says_some_time(standing.words)
    if not at.get("where") and (not told_when or standing.place is None):
        missing = "both" if not told_when and standing.place is None else "place" if told_when else "day"
        return _to(at, WHERE, where=missing)
    if at.get("written"):
        return _to(at, REACH)
    private = complaints.PRIVACY in standing.about
    turn.say("utter_complaint_written_privacy" if private else "utter_complaint_written", **facts(turn, standing))
    for kind, sentence in _NAMED.items():
        if kind in standing.about:
            due = turn.due(standing.written_answer_due) if standing.written_answer_due else ""
            turn.say(sentence, **{**facts(turn, standing), "due": due})
    at = {**at, "written": True}
    if standing.anonymous:
        return _commit(turn, at, "", call=False)
    return _to(at, REACH)


_NAMED = {
    complaints.DISCRIMINATION: "utter_complaint_named_discrimination",
    complaints.GRIEVANCE: "utter_complaint_named_grievance",
}


def _where(turn: Turn, at: dict[str, Any]) -> Events:
    """Asked once: not knowing is an answer."""
    if reading.is_bait(turn.text) and not _tells(turn):
        return _no_progress(turn, at)
    if not reading.is_finished(turn.text):
        _hear(turn)
    return _pass_on(turn, at)


def _person(turn: Turn, at: dict[str, Any]) -> Events:
    answer = read_yes_no(turn.text)
    if answer is None and turn.intent in ("affirm", "deny", "refuse", "human_request"):
        answer = turn.intent in ("affirm", "human_request")
    number = read_reach(turn.text).number
    back = at.get("back") or HEAR
    if number is None and answer is None:
        if _tells(turn):
            _hear(turn)
            return _after_story(turn, at) if back == HEAR else _to(at, back)
        return _no_progress(turn, {**at, "stage": back})
    if answer is False:
        turn.say("utter_complaint_no_person")
        return _to(at, back)
    if complaints.standing(turn.care, turn.conversation_id) is None:
        words = turn.just_said(about=agenda.COMPLAINTS) or turn.text
        complaints.hear(turn.care, turn.conversation_id, told(turn, words, turn.tasks[:1]))
    at = {**at, "written": True, "where": at.get("where") or "skipped"}
    return [*_opened(turn), *(_reach(turn, at) if number else _to(at, REACH))]


def _reach(turn: Turn, at: dict[str, Any]) -> Events:
    """A number, the one on file with a proof of who it is, or no call at all."""
    care, talk = turn.care, turn.conversation_id
    reach, answer = read_reach(turn.text), read_yes_no(turn.text)
    given = read_identity(turn.text, care.today(), {"name", "birth_date", "third"} if at["stage"] == PROOF else set())
    if given.birth_dates or given.account or given.last4 or (at["stage"] == PROOF and given.name):
        if given.name is None and turn.slot("caller_name") and at["stage"] != PROOF:
            given = read_identity(f"{turn.slot('caller_name')}. {turn.text}", care.today(), {"name"}) or given
        return _proved(turn, at, identity.give(care, talk, given))
    if reach.number is not None or "@" in turn.text:
        return _commit(turn, at, turn.text, call=True)
    on_file = _says_on_file(turn)
    if on_file or answer is True:
        if identity.number_on_file(care, talk):
            return _commit(turn, at, turn.text, call=True)
        return _to(at, PROOF if on_file else REACH, asked_number=True)
    declines = reading.is_finished(turn.text) or turn.intent in ("refuse", "deny")
    if reading.wants_no_name(turn.text) or reading.wants_no_call(turn.text) or answer is False or declines:
        if reading.wants_no_name(turn.text):
            _hear(turn)
        return _commit(turn, at, turn.text, call=False)
    if reading.is_bait(turn.text) or turn.intent == "vent":
        return _no_progress(turn, at)
    if _tells(turn):
        _hear(turn)
        return _to(at, at["stage"])
    if at.get("asked_number") or identity.number_on_file(care, talk):
        return _commit(turn, at, turn.text, call=True)
    complaints.note(care, talk, "reach", turn.text)
    return _to(at, REACH, asked_number=True)


def _says_on_file(turn: Turn) -> bool:
    words = turn.text.lower()
    return any(
        said in words for said in ("on file", "you have", "you've got", "registrado", "que tienen", "same number")
    )


def _proved(turn: Turn, at: dict[str, Any], standing: identity.Standing) -> Events:
    if standing.outcome == identity.MATCHED:
        turn.say("utter_identity_confirmed")
        if identity.number_on_file(turn.care, turn.conversation_id):
            return _commit(turn, at, "the number on file", call=True)
        return _to(at, REACH, asked_number=True)
    if standing.outcome == identity.INCOMPLETE and standing.missing:
        return _to(at, PROOF, missing=list(standing.missing))
    turn.say("utter_complaint_no_match")  # no hint of what did not fit (R3)
    return _to(at, REACH, asked_number=True)


def _commit(turn: Turn, at: dict[str, Any], words: str, *, call: bool) -> Events:
    """Who, by when, under which number."""
    standing = complaints.reach(
        turn.care, turn.conversation_id, words or turn.text, call=call, name=turn.slot("caller_name")
    )
    assert standing is not None
    known = facts(turn, standing)
    turn.say("utter_complaint_committed" if call else "utter_complaint_committed_no_call", **known)
    turn.mind_the_road()
    return [*set_slots(complaint_at=at), *set_slots(complaint_done="done")]


class AskComplaint(BedsideAction):
    """The question of the stage; never the same sentence twice."""

    action_name = "action_ask_complaint_done"

    def perform(self, turn: Turn) -> Events:
        """Ask it."""
        at = _at(turn)
        stage = at["stage"]
        standing = complaints.standing(turn.care, turn.conversation_id)
        known = facts(turn, standing) if standing is not None else self._lead(turn)
        if stage == MORE and at.get("quiet"):
            return []
        if stage == HEAR and standing is not None and not turn.has_said("utter_complaint_ask_all"):
            turn.say("utter_complaint_ask_all", **known)
        elif stage in ASKS:
            sentence = next((one for one in ASKS[stage] if not turn.has_said(one)), None)
            if sentence is not None:
                turn.say(sentence, **known)
        elif stage == WHERE:
            turn.say(WHERE_ASKS[at["where"]])
        elif stage == NURSE:
            turn.say("utter_complaint_ask_nurse")
        elif stage == PROOF:
            missing = identity.missing_parts(turn.care, turn.conversation_id)
            first = {identity.NAME: "name", identity.BIRTH_DATE: "birth_date", identity.THIRD: "third"}
            turn.say(f"utter_ask_identity_{first[missing[0]] if missing else 'third'}")
        elif identity.number_on_file(turn.care, turn.conversation_id):
            turn.say("utter_complaint_ask_reach_on_file", **known)
        else:
            turn.say("utter_complaint_ask_number" if at.get("asked_number") else "utter_complaint_ask_reach", **known)
        return []

    def _lead(self, turn: Turn) -> dict[str, object]:
        inquiry = turn.tasks[0] if turn.tasks else "complaint_service"
        queue = agenda.TASKS[inquiry].queue
        return {**facts_of(turn, queue, handover.due_for(turn.care, inquiry)), "case_number": ""}
