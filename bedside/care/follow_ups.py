"""What is written when a payer was asked: how it ended, and a person's promise where the answer was no good (R7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timezone

from bedside.care import asking, desk, doubts
from bedside.care.asking import ANSWERED, Outcome
from bedside.care.bill_requests import Asked, Voice
from bedside.care.insurance_window import Folder, business_days

PAYER_FOLLOW_UP = "payer_follow_up"
_SAID = {
    asking.NO_ANSWER: "gave no answer in time",
    asking.FAILED: "could not be reached",
    asking.UNCLEAR: "gave an answer that is not clear",
}


def note_answers(
    folder: Folder, asked: Sequence[tuple[str, date | None]], outcomes: Sequence[Outcome], *, by_payer: bool
) -> list[Outcome]:
    """Write each question and how it ended; a payer's word that differs from its earlier one of the day is unclear.

    `asked`: what each was about, and for which day. `by_payer`: a payer answered, and not the records themselves, which
    may change during a day.
    """
    care = folder.care
    found = []
    for (about, service_date), outcome in zip(asked, outcomes, strict=True):
        subject = about if service_date is None else f"{about}@{service_date.isoformat()}"
        essence = doubts.essence(outcome.response) if by_payer else None
        digest = None if essence is None else care.keyring.digest("payer answer", f"{subject} {essence}")
        if digest is not None:
            outcome = doubts.again(outcome, digest, folder.insurance.answers_since(subject, _midnight(folder)))
        folder.insurance.note_inquiry(
            folder.conversation_id,
            about=subject,
            service_date=service_date,
            asked_at=care.now(),
            took_ms=outcome.took_ms,
            outcome=outcome.kind,
            reasons=list(outcome.reasons),
            answer_digest=digest,
        )
        found.append(outcome)
    return found


def follow_up_payer(
    folder: Folder, inquiry: str, asked: Sequence[tuple[str, Outcome, str]], what: str, voice: Voice
) -> Asked | None:
    """A person asks the payers that gave no good answer; None where all did. One ticket for one set of questions.

    `asked`: what each question was about, how it ended, and who was asked, for the brief.
    """
    open_ones = [one for one in asked if one[1].kind != ANSWERED]
    if not open_ones:
        return None
    said = "; ".join(
        f"{who} {_SAID[outcome.kind]}{f' ({_words(outcome)})' if outcome.reasons else ''}"
        for _, outcome, who in open_ones
    )
    due_at = business_days(folder.care, folder.care.organization.insurance.payer_retry_business_days)
    return folder.errand(
        PAYER_FOLLOW_UP,
        ",".join(about for about, _, _ in open_ones),
        inquiry,
        f"{what} {said}. Please ask the insurer and tell the patient.",
        due_at,
        voice,
        priority=desk.STANDARD,
    )[1]


def _words(outcome: Outcome) -> str:
    return ", ".join(reason.replace("_", " ") for reason in outcome.reasons)


def _midnight(folder: Folder) -> datetime:
    """The beginning of today at the clinic, UTC."""
    local = folder.care.now().astimezone(folder.care.organization.tz)
    return local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(timezone.utc)
