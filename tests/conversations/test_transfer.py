"""A person joins the chat: offered, agreed, briefed, accepted, connected, an emergency in the middle, and back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bedside.care import outbox, transfers
from bedside.care.transfers import Person
from bedside.records.desk_tables import Staff, StaffSession
from tests.conversations.harness import Clinic, Talk, matching, new_talk, rows

pytestmark = pytest.mark.model


def on_duty(clinic: Clinic, *queues: str) -> Person:
    now = clinic.care.now()
    with clinic.care.store.work() as session:
        row = Staff(login="nora", name="Nora Quinn", role="nurse", queues=list(queues), password="-", made_at=now)
        session.add(row)
        session.flush()
        session.add(
            StaffSession(
                staff_id=row.id, digest="x", started_at=now, last_used_at=now, expires_at=now + timedelta(hours=9)
            )
        )
        return Person(row.id, "nora", row.name, tuple(queues))


def web(clinic: Clinic) -> Talk:
    talk = new_talk(clinic)
    talk.channel = "web"
    return talk


def pushed(clinic: Clinic) -> list[str]:
    outbox.send_due(clinic.care, (outbox.ChatSender(),))
    return [message.text for message in outbox.take_pushes(clinic.care)]


async def connected(clinic: Clinic, nurse: Person) -> tuple[Talk, int]:
    talk = web(clinic)
    await talk.say("is it okay to drink alcohol with my pills?")
    offered = await talk.say("Sam Whitaker")
    assert "can join us in this chat" in offered.all
    assert "about 2 minutes" in offered.all
    agreed = await talk.say("Yes, bring them in")
    assert "stay in this chat" in agreed.all
    assert "What phone number" not in agreed.all
    view = transfers.current(clinic.care, talk.conversation_id)
    assert view is not None
    brief = transfers.open_brief(clinic.care, nurse, view.transfer_id)
    assert "alcohol" in "\n".join(brief)
    transfers.accept(clinic.care, nurse, view.transfer_id)
    transfers.connect(clinic.care, nurse, view.transfer_id, "Sam Whitaker", "a question about a medicine")
    return talk, view.transfer_id


async def test_quiet_while_a_nurse_is_there_but_never_in_an_emergency(clinic: Clinic) -> None:
    nurse = on_duty(clinic, "nurse_line", "on_call")
    talk, transfer = await connected(clinic, nurse)
    assert ["Nora Quinn from our nurse line is here now" in text for text in pushed(clinic)] == [True]
    assert (await talk.say("hi Nora, thanks for joining")).replies == []
    transfers.say(clinic.care, nurse, transfer, "Hello Sam, tell me more.")
    assert pushed(clinic) == ["Hello Sam, tell me more."]
    alarm = await talk.say("I suddenly have crushing chest pain and can't breathe")
    assert alarm.emergency
    assert "911" in alarm.all
    assert matching(rows(clinic, "ticket_events"), {"kind": "emergency_in_talk"})
    assert matching(rows(clinic, "emergencies"), {"kind": "medical"})
    assert (await talk.say("my wife is calling them")).emergency
    await talk.say("they are here, I'm safe now")
    transfers.say(clinic.care, nurse, transfer, "I'm glad they're with you.")
    transfers.finish(clinic.care, nurse, transfer, "EMS took over")
    assert any("I'm back with you" in text for text in pushed(clinic))
    said = await talk.say("thank you")
    assert said.replies  # the assistant speaks again
    kept = [row["text"] for row in rows(clinic, "messages")]
    for words in ("hi Nora, thanks for joining", "Hello Sam, tell me more.", "my wife is calling them"):
        assert words in kept


async def test_a_call_instead_of_waiting(clinic: Clinic) -> None:
    on_duty(clinic, "nurse_line")
    talk = web(clinic)
    await talk.say("is it okay to drink alcohol with my pills?")
    await talk.say("Sam Whitaker")
    await talk.say("Please call me instead")
    done = await talk.say("212-555-0133")
    assert "under case number" in done.all
    assert [row["state"] for row in rows(clinic, "transfers")] == ["callback_agreed"]


async def test_while_waiting_a_call_can_still_be_had(clinic: Clinic) -> None:
    on_duty(clinic, "nurse_line")
    talk = web(clinic)
    await talk.say("is it okay to drink alcohol with my pills?")
    await talk.say("Sam Whitaker")
    await talk.say("yes")
    still = await talk.say("I want to talk to a person")
    assert "is still coming" in still.all
    called = await talk.say("please have the nurse call me")
    assert "will call you by" in called.all
    assert [row["state"] for row in rows(clinic, "transfers")] == ["callback_agreed"]


async def test_cut_off_and_back_nothing_is_told_again(clinic: Clinic) -> None:
    """S24: it all stands under the same case."""
    nurse = on_duty(clinic, "nurse_line")
    talk, transfer = await connected(clinic, nurse)
    pushed(clinic)
    transfers.lose(clinic.care, talk.conversation_id, "the page was closed")
    clinic.set_time("2026-11-24T10:18")
    await talk.say("got cut off. do i have to tell it all again")
    assert any("don't have to tell it again" in text for text in pushed(clinic))
    transfers.open_brief(clinic.care, nurse, transfer)
    transfers.accept(clinic.care, nurse, transfer)
    transfers.connect(clinic.care, nurse, transfer, "Sam Whitaker", "a question about a medicine")
    assert len(rows(clinic, "transfers")) == 1
    assert len(matching(rows(clinic, "tickets"), {"queue": "nurse_line"})) == 1


async def test_no_transfer_without_a_yes(clinic: Clinic) -> None:
    on_duty(clinic, "nurse_line")
    talk = web(clinic)
    await talk.say("is it okay to drink alcohol with my pills?")
    await talk.say("Sam Whitaker")
    no = await talk.say("no thank you")
    assert "won't pass anything on" in no.all
    assert [row["state"] for row in rows(clinic, "transfers")] == ["declined"]
    assert rows(clinic, "tickets") == []
    with clinic.care.store.reading() as session:
        assert session.execute(select(Staff)).first() is not None


async def test_on_a_channel_that_nobody_can_join_a_call_is_offered(clinic: Clinic) -> None:
    on_duty(clinic, "nurse_line")
    talk = new_talk(clinic)
    await talk.say("is it okay to drink alcohol with my pills?")
    offered = await talk.say("Sam Whitaker")
    assert "can join us" not in offered.all
    assert "okay if I pass it on" in offered.all
