"""Runs a talk in one process: the real intake, the trained model, the real actions, a real SQLite database.

Nothing is mocked. Only the wire between Rasa and the action server is replaced by a call, and the clock is a file that
a talk can move.
"""

from __future__ import annotations

import importlib
import json
import os
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rasa.core.agent import Agent
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor
from sqlalchemy import select

from bedside.build import ROOT, model_path
from bedside.care import payer_port, scheduling
from bedside.care.context import Care, open_care
from bedside.care.payer_port import AuthorizationResponse, ClaimStatusResponse, EligibilityRequest, EligibilityResponse
from bedside.rasa.intake import Intake
from bedside.records import tables
from bedside.records.loading import load_file
from bedside.records.migrate import upgrade
from tests import proof
from tests.unit.insured import StandInPayer

START = "2026-11-24T10:15"
TZ = ZoneInfo("America/New_York")


class InProcessActions(EndpointConfig):
    """The action server without the wire. `down` makes it as dead as a killed process."""

    def __init__(self) -> None:
        """Load the project's actions."""
        super().__init__("http://in-process/webhook")
        self.executor = ActionExecutor()
        self.executor.register_package("actions")
        self.down = False

    async def request(self, method: str = "post", subpath: Any = None, content_type: Any = None, **kwargs: Any) -> Any:
        """Run the action as the action server would, through JSON both ways."""
        if self.down:
            import aiohttp

            raise aiohttp.ClientConnectionError("the action server is down")
        result = await self.executor.run(json.loads(json.dumps(kwargs["json"])))
        return json.loads(json.dumps(result))


@dataclass
class Said:
    """What one message led to."""

    patient: str
    replies: list[str]
    emergency: bool

    @property
    def all(self) -> str:
        """Every answer, joined."""
        return "\n".join(self.replies)


@dataclass
class Clinic:
    """One clinic for tests: loaded once, emptied and loaded again for each talk."""

    folder: Path
    agent: Agent
    actions: InProcessActions
    care: Care

    def set_time(self, moment: str) -> None:
        """Move the clinic's clock (local time)."""
        path = self.folder / "now"
        temporary = path.with_suffix(".new")
        temporary.write_text(moment, encoding="ascii")
        os.replace(temporary, path)

    def reset(self) -> None:
        """Fresh fixtures, the usual time, everything up."""
        self.set_time(START)
        self.actions.down = False
        payer_port.connect(None)
        load_file(self.care, ROOT / "demo" / "riverbend.yml", replace=True)


def open_clinic(folder: Path) -> Clinic:
    """Load the model and a database in `folder`."""
    (folder / "now").write_text(START, encoding="ascii")
    os.environ.update(
        BEDSIDE_VAR=str(folder),
        BEDSIDE_NOW=f"@{folder / 'now'}",
        BEDSIDE_SECRET="a secret of the tests, long enough to be one",
        BEDSIDE_ACTIONS_URL="http://in-process/webhook",
        BEDSIDE_REST_TOKEN="a token of the tests",
    )
    for name in ("BEDSIDE_DATABASE_URL", "BEDSIDE_CONVERSATIONS_URL", "BEDSIDE_ENV"):
        os.environ.pop(name, None)
    care = open_care()
    upgrade(care.store.url)
    base = importlib.import_module("actions.base")
    base.clinic.cache_clear()
    actions = InProcessActions()
    from bedside.rasa.tracker_store import SealedTrackerStore

    store = SealedTrackerStore()
    from bedside.rasa.sentences import SentencesOfTheDay

    agent = Agent.load(str(model_path()), action_endpoint=actions, tracker_store=store, generator=SentencesOfTheDay())
    store.domain = agent.domain
    return Clinic(folder, agent, actions, care)


@dataclass
class Talk:
    """One conversation with the clinic."""

    clinic: Clinic
    conversation_id: str
    intake: Intake
    said: list[Said] = field(default_factory=list)
    channel: str = "rest"

    async def say(self, words: str) -> Said:
        """Send a message through the intake and collect the answers."""
        replies = await self.intake.receive(self.conversation_id, self.channel, words, self.clinic.agent.handle_message)
        said = Said(words, [reply.text for reply in replies], any(reply.emergency for reply in replies))
        self.said.append(said)
        return said

    @property
    def transcript(self) -> str:
        """Everything the assistant said."""
        return "\n".join(said.all for said in self.said)


def book_elsewhere(clinic: Clinic, reference: str, provider: str, local: str) -> None:
    """Another patient, verified in a talk of their own, books an open time (local "2026-12-07 08:30") now."""
    care = clinic.care
    conversation_id = f"elsewhere-{next(_counter)}"
    starts_at = datetime.strptime(local, "%Y-%m-%d %H:%M").replace(tzinfo=TZ)
    with care.store.work() as session:
        opening = session.execute(
            select(tables.Opening.id)
            .join(tables.Provider, tables.Opening.provider_id == tables.Provider.id)
            .where(tables.Provider.name == provider, tables.Opening.starts_at == starts_at)
        ).scalar_one()
        proof.prove(care, session, conversation_id, reference, timedelta(hours=1))
    scheduling.book(care, conversation_id, opening)


def insurer_that(does: str) -> StandInPayer:
    """An insurer behind the port that is `silent`, `fails`, or `contradicts` the records, whatever it is asked."""

    def answer(question: Any) -> Any:
        if does == "silent":
            insurer.never.wait(60)
        if does == "fails":
            raise ConnectionError("the line to the insurer is down")
        if does != "contradicts":
            raise ValueError(f"an insurer is silent, fails or contradicts, and not {does}")
        if isinstance(question, EligibilityRequest):
            return EligibilityResponse(known=True, active=False)
        unknown = AuthorizationResponse if hasattr(question, "service") else ClaimStatusResponse
        return unknown(known=False, status=None)

    insurer = StandInPayer(answer)
    return insurer


_counter = iter(range(10_000))


def new_talk(clinic: Clinic, conversation_id: str | None = None) -> Talk:
    """A fresh conversation."""
    return Talk(clinic, conversation_id or f"rest-talk-{next(_counter)}", Intake(clinic.care))


# The end of a talk, in the records ------------------------------------------------------------------------------


def rows(clinic: Clinic, table: str) -> list[dict[str, Any]]:
    """Every row of a table, unsealed, with times in the clinic's zone as "2026-11-24 17:00"."""
    mapped = {mapper.class_.__tablename__: mapper.class_ for mapper in tables.Base.registry.mappers}[table]
    with clinic.care.store.reading() as session:
        found = session.execute(select(mapped)).scalars().all()
        return [{c.name: _plain(getattr(row, c.name)) for c in mapped.__table__.columns} for row in found]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(TZ).strftime("%Y-%m-%d %H:%M")
    return value.isoformat() if hasattr(value, "isoformat") else value


def matching(found: list[dict[str, Any]], wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows that have all the wanted values; a text that begins with ~ is a pattern."""

    def fits(row: dict[str, Any]) -> bool:
        for key, value in wanted.items():
            if key not in row:
                raise KeyError(f"there is no column {key}; there are {', '.join(row)}")
            if isinstance(value, str) and value.startswith("~"):
                if not re.search(value[1:], str(row[key]), re.IGNORECASE | re.DOTALL):
                    return False
            elif row[key] != value:
                return False
        return True

    return [row for row in found if fits(row)]


def everything_stored(folder: Path) -> bytes:
    """All bytes of all files in the installation's data folder."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
