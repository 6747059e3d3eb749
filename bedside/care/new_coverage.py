"""New or changed insurance, given in chat one field at a time, until a person has verified it (BRIEF 3.5).

What is given is kept sealed on the server, never in the conversation's own memory. It becomes a pending coverage with
a ticket, and covers nothing until then. Of a member number, only its last characters are ever read back (R3).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process

from bedside.care.bill_requests import Voice
from bedside.care.context import Care
from bedside.care.insurance_window import Folder, InsuranceError, business_days, open_folder
from bedside.care.ledger import audit, note_by
from bedside.records.clinic_file import HELD_THROUGH, HOLDER_RELATIONS
from bedside.records.insurance import ending, insurance_for_desk, owner_of_pending, plan_key
from bedside.records.payers import KnownPayer, known_payers
from bedside.records.tables import Ticket

INQUIRY = "update_insurance"
VERIFY = "coverage_check"
PAYER, PLAN, MEMBER_ID, GROUP_NUMBER, HOLDER, STARTS_ON, PAYS_FIRST = (
    "payer",
    "plan",
    "member_id",
    "group_number",
    "holder",
    "starts_on",
    "pays_first",
)
FIELDS = (PAYER, PLAN, MEMBER_ID, GROUP_NUMBER, HOLDER, STARTS_ON, PAYS_FIRST)
"""In the order to ask for them."""
REQUIRED = (PAYER, MEMBER_ID)
"""What can't be left out; the rest may be unknown to the patient, and a person finds out."""

_WRITTEN_OUT, _SURE, _LIKELY = 100.0, 90.0, 72.0  # of 100, for a name that was typed
_SHORTEST, _LONGEST = 4, 40  # characters of a member or group number


class NotComplete(InsuranceError):
    """Something that can't be left out has not been given; `missing` says what."""

    def __init__(self, missing: Sequence[str]) -> None:
        self.missing = tuple(missing)
        super().__init__(", ".join(missing))


class NoSuchPending(InsuranceError):
    """There is no such coverage that waits to be verified."""


@dataclass(frozen=True)
class Draft:
    """What has been given so far. `skipped`: the fields that the patient doesn't know or have."""

    payer: str | None = None
    payer_id: int | None = None
    plan: str | None = None
    member_id: str | None = field(default=None, repr=False)
    group_number: str | None = field(default=None, repr=False)
    holder_name: str | None = field(default=None, repr=False)
    holder_relation: str | None = None
    starts_on: date | None = None
    pays_first: bool | None = None
    replaces_id: int | None = None
    skipped: tuple[str, ...] = ()

    def missing(self, *, several: bool) -> tuple[str, ...]:
        """The fields still to ask, in order. `several`: the patient has other insurance, so the order matters."""
        given = {
            PAYER: self.payer is not None,
            PLAN: self.plan is not None,
            MEMBER_ID: self.member_id is not None,
            GROUP_NUMBER: self.group_number is not None,
            HOLDER: self.holder_relation == "self" or bool(self.holder_relation and self.holder_name),
            STARTS_ON: self.starts_on is not None,
            PAYS_FIRST: self.pays_first is not None or not several or self.replaces_id is not None,
        }
        return tuple(name for name in FIELDS if not given[name] and (name in REQUIRED or name not in self.skipped))


@dataclass(frozen=True)
class PayerMatch:
    """Which insurer was meant. `sure`: it may be taken without asking; otherwise `others` are to choose from too."""

    payer_id: int
    name: str
    plans: tuple[str, ...]
    sure: bool
    others: tuple[str, ...]


@dataclass(frozen=True)
class ReadBack:
    """What is read back before it is stored: of the numbers, only the last characters."""

    payer: str
    plan: str | None
    member_ending: str | None
    group_given: bool
    holder_name: str | None
    holder_relation: str
    starts_on: date | None
    pays_first: bool | None
    already_on_file: bool


@dataclass(frozen=True)
class Stored:
    """The case, by when a person has verified it (UTC), and whether it was given before. `pending_id`: the row."""

    case_number: str
    queue: str
    due_at: datetime
    joined: bool
    pending_id: int
    read_back: ReadBack


# Reading a field -------------------------------------------------------------------------------------------------


