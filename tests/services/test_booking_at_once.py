"""Many at the same moment: one gets the time, everybody else is told, and nobody loses what they had.

On SQLite and on PostgreSQL, each patient with a connection of their own.
"""

from __future__ import annotations

import threading
import time as clock_time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from bedside.care import scheduling
from bedside.care.context import Care
from bedside.care.openings import search
from bedside.care.scheduling import Booked, Moved, OfferOver, OpeningTaken, Order, Wish
from bedside.records import keys, migrate
from bedside.records.store import Store
from bedside.records.tables import (
    Appointment,
    Opening,
    OpeningHold,
    Patient,
    Provider,
    WaitlistEntry,
    WaitlistOffer,
    metadata,
)
from tests.unit.scheduling_clinic import EASTERN, clinic_at, prove

PATIENTS = [f"P{number:02}" for number in range(20)]
MOVERS = PATIENTS[:10]  # they have a visit already, and would move it
ROUNDS = 50


def the_clinic() -> tuple[str, list[str], list[str]]:
    """A clinic's file; the openings that all will want, and the visits that some have, as local times."""
    days = [date(2026, 11, 27) + timedelta(days=number) for number in range(60)]
    times = [
        f"{datetime.combine(day, time(hour, minute)):%Y-%m-%d %H:%M}"
        for day in days
        if day.weekday() < 5 and day not in (date(2026, 12, 25), date(2027, 1, 1))
        for hour in range(8, 17)
        for minute in (0, 30)
    ]
    wanted, had = times[: 2 * ROUNDS], times[2 * ROUNDS : 2 * ROUNDS + len(MOVERS)]
    lines = ["providers:", "  - { name: Dr. Reed, specialty: primary care }", "openings:"]
    lines += [
        f"  - {{ provider: Dr. Reed, starts_at: {at}, location: riverside, visit_type: primary care visit }}"
        for at in [*wanted, *had]
    ]
    lines.append("patients:")
    for name in PATIENTS:
        lines += [f"  - reference: {name}", f"    full_name: Pat {name}", "    birth_date: 1980-01-01"]
    return "\n".join(lines) + "\n", wanted, had


CLINIC, WANTED, HAD = the_clinic()
HESITATION = 0.03  # seconds


@pytest.fixture(params=["sqlite", "postgresql"])
def care(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Care]:
    """The clinic on each kind of database, everybody proved."""
    monkeypatch.setattr(keys, "_installed", None)
    url = f"sqlite:///{tmp_path / 'bedside.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("new_database")()
    migrate.upgrade(url)
    clinic = clinic_at(tmp_path, clinic=CLINIC, BEDSIDE_DATABASE_URL=url)
    assert clinic.store.engine.dialect.name == request.param
    prove(clinic, *PATIENTS)
    yield clinic
    clinic.store.close()


@pytest.fixture
def at_once(care: Care) -> Iterator[Callable[[list[Callable[[Care], Any]]], list[Any]]]:
    """Does several things at the same moment, each with a connection of its own; what each gave or raised.

    Who finds SQLite busy asks again at once: left to itself it asks every 100 ms in the end, and 20 take a second.
    """
    cares = [replace(care, store=Store(care.store.url, wait_seconds=0.02)) for _ in PATIENTS]
    pool = ThreadPoolExecutor(len(cares))

    def run(works: list[Callable[[Care], Any]]) -> list[Any]:
        start = threading.Barrier(len(works))

        def one(work: Callable[[Care], Any], own: Care) -> Any:
            start.wait(timeout=30)
            while True:
                try:
                    return work(own)
                except OperationalError as error:
                    if "database is locked" not in str(error):
                        return error
                except Exception as error:
                    return error

        return [
            task.result(timeout=60) for task in [pool.submit(one, *pair) for pair in zip(works, cares, strict=False)]
        ]

    yield run
    pool.shutdown()
    for own in cares:
        own.store.close()


def openings(care: Care, times: list[str]) -> list[int]:
    with care.store.reading() as session:
        known = {
            f"{at.astimezone(EASTERN):%Y-%m-%d %H:%M}": key
            for key, at in session.execute(select(Opening.id, Opening.starts_at))
        }
    return [known[at] for at in times]


def standing(care: Care) -> dict[str, list[str]]:
    """The open visits of each patient, as local times."""
    found: dict[str, list[str]] = {name: [] for name in PATIENTS}
    with care.store.reading() as session:
        for name, at in session.execute(
            select(Patient.reference, Appointment.starts_at)
            .join(Patient, Appointment.patient_id == Patient.id)
            .where(Appointment.status.in_(("booked", "confirmed")))
            .order_by(Appointment.id)
        ):
            found[name].append(f"{at.astimezone(EASTERN):%Y-%m-%d %H:%M}")
    return found


def booking(name: str, opening_id: int, after: float = 0.0) -> Callable[[Care], Booked]:
    """Book it; `after` some seconds, since a move has more to look up before it can ask for the same time."""

    def work(own: Care) -> Booked:
        clock_time.sleep(after)
        return scheduling.book(own, name, opening_id)

    return work


