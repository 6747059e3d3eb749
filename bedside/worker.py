"""The worker: small jobs in rounds, each with a lease in the records. Two workers do nothing twice; one that is killed
is taken over when its lease has run out. Started by `bedside run` beside the servers, or by itself: `bedside worker`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import structlog

from bedside.care import (
    abandoned,
    disputes,
    leases,
    notices,
    offers,
    outbox,
    scheduling,
    slots,
    transfers,
    watch,
    webhooks,
)
from bedside.care.context import Care

log = structlog.get_logger("bedside.worker")
LEASE = timedelta(seconds=60)
POLL_SECONDS = 1.0
Machine = Callable[[], datetime]


@dataclass(frozen=True)
class Job:
    """One job: what it does (giving how much), how long it rests (machine time), and whether once a clinic's day."""

    name: str
    run: Callable[[Care], int]
    rest: timedelta
    daily: bool = False


def jobs(senders: Sequence[outbox.Sender], post: webhooks.Post = webhooks.post) -> tuple[Job, ...]:
    """The clinic's jobs, what is urgent first."""
    quick, often, rarely = timedelta(seconds=1), timedelta(seconds=10), timedelta(minutes=1)
    return (
        Job("tell_patients", watch.tell_patients, often),
        Job("escalate_tickets", watch.escalate_tickets, often),
        Job("escalate_promises", watch.escalate_promises, often),
        Job("remind_staff", watch.remind_staff, often),
        Job("waits", transfers.keep_waits_honest, often),
        Job("outbox", lambda care: outbox.send_due(care, senders), quick),
        Job("webhooks", lambda care: webhooks.drain(care, post).delivered, quick),
        Job("holds", slots.expire_holds, rarely),
        Job("offers", offers.expire_due, often),
        Job("offer_notices", notices.waitlist_offers, often),
        Job("reminders", notices.visit_reminders, often),
        Job("hold_reviews", lambda care: len(disputes.ask_for_reviews(care)), rarely, daily=True),
        Job("conversations", abandoned.close_all, rarely),
        Job("calendar", scheduling.lay_out, rarely, daily=True),
        Job("plan_reminders", scheduling.plan_missing, rarely, daily=True),
    )


def machine_time() -> datetime:
    """The machine's own time, UTC."""
    return datetime.now(timezone.utc)


class Worker:
    """Runs the jobs whose turn it is."""

    def __init__(self, care: Care, work: Sequence[Job] | None = None, *, machine: Machine = machine_time) -> None:
        """`machine`: the time of leases and rests, UTC; the clinic's clock is in `care`."""
        self._care = care
        self._jobs = tuple(work if work is not None else jobs((outbox.ChatSender(),)))
        self._machine = machine
        self._stop = threading.Event()

    def tick(self) -> dict[str, int]:
        """Run every job that is due and that nobody else has; what each did."""
        done: dict[str, int] = {}
        for job in self._jobs:
            if self._stop.is_set():
                break
            result = self._run(job)
            if result is not None:
                done[job.name] = result
        return done

    def run(self) -> None:
        """Work until told to stop."""
        while not self._stop.is_set():
            try:
                self.tick()
            except Exception as error:  # the records can't be reached: wait for them
                log.error("worker.round_failed", error=type(error).__name__)
            self._stop.wait(POLL_SECONDS)

    def stop(self) -> None:
        """Stop after the job at hand."""
        self._stop.set()

    def _run(self, job: Job) -> int | None:
        care = self._care
        day = care.today().toordinal() if job.daily else None
        lease = leases.claim(care, job.name, self._machine(), LEASE, day)
        if lease is None:
            return None
        try:
            with self._kept(job.name, lease):
                count = job.run(care)
        except Exception as error:
            log.error("worker.job_failed", job=job.name, error=type(error).__name__)
            leases.fail(care, job.name, lease, self._machine(), job.rest, type(error).__name__)
            return None
        leases.finish(care, job.name, lease, self._machine(), job.rest, day)
        return count

    @contextmanager
    def _kept(self, name: str, lease: str) -> Iterator[None]:
        """Keep the lease for as long as the job takes; a killed process keeps nothing."""
        over = threading.Event()

        def keep() -> None:
            while not over.wait(LEASE.total_seconds() / 4):
                try:
                    if not leases.renew(self._care, name, lease, self._machine(), LEASE):
                        return
                except Exception as error:
                    log.warning("worker.lease_not_renewed", job=name, error=type(error).__name__)

        keeper = threading.Thread(target=keep, daemon=True)
        keeper.start()
        try:
            yield
        finally:
            over.set()
            keeper.join()
