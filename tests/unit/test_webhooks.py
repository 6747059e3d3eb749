"""Every ticket event arrives once and in order, whatever the receiver does; and the brief that staff read.

The receiver is a stand-in for a clinic's help desk: a real HTTP server that checks everything it is told, by its own
reckoning of the signature, and that can be down, broken or slow.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bedside.care import briefs, desk, emergencies, handover, webhooks
from bedside.care.context import Care
from bedside.organization import Webhook
from bedside.records.desk_tables import Delivery
from bedside.records.tables import Message, Ticket, TicketEvent
from tests.unit.bills import Bills

SECRET = "whsec_" + base64.b64encode(b"thirty-two bytes of a shared key").decode()
TIMEOUT = 0.3
ENDPOINT = "help_desk"


_talks = itertools.count()


class Receiver:
    """A strict help desk. `mode`: up | broken | late (takes the event in, answers too late) | deaf (never answers)."""

    def __init__(self, care: Care) -> None:
        self.care = care
        self.mode = "up"
        self.server: ThreadingHTTPServer | None = None
        self.port = 0
        self.requests = 0
        self.faults: list[str] = []
        self.seen: dict[str, dict[str, Any]] = {}
        self.tickets: dict[str, list[int]] = defaultdict(list)
        self.lock = threading.Lock()

    def start(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver.lock:
                    receiver.requests += 1
                    status = receiver.take(dict(self.headers), body)
                if receiver.mode in ("late", "deaf"):
                    time.sleep(TIMEOUT * 2)
                try:
                    self.send_response(status)
                    self.end_headers()
                except OSError:
                    pass

            def log_message(self, *_args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def take(self, headers: dict[str, str], body: bytes) -> int:
        if self.mode in ("broken", "deaf"):
            return 500
        headers = {name.lower(): value for name, value in headers.items()}
        key, stamp = headers["webhook-id"], headers["webhook-timestamp"]
        signed = hmac.new(
            base64.b64decode(SECRET.removeprefix("whsec_")), f"{key}.{stamp}.".encode() + body, hashlib.sha256
        )
        if headers["webhook-signature"] != "v1," + base64.b64encode(signed.digest()).decode():
            self.faults.append("signature")
            return 401
        if abs(int(stamp) - self.care.now().timestamp()) > 300:
            self.faults.append("an old request")
            return 401
        if headers["idempotency-key"] != key or headers["content-type"] != "application/json":
            self.faults.append("headers")
        event = json.loads(body)
        if key in self.seen:
            if self.seen[key] != event:
                self.faults.append("one key, two events")
            return 200  # taken in before; the answer was lost
        self.seen[key] = event
        numbers = self.tickets[event["data"]["case_number"]]
        if event["data"]["number"] != len(numbers) + 1:
            self.faults.append(f"out of order: {event['data']['number']} after {numbers}")
        numbers.append(event["data"]["number"])
        return 200


def equip(bills: Bills, receiver: Receiver, content: str = "least") -> None:
    """Give the clinic the webhook, and the receiver the clinic's clock."""
    hook = Webhook(name=ENDPOINT, url=f"http://127.0.0.1:{receiver.port}/in?x=1", content=content)
    environ = {**bills.care.settings.environ, "BEDSIDE_WEBHOOK_SECRET_HELP_DESK": SECRET}
    bills.care = replace(
        bills.care,
        organization=bills.care.organization.copy(update={"webhooks": (hook,)}),
        settings=replace(bills.care.settings, environ=environ),
    )
    receiver.care = bills.care


