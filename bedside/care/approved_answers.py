"""General answers that compliance has approved, with their owner and the day by which to look at them again.

They are responses in domain/ like every other sentence; the first variation carries `metadata` with `owner`,
`reviewed_on` and `review_by`. An answer past its day is not given: a person answers instead (BRIEF 6).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from bedside.care.context import Care
from bedside.care.speaking import sentences

TOPICS = (
    "medicare_parts",
    "medicare_enrollment",
    "medicare_advantage",
    "medicare_supplement",
    "medicaid_basics",
    "medicaid_renewal",
    "marketplace_enrollment",
    "losing_coverage",
    "coordination_of_benefits",
    "birthday_rule",
    "deductible",
    "copay",
    "coinsurance",
    "out_of_pocket_maximum",
    "network",
    "referral",
    "prior_authorization",
    "appeal_steps",
    "external_review",
    "expedited_appeal",
    "surprise_bill_protection",
)
"""What there may be an answer to; each is said by the response `utter_approved_` and its name."""

PREFIX = "utter_approved_"


@dataclass(frozen=True)
class Approved:
    """An answer that may be given: its response, who owns it, and its days of review."""

    topic: str
    response: str
    owner: str
    reviewed_on: date
    review_by: date


@dataclass(frozen=True)
class ContentFault:
    """What is wrong with an answer, for `bedside check` and the content tests."""

    response: str
    fault: str


def approved(care: Care, topic: str) -> Approved | None:
    """The answer to a topic; None where there is none, or where its review is overdue or says nothing."""
    if topic not in TOPICS:
        raise KeyError(f"there is no topic {topic!r}")
    found = _read(f"{PREFIX}{topic}", sentences(care).responses.get(f"{PREFIX}{topic}"))
    return found if isinstance(found, Approved) and care.today() <= found.review_by else None


def faults(responses: dict[str, Any], today: date) -> Iterator[ContentFault]:
    """Every approved answer whose owner or days are missing or wrong, or whose review is overdue."""
    for name, variations in responses.items():
        if not name.startswith(PREFIX):
            continue
        if name.removeprefix(PREFIX) not in TOPICS:
            yield ContentFault(name, "is about no topic that is asked for")
        found = _read(name, variations)
        if isinstance(found, str):
            yield ContentFault(name, found)
        elif found is not None and found.review_by < today:
            yield ContentFault(name, f"was to be looked at again by {found.review_by.isoformat()}")


def _read(name: str, variations: Any) -> Approved | str | None:
    if not variations:
        return None
    about = variations[0].get("metadata") or {}
    try:
        owner, reviewed_on, review_by = (str(about[key]) for key in ("owner", "reviewed_on", "review_by"))
        first, last = date.fromisoformat(reviewed_on), date.fromisoformat(review_by)
    except (KeyError, ValueError):
        return "must have metadata with owner, reviewed_on and review_by, two days such as 2026-11-24"
    if last < first or not owner.strip():
        return "must have an owner, and review_by not before reviewed_on"
    return Approved(name.removeprefix(PREFIX), name, owner, first, last)
