"""What somebody means in a talk about a bill, and what comes next in it (BRIEF 3.4). Pure rules; nothing is written.

Where a talk stands travels with it as plain data. It grants nothing: every figure is read, and every request checked,
anew by the modules that do the work.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from bedside.care import agenda
from bedside.care.assistance import COUNTY, HOUSEHOLD, INCOME, INSURANCE, Fit, IncomeRange
from bedside.care.plans import Offer, Terms
from bedside.care.statements import AdjustmentPart, Balance, ChargePart, LeftPart, OptionsPart, Part, PayerPart
from bedside.language.amounts import read_amounts
from bedside.language.answers import read_choice, read_yes_no
from bedside.language.numerals import numerals
from bedside.language.wordlists import fold, load, tidy

# What a talk about a bill can turn to.
BALANCE, WALK, PAY, PLAN, AID = "balance", "walk", "pay", "plan", "aid"
ITEMIZED, FEE, REFUND, SURPRISE, ESTIMATE = "itemized", "fee", "refund", "surprise", "estimate"
COLLECTIONS, SPECIALIST, DISPUTE, COUNSELOR = "collections", "specialist", "dispute", "counselor"
INQUIRY_OF = {
    BALANCE: "billing_balance",
    WALK: "billing_explain",
    PAY: "make_payment",
    PLAN: "payment_plan",
    AID: "financial_assistance",
    ITEMIZED: "billing_explain",
    FEE: "billing_explain",
    REFUND: "make_payment",
    SURPRISE: "billing_explain",
    ESTIMATE: "billing_explain",
    COLLECTIONS: "financial_assistance",
    COUNSELOR: "financial_assistance",
}
TOPIC_OF = {
    "billing_balance": BALANCE,
    "billing_explain": WALK,
    "make_payment": PAY,
    "payment_plan": PLAN,
    "financial_assistance": AID,
    "billing_dispute": DISPUTE,
    "ask_collections": COLLECTIONS,
}
_PARTICULAR = (ITEMIZED, FEE, REFUND, SURPRISE, ESTIMATE, COLLECTIONS)
_GENERAL = (PLAN, AID, PAY, WALK, BALANCE, SPECIALIST)
_SLOW_MOODS = ("anxious", "distressed", "grieving")
_MOST_PEOPLE = 30
_LEAST_INCOME_CENTS = 10_000  # a smaller number is not an income


# Reading ---------------------------------------------------------------------------------------------------------


def term_in(text: str) -> str | None:
    """The word of the trade that is asked about, as statements.TERMS names it."""
    plain = _plain(text)
    return next((term for term, pattern in load("billing")["terms"].items() if re.search(pattern, plain)), None)


def says(text: str, what: str) -> bool:
    """Whether the text has one of the phrases of a list in words/billing.yml."""
    return _pattern(what).search(_plain(text)) is not None


def topic_in(text: str, *, general: bool = True) -> str | None:
    """What the words ask for; the more particular wish first. `general`: also the wishes that short words tell."""
    plain = _plain(text)
    for topic in (*_PARTICULAR, *(_GENERAL if general else ())):
        if _topic(topic).search(plain):
            return topic
    return None


def first_topic(task: str, words: str) -> str:
    """Where to begin with an inquiry: a particular wish in its words, or what the inquiry itself is about."""
    usual = TOPIC_OF.get(task, BALANCE)
    if usual in (PLAN, AID):
        return COLLECTIONS if topic_in(words, general=False) == COLLECTIONS else usual
    particular = topic_in(words, general=False)
    if particular is None and usual in (BALANCE, WALK) and says(words, "ashamed") and _topic(AID).search(_plain(words)):
        return AID
    return particular or usual


def meant(inquiries: Sequence[str], text: str) -> list[str]:
    """The inquiries of a message, as its words about a bill mean them.

    Who asks for a fee to be looked at or for money back disputes nothing yet; a surprise bill is no question to an
    insurer; somebody else's bill is for the staff (R3); who goes without a medicine to pay also needs a nurse (R1).
    """
    wish = topic_in(text, general=False)
    found = [_as_billing(name, wish, text) for name in inquiries]
    if of_another(text):
        found = ["third_party" if name in agenda.BILLS else name for name in found]
    if unmedicated(text) and not set(found).isdisjoint(agenda.BILLS):
        found = [name for name in found if name != "medication_refill"]
        if not any(agenda.is_for_nurse(name) for name in found):
            found.append("medication_question")
    return list(dict.fromkeys(found))


def _as_billing(inquiry: str, wish: str | None, text: str) -> str:
    if inquiry == "billing_dispute" and (
        wish == REFUND or (wish in (FEE, ITEMIZED, SURPRISE) and not looks_wrong(text))
    ):
        return inquiry if says(text, "charged") else INQUIRY_OF[wish]
    if inquiry == "insurance_coverage" and wish == SURPRISE and says(text, "a_bill"):
        return INQUIRY_OF[SURPRISE]
    return inquiry


def hungry(text: str) -> bool:
    """Whether somebody hints that they go without food to pay."""
    return says(text, "hungry")


def unmedicated(text: str) -> bool:
    """Whether somebody hints that they go without a medicine, or make it last: a nurse hears of it (R1)."""
    return says(text, "unmedicated")


def ashamed(text: str) -> bool:
    """Whether it is hard for them to ask, or to owe."""
    return says(text, "ashamed")


def about_care(text: str) -> bool:
    """Whether a question about a bill is also a complaint about how they were treated."""
    return says(text, "about_care")


def of_another(text: str) -> bool:
    """Whether somebody else's bill is meant (R3)."""
    return says(text, "of_another")