def moving(name: str, appointment_id: int, opening_id: int) -> Callable[[Care], Moved]:
    return lambda own: scheduling.move(own, name, appointment_id, opening_id)


def test_twenty_say_yes_to_one_time_fifty_times_over(care: Care, at_once: Any) -> None:
    visits = {
        name: scheduling.book(care, name, key).visit.appointment_id
        for name, key in zip(MOVERS, openings(care, HAD), strict=True)
    }
    won_by_movers, before = 0, standing(care)
    for number, (at, opening_id) in enumerate(zip(WANTED[:ROUNDS], openings(care, WANTED[:ROUNDS]), strict=True)):
        assert all(len(before[name]) == 1 for name in MOVERS)
        works = [
            moving(name, visits[name], opening_id)
            if name in visits
            else booking(name, opening_id, after=HESITATION if number % 2 else 0.0)
            for name in PATIENTS
        ]
        outcomes = dict(zip(PATIENTS, at_once(works), strict=True))
        winners = [name for name, outcome in outcomes.items() if isinstance(outcome, (Booked, Moved))]
        assert len(winners) == 1, outcomes
        winner = winners[0]
        losers = [outcome for name, outcome in outcomes.items() if name != winner]
        assert [type(outcome) for outcome in losers] == [OpeningTaken] * 19, losers
        with care.store.reading() as session:
            written = select(func.count()).select_from(Appointment).where(Appointment.opening_id == opening_id)
            assert session.execute(written).scalar_one() == 1
        after = standing(care)
        for name in PATIENTS:
            if name != winner:
                assert after[name] == before[name]  # nobody lost or gained anything
            elif name in MOVERS:
                assert after[name] == [at]
                visits[name] = outcomes[name].visit.appointment_id
                won_by_movers += 1
            else:
                assert after[name] == [*before[name], at]
        before = after
    assert 0 < won_by_movers < ROUNDS  # both kinds did get through


def test_two_who_want_each_others_time_both_keep_their_own(care: Care, at_once: Any) -> None:
    keys_ = openings(care, HAD)
    visits = [scheduling.book(care, name, key).visit.appointment_id for name, key in zip(MOVERS, keys_, strict=True)]
    before = standing(care)
    for _ in range(10):
        works = [moving(name, visits[place], keys_[place ^ 1]) for place, name in enumerate(MOVERS)]
        assert [type(outcome) for outcome in at_once(works)] == [OpeningTaken] * len(MOVERS)
    assert standing(care) == before


def test_times_that_are_given_up_at_once_go_to_as_many_in_line(care: Care, at_once: Any) -> None:
    keys_ = openings(care, HAD)
    visits = [scheduling.book(care, name, key).visit.appointment_id for name, key in zip(MOVERS, keys_, strict=True)]
    line = PATIENTS[10:]
    for name in line:
        scheduling.join(care, name, Wish(visit_type="primary care visit"))

    def cancelling(name: str, appointment_id: int) -> Callable[[Care], Any]:
        return lambda own: scheduling.cancel(own, name, appointment_id)

    at_once([cancelling(*pair) for pair in zip(MOVERS, visits, strict=True)])
    with care.store.reading() as session:
        made = session.execute(select(WaitlistOffer)).scalars().all()
        places = session.execute(select(WaitlistEntry.status)).scalars().all()
        held = session.execute(select(OpeningHold.opening_id).where(OpeningHold.status == "active")).scalars().all()
    assert len({offer.opening_id for offer in made}) == len({offer.entry_id for offer in made}) == len(line)
    assert set(places) == {"offered"}
    assert sorted(held) == sorted(keys_)

    # Each says yes twice at once, while others try to book what is held for them.
    offers = {name: scheduling.places(care, name)[0].offer for name in line}

    def accepting(name: str) -> Callable[[Care], Any]:
        return lambda own: scheduling.accept(own, name, offers[name].offer_id)

    works = [accepting(name) for name in line[:7] * 2]
    thieves = [booking(name, offers[owner].opening_id) for name, owner in zip(MOVERS, line[:6], strict=False)]
    outcomes = at_once([*works, *thieves])
    answers, tries = outcomes[:14], outcomes[14:]
    assert all(isinstance(outcome, Booked) for outcome in answers), answers
    assert [one.new + other.new for one, other in zip(answers[:7], answers[7:], strict=True)] == [1] * 7
    assert [type(outcome) for outcome in tries] == [OpeningTaken] * 6, tries
    assert all(len(standing(care)[name]) == (name in line[:7]) for name in line)


