"""Proving who is speaking (R3, BRIEF 3.2).

Full name, date of birth, and the last 4 of the SSN or the account number. What is given is kept sealed until it is
complete; then it is compared as a whole, so that nothing said or done differs by which part was wrong or whether such a
patient exists. Failures count per conversation and per patient record, over any number of conversations.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bedside.care import desk
from bedside.care.context import Care
from bedside.language.identifiers import Given, is_full_name, names_match
from bedside.records.chart import Chart, live_verification, open_chart
from bedside.records.tables import (
    Audit,
    Emergency,
    Identifier,
    IdentityAttempt,
    IdentityDraft,
    IdentityLock,
    Interaction,
    Patient,
    Verification,
)

NAME, BIRTH_DATE, THIRD = "name", "birth_date", "third"
PARTS = (NAME, BIRTH_DATE, THIRD)

MATCHED, FAILED, LOCKED, INCOMPLETE = "matched", "failed", "locked", "incomplete"


@dataclass(frozen=True)
class Standing:
    """Where the proof stands: the outcome, and the parts that are still to be asked."""

    outcome: str
    missing: tuple[str, ...] = ()
    case_number: str | None = None


def is_verified(care: Care, conversation_id: str) -> bool:
    """Whether a live verification exists for this conversation at this moment."""
    with care.store.reading() as session:
        return live_verification(session, conversation_id, care.now(), _idle(care)) is not None


def is_locked(care: Care, conversation_id: str) -> bool:
    """Whether proving an identity is closed to this conversation for now."""
    with care.store.reading() as session:
        return _locked(session, care.now(), conversation_id=conversation_id)


def chart(care: Care, session: Session, conversation_id: str, purpose: str) -> Chart:
    """The chart of whoever was verified here; raise ChartClosed otherwise."""
    return open_chart(session, conversation_id, care.now(), _idle(care), purpose)


def was_verified(care: Care, conversation_id: str) -> bool:
    """Whether somebody proved their identity in this conversation before, even if it no longer holds."""
    with care.store.reading() as session:
        known = select(Verification.id).where(Verification.conversation_id == conversation_id)
        return session.execute(known).first() is not None


def number_on_file(care: Care, conversation_id: str) -> bool:
    """Whether somebody is verified here whom staff can call at a number on file; the number itself is not read."""
    with care.store.work() as session:
        if live_verification(session, conversation_id, care.now(), _idle(care)) is None:
            return False
        return chart(care, session, conversation_id, "call back").has_phone()


def missing_parts(care: Care, conversation_id: str) -> tuple[str, ...]:
    """The parts that have not been given yet in this conversation."""
    with care.store.reading() as session:
        return _missing(_read_draft(care, session, conversation_id))


def give(care: Care, conversation_id: str, given: Given, *, retry: bool = False) -> Standing:
    """Take what was just given; when all parts are there, compare and decide.

    `retry`: the person was told that the last try did not match, so giving the same again is a new try.
    """
    with care.store.work() as session:
        now = care.now()
        if _locked(session, now, conversation_id=conversation_id):
            return Standing(LOCKED)
        draft = _read_draft(care, session, conversation_id)
        changed = _take(draft, given)
        if not changed and not retry:
            return Standing(INCOMPLETE, _missing(draft))
        _write_draft(session, conversation_id, draft, now)
        missing = _missing(draft)
        if missing:
            return Standing(INCOMPLETE, missing)
        return _compare(care, session, conversation_id, draft)


def revoke(care: Care, conversation_id: str) -> None:
    """End every verification of this conversation, and forget what was given."""
    with care.store.work() as session:
        for row in session.execute(
            select(Verification).where(
                Verification.conversation_id == conversation_id, Verification.revoked_at.is_(None)
            )
        ).scalars():
            row.revoked_at = care.now()
        _forget(session, conversation_id)


def forget(care: Care, conversation_id: str) -> None:
    """Forget what was given so far in this conversation: it turned out to be about somebody else."""
    with care.store.work() as session:
        _forget(session, conversation_id)


# Drafts -----------------------------------------------------------------------------------------------------------


def _read_draft(care: Care, session: Session, conversation_id: str) -> dict[str, Any]:
    row = session.get(IdentityDraft, conversation_id)
    if row is None or row.updated_at < care.now() - _idle(care):
        return {}
    return dict(json.loads(row.given))


def _write_draft(session: Session, conversation_id: str, draft: dict[str, Any], now: datetime) -> None:
    row = session.get(IdentityDraft, conversation_id)
    if row is None:
        session.add(IdentityDraft(conversation_id=conversation_id, given=json.dumps(draft), updated_at=now))
    else:
        row.given, row.updated_at = json.dumps(draft), now


def _forget(session: Session, conversation_id: str) -> None:
    row = session.get(IdentityDraft, conversation_id)
    if row is not None:
        session.delete(row)


def _take(draft: dict[str, Any], given: Given) -> bool:
    """Put what was given into the draft; whether anything changed. A new third part replaces the old one."""
    before = json.dumps(draft, sort_keys=True)
    if given.name and (is_full_name(given.name) or NAME not in draft):
        draft[NAME] = given.name
    if given.birth_dates:
        draft[BIRTH_DATE] = [day.isoformat() for day in given.birth_dates]
    third = {kind: value for kind, value in (("ssn_last4", given.last4), ("account", given.account)) if value}
    if third:
        draft[THIRD] = third
    return json.dumps(draft, sort_keys=True) != before


def _missing(draft: dict[str, Any]) -> tuple[str, ...]:
    def lacks(part: str) -> bool:
        return part not in draft or (part == NAME and not is_full_name(draft[NAME]))

    return tuple(part for part in PARTS if lacks(part))


# The decision -----------------------------------------------------------------------------------------------------


def _compare(care: Care, session: Session, conversation_id: str, draft: dict[str, Any]) -> Standing:
    now = care.now()
    rules = care.organization.identity
    match, aimed_at = _search(care, session, draft)
    if match is not None and not _locked(session, now, patient_id=int(match.id)):
        session.add(IdentityAttempt(conversation_id=conversation_id, patient_id=match.id, at=now, outcome=MATCHED))
        session.add(
            Verification(
                conversation_id=conversation_id,
                patient_id=match.id,
                method="name+birth_date+" + "+".join(sorted(draft[THIRD])),
                verified_at=now,
                last_used_at=now,
                expires_at=now + timedelta(minutes=rules.expires_minutes),
            )
        )
        _audit(session, now, conversation_id, match.id, "identity_verified")
        _forget(session, conversation_id)
        talk = session.execute(
            select(Interaction).where(Interaction.conversation_id == conversation_id)
        ).scalar_one_or_none()
        if talk is not None:
            talk.patient_id = match.id
        _tie_emergencies(session, conversation_id, int(match.id))
        return Standing(MATCHED)

    aimed = match or aimed_at or _aimed_before(session, conversation_id, draft[NAME])
    aimed_id = None if aimed is None else int(aimed.id)
    session.add(IdentityAttempt(conversation_id=conversation_id, patient_id=aimed_id, at=now, outcome=FAILED))
    _audit(session, now, conversation_id, aimed_id, "identity_failed")
    session.flush()
    until = now + timedelta(minutes=rules.lock_minutes)
    here = _failures(session, now, conversation_id=conversation_id) >= rules.attempts
    if match is not None:
        here = True  # every part is right, but the record is locked: a person takes over at once
    if (
        aimed_id is not None
        and _failures(session, now, patient_id=aimed_id) >= rules.attempts
        and not _locked(session, now, patient_id=aimed_id)
    ):
        session.add(IdentityLock(patient_id=aimed_id, locked_at=now, until=until))
        _audit(session, now, conversation_id, aimed_id, "identity_locked_record")
    if not here:
        return Standing(FAILED)
    session.add(IdentityLock(conversation_id=conversation_id, locked_at=now, until=until))
    _audit(session, now, conversation_id, aimed_id, "identity_locked_conversation")
    _forget(session, conversation_id)
    ticket, _ = desk.open_ticket(
        care,
        session,
        desk.Work(
            queue="compliance",
            priority=desk.STANDARD,
            inquiry="privacy_breach",
            matter=f"identity-lock:{conversation_id}:{now.date()}",
            brief="Identity could not be proved after several tries in chat. Please review the attempts of this "
            "conversation and of the record they were aimed at.",
            conversation_id=conversation_id,
            patient_id=aimed_id,
        ),
    )
    return Standing(LOCKED, case_number=ticket.case_number)


def _search(care: Care, session: Session, draft: dict[str, Any]) -> tuple[Patient | None, Patient | None]:
    """The patient whom all parts fit, and else the record the try was aimed at: two parts fit, or the account does."""
    births = {date.fromisoformat(day) for day in draft[BIRTH_DATE]}
    digests = {kind: care.keyring.digest(kind, value) for kind, value in draft[THIRD].items()}
    by_third: dict[int, set[str]] = {}
    for kind, digest in digests.items():
        for row in session.execute(
            select(Identifier).where(Identifier.kind == kind, Identifier.digest == digest)
        ).scalars():
            by_third.setdefault(int(row.patient_id), set()).add(kind)
    candidates = session.execute(
        select(Patient).where(or_(Patient.birth_date.in_(births), Patient.id.in_(by_third or {0})))
    ).scalars()
    aimed: list[tuple[int, Patient]] = []
    for patient in candidates:
        named = names_match(draft[NAME], patient.full_name)
        born = patient.birth_date in births
        kinds = by_third.get(int(patient.id), set())
        if named and born and kinds == set(digests):
            return patient, patient
        score = named + born + bool(kinds)
        if score >= 2 or "account" in kinds:
            aimed.append((score, patient))
    aimed.sort(key=lambda pair: -pair[0])
    return None, aimed[0][1] if aimed else None


def _aimed_before(session: Session, conversation_id: str, name: str) -> Patient | None:
    """The record that the earlier tries of this conversation were aimed at, while the name still is that record's."""
    patient: Patient | None = (
        session.execute(
            select(Patient)
            .join(IdentityAttempt, IdentityAttempt.patient_id == Patient.id)
            .where(IdentityAttempt.conversation_id == conversation_id, IdentityAttempt.outcome == FAILED)
            .order_by(IdentityAttempt.id.desc())
        )
        .scalars()
        .first()
    )
    return patient if patient is not None and names_match(name, patient.full_name) else None


