"""Disputed charges (BRIEF 3.4, R9): what is disputed, the hold on exactly that, the specialist, the follow-up."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from rapidfuzz import fuzz
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bedside.care import desk, identity, plans, promises
from bedside.care.context import Care
from bedside.care.ledger import Ledger, audit, open_ledger
from bedside.care.speaking import LANGUAGES
from bedside.language.amounts import read_amounts
from bedside.language.days import names_day
from bedside.records.accounts import PAUSE_ASKED, PAUSED, Bill
from bedside.records.chart import ChargeLine, ChartClosed
from bedside.records.tables import Audit, Commitment, Dispute, Hold, Ticket

SPECIALIST_CALL = "billing_specialist_review"
FOLLOW_UP = "dispute_follow_up"
COLLECTIONS_TOLD = "collections_told_to_stop"

_MEANING = {"twice", "double", "duplicate", "dos", "doble", "duplicado", "duplicada", "two", "again", "repeated"}
_WHOLE = re.compile(
    r"\b(whole|entire|complete|full|every (single )?(charge|line|item) (of|on))\b.{0,12}\b(bill|statement)\b"
    r"|\ball of (it|the charges)\b|\beverything on\b"
    r"|\btod[oa]s? (la|el|los|las|mi) (cuenta|factura|estado|cargos|cobros)\b|\b(cuenta|factura) enter[ao]\b"
)
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
    review_on: date | None = None  # when a person looks at the hold again, at the latest
    collections_due: datetime | None = None  # by when collections are told to stop, where they have the bill
    plan_case: str | None = None  # the ticket about a payment plan that the charges are in
    plan_review_due: datetime | None = None


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
        if names_day(text, line.service_date):
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
    whole = _whole(text, lines) if best < 3 else None
    if whole is not None:
        return whole
    chosen = tuple(line for line in lines if best and scores[line.charge_id] == best)
    return Guess(chosen, sure=best >= 3 or (best >= 2 and len(chosen) <= 2))


def _whole(text: str, lines: Sequence[ChargeLine]) -> Guess | None:
    """All charges of a bill, when the words are about the whole of it; a statement that is named is meant for sure."""
    named = [line for line in lines if line.statement_number.lower() in text]
    if not _WHOLE.search(text):
        return Guess(tuple(named), sure=False) if named else None
    if named:
        return Guess(tuple(named), sure=True)
    return Guess(tuple(lines), sure=len({line.statement_number for line in lines}) == 1) if lines else None


def are_twins(lines: Sequence[ChargeLine]) -> bool:
    """Whether these are the same service on the same day at the same price, more than once."""
    return len(lines) > 1 and len(_twins(lines)) == 1 and len(_twins(lines)[0]) == len(lines)


def open_dispute(
    care: Care, conversation_id: str, words: str, charge_ids: Iterable[int], feeling: str, language: str = "en"
) -> DisputeOpened:
    """Write the dispute: a hold on each disputed charge, a ticket for a specialist, and two promises with times.

    Charges that are already on hold join the case that holds them, and what is new goes there too. A charge that is
    with collections makes it urgent, and collections are told the same day; a payment plan that a charge is in goes to
    a person. Raise ChartClosed without a live verification, and ValueError when a charge isn't one this patient owes.
    """
    with open_ledger(care, conversation_id, "dispute") as ledger:
        session, wanted = ledger.session, set(charge_ids)
        lines = [line for line in ledger.chart.charges() if line.charge_id in wanted]
        if not lines or {line.charge_id for line in lines} != wanted:
            raise ValueError("A disputed charge must be one the patient owes.")
        fresh = [line for line in lines if not line.on_hold]
        cases = _cases_holding(session, ledger.patient_id, wanted)
        bills = [bill for bill in ledger.account.bills() if any(line.charge_id in wanted for line in bill.lines)]
        with_collections = [bill for bill in bills if bill.in_collections]
        before = _held(session, ledger.patient_id)
        urgent = (
            before + sum(line.owed_cents for line in fresh) > care.organization.dispute.urgent_over_cents
            or bool(with_collections)
            or any(session.get(Ticket, case.ticket_id).priority == desk.URGENT for case in cases)
        )
        brief = _brief(ledger, lines, with_collections, words, feeling, language)
        dispute, ticket = _case(care, ledger, cases, lines, words, brief, urgent)
        for line in fresh:
            session.add(
                Hold(
                    dispute_id=dispute.id,
                    charge_id=line.charge_id,
                    amount_cents=line.owed_cents,
                    placed_at=care.now(),
                    review_on=review_day(care),
                )
            )
        session.flush()
        dispute.amount_cents = _held(session, ledger.patient_id, dispute)
        event = "dispute_joined" if cases else "dispute_opened"
        audit(care, session, desk.ASSISTANT, ledger.patient_id, event, dispute.case_number, conversation_id)
        first, second = _promise(care, session, ticket, urgent)
        for case in cases[1:]:
            _add(care, session, session.get(Ticket, case.ticket_id), brief, urgent)
        told = _tell_collections(care, ledger, ticket, with_collections)
        plan = plans.note_disputed(care, ledger, [line.charge_id for line in fresh], dispute.case_number)
        return DisputeOpened(
            case_number=dispute.case_number,
            amount_cents=dispute.amount_cents,
            charge_count=len(lines),
            urgent=ticket.priority == desk.URGENT,
            specialist_due=first.due_at,
            follow_up_due=second.due_at,
            joined=bool(cases) and not fresh,
            review_on=min(_review_days(session, dispute)),
            collections_due=told,
            plan_case=plan.case_number if plan else None,
            plan_review_due=plan.due_at if plan else None,
        )


def statement_charges(care: Care, conversation_id: str, number: str) -> list[int]:
    """Every charge of a statement with something owed: what a dispute of the whole statement is about.

    Raise ChartClosed, or NoSuchStatement.
    """
    with open_ledger(care, conversation_id, "dispute") as ledger:
        return [line.charge_id for line in ledger.bill(number).lines if line.owed_cents]


def _case(
    care: Care,
    ledger: Ledger,
    cases: Sequence[Dispute],
    lines: Sequence[ChargeLine],
    words: str,
    brief: str,
    urgent: bool,
) -> tuple[Dispute, Ticket]:
    """The case that this dispute belongs to, with its ticket: the oldest that holds a charge of it, or a new one."""
    session, now = ledger.session, care.now()
    if cases:
        ticket = session.get(Ticket, cases[0].ticket_id)
        _add(care, session, ticket, brief, urgent)
        return cases[0], ticket
    first = min(line.charge_id for line in lines)
    ticket, _ = desk.open_ticket(
        care,
        session,
        desk.Work(
            queue="billing",
            priority=desk.URGENT if urgent else desk.STANDARD,
            inquiry="billing_dispute",
            matter=f"dispute:{ledger.conversation_id}:{first}:{now.isoformat()}",
            brief=brief,
            conversation_id=ledger.conversation_id,
            patient_id=ledger.patient_id,
        ),
        due_at=_specialist_due(care, urgent),
    )
    dispute = Dispute(
        case_number=ticket.case_number,
        patient_id=ledger.patient_id,
        conversation_id=ledger.conversation_id,
        ticket_id=ticket.id,
        words=words,
        amount_cents=0,
        opened_at=now,
    )
    session.add(dispute)
    session.flush()
    return dispute, ticket


def _add(care: Care, session: Session, ticket: Ticket, brief: str, urgent: bool) -> None:
    """Add to a case that is there: its ticket is open again, and urgent when it has become so."""
    desk.note(care, session, ticket, "added", brief)
    if ticket.status != "open":
        ticket.status = "open"
        desk.note(care, session, ticket, "opened_again")
    if urgent and ticket.priority == desk.STANDARD:
        ticket.priority = desk.URGENT
    _promise(care, session, ticket, urgent)


def _promise(care: Care, session: Session, ticket: Ticket, urgent: bool) -> tuple[Commitment, Commitment]:
    """The specialist's call and the follow-up; the ticket is due with the call."""
    follow_up = care.calendar.business_days_due(care.now(), care.organization.dispute.follow_up_business_days)
    first = promises.renew(care, session, ticket, SPECIALIST_CALL, _specialist_due(care, urgent))
    second = promises.renew(care, session, ticket, FOLLOW_UP, follow_up)
    ticket.due_at = first.due_at
    return first, second


