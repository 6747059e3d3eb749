"""What a plan's rules say of a day, a provider and a service: plain reckoning over values that were read before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bedside.organization import Organization
from bedside.records.insurance import IN, OUT, Benefit, NetworkRow, Policy, Year

NOT_ON_FILE, DEPENDS = "not_on_file", "depends_on_location"
WITHOUT_OUT_OF_NETWORK = ("hmo", "epo")
_GENERAL = frozenset({"primary care", "family medicine", "flu shots"})
"""Specialties that no plan asks a referral for."""


@dataclass(frozen=True)
class Left:
    """What is left of a plan year's deductible and of the most to pay; cents, None where the records don't say."""

    deductible_cents: int | None = None
    out_of_pocket_cents: int | None = None


def active_on(policy: Policy, day: date) -> bool:
    """Whether a coverage holds on a day; its first and last day both count."""
    return (policy.starts_on is None or policy.starts_on <= day) and (policy.ends_on is None or day <= policy.ends_on)


def network_of(policy: Policy, provider: str | None, location: str | None, day: date) -> str:
    """in, out, NOT_ON_FILE, or DEPENDS where the answer is another one at each location and none was named.

    A row about a provider at a location beats one about the provider, which beats one about the location.
    """
    rows = [row for row in policy.network if _holds(row, day)]
    if location is not None:
        return _at(rows, provider, location)
    places = {row.location for row in rows if row.location is not None and row.provider in (None, provider)}
    found = {_at(rows, provider, place) for place in places} or {_at(rows, provider, None)}
    return found.pop() if len(found) == 1 else DEPENDS


def _at(rows: list[NetworkRow], provider: str | None, location: str | None) -> str:
    fitting = [
        row
        for row in rows
        if row.provider in (None, provider)
        and row.location in (None, location)
        and not (row.provider is None and row.location is None)
    ]
    if not fitting:
        return NOT_ON_FILE
    narrowest = max(fitting, key=_narrowness)
    same = {row.in_network for row in fitting if _narrowness(row) == _narrowness(narrowest)}
    return NOT_ON_FILE if len(same) > 1 else IN if narrowest.in_network else OUT


def _narrowness(row: NetworkRow) -> int:
    return 2 * (row.provider is not None) + (row.location is not None)


def benefit_for(policy: Policy, service: str, network: str, day: date) -> Benefit | None:
    """What the plan does for a service that day, in or out of its network; None where the records don't say."""
    return next(
        (one for one in policy.benefits if one.service == service and one.network == network and _holds(one, day)),
        None,
    )


def visits_left(benefit: Benefit, year: Year | None) -> int | None:
    """How many visits of a limited service are left in the year; None where there is no limit, or no year on file."""
    if benefit.yearly_limit is None or year is None:
        return None
    return max(0, benefit.yearly_limit - year.used_of(benefit.service))


def left_of_year(year: Year | None) -> Left:
    """What is left for this patient: of their own amount or of the family's, whichever is used up sooner."""
    if year is None:
        return Left()
    return Left(
        _least(
            _rest(year.deductible_cents, year.deductible_met_cents),
            _rest(year.family_deductible_cents, year.family_deductible_met_cents),
        ),
        _least(
            _rest(year.out_of_pocket_cents, year.out_of_pocket_met_cents),
            _rest(year.family_out_of_pocket_cents, year.family_out_of_pocket_met_cents),
        ),
    )


def asks_referral(organization: Organization, policy: Policy, service: str) -> bool | None:
    """Whether the plan or the clinic asks a referral for a kind of visit; None for a service that is no visit."""
    kind = organization.visit_type(service)
    if kind is None:
        return None
    return kind.referral or (policy.referral_needed and not set(kind.specialties) & _GENERAL)


def _rest(amount: int | None, met: int) -> int | None:
    return None if amount is None else max(0, amount - met)


def _least(*amounts: int | None) -> int | None:
    known = [amount for amount in amounts if amount is not None]
    return min(known) if known else None


def _holds(row: NetworkRow | Benefit, day: date) -> bool:
    return (row.starts_on is None or row.starts_on <= day) and (row.ends_on is None or day <= row.ends_on)