def read_payer(care: Care, text: str) -> PayerMatch | None:
    """The insurer that a message names, misspelled or by another of its names; None where none is near.

    It reads which insurers there are, and nothing of anybody.
    """
    with care.store.reading() as session:
        known = known_payers(session)
    return match_payer(known, text)


def match_payer(known: Sequence[KnownPayer], text: str) -> PayerMatch | None:
    """The same over a list of insurers."""
    names = [(name, payer) for payer in known for name in (payer.name, *payer.also_called)]
    scores: dict[str, float] = {}
    for name, payer in names:
        score = _likeness(text, name)
        scores[payer.name] = max(score, scores.get(payer.name, 0.0))
    ranked = sorted(((score, name) for name, score in scores.items() if score >= _LIKELY), reverse=True)
    if not ranked:
        return None
    best, name = ranked[0]
    payer = next(one for one in known if one.name == name)
    others = tuple(other for _, other in ranked[1:4])
    # Medicare and Medicaid are a slip apart: what is not written out is sure only where nothing else is near.
    rival = ranked[1][0] if others else 0.0
    sure = rival < _SURE if best == _WRITTEN_OUT else best >= _SURE and not others
    return PayerMatch(payer.payer_id, name, payer.plans, sure, others)


def match_plan(plans: Sequence[str], text: str) -> str | None:
    """Which of an insurer's plans a message names; None where none is near, and the words are kept as they are."""
    found = process.extractOne(text, list(plans), scorer=fuzz.WRatio, processor=default_process, score_cutoff=80)
    return str(found[0]) if found else None


def read_member_id(text: str) -> str | None:
    """A member or group number as it stands on a card, without spaces; None where it can't be one.

    A number with a word of a sentence around it is the last piece with a digit in it.
    """
    pieces = [piece.strip(".,;:!?()") for piece in text.upper().split()]
    whole = "".join(pieces)
    parts_of_one = all(any(sign.isdigit() for sign in piece) or len(piece) <= 3 for piece in pieces)
    if parts_of_one and pieces and _is_number(whole):
        return whole
    return next((piece for piece in reversed(pieces) if _is_number(piece)), None)


def _is_number(number: str) -> bool:
    if not re.fullmatch(r"[A-Z0-9-]+", number) or not any(sign.isdigit() for sign in number):
        return False
    return _SHORTEST <= sum(sign.isalnum() for sign in number) <= _LONGEST


def _likeness(text: str, name: str) -> float:
    """How much a message looks like it names something: whole words count, a short name must stand there itself."""
    said, wanted = default_process(text), default_process(name)
    if not said or not wanted:
        return 0.0
    if re.search(rf"\b{re.escape(wanted)}\b", said):
        return _WRITTEN_OUT
    if len(wanted) <= 4:
        return 0.0
    words, length = said.split(), len(wanted.split())
    windows = [" ".join(words[at : at + size]) for size in {length, length + 1} for at in range(len(words))]
    return max((fuzz.ratio(window, wanted) for window in windows), default=0.0)


# One field at a time ---------------------------------------------------------------------------------------------


def draft(care: Care, conversation_id: str) -> Draft:
    """What has been given so far. Raise ChartClosed when nobody is verified."""
    with open_folder(care, conversation_id, "new insurance") as folder:
        return _read(folder)


def give(care: Care, conversation_id: str, **fields: Any) -> tuple[Draft, tuple[str, ...]]:
    """Take one or more fields of a Draft, by name; what is given again takes the place of the old. Raise ChartClosed.

    Returns the draft and the fields still to ask. `skipped` adds to what was skipped before. Raise ValueError for a
    field that doesn't exist, a relation that isn't known, or a coverage to replace that isn't the patient's.
    """
    relation = fields.get("holder_relation")
    if relation is not None and relation not in HOLDER_RELATIONS:
        raise ValueError(f"a holder is one of {', '.join(HOLDER_RELATIONS)}")
    unknown = set(fields) - set(Draft.__dataclass_fields__)
    if unknown:
        raise ValueError(f"a coverage has no {', '.join(sorted(unknown))}")
    with open_folder(care, conversation_id, "new insurance") as folder:
        policies = folder.insurance.policies()
        if fields.get("replaces_id") is not None and fields["replaces_id"] not in {one.coverage_id for one in policies}:
            raise ValueError("this patient has no such coverage")
        before = _read(folder)
        if "skipped" in fields:
            fields["skipped"] = tuple(dict.fromkeys([*before.skipped, *fields["skipped"]]))
        made = replace(before, **fields)
        _keep(folder, made)
        return made, made.missing(several=bool(policies))


