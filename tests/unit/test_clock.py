"""The clock: the machine's time, a time that stands still, a time kept in a file."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bedside.clock import ClockError, clock_from

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize("environ", [{}, {"BEDSIDE_NOW": ""}, {"BEDSIDE_ENV": "production"}])
def test_without_a_setting_it_is_the_machines_time_in_utc(environ: dict[str, str]) -> None:
    before = datetime.now(timezone.utc)
    moment = clock_from(environ, NEW_YORK)()
    assert before <= moment <= datetime.now(timezone.utc)
    assert moment.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("2026-11-24T10:15", "2026-11-24T15:15:00+00:00"),
        ("2026-07-01 10:15:30", "2026-07-01T14:15:30+00:00"),
        ("2026-11-24T10:15:00-08:00", "2026-11-24T18:15:00+00:00"),
        ("2026-11-24T10:15:00Z", "2026-11-24T10:15:00+00:00"),
        ("2026-11-24T10:15:00.250Z", "2026-11-24T10:15:00.250000+00:00"),
        (" 2026-11-24 ", "2026-11-24T05:00:00+00:00"),
    ],
)
def test_a_set_time_stands_still_in_utc(setting: str, expected: str) -> None:
    clock = clock_from({"BEDSIDE_NOW": setting, "BEDSIDE_ENV": "test"}, NEW_YORK)
    assert clock().isoformat() == expected
    assert clock() == clock()


def test_a_file_is_read_at_each_call(tmp_path: Path) -> None:
    file = tmp_path / "now"
    clock = clock_from({"BEDSIDE_NOW": f"@{file}"}, NEW_YORK)
    file.write_text("2026-11-24T10:15\n", encoding="utf-8")
    assert clock() == datetime(2026, 11, 24, 15, 15, tzinfo=timezone.utc)
    file.write_text("2026-11-24T12:15\n", encoding="utf-8")
    assert clock() == datetime(2026, 11, 24, 17, 15, tzinfo=timezone.utc)


@pytest.mark.parametrize("setting", ["2026-11-24T10:15", "@/somewhere/now"])
@pytest.mark.parametrize("environment", ["production", " Production "])
def test_production_refuses_a_set_time(setting: str, environment: str) -> None:
    with pytest.raises(ClockError, match="production"):
        clock_from({"BEDSIDE_NOW": setting, "BEDSIDE_ENV": environment}, NEW_YORK)


@pytest.mark.parametrize(
    "setting", ["noon", "10:15", "2026-13-01T10:00", "2026-11-24T25:00", "@", "0001-01-01T00:00Z+1"]
)
def test_what_is_no_time_is_refused_at_once(setting: str) -> None:
    with pytest.raises(ClockError, match="BEDSIDE_NOW"):
        clock_from({"BEDSIDE_NOW": setting}, NEW_YORK)


def test_a_time_before_the_calendar_begins_is_refused() -> None:
    with pytest.raises(ClockError, match="ISO time"):
        clock_from({"BEDSIDE_NOW": "0001-01-01T00:00+14:00"}, NEW_YORK)


def test_a_file_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    file = tmp_path / "now"
    clock = clock_from({"BEDSIDE_NOW": f"@{file}"}, NEW_YORK)
    with pytest.raises(ClockError, match="cannot be read: No such file"):
        clock()
    file.write_text("later", encoding="utf-8")
    with pytest.raises(ClockError, match="holds 'later'"):
        clock()
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ClockError, match="not UTF-8"):
        clock()
