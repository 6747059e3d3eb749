"""Financial assistance (BRIEF 3.4): which programs may fit, by rules that are data, and an application for one.

It asks gently: the income by ranges that the programs themselves draw, never to the dollar, and everything may be left
unsaid. Nothing here says that somebody gets help or doesn't; a counselor does.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bedside.care import desk, promises
from bedside.care.bill_requests import COUNSELING, COUNSELOR_CALL, Errand, Voice, run, verified
from bedside.care.context import Care
from bedside.care.ledger import BillingError, audit, note_by, open_ledger
from bedside.records.billing_tables import ApplicationDocument, AssistanceApplication, AssistanceProgram
from bedside.records.tables import Ticket

UNDECIDED = ("open", "submitted")
MAY_FIT, NOT_SAID, DOES_NOT_FIT = "may_fit", "not_said", "does_not_fit"
INSURANCE, COUNTY, INCOME, HOUSEHOLD, BALANCE = "insurance", "county", "income", "household", "balance"
_MOST_PEOPLE = 30  # a household beyond this is a slip of the keyboard


class NoSuchProgram(BillingError):
    """There is no such program today."""


class NoSuchApplication(BillingError):
    """There is no such application that is undecided, or it needs no such document."""


@dataclass(frozen=True)
class IncomeRange:
    """A range of a household's yearly income in cents, both ends included; `most_cents` is None for the last one.

    `up_to_percent` is its upper end as a share of the poverty line, None for the last one.
    """

    number: int
    least_cents: int
    most_cents: int | None
    up_to_percent: int | None


@dataclass(frozen=True)
class Answers:
    """What a patient has said; None where they have not, or would rather not. `income_range` is a range's number."""

    household: int | None = None
    income_range: int | None = None
    insured: bool | None = None
    county: str | None = None


@dataclass(frozen=True)
class Fit:
    """How a program stands to the answers: MAY_FIT, NOT_SAID (something that it asks for is open), or DOES_NOT_FIT.

    `open` are the questions without an answer, `against` what speaks against it. `full_help`: by the range given, the
    program may take off the whole bill.
    """

    key: str
    name: str
    name_es: str
    verdict: str
    open: tuple[str, ...]
    against: tuple[str, ...]
    documents: tuple[str, ...]
    full_help: bool

    def name_in(self, language: str) -> str:
        """The name in Spanish for "es", in English otherwise."""
        return self.name_es if language == "es" else self.name


@dataclass(frozen=True)
class Applied:
    """An application that is open: its case, what to send, and by when a counselor calls (UTC)."""

    case_number: str
    program: str
    documents: tuple[str, ...]
    counselor_due: datetime
    joined: bool


@dataclass(frozen=True)
class ApplicationStanding:
    """Where an application stands; `documents` are pairs of a document and its status."""

    case_number: str
    program: str
    status: str
    opened_at: datetime
    documents: tuple[tuple[str, str], ...]


# Screening: nothing here is about a patient ----------------------------------------------------------------------


def income_ranges(care: Care, household: int) -> tuple[IncomeRange, ...]:
    """The ranges to choose from for a household of that many people, the lowest first; none when no program asks.

    ValueError for a household of none or of more than thirty.
    """
    with care.store.reading() as session:
        return _ranges(care, _programs(care, session), household)


def _ranges(care: Care, programs: Sequence[AssistanceProgram], household: int) -> tuple[IncomeRange, ...]:
    if not 1 <= household <= _MOST_PEOPLE:
        raise ValueError(f"a household has 1 to {_MOST_PEOPLE} people")
    line = care.organization.billing.poverty_line_in(care.today().year).for_household(household)
    limits = sorted(
        {
            percent
            for program in programs
            for percent in (program.full_help_up_to_percent, program.income_up_to_percent)
            if percent
        }
    )
    if not limits:
        return ()
    found, least = [], 0
    for number, percent in enumerate(limits, 1):
        most = line * percent // 100
        found.append(IncomeRange(number, least, most, percent))
        least = most + 1
    return (*found, IncomeRange(len(found) + 1, least, None, None))


def screen(care: Care, answers: Answers, balance_cents: int | None = None) -> list[Fit]:
    """Every program of today with how it stands to the answers: those that may fit first, then those still open.

    `balance_cents`: what is owed, where the patient is verified and it may be used.
    """
    with care.store.reading() as session:
        programs = _programs(care, session)
        ranges = _ranges(care, programs, answers.household) if answers.household else ()
        chosen = next((one for one in ranges if one.number == answers.income_range), None)
        fits = [_fit(program, answers, chosen, balance_cents) for program in programs]
    order = {MAY_FIT: 0, NOT_SAID: 1, DOES_NOT_FIT: 2}
    return sorted(fits, key=lambda fit: (order[fit.verdict], not fit.full_help))