def test_an_offer_is_answered_once_when_answers_and_the_leaving_cross(care: Care, at_once: Any) -> None:
    first, second = PATIENTS[18:]
    for number, key in enumerate(openings(care, WANTED[:10])):
        host = scheduling.book(care, PATIENTS[number], key).visit.appointment_id
        place = scheduling.join(care, first, Wish(visit_type="primary care visit"))
        scheduling.join(care, second, Wish(visit_type="primary care visit"))
        scheduling.cancel(care, PATIENTS[number], host)
        offer = scheduling.places(care, first)[0].offer
        assert offer is not None
        outcomes = at_once(
            [
                lambda own: scheduling.accept(own, first, offer.offer_id),  # noqa: B023
                lambda own: scheduling.decline(own, first, offer.offer_id),  # noqa: B023
                lambda own: scheduling.leave(own, first, place.entry_id),  # noqa: B023
                lambda own: scheduling.expire_due(own),
            ]
        )
        with care.store.reading() as session:
            status = session.get(WaitlistOffer, offer.offer_id).status
            nexts = session.execute(
                select(func.count())
                .select_from(WaitlistOffer)
                .where(WaitlistOffer.opening_id == key, WaitlistOffer.status == "open")
            ).scalar_one()
        accepted, declined, left, expired = outcomes
        if status == "accepted":
            assert (accepted.new, declined, left, nexts) == (True, False, False, 0)
        else:
            assert isinstance(accepted, OfferOver)
            assert (declined, left, nexts) == (status == "declined", True, 1)
        assert expired == 0
        for name in (first, second):
            for one in scheduling.places(care, name):
                scheduling.leave(care, name, one.entry_id)


WEEKS = """\
providers:
  - name: Dr. Reed
    specialty: primary care
    weekly:
      - { weekdays: [monday, tuesday, thursday], from: "08:00", to: "12:00", minutes: 30, location: riverside, visit_type: primary care visit, ends_on: 2026-12-31 }
    away:
      - { starts_on: 2026-12-07, ends_on: 2026-12-08 }
  - name: Dr. Vale
    specialty: behavioral health
    telehealth: true
    weekly:
      - { weekdays: [wednesday], from: "09:00", to: "15:00", minutes: 60, location: telehealth, visit_type: counseling visit, ends_on: 2026-12-31 }
"""


def test_postgresql_has_the_same_tables_and_finds_the_same_times(
    new_database: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "_installed", None)
    saturday = date(2026, 12, 5)
    wishes = (
        Wish(),
        Wish(visit_type="physical exam", days=(saturday, saturday), times=(time(12), time(13))),
        Wish(times=(time(10), time(10)), excluded_weekdays=frozenset({3}), order=Order.EARLIEST),
        Wish(telehealth=True, days=(None, date(2026, 12, 10))),
    )
    found = []
    for number, url in enumerate((f"sqlite:///{tmp_path / 'other.db'}", new_database())):
        migrate.upgrade(url)
        folder = tmp_path / str(number)
        folder.mkdir()
        clinic = clinic_at(folder, clinic=WEEKS, BEDSIDE_DATABASE_URL=url)
        with clinic.store.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, metadata) == []
        assert scheduling.lay_out(clinic) > 100
        assert scheduling.lay_out(clinic) == 0
        pages = []
        for wish in wishes:
            page = search(clinic, wish, size=7)
            rest = search(clinic, wish, page.cursor, size=7)
            pages.append([(one.provider, one.starts_at, one.distance) for one in (*page.offers, *rest.offers)])
        found.append(pages)
        clinic.store.close()
    assert [len(page) for page in found[0]] == [14] * 4
    assert found[0] == found[1]


def test_postgresql_keeps_what_it_held_and_goes_on_counting(new_database: Callable[[], str]) -> None:
    store = Store(new_database())
    with migrate.exclusively(store.engine) as connection:
        config = migrate._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
    with store.work() as session:
        for statement in (
            "INSERT INTO patients (id, reference, full_name, birth_date, language, portal_active) "
            "VALUES (1, 'P', 'Pat Roe', '1990-01-01', 'en', false)",
            "INSERT INTO providers (name, specialty) VALUES ('Dr. Reed', 'primary care'), ('Dr. Vale', 'podiatry')",
            "INSERT INTO openings (provider_id, starts_at, minutes, location, visit_type) "
            "VALUES (2, '2026-12-03 18:30:00+00', 20, 'harbor', 'visit')",
            "INSERT INTO appointments (patient_id, provider_id, starts_at, location, visit_type, status) "
            "VALUES (1, 1, '2026-12-02 15:30:00+00', 'riverside', 'visit', 'booked')",
        ):
            session.execute(text(statement))
    migrate.upgrade(store)
    with store.work() as session:
        kept = session.execute(select(Opening)).scalar_one()
        assert (kept.provider_id, kept.day, kept.minute) == (2, date(2026, 12, 3).toordinal(), 13 * 60 + 30)
        assert session.execute(select(Appointment.status)).scalars().all() == ["booked"]
        hired = Provider(name="Dr. Moss", specialty="orthopedics")
        session.add(hired)
        session.flush()
        assert hired.id == 3
    store.close()
