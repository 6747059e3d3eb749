"""The clinical boundary below the dialogue: what is read off a refill request, the order of work, one ticket, due times."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bedside.care import agenda, desk, handover
from bedside.care.context import Care, open_care
from bedside.care.refills import Refill
from bedside.language.calls import asks_for_call, is_driving, read_wait
from bedside.language.medicines import asks_for_more, asks_something, read_medicines, read_pharmacy
from bedside.language.segments import SYMPTOM, Ranking, find_also
from bedside.records import keys, migrate
from bedside.records.tables import Commitment, RefillRequest, Ticket, TicketEvent
from bedside.safety import protocol

TALK = "a-talk"


# What is read ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "medicines"),
    [
        ("need lisinopril refilled", ("lisinopril",)),
        ("my lisinoprel 20 mg ran out", ('lisinopril 20 mg (written "lisinoprel")',)),
        ("Zoloft and metformin please", ("zoloft", "metformin")),
        ("necesito metformina", ('metformin (written "metformina")',)),
        ("me falta el losartán de 50 mg", ("losartan de 50 mg",)),
        ("hydralazine, not hydroxyzine", ("hydralazine", "hydroxyzine")),
        ("my water pill", ()),
        ("the refill from the pharmacy on April 3rd", ()),
        ("", ()),
    ],
)
def test_medicines(text: str, medicines: tuple[str, ...]) -> None:
    assert read_medicines(text) == medicines


def test_a_word_between_two_names_is_not_guessed() -> None:
    assert read_medicines("prednisne") == ('prednisone (written "prednisne")',)
    assert read_medicines("prednisoone") == ()  # as near to prednisone as to prednisolone


@pytest.mark.parametrize(
    ("text", "pharmacy"),
    [
        ("Kroger on Fifth", "Kroger on Fifth"),
        ("send it to the CVS on Main please", "CVS on Main"),
        ("en la Walgreens de la Quinta, gracias", "Walgreens de la Quinta"),
        ("Rite Aid", "Rite Aid"),
        ("the one by the post office", None),
        ("the pharmacy says zero left", None),
    ],
)
def test_pharmacies(text: str, pharmacy: str | None) -> None:
    assert read_pharmacy(text) == pharmacy


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("can she call in 20 minutes?", 20),
        ("in about twenty five mins", 25),
        ("half an hour from now", 30),
        ("give me an hour", 60),
        ("in 2 hours", 120),
        ("in 20", 20),
        ("que me llame en media hora", 30),
        ("dentro de una hora y media", 90),
        ("en quince minutos", 15),
        ("after 3", None),
        ("I've had this for 20 minutes", None),
        ("in 1990", None),
        ("in a bit", None),
        ("in 900 hours", None),
    ],
)
def test_waits(text: str, minutes: int | None) -> None:
    assert read_wait(text) == (timedelta(minutes=minutes) if minutes else None)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("can she call in 20 minutes?", True),
        ("please have the nurse call me", True),
        ("que me llame la enfermera", True),
        ("¿me pueden llamar más tarde?", True),
        ("don't call me", False),
        ("no me llamen", False),
        ("me llamo Ana", False),
        ("can I call you", False),
        ("should I call 911", False),
    ],
)
def test_asking_to_be_called(text: str, wanted: bool) -> None:
    assert asks_for_call(text) is wanted


@pytest.mark.parametrize(
    ("text", "drives"),
    [
        ("I'm driving", True),
        ("call me later, im driving rn", True),
        ("voy manejando", True),
        ("I'm not driving", False),
        ("this is driving me crazy", False),
        ("my leg goes numb when I'm driving", False),
        ("se me duerme la pierna cuando estoy manejando", False),
        ("my wife is driving me to the ER", False),
    ],
)
def test_at_the_wheel(text: str, drives: bool) -> None:
    assert is_driving(text) is drives


def test_a_request_and_a_question_are_told_apart() -> None:
    for text, more in (("I ran out of my pills", True), ("puedo tomar dos", False)):
        assert asks_for_more(text) is more
        assert asks_something(text) is not more


def test_what_a_visit_is_for_and_what_comes_before_it() -> None:
    known = {
        "my ear hurts and there is pus": SYMPTOM,
        "I want to book": "schedule_appointment",
        "I need to be seen": "schedule_appointment",
    }

    def classify(clauses: list[str]) -> list[Ranking]:
        return [[(known.get(clause, "inform"), 0.9)] for clause in clauses]

    inquiries = {"schedule_appointment", SYMPTOM, "medication_question"}
    text = "I want to book a visit, my ear hurts and there is pus"
    assert find_also(text, "schedule_appointment", classify, inquiries) == [(SYMPTOM, 0.9)]
    assert find_also(text, "billing_explain", classify, inquiries) == []
    before = "before I book, should I stop my metformin?"
    assert find_also(before, "medication_question", classify, inquiries) == [("schedule_appointment", 0.9)]
    because = "I need to be seen because my knee is hot"
    assert find_also(because, SYMPTOM, classify, inquiries) == [("schedule_appointment", 0.9)]


# The order of work ----------------------------------------------------------------------------------------------


def test_the_nurse_first_then_the_refill_then_the_rest() -> None:
    tasks = agenda.add([], ["schedule_appointment", "medication_refill", "medication_question"])
    assert tasks == ["medication_question", "medication_refill", "schedule_appointment"]
    assert agenda.after_handover(tasks) == ["medication_refill", "schedule_appointment"]
    assert agenda.add(["clinical_symptom"], ["schedule_appointment"]) == ["clinical_symptom", "schedule_appointment"]
    assert agenda.after_handover(["test_results", "clinical_symptom", "make_payment"]) == ["make_payment"]
    assert agenda.after_handover(["make_payment", "clinical_symptom"]) == ["clinical_symptom"]


def test_a_refill_is_asked_about_then_handed_over() -> None:
    known = {"name_answered": True, "has_name": True, "verified": False, "locked": True}
    assert agenda.next_step(["medication_refill"], **known) == "refill_form"
    assert agenda.next_step(["medication_refill"], **known, collected=True) == "handover_form"


# Tickets --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as the migrations make it, to be copied."""
    file = tmp_path_factory.mktemp("clinical") / "bedside.db"
    migrate.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def care(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Care]:
    """A clinic on a Tuesday morning at 10:15; `now` in the folder moves its clock."""
    shutil.copy(prepared, tmp_path / "bedside.db")
    (tmp_path / "now").write_text("2026-11-24T10:15", encoding="ascii")
    monkeypatch.setattr(keys, "_installed", None, raising=False)
    made = open_care(
        {
            "BEDSIDE_VAR": str(tmp_path),
            "BEDSIDE_DATABASE_URL": f"sqlite:///{tmp_path / 'bedside.db'}",
            "BEDSIDE_SECRET": "a secret of the tests, long enough to be one",
            "BEDSIDE_NOW": f"@{tmp_path / 'now'}",
        }
    )
    yield made
    made.store.close()


