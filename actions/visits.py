"""Visits: booked, moved, cancelled, confirmed, waited for (BRIEF 3.3).

What is said lives in domain/scheduling.yml, what is so in bedside/care/scheduling.py; here is only what comes when.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from actions import visit_facts as said
from actions.base import Events, Turn, set_slots
from actions.clinical import clinical_in
from actions.conversation import ProvedAction, leave_form, need_proof
from bedside.care import agenda, scheduling, speaking, wishes
from bedside.care.scheduling import Reason, Wish
from bedside.language.amounts import dollars
from bedside.language.answers import read_choice, read_yes_no
from bedside.language.days import is_of_its_day, names_day, without_day

WHICH, TIME, AGREED = "visit_which", "visit_time", "visit_agreed"
NEW, NONE, DONE, WAIT, CANCEL, OFFER = "new", "none", "done", "wait", "cancel", "offer "
INTERRUPTIONS = ("stop", "repeat", "help", "human_request", "bot_challenge", "ask_why", "hold_on", "vent", "thanks")
BOOKING = ("schedule_appointment", "telehealth", "waitlist")
LOOKING = ("confirm_appointment", "appointment_prep")
_ABOUT_THE_DAY = {
    "impossible": "utter_visit_when_impossible",
    "past": "utter_visit_when_past",
    "holiday": "utter_visit_when_closed",
}
TRIES = 2  # questions that may go unanswered before a person is offered (R6)
KINDS_SHOWN = 8
SHORT = 6  # words
ASKED, CHILD = "asked", "child"  # whose visit it is: that is the open question; a child's, by the message itself
NOBODY = -1  # somebody for whom no record says that this person may act


class ValidateVisit(ProvedAction):
    """Read which visit, what time, and whether it is agreed; write only what was agreed to."""

    action_name = "validate_visit_form"

    def work(self, turn: Turn) -> Events:
        """Read the answer, and what else was asked for with it."""
        need_proof(turn)
        asked = turn.requested
        if asked is None:
            return begin(turn)
        if (turn.intent in INTERRUPTIONS and not _answers_plainly(turn)) or clinical_in(turn):
            return []  # a nurse hears of it first; the open question comes again afterwards
        events = {WHICH: which_answered, TIME: time_answered, AGREED: agreed_answered}[asked](turn)
        return [*events, *_also_asked(turn)] if events else []


def _answers_plainly(turn: Turn) -> bool:
    """Whether a few words plainly answer whether to cancel, to move or to book, whatever else they are taken for."""
    if turn.requested == TIME and task_of(turn) != "cancel_appointment":
        return False
    answer = read_yes_no(turn.text) is not None or wishes.read_cancelling(turn.text) is not None
    return turn.requested in (TIME, AGREED) and answer and len(turn.text.split()) <= SHORT


def _also_asked(turn: Turn) -> Events:
    """Something else that was asked for in the same breath as the answer is kept for afterwards."""
    others = [name for name in turn.requests if name not in agenda.VISITS and name not in turn.tasks]
    if not others:
        return []
    for inquiry in others:
        turn.record(inquiry)
    return set_slots(agenda=[*turn.tasks, *others])


# Which visit ----------------------------------------------------------------------------------------------------------


def task_of(turn: Turn) -> str:
    """What is being done about visits: the first task of the agenda."""
    return next((task for task in turn.tasks if task in agenda.VISITS), "schedule_appointment")


def patient_of(turn: Turn) -> int | None:
    """Whose visits are meant, when it is not the person speaking. The scheduler's window checks it each time."""
    chosen = turn.slot("visit_patient")
    return int(chosen) if chosen else None


def begin(turn: Turn) -> Events:
    """What was said already is not asked again; what was interrupted goes on where it was."""
    if turn.slot(WHICH):
        return set_slots(**{WHICH: turn.slot(WHICH)})
    words = turn.just_said(about=agenda.VISITS)
    heard = wishes.hear(turn.care, words, _wish_of(turn))
    events = set_slots(visit_wish=wishes.as_data(heard.wish))
    whose = _whose(turn, words)
    if whose is None:
        return [*events, *set_slots(visit_whose=ASKED, **{WHICH: None})]
    if whose == NOBODY:
        turn.say("utter_visit_child_by_person")
        return [*events, *by_person(turn)]
    settled = _settle_which(turn, heard, whose)
    known = {event.get("name"): event.get("value") for event in settled}
    looks_for_a_time = (
        known.get(WHICH) and TIME not in known and task_of(turn) not in ("cancel_appointment", "waitlist")
    )
    if looks_for_a_time and (heard.when.problem or heard.when.ambiguous):
        return [*events, *settled, *_unclear_day(turn, heard)]
    return [*events, *settled]


