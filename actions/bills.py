"""Bills: what is owed, part by part, how to pay, a plan, help with paying (BRIEF 3.4).

What is said lives in domain/billing.yml, what is so in bedside/care; here is only what comes when. Where the talk
stands is one slot of plain data (`bill_at`), whose `stage` says what the last question was about.
"""

from __future__ import annotations

from typing import Any

from actions import bill_facts as facts
from actions import bill_staff
from actions import bill_steps as steps
from actions.base import Events, Turn, set_slots
from actions.bill_state import Stage, at, done, stay, to, words_of
from actions.clinical import add_to_clinical, clinical_in
from actions.conversation import ProvedAction, last_said, leave_form, need_proof
from bedside.care import agenda, bill_requests, bill_talk, billing, statements
from bedside.care.ledger import NoSuchStatement
from bedside.language.amounts import dollars
from bedside.language.answers import read_choice

INTERRUPTIONS = ("repeat", "help", "bot_challenge", "ask_why", "hold_on", "vent", "thanks", "goodbye")
TRIES = 2  # questions that may go unanswered before a person is offered (R6)
LONGEST_ANSWER_WORDS = 8


class ValidateBill(ProvedAction):
    """Read what is wanted of a bill, and do the next piece of it; write only what was agreed to."""

    action_name = "validate_bill_form"

    def work(self, turn: Turn) -> Events:
        """Read the answer, and what else was asked for with it."""
        need_proof(turn)
        if turn.requested is None:
            return begin(turn)
        if bill_talk.unmedicated(turn.text):
            return nurse_first(turn)
        if clinical_in(turn) and not _names_care(turn):
            return []  # a nurse hears of it first; the open question comes again afterwards
        if bill_talk.of_another(turn.text):
            return of_another(turn)
        return _answer(turn, comforted=comfort(turn, turn.text))


def _names_care(turn: Turn) -> bool:
    """Whether it only names the care that an estimate is asked for: "an MRI of my knee"."""
    short = len(turn.text.split()) <= LONGEST_ANSWER_WORDS and "?" not in turn.text
    return at(turn)["stage"] == Stage.ESTIMATE and clinical_in(turn) == ["test_results"] and short


def _answer(turn: Turn, *, comforted: str | None) -> Events:
    """What this message leads to: an answer to the question, another wish about the bill, or nothing."""
    stage = at(turn)["stage"]
    if stage in (Stage.WALK, Stage.MENU) and bill_talk.looks_wrong(turn.text) and not _other_requests(turn):
        return to_dispute(turn)
    if turn.intent == "stop" and stage == Stage.WALK and not bill_talk.says(turn.text, "total"):
        return _stop_walking(turn)
    if (turn.intent == "stop" or turn.intent in INTERRUPTIONS) and not _is_short_answer(turn, stage):
        return []
    if turn.intent == "human_request":
        turn.say(agenda.TASKS["human_request"].acknowledgement)
        turn.record("human_request", acknowledged=True)
        return by_person(turn)
    if comforted == "utter_bill_food_first" and _TOPIC_AT.get(stage) != bill_talk.AID and not _other_requests(turn):
        return go_to(turn, bill_talk.AID)
    answered = _ANSWERS[stage](turn)
    if answered is not None:
        return [*answered, *_also_asked(turn, answered)]
    topic = _other_wish(turn)
    if topic is not None:
        return go_to(turn, topic)
    return stay(turn) if comforted and not _other_requests(turn) else missed(turn)


def _other_requests(turn: Turn) -> list[str]:
    """What the message asks for that is not about bills."""
    return [name for name in turn.requests if name not in (*agenda.BILLS, "billing_dispute")]


def _is_short_answer(turn: Turn, stage: str) -> bool:
    """Whether short words that mean something else elsewhere answer this question: "next", "skip", "huh?"."""
    if _other_requests(turn) or len(turn.text.split()) > LONGEST_ANSWER_WORDS:
        return False
    counted = stage == Stage.PEOPLE and bill_talk.read_people(turn.text) is not None
    return counted or any(bill_talk.says(turn.text, what) for what in _SHORT_ANSWERS.get(stage, ()))


def _also_asked(turn: Turn, answered: Events) -> Events:
    """Something else that was asked for in the same breath is kept for afterwards."""
    tasks = next((event["value"] for event in reversed(answered) if event.get("name") == "agenda"), turn.tasks)
    known = (*tasks, *agenda.BILLS, "billing_dispute", "human_request", "distress")
    others = [name for name in turn.requests if name not in known]
    if not others or len(turn.text.split()) <= LONGEST_ANSWER_WORDS:
        return []
    for inquiry in others:
        turn.record(inquiry)
    return set_slots(agenda=[*tasks, *others])


