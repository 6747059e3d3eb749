"""The number of an insurance card: only in the sealed records, in no slot, in no answer, in plain text nowhere."""

from __future__ import annotations

import json

import pytest

from tests.conversations.harness import Clinic, everything_stored, new_talk, rows

pytestmark = pytest.mark.model
NUMBER = "QZ7731904466"
TALK = (
    f"i have new insurance, aetna choice ppo, member id {NUMBER}",
    "Sam Whitaker 8/15/1999 1908",
    "no, wait: what do i owe on my bill",
    "skip",
    "my own name",
    "january 1",
    "it takes its place",
    f"yes, the member id {NUMBER} is right",
    "yes",
    "can a person call me about it",
    "yes",
)


async def test_a_member_number_is_sealed_and_in_no_slot(clinic: Clinic) -> None:
    talk = new_talk(clinic)
    for words in TALK:
        await talk.say(words)
    assert rows(clinic, "pending_coverages")[0]["member_id"] == NUMBER
    assert NUMBER not in talk.transcript
    assert "ends in 4466" in talk.transcript
    tracker = await clinic.agent.tracker_store.retrieve(talk.conversation_id)
    assert tracker is not None
    assert NUMBER not in json.dumps(tracker.current_slot_values())
    assert not [row for row in rows(clinic, "tickets") if NUMBER in row["brief"]]
    stored = everything_stored(clinic.folder)
    assert NUMBER.encode() not in stored
    assert NUMBER[2:].encode() not in stored
