"""A refill is asked for: which medicine, which pharmacy. Taken down for a clinician, never decided here (R1)."""

from __future__ import annotations

from actions.base import BedsideAction, Events, Turn, set_slots
from actions.clinical import INTERRUPTIONS, REFILL, add_to_clinical, clinical_in, facts_of, refill_told, request_of
from actions.conversation import leave_form
from bedside.care import agenda, handover
from bedside.care.refills import Refill
from bedside.language.answers import read_yes_no
from bedside.language.calls import is_driving, read_wait
from bedside.language.medicines import read_medicines, read_pharmacy

MEDICINE, PHARMACY = "refill_medicine", "refill_pharmacy"
LONGEST_ANSWER_WORDS = 7  # a longer message that is another request is not the answer to a short question
_NO_ANSWERS = (*INTERRUPTIONS, "human_request", "vent", "bot_challenge", "media_inquiry", "ask_collections")


class ValidateRefill(BedsideAction):
    """Take what was said already, and the answers, in the patient's own words."""

    action_name = "validate_refill_form"

    def perform(self, turn: Turn) -> Events:
        """A question to the nurse that comes in between goes to the nurse; the refill is still taken."""
        if turn.slot("refill_case"):
            return set_slots(refill_case=turn.slot("refill_case"))
        if turn.requested is None:
            return self._kept(turn, turn.refill_so_far())
        heard = self._heard(turn)
        questions = clinical_in(turn) or _unclear_question(turn)
        if questions and not _is_answer(turn):
            return [*self._nurse_first(turn, questions), *set_slots(**heard)]
        drives = turn.mind_the_road()
        if not heard:
            return set_slots(**{turn.requested: None}) if drives else []
        return self._kept(turn, Refill(heard.get(MEDICINE), heard.get(PHARMACY)))

    def _heard(self, turn: Turn) -> dict[str, str]:
        """What this answer tells: what was asked about, and the other as well when it is named."""
        told = refill_told(turn.text)
        if turn.requested == MEDICINE and clinical_in(turn):
            told.pop(MEDICINE, None)  # it may be named only in the question
        if turn.requested == PHARMACY:
            another = told.pop(MEDICINE, None)
            if another and not told and not clinical_in(turn):
                return {MEDICINE: ", ".join(dict.fromkeys([str(turn.slot(MEDICINE)), another]))}
        if not told.keys() - {turn.requested} and _is_answer(turn):
            told = {str(turn.requested): turn.text.strip(), **(told if turn.requested == MEDICINE else {})}
        return told

    def _nurse_first(self, turn: Turn, questions: list[str]) -> Events:
        """It joins the nurse's ticket, or is handed over now and the refill goes on afterwards."""
        if add_to_clinical(turn, questions):
            return set_slots(**{str(turn.requested): turn.slot(str(turn.requested))})
        turn.say(agenda.TASKS[questions[0]].acknowledgement)
        turn.mind_the_road()
        for inquiry in questions:
            turn.record(inquiry, acknowledged=True)
        tasks = agenda.add(turn.tasks, questions)
        return [*leave_form(), *set_slots(agenda=tasks, handover_consent=None, handover_reach=None)]

    def _kept(self, turn: Turn, told: Refill) -> Events:
        """Keep it; once it is complete it joins a nurse's ticket that is open, or else the hand-over follows."""
        refill = Refill(told.medicine or turn.slot(MEDICINE), told.pharmacy or turn.slot(PHARMACY))
        events = set_slots(**{MEDICINE: refill.medicine, PHARMACY: refill.pharmacy})
        if not refill.complete:
            return events
        wait = read_wait(turn.text) if turn.requested else None
        done = handover.add_to_clinical(
            turn.care,
            turn.conversation_id,
            request_of(
                turn,
                [REFILL],
                turn.just_said(MEDICINE, PHARMACY),
                refill=refill,
                preference=turn.text if wait else None,
                call_at=turn.care.now() + wait if wait else None,
            ),
        )
        if done is None:
            return events
        turn.say("utter_refill_added", case_number=done.case_number, **facts_of(turn, done.queue, done.due_at))
        return [*events, *set_slots(refill_case=done.case_number)]


def _unclear_question(turn: Turn) -> list[str]:
    """A question in the middle of a refill that is nothing else we know is the nurse's to answer (R6)."""
    unclear = turn.intent in ("nlu_fallback", "out_of_scope", "inform", "affirm", "deny", "")
    return ["medication_question"] if unclear and not turn.requests and turn.text.rstrip().endswith("?") else []


def _is_answer(turn: Turn) -> bool:
    """Whether the message can be taken for the answer as it stands: no question, no other request, more than a yes."""
    words = turn.text.split()
    if turn.intent in _NO_ANSWERS or turn.text.rstrip().endswith("?"):
        return False
    if read_yes_no(turn.text) is not None and len(words) <= 3:
        return False
    named = read_medicines(turn.text) if turn.requested == MEDICINE else read_pharmacy(turn.text)
    if is_driving(turn.text) and not named:
        return False
    others = [name for name in turn.requests if name != REFILL]
    return not others or len(words) <= (LONGEST_ANSWER_WORDS if named else LONGEST_ANSWER_WORDS - 2)