def _whose(turn: Turn, words: str) -> int | None:
    """The patient who is meant: 0 is the person speaking, NOBODY a child whom no record ties to them; None when it has
    to be asked."""
    if turn.slot("visit_patient") is not None:
        return int(turn.slot("visit_patient"))
    others = [person for person in scheduling.people(turn.care, turn.conversation_id) if person.relation != "self"]
    named = [p for p in others if re.search(rf"\b{re.escape(p.full_name.split()[0])}\b", words, re.IGNORECASE)]
    if len(named) == 1:
        return named[0].patient_id
    childs = turn.slot("visit_whose") == CHILD
    if others and (named or childs or wishes.names_a_child(words)):
        return others[0].patient_id if len(others) == 1 else _with_a_visit_then(turn, words, named or others)
    return NOBODY if childs else 0


def _with_a_visit_then(turn: Turn, words: str, those: Sequence[scheduling.Person]) -> int | None:
    """The one of several who has a visit on a day that is named: "my son's checkup on the 9th". A new
    visit looks up nobody's."""
    if task_of(turn) in BOOKING:
        return None
    tz, text = turn.care.organization.tz, words.lower()
    found = {
        person.patient_id
        for person in those
        for visit in scheduling.upcoming(turn.care, turn.conversation_id, patient_id=person.patient_id)
        if names_day(text, visit.starts_at.astimezone(tz).date(), of_any_month=True)
    }
    return found.pop() if len(found) == 1 else None


def _settle_which(turn: Turn, heard: wishes.Heard, whose: int) -> Events:
    """With what is known, the visit that is meant; or None, and it is asked."""
    mine = set_slots(visit_patient=whose, visit_whose=None)
    patient = whose or None
    task = task_of(turn)
    visits = scheduling.upcoming(turn.care, turn.conversation_id, patient_id=patient)
    if task in LOOKING:
        return [*mine, *_look(turn, heard, visits, whose)]
    offered = next((place.offer for place in _places(turn, patient) if place.offer), None)
    if task in ("waitlist", "schedule_appointment") and offered is not None and not heard.says_what:
        return [*mine, *set_slots(**{WHICH: f"{OFFER}{offered.offer_id}"})]
    if task == "waitlist":
        found = _meant(
            turn, heard, tuple(visit for visit in visits if not heard.says_what or _fits(turn, heard, visit))
        )
        if found is not None:
            return [*mine, *set_slots(visit_old=said.as_data(found), **{WHICH: str(found.appointment_id)})]
    if task in BOOKING:
        return [*mine, *_new_visit(turn, heard, patient)]
    if not visits:
        if task == "reschedule_appointment":
            turn.say("utter_visit_none_to_move")
            others = [each for each in turn.tasks if each != task]
            events = set_slots(agenda=["schedule_appointment", *others])
            return [*mine, *events, *_new_visit(turn, heard, patient)]
        _say_none(turn, whose)
        return [*mine, *set_slots(**{WHICH: NONE, TIME: NONE, AGREED: DONE})]
    found = _meant(turn, heard, visits)
    if found is None:
        return [*mine, *set_slots(**{WHICH: None})]
    return [*mine, *_chosen_visit(turn, found, heard, turn.just_said(about=agenda.VISITS))]


def _places(turn: Turn, patient: int | None) -> tuple[scheduling.Place, ...]:
    return scheduling.places(turn.care, turn.conversation_id, patient_id=patient)


def _offered(turn: Turn) -> scheduling.Offered | None:
    """The offer of the waitlist that is being answered, while it stands."""
    which = str(turn.slot(WHICH) or "")
    if not which.startswith(OFFER):
        return None
    wanted = int(which.removeprefix(OFFER))
    places = _places(turn, patient_of(turn))
    return next((place.offer for place in places if place.offer and place.offer.offer_id == wanted), None)


def _meant(turn: Turn, heard: wishes.Heard, visits: tuple[scheduling.Visit, ...]) -> scheduling.Visit | None:
    """The one of the person's visits that the words fit; the only one; None when several fit."""
    if len(visits) == 1:
        return visits[0]
    fitting = [visit for visit in visits if _fits(turn, heard, visit)]
    return fitting[0] if len(fitting) == 1 else None


def _fits(turn: Turn, heard: wishes.Heard, visit: scheduling.Visit) -> bool:
    wish = heard.wish
    local = visit.starts_at.astimezone(turn.care.organization.tz)
    named = [
        wish.provider_id in (None, visit.provider_id),
        wish.visit_type in (None, visit.visit_type),
        wish.specialty is None or _gives(turn, wish.specialty, visit),
    ]
    days = wish.days
    if days and task_of(turn) != "reschedule_appointment":  # there the days may be those of the new time
        first, last = days
        named.append((first is None or first <= local.date()) and (last is None or local.date() <= last))
    return all(named) and heard.wish != Wish()


def _gives(turn: Turn, specialty: str, visit: scheduling.Visit) -> bool:
    kind = turn.care.organization.visit_type(visit.visit_type)
    return kind is not None and specialty in kind.specialties


