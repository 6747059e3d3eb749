"""What somebody means in a talk about insurance, read off their words (BRIEF 3.5). Pure rules; nothing is written.

Where a talk stands travels with it as plain data. It grants nothing, and no number of a card is ever part of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from bedside.care import agenda, wishes
from bedside.care.context import Care
from bedside.language.answers import read_yes_no
from bedside.language.clinic_words import IN_PERSON, TELEHEALTH, Kind
from bedside.language.names import is_full_name, read_name
from bedside.language.when import read_when
from bedside.language.wordlists import fold, load, tidy

# What a talk about insurance can turn to.
DENIAL, ORDER, REFERRAL, AUTHORIZATION, CLAIM, NEW = "denial", "order", "referral", "authorization", "claim", "new"
DEDUCTIBLE, COST, NETWORK, CHECK, COVERED, SPECIALIST = (
    "deductible",
    "cost",
    "network",
    "check",
    "covered",
    "specialist",
)
INQUIRY_OF = {
    DENIAL: "insurance_denial_appeal",
    ORDER: "insurance_coverage",
    REFERRAL: "referral",
    AUTHORIZATION: "prior_authorization",
    CLAIM: "claim_status",
    NEW: "update_insurance",
    DEDUCTIBLE: "insurance_coverage",
    COST: "insurance_coverage",
    NETWORK: "insurance_coverage",
    CHECK: "insurance_coverage",
    COVERED: "insurance_coverage",
}
_USUAL = {
    "insurance_denial_appeal": DENIAL,
    "prior_authorization": AUTHORIZATION,
    "claim_status": CLAIM,
    "update_insurance": NEW,
    "referral": REFERRAL,
}
_OF_COVERAGE = (ORDER, REFERRAL, AUTHORIZATION, NETWORK, COST, DEDUCTIBLE, CHECK, COVERED)
_TOPICS = (DENIAL, ORDER, REFERRAL, AUTHORIZATION, CLAIM, NEW, NETWORK, COST, DEDUCTIBLE, CHECK, COVERED, SPECIALIST)
_ALSO_OF_ONES_OWN = ("medicare_enrollment", "medicaid_renewal", "marketplace_enrollment", "losing_coverage")
_SELF, _SPOUSE, _PARENT, _CHILD, _OTHER = "self", "spouse", "parent", "child", "other"
_LOOK_AHEAD = timedelta(days=120)  # a start of insurance that lies further ahead was meant for last year
_LOOK_BACK = timedelta(days=300)
_OF_ANY_PLAN = frozenset({"network", "plan", "health", "care", "and", "the", "medicare"})
_HIDDEN = "[number kept apart]"


# What is asked for ------------------------------------------------------------------------------------------------

_SHORT = 10  # words


def says(text: str, what: str) -> bool:
    """Whether the text has one of the phrases of a list in words/insurance.yml."""
    return _pattern(what).search(_plain(text)) is not None


def topic_in(text: str) -> str | None:
    """What the words ask for; the more particular wish first."""
    plain = _plain(text)
    return next((topic for topic in _TOPICS if _in("topics", topic).search(plain)), None)


def first_topic(task: str, words: str) -> str:
    """Where to begin with an inquiry: what it is about, and for coverage the particular wish in its words."""
    plain = _plain(words)
    if task in ("prior_authorization", "claim_status") and _in("topics", DENIAL).search(plain):
        return DENIAL
    if task in _USUAL:
        return _USUAL[task]
    return next((topic for topic in _OF_COVERAGE if _in("topics", topic).search(plain)), CHECK)


def general_topic(text: str) -> str | None:
    """The general question that anybody may ask, as `approved_answers` names it; None where it is about their own."""
    plain, own = _plain(text), says(text, "own")
    found = (topic for topic in load("insurance")["general"] if _in("general", topic).search(plain))
    return next((topic for topic in found if not own or topic in _ALSO_OF_ONES_OWN), None)


def term_in(text: str) -> str | None:
    """The word of the trade whose meaning is asked, as `approved_answers` names it."""
    if says(text, "own") or not says(text, "asks_meaning"):
        return None
    plain = _plain(text)
    return next((term for term in load("insurance")["terms"] if _in("terms", term).search(plain)), None)


def meant(inquiries: Sequence[str], text: str) -> list[str]:
    """The inquiries of a message, as its words about insurance mean them.

    Who asks which insurance pays first changes none; whether to come and what it may cost are part of a denial;
    somebody else's insurance is for the staff (R3); turning 65 is no visit.
    """
    found = list(inquiries)
    if found[:1] and found[0] in ("make_payment", "billing_balance") and _in("topics", ORDER).search(_plain(text)):
        found = ["insurance_coverage", *found[1:]]
    short = len(text.split()) <= _SHORT
    if short and set(found) & set(agenda.CLINICAL) and says(text, "takes_company") and says(text, "companies"):
        # "do you take Fidelis?" is about no medicine
        found = ["insurance_coverage", *(name for name in found if name not in agenda.CLINICAL)]
    if found[:1] == ["test_results"] and says(text, "insurer_paid"):
        found = ["claim_status", *found[1:]]
    if found[:1] == ["schedule_appointment"] and general_topic(text) == "medicare_enrollment":
        found = ["insurance_coverage", *found[1:]]
    about = set(found) & set(agenda.INSURANCES)
    if not about:
        return found
    if _in("topics", ORDER).search(_plain(text)) and "insurance_coverage" in about:
        found = [name for name in found if name not in ("update_insurance", "claim_status")]
    if {"insurance_coverage", "update_insurance"} <= about and not _in("topics", NEW).search(_plain(text)):
        found = [name for name in found if name != "update_insurance"]  # "it IS active" tells of nothing new
    if "insurance_coverage" in about and says(text, "switched"):
        found = ["update_insurance" if name == "insurance_coverage" else name for name in found]
    if "insurance_denial_appeal" in about:
        part_of_it = {"confirm_appointment"} if says(text, "to_come") else set()
        part_of_it |= {"billing_balance", "prior_authorization", "claim_status", "insurance_coverage"}
        found = [name for name in found if name not in part_of_it]
    if says(text, "wants_booking") and not set(found) & set(agenda.VISITS) and "insurance_denial_appeal" not in about:
        found.append("schedule_appointment")
    if of_another(text):
        found = ["third_party" if name in agenda.INSURANCES else name for name in found]
    return list(dict.fromkeys(found))


def of_another(text: str) -> bool:
    """Whether somebody else's insurance is meant (R3); to be covered through somebody's is one's own."""
    return says(text, "of_another")