def _fit(program: AssistanceProgram, answers: Answers, chosen: IncomeRange | None, balance_cents: int | None) -> Fit:
    """Each rule holds (True), doesn't (False), or can't be told yet (None)."""
    rules: dict[str, bool | None] = {}
    full = False
    if program.income_up_to_percent:
        rules[INCOME] = None if chosen is None else _within(chosen, program.income_up_to_percent)
        full = chosen is not None and _within(chosen, program.full_help_up_to_percent or 0)
    if program.insurance != "any":
        rules[INSURANCE] = None if answers.insured is None else answers.insured is (program.insurance == "insured")
    if program.counties:
        known = {_plain(county) for county in program.counties}
        rules[COUNTY] = None if answers.county is None else _plain(answers.county) in known
    if program.least_household:
        rules[HOUSEHOLD] = None if answers.household is None else answers.household >= program.least_household
    if program.least_balance_cents:
        rules[BALANCE] = None if balance_cents is None else balance_cents >= program.least_balance_cents
    against = tuple(name for name, holds in rules.items() if holds is False)
    unsaid = tuple(name for name, holds in rules.items() if holds is None)
    return Fit(
        key=program.key,
        name=program.name,
        name_es=program.name_es,
        verdict=DOES_NOT_FIT if against else NOT_SAID if unsaid else MAY_FIT,
        open=unsaid,
        against=against,
        documents=tuple(program.documents),
        full_help=full and not against,
    )


def _within(chosen: IncomeRange, percent: int) -> bool:
    return chosen.up_to_percent is not None and chosen.up_to_percent <= percent


def _plain(county: str) -> str:
    words = county.casefold().replace(".", " ").split()
    return " ".join(word for word in words if word not in ("county", "condado", "de", "the"))


def _programs(care: Care, session: Session) -> list[AssistanceProgram]:
    today = care.today()
    return list(
        session.execute(
            select(AssistanceProgram)
            .where(
                or_(AssistanceProgram.starts_on.is_(None), AssistanceProgram.starts_on <= today),
                or_(AssistanceProgram.ends_on.is_(None), AssistanceProgram.ends_on >= today),
            )
            .order_by(AssistanceProgram.id)
        ).scalars()
    )


# Applying --------------------------------------------------------------------------------------------------------


def apply(care: Care, conversation_id: str, program: str, answers: Answers, voice: Voice) -> Applied:
    """Open an application, with the documents it needs, and a counselor who calls: the same day when a bill is with
    collections. Asking again for the same program adds to it.

    Also somebody whom a program doesn't seem to fit may apply: the counselor decides (R6). Raise ChartClosed, or
    NoSuchProgram.
    """
    with open_ledger(care, conversation_id, "financial assistance") as ledger:
        session = ledger.session
        programs = _programs(care, session)
        row = next((one for one in programs if one.key == program), None)
        if row is None:
            raise NoSuchProgram("there is no such program")
        bills = ledger.account.bills()
        owed = sum(bill.sum("owed_cents") for bill in bills)
        urgent = any(bill.in_collections and bill.sum("owed_cents") for bill in bills)
        priority = desk.URGENT if urgent else desk.STANDARD
        what = f"Applies for {row.name}. Owed: {owed / 100:,.2f} USD. {_said(care, programs, answers)}"
        if urgent:
            what += " A bill is with collections."
        brief, due_at = verified(ledger, what, voice), desk.due_time(care, priority)
        known = session.execute(
            select(AssistanceApplication).where(
                AssistanceApplication.patient_id == ledger.patient_id,
                AssistanceApplication.program_id == row.id,
                AssistanceApplication.status.in_(UNDECIDED),
            )
        ).scalar_one_or_none()
        if known is not None:
            ticket = session.get(Ticket, known.ticket_id)
            desk.note(care, session, ticket, "added", brief)
            made = promises.renew(care, session, ticket, COUNSELOR_CALL, due_at)
            needed = tuple(name for name, status in _documents(session, known) if status == "needed")
            return Applied(known.case_number, row.key, needed, made.due_at, joined=True)
        errand = Errand(
            COUNSELOR_CALL,
            row.key,
            "financial_assistance",
            brief,
            due_at,
            queue=COUNSELING,
            priority=priority,
            anew=True,
        )
        ticket, asked = run(care, session, conversation_id, ledger.patient_id, errand)
        application = AssistanceApplication(
            case_number=asked.case_number,
            patient_id=ledger.patient_id,
            program_id=row.id,
            conversation_id=conversation_id,
            ticket_id=ticket.id,
            answers=json.dumps(asdict(answers)),
            opened_at=care.now(),
            status="open",
        )
        session.add(application)
        session.flush()
        session.add_all(
            ApplicationDocument(application_id=application.id, document=name, status="needed") for name in row.documents
        )
        audit(
            care,
            session,
            desk.ASSISTANT,
            ledger.patient_id,
            "assistance_applied",
            asked.case_number,
            conversation_id,
        )
        return Applied(asked.case_number, row.key, tuple(row.documents), asked.due_at, joined=False)