def looks_wrong(text: str) -> bool:
    """Whether a charge is said to be wrong."""
    return says(text, "wrong") and not says(text, "not_wrong")


def way_to_send(text: str) -> str | None:
    """How they would like something sent: one of bill_requests.WAYS."""
    for way, key in (("email", "by_email"), ("text_message", "by_text"), ("portal", "by_portal"), ("mail", "by_mail")):
        if says(text, key):
            return way
    return None


def read_people(text: str) -> int | None:
    """How many people live in the household, counting the one who speaks; None when it isn't said."""
    found = [int(one.digits) for one in numerals(tidy(text)) if one.digits.isdecimal()]
    if len(found) == 1 and says(text, "with_others"):  # "me and my two boys"
        found = [found[0] + 1 + says(text, "spouse")]
    elif says(text, "two"):
        return 2
    elif not found and says(text, "alone"):
        return 1
    return found[0] if len(found) == 1 and 1 <= found[0] <= _MOST_PEOPLE else None


def read_range(text: str, ranges: Sequence[IncomeRange], spoken: Sequence[str]) -> int | None:
    """The number of the range that is meant: by its place in the list, or by a sum of money that falls into it."""
    sums = [cents for cents in read_amounts(text, asked=True) if cents >= _LEAST_INCOME_CENTS]
    if len(sums) == 1:
        yearly = sums[0] * _times_a_year(text)
        return next((one.number for one in ranges if one.most_cents is None or yearly <= one.most_cents), None)
    picked = read_choice(text, spoken) if not sums else None
    return ranges[picked[0]].number if picked and len(picked) == 1 else None


def _times_a_year(text: str) -> int:
    plain, words = _plain(text), load("billing")["yearly"]
    for unit, times in (("fortnight", 26), ("month", 12), ("week", 52)):
        if re.search(words[unit], plain):
            return times
    return 1


def read_insured(text: str) -> bool | None:
    """Whether they have insurance; None when it isn't said."""
    if says(text, "not_insured"):
        return False
    answer = read_yes_no(text)
    return True if answer is None and says(text, "insured") else answer


# A plan ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """What was said about a plan: terms that are offered, or a wish that none of them is (`other`)."""

    terms: Terms | None = None
    other: bool = False


def read_terms(text: str, offer: Offer) -> Wanted:
    """Which of the offered terms is meant: by months, by what they can pay a month, or by place in the list.

    A sum that is at least the monthly payment of some terms means the shortest of those; a smaller one is another wish.
    """
    offered = offer.terms
    plain = _plain(text)
    by_months = {one.months: one for one in offered}
    sums = [cents for cents in read_amounts(text) if cents != offer.amount_cents]
    if sums:
        wish = max(sums)
        possible = [one for one in offered if one.instalments[0].amount_cents <= wish]
        same = [one for one in possible if one.instalments[-1].amount_cents <= wish <= one.instalments[0].amount_cents]
        chosen = same or sorted(possible, key=lambda one: one.months)
        return Wanted(chosen[0]) if chosen else Wanted(other=True)
    said = [int(one.digits) for one in numerals(tidy(text)) if one.digits.isdecimal() and len(one.digits) <= 3]
    said = [number for number in said if number > 1]  # "the last one"
    if re.search(r"\b(?:a|one|un|1) (?:full |whole )?(?:year|ano)\b", plain):
        said = [12]
    elif re.search(r"\b(?:two|dos|2) (?:years|anos)\b", plain):
        said = [24]
    if len(said) == 1:
        if said[0] in by_months:
            return Wanted(by_months[said[0]])
        return Wanted(other=says(text, "months") or len(plain.split()) <= 4)
    if says(text, "longest"):
        return Wanted(max(offered, key=lambda one: one.months))
    if says(text, "shortest"):
        return Wanted(min(offered, key=lambda one: one.months))
    if not said and len(plain.split()) <= 6:
        picked = read_choice(text, [""] * len(offered))
        if picked and len(picked) == 1:
            return Wanted(offered[picked[0]])
    return Wanted()