def local(care: Care, at: datetime) -> str:
    return at.astimezone(care.organization.tz).strftime("%m-%d %H:%M")


def test_when_a_call_is_due(care: Care, tmp_path: Path) -> None:
    now = care.now()
    assert local(care, handover.due_for(care, "medication_question")) == "11-24 10:17"
    assert handover.due_for(care, "medication_question", now + timedelta(minutes=20)) == now + timedelta(minutes=20)
    assert handover.due_for(care, "medication_question", now - timedelta(minutes=20)) == now
    # Others call by their own time, and not later than that unless it was wished.
    level = desk.due_time(care, "standard")
    assert handover.due_for(care, "billing_balance", now + timedelta(minutes=20)) == level
    assert handover.due_for(care, "billing_balance", level + timedelta(hours=1)) == level + timedelta(hours=1)
    assert handover.queue_for(care, "test_results", now + timedelta(hours=9)) == "on_call"
    assert handover.queue_for(care, "billing_balance", now + timedelta(hours=9)) == "billing"
    (tmp_path / "now").write_text("2026-11-24T20:00", encoding="ascii")
    assert handover.queue_for(care, "medication_refill") == "on_call"


def test_one_clinical_ticket_for_one_talk_and_the_refill_beside_it(care: Care) -> None:
    first = handover.hand_over(
        care,
        TALK,
        handover.Request(["medication_question"], "can I take two", name="Robert", refill=Refill("lisinopril", None)),
    )
    joined = handover.add_to_clinical(care, TALK, handover.Request(["clinical_symptom"], "my head hurts"))
    refill = Refill("lisinopril", "Kroger on Fifth")
    wished = care.now() + timedelta(minutes=30)
    later = handover.add_to_clinical(
        care, TALK, handover.Request(["medication_refill"], "Kroger on Fifth", refill=refill, call_at=wished)
    )
    again = handover.hand_over(care, TALK, handover.Request(["medication_refill"], "", refill=refill))
    assert joined is not None
    assert later is not None
    assert {first.case_number} == {joined.case_number, later.case_number, again.case_number}
    assert later.due_at == wished
    assert handover.add_to_clinical(care, "another-talk", handover.Request(["clinical_symptom"], "it hurts")) is None
    with care.store.reading() as session:
        (ticket,) = session.execute(select(Ticket)).scalars()
        assert ticket.brief.index("can I take two") < ticket.brief.index("my head hurts") < ticket.brief.index("Kroger")
        assert ticket.due_at == wished
        (promise,) = session.execute(select(Commitment)).scalars()
        assert promise.due_at == wished
        (row,) = session.execute(select(RefillRequest)).scalars()
        assert (row.medicine, row.pharmacy, row.status) == ("lisinopril", "Kroger on Fifth", "pending_clinician")
        assert row.ticket_id == ticket.id
        kinds = [event.kind for event in session.execute(select(TicketEvent).order_by(TicketEvent.id)).scalars()]
        assert kinds == ["opened", "added", "added", "call_moved", "added"]


