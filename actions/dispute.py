"""A disputed bill: heard, held, handed to a specialist, followed up (BRIEF 3.4, R9)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.base import BedsideAction, Events, Turn, set_slots
from actions.conversation import NO_CHARGES, ProvedAction, need_proof
from bedside.care import billing, desk, identity, speaking
from bedside.language.amounts import dollars, read_amounts
from bedside.language.answers import read_choice, read_reach, read_yes_no
from bedside.organization import display_phone
from bedside.records.chart import ChargeLine, ChartClosed

INTERRUPTIONS = ("stop", "repeat", "help", "human_request", "bot_challenge", "ask_collections", "ask_why", "hold_on")
LONG_ENOUGH_WORDS = 6
_DECLINES = re.compile(r"\s*(no|nope|nah|don'?t|do not|please don'?t|rather not)\b", re.IGNORECASE)


class ValidateDispute(ProvedAction):
    """Read what is disputed and how the person would like to be reached; write the dispute as soon as it is clear."""

    action_name = "validate_dispute_form"

    def work(self, turn: Turn) -> Events:
        """Go from the words to the charges, from the charges to the hold, from there to the call."""
        need_proof(turn)
        asked = turn.requested
        if asked is None:
            return self._begin(turn)
        if asked == "dispute_call":
            return self._call(turn)
        if turn.intent in INTERRUPTIONS:
            return []
        if asked == "dispute_words":
            return self._words(turn)
        if asked == "dispute_charges":
            return self._charges(turn)
        return []

    def _begin(self, turn: Turn) -> Events:
        """The opening message often says it all: then it isn't asked again."""
        if turn.slot("dispute_words"):
            return set_slots(dispute_words=turn.slot("dispute_words"))
        words = turn.just_said("dispute_words")
        lines = billing.open_charges(turn.care, turn.conversation_id)
        guess = billing.guess_charges(words, lines)
        if words and (guess.sure or len(words.split()) >= LONG_ENOUGH_WORDS or not lines):
            return self._heard(lines, guess)
        return set_slots(dispute_words=None)

    def _words(self, turn: Turn) -> Events:
        if not turn.text.strip() or turn.intent in ("vent", "thanks", "greeting"):
            return []
        lines = billing.open_charges(turn.care, turn.conversation_id)
        return self._heard(lines, billing.guess_charges(turn.text, lines))

    def _heard(self, lines: Sequence[ChargeLine], guess: billing.Guess) -> Events:
        if not lines:
            return set_slots(dispute_words="given", dispute_charges=NO_CHARGES, dispute_call=NO_CHARGES)
        candidates = [line.charge_id for line in guess.charges] if guess.charges else []
        return set_slots(dispute_words="given", dispute_candidates=candidates)

    def _charges(self, turn: Turn) -> Events:
        lines = billing.open_charges(turn.care, turn.conversation_id)
        offered = _shown(turn, lines)
        confirming = bool(turn.slot("dispute_candidates"))
        answer = read_yes_no(turn.text)
        if answer is None and turn.intent in ("affirm", "deny") and len(turn.text.split()) <= 6:
            answer = turn.intent == "affirm"
        guess = billing.guess_charges(turn.text, lines)
        if confirming and answer is True:
            return self._open(turn, [line.charge_id for line in offered])
        picked = read_choice(turn.text, [_spoken(line) for line in offered])
        if picked:
            return self._open(turn, [offered[i].charge_id for i in picked])
        said_which = guess.sure and guess.charges and (len(lines) > 1 or bool(read_amounts(turn.text)))
        if said_which and answer is not False:
            return self._open(turn, [line.charge_id for line in guess.charges])
        if confirming and answer is False:
            return set_slots(dispute_candidates=[], dispute_charges=None)
        return []

    def _open(self, turn: Turn, charge_ids: Sequence[int]) -> Events:
        words = turn.just_said("dispute_words", "dispute_charges")
        made = billing.open_dispute(turn.care, turn.conversation_id, words, charge_ids, turn.mood, turn.language)
        turn.record("billing_dispute")
        turn.say(
            "utter_dispute_joined" if made.joined else "utter_dispute_opened",
            case_number=made.case_number,
            amount=dollars(made.amount_cents),
            specialist_due=turn.due(made.specialist_due),
            follow_up_due=turn.due(made.follow_up_due),
        )
        return set_slots(dispute_charges=list(charge_ids), dispute_case=made.case_number)

    def _call(self, turn: Turn) -> Events:
        answer = read_yes_no(turn.text)
        reach = read_reach(turn.text)
        if answer is None and _DECLINES.match(turn.text):
            answer = False
        if answer is None and not (reach.time_words or reach.number):
            if turn.intent in INTERRUPTIONS or turn.intent not in ("affirm", "deny", "inform"):
                return []
            answer = turn.intent != "deny"
        elif answer is None and turn.intent == "ask_collections":
            return []
        case_number = str(turn.slot("dispute_case"))
        facts = {
            "case_number": case_number,
            "billing_phone": display_phone(turn.care.organization.queue("billing").phone),
        }
        due_at = billing.prefer_call(turn.care, case_number, turn.conversation_id, turn.text)
        if answer is False and not reach.number:
            turn.say(
                "utter_dispute_no_call", follow_up_due=turn.due(billing.follow_up_due(turn.care, case_number)), **facts
            )
        else:
            turn.say("utter_dispute_call_noted", specialist_due=turn.due(due_at), **facts)
        return set_slots(dispute_call="given")