def _chosen_visit(turn: Turn, visit: scheduling.Visit, heard: wishes.Heard, words: str) -> Events:
    """A visit that stands: to move it, look for a time like it; to cancel it, ask once whether to move it instead."""
    kept: Events = set_slots(**{WHICH: str(visit.appointment_id)}, visit_old=said.as_data(visit))
    if task_of(turn) == "cancel_appointment":
        return kept
    wish = heard.wish
    local = visit.starts_at.astimezone(turn.care.organization.tz)
    rest = without_day(words.lower(), local.date())
    if rest != words.lower():  # "I have Friday at 2 but need Wednesday": the day of the old one is no wish
        new = wishes.hear(turn.care, rest)
        if new.says_when or is_of_its_day(words.lower(), local.date()):
            wish = replace(wish, days=None, times=None).when(new.when)
    if wish.provider_id is None and wish.specialty is None and wish.visit_type is None:
        wish = replace(wish, provider_id=visit.provider_id)
    if wish.days == (local.date(), local.date()):  # "my visit on Friday": the day of the old one is no wish
        wish = replace(wish, days=None, times=None)
    turn.say("utter_visit_stays", visit=said.in_words(turn, visit))
    return [*kept, *set_slots(visit_wish=wishes.as_data(replace(wish, visit_type=None)), visit_shown=None)]


def _new_visit(turn: Turn, heard: wishes.Heard, patient: int | None) -> Events:
    """A kind of visit, somebody or some field of medicine must be named before times are looked for."""
    wish = heard.wish
    if task_of(turn) == "telehealth" and wish.telehealth is None:
        wish = replace(wish, telehealth=True)
    if not (wish.visit_type or wish.provider_id or wish.specialty):
        if heard.names_a_stranger:
            turn.say("utter_visit_unknown_provider")
        return set_slots(visit_wish=wishes.as_data(wish), **{WHICH: None})
    kinds = wishes.kinds_of(turn.care, wish)
    refusals = [scheduling.why_not(turn.care, turn.conversation_id, kind.name, patient_id=patient) for kind in kinds]
    if kinds and all(refusals):
        return [*set_slots(visit_wish=wishes.as_data(wish)), *_refused(turn, refusals[0], kinds[0].name)]
    return set_slots(visit_wish=wishes.as_data(wish), visit_shown=None, **{WHICH: NEW})


def _refused(turn: Turn, reasons: tuple[Reason, ...], visit_type: str) -> Events:
    """It can't be booked like this: said plainly, and the scheduling staff are offered."""
    kind = said.kind_name(turn, visit_type)
    if Reason.REFERRAL_NEEDED in reasons:
        turn.say("utter_visit_not_referral", kind=kind)
    elif Reason.NOT_FOR_NEW_PATIENTS in reasons:
        turn.say("utter_visit_not_new", kind=kind)
    elif Reason.ONLY_FOR_NEW_PATIENTS in reasons:
        turn.say("utter_visit_not_known", kind=kind)
    else:
        turn.say("utter_visit_not_like_this")
    return by_person(turn)


def by_person(turn: Turn) -> Events:
    """Step out of the form; the agenda hands this matter to the scheduling staff, asked first."""
    return [*leave_form(), *set_slots(visit_by_person=True, handover_consent=None, handover_reach=None)]


def which_answered(turn: Turn) -> Events:
    """The answer to whose, which, or what for."""
    heard = wishes.hear(turn.care, turn.text, _wish_of(turn), what_was_asked=True)
    if turn.slot("visit_whose") == ASKED:
        people = scheduling.people(turn.care, turn.conversation_id)
        picked = read_choice(turn.text, [person.full_name for person in people])
        if not picked:
            return _missed(turn)
        whose = people[picked[0]]
        return _settle_which(turn, heard, 0 if whose.relation == "self" else whose.patient_id)
    patient = patient_of(turn)
    if task_of(turn) in BOOKING:
        kinds = turn.slot("visit_kinds") or []
        picked = read_choice(turn.text, [said.kind_name(turn, kind) for kind in kinds]) if kinds else None
        if picked and not heard.says_what:
            heard = replace(heard, wish=replace(heard.wish, visit_type=kinds[picked[0]]))
        events = _new_visit(turn, heard, patient)
        missed = not (heard.wish.visit_type or heard.wish.provider_id or heard.wish.specialty)
        return [*events, *_missed(turn)] if missed else events
    visits = scheduling.upcoming(turn.care, turn.conversation_id, patient_id=patient)
    picked = read_choice(turn.text, [said.in_words(turn, visit) for visit in visits])
    found = visits[picked[0]] if picked and len(picked) == 1 else _meant(turn, heard, visits)
    if found is None:
        return _missed(turn)
    if task_of(turn) in LOOKING:
        return _look(turn, heard, (found,), patient or 0)
    return _chosen_visit(turn, found, replace(heard, wish=_wish_of(turn)), turn.just_said(about=agenda.VISITS))