def forget(care: Care, conversation_id: str) -> None:
    """Forget what has been given, where the patient stops. Raise ChartClosed when nobody is verified."""
    with open_folder(care, conversation_id, "new insurance") as folder:
        folder.insurance.forget_draft(conversation_id)


def read_back(care: Care, conversation_id: str) -> ReadBack:
    """What to read back before it is stored. Raise ChartClosed, or NotComplete."""
    with open_folder(care, conversation_id, "new insurance") as folder:
        return _read_back(folder, _complete(folder))


def store(care: Care, conversation_id: str, voice: Voice) -> Stored:
    """Store what was given as a pending coverage, with a ticket and a promise to verify it, on the patient's yes.

    The same card again is the same case, with what is new about it. Raise ChartClosed, or NotComplete.
    """
    with open_folder(care, conversation_id, "new insurance") as folder:
        given = _complete(folder)
        back = _read_back(folder, given)
        digest = _digest(care, given)
        known = folder.insurance.pending_with(digest)
        ticket, asked = folder.errand(
            VERIFY,
            digest[:16],
            INQUIRY,
            _brief(back, given),
            business_days(care, care.organization.insurance.verify_coverage_business_days),
            voice,
        )
        if known is not None:
            folder.insurance.end_pending(known.id, "replaced", care.now(), "patient")
        pending_id = folder.insurance.write_pending(
            conversation_id=conversation_id,
            ticket_id=ticket.id,
            payer_id=given.payer_id,
            payer_said=given.payer,
            plan_said=given.plan,
            member_id=given.member_id,
            member_digest=digest,
            group_number=given.group_number,
            holder_name=given.holder_name,
            holder_relation=given.holder_relation or "self",
            starts_on=given.starts_on,
            pays_first=given.pays_first,
            replaces_id=given.replaces_id,
            said_at=care.now(),
        )
        folder.insurance.forget_draft(conversation_id)
        audit(care, folder.session, "patient", folder.patient_id, "coverage_given", asked.case_number, conversation_id)
        return Stored(asked.case_number, asked.queue, asked.due_at, asked.joined, pending_id, back)


# What a person at the desk does ----------------------------------------------------------------------------------


def verify(
    care: Care,
    pending_id: int,
    by: str,
    *,
    payer: str,
    plan: str,
    rank: int,
    held_through: str = "unknown",
    large_employer: bool | None = None,
    starts_on: date | None = None,
) -> int:
    """A person has checked it with the insurer: it becomes a coverage, and the one it replaces ends the day before.

    Other coverages that hold at that time keep their order behind it. Returns its id. Raise NoSuchPending.
    """
    if held_through not in HELD_THROUGH:
        raise ValueError(f"a coverage is held through one of {', '.join(HELD_THROUGH)}")
    with care.store.work() as session:
        insurance, row = _at_desk(care, session, pending_id, by)
        first_day = starts_on or row.starts_on or care.today()
        replaced = next((one for one in insurance.policies() if one.coverage_id == row.replaces_id), None)
        if replaced is not None and (replaced.ends_on is None or replaced.ends_on >= first_day):
            last_day = max(first_day - timedelta(days=1), replaced.starts_on or date.min)
            insurance.change_coverage(replaced.coverage_id, ends_on=last_day)
        others = [
            one
            for one in insurance.policies()
            if one.coverage_id != row.replaces_id and (one.ends_on is None or one.ends_on >= first_day)
        ]
        wanted = rank
        for one in sorted(others, key=lambda other: (other.rank, other.coverage_id)):
            if one.rank == wanted:
                wanted += 1
                insurance.change_coverage(one.coverage_id, rank=wanted)
        coverage_id = insurance.write_coverage(
            payer=payer,
            plan=plan,
            plan_id=plan_key(session, row.payer_id, plan),
            member_id=row.member_id,
            group_number=row.group_number,
            holder_name=row.holder_name,
            holder_relation=row.holder_relation,
            held_through=held_through,
            large_employer=large_employer,
            rank=rank,
            starts_on=first_day,
            verified_on=care.today(),
        )
        insurance.end_pending(pending_id, "verified", care.now(), by, coverage_id)
        _note(care, session, row, by, "coverage_verified")
        return coverage_id