def _other_wish(turn: Turn) -> str | None:
    """Another thing about the bill than the one that was asked about."""
    asked = turn.requests
    if "billing_dispute" in asked:
        return bill_talk.DISPUTE
    others = [name for name in asked if name not in agenda.BILLS]
    if others:
        return None  # the rules take it up, and this waits
    topic = bill_talk.topic_in(turn.text)
    about_bill = turn.intent in bill_talk.TOPIC_OF
    if topic is None and about_bill:
        topic = bill_talk.TOPIC_OF.get(asked[0] if asked else turn.intent)
    if topic is not None and topic == _TOPIC_AT.get(at(turn)["stage"]):
        return None
    short = len(turn.text.split()) <= 2 * LONGEST_ANSWER_WORDS
    return topic if about_bill or short else None


# Where it begins ------------------------------------------------------------------------------------------------------


def begin(turn: Turn) -> Events:
    """What was interrupted goes on where it was; else what the words asked for comes first."""
    task = next((one for one in turn.tasks if one in agenda.BILLS), "billing_balance")
    here = turn.slot("bill_at")
    if isinstance(here, dict) and here.get("task") == task:
        if here["stage"] == Stage.WALK:
            turn.say("utter_bill_back_at", number=here["number"])
        return stay(turn)
    words = turn.just_said(about=agenda.BILLS)
    if bill_talk.of_another(words):
        return of_another(turn)
    comfort(turn, words)
    start = {"task": task, "words": words}
    if bill_talk.about_care(words) and not any(task.startswith("complaint") for task in turn.tasks):
        return to(turn, Stage.BOTH, anew=True, **start)
    return open_topic(turn, bill_talk.first_topic(task, words), anew=True, **start)


def comfort(turn: Turn, words: str) -> str | None:
    """Say once a talk that food comes first, or that there is nothing to be ashamed of; what was said, if anything."""
    if bill_talk.hungry(words):
        said = "utter_bill_food_first"
    elif bill_talk.ashamed(words):
        said = "utter_bill_no_shame"
    else:
        return None
    if turn.has_said(said):
        return None
    turn.say(said)
    return said


def nurse_first(turn: Turn) -> Events:
    """Somebody goes without a medicine to pay: a nurse hears of it before any bill goes on (R1)."""
    if add_to_clinical(turn, ["medication_question"]):
        return stay(turn)
    turn.say("utter_bill_medicine_first")
    turn.record("medication_question", acknowledged=True)
    tasks = agenda.add(turn.tasks, ["medication_question"])
    return [*leave_form(), *set_slots(agenda=tasks, handover_consent=None, handover_reach=None)]


def of_another(turn: Turn) -> Events:
    """Somebody else's bill: nothing is said of it, and the staff can explain how leave is given (R3)."""
    turn.say("utter_bill_not_anothers")
    turn.record("third_party", acknowledged=True)
    tasks = ["third_party", *(one for one in turn.tasks if one not in (*agenda.BILLS, "third_party"))]
    cleared = set_slots(bill_at=None, bill_done=None, handover_consent=None, handover_reach=None)
    return [*leave_form(), *cleared, *set_slots(agenda=tasks)]


def by_person(turn: Turn) -> Events:
    """Step out of the form; the agenda hands this matter to the billing staff, asked first."""
    return facts.by_person(turn)


def missed(turn: Turn) -> Events:
    """Not an answer: another request is taken up; else it is asked again once, then a person is offered (R6)."""
    if any(name not in agenda.BILLS for name in turn.requests) or turn.intent in ("out_of_scope", "distress"):
        return []
    times = int(at(turn).get("misses") or 0) + 1
    if times >= TRIES or last_said(turn) == "utter_not_understood":
        turn.say("utter_bill_by_person")
        return by_person(turn)
    turn.say("utter_bill_say_again")
    return stay(turn, misses=times)


# Topics ---------------------------------------------------------------------------------------------------------------


