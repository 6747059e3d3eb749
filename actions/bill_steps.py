"""The steps of a talk about a bill besides the bill itself, by stage and by topic."""

from __future__ import annotations

from typing import Any

from actions import bill_help, bill_paying, bill_staff
from actions.base import Events, Turn
from actions.bill_facts import Answer, Opener
from actions.bill_state import Stage
from bedside.care import assistance
from bedside.care.bill_lines import BillWords

ANSWERS: dict[str, Answer] = {**bill_paying.ANSWERS, **bill_help.ANSWERS, **bill_staff.ANSWERS}
OPENERS: dict[str, Opener] = {**bill_paying.OPENERS, **bill_help.OPENERS, **bill_staff.OPENERS}
_PLAIN_QUESTIONS = {
    Stage.PAY: "utter_bill_ask_pay",
    Stage.OTHER_TERMS: "utter_bill_ask_other_terms",
    Stage.INSURED: "utter_bill_ask_insured",
    Stage.COUNTY: "utter_bill_ask_county",
    Stage.COUNSELOR: "utter_bill_ask_counselor",
    Stage.FEE: "utter_bill_ask_fee",
    Stage.REFUND: "utter_bill_ask_refund",
    Stage.ESTIMATE: "utter_bill_ask_estimate",
}


def ask(turn: Turn, here: dict[str, Any], words: BillWords) -> Events:
    """The question of a stage."""
    stage = here["stage"]
    if stage in _PLAIN_QUESTIONS:
        turn.say(_PLAIN_QUESTIONS[stage])
    elif stage in (Stage.ITEMIZED, Stage.SURPRISE):
        name = "utter_bill_ask_itemized" if stage == Stage.ITEMIZED else "utter_bill_ask_surprise"
        turn.say(name, number=here["number"])
    elif stage == Stage.PEOPLE:
        turn.say("utter_bill_ask_people_again" if here.get("misses") else "utter_bill_ask_people")
    elif stage == Stage.RANGE:
        ranges = assistance.income_ranges(turn.care, here["answers"]["household"])
        turn.say("utter_bill_ask_range", lines="\n".join(words.ranges(ranges)))
    elif stage == Stage.APPLY:
        bill_help.ask_apply(turn, here, words)
    else:
        return bill_paying.ask_terms(turn, here, words)
    return []