def _missed(turn: Turn) -> Events:
    """Not an answer: another request is taken up; else it is asked again once, then a person is offered (R6)."""
    if any(name != task_of(turn) for name in turn.requests):
        return []
    times = int(turn.slot("visit_misses") or 0) + 1
    if times >= TRIES:
        turn.say("utter_visit_by_person")
        return [*by_person(turn), *set_slots(visit_misses=0)]
    return set_slots(visit_misses=times, **{str(turn.requested): None})


def _say_none(turn: Turn, whose: int) -> None:
    if whose:
        turn.say("utter_visit_none_other", name=said.name_of(turn, whose))
    else:
        turn.say("utter_visit_none")


def _look(turn: Turn, heard: wishes.Heard, visits: tuple[scheduling.Visit, ...], whose: int) -> Events:
    """When is it, where is it, what to bring; and whether they are coming, when only one visit is meant."""
    over = {WHICH: NONE, TIME: NONE, AGREED: DONE}
    if not visits:
        _say_none(turn, whose)
        return set_slots(**over)
    found = _meant(turn, heard, visits)
    shown = [found] if found else list(visits)
    lines = said.listed(turn, shown) if len(shown) > 1 else said.in_words(turn, shown[0])
    if whose:
        turn.say("utter_visit_upcoming_other", lines=lines, name=said.name_of(turn, whose))
    else:
        turn.say("utter_visit_upcoming", lines=lines)
    if task_of(turn) == "appointment_prep":
        for visit_type in dict.fromkeys(visit.visit_type for visit in shown):
            said.say_preparation(turn, visit_type)
        for location in dict.fromkeys(visit.location for visit in shown):
            said.say_way(turn, location)
        return set_slots(**over)
    if found is None or found.status == "confirmed":
        return set_slots(**over)
    return set_slots(visit_old=said.as_data(found), **{WHICH: str(found.appointment_id), TIME: NONE})


class AskVisitWhich(ProvedAction):
    """Which visit, or what for."""

    action_name = "action_ask_visit_which"

    def work(self, turn: Turn) -> Events:
        """One question, with what there is to choose from."""
        words = speaking.sentences(turn.care)
        if turn.slot("visit_whose") == ASKED:
            people = scheduling.people(turn.care, turn.conversation_id)
            lines = [
                words.say("utter_visit_person_line", {"language": turn.language}, number=n, name=person.full_name)
                for n, person in enumerate(people, 1)
            ]
            turn.say("utter_visit_ask_whose", lines="\n".join(lines))
            return []
        if task_of(turn) in BOOKING:
            if not turn.slot("visit_misses"):
                turn.say("utter_visit_ask_what")
                return []
            kinds = [kind.name for kind in turn.care.organization.visit_types if kind.known_patients][:KINDS_SHOWN]
            lines = [
                words.say(
                    "utter_visit_kind_line", {"language": turn.language}, number=n, kind=said.kind_name(turn, kind)
                )
                for n, kind in enumerate(kinds, 1)
            ]
            turn.say("utter_visit_ask_what_again", lines="\n".join(lines))
            return set_slots(visit_kinds=kinds)
        patient = patient_of(turn)
        lines_of_visits = said.listed(turn, scheduling.upcoming(turn.care, turn.conversation_id, patient_id=patient))
        if patient:
            turn.say("utter_visit_ask_which_other", lines=lines_of_visits, name=said.name_of(turn, patient))
        else:
            turn.say("utter_visit_ask_which", lines=lines_of_visits)
        return []


# What time ------------------------------------------------------------------------------------------------------------


def _wish_of(turn: Turn) -> Wish:
    return wishes.from_data(turn.slot("visit_wish"))


def _moving(turn: Turn) -> int | None:
    """The visit that gives way, when one is moved."""
    which = turn.slot(WHICH)
    return int(which) if which and str(which).isdigit() else None


