"""Every ticket event leaves as a signed webhook, in order per ticket, until the receiver has it (docs/webhooks.md).

The rows are written in the unit of work that wrote the event, so that none is lost and none is sent of what didn't
happen. The signature is that of Standard Webhooks: HMAC-SHA256 over "id.timestamp.body". An event whose answer got lost
is sent again under the same key, by which a receiver knows it. One that can't be delivered goes to the dead-letter
list, and what follows it for the same ticket waits until a person has decided.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, aliased

from bedside.care.context import Care
from bedside.organization import Webhook
from bedside.records.desk_tables import Delivery
from bedside.records.tables import Ticket, TicketEvent

WAITING, DELIVERED, DEAD, DROPPED = "waiting", "delivered", "dead", "dropped"
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=15)
GIVEN_UP_AFTER = timedelta(hours=72)
LEASE = timedelta(seconds=60)
TIMEOUT_SECONDS = 5.0
AT_ONCE = 200  # deliveries in one round, so that the worker's other jobs have their turn
SHORTEST_SECRET = 24
SECRET_PREFIX = "whsec_"  # noqa: S105


class Post(Protocol):
    """Sends one request; gives the status, or raises OSError or HTTPException when there was no answer in time."""

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """POST `body` to `url`."""


@dataclass(frozen=True)
class Round:
    """What one round did."""

    delivered: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Dead:
    """An entry of the dead-letter list."""

    delivery_id: int
    endpoint: str
    case_number: str
    event: str
    made_at: datetime
    tries: int
    answer: str | None
    behind: int  # later events of the ticket that wait for it


# Writing ----------------------------------------------------------------------------------------------------------


def enqueue(care: Care, session: Session, ticket: Ticket, event: TicketEvent) -> None:
    """Write the event's deliveries, one for each webhook of the clinic."""
    endpoints = care.organization.webhooks
    if not endpoints:
        return
    if session.get_bind().dialect.name != "sqlite":  # events of one ticket are numbered one after the other
        session.execute(select(Ticket.id).where(Ticket.id == ticket.id).with_for_update(key_share=True))
    for endpoint in endpoints:
        last = select(func.max(Delivery.number)).where(
            Delivery.endpoint == endpoint.name, Delivery.ticket_id == ticket.id
        )
        number = (session.execute(last).scalar() or 0) + 1
        session.add(
            Delivery(
                endpoint=endpoint.name,
                ticket_id=ticket.id,
                event_id=event.id,
                number=number,
                key=f"evt_{secrets.token_hex(16)}",
                body=_body(endpoint, ticket, event, number),
                made_at=care.now(),
                next_try_at=care.now(),
                status=WAITING,
            )
        )
    session.flush()


def _body(endpoint: Webhook, ticket: Ticket, event: TicketEvent, number: int) -> str:
    """What a receiver is told: the least that a ticket needs, unless it may hold more (R3)."""
    data: dict[str, object] = {
        "case_number": ticket.case_number,
        "number": number,
        "event": event.kind,
        "by": "assistant" if event.actor == "assistant" else "staff",
        "queue": ticket.queue,
        "priority": ticket.priority,
        "inquiry": ticket.inquiry,
        "status": ticket.status,
        "opened_at": ticket.opened_at.isoformat(),
        "due_at": ticket.due_at.isoformat(),
    }
    if endpoint.content == "full":
        data |= {"brief": ticket.brief, "detail": event.detail, "actor": event.actor}
    return json.dumps(
        {"type": f"ticket.{event.kind}", "timestamp": event.at.isoformat(), "data": data}, ensure_ascii=False
    )


# Signing ----------------------------------------------------------------------------------------------------------


def secret_of(care: Care, endpoint: str) -> str | None:
    """The secret of a webhook, from the environment."""
    return care.settings.environ.get(f"BEDSIDE_WEBHOOK_SECRET_{endpoint.upper()}") or None


def is_secret(secret: str) -> bool:
    """Whether a secret is long enough, and can be read."""
    try:
        return len(_key_of(secret)) >= SHORTEST_SECRET
    except ValueError:
        return False


def _key_of(secret: str) -> bytes:
    if secret.startswith(SECRET_PREFIX):
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    return secret.encode()