def reject(care: Care, pending_id: int, by: str, reason: str) -> None:
    """A person has found that it doesn't hold; what is on file stays. Raise NoSuchPending."""
    if not reason.strip():
        raise ValueError("a coverage is rejected for a reason")
    with care.store.work() as session:
        insurance, row = _at_desk(care, session, pending_id, by)
        insurance.end_pending(pending_id, "rejected", care.now(), by)
        _note(care, session, row, by, "coverage_rejected", reason)


def _at_desk(care: Care, session: Any, pending_id: int, by: str) -> tuple[Any, Any]:
    if not by.strip():
        raise ValueError("a coverage is verified by somebody")
    try:
        patient_id = owner_of_pending(session, pending_id)
    except KeyError:
        raise NoSuchPending("there is no such coverage") from None
    insurance = insurance_for_desk(session, patient_id, by, care.now(), "verify insurance")
    row = insurance.pending_row(pending_id)
    if row.status != "pending":
        raise NoSuchPending("this coverage was dealt with already")
    return insurance, row


def _note(care: Care, session: Any, row: Any, by: str, kind: str, reason: str | None = None) -> None:
    ticket = session.get(Ticket, row.ticket_id)
    note_by(care, session, ticket, by, kind, reason)
    audit(care, session, by, row.patient_id, kind, ticket.case_number)


# Drafts ----------------------------------------------------------------------------------------------------------


def _read(folder: Folder) -> Draft:
    idle = timedelta(minutes=folder.care.organization.identity.expires_minutes)
    kept = folder.insurance.draft(folder.conversation_id, folder.care.now() - idle)
    if kept is None:
        return Draft()
    values = json.loads(kept)
    values["starts_on"] = date.fromisoformat(values["starts_on"]) if values["starts_on"] else None
    values["skipped"] = tuple(values["skipped"])
    return Draft(**values)


def _keep(folder: Folder, made: Draft) -> None:
    values = asdict(made)
    values["starts_on"] = made.starts_on.isoformat() if made.starts_on else None
    folder.insurance.keep_draft(folder.conversation_id, json.dumps(values, ensure_ascii=False), folder.care.now())


def _complete(folder: Folder) -> Draft:
    given = _read(folder)
    missing = given.missing(several=bool(folder.insurance.policies()))
    if missing:
        raise NotComplete(missing)
    return given


def _read_back(folder: Folder, given: Draft) -> ReadBack:
    assert given.payer is not None
    same = any(
        _plain(one.member_id) == _plain(given.member_id) and one.payer == given.payer
        for one in folder.insurance.policies()
    )
    return ReadBack(
        payer=given.payer,
        plan=given.plan,
        member_ending=ending(given.member_id),
        group_given=given.group_number is not None,
        holder_name=given.holder_name if given.holder_relation != "self" else None,
        holder_relation=given.holder_relation or "self",
        starts_on=given.starts_on,
        pays_first=given.pays_first,
        already_on_file=same,
    )


def _digest(care: Care, given: Draft) -> str:
    return care.keyring.digest("member id", _plain(given.member_id))


def _plain(number: str | None) -> str:
    return "".join(sign for sign in (number or "").upper() if sign.isalnum())


def _brief(back: ReadBack, given: Draft) -> str:
    parts = [f"Gave new insurance to be verified: {back.payer}, {back.plan or 'plan not known'}."]
    if back.already_on_file:
        parts.append("A coverage with that number is on file already: see what has changed.")
    if given.payer_id is None:
        parts.append("This insurer is not one that the records describe.")
    if given.replaces_id is not None:
        parts.append(f"It takes the place of coverage {given.replaces_id}.")
    held = (
        "the patient"
        if back.holder_relation == "self"
        else f"{back.holder_name or 'not said'} ({back.holder_relation})"
    )
    parts.append(f"Held by {held}.")
    parts.append(f"From {given.starts_on:%m/%d/%Y}." if given.starts_on else "Start not known.")
    first = {True: "first", False: "not first", None: "in an order they don't know"}[back.pays_first]
    parts.append(f"Pays {first}. The numbers are in the record, sealed.")
    return " ".join(parts)