class AskVisitTime(ProvedAction):
    """Offer two or three open times, nearest to what was asked; or ask whether to move instead of cancelling."""

    action_name = "action_ask_visit_time"

    def work(self, turn: Turn) -> Events:
        """Offer what is there; what was shown travels with the talk until the next message."""
        need_proof(turn)
        if turn.slot("visit_unclear"):  # the question about the day has just been asked
            return set_slots(visit_unclear=None)
        if task_of(turn) == "cancel_appointment":
            return self._instead(turn)
        if str(turn.slot(WHICH)).startswith(OFFER):
            return self._offered(turn)
        if task_of(turn) == "waitlist" or turn.slot("visit_waiting"):
            return self._wait(turn)
        return self._offer(turn)

    def _instead(self, turn: Turn) -> Events:
        visit = said.in_words(turn, turn.slot("visit_old"))
        if turn.slot("visit_misses"):
            turn.say("utter_visit_cancel_sure", visit=visit)
            return []
        appointment_id = int(turn.slot(WHICH))
        late = scheduling.late_cancellation(
            turn.care, turn.conversation_id, appointment_id, patient_id=patient_of(turn)
        )
        if late is not None and late.fee_cents:
            turn.say("utter_visit_cancel_or_move_late", visit=visit, hours=late.hours, fee=dollars(late.fee_cents))
        else:
            turn.say("utter_visit_cancel_or_move", visit=visit)
        return []

    def _offered(self, turn: Turn) -> Events:
        offer = _offered(turn)
        if offer is None:
            turn.say("utter_waitlist_offer_over")
            return set_slots(**{TIME: NONE, AGREED: DONE})
        turn.say("utter_waitlist_offer", visit=said.in_words(turn, offer), until=turn.due(offer.expires_at))
        return []

    def _wait(self, turn: Turn) -> Events:
        if turn.slot("visit_waiting"):
            turn.say("utter_visit_nothing_left" if turn.slot("visit_page") else "utter_visit_nothing_open")
            return []
        old, hours = turn.slot("visit_old"), _offer_hours(turn)
        if old and _moving(turn):
            kind = said.kind_name(turn, old["visit_type"])
            turn.say("utter_waitlist_ask_earlier", kind=kind, old=said.day_and_time(turn, old), hours=hours)
        else:
            turn.say("utter_waitlist_ask", kind=said.kind_name(turn, _kind_to_wait_for(turn)), hours=hours)
        return []

    def _offer(self, turn: Turn) -> Events:
        shown = turn.slot("visit_shown")
        if shown:
            turn.say("utter_visit_offer_again", lines=said.listed(turn, shown))
            return []
        wish = _wish_of(turn)
        page = scheduling.offers_for(
            turn.care,
            turn.conversation_id,
            wish,
            turn.slot("visit_cursor"),
            patient_id=patient_of(turn),
            moving=_moving(turn),
            fitting_alone=wish.days is not None,
        )
        number = int(turn.slot("visit_page") or 0)
        if not page.offers:
            turn.say("utter_visit_nothing_left" if number else "utter_visit_nothing_open")
            return set_slots(visit_waiting=True, visit_shown=None, visit_cursor=None)
        lines = said.listed(turn, page.offers)
        wished = wish.days is not None or wish.times is not None
        near = wished and not any(offer.fits for offer in page.offers)
        if len(page.offers) == 1:
            turn.say("utter_visit_offer_one_near" if near else "utter_visit_offer_one", lines=lines)
        elif number:
            turn.say("utter_visit_offer_more", lines=lines)
        else:
            turn.say("utter_visit_offer_near" if near else "utter_visit_offer", lines=lines)
        return set_slots(
            visit_shown=[said.as_data(offer) for offer in page.offers],
            visit_cursor=page.cursor,
            visit_page=number + 1,
        )


def _offer_hours(turn: Turn) -> str:
    return speaking.sentences(turn.care).say(
        "utter_waitlist_hours",
        {"language": turn.language},
        count=turn.care.organization.scheduling.offer_minutes // 60,
    )


def _kind_to_wait_for(turn: Turn) -> str:
    """The kind of visit to wait for: the one that was named, that of the old visit, or what the provider gives."""
    wish, old = _wish_of(turn), turn.slot("visit_old")
    if wish.visit_type:
        return wish.visit_type
    if old:
        return str(old["visit_type"])
    kinds = wishes.kinds_of(turn.care, wish)
    return (kinds or turn.care.organization.visit_types)[0].name


def time_answered(turn: Turn) -> Events:
    """The answer to what was offered: one of them, another wish, more, or the waitlist."""
    if task_of(turn) == "cancel_appointment":
        return _cancel_answered(turn)
    if str(turn.slot(WHICH)).startswith(OFFER):
        return _offer_answered(turn)
    if turn.slot("visit_waiting") or task_of(turn) == "waitlist":
        return _wait_answered(turn)
    shown: list[dict[str, Any]] = turn.slot("visit_shown") or []
    heard = wishes.hear(turn.care, turn.text, _wish_of(turn))
    if wishes.wants_waitlist(turn.text):
        return set_slots(visit_waiting=True, **{TIME: None})
    if heard.when.problem or heard.when.ambiguous:
        on_day = _on_weekday(turn, heard, shown)  # "the thursday one", though this Thursday is a holiday
        return _hold(turn, on_day[0]) if len(on_day) == 1 else _unclear_day(turn, heard)
    others = wishes.wants_more(turn.text)
    answer = read_yes_no(turn.text)
    if not others:
        picked = _picked(turn, heard, shown, answer)
        if picked is not None:
            return _hold(turn, picked)
    changed = heard.wish != _wish_of(turn)
    if changed and (heard.says_when or heard.says_what or wishes.wants_earliest(turn.text)):
        return _search_anew(heard.wish)
    if others or answer is False:
        if turn.slot("visit_cursor"):
            return set_slots(visit_shown=None, visit_misses=0, **{TIME: None})
        return set_slots(visit_waiting=True, **{TIME: None})
    return _missed(turn)