def go_to(turn: Turn, topic: str) -> Events:
    """Turn to another thing about the bill, at the person's wish."""
    if topic == bill_talk.DISPUTE:
        return to_dispute(turn)
    if topic == bill_talk.SPECIALIST:
        return by_person(turn)
    inquiry = bill_talk.INQUIRY_OF[topic]
    if topic == bill_talk.AID and not turn.has_said("utter_acknowledge_bill_help"):
        turn.say("utter_acknowledge_bill_help")
    elif topic != bill_talk.BALANCE and inquiry not in turn.tasks:
        turn.say("utter_bill_of_course")
    turn.record(inquiry, acknowledged=True)
    events = open_topic(turn, topic)
    first, *rest = turn.tasks or [inquiry]
    return [*events, *set_slots(agenda=[first, *(one for one in rest if one != inquiry)])]


def open_topic(turn: Turn, topic: str, *, anew: bool = False, **kept: Any) -> Events:
    """Say what there is to say first about a topic, and set what is asked next."""
    return _OPENERS[topic](turn, anew, kept)


def _balance(turn: Turn, anew: bool, kept: dict[str, Any]) -> Events:
    total = statements.balance(turn.care, turn.conversation_id)
    words = words_of(turn)
    if not total.owed_cents:
        turn.say("utter_bill_nothing_owed")
        if total.overpaid_cents:
            turn.say("utter_bill_overpaid", amount=dollars(total.overpaid_cents))
            return to(turn, Stage.REFUND, anew=anew, **kept)
        return done()
    if len(total.statements) == 1:
        only = total.statements[0]
        turn.say("utter_bill_balance_one", owed=dollars(total.owed_cents), date=words.day(only.issued_on))
    else:
        turn.say("utter_bill_balance", owed=dollars(total.owed_cents), lines=words.statements(total.statements))
    if total.held_cents:
        turn.say("utter_bill_balance_held", held=dollars(total.held_cents), left=dollars(total.payable_cents))
    if total.planned_cents:
        turn.say("utter_bill_balance_planned", amount=dollars(total.planned_cents))
    facts.say_collections(turn, total)
    if anew and any(task in agenda.BILLS for task in turn.tasks[1:]):
        return done()  # the other wish about the bill comes next
    return to(turn, Stage.MENU, anew=anew, **kept)


def _walk(turn: Turn, anew: bool, kept: dict[str, Any]) -> Events:
    total = statements.balance(turn.care, turn.conversation_id)
    walked = [] if anew else list(at(turn).get("walked") or [])
    left = [row for row in total.statements if row.number not in walked] or list(total.statements)
    numbers = [(row.number, row.owed_cents) for row in left]
    meant = bill_talk.statement_meant(kept.get("words") or turn.text, numbers) or _by_charge(turn, kept, numbers)
    if meant is None and len(left) > 1:
        return to(turn, Stage.WHICH, anew=anew, numbers=[row.number for row in left], **kept)
    return walk(turn, meant or (left[0].number if left else None), anew=anew, **kept)


def _by_charge(turn: Turn, kept: dict[str, Any], numbers: list[tuple[str, int]]) -> str | None:
    """The statement with the charge that the words are about."""
    lines = billing.open_charges(turn.care, turn.conversation_id, "statement")
    guess = billing.guess_charges(kept.get("words") or turn.text, lines)
    named = {line.statement_number for line in guess.charges} if guess.sure else set()
    return named.pop() if len(named) == 1 and named <= {number for number, _ in numbers} else None


def walk(turn: Turn, number: str | None, *, anew: bool = False, **kept: Any) -> Events:
    """Begin to go through one statement."""
    made = _parts(turn, number)
    if isinstance(made, list):
        return made
    turn.say("utter_bill_walk_start")
    return _say_step(turn, made, 0, anew=anew, **kept)


def _parts(turn: Turn, number: str | None) -> statements.Walk | Events:
    """The parts of a statement; where its figures don't agree, a specialist looks at it first and nothing is said."""
    try:
        return statements.walk_through(turn.care, turn.conversation_id, number)
    except NoSuchStatement:
        turn.say("utter_bill_no_statement")
        return done()
    except statements.DoesNotAddUp as error:
        asked = bill_requests.report_wrong_figures(turn.care, turn.conversation_id, error.number, facts.voice(turn))
        turn.say("utter_bill_wrong_figures", case_number=asked.case_number, due=turn.due(asked.due_at))
        return done()


