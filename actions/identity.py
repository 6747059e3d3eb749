"""Who is speaking: the name for the talk, and the proof before anything about an account (R3)."""

from __future__ import annotations

from actions.base import BedsideAction, Events, Turn, set_slots
from actions.conversation import leave_form, speaks_for_another
from bedside.care import agenda, identity, interactions, wishes
from bedside.language.identifiers import first_name, read_identity
from bedside.organization import display_phone

SLOT_OF = {
    identity.NAME: "identity_name",
    identity.BIRTH_DATE: "identity_birth_date",
    identity.THIRD: "identity_third",
}


class ValidateName(BedsideAction):
    """Read the answer to "who am I speaking with?"."""

    action_name = "validate_name_form"

    def perform(self, turn: Turn) -> Events:
        """A name, a refusal, or no answer: then the form steps back and the rules decide."""
        if turn.requested != "name_answer":
            return []
        given = read_identity(turn.text, turn.care.today(), {"name"})
        if given.name:
            if not identity.is_verified(turn.care, turn.conversation_id) and not speaks_for_another(turn):
                identity.give(turn.care, turn.conversation_id, given)
            interactions.record(turn.care, turn.conversation_id, turn.channel, name=given.name, language=turn.language)
            turn.say("utter_thanks_for_name", name=first_name(given.name))
            return set_slots(
                caller_name=given.name, name_answer="given", agenda=agenda.add(turn.tasks, []) + _new(turn)
            )
        if turn.intent in ("refuse", "deny", "stop"):
            turn.say("utter_name_refused")
            return set_slots(name_answer="refused")
        return []


def _new(turn: Turn) -> list[str]:
    """What was asked for in the same breath as the name."""
    return [inquiry for inquiry in turn.requests if inquiry not in turn.tasks]


class ValidateIdentity(BedsideAction):
    """Collect the parts of the proof, one at a time or all at once, and compare when they are complete.

    Slots hold only that a part was given; the parts themselves are sealed in the records.
    """

    action_name = "validate_identity_form"

    def perform(self, turn: Turn) -> Events:
        """Take what was given; say nothing of what was wrong."""
        care, talk = turn.care, turn.conversation_id
        asked = turn.requested
        if asked is None:
            return self._begin(turn)
        if turn.slot("visit_whose") and wishes.is_no_patient(turn.text):
            turn.say("utter_visit_child_by_person")
            step_out = set_slots(visit_by_person=True, handover_consent=None, handover_reach=None)
            return [*leave_form(), *step_out]
        wants = {"identity_name": "name", "identity_birth_date": "birth_date", "identity_third": "third"}
        expected = {wants[asked]} if asked in wants else set(wants.values())
        if asked in ("identity_name", "identity_birth_date") and _answers_early(turn):
            expected = {"third"}
        given = read_identity(turn.text, care.today(), expected)
        if not (given.name or given.birth_dates or given.last4 or given.account):
            return []
        return self._after(turn, identity.give(care, talk, given, retry=asked == "identity_match"))

    def _begin(self, turn: Turn) -> Events:
        """What is known already is not asked again."""
        if identity.is_verified(turn.care, turn.conversation_id):
            return _all("verified")
        missing = identity.missing_parts(turn.care, turn.conversation_id)
        if not missing:
            standing = identity.give(
                turn.care, turn.conversation_id, read_identity("", turn.care.today(), set()), retry=True
            )
            return self._after(turn, standing)
        return _markers(missing)

    def _after(self, turn: Turn, standing: identity.Standing) -> Events:
        if standing.outcome == identity.INCOMPLETE:
            return _markers(standing.missing)
        if standing.outcome == identity.MATCHED:
            turn.say("utter_identity_confirmed")
            return _all("verified")
        if standing.outcome == identity.LOCKED:
            if standing.case_number:
                turn.say(
                    "utter_identity_locked",
                    case_number=standing.case_number,
                    phone=display_phone(turn.care.organization.phones.main),
                )
            else:
                turn.say("utter_identity_still_locked")
            return [*_all("locked"), *set_slots(agenda=turn.tasks[1:])]
        # The form asks for identity_match next, whatever was wrong.
        return [*_markers(()), *set_slots(identity_match=None)]


def _answers_early(turn: Turn) -> bool:
    """Whether four bare digits are no name and no year of birth: then they answer the question that comes later."""
    digits = turn.text.strip(" .#")
    return len(digits) == 4 and digits.isdecimal() and not 1900 <= int(digits) <= turn.care.today().year


def _markers(missing: tuple[str, ...]) -> Events:
    return set_slots(**{slot: None if part in missing else "given" for part, slot in SLOT_OF.items()})


def _all(value: str) -> Events:
    return set_slots(**dict.fromkeys([*SLOT_OF.values(), "identity_match"], value))


class ExplainIdentity(BedsideAction):
    """Why identity is asked, and why nothing is said of what did not fit."""

    action_name = "action_explain_identity"

    def perform(self, turn: Turn) -> Events:
        """Explain; a locked chat hears again how a person can help."""
        locked = identity.is_locked(turn.care, turn.conversation_id)
        turn.say("utter_identity_still_locked" if locked else "utter_identity_reason")
        return []