# Help with paying ------------------------------------------------------------------------------------------------

PEOPLE, RANGE, INSURED, LIVES = "people", "range", "insured", "county"


def questions(fits: Sequence[Fit]) -> list[str]:
    """What to ask for the programs of today, in order: only what one of them looks at."""
    wanted = {name for fit in fits for name in fit.open}
    asked = [PEOPLE, RANGE] if INCOME in wanted else [PEOPLE] if HOUSEHOLD in wanted else []
    if INSURANCE in wanted:
        asked.append(INSURED)
    if COUNTY in wanted:
        asked.append(LIVES)
    return asked


def read_county(text: str) -> str | None:
    """A county as they say it; None for a sentence that is none."""
    filler = r"(?i)\b(?:i|we|live|living|in|the|my|is|it'?s|county|condado|de|vivo|en|el|la|of)\b"
    plain = re.sub(filler, " ", tidy(text))
    name = re.sub(r"[^\w\s'-]", " ", plain).strip()
    name = re.sub(r"\s+", " ", name)
    return name if 0 < len(name.split()) <= 3 and not re.search(r"\d", name) else None


# The walk-through ------------------------------------------------------------------------------------------------


def slowly(mood: str) -> bool:
    """Whether to go in smaller steps (BRIEF 4)."""
    return mood in _SLOW_MOODS


def steps(parts: Sequence[Part], *, slow: bool) -> list[tuple[int, int]]:
    """The walk-through in steps with a pause after each: places of parts, from the first to before the last.

    A charge goes with what was taken off its price, what the payers paid with what is left; `slow`: each part alone.
    The options are no step; they are what is asked at the end.
    """
    found: list[tuple[int, int]] = []
    for place, part in enumerate(parts):
        if isinstance(part, OptionsPart):
            continue
        before = parts[place - 1] if place else None
        joins = (isinstance(part, AdjustmentPart) and isinstance(before, ChargePart)) or (
            isinstance(part, (PayerPart, LeftPart)) and isinstance(before, PayerPart)
        )
        if joins and not slow:
            found[-1] = (found[-1][0], place + 1)
        else:
            found.append((place, place + 1))
    return found


def step_at(parts: Sequence[Part], place: int, *, slow: bool) -> tuple[int, int] | None:
    """The step to say when all before `place` has been said; None when nothing is left."""
    for first, last in steps(parts, slow=slow):
        if last > place:
            return max(first, place), last
    return None


def step_before(parts: Sequence[Part], first: int, *, slow: bool) -> tuple[int, int]:
    """The step before the one that begins at `first`; the first one when there is none."""
    earlier = [step for step in steps(parts, slow=slow) if step[0] < first]
    return (earlier[-1][0], min(earlier[-1][1], first)) if earlier else steps(parts, slow=slow)[0]


def charge_at(parts: Sequence[Part], place: int) -> int | None:
    """The charge that the part at `place` is about; None for the statement as a whole."""
    return getattr(parts[place], "charge_id", None) if 0 <= place < len(parts) else None


def open_fees(parts: Sequence[Part]) -> list[ChargePart]:
    """The clinic's own fees of a statement that are still owed and not disputed."""
    left = {part.charge_id: part for part in parts if isinstance(part, LeftPart)}
    fees = [part for part in parts if isinstance(part, ChargePart) and part.fee]
    return [fee for fee in fees if left[fee.charge_id].owed_cents and not left[fee.charge_id].on_hold]


def statement_meant(text: str, numbers: Sequence[tuple[str, int]]) -> str | None:
    """The statement that is named by its number, or by the sum that is open on it (cents)."""
    plain = _plain(text)
    named = [number for number, _ in numbers if number.lower() in plain]
    sums = set(read_amounts(text))
    named += [number for number, owed in numbers if owed in sums and number not in named]
    return named[0] if len(named) == 1 else None


def menu(total: Balance, *, walked: Sequence[str] = (), fees: bool = False) -> tuple[str, ...]:
    """What fits next for this balance, in the order to offer it; a specialist always is among it (R9)."""
    left = [one for one in total.statements if one.number not in walked]
    offered = {
        COUNSELOR: any(one.collection is not None for one in total.statements),
        FEE: fees,
        WALK: bool(left),
        PAY: total.payable_cents > 0,
        PLAN: total.plan_offered,
        AID: total.owed_cents > 0 and total.payable_cents > 0,
        REFUND: total.overpaid_cents > 0,
        SPECIALIST: True,
    }
    return tuple(name for name, holds in offered.items() if holds)


# Patterns --------------------------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    return fold(tidy(text)).strip()


@cache
def _pattern(what: str) -> re.Pattern[str]:
    return re.compile(load("billing")[what])


@cache
def _topic(topic: str) -> re.Pattern[str]:
    return re.compile(load("billing")["topics"][topic])