def sign(secret: str, key: str, timestamp: int, body: bytes) -> str:
    """The signature of one request: "v1," and the HMAC in base64."""
    digest = hmac.new(_key_of(secret), f"{key}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
    """POST over HTTP(S), without following a redirect; the status of the answer."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request(
            "POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, dict(headers)
        )
        return connection.getresponse().status
    finally:
        connection.close()


# Delivering -------------------------------------------------------------------------------------------------------


def drain(care: Care, send: Post = post, at_once: int = AT_ONCE) -> Round:
    """Deliver what is due, the oldest first, each ticket's events in their order.

    After a failure nothing else goes to that address in this round: it may be down.
    """
    delivered = failed = 0
    down: set[str] = set()
    known = {str(one.name): one for one in care.organization.webhooks}
    while delivered + failed < at_once:
        due = _due(care, [name for name in known if name not in down and secret_of(care, name)])
        if not due:
            break
        for delivery_id, endpoint in due:
            if endpoint in down:
                continue
            done = _deliver(care, known[endpoint], delivery_id, send)
            if done is None:
                continue
            delivered, failed = delivered + done, failed + (not done)
            if not done:
                down.add(endpoint)
            if delivered + failed >= at_once:
                break
    return Round(delivered, failed)


def _due(care: Care, endpoints: list[str]) -> list[tuple[int, str]]:
    """The first undelivered event of each ticket whose time has come."""
    if not endpoints:
        return []
    now = care.now()
    earlier = aliased(Delivery)
    blocked = (
        select(earlier.id)
        .where(
            earlier.endpoint == Delivery.endpoint,
            earlier.ticket_id == Delivery.ticket_id,
            earlier.number < Delivery.number,
            earlier.status.in_((WAITING, DEAD)),
        )
        .exists()
    )
    with care.store.reading() as session:
        rows = session.execute(
            select(Delivery.id, Delivery.endpoint)
            .where(Delivery.status == WAITING, Delivery.next_try_at <= now, Delivery.endpoint.in_(endpoints), ~blocked)
            .where((Delivery.lease_until.is_(None)) | (Delivery.lease_until <= now))
            .order_by(Delivery.next_try_at, Delivery.id)
            .limit(50)
        ).all()
    return [(row[0], row[1]) for row in rows]


def _deliver(care: Care, endpoint: Webhook, delivery_id: int, send: Post) -> bool | None:
    """Try one delivery; True when it arrived, False when not, None when somebody else has it."""
    lease, now = secrets.token_hex(8), care.now()
    with care.store.work() as session:
        claimed = session.execute(
            update(Delivery)
            .where(Delivery.id == delivery_id, Delivery.status == WAITING)
            .where((Delivery.lease_until.is_(None)) | (Delivery.lease_until <= now))
            .values(lease=lease, lease_until=now + LEASE)
            .execution_options(synchronize_session=False)
        )
        if not claimed.rowcount:
            return None
        row = session.get(Delivery, delivery_id)
        key, body = row.key, row.body.encode()
    secret, timestamp = secret_of(care, endpoint.name), int(now.timestamp())
    assert secret is not None
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Bedside",
        "webhook-id": key,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, key, timestamp, body),
        "Idempotency-Key": key,
    }
    try:
        status = send(endpoint.url, headers, body)
        arrived, answer = 200 <= status < 300, str(status)
    except (OSError, http.client.HTTPException) as error:
        arrived, answer = False, type(error).__name__
    with care.store.work() as session:
        row = session.get(Delivery, delivery_id, populate_existing=True)
        if row.lease != lease or row.status != WAITING:
            return arrived  # the lease had run out; whoever has it now sends it under the same key
        row.lease = row.lease_until = None
        row.tries, row.answer = row.tries + 1, answer
        if arrived:
            row.status, row.ended_at = DELIVERED, care.now()
        elif care.now() - row.made_at >= GIVEN_UP_AFTER:
            row.status = DEAD
        else:
            row.next_try_at = care.now() + _pause(care, row.tries)
    return arrived


def _pause(care: Care, tries: int) -> timedelta:
    """How long until the next try: twice as long each time, up to a limit, and never all at the same moment."""
    pause: timedelta = min(FIRST_RETRY * 2 ** min(tries - 1, 20), LONGEST_RETRY)
    return pause * care.chance.uniform(0.8, 1.0)


# The dead-letter list ---------------------------------------------------------------------------------------------


def dead(care: Care) -> list[Dead]:
    """Everything that was given up, the oldest first."""
    later = aliased(Delivery)
    behind = (
        select(func.count())
        .where(
            later.endpoint == Delivery.endpoint,
            later.ticket_id == Delivery.ticket_id,
            later.number > Delivery.number,
            later.status == WAITING,
        )
        .scalar_subquery()
    )
    with care.store.reading() as session:
        rows = session.execute(
            select(Delivery, Ticket.case_number, TicketEvent.kind, behind)
            .join(Ticket, Delivery.ticket_id == Ticket.id)
            .join(TicketEvent, Delivery.event_id == TicketEvent.id)
            .where(Delivery.status == DEAD)
            .order_by(Delivery.id)
        ).all()
        return [
            Dead(row.id, row.endpoint, case, kind, row.made_at, row.tries, row.answer, waiting)
            for row, case, kind, waiting in rows
        ]


def try_again(care: Care, delivery_id: int) -> bool:
    """Put a dead letter back in its place; False when it is none."""
    return _settle(care, delivery_id, lambda now: {"status": WAITING, "next_try_at": now, "made_at": now})


def drop(care: Care, delivery_id: int, by: str) -> bool:
    """Give a dead letter up for good, so that what follows it can leave; False when it is none."""
    if not by.strip():
        raise ValueError("somebody drops it")
    return _settle(care, delivery_id, lambda now: {"status": DROPPED, "ended_at": now, "ended_by": by})


def _settle(care: Care, delivery_id: int, values: Callable[[datetime], dict[str, object]]) -> bool:
    with care.store.work() as session:
        done = session.execute(
            update(Delivery)
            .where(Delivery.id == delivery_id, Delivery.status == DEAD)
            .values(**values(care.now()))
            .execution_options(synchronize_session=False)
        )
        return bool(done.rowcount)
