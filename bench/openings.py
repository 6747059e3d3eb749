"""How long a search for open times takes over 200 providers and a year of openings (500,000 rows) on SQLite.

`.venv/bin/python -m bench.openings [--fresh]`. Not a test: it prints milliseconds, it never fails on one. The calendar
is made once and kept in the machine's temporary folder.
"""

from __future__ import annotations

import gc
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import date, datetime, timedelta, timezone
from datetime import time as clock_time
from pathlib import Path

from bedside.care.context import Care, open_care
from bedside.care.openings import Order, Wish, count, search
from bedside.records import migrate

PROVIDERS, DAYS, EACH_DAY = 200, 250, 10
SPECIALTIES = [
    ("primary care", "primary care visit"),
    ("podiatry", "podiatry visit"),
    ("dermatology", "dermatology visit"),
    ("cardiology", "cardiology visit"),
    ("flu shots", "flu shot"),
    ("family medicine", "family medicine visit"),
    ("family medicine", "video visit"),
    ("behavioral health", "counseling visit"),
    ("nutrition", "nutrition visit"),
    ("physical therapy", "physical therapy visit"),
]
NOW = "2026-11-24T10:15"
ROUNDS = 15


def _make(care: Care, file: Path) -> None:
    """A calendar whose next weeks are nearly full and whose far end is nearly empty, as in a clinic."""
    chance = random.Random(5)
    tz = care.organization.tz
    database = sqlite3.connect(file)
    database.execute("PRAGMA synchronous=OFF")
    database.execute(
        "INSERT INTO patients (id, reference, full_name, birth_date, language, portal_active) "
        "VALUES (1, 'B1', 'Bench Mark', '1980-01-01', 'en', 0)"
    )
    kinds = {number: SPECIALTIES[number % len(SPECIALTIES)] for number in range(1, PROVIDERS + 1)}
    database.executemany(
        "INSERT INTO providers (id, name, specialty, other_specialties, accepting_new, telehealth) "
        "VALUES (?, ?, ?, '[]', ?, ?)",
        [(number, f"Dr. {number}", kind[0], number % 4 != 0, 1) for number, kind in kinds.items()],
    )
    days: list[date] = []
    day = date(2026, 11, 24)
    while len(days) < DAYS:
        if care.calendar.is_business_day(day):
            days.append(day)
        day += timedelta(days=1)
    openings, booked, key = [], [], 0
    for number, day in enumerate(days):
        full = 0.97 if number < 15 else max(0.05, 0.9 - number / 150)
        for provider, (_, kind) in kinds.items():
            place = "telehealth" if kind == "video visit" else ("riverside", "harbor")[provider // 10 % 2]
            for slot in range(EACH_DAY):
                key += 1
                local = datetime(day.year, day.month, day.day, 8, tzinfo=tz) + timedelta(minutes=50 * slot)
                moment = f"{local.astimezone(timezone.utc):%Y-%m-%d %H:%M:%S.000000}"
                minute = local.hour * 60 + local.minute
                openings.append((key, provider, moment, 50, place, kind, local.toordinal(), minute))
                if chance.random() < full:
                    booked.append((provider, key, moment, 50, place, kind))
    database.executemany(
        "INSERT INTO openings (id, provider_id, starts_at, minutes, location, visit_type, day, minute) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        openings,
    )
    database.executemany(
        "INSERT INTO appointments (patient_id, provider_id, opening_id, starts_at, minutes, location, visit_type, "
        "status) "
        "VALUES (1, ?, ?, ?, ?, ?, ?, 'booked')",
        booked,
    )
    # One provider whose whole year is taken.
    database.execute("DELETE FROM appointments WHERE provider_id = 7")
    database.execute(
        "INSERT INTO appointments (patient_id, provider_id, opening_id, starts_at, minutes, location, visit_type, "
        "status) "
        "SELECT 1, 7, id, starts_at, minutes, location, visit_type, 'booked' FROM openings WHERE provider_id = 7"
    )
    database.commit()
    database.close()


def _hours(begins: int, ends: int) -> tuple[clock_time, clock_time]:
    return clock_time(begins), clock_time(ends)


THURSDAY = date(2026, 12, 3)
WISHES = {
    "anything": Wish(),
    "a kind of visit": Wish(visit_type="primary care visit"),
    "a kind, that takes others' openings": Wish(visit_type="physical exam"),
    "a kind, Thursday afternoon": Wish(
        visit_type="primary care visit", days=(THURSDAY, THURSDAY), times=_hours(12, 17)
    ),
    "a kind, after 3, not Wednesdays": Wish(
        visit_type="dermatology visit", times=(clock_time(15), None), excluded_weekdays=frozenset({2})
    ),
    "a provider": Wish(provider_id=11),
    "a provider whose year is full": Wish(provider_id=7),
    "a provider, on a day eight months off": Wish(provider_id=12, days=(date(2027, 7, 20), date(2027, 7, 20))),
    "a specialty in March": Wish(specialty="family medicine", days=(date(2027, 3, 1), date(2027, 3, 31))),
    "telehealth at noon": Wish(telehealth=True, times=_hours(12, 13)),
    "any, this Friday at 3": Wish(days=(date(2026, 11, 27),) * 2, times=_hours(15, 15)),
    "in the evening, when it is closed": Wish(times=_hours(18, 20)),
    "a kind, in the evening": Wish(visit_type="cardiology visit", times=_hours(18, 20)),
    "a place, new patients, the soonest": Wish(location="harbor", new_patient=True, order=Order.EARLIEST),
    "on a Saturday": Wish(days=(date(2026, 11, 28),) * 2),
    "on days that are gone": Wish(days=(date(2026, 11, 2), date(2026, 11, 6)), visit_type="podiatry visit"),
    "a kind nobody gives": Wish(visit_type="infusion"),
    "a specialty without such hours": Wish(specialty="nutrition", times=_hours(5, 6), days=(THURSDAY, THURSDAY)),
}


def _measure(care: Care, wish: Wish, cursor: str | None = None) -> tuple[float, float, str | None]:
    """Milliseconds on the wall and of the processor (what a busy machine takes away doesn't count), and the cursor."""
    wall, processor = time.perf_counter(), time.process_time()
    page = search(care, wish, cursor)
    return (time.perf_counter() - wall) * 1000, (time.process_time() - processor) * 1000, page.cursor


def main() -> None:
    """Make the calendar when there is none, and print how long each wish takes."""
    folder = Path(tempfile.gettempdir()) / "bedside-bench-openings"
    folder.mkdir(exist_ok=True)
    file = folder / "bedside.db"
    if "--fresh" in sys.argv:
        for part in folder.glob("bedside.db*"):
            part.unlink()
    made = not file.exists()
    care = open_care({"BEDSIDE_VAR": str(folder), "BEDSIDE_NOW": NOW, "BEDSIDE_SECRET": "x" * 32})
    if made:
        migrate.upgrade(care.store)
        _make(care, file)
    gc.collect()
    gc.freeze()  # as the action server does with what it has loaded (actions/base.py)
    with care.store.reading() as session:
        print(f"{count(session):,} openings of {PROVIDERS} providers, {file.stat().st_size / 1e6:.0f} MB")
    print(f"{'':38} {'':7} first page {'':4}  | page 20")
    print(f"{'wish':38} {'median':>7} {'most':>7} {'CPU most':>9} | {'':7}   ms")
    worst = worst_processor = 0.0
    for name, wish in WISHES.items():
        _, _, cursor = _measure(care, wish)
        walls, processors, _ = zip(*(_measure(care, wish) for _ in range(ROUNDS)), strict=True)
        last = 0.0
        for _ in range(19):
            if cursor is not None:
                last, _, cursor = _measure(care, wish, cursor)
        worst, worst_processor = max(worst, *walls), max(worst_processor, *processors)
        print(f"{name:38} {statistics.median(walls):7.1f} {max(walls):7.1f} {max(processors):9.1f} | {last:7.1f}")
    print(f"the longest of all: {worst:.1f} ms on the wall, {worst_processor:.1f} ms of the processor")
    care.store.close()


if __name__ == "__main__":
    main()
