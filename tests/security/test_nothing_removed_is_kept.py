"""Card numbers, their codes and full SSNs that a patient types are in no place of the installation afterwards (R3)."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator

import pytest
import sqlalchemy as sa
from rasa.utils.log_utils import configure_structlog
from sqlalchemy.exc import OperationalError

from bedside.care import trouble
from bedside.rasa.tracker_store import SealedTrackerStore
from bedside.records import tables
from tests.conversations.harness import Clinic, Talk, everything_stored, new_talk, rows

pytestmark = pytest.mark.model
CARD, CODE, SSN = "5500000000000004", "737", "219081234"
SPOKEN_CARD = "five five zero zero"
SPOKEN_SSN = "two one nine zero eight one two three four"
TOLD = "before anything was saved"


@pytest.fixture
def loud() -> Iterator[None]:
    """Everything the server can log is logged."""
    before = logging.getLogger("rasa").level
    configure_structlog(logging.DEBUG)
    logging.getLogger("rasa").setLevel(logging.DEBUG)
    yield
    configure_structlog(logging.ERROR)
    logging.getLogger("rasa").setLevel(before)


async def _said(talk: Talk) -> list[str]:
    """Every event of the conversation as the tracker gives it back, in memory and from the store."""
    store = talk.clinic.agent.tracker_store
    tracker = await store.retrieve(talk.conversation_id)
    assert tracker is not None
    return [json.dumps(event.as_dict(), ensure_ascii=False, default=str) for event in tracker.events]


def _words(values: Iterable[object]) -> str:
    """What a row says; its own number may happen to be that of the code."""
    return " | ".join(str(value) for value in values if not isinstance(value, int))


def _tables(clinic: Clinic) -> list[str]:
    """Every row of every table of both databases, unsealed."""
    found = [_words(row.values()) for table in tables.Base.metadata.tables for row in rows(clinic, table)]
    engine = sa.create_engine(clinic.care.settings.conversations_url)
    with engine.connect() as connection:
        events = [_words(row) for row in connection.execute(sa.select(SealedTrackerStore.SQLEvent.__table__))]
    engine.dispose()
    assert events
    return found + events


def _spool(clinic: Clinic) -> list[str]:
    files = sorted(clinic.care.settings.var.glob("spool*"))
    lines = [line for file in files for line in file.read_text(encoding="ascii").splitlines()]
    return [clinic.care.keyring.unseal(line) for line in lines]


def _bytes(clinic: Clinic) -> str:
    """All files of the installation's folder as they lie on the disk, the databases' logs among them."""
    return everything_stored(clinic.folder).decode("latin-1")


def _held(text: str) -> list[str]:
    """What a text holds of what was typed, whatever stands between the digits."""
    close = re.sub(r"(?<=\d)[\s\-./,_]{1,3}(?=\d)", "", text)
    found = [number for number in (CARD, CARD[:12], CARD[4:], SSN) if number in close or number in text]
    found += [words for words in (SPOKEN_CARD, SPOKEN_SSN) if words in text.lower()]
    return found


def _holds_code(text: str) -> bool:
    return re.search(rf"(?<![\w.]){CODE}(?!\w)", text) is not None


async def _search(talk: Talk, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    """Look into every place; each must be shown to be the right one by holding what was kept."""
    out = capfd.readouterr()
    logged = [f"{record.getMessage()} {record.__dict__}" for record in caplog.records] + [out.out, out.err]
    places = {
        "events": await _said(talk),
        "tables": _tables(talk.clinic),
        "spool": _spool(talk.clinic),
        "log": logged,
        "answers": [talk.transcript],
    }
    assert any("[removed]" in text for text in places["events"])
    assert any("[removed]" in text for text in places["tables"])
    for place, texts in places.items():
        for text in texts:
            assert not _held(text), f"{place}: {_held(text)} in {text[:400]}"
            if place != "log":
                assert not _holds_code(text), f"{place}: the code stands in {text[:400]}"
    raw = _bytes(talk.clinic)
    assert len(raw) > 10_000
    assert not _held(raw), f"bytes: {_held(raw)}"


def _times_told(talk: Talk) -> int:
    return sum(TOLD in reply for said in talk.said for reply in said.replies)


@pytest.mark.parametrize(
    "spoken", [pytest.param(False, id="in digits"), pytest.param(True, id="in words and with typos")]
)
async def test_what_is_typed_in_identity_and_a_dispute_is_nowhere(
    clinic: Clinic,
    loud: None,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    spoken: bool,
) -> None:
    caplog.set_level(logging.DEBUG)
    talk = new_talk(clinic)
    social = SPOKEN_SSN if spoken else "219-08-1234"
    card = f"{SPOKEN_CARD} zero zero zero zero zero zero zero zero zero zero zero four" if spoken else CARD
    code = "seven three seven" if spoken else CODE
    await talk.say("I was billed double for a single CT, $1,420")
    await talk.say(f"Maria Delgado-Ruiz, my socail is {social}")
    await talk.say("6/14/1958")
    await talk.say("A-2204417")
    assert "$1,420.00" in talk.transcript  # the talk goes on: she is known, and it is about her bill
    await talk.say(f"I paid one of them with my crad {card} exp 03/29 cvv {code}, one scan september 18, two lines")
    await talk.say(f"so take it off {CARD[:4]} {CARD[4:8]} {CARD[8:12]} {CARD[12:]}, the three on the back are {code}")
    await talk.say("no that's all")
    assert _times_told(talk) == 1
    assert TOLD in talk.said[1].all
    assert any("[removed]" in str(row["words"]) for row in rows(clinic, "disputes")), rows(clinic, "disputes")
    await _search(talk, caplog, capfd)


async def test_nor_when_the_actions_and_the_records_are_down(
    clinic: Clinic,
    loud: None,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    talk = new_talk(clinic)

    def refuse(*_args: object, **_kwargs: object) -> bool:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    with monkeypatch.context() as broken:
        broken.setattr(trouble, "journal", refuse)
        await talk.say(f"charge my visa {CARD} exp 03/29 cvv {CODE} and my ssn is 219 08 1234")
    assert any("[removed]" in line for line in _spool(clinic))
    clinic.actions.down = True
    await talk.say(f"there is a charge on my bill that is wrong, card {CARD}, {SSN} is my social")
    assert any("[removed]" in str(row["brief"]) for row in rows(clinic, "tickets"))
    assert _times_told(talk) == 1
    await _search(talk, caplog, capfd)


async def test_nor_inside_an_emergency(
    clinic: Clinic, loud: None, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    talk = new_talk(clinic)
    said = await talk.say(f"my chest is crushing and I can't breathe, my ssn is {SSN}, card {CARD} cvv {CODE}")
    assert said.emergency
    assert "911" in said.replies[0]  # what saves comes first
    assert _times_told(talk) == 1
    assert any("[removed]" in str(row["words"]) for row in rows(clinic, "emergencies"))
    await _search(talk, caplog, capfd)