def _shown(turn: Turn, lines: Sequence[ChargeLine]) -> list[ChargeLine]:
    """The charges that the last question listed."""
    candidates = set(turn.slot("dispute_candidates") or [])
    return [line for line in lines if not candidates or line.charge_id in candidates]


def _spoken(line: ChargeLine) -> str:
    return f"{line.description} {speaking.full_day(line.service_date)} {dollars(line.owed_cents)}"


class AskDisputeCharges(ProvedAction):
    """Show the charges that are meant, or all that are open, and ask."""

    action_name = "action_ask_dispute_charges"

    def work(self, turn: Turn) -> Events:
        """List and ask one question."""
        lines = billing.open_charges(turn.care, turn.conversation_id)
        shown = _shown(turn, lines)
        words = speaking.sentences(turn.care)
        listed = "\n".join(
            words.say(
                "utter_dispute_charge_line",
                {"language": turn.language},
                number=number,
                description=line.description,
                date=speaking.full_day(line.service_date, turn.language),
                amount=dollars(line.owed_cents),
            )
            for number, line in enumerate(shown, 1)
        )
        total = dollars(sum(line.owed_cents for line in shown))
        if not turn.slot("dispute_candidates"):
            turn.say("utter_dispute_choose", lines=listed)
        elif len(shown) == 1:
            turn.say("utter_dispute_confirm_one", lines=listed)
        elif billing.are_twins(shown):
            turn.say("utter_dispute_confirm_twins", lines=listed, count=len(shown), total=total)
        else:
            turn.say("utter_dispute_confirm_several", lines=listed, total=total)
        return []


class AskDisputeCall(BedsideAction):
    """When and where should the specialist call?"""

    action_name = "action_ask_dispute_call"

    def perform(self, turn: Turn) -> Events:
        """Ask; the number on file is offered without being said."""
        with turn.care.store.work() as session:
            try:
                known = identity.chart(turn.care, session, turn.conversation_id, "call back").has_phone()
            except ChartClosed:
                known = False
        turn.say("utter_dispute_ask_call_on_file" if known else "utter_dispute_ask_call")
        return []


class AnswerCollections(BedsideAction):
    """Will it go to collections? Answered from the hold, when there is one."""

    action_name = "action_answer_collections"

    def perform(self, turn: Turn) -> Events:
        """Say what holds."""
        case_number = turn.slot("dispute_case")
        held = billing.held_cents(turn.care, str(case_number), turn.conversation_id) if case_number else 0
        if held:
            turn.say("utter_collections_held", amount=dollars(held), case_number=case_number)
        else:
            turn.record("billing_explain", acknowledged=True)
            turn.say("utter_collections_general")
        return []


class Correct(BedsideAction):
    """Something said earlier is to be changed."""

    action_name = "action_correct"

    def perform(self, turn: Turn) -> Events:
        """A dispute that is written is corrected by adding to the case; everything else is asked again."""
        case_number = turn.slot("dispute_case")
        if case_number:
            with turn.care.store.work() as session:
                ticket = billing.ticket_of(session, str(case_number), turn.conversation_id)
                if ticket is not None:
                    desk.note(turn.care, session, ticket, "correction", turn.text)
            turn.say("utter_correct_after_dispute", case_number=case_number)
            return []
        if turn.slot("dispute_candidates"):
            return set_slots(dispute_candidates=[])
        if not turn.tracker.active_loop.get("name"):
            turn.say("utter_correct_which")
        return []