def _specialist_due(care: Care, urgent: bool) -> datetime:
    rules = care.organization.dispute
    if urgent:
        return care.calendar.same_day_due(care.now(), rules.same_day_minimum_minutes)
    return care.calendar.business_days_due(care.now(), rules.specialist_business_days)


def _tell_collections(care: Care, ledger: Ledger, ticket: Ticket, bills: Sequence[Bill]) -> datetime | None:
    """Promise that collections are told to stop, and write down that they are asked to; when they will be, UTC."""
    if not bills:
        return None
    made = promises.renew(care, ledger.session, ticket, COLLECTIONS_TOLD, _specialist_due(care, urgent=True))
    for bill in bills:
        if bill.collection is not None and bill.collection.status not in (PAUSE_ASKED, PAUSED):
            ledger.account.note_collection(bill, PAUSE_ASKED, care.today(), desk.ASSISTANT)
    return made.due_at


def _brief(
    ledger: Ledger, lines: Sequence[ChargeLine], collections: Sequence[Bill], words: str, feeling: str, language: str
) -> str:
    what = "; ".join(
        f"{line.description}, {line.service_date:%m/%d/%Y}, {line.owed_cents / 100:,.2f} USD" for line in lines
    )
    told = "".join(
        f" Statement {bill.number} is with collections ({bill.collection.status.replace('_', ' ')}, agency: "
        f"{bill.collection.agency or 'none yet'}): they must be told today to stop on these charges."
        for bill in collections
        if bill.collection is not None
    )
    return (
        f"Patient {ledger.chart.full_name}, identity verified in chat. Language: {LANGUAGES.get(language, language)}. "
        f"Disputes: {what}. In their words: {words} Feeling: {feeling}. "
        f"Hold placed. Promised: a specialist's review and call, then a follow-up.{told}"
    )


