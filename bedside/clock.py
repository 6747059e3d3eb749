"""The clock that every part is handed, and the setting that moves it for demos and tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
"""Gives the present moment, zone-aware, in UTC."""


class ClockError(Exception):
    """BEDSIDE_NOW cannot be used; the message says why in one sentence."""


def clock_from(environ: Mapping[str, str], tz: ZoneInfo) -> Clock:
    """The clock that the environment asks for.

    Without BEDSIDE_NOW it is the machine's clock. BEDSIDE_NOW is an ISO time, at which the clock stands still, or
    `@FILE` with the path of a file that holds one, read at each call so that hours can be let pass. A time without an
    offset is in `tz`, the clinic's zone. Whoever moves the time in a file should replace the file in one step.

    Raises ClockError when BEDSIDE_NOW is set in production or is no time; the clock itself raises it when the file
    cannot be read or holds no time.
    """
    setting = environ.get("BEDSIDE_NOW", "").strip()
    if not setting:
        return _machine_time
    if environ.get("BEDSIDE_ENV", "").strip().lower() == "production":
        raise ClockError("BEDSIDE_NOW is set, but the clock cannot be moved when BEDSIDE_ENV is production.")
    if setting == "@":
        raise ClockError("BEDSIDE_NOW is '@' without the path of a file after it.")
    if setting.startswith("@"):
        file = Path(setting[1:])
        return lambda: _moment_in(file, tz)
    still = _moment(setting, tz, "BEDSIDE_NOW")
    return lambda: still


def _machine_time() -> datetime:
    return datetime.now(timezone.utc)


def moment(text: str, tz: ZoneInfo) -> datetime:
    """The moment of an ISO time, UTC; one without an offset is in `tz`. Raise ClockError when it is none."""
    return _moment(text.strip(), tz, "`now`")


def _moment_in(file: Path, tz: ZoneInfo) -> datetime:
    source = f"the file {file} that BEDSIDE_NOW names"
    try:
        content = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ClockError(f"{_capital(source)} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise ClockError(f"{_capital(source)} is not UTF-8 text.") from error
    return _moment(content.strip(), tz, source)


def _moment(text: str, tz: ZoneInfo, source: str) -> datetime:
    iso = text[:-1] + "+00:00" if text[-1:] in ("Z", "z") else text
    try:
        given = datetime.fromisoformat(iso)
        local = given if given.tzinfo else given.replace(tzinfo=tz)
        return local.astimezone(timezone.utc)
    except (ValueError, OverflowError) as error:
        raise ClockError(
            f"{_capital(source)} must hold an ISO time such as 2026-11-24T10:15, but it holds {text[:60]!r}."
        ) from error


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
