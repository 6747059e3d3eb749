"""Disputed charges (BRIEF 3.4, R9): what is disputed, the hold on exactly that, the specialist, the follow-up."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from rapidfuzz import fuzz
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bedside.care import desk, identity
from bedside.care.context import Care
from bedside.care.speaking import LANGUAGES
from bedside.language.amounts import read_amounts
from bedside.language.wordlists import load
from bedside.records.chart import ChargeLine, ChartClosed
from bedside.records.tables import Audit, Commitment, Dispute, Hold, Ticket

SPECIALIST_CALL = "billing_specialist_review"
FOLLOW_UP = "dispute_follow_up"

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MEANING = {"twice", "double", "duplicate", "dos", "doble", "duplicado", "duplicada", "two", "again", "repeated"}
_COMMON = {"the", "charge", "charges", "bill", "visit", "for", "and", "with", "was", "not", "that", "this", "from"}


@dataclass(frozen=True)
class DisputeOpened:
    """A dispute that is written down. Moments are UTC, money is cents."""

    case_number: str
    amount_cents: int
    charge_count: int
    urgent: bool
    specialist_due: datetime
    follow_up_due: datetime
    joined: bool  # the charges were already under this case


@dataclass(frozen=True)
class Guess:
    """The charges a person probably means, and whether that is more than a guess."""

    charges: tuple[ChargeLine, ...]
    sure: bool


def open_charges(care: Care, conversation_id: str, purpose: str = "dispute") -> list[ChargeLine]:
    """What is owed, line by line; raise ChartClosed without a live verification."""
    with care.store.work() as session:
        return identity.chart(care, session, conversation_id, purpose).charges()


def guess_charges(words: str, lines: Sequence[ChargeLine]) -> Guess:
    """Which lines the words are about: by amount, day, what it was for, or because they stand there twice."""
    scores: dict[int, float] = defaultdict(float)
    amounts = set(read_amounts(words))
    text = words.lower()
    said = set(re.findall(r"[a-záéíóúñü]{3,}", text)) - _COMMON
    twins = _twins(lines)
    twin_ids = {line.charge_id for group in twins for line in group}
    for line in lines:
        if {line.owed_cents, line.patient_cents, line.charged_cents} & amounts:
            scores[line.charge_id] += 3
        if _names_day(text, line.service_date):
            scores[line.charge_id] += 3
        name = set(re.findall(r"[a-záéíóúñü]{2,}", line.description.lower())) - _COMMON
        if any(fuzz.ratio(a, b) >= 88 for a in said | _short(text) for b in name):
            scores[line.charge_id] += 2
        if line.charge_id in twin_ids and said & _MEANING:
            scores[line.charge_id] += 2
    for group in [*twins, *_by_statement(lines), list(lines)]:
        if len(group) > 1 and sum(line.owed_cents for line in group) in amounts:
            for line in group:
                scores[line.charge_id] += 3
    if len(lines) == 1:
        return Guess(tuple(lines), sure=True)
    best = max(scores.values(), default=0)
    chosen = tuple(line for line in lines if best and scores[line.charge_id] == best)
    return Guess(chosen, sure=best >= 3 or (best >= 2 and len(chosen) <= 2))


def are_twins(lines: Sequence[ChargeLine]) -> bool:
    """Whether these are the same service on the same day at the same price, more than once."""
    return len(lines) > 1 and len(_twins(lines)) == 1 and len(_twins(lines)[0]) == len(lines)


def open_dispute(
    care: Care, conversation_id: str, words: str, charge_ids: Iterable[int], feeling: str, language: str = "en"
) -> DisputeOpened:
    """Write the dispute: a hold on each disputed charge, a ticket for a specialist, and two promises with times.

    Charges that are already on hold join the case that holds them. Raise ChartClosed without a live verification, and
    ValueError when a charge isn't one this patient owes.
    """
    rules = care.organization.dispute
    with care.store.work() as session:
        chart = identity.chart(care, session, conversation_id, "dispute")
        wanted = set(charge_ids)
        lines = [line for line in chart.charges() if line.charge_id in wanted]
        if not lines or {line.charge_id for line in lines} != wanted:
            raise ValueError("A disputed charge must be one the patient owes.")
        fresh = [line for line in lines if not line.on_hold]
        known = (
            session.execute(
                select(Dispute)
                .join(Hold, Hold.dispute_id == Dispute.id)
                .where(Hold.charge_id.in_(wanted), Hold.status == "active", Dispute.patient_id == chart.patient_id)
                .order_by(Dispute.id)
            )
            .scalars()
            .first()
        )
        amount = sum(line.owed_cents for line in fresh) + (known.amount_cents if known else 0)
        now = care.now()
        urgent = amount > rules.urgent_over_cents
        specialist_due = (
            care.calendar.same_day_due(now, rules.same_day_minimum_minutes)
            if urgent
            else care.calendar.business_days_due(now, rules.specialist_business_days)
        )
        follow_up_due = care.calendar.business_days_due(now, rules.follow_up_business_days)
        what = "; ".join(
            f"{line.description}, {line.service_date:%m/%d/%Y}, {line.owed_cents / 100:,.2f} USD" for line in lines
        )
        brief = (
            f"Patient {chart.full_name}, identity verified in chat. Language: {LANGUAGES.get(language, language)}. "
            f"Disputes: {what}. In their words: {words} Feeling: {feeling}. "
            "Hold placed. Promised: a specialist's review and call, then a follow-up."
        )
        if known is None:
            ticket, _ = desk.open_ticket(
                care,
                session,
                desk.Work(
                    queue="billing",
                    priority=desk.URGENT if urgent else desk.STANDARD,
                    inquiry="billing_dispute",
                    matter=f"dispute:{conversation_id}:{min(wanted)}:{now.isoformat()}",
                    brief=brief,
                    conversation_id=conversation_id,
                    patient_id=chart.patient_id,
                ),
                due_at=specialist_due,
            )
            dispute = Dispute(
                case_number=ticket.case_number,
                patient_id=chart.patient_id,
                conversation_id=conversation_id,
                ticket_id=ticket.id,
                words=words,
                amount_cents=amount,
                opened_at=now,
            )
            session.add(dispute)
            session.flush()
        else:
            dispute = known
            ticket = session.get(Ticket, dispute.ticket_id)
            dispute.amount_cents = amount
            desk.note(care, session, ticket, "added", brief)
            if urgent and ticket.priority != desk.URGENT:
                ticket.priority = desk.URGENT
                ticket.due_at = min(ticket.due_at, specialist_due)
        for line in fresh:
            session.add(
                Hold(
                    dispute_id=dispute.id,
                    charge_id=line.charge_id,
                    amount_cents=line.owed_cents,
                    placed_at=now,
                    review_on=_review_day(care, now, rules.hold_review_business_days),
                )
            )
        session.add(
            Audit(
                at=now,
                actor="assistant",
                conversation_id=conversation_id,
                patient_id=chart.patient_id,
                event="dispute_opened" if known is None else "dispute_joined",
                detail=dispute.case_number,
            )
        )
        first = desk.promise(care, session, ticket, SPECIALIST_CALL, specialist_due)
        second = desk.promise(care, session, ticket, FOLLOW_UP, follow_up_due)
        return DisputeOpened(
            case_number=dispute.case_number,
            amount_cents=amount,
            charge_count=len(lines),
            urgent=ticket.priority == desk.URGENT,
            specialist_due=first.due_at,
            follow_up_due=second.due_at,
            joined=known is not None and not fresh,
        )


def prefer_call(care: Care, case_number: str, conversation_id: str, words: str) -> datetime:
    """Note when and where the specialist should call; returns when the call is due (UTC)."""
    with care.store.work() as session:
        ticket = ticket_of(session, case_number, conversation_id)
        if ticket is None:
            raise LookupError("There is no such case in this conversation.")
        call = desk.promise(care, session, ticket, SPECIALIST_CALL, ticket.due_at, preference=words)
        desk.note(care, session, ticket, "call_preference", words)
        return call.due_at


def _review_day(care: Care, now: datetime, business_days: int) -> date:
    return care.calendar.business_days_due(now, business_days).astimezone(care.organization.tz).date()


def _twins(lines: Sequence[ChargeLine]) -> list[list[ChargeLine]]:
    groups: dict[tuple[object, ...], list[ChargeLine]] = defaultdict(list)
    for line in lines:
        groups[(line.service_date, line.description.lower(), line.patient_cents)].append(line)
    return [group for group in groups.values() if len(group) > 1]


def _by_statement(lines: Sequence[ChargeLine]) -> list[list[ChargeLine]]:
    groups: dict[str, list[ChargeLine]] = defaultdict(list)
    for line in lines:
        groups[line.statement_number].append(line)
    return list(groups.values())


def _short(text: str) -> set[str]:
    return (
        {word for word in re.findall(r"[a-z]{2}", text) if word in {"ct", "er"}}
        if re.search(r"\b(ct|er)\b", text)
        else set()
    )


def _names_day(text: str, day: date) -> bool:
    month = _MONTHS[day.month - 1]
    spoken = (
        rf"\b{month}[a-z]*\.?\s+(the\s+)?{day.day}(st|nd|rd|th)?\b|\b{day.day}(st|nd|rd|th)?\s+(of\s+)?{month}[a-z]*\b"
    )
    spanish = rf"\b{day.day}\s+(de\s+)?{load('days')['months'][day.month - 1]}\b"
    numeric = rf"(?<!\d)0?{day.month}[/-]0?{day.day}(?![\d])"
    return any(re.search(pattern, text) for pattern in (spoken, spanish, numeric))


def ticket_of(session: Session, case_number: str, conversation_id: str) -> Ticket | None:
    """The ticket of a case that was opened in this conversation."""
    found: Ticket | None = session.execute(
        select(Ticket).where(Ticket.case_number == case_number, Ticket.conversation_id == conversation_id)
    ).scalar_one_or_none()
    return found


def held_cents(care: Care, case_number: str, conversation_id: str) -> int:
    """How much is on hold under a case; 0 without a live verification in this conversation."""
    with care.store.work() as session:
        try:
            chart = identity.chart(care, session, conversation_id, "hold")
        except ChartClosed:
            return 0
        return int(
            session.execute(
                select(func.coalesce(func.sum(Hold.amount_cents), 0))
                .join(Dispute, Hold.dispute_id == Dispute.id)
                .where(
                    Dispute.case_number == case_number,
                    Dispute.patient_id == chart.patient_id,
                    Hold.status == "active",
                )
            ).scalar_one()
        )


def follow_up_due(care: Care, case_number: str) -> datetime:
    """When the patient hears where the dispute stands (UTC)."""
    with care.store.reading() as session:
        found: datetime = session.execute(
            select(Commitment.due_at)
            .join(Ticket, Commitment.ticket_id == Ticket.id)
            .where(Ticket.case_number == case_number, Commitment.what == FOLLOW_UP)
        ).scalar_one()
        return found