def test_a_finished_ticket_is_not_joined(care: Care, tmp_path: Path) -> None:
    first = handover.hand_over(care, TALK, handover.Request(["clinical_symptom"], "it hurts"))
    with care.store.work() as session:
        session.execute(select(Ticket)).scalar_one().status = "closed"
    (tmp_path / "now").write_text("2026-11-24T11:00", encoding="ascii")
    assert handover.add_to_clinical(care, TALK, handover.Request(["clinical_symptom"], "it still hurts")) is None
    second = handover.hand_over(care, TALK, handover.Request(["clinical_symptom"], "it still hurts"))
    assert first.case_number != second.case_number


def test_a_refill_that_can_not_be_written_leaves_no_ticket(care: Care, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr(handover.refills, "request", fail)
    asked = handover.Request(["medication_refill"], "please", refill=Refill("lisinopril", "CVS"))
    with pytest.raises(RuntimeError, match="no room"):
        handover.hand_over(care, TALK, asked)
    with care.store.reading() as session:
        assert session.execute(select(Ticket)).first() is None


# The protocol ---------------------------------------------------------------------------------------------------


def test_yes_answers_what_was_asked_last() -> None:
    def step(stage: str, reply: str) -> protocol.Step:
        made = protocol.next_step(stage, "medical", "clear", reply)
        assert made is not None
        return made

    asked = step(protocol.URGED, protocol.OTHER)
    assert asked.response == "utter_emergency_stay"
    assert step(str(asked.stage), protocol.YES).response == "utter_emergency_help_called"
    assert step(protocol.URGED, protocol.YES).response == "utter_emergency_stay"
    again = step(protocol.HELP_CALLED, protocol.OTHER)
    assert step(protocol.HELP_CALLED, protocol.YES).stage == again.stage
    assert step(str(again.stage), protocol.YES).response == "utter_emergency_help_there"
    assert step(str(again.stage), protocol.NO).response == "utter_emergency_help_called_stay"


@pytest.mark.parametrize("reply", [protocol.OTHER, protocol.YES, protocol.THERE, protocol.CALLED])
def test_doubt_counts_as_yes(reply: str) -> None:
    made = protocol.next_step(protocol.ASKED, "mental_health", "clear", reply)
    assert made is not None
    assert made.response == "utter_emergency_mental_health"
