"""Every talk in the YAML files beside this one: who says what, what must and must not be answered, the rows at the end."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bedside.care import payer_port
from bedside.records.loading import load_file
from bedside.settings import ROOT
from tests.conversations.figures import unexplained
from tests.conversations.harness import Clinic, book_elsewhere, insurer_that, matching, new_talk, rows
from tests.conversations.promises import late_to_supervisor, unwritten

pytestmark = pytest.mark.model
HERE = Path(__file__).parent


def _talks() -> list[Any]:
    found = []
    for path in sorted(HERE.glob("*.yml")):
        for talk in YAML(typ="safe").load(path.read_text(encoding="utf-8")):
            found.append(pytest.param(talk, id=f"{path.stem}: {talk['talk']}"))
    return found


def _check(said: str, turn: dict[str, Any], where: str) -> None:
    for wanted in turn.get("says", []):
        assert matching([{"said": said}], {"said": f"~{wanted}"}), f"{where}: «{wanted}» is missing in:\n{said}"
    for banned in turn.get("never", []):
        assert not matching([{"said": said}], {"said": f"~{banned}"}), f"{where}: «{banned}» stands in:\n{said}"


@pytest.mark.parametrize("talk", _talks())
async def test_talk(talk: dict[str, Any], clinic: Clinic) -> None:
    conversation = new_talk(clinic)
    if "load" in talk:
        load_file(clinic.care, ROOT / talk["load"])
    for number, turn in enumerate(talk["turns"], 1):
        if "at" in turn:
            clinic.set_time(turn["at"])
        if "actions" in turn:
            clinic.actions.down = turn["actions"] == "down"
        if "insurer" in turn:
            insurer = None if turn["insurer"] == "records" else insurer_that(turn["insurer"])
            payer_port.connect(insurer)
        if "elsewhere" in turn:
            book_elsewhere(clinic, **turn["elsewhere"])
        if turn.get("new_conversation"):
            conversation = new_talk(clinic)
        if "patient" not in turn:
            continue
        began = time.monotonic()
        said = await conversation.say(turn["patient"])
        if "not_now" in turn and re.search("is this happening right now", said.all):
            said = await conversation.say(turn["not_now"])  # the screen was careful; the talk goes on as it would have
        took = time.monotonic() - began
        where = f"turn {number} ({turn['patient'][:40]})"
        assert said.replies, f"{where}: silence"
        _check(said.all, turn, where)
        assert took < turn.get("seconds", took + 1), f"{where}: took {took:.1f} s"
        if "emergency" in turn:
            assert said.emergency is turn["emergency"], f"{where}: emergency is {said.emergency}:\n{said.all}"
        if turn.get("emergency"):
            assert sum(reply.count("?") for reply in said.replies) <= 1, f"{where}: more than one question"
    _check(conversation.transcript, talk, "the whole talk")
    if talk.get("once"):
        sentences = [reply for said in conversation.said for reply in said.replies]
        assert len(set(sentences)) == len(sentences), f"said twice:\n{conversation.transcript}"
    said_only = unwritten(clinic.care, [reply for said in conversation.said for reply in said.replies])
    assert not said_only, f"promised, and in no row: {said_only}"
    assert not late_to_supervisor(clinic.care)
    if "figures" in talk:
        unexplained_sums = unexplained(clinic.care, conversation.transcript, talk["figures"])
        assert not unexplained_sums, f"{unexplained_sums} is in no record:\n{conversation.transcript}"
    for table, wanted in (talk.get("rows") or {}).items():
        for row in wanted:
            expected = row.pop("count", 1)
            found = matching(rows(clinic, table), row)
            assert len(found) == expected, f"{table} {row}: {len(found)} of {expected} in {rows(clinic, table)}"
