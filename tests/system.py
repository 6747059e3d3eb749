"""Starts the whole system on free ports, as `bedside run` does, with a data folder and a clock of its own."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from bedside import runner
from bedside.build import ROOT, model_path
from bedside.care import demo_staff
from bedside.care.context import Care, open_care
from bedside.records.loading import load_file
from bedside.records.migrate import upgrade

START = "2026-11-24T10:15"


@dataclass
class System:
    """The running system and its records."""

    running: runner.Running
    care: Care
    folder: Path
    desk_port: int

    @property
    def desk(self) -> str:
        """The address of the staff's desk."""
        return f"http://127.0.0.1:{self.desk_port}"

    @property
    def address(self) -> str:
        """The server's address."""
        return self.running.address

    def say(self, sender: str, message: str, timeout: float = 60) -> str:
        """Send a message over REST; all answers joined."""
        answer = self.post(sender, message, timeout=timeout)
        answer.raise_for_status()
        return "\n".join(item["text"] for item in answer.json())

    def post(self, sender: Any, message: Any, token: str | None = None, timeout: float = 60) -> requests.Response:
        """The raw REST call."""
        return requests.post(
            f"{self.address}/webhooks/rest/webhook",
            json={"sender": sender, "message": message},
            headers={
                "Authorization": f"Bearer {self.running.environ['BEDSIDE_REST_TOKEN'] if token is None else token}"
            },
            timeout=timeout,
        )

    def set_time(self, moment: str) -> None:
        """Move the clock of every process."""
        new = self.folder / "now.new"
        new.write_text(moment, encoding="ascii")
        os.replace(new, self.folder / "now")

    def reload(self) -> None:
        """Fresh fixtures and the usual time."""
        self.set_time(START)
        load_file(self.care, ROOT / "demo" / "riverbend.yml", replace=True)
        demo_staff.hire(self.care)

    @contextmanager
    def locked(self, name: str = "bedside.db") -> Iterator[None]:
        """Another program holds the write lock of a database."""
        connection = sqlite3.connect(self.folder / name, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.execute("ROLLBACK")
            connection.close()


@contextmanager
def running_system(folder: Path) -> Iterator[System]:
    """Everything up, loaded, and stopped again at the end."""
    (folder / "now").write_text(START, encoding="ascii")
    before = dict(os.environ)
    os.environ.update(
        BEDSIDE_VAR=str(folder),
        BEDSIDE_NOW=f"@{folder / 'now'}",
        BEDSIDE_SECRET="a secret of the tests, long enough to be one",
    )
    for name in ("BEDSIDE_DATABASE_URL", "BEDSIDE_CONVERSATIONS_URL", "BEDSIDE_ENV", "BEDSIDE_REST_TOKEN"):
        os.environ.pop(name, None)
    try:
        care = open_care()
        upgrade(care.store.url)
        load_file(care, ROOT / "demo" / "riverbend.yml", replace=True)
        desk_port = runner.free_port()
        running = runner.start(
            desk_port=desk_port,
            port=runner.free_port(),
            actions_port=runner.free_port(),
            rest=True,
            host="127.0.0.1",
            model=model_path(),
            var=folder,
            say=lambda _line: None,
        )
        try:
            yield System(running, care, folder, desk_port)
        finally:
            running.stop()
    finally:
        os.environ.clear()
        os.environ.update(before)