def _search_anew(wish: Wish) -> Events:
    return set_slots(
        visit_wish=wishes.as_data(wish),
        visit_shown=None,
        visit_cursor=None,
        visit_page=0,
        visit_misses=0,
        **{TIME: None},
    )


def _unclear_day(turn: Turn, heard: wishes.Heard) -> Events:
    """A day that can't be, has passed, is a holiday, or may be two: said as such, and asked."""
    turn.say(_ABOUT_THE_DAY.get(heard.when.problem or "", "utter_visit_when_unclear"))
    return set_slots(visit_unclear=True, **{TIME: None})


def _picked(turn: Turn, heard: wishes.Heard, shown: list[dict[str, Any]], answer: bool | None) -> dict[str, Any] | None:
    """Which of the times that were shown is meant; None when it is none of them, or not clear."""
    if not shown:
        return None
    if heard.says_when:
        fitting = [each for each in shown if _at(turn, heard, each)] or _on_weekday(turn, heard, shown)
        if len(fitting) == 1 or (fitting and wishes.wants_earliest(turn.text)):
            return fitting[0]
        if fitting:
            narrowed = read_choice(turn.text, [said.in_words(turn, each) for each in fitting])
            return fitting[narrowed[0]] if narrowed and len(narrowed) == 1 else None
        return None
    if wishes.wants_earliest(turn.text):
        return min(shown, key=lambda each: str(each["starts_at"]))
    picked = read_choice(turn.text, [said.in_words(turn, each) for each in shown])
    if picked and len(picked) == 1:
        return shown[picked[0]]
    if answer is True and len(shown) == 1:
        return shown[0]
    return None


