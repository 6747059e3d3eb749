"""Who works at the desk: accounts, sign-in with two proofs, sessions that expire (BRIEF 3.9, R3).

Passwords are kept as salted scrypt hashes, the second proof is a code that changes every half minute and counts once,
and a session is a random secret in a cookie, kept here as a keyed hash. Every try is in the audit log.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bedside.care.context import Care
from bedside.care.transfers import Person
from bedside.organization import QUEUE_NAMES
from bedside.records.desk_tables import Staff, StaffSession
from bedside.records.tables import Audit

SHORTEST_PASSWORD = 12
_STEP_SECONDS = 30
_SCRYPT = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}
_NOBODY = "scrypt$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
# What a role sees to. A clinic may give an account other queues than its role's.
ROLES: dict[str, tuple[str, ...]] = {
    "nurse": ("nurse_line", "on_call"),
    "biller": ("billing",),
    "counselor": ("financial_counseling",),
    "scheduler": ("scheduling",),
    "insurance": ("insurance",),
    "advocate": ("patient_advocate", "interpreter"),
    "records": ("medical_records",),
    "privacy": ("compliance",),
    "risk": ("risk",),
    "media": ("media",),
    "supervisor": ("supervisor", "patient_advocate"),
}


class StaffError(ValueError):
    """Why an account can't be made, in one sentence."""


@dataclass(frozen=True)
class Account:
    """A new account: the secret of its second proof, for the authenticator of its owner, shown once."""

    login: str
    secret: str
    address: str


@dataclass(frozen=True)
class SignedIn:
    """A session: its secret for the cookie, and whose it is."""

    token: str
    person: Person


# Accounts ---------------------------------------------------------------------------------------------------------


def add(
    care: Care, login: str, name: str, role: str, password: str, queues: Sequence[str] = (), secret: str | None = None
) -> Account:
    """Make an account. Raise StaffError when something about it won't do."""
    login = login.strip().lower()
    if not login or not name.strip():
        raise StaffError("An account needs a login and a name.")
    if role not in ROLES:
        raise StaffError(f"There is no role {role}; there are {', '.join(ROLES)}.")
    if len(password) < SHORTEST_PASSWORD:
        raise StaffError(f"A password has at least {SHORTEST_PASSWORD} characters.")
    unknown = set(queues) - set(QUEUE_NAMES)
    if unknown:
        raise StaffError(f"There is no queue {', '.join(sorted(unknown))}.")
    secret = secret or base64.b32encode(secrets.token_bytes(20)).decode()
    with care.store.work() as session:
        if session.execute(select(Staff.id).where(Staff.login == login)).first() is not None:
            raise StaffError(f"There is an account {login} already.")
        session.add(
            Staff(
                login=login,
                name=name.strip(),
                role=role,
                queues=list(queues or ROLES[role]),
                supervises=role == "supervisor",
                password=hash_password(password),
                totp=secret,
                made_at=care.now(),
            )
        )
        _audit(care, session, login, "staff_added", role)
    label = quote(f"{care.organization.name}:{login}")
    issuer = quote(care.organization.name)
    return Account(login, secret, f"otpauth://totp/{label}?secret={secret}&issuer={issuer}")


def end(care: Care, login: str) -> bool:
    """End an account and its sessions; False when there is none."""
    with care.store.work() as session:
        row = _of(session, login)
        if row is None:
            return False
        row.ended_at = care.now()
        for one in session.execute(
            select(StaffSession).where(StaffSession.staff_id == row.id, StaffSession.ended_at.is_(None))
        ).scalars():
            one.ended_at = care.now()
        _audit(care, session, login, "staff_ended")
        return True


def is_empty(care: Care) -> bool:
    """Whether nobody has an account yet."""
    with care.store.reading() as session:
        return not session.execute(select(func.count()).select_from(Staff)).scalar_one()


def secret_of(care: Care, login: str) -> str | None:
    """The secret of an account's second proof, for the demo."""
    with care.store.reading() as session:
        row = _of(session, login)
        return None if row is None else row.totp


# Proofs -----------------------------------------------------------------------------------------------------------


def hash_password(password: str) -> str:
    """A salted scrypt hash."""
    salt = secrets.token_bytes(16)
    return f"scrypt${base64.b64encode(salt).decode()}${base64.b64encode(_scrypt(password, salt)).decode()}"


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, maxmem=64 * 1024 * 1024, **_SCRYPT)  # type: ignore[arg-type]


def password_fits(password: str, kept: str) -> bool:
    """Whether it is the password that was hashed; takes the same time for every wrong one."""
    _, salt, digest = kept.split("$")
    return hmac.compare_digest(_scrypt(password, base64.b64decode(salt)), base64.b64decode(digest))