@pytest.fixture
def receiver(bills: Bills, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setattr(webhooks, "TIMEOUT_SECONDS", TIMEOUT)
    made = Receiver(bills.care)
    made.start()
    equip(bills, made)
    yield made
    made.stop()


def happen(bills: Bills, tickets: int, each: int, talk: str = "talk") -> None:
    """So many tickets with so many events each, one ticket after the other in turn."""
    asked = handover.Request(["billing_balance"], "secret words")
    cases = [handover.hand_over(bills.care, f"{talk}-{number}", asked).case_number for number in range(tickets)]
    for turn in range(each - 1):
        with bills.care.store.work() as session:
            for ticket in session.execute(select(Ticket).where(Ticket.case_number.in_(cases))).scalars().all():
                desk.note(bills.care, session, ticket, f"step_{turn}", "secret words")


def minutes(bills: Bills, count: int) -> None:
    for _ in range(count):
        bills.clock.now += timedelta(minutes=1)
        webhooks.drain(bills.care)


def complete(bills: Bills, receiver: Receiver) -> None:
    """Everything that happened has arrived, once, in order."""
    written = [row.ticket_id for row in bills.rows(TicketEvent)]
    assert receiver.faults == []
    assert sum(len(numbers) for numbers in receiver.tickets.values()) == len(written) == len(receiver.seen)
    assert {row.status for row in bills.rows(Delivery)} == {"delivered"}


def test_events_arrive_in_order_and_say_the_least(bills: Bills, receiver: Receiver) -> None:
    happen(bills, 5, 4)
    assert webhooks.drain(bills.care) == webhooks.Round(20, 0)
    complete(bills, receiver)
    assert receiver.requests == 20
    for event in receiver.seen.values():
        assert "secret" not in json.dumps(event)
        assert "brief" not in event["data"]
    first = next(iter(receiver.seen.values()))
    assert first["type"] == "ticket.opened"
    assert first["data"]["queue"] == "billing"
    assert webhooks.drain(bills.care) == webhooks.Round(0, 0)


def test_a_receiver_that_may_know_more_is_told_more(bills: Bills, receiver: Receiver) -> None:
    equip(bills, receiver, "full")
    happen(bills, 1, 2)
    webhooks.drain(bills.care)
    assert all("secret words" in event["data"]["brief"] for event in receiver.seen.values())


def test_down_for_an_hour(bills: Bills, receiver: Receiver) -> None:
    receiver.stop()
    happen(bills, 8, 5)
    minutes(bills, 60)
    assert receiver.seen == {}
    assert {row.answer for row in bills.rows(Delivery, Delivery.tries > 0)} == {"ConnectionRefusedError"}
    receiver.start()
    minutes(bills, 16)  # no try is further off than a quarter of an hour
    complete(bills, receiver)


def test_broken_for_an_hour(bills: Bills, receiver: Receiver) -> None:
    receiver.mode = "broken"
    happen(bills, 4, 3)
    minutes(bills, 60)
    assert 0 < receiver.requests < 100  # it was left in peace
    receiver.mode = "up"
    minutes(bills, 16)
    complete(bills, receiver)


@pytest.mark.parametrize("mode", ["late", "deaf"])
def test_answers_that_come_too_late(bills: Bills, receiver: Receiver, mode: str) -> None:
    receiver.mode = mode
    happen(bills, 2, 3)
    minutes(bills, 3)
    receiver.mode = "up"
    minutes(bills, 16)
    complete(bills, receiver)
    assert receiver.requests > 6  # some were sent twice, and known by their key


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from([200, 200, 503, 302, 404, "refused", "late"]), min_size=5, max_size=40), st.integers(1, 15)
)
def test_whatever_the_receiver_answers(shared: Bills, answers: list[Any], pause: int) -> None:
    receiver = Receiver(shared.care)
    receiver.port = 1
    before = len(shared.rows(TicketEvent))
    equip(shared, receiver)
    left = list(answers)

    def send(_url: str, headers: Any, body: bytes) -> int:
        answer = left.pop(0) if left else 200
        if answer == "refused":
            raise ConnectionRefusedError
        if answer not in (200, "late"):
            return int(answer)
        status = receiver.take(dict(headers), body)
        if answer == "late":
            raise TimeoutError
        return status

    happen(shared, 2, 2, f"talk-{next(_talks)}")
    for _ in range(1000):
        shared.clock.now += timedelta(minutes=pause)
        webhooks.drain(shared.care, send)
        if not shared.rows(Delivery, Delivery.status == "waiting"):
            break
    assert receiver.faults == []
    assert shared.rows(Delivery, Delivery.status != "delivered") == []
    new = len(shared.rows(TicketEvent)) - before
    assert sum(len(numbers) for numbers in receiver.tickets.values()) == new


def test_several_workers_at_once(bills: Bills, receiver: Receiver) -> None:
    happen(bills, 6, 6)
    failures: list[BaseException] = []

    def run() -> None:
        try:
            webhooks.drain(bills.care)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    webhooks.drain(bills.care)
    assert failures == []
    complete(bills, receiver)
    assert receiver.requests == 36


def test_a_worker_that_is_killed_while_sending_is_taken_over(bills: Bills, receiver: Receiver) -> None:
    happen(bills, 1, 3)

    def killed(url: str, headers: Any, body: bytes) -> int:
        webhooks.post(url, headers, body)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        webhooks.drain(bills.care, killed)
    assert webhooks.drain(bills.care).delivered == 0  # it may still be at it
    bills.clock.now += webhooks.LEASE
    assert webhooks.drain(bills.care).delivered == 3
    complete(bills, receiver)
    assert receiver.requests == 4