def _on_weekday(turn: Turn, heard: wishes.Heard, shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the shown times that are on the weekday that was named, and at the hour where one was."""
    day = wishes.weekday_alone(turn.text)
    if day is None:
        return []
    hours_only = replace(heard, when=replace(heard.when, date=None))
    on_day = [
        each
        for each in shown
        if datetime.fromisoformat(each["starts_at"]).astimezone(turn.care.organization.tz).weekday() == day
    ]
    return [each for each in on_day if _at(turn, hours_only, each)] or (on_day if len(on_day) == 1 else [])


def _at(turn: Turn, heard: wishes.Heard, offered: dict[str, Any]) -> bool:
    """Whether an offered time is the one that was named: of its day, and of its hour."""
    local = datetime.fromisoformat(offered["starts_at"]).astimezone(turn.care.organization.tz)
    said_when = Wish().when(heard.when)
    if said_when.days:
        first, last = said_when.days
        if (first and local.date() < first) or (last and last < local.date()):
            return False
    if said_when.times:
        opens, closes = said_when.times
        if opens == closes and opens is not None:
            return local.time() == opens or (local.hour % 12, local.minute) == (opens.hour % 12, opens.minute)
        if (opens and local.time() < opens) or (closes and local.time() >= closes):
            return False
    return local.weekday() not in said_when.excluded_weekdays


def _hold(turn: Turn, picked: dict[str, Any]) -> Events:
    """Keep the time while it is read back; when it is gone already, say so and offer what is left."""
    wish = _wish_of(turn)
    try:
        held = scheduling.hold(
            turn.care,
            turn.conversation_id,
            picked["opening_id"],
            visit_type=wish.visit_type,
            patient_id=patient_of(turn),
            moving=_moving(turn),
        )
    except scheduling.OpeningTaken:
        return _taken(turn)
    except scheduling.NotEligible as refused:
        return _not_that_time(turn, refused.reasons, wish.visit_type or picked["visit_type"])
    return set_slots(visit_misses=0, **{TIME: {**picked, "visit_type": held.visit_type}})


def _taken(turn: Turn) -> Events:
    """Said plainly, nothing lost; what is left is offered."""
    old = turn.slot("visit_old")
    if old and _moving(turn):
        turn.say("utter_visit_taken_move", old=said.day_and_time(turn, old))
    else:
        turn.say("utter_visit_taken")
    return set_slots(visit_shown=None, visit_cursor=None, visit_page=0, visit_misses=0, **{TIME: None})


def _not_that_time(turn: Turn, reasons: tuple[Reason, ...], visit_type: str) -> Events:
    of_person = {Reason.REFERRAL_NEEDED, Reason.NOT_FOR_NEW_PATIENTS, Reason.ONLY_FOR_NEW_PATIENTS, Reason.DECEASED}
    if of_person & set(reasons):
        return _refused(turn, reasons, visit_type)
    turn.say("utter_visit_not_two" if Reason.OTHER_VISIT_THEN in reasons else "utter_visit_not_that_time")
    return set_slots(visit_shown=None, visit_cursor=None, visit_page=0, **{TIME: None})


def _offer_answered(turn: Turn) -> Events:
    """Yes takes the time that has opened up, no passes it on."""
    offer, answer = _offered(turn), read_yes_no(turn.text)
    if answer is None:
        return _missed(turn)
    over = set_slots(**{TIME: NONE, AGREED: DONE})
    if offer is None:
        turn.say("utter_waitlist_offer_over")
        return over
    if not answer:
        scheduling.decline(turn.care, turn.conversation_id, offer.offer_id, patient_id=patient_of(turn))
        turn.say("utter_waitlist_declined")
        return over
    try:
        done = scheduling.accept(turn.care, turn.conversation_id, offer.offer_id, patient_id=patient_of(turn))
    except (scheduling.OfferOver, scheduling.OpeningTaken):
        turn.say("utter_waitlist_offer_over")
        return over
    except scheduling.NotEligible as refused:
        return _refused(turn, refused.reasons, offer.visit_type)
    moved = isinstance(done, scheduling.Moved)
    return [
        *_said_and_noted(turn, done.visit, done.number, "utter_visit_moved" if moved else "utter_visit_booked"),
        *over,
    ]


def _wait_answered(turn: Turn) -> Events:
    """Yes puts them on the list; another day is looked for; no ends it."""
    heard = wishes.hear(turn.care, turn.text, _wish_of(turn))
    answer = read_yes_no(turn.text)
    if answer is None and wishes.wants_waitlist(turn.text):
        answer = True
    shown = turn.slot("visit_shown") or []
    picked = _picked(turn, heard, shown, None) if shown and answer is None else None
    if picked is not None:  # one of those that were offered before, after all
        return [*_hold(turn, picked), *set_slots(visit_waiting=None)]
    if answer is None and heard.says_when and not heard.when.problem:
        return [*_search_anew(heard.wish), *set_slots(visit_waiting=None)]
    if answer is None:
        return _missed(turn)
    if not answer:
        turn.say("utter_waitlist_not_joined")
        return set_slots(**{TIME: NONE, AGREED: DONE})
    kind = _kind_to_wait_for(turn)
    wish = replace(_wish_of(turn), visit_type=kind, specialty=None)
    moving = _moving(turn)
    try:
        place = scheduling.join(
            turn.care, turn.conversation_id, wish, appointment_id=moving, patient_id=patient_of(turn)
        )
    except scheduling.NotEligible as refused:
        return _refused(turn, refused.reasons, kind)
    name = said.kind_name(turn, kind)
    if place.new:
        turn.say("utter_waitlist_joined", kind=name, hours=_offer_hours(turn))
    else:
        turn.say("utter_waitlist_already", kind=name)
    return set_slots(**{TIME: WAIT, AGREED: DONE})


def _cancel_answered(turn: Turn) -> Events:
    """Move it after all, or cancel; only clear words cancel anything."""
    heard = wishes.hear(turn.care, turn.text, Wish())
    wants, answer = wishes.read_cancelling(turn.text), read_yes_no(turn.text)
    if wants is None and heard.says_when and not heard.when.problem:
        wants = wishes.MOVE
    if wants is None and answer is not None:
        sure_asked = bool(turn.slot("visit_misses"))
        if sure_asked:
            wants = wishes.CANCEL if answer else wishes.KEEP
        elif answer:
            wants = wishes.MOVE
    if wants == wishes.CANCEL:
        return _cancel(turn)
    if wants == wishes.KEEP:
        turn.say("utter_visit_kept")
        return set_slots(**{TIME: NONE, AGREED: DONE})
    if wants == wishes.MOVE:
        others = [task for task in turn.tasks if task not in ("cancel_appointment", "reschedule_appointment")]
        wish = replace(
            heard.wish, provider_id=heard.wish.provider_id or turn.slot("visit_old")["provider_id"], visit_type=None
        )
        return set_slots(
            agenda=["reschedule_appointment", *others],
            visit_wish=wishes.as_data(wish),
            visit_shown=None,
            visit_misses=0,
            **{TIME: None},
        )
    return set_slots(visit_misses=1, **{TIME: None})


def _cancel(turn: Turn) -> Events:
    try:
        done = scheduling.cancel(turn.care, turn.conversation_id, int(turn.slot(WHICH)), patient_id=patient_of(turn))
    except (scheduling.NoSuchVisit, scheduling.VisitOver):
        turn.say("utter_visit_over")
        return set_slots(**{TIME: NONE, AGREED: DONE})
    turn.say("utter_visit_cancelled", visit=said.in_words(turn, done.visit), number=done.number)
    if done.late is not None and done.late.fee_cents:
        turn.say("utter_visit_cancelled_fee", fee=dollars(done.late.fee_cents))
    turn.record(task_of(turn))
    return set_slots(**{TIME: CANCEL, AGREED: DONE})


# Agreed ---------------------------------------------------------------------------------------------------------------


class AskVisitAgreed(ProvedAction):
    """Read it back before it is written."""

    action_name = "action_ask_visit_agreed"

    def work(self, turn: Turn) -> Events:
        """Provider, weekday, date, time, place; one question."""
        need_proof(turn)
        chosen, old = turn.slot(TIME), turn.slot("visit_old")
        if not isinstance(chosen, dict):
            turn.say("utter_visit_ask_coming", visit=said.in_words(turn, old))
        elif old and _moving(turn):
            turn.say(
                "utter_visit_read_back_move",
                visit=said.in_words(turn, chosen),
                old=said.day_and_time(turn, old),
            )
        else:
            turn.say("utter_visit_read_back", visit=said.in_words(turn, chosen))
        return []


def agreed_answered(turn: Turn) -> Events:
    """Only a clear yes writes anything; another day or a no goes back to the open times."""
    chosen = turn.slot(TIME)
    answer = read_yes_no(turn.text)
    if answer is None and turn.intent in ("affirm", "deny") and len(turn.text.split()) <= 6:
        answer = turn.intent == "affirm"
    if not isinstance(chosen, dict):
        return _coming_answered(turn, answer)
    heard = wishes.hear(turn.care, turn.text, _wish_of(turn))
    if answer is True:
        return _write(turn, chosen)
    if heard.when.problem or heard.when.ambiguous:
        scheduling.release(turn.care, turn.conversation_id)
        return [*_unclear_day(turn, heard), *set_slots(visit_shown=turn.slot("visit_shown"))]
    if heard.says_when or heard.says_what:
        picked = _picked(turn, heard, turn.slot("visit_shown") or [], None)
        if picked is not None and picked["opening_id"] != chosen["opening_id"]:
            return [*_hold(turn, picked), *set_slots(**{AGREED: None})]
        if picked is None:
            scheduling.release(turn.care, turn.conversation_id)
            return _search_anew(heard.wish)
        return _missed(turn)
    if answer is False:
        scheduling.release(turn.care, turn.conversation_id)
        return set_slots(visit_misses=0, **{TIME: None})
    return _missed(turn)


def _write(turn: Turn, chosen: dict[str, Any]) -> Events:
    moving, patient = _moving(turn), patient_of(turn)
    try:
        if moving is not None:
            moved = scheduling.move(
                turn.care,
                turn.conversation_id,
                moving,
                chosen["opening_id"],
                visit_type=_wish_of(turn).visit_type,
                patient_id=patient,
            )
            visit, number, name = moved.visit, moved.number, "utter_visit_moved"
        else:
            booked = scheduling.book(
                turn.care,
                turn.conversation_id,
                chosen["opening_id"],
                visit_type=_wish_of(turn).visit_type,
                patient_id=patient,
            )
            visit, number = booked.visit, booked.number
            name = "utter_visit_booked" if booked.new else "utter_visit_already"
    except scheduling.OpeningTaken:
        return _taken(turn)
    except scheduling.NotEligible as refused:
        return _not_that_time(turn, refused.reasons, chosen["visit_type"])
    except (scheduling.NoSuchVisit, scheduling.VisitOver):
        turn.say("utter_visit_over")
        return set_slots(**{AGREED: DONE})
    return _said_and_noted(turn, visit, number, name)


def _said_and_noted(turn: Turn, visit: scheduling.Visit, number: str, name: str) -> Events:
    """What stands in the book now, what to bring, and a line for the end of the talk."""
    turn.say(name, visit=said.in_words(turn, visit), number=number)
    if visit.location == said.TELEHEALTH:
        said.say_way(turn, visit.location)
    kind = turn.care.organization.visit_type(visit.visit_type)
    if kind is not None and kind.preparation and name == "utter_visit_booked":
        said.say_preparation(turn, visit.visit_type)
    turn.record(task_of(turn))
    numbers = [
        *(turn.slot("visit_numbers") or []),
        {"number": number, "patient": turn.slot("visit_patient"), **said.as_data(visit)},
    ]
    newest = [each for each in numbers if each["number"] != number or each is numbers[-1]]
    return set_slots(visit_numbers=newest, **{AGREED: DONE})


def _coming_answered(turn: Turn, answer: bool | None) -> Events:
    """Whether they are coming; a wish to move or cancel it becomes that task."""
    wants = wishes.read_cancelling(turn.text)
    if wants in (wishes.MOVE, wishes.CANCEL) and answer is not True:
        task = "reschedule_appointment" if wants == wishes.MOVE else "cancel_appointment"
        others = [each for each in turn.tasks if each not in agenda.VISITS]
        return set_slots(agenda=[task, *others], visit_misses=0, visit_shown=None, **{TIME: None})
    if answer is None:
        return _missed(turn)
    if not answer:
        turn.say("utter_visit_not_confirmed")
        return set_slots(**{AGREED: DONE})
    try:
        done = scheduling.confirm(turn.care, turn.conversation_id, int(turn.slot(WHICH)), patient_id=patient_of(turn))
    except (scheduling.NoSuchVisit, scheduling.VisitOver):
        turn.say("utter_visit_over")
        return set_slots(**{AGREED: DONE})
    turn.say("utter_visit_confirmed", number=done.number)
    return set_slots(**{AGREED: DONE})