def standings(care: Care, conversation_id: str) -> list[ApplicationStanding]:
    """Every application of whoever is verified here, the newest first. Raise ChartClosed when nobody is."""
    with open_ledger(care, conversation_id, "financial assistance") as ledger:
        rows = ledger.session.execute(
            select(AssistanceApplication, AssistanceProgram.key)
            .join(AssistanceProgram, AssistanceApplication.program_id == AssistanceProgram.id)
            .where(AssistanceApplication.patient_id == ledger.patient_id)
            .order_by(AssistanceApplication.id.desc())
        ).all()
        return [
            ApplicationStanding(
                case_number=row.case_number,
                program=key,
                status=row.status,
                opened_at=row.opened_at,
                documents=tuple(_documents(ledger.session, row)),
            )
            for row, key in rows
        ]


# What the counselor does -----------------------------------------------------------------------------------------


def receive_document(care: Care, case_number: str, document: str, by: str, *, needed: bool = True) -> bool:
    """Note that a document has come in, or is not needed after all; whether nothing is missing any more.

    With the last one the application is submitted. Raise NoSuchApplication.
    """
    with care.store.work() as session:
        application = _of_case(session, case_number)
        row = session.execute(
            select(ApplicationDocument).where(
                ApplicationDocument.application_id == application.id, ApplicationDocument.document == document
            )
        ).scalar_one_or_none()
        if row is None:
            raise NoSuchApplication("this application needs no such document")
        row.status, row.changed_at = ("received" if needed else "not_needed"), care.now()
        session.flush()
        complete = all(status != "needed" for _, status in _documents(session, application))
        if complete and application.status == "open":
            application.status = "submitted"
        note_by(care, session, session.get(Ticket, application.ticket_id), by, f"document_{row.status}", document)
        return complete


def decide(care: Care, case_number: str, by: str, status: str) -> None:
    """End an application: approved, denied or withdrawn. Raise NoSuchApplication."""
    if status not in ("approved", "denied", "withdrawn"):
        raise ValueError("an application ends approved, denied or withdrawn")
    if not by.strip():
        raise ValueError("an application is decided by somebody")
    with care.store.work() as session:
        application = _of_case(session, case_number)
        application.status, application.decided_at, application.decided_by = status, care.now(), by
        note_by(care, session, session.get(Ticket, application.ticket_id), by, f"application_{status}")
        audit(care, session, by, application.patient_id, f"application_{status}", case_number)


def _of_case(session: Session, case_number: str) -> AssistanceApplication:
    found: AssistanceApplication | None = session.execute(
        select(AssistanceApplication).where(
            AssistanceApplication.case_number == case_number, AssistanceApplication.status.in_(UNDECIDED)
        )
    ).scalar_one_or_none()
    if found is None:
        raise NoSuchApplication("no application of this case is undecided")
    return found


def _documents(session: Session, application: AssistanceApplication) -> list[tuple[str, str]]:
    rows = session.execute(
        select(ApplicationDocument.document, ApplicationDocument.status)
        .where(ApplicationDocument.application_id == application.id)
        .order_by(ApplicationDocument.id)
    ).all()
    return [(name, status) for name, status in rows]


def _said(care: Care, programs: Sequence[AssistanceProgram], answers: Answers) -> str:
    """The answers as the counselor reads them."""
    parts = [f"Household: {answers.household or 'not said'}."]
    ranges = _ranges(care, programs, answers.household) if answers.household else ()
    chosen = next((one for one in ranges if one.number == answers.income_range), None)
    if chosen is None:
        parts.append("Income: not said.")
    elif chosen.most_cents is None:
        parts.append(f"Income: above {chosen.least_cents / 100:,.0f} USD a year.")
    else:
        low, high = chosen.least_cents / 100, chosen.most_cents / 100
        parts.append(f"Income: {low:,.0f} to {high:,.0f} USD a year (up to {chosen.up_to_percent}% of the line).")
    insured = "not said" if answers.insured is None else "yes" if answers.insured else "no"
    parts.append(f"Insured: {insured}. County: {answers.county or 'not said'}.")
    return " ".join(parts)
