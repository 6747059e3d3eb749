"""What a talk about insurance starts from: everything that is open, in one look, and which of it somebody means.

Plain values only; the dialogue says them. Details come from `coverage`, `authorizations`, `claims` and `denials`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

from bedside.care import authorizations, claims, denials
from bedside.care.context import Care
from bedside.care.insurance_window import open_folder
from bedside.care.plan_rules import active_on
from bedside.records.insurance import Unverified

AUTHORIZATION, CLAIM, DENIAL = "authorization", "claim", "denial"
_NEAR_ENOUGH = 85.0  # of 100
_COMMON = frozenset({"the", "for", "and", "treatment", "service", "visit", "care", "test", "del", "para", "los", "las"})


@dataclass(frozen=True)
class Matter:
    """One thing that is open: its kind and key, what it is about, its day, and whether it can't wait."""

    kind: str
    key: int
    about: str | None
    day: date | None
    status: str
    urgent: bool


@dataclass(frozen=True)
class Card:
    """An insurance by name, as little as is needed to talk about it (R3)."""

    coverage_id: int
    payer: str
    plan: str
    member_ending: str | None
    member_phone: str | None
    active: bool


@dataclass(frozen=True)
class Overview:
    """The insurances, those not verified yet, and what is open: the urgent first, denials before the rest."""

    cards: tuple[Card, ...]
    unverified: tuple[Unverified, ...]
    matters: tuple[Matter, ...]


def overview(care: Care, conversation_id: str) -> Overview:
    """Everything that a patient may mean by "my insurance". Raise ChartClosed when nobody is verified."""
    with open_folder(care, conversation_id, "insurance") as folder:
        cards = tuple(
            Card(
                one.coverage_id,
                one.payer,
                one.plan,
                one.member_ending,
                one.payer_rules.member_phone if one.payer_rules else None,
                active_on(one, care.today()),
            )
            for one in folder.insurance.policies()
        )
        unverified = tuple(folder.insurance.unverified())
    return Overview(cards, unverified, matters(care, conversation_id))


def matters(care: Care, conversation_id: str) -> tuple[Matter, ...]:
    """Everything open: denials that are not won, requests and claims that the insurer has or that wait for us."""
    found = [
        Matter(DENIAL, one.denial_id, one.service, _day_of(care, one), one.reason, one.urgent)
        for one in denials.standings(care, conversation_id)
        if not any(appeal.status == denials.WON for appeal in one.appeals)
    ]
    open_requests = (authorizations.NEEDED, authorizations.BEING_PREPARED, *authorizations.WITH_INSURER)
    found += [
        Matter(AUTHORIZATION, one.authorization_id, one.service, one.sent_on, one.status, one.visit_before_decision)
        for one in authorizations.standings(care, conversation_id)
        if one.status in open_requests
    ]
    found += [
        Matter(CLAIM, one.claim_id, None, one.service_date, one.status, False)
        for one in claims.standings(care, conversation_id)
        if one.status in claims.WITH_INSURER
    ]
    return tuple(sorted(found, key=lambda one: not one.urgent))


def meant(open_matters: Sequence[Matter], words: str, day: date | None = None) -> tuple[Matter, ...]:
    """Which of them somebody means, by a day or by words such as "my MRI"; all of them where that can't be told."""
    if day is not None:
        of_day = tuple(one for one in open_matters if one.day == day)
        if of_day:
            return of_day
    said = _telling(words)
    named = tuple(
        one
        for one in open_matters
        if any(fuzz.ratio(mine, word) >= _NEAR_ENOUGH for mine in _telling(one.about or "") for word in said)
    )
    return named or tuple(open_matters)


def _telling(words: str) -> list[str]:
    """The words that tell one service from another."""
    return [word for word in default_process(words).split() if len(word) >= 3 and word not in _COMMON]


def _day_of(care: Care, facts: denials.DenialFacts) -> date | None:
    if facts.visit is not None:
        return facts.visit.starts_at.astimezone(care.organization.tz).date()
    return facts.service_date