def _say_step(turn: Turn, made: statements.Walk, place: int, *, anew: bool = False, **kept: Any) -> Events:
    """Say the step at a place, or go on to what can be done when nothing is left."""
    step = bill_talk.step_at(made.parts, place, slow=bill_talk.slowly(turn.mood))
    if step is None:
        walked = [] if anew else list(at(turn).get("walked") or [])
        return to(turn, Stage.MENU, anew=anew, walked=[*walked, made.number], number=made.number, **kept)
    first, last = step
    turn.say("utter_bill_part", part=words_of(turn).step(made.parts[first:last]))
    if isinstance(made.parts[last - 1], statements.TotalsPart):
        return _say_step(turn, made, last, anew=anew, **kept)
    return to(turn, Stage.WALK, anew=anew, number=made.number, first=first, last=last, **kept)


def _stop_walking(turn: Turn) -> Events:
    turn.say("utter_bill_walk_stopped")
    here = at(turn)
    return to(turn, Stage.MENU, walked=[*(here.get("walked") or []), here["number"]])


def to_dispute(turn: Turn) -> Events:
    """A charge looks wrong: the one that is being explained, or the dispute's own form finds out which."""
    here = at(turn)
    charge = _charge_here(turn) if here["stage"] == Stage.WALK else None
    lines = billing.open_charges(turn.care, turn.conversation_id)
    if charge is not None and any(line.charge_id == charge for line in lines):
        return to(turn, Stage.DISPUTE, charge=charge, dispute_words=turn.text)
    turn.say(agenda.TASKS["billing_dispute"].acknowledgement)
    turn.record("billing_dispute", acknowledged=True)
    others = [one for one in turn.tasks if one not in (*agenda.BILLS, "billing_dispute")]
    cleared = set_slots(bill_at=None, bill_done=None)
    return [*leave_form(), *cleared, *set_slots(agenda=["billing_dispute", *others])]


def _charge_here(turn: Turn) -> int | None:
    """The charge that the last step was about; a charge that is named otherwise is meant instead."""
    here = at(turn)
    made = _parts(turn, here["number"])
    if isinstance(made, list):
        return None
    lines = billing.open_charges(turn.care, turn.conversation_id)
    guess = billing.guess_charges(turn.text, lines)
    if guess.sure and len(guess.charges) == 1 and len(lines) > 1:
        return guess.charges[0].charge_id
    return bill_talk.charge_at(made.parts, here["last"] - 1)


# Answers --------------------------------------------------------------------------------------------------------------


def _both(turn: Turn) -> Events | None:
    answer = facts.yes_no(turn)
    if answer is None and not bill_talk.says(turn.text, "just_the_bill"):
        return None
    here = at(turn)
    topic = bill_talk.first_topic(here["task"], here.get("words") or "")
    if answer:
        turn.say("utter_bill_both_kept")
        turn.record("complaint_service", acknowledged=True)
        kept = set_slots(agenda=[*turn.tasks, "complaint_service"])
        return [*open_topic(turn, topic, task=here["task"], words=here.get("words")), *kept]
    return open_topic(turn, topic, task=here["task"], words=here.get("words"))


def _menu(turn: Turn) -> Events | None:
    if turn.requests and any(name not in agenda.BILLS for name in turn.requests):
        return None
    topic = bill_talk.topic_in(turn.text)
    answer = facts.yes_no(turn)
    offered = facts.menu_of(turn)
    if topic is None and turn.intent in bill_talk.TOPIC_OF and answer is None:
        topic = bill_talk.TOPIC_OF[turn.requests[0] if turn.requests else turn.intent]
    if topic == bill_talk.COLLECTIONS and bill_talk.COUNSELOR in offered:
        topic = bill_talk.COUNSELOR
    if topic is not None and (answer is not False or len(turn.text.split()) > 4):
        return go_to(turn, topic)
    if answer is False or bill_talk.says(turn.text, "nothing"):
        return done()
    return go_to(turn, offered[0]) if answer else None


def _which(turn: Turn) -> Events | None:
    rows = facts.rows_of(turn, at(turn).get("numbers") or [])
    meant = bill_talk.statement_meant(turn.text, [(row.number, row.owed_cents) for row in rows])
    picked = read_choice(turn.text, words_of(turn).statements(rows).split("\n")) if meant is None else None
    if picked:
        meant = rows[picked[0]].number
    return walk(turn, meant) if meant else None