def _failures(
    session: Session, now: datetime, *, conversation_id: str | None = None, patient_id: int | None = None
) -> int:
    """Failed tries of the last day since the last success, and since the last lock that has ended."""
    if conversation_id is not None:
        target, lock_of = (
            IdentityAttempt.conversation_id == conversation_id,
            IdentityLock.conversation_id == conversation_id,
        )
    else:
        target, lock_of = IdentityAttempt.patient_id == patient_id, IdentityLock.patient_id == patient_id
    success = select(func.coalesce(func.max(IdentityAttempt.id), 0)).where(target, IdentityAttempt.outcome == MATCHED)
    ended = session.execute(select(func.max(IdentityLock.locked_at)).where(lock_of, IdentityLock.until <= now)).scalar()
    since = max(filter(None, (ended, now - timedelta(days=1))))
    return int(
        session.execute(
            select(func.count()).where(
                target,
                IdentityAttempt.outcome == FAILED,
                IdentityAttempt.at > since,
                IdentityAttempt.id > success.scalar_subquery(),
            )
        ).scalar_one()
    )


def _locked(
    session: Session, now: datetime, *, conversation_id: str | None = None, patient_id: int | None = None
) -> bool:
    target = (
        IdentityLock.conversation_id == conversation_id
        if conversation_id is not None
        else IdentityLock.patient_id == patient_id
    )
    return session.execute(select(IdentityLock.id).where(target, IdentityLock.until > now)).first() is not None


def _tie_emergencies(session: Session, conversation_id: str, patient_id: int) -> None:
    """Staff who help after an emergency should know who it is, once that is known."""
    for emergency in session.execute(select(Emergency).where(Emergency.conversation_id == conversation_id)).scalars():
        ticket = session.get(desk.Ticket, emergency.ticket_id) if emergency.ticket_id else None
        if ticket is not None and ticket.patient_id is None:
            ticket.patient_id = patient_id


def _audit(session: Session, now: datetime, conversation_id: str, patient_id: int | None, event: str) -> None:
    session.add(Audit(at=now, actor="assistant", conversation_id=conversation_id, patient_id=patient_id, event=event))


def _idle(care: Care) -> timedelta:
    return timedelta(minutes=care.organization.identity.idle_minutes)


def patient_here(care: Care, session: Session, conversation_id: str) -> int | None:
    """The record of whoever is verified in this conversation at this moment, for a ticket; nothing of it is read."""
    row = live_verification(session, conversation_id, care.now(), _idle(care))
    return None if row is None else int(row.patient_id)