def test_what_cannot_be_delivered_for_days_is_put_aside_and_what_follows_waits(
    bills: Bills, receiver: Receiver
) -> None:
    receiver.mode = "broken"
    happen(bills, 1, 3)
    for _ in range(80):
        bills.clock.now += timedelta(hours=1)
        webhooks.drain(bills.care)
    (first,) = webhooks.dead(bills.care)
    assert (first.event, first.behind, first.answer) == ("opened", 2, "500")
    receiver.mode = "up"
    minutes(bills, 30)
    assert receiver.seen == {}
    assert webhooks.try_again(bills.care, first.delivery_id)
    assert not webhooks.try_again(bills.care, first.delivery_id)
    webhooks.drain(bills.care)
    complete(bills, receiver)
    assert webhooks.dead(bills.care) == []


def test_a_dead_letter_that_is_dropped_lets_the_next_one_go(bills: Bills, receiver: Receiver) -> None:
    receiver.mode = "broken"
    happen(bills, 1, 2)
    for _ in range(80):
        bills.clock.now += timedelta(hours=1)
        webhooks.drain(bills.care)
    (first,) = webhooks.dead(bills.care)
    with pytest.raises(ValueError, match="somebody"):
        webhooks.drop(bills.care, first.delivery_id, " ")
    assert webhooks.drop(bills.care, first.delivery_id, "the engineer")
    receiver.mode = "up"
    webhooks.drain(bills.care)
    assert [row.status for row in bills.rows(Delivery)] == ["dropped", "delivered"]


def test_an_event_that_was_not_stored_does_not_leave(bills: Bills, receiver: Receiver) -> None:
    happen(bills, 1, 1)
    with pytest.raises(RuntimeError), bills.care.store.work() as session:
        _note_and_fail(bills.care, session)
    webhooks.drain(bills.care)
    complete(bills, receiver)
    assert len(receiver.seen) == 1


def _note_and_fail(care: Care, session: Any) -> None:
    desk.note(care, session, session.execute(select(Ticket)).scalar_one(), "never")
    raise RuntimeError


def test_the_records_hold_each_event_of_a_ticket_to_one_place(bills: Bills, receiver: Receiver) -> None:
    happen(bills, 1, 2)
    first, second = bills.rows(Delivery)
    assert (first.number, second.number) == (1, 2)
    with pytest.raises(IntegrityError), bills.care.store.work() as session:
        session.get(Delivery, second.id).number = 1


def test_the_signature_is_that_of_the_standard() -> None:
    """The example of the published specification's libraries."""
    signature = webhooks.sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(("secret", "good"), [(SECRET, True), ("x" * 24, True), ("short", False), ("whsec_%%", False)])
def test_secrets(secret: str, good: bool) -> None:
    assert webhooks.is_secret(secret) is good


# The brief --------------------------------------------------------------------------------------------------------


def test_the_brief_has_ten_lines_that_tell_the_story(bills: Bills) -> None:
    care = bills.care
    bills.verify("F01", "web-1")
    with care.store.work() as session:
        for words in ("hello", "you charged me twice", "\nand nobody calls back " + "x" * 500):
            session.add(Message(conversation_id="web-1", sender="patient", text=words, at=care.now()))
    emergencies.report(care, "web-1", "medical", "chest pressure", "urged")
    done = handover.hand_over(
        care,
        "web-1",
        handover.Request(["billing_balance"], "twice!", mood="frustrated", preference="after 3, 212-555-0133"),
    )
    with care.store.reading() as session:
        ticket = session.execute(select(Ticket).where(Ticket.case_number == done.case_number)).scalar_one()
        lines = briefs.ten_lines(care, session, ticket)
    assert len(lines) == 10
    assert all("\n" not in line for line in lines)
    who, identity, reach, _feeling, about, request, said, so_far, promised, watch = lines
    assert who.startswith("Who: Maria Delgado-Ruiz, born 06/14/1958")
    assert "verified in chat at Tue 11/24 10:15" in identity
    assert "after 3, 212-555-0133; speaks English" in reach
    assert "billing balance (standard)" in about
    assert "twice!" in request
    assert "you charged me twice" in said
    assert len(said) < 400
    assert so_far.startswith("Done so far: opened Tue 11/24 10:15")
    assert "staff contact by Wed 11/25 17:00 (open)" in promised
    assert "emergency in this talk (medical), NOT known to be over" in watch


def test_the_brief_of_somebody_unknown(bills: Bills) -> None:
    done = handover.hand_over(bills.care, "web-1", handover.Request(["human_request"], "a person please"))
    with bills.care.store.reading() as session:
        ticket = session.execute(select(Ticket).where(Ticket.case_number == done.case_number)).scalar_one()
        lines = briefs.ten_lines(bills.care, session, ticket)
    assert lines[0] == "Who: has given no name"
    assert "not verified" in lines[1]