# Which care ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """The care that insurance is asked about: a kind of visit or another service, with whom, where."""

    service: str | None = None
    provider: str | None = None
    location: str | None = None
    stranger: bool = False  # a doctor was named who is none of the clinic's

    @property
    def said(self) -> bool:
        """Whether anything of it was said."""
        return bool(self.service or self.provider or self.location or self.stranger)


def read_care(care: Care, text: str, *, asked: bool = False) -> Wanted:
    """The care that the words name. `asked`: the question was which care, so that bare words count."""
    heard = wishes.hear(care, text, what_was_asked=asked)
    hits = [hit for hit in heard.hits if not hit.negated]
    provider = next((hit.value for hit in hits if hit.kind is Kind.PROVIDER), None)
    places = {hit.value for hit in hits if hit.kind is Kind.LOCATION}
    location = places.pop() if len(places) == 1 else None
    way = next((hit.value for hit in hits if hit.kind is Kind.WAY), None)
    visit = next((hit.value for hit in hits if hit.kind is Kind.VISIT_TYPE), None)
    service = visit if visit and care.organization.visit_type(visit) else service_in(text)
    if service is None:
        kinds = wishes.kinds_of(care, heard.wish)
        service = kinds[0].name if kinds else None
    if location is None and way == TELEHEALTH and way != IN_PERSON:
        location = "telehealth"
    return Wanted(service, provider, location, heard.names_a_stranger)