def _walking(turn: Turn) -> Events | None:
    """On, back, to the total, what is that, this is wrong, stop."""
    text, here = turn.text, at(turn)
    if "billing_dispute" in turn.requests:
        return to_dispute(turn)
    made = _parts(turn, here["number"])
    if isinstance(made, list):
        return made
    slow = bill_talk.slowly(turn.mood)
    term = bill_talk.term_in(text)
    if term is not None:
        turn.say("utter_bill_part", part=" ".join(words_of(turn).terms([term])))
        return stay(turn)
    if bill_talk.says(text, "total"):
        place = next(i for i, part in enumerate(made.parts) if isinstance(part, statements.TotalsPart))
        return _say_step(turn, made, place)
    if bill_talk.says(text, "again"):
        return _say_step(turn, made, here["first"])
    if bill_talk.says(text, "back"):
        return _say_step(turn, made, bill_talk.step_before(made.parts, here["first"], slow=slow)[0])
    if bill_talk.says(text, "enough"):
        return _stop_walking(turn)
    if bill_talk.says(text, "what"):
        terms = facts.terms_in(made.parts[here["first"] : here["last"]])
        if terms:
            turn.say("utter_bill_part", part=" ".join(words_of(turn).terms(terms)))
        else:
            turn.say("utter_bill_nothing_to_explain")
        return stay(turn)
    answer = facts.yes_no(turn)
    if answer is False:
        topic = bill_talk.topic_in(text)
        return go_to(turn, topic) if topic else _stop_walking(turn)
    others = [name for name in turn.requests if name not in (here["task"], "billing_explain", "billing_balance")]
    if answer or (bill_talk.says(text, "go_on") and not others):
        return _say_step(turn, made, here["last"])
    return None


def _dispute(turn: Turn) -> Events | None:
    answer, here = facts.yes_no(turn, writes=True), at(turn)
    if answer is None:
        return None
    if not answer:
        turn.say("utter_bill_not_disputed")
        return to(turn, Stage.WALK)
    return bill_staff.open_dispute(turn, here["charge"], f"{here.get('dispute_words')} / {turn.text}")


_ANSWERS: dict[str, facts.Answer] = {
    Stage.BOTH: _both,
    Stage.MENU: _menu,
    Stage.WHICH: _which,
    Stage.WALK: _walking,
    Stage.DISPUTE: _dispute,
    **steps.ANSWERS,
}
_OPENERS: dict[str, facts.Opener] = {
    bill_talk.BALANCE: _balance,
    bill_talk.WALK: _walk,
    **steps.OPENERS,
}
_SHORT_ANSWERS = {
    Stage.MENU: ("nothing",),
    Stage.WALK: ("go_on", "back", "total", "what", "enough"),
    **dict.fromkeys((Stage.PEOPLE, Stage.RANGE, Stage.INSURED, Stage.COUNTY), ("unsaid",)),
}
_TOPIC_AT = {
    Stage.WALK: bill_talk.WALK,
    Stage.PAY: bill_talk.PAY,
    Stage.TERMS: bill_talk.PLAN,
    Stage.AGREE: bill_talk.PLAN,
    Stage.OTHER_TERMS: bill_talk.PLAN,
    Stage.PEOPLE: bill_talk.AID,
    Stage.RANGE: bill_talk.AID,
    Stage.INSURED: bill_talk.AID,
    Stage.COUNTY: bill_talk.AID,
    Stage.APPLY: bill_talk.AID,
    Stage.FEE: bill_talk.FEE,
    Stage.REFUND: bill_talk.REFUND,
    Stage.ITEMIZED: bill_talk.ITEMIZED,
    Stage.SURPRISE: bill_talk.SURPRISE,
    Stage.ESTIMATE: bill_talk.ESTIMATE,
}


# Questions ------------------------------------------------------------------------------------------------------------


class AskBill(ProvedAction):
    """The question that is open, as the stage says."""

    action_name = "action_ask_bill_done"

    def work(self, turn: Turn) -> Events:
        """One question."""
        here, words = at(turn), words_of(turn)
        stage = here["stage"]
        if stage == Stage.BOTH:
            turn.say("utter_bill_ask_both")
        elif stage == Stage.MENU:
            offered = facts.menu_of(turn)
            alone = len(offered) == 1
            turn.say("utter_bill_menu_one" if alone else "utter_bill_menu", options=words.options(offered))
        elif stage == Stage.WHICH:
            turn.say("utter_bill_ask_which", lines=words.statements(facts.rows_of(turn, here.get("numbers") or [])))
        elif stage == Stage.WALK:
            turn.say("utter_bill_ask_go_on")
        elif stage == Stage.DISPUTE:
            turn.say("utter_bill_ask_dispute", lines=facts.charge_line(turn, here["charge"]))
        else:
            return steps.ask(turn, here, words)
        return []
