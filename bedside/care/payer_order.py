"""Which insurance pays first: the basic rules of coordination of benefits, and when a person has to look instead.

Medicaid pays last. Medicare pays after the plan of somebody's active job with a large employer, and before other ones.
A plan of one's own comes before one through somebody else, one of a job held now before one of a job held before, and
of two parents' plans the one of the parent whose birthday comes first in the year. Courts and divorces decide
otherwise; so do end-stage renal disease, workers' compensation and accidents: those are for a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bedside.care.cost_shares import SUPPLEMENT
from bedside.records.insurance import Policy

ONLY_ONE = "only_one"
MEDICAID_LAST = "medicaid_last"
LARGE_EMPLOYER_FIRST, MEDICARE_FIRST = "large_employer_first", "medicare_first"
SUPPLEMENT_AFTER = "supplement_after"
OWN_FIRST, ACTIVE_FIRST, BIRTHDAY, LONGER_FIRST = "own_first", "active_first", "birthday_rule", "longer_first"
NOT_KNOWN = "not_known"
REASONS = (
    ONLY_ONE,
    MEDICAID_LAST,
    LARGE_EMPLOYER_FIRST,
    MEDICARE_FIRST,
    SUPPLEMENT_AFTER,
    OWN_FIRST,
    ACTIVE_FIRST,
    BIRTHDAY,
    LONGER_FIRST,
    NOT_KNOWN,
)
"""Why one comes before another; content explains each in plain words."""

_FORMER = ("retirement", "cobra")


@dataclass(frozen=True)
class Order:
    """Who pays first, second… as the rules say, by coverage id, and why each comes before the next.

    `certain`: every step has a rule. `agrees`: the ranks on file say the same. Where one of the two is False, a person
    looks before anything is said of the order.
    """

    coverage_ids: tuple[int, ...]
    reasons: tuple[str, ...]
    certain: bool
    agrees: bool


def order(policies: Sequence[Policy]) -> Order:
    """The order of coverages that hold on one day. Nothing is certain of more than three."""
    on_file = sorted(policies, key=lambda one: (one.rank, one.coverage_id))
    ids = tuple(one.coverage_id for one in on_file)
    if len(on_file) < 2:
        return Order(ids, (ONLY_ONE,) * len(on_file), True, True)
    placed: list[Policy] = []
    certain = len(on_file) <= 3 and len({one.rank for one in on_file}) == len(on_file)
    for policy in on_file:
        at = len(placed)
        while at and _before(policy, placed[at - 1])[0] is True:
            at -= 1
        placed.insert(at, policy)
    reasons = []
    for number, earlier in enumerate(placed):
        for later in placed[number + 1 :]:
            first, reason = _before(earlier, later)
            certain = certain and first is True
            if later is placed[number + 1]:
                reasons.append(reason if first is True else NOT_KNOWN)
    by_rules = tuple(one.coverage_id for one in placed)
    return Order(by_rules, tuple(reasons), certain, by_rules == ids)


def _before(one: Policy, other: Policy) -> tuple[bool | None, str]:
    """Whether `one` pays before `other`, and the rule; None where no rule can tell."""
    for rule in (_medicaid, _supplement, _medicare, _own, _active, _birthday, _longer):
        first = rule(one, other)
        if first is not None:
            return first
        second = rule(other, one)
        if second is not None:
            return (None if second[0] is None else not second[0]), second[1]
    return None, NOT_KNOWN


_Verdict = tuple[bool | None, str]


def _medicaid(one: Policy, other: Policy) -> _Verdict | None:
    return (True, MEDICAID_LAST) if other.kind == "medicaid" and one.kind != "medicaid" else None


def _supplement(one: Policy, other: Policy) -> _Verdict | None:
    mine, theirs = one.plan_kind == SUPPLEMENT, other.plan_kind == SUPPLEMENT
    return (True, SUPPLEMENT_AFTER) if theirs and not mine else None


def _medicare(one: Policy, other: Policy) -> _Verdict | None:
    if one.kind != "medicare":
        return None
    if other.kind == "medicare":
        return None, NOT_KNOWN  # nobody has two kinds of Medicare that both pay: a person looks
    if other.held_through == "active_job" and other.holder_relation in ("self", "spouse"):
        if other.large_employer is None:
            return None, NOT_KNOWN
        return (False, LARGE_EMPLOYER_FIRST) if other.large_employer else (True, MEDICARE_FIRST)
    if other.held_through in (*_FORMER, "own_policy"):
        return True, MEDICARE_FIRST
    return None, NOT_KNOWN


def _own(one: Policy, other: Policy) -> _Verdict | None:
    return (True, OWN_FIRST) if one.holder_relation == "self" and other.holder_relation != "self" else None


def _active(one: Policy, other: Policy) -> _Verdict | None:
    return (True, ACTIVE_FIRST) if one.held_through == "active_job" and other.held_through in _FORMER else None


def _birthday(one: Policy, other: Policy) -> _Verdict | None:
    if one.holder_relation != "parent" or other.holder_relation != "parent":
        return None
    mine, theirs = one.holder_birth_date, other.holder_birth_date
    if mine is None or theirs is None:
        return None, NOT_KNOWN
    if (mine.month, mine.day) == (theirs.month, theirs.day):
        return _longer(one, other)
    return ((mine.month, mine.day) < (theirs.month, theirs.day)), BIRTHDAY


def _longer(one: Policy, other: Policy) -> _Verdict | None:
    if "unknown" in (one.held_through, other.held_through):
        return None
    if one.starts_on is None or other.starts_on is None or one.starts_on == other.starts_on:
        return None
    return (one.starts_on < other.starts_on), LONGER_FIRST