def service_in(text: str) -> str | None:
    """Care as insurance counts it that the words name, such as imaging for "my MRI"."""
    plain = _plain(text)
    return next((name for name in load("insurance")["services"] if _in("services", name).search(plain)), None)


# New insurance ------------------------------------------------------------------------------------------------------


def number_in(text: str) -> str | None:
    """The piece behind "member ID" or a word like it, for a message that is not the answer to that question."""
    plain = _plain(text)
    for cue in _pattern("number_cue").finditer(plain):
        if re.search(r"group|grupo", cue.group()):
            continue
        found = _pattern("number").match(plain, cue.end())
        if found:
            return tidy(text)[found.start() : found.end()]
    return None


def without_numbers(text: str) -> str:
    """The words without anything that could be a number of a card: for briefs and for whoever reads them."""
    clean = tidy(text)
    plain = fold(clean)
    spans = [(found.start(), found.end()) for found in _pattern("number").finditer(plain)]
    for start, end in reversed(spans):
        clean = clean[:start] + _HIDDEN + clean[end:]
    return clean


def names_plan(text: str, plan: str) -> bool:
    """Whether a word that tells this plan from others stands in a message that says more than the plan's name."""
    said = set(re.findall(r"\w+", _plain(text)))
    telling = {word for word in re.findall(r"\w+", _plain(plan)) if len(word) >= 3 and word not in _OF_ANY_PLAN}
    return bool(telling & said)


def read_holder(text: str) -> tuple[str | None, str | None]:
    """In whose name the insurance is: how they are related, and the name where it was said."""
    plain = _plain(text)
    for relation in (_SPOUSE, _PARENT, _CHILD, _OTHER):
        found = _in("relations", relation).search(plain)
        if found:
            rest = tidy(text)[found.end() :].strip(" ,.:;'s")
            name = read_name(rest, True) if rest else None
            known = _OTHER if relation == _CHILD else relation
            return known, name if name and is_full_name(name) else None
    if says(text, "myself") or read_yes_no(text) is True:
        return _SELF, None
    return None, None


def read_start(care: Care, text: str) -> date | None:
    """The first day of insurance. One far ahead without its year is the last one, as in "since November 1"."""
    words = _pattern("since").sub(" ", tidy(text).lower())
    when = read_when(words, care.now(), care.organization.tz)
    if when.problem == "past":  # nobody comes to a visit in the past, but insurance may have begun there
        when = read_when(words, care.now() - _LOOK_BACK, care.organization.tz)
    day = when.date[0] if isinstance(when.date, tuple) else when.date
    day = day or _past_day(text)
    if day is None:
        return None
    if day > care.today() + _LOOK_AHEAD and not re.search(r"\b20\d\d\b", text):
        day = _a_year_before(day)
    return day


def _past_day(text: str) -> date | None:
    found = re.search(r"\b(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})\b", text)
    if not found:
        return None
    month, day, year = (int(part) for part in found.groups())
    try:
        return date(year if year > 99 else 2000 + year, month, day)
    except ValueError:
        return None


def _a_year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def read_takes_place(text: str) -> bool | None:
    """Whether new insurance takes the place of what is on file; None when it isn't said."""
    if says(text, "both"):
        return False
    if says(text, "takes_place"):
        return True
    return read_yes_no(text)


def field_named(text: str) -> str | None:
    """The field of new insurance that somebody wants to change, as `new_coverage` names it."""
    plain = _plain(text)
    return next((name for name in _FIELDS if _in("fields", name).search(plain)), None)


_FIELDS = ("group_number", "member_id", "holder", "starts_on", "pays_first", "plan", "payer")


# Patterns -----------------------------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    return fold(tidy(text))


@cache
def _pattern(what: str) -> re.Pattern[str]:
    return re.compile(load("insurance")[what])


@cache
def _in(group: str, what: str) -> re.Pattern[str]:
    return re.compile(load("insurance")[group][what])
