"""Complaints: what is read off them, who must know how fast, what is promised, and that nothing of them is rewritten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from bedside.care import complaints, desk, interactions
from bedside.care.complaints import ROUTES, Told
from bedside.care.context import Care, open_care
from bedside.language import complaints as reading
from bedside.language.errands import is_adolescent, is_of_the_dead, own_age
from bedside.language.past import read_past_day, says_some_time
from bedside.records.complaint_tables import Complaint, ComplaintEvent
from bedside.records.migrate import upgrade
from bedside.records.tables import Commitment, Ticket

TODAY = date(2026, 11, 24)  # a Tuesday
NOW = datetime(2026, 11, 24, 15, 15, tzinfo=timezone.utc)
CLOSE_TODAY = datetime(2026, 11, 24, 22, tzinfo=timezone.utc)
CLOSE_TOMORROW = datetime(2026, 11, 25, 22, tzinfo=timezone.utc)


@pytest.fixture
def care(tmp_path: Path) -> Iterator[Care]:
    """An empty clinic at a fixed moment."""
    made = open_care({"BEDSIDE_VAR": str(tmp_path), "BEDSIDE_SECRET": "a secret of the tests, long enough to be one"})
    upgrade(made.store)
    yield replace(made, clock=lambda: NOW)
    made.store.close()


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("my lawyer will call you", {"legal"}),
        ("I'm not going to sue anybody, I only want it fixed", set()),
        ("I have a lawsuit against you people", {"legal"}),
        ("the judge on tv was funny", set()),
        ("I slipped in the hallway and broke my wrist", {"injury"}),
        ("the nurse gave me the wrong medication", {"safety"}),
        ("Dr. Soto laughed when I told her", {"clinical_staff"}),
        ("the doctor was twenty minutes late", set()),
        ("they sent me away because of my accent", {"discrimination"}),
        ("because I'm in a wheelchair nobody spoke to me", {"discrimination"}),
        ("because I'm in a hurry", set()),
        ("you mailed me another patient's bill", {"privacy"}),
        ("she read my diagnosis out loud in front of the whole room", {"privacy"}),
        ("I want to file a formal grievance", {"grievance"}),
        ("I'm calling the local news about this", {"media"}),
        ("good news, I feel better", set()),
        ("I'll come down there and make her sorry", {"threat"}),
        ("la enfermera me grito y me lastimo el brazo", {"clinical_staff", "injury"}),
        ("voy a hablar con mi abogado", {"legal"}),
        ("me trataron asi por ser mexicana", {"discrimination"}),
    ],
)
def test_what_a_complaint_is_about(words: str, kinds: set[str]) -> None:
    assert reading.kinds_in(words) == kinds


@pytest.mark.parametrize(
    ("words", "hurt"),
    [
        ("I fell and my wrist is swollen", True),
        ("he tripped but nobody was hurt", False),
        ("it hurt my feelings", False),
        ("the desk was rude", None),
    ],
)
def test_whether_somebody_is_hurt(words: str, hurt: bool | None) -> None:
    assert reading.is_hurt(words) is hurt


@pytest.mark.parametrize("words", ["you useless robot", "nothing ever changes", "you people don't care", "go to hell"])
def test_bait_tells_nothing(words: str) -> None:
    assert reading.is_bait(words)
    assert not reading.is_bait(f"{words}. On Monday at Harbor the woman at the front desk took my form and lost it")


@pytest.mark.parametrize(("words", "done"), [
    ("that's all", True), ("no, that's all of it", True), ("No. Nothing else, thank you", True), ("eso es todo", True),
    ("no, and he also lied", False), ("that's all wrong, she was the one who yelled", False), ("yes", False),
])  # fmt: skip
def test_when_they_have_told_it_all(words: str, done: bool) -> None:
    assert reading.is_finished(words) is done


@pytest.mark.parametrize(("words", "day"), [
    ("11/19, riverside, 8am", date(2026, 11, 19)), ("on November 3rd", date(2026, 11, 3)), ("the 3rd of march", date(2026, 3, 3)),
    ("el 19 de noviembre", date(2026, 11, 19)), ("12/28", date(2025, 12, 28)), ("12/28/26", None), ("yesterday", date(2026, 11, 23)),
    ("last Tuesday", date(2026, 11, 17)), ("on friday", date(2026, 11, 20)), ("this morning", TODAY), ("el lunes", date(2026, 11, 23)),
    ("three days ago", date(2026, 11, 21)), ("2/30", None), ("room 3 at 10/min", None), ("\"the doctor is out today\"", None),
    ("I sat there", None), ("", None),
])  # fmt: skip
def test_the_day_it_happened(words: str, day: date | None) -> None:
    assert read_past_day(words, TODAY) == day


def test_a_time_without_a_day_is_told_too() -> None:
    assert says_some_time("it has been like that for weeks")
    assert not says_some_time("the woman at the desk shouted")


def test_where_it_happened() -> None:
    places = ["Riverside", "Harbor"]
    assert reading.read_place("I fell in the lobby at harbor", places) == "Harbor, lobby"
    assert reading.read_place("it came in the mail", places) == "mail"
    assert reading.read_place("she was rude", places) is None


def test_who_speaks_for_whom() -> None:
    assert is_of_the_dead("my husband died and you still send him bills")
    assert not is_of_the_dead("my mother died and I have to move my visit to next week")
    assert not is_of_the_dead("please stop the letters")
    assert own_age("hi, im 16") == 16
    assert own_age("me, sixteen") == 16
    assert own_age("I'm 15 minutes away") is None
    assert is_adolescent("i'm 14 and my mom can't know", 12)
    assert not is_adolescent("i'm 14 and my mom can't know", 15)
    assert not is_adolescent("my son is 14 and needs a shot", 12)


# Who must know, and by when ------------------------------------------------------------------------------------------


def _rows(care: Care, table: type, **wanted: object) -> list:
    with care.store.reading() as session:
        return list(session.execute(select(table).filter_by(**wanted).order_by(table.id)).scalars())


EXAMPLES = {
    "legal": "my lawyer will call you about this",
    "threat": "I'll come down there and make her sorry",
    "injury": "I fell in the lobby and broke my wrist",
    "safety": "they gave me the wrong medication",
    "clinical_staff": "the doctor laughed at me and did not listen",
    "discrimination": "they sent me away because of my accent",
    "privacy": "you mailed me another patient's bill",
    "grievance": "this is a formal grievance about the desk",
    "service": "I waited for two hours and nobody said a word",
    "media": "I waited two hours and I'm calling the local news",
}


@pytest.mark.parametrize("kind", list(EXAMPLES))
def test_each_kind_reaches_its_queues_at_their_speed(care: Care, kind: str) -> None:
    standing = complaints.hear(care, "talk", Told(EXAMPLES[kind]))
    assert kind in standing.about
    tickets = {ticket.queue: ticket for ticket in _rows(care, Ticket)}
    for queue, speed in ROUTES[kind]:
        assert tickets[queue].priority == speed
        assert EXAMPLES[kind] in tickets[queue].brief
    assert tickets[standing.queue].case_number == standing.case_number
    pressing = any(speed != desk.STANDARD for _, speed in ROUTES[kind])
    told = _rows(care, Commitment, what=complaints.SUPERVISOR_TOLD)
    assert [(one.owner, one.due_at) for one in told] == [("supervisor", NOW + timedelta(minutes=5))] * pressing
    assert standing.due_at == (CLOSE_TODAY if pressing else CLOSE_TOMORROW)


def test_every_queue_and_every_speed_that_is_named_exists(care: Care) -> None:
    for routes in ROUTES.values():
        for queue, speed in routes:
            assert care.organization.queue(queue)
            assert desk.due_time(care, speed) > NOW


def test_a_red_flag_that_comes_later_hurries_it_and_keeps_the_case(care: Care) -> None:
    first = complaints.hear(care, "talk", Told("I waited for two hours and nobody said a word"))
    later = complaints.hear(care, "talk", Told("and you'll hear from my attorney"))
    assert (first.queue, later.queue) == ("practice_manager", "supervisor")
    assert later.case_number == first.case_number
    briefs = {ticket.queue: ticket.brief for ticket in _rows(care, Ticket)}
    assert set(briefs) == {"practice_manager", "supervisor", "risk"}
    assert all("two hours" in brief and "attorney" in brief for brief in briefs.values())
    statuses = [(one.owner, one.status) for one in _rows(care, Commitment, what=complaints.REVIEW)]
    assert statuses == [("practice_manager", "replaced"), ("supervisor", "open")]
    read_back = interactions.close(care, "talk", "rest")
    assert [(one.case_number, one.what, one.owner) for one in read_back] == [
        (first.case_number, complaints.REVIEW, "supervisor")
    ]


def test_a_call_is_promised_only_once_it_is_known_where(care: Care) -> None:
    assert complaints.reach(care, "talk", "212-555-0100", call=True) is None
    complaints.hear(care, "talk", Told("I waited for two hours and nobody said a word"))
    assert [one.what for one in _rows(care, Commitment, status="open")] == [complaints.REVIEW]
    standing = complaints.reach(care, "talk", "212-555-0100 after 3", call=True, name="Chris")
    assert standing is not None
    kept = _rows(care, Commitment, status="open")
    assert [(one.what, one.preference) for one in kept] == [(complaints.CALL, "212-555-0100 after 3")]
    assert "called themself Chris, identity not verified" in _rows(care, Ticket)[0].brief
    complaints.reach(care, "talk", "no, nobody", call=False)
    assert [one.what for one in _rows(care, Commitment, status="open")] == [complaints.REVIEW]
    complaints.reach(care, "talk", "ok, 212-555-0101", call=True)
    assert [(one.what, one.preference) for one in _rows(care, Commitment, status="open")] == [
        (complaints.CALL, "ok, 212-555-0101")
    ]


def test_a_grievance_has_its_answer_in_writing_within_the_days_that_are_set(care: Care) -> None:
    standing = complaints.hear(care, "talk", Told(EXAMPLES["grievance"]))
    assert standing.written_answer_due == datetime(2026, 12, 1, 22, tzinfo=timezone.utc)
    thanksgiving = replace(care, clock=lambda: NOW - timedelta(days=5))  # seven days on, the clinic is closed
    standing = complaints.hear(thanksgiving, "other", Told(EXAMPLES["grievance"]))
    assert standing.written_answer_due == CLOSE_TOMORROW


def test_nobody_is_named_who_wants_no_name(care: Care) -> None:
    complaints.hear(care, "talk", Told("the desk was rude to me and laughed", name="Grace"))
    complaints.hear(care, "talk", Told("please keep my name out of it, anonymous", name="Grace", anonymous=True))
    assert [(row.anonymous, row.patient_id) for row in _rows(care, Complaint)] == [(True, None)]
    with pytest.raises(IntegrityError), care.store.work() as session:
        session.execute(select(Complaint)).scalar_one().patient_id = 1


def test_the_same_words_are_written_once_and_everything_is_kept(care: Care) -> None:
    said = ["I waited for two hours", "on November 19 at Harbor", "on November 19 at Harbor", "nobody said a word"]
    for words in said:
        complaints.hear(care, "talk", Told(words))
    (row,) = _rows(care, Complaint)
    assert row.words.split("\n") == [said[0], said[1], said[3]]
    assert (row.occurred_on, row.place) == (date(2026, 11, 19), "Harbor")
    assert [one.detail for one in _rows(care, ComplaintEvent, kind="told")] == [said[0], said[1], said[3]]


def test_what_happened_is_only_ever_added_to(care: Care) -> None:
    complaints.hear(care, "talk", Told("I waited for two hours and nobody said a word"))
    with pytest.raises(DatabaseError, match="only ever added"), care.store.work() as session:
        session.execute(text("UPDATE complaint_events SET kind = 'nothing'"))
    with pytest.raises(DatabaseError, match="only ever added"), care.store.work() as session:
        session.execute(select(ComplaintEvent)).scalars().first().detail = "something else"


def test_the_words_are_sealed_in_the_file(care: Care, tmp_path: Path) -> None:
    complaints.hear(care, "talk", Told("the receptionist with the zebra earrings shouted at me"))
    assert not any(b"zebra" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_a_complaint_ends_by_somebody_with_an_answer(care: Care) -> None:
    case = complaints.hear(care, "talk", Told("I waited for two hours and nobody said a word")).case_number
    with pytest.raises(ValueError, match="by somebody"):
        complaints.resolve(care, case, "", "spoke with them")
    complaints.resolve(care, case, "P. Ortiz", "Apologized by phone; the desk now says when a doctor is out.")
    (row,) = _rows(care, Complaint)
    assert (row.status, row.resolved_by) == ("resolved", "P. Ortiz")
    with pytest.raises(LookupError):
        complaints.resolve(care, case, "P. Ortiz", "again")
    with pytest.raises(IntegrityError), care.store.work() as session:
        session.execute(select(Complaint)).scalar_one().resolution = None