def _cases_holding(session: Session, patient_id: int, charge_ids: set[int]) -> list[Dispute]:
    """The patient's disputes that hold any of these charges, the oldest first."""
    rows = session.execute(
        select(Dispute)
        .join(Hold, Hold.dispute_id == Dispute.id)
        .where(Hold.charge_id.in_(charge_ids), Hold.status == "active", Dispute.patient_id == patient_id)
        .order_by(Dispute.id)
    ).scalars()
    return list(dict.fromkeys(rows))


def _held(session: Session, patient_id: int, dispute: Dispute | None = None) -> int:
    """What is on hold for a patient, or under one of their disputes, cents."""
    held = (
        select(func.coalesce(func.sum(Hold.amount_cents), 0))
        .join(Dispute, Hold.dispute_id == Dispute.id)
        .where(Dispute.patient_id == patient_id, Hold.status == "active")
    )
    return int(session.execute(held if dispute is None else held.where(Dispute.id == dispute.id)).scalar_one())


def _review_days(session: Session, dispute: Dispute) -> list[date]:
    held = select(Hold.review_on).where(Hold.dispute_id == dispute.id, Hold.status == "active")
    return list(session.execute(held).scalars())


def prefer_call(care: Care, case_number: str, conversation_id: str, words: str) -> datetime:
    """Note when and where the specialist should call; returns when the call is due (UTC)."""
    with care.store.work() as session:
        ticket = ticket_of(session, case_number, conversation_id)
        if ticket is None:
            raise LookupError("There is no such case in this conversation.")
        call = promises.renew(care, session, ticket, SPECIALIST_CALL, _specialist_due(care, _is_urgent(ticket)), words)
        desk.note(care, session, ticket, "call_preference", words)
        return call.due_at


def _is_urgent(ticket: Ticket) -> bool:
    return bool(ticket.priority == desk.URGENT)


def review_day(care: Care) -> date:
    """The day by which a hold that is placed now is looked at again by a person."""
    days = care.organization.dispute.hold_review_business_days
    return care.calendar.business_days_due(care.now(), days).astimezone(care.organization.tz).date()


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


def ticket_of(session: Session, case_number: str, conversation_id: str) -> Ticket | None:
    """The ticket of a case that was opened or joined in this conversation."""
    joined = select(Audit.detail).where(
        Audit.conversation_id == conversation_id, Audit.event == "dispute_joined", Audit.detail == case_number
    )
    found: Ticket | None = session.execute(
        select(Ticket).where(
            Ticket.case_number == case_number,
            or_(Ticket.conversation_id == conversation_id, Ticket.case_number.in_(joined)),
        )
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
        ticket = session.execute(select(Ticket).where(Ticket.case_number == case_number)).scalar_one()
        found = promises.latest(session, ticket, FOLLOW_UP)
        if found is None:
            raise LookupError("There is no follow-up under this case.")
        due_at: datetime = found.due_at
        return due_at