def code_at(secret: str, seconds: float) -> str:
    """The code of the second proof at a moment, Unix seconds."""
    return _totp(secret).generate(int(seconds)).decode()


def _totp(secret: str) -> TOTP:
    # SHA-1 is what authenticators reckon with; the code is no digest of anything secret that could be found by it.
    return TOTP(base64.b32decode(secret), 6, SHA1(), _STEP_SECONDS, enforce_key_length=False)  # noqa: S303


def _step_of(care: Care, secret: str, code: str) -> int | None:
    """The time step that a code belongs to: this one or a neighbor; None when it is of none."""
    now = int(care.now().timestamp())
    for drift in (0, -1, 1):
        moment = now + drift * _STEP_SECONDS
        if hmac.compare_digest(code_at(secret, moment), code.strip().replace(" ", "")):
            return moment // _STEP_SECONDS
    return None


# Sessions ---------------------------------------------------------------------------------------------------------


def sign_in(care: Care, login: str, password: str, code: str) -> SignedIn | None:
    """Begin a session; None when a proof is wrong or the account is locked for a while, without saying which."""
    login, now = login.strip().lower()[:120], care.now()
    rules = care.organization.desk
    with care.store.reading() as session:
        known = _of(session, login)
    fits = password_fits(password, known.password if known is not None else _NOBODY)  # outside the unit of work: slow
    with care.store.work() as session:
        row = _of(session, login)
        if row is None:
            _audit(care, session, login, "sign_in_refused")
            return None
        if row.locked_until is not None and row.locked_until > now:
            _audit(care, session, login, "sign_in_refused", "locked")
            return None
        step = _step_of(care, row.totp, code) if row.totp else None
        if not fits or step is None or step <= (row.totp_used or 0):
            row.failures += 1
            if row.failures >= rules.sign_in_attempts:
                row.failures, row.locked_until = 0, now + timedelta(minutes=rules.sign_in_lock_minutes)
                _audit(care, session, login, "sign_in_locked")
            _audit(care, session, login, "sign_in_refused")
            return None
        row.failures, row.locked_until, row.totp_used = 0, None, step
        token = secrets.token_urlsafe(32)
        session.add(
            StaffSession(
                staff_id=row.id,
                digest=care.keyring.digest("desk session", token),
                started_at=now,
                last_used_at=now,
                expires_at=now + timedelta(hours=rules.session_hours),
            )
        )
        _audit(care, session, login, "signed_in")
        return SignedIn(token, _person(row))


def whose(care: Care, token: str | None, *, touch: bool = True) -> Person | None:
    """Whose session it is; None when it is over, forged or ended. `touch`: whether this is something they did."""
    if not token:
        return None
    now, rules = care.now(), care.organization.desk
    digest = care.keyring.digest("desk session", token)
    live = (
        StaffSession.digest == digest,
        StaffSession.ended_at.is_(None),
        StaffSession.expires_at > now,
        StaffSession.last_used_at > now - timedelta(minutes=rules.session_idle_minutes),
        Staff.ended_at.is_(None),
    )
    with care.store.reading() as session:
        found = session.execute(
            select(Staff, StaffSession.id, StaffSession.last_used_at)
            .join(StaffSession, StaffSession.staff_id == Staff.id)
            .where(*live)
        ).first()
    if found is None:
        return None
    row, session_id, used = found
    if touch and now - used > timedelta(seconds=10):
        with care.store.work() as session:
            one = session.get(StaffSession, session_id)
            if one.ended_at is None:
                one.last_used_at = now
    return _person(row)


def sign_out(care: Care, token: str) -> None:
    """End a session for good; its cookie opens nothing any more."""
    digest = care.keyring.digest("desk session", token)
    with care.store.work() as session:
        row = session.execute(
            select(StaffSession).where(StaffSession.digest == digest, StaffSession.ended_at.is_(None))
        ).scalar_one_or_none()
        if row is not None:
            row.ended_at = care.now()
            _audit(care, session, session.get(Staff, row.staff_id).login, "signed_out")


def form_token(care: Care, token: str) -> str:
    """What a form of this session carries, so that no other site can send it."""
    return care.keyring.digest("desk form", token)


def _person(row: Staff) -> Person:
    return Person(int(row.id), str(row.login), str(row.name), tuple(row.queues), bool(row.supervises))


def _of(session: Session, login: str) -> Staff | None:
    found: Staff | None = session.execute(
        select(Staff).where(Staff.login == login, Staff.ended_at.is_(None)).with_for_update(key_share=True)
    ).scalar_one_or_none()
    return found


def _audit(care: Care, session: Session, login: str, event: str, detail: str | None = None) -> None:
    session.add(Audit(at=care.now(), actor=f"staff:{login}", event=event, detail=detail))
