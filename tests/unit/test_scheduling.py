"""Scheduling: what may be booked, what happens to the book, and that nothing is ever lost, told, or written twice."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text
from sqlalchemy.exc import IntegrityError

from bedside.care import reminders, scheduling, slots
from bedside.care.context import Care
from bedside.care.numbers import first_id_of, visit_number
from bedside.care.openings import DAY_COSTS, search
from bedside.care.scheduling import NoSuchVisit, NotEligible, OpeningTaken, Order, Reason, VisitOver, Wish
from bedside.language.when import When
from bedside.organization import OrganizationError, load_organization
from bedside.records import keys, migrate
from bedside.records.chart import ChartClosed
from bedside.records.clinic_file import ClinicFileError
from bedside.records.loading import load_file
from bedside.records.store import Store
from bedside.records.tables import (
    Appointment,
    AppointmentEvent,
    Audit,
    Opening,
    OpeningHold,
    Provider,
    ProviderAbsence,
    ProviderTemplate,
    Reminder,
    Representative,
)
from bedside.records.visits import local_place
from tests.unit.scheduling_clinic import (
    CLINIC,
    EASTERN,
    clinic_at,
    count,
    free,
    history,
    moment,
    opening,
    pass_time,
    patient_id,
    prove,
    rows,
    set_time,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without a row, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "bedside.db"
    migrate.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="module")
def loaded(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the small clinic, everybody proved, to be copied."""
    folder = tmp_path_factory.mktemp("loaded")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "_installed", None)
        care = clinic_at(folder, empty)
        prove(care, "ANA", "BO", "CAL", "TEEN", "LATE")
        care.store.close()
    return folder / "bedside.db"


@pytest.fixture
def care(loaded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Care]:
    monkeypatch.setattr(keys, "_installed", None)
    clinic = clinic_at(tmp_path, loaded, clinic="")
    yield clinic
    clinic.store.close()


FIRST, SECOND, THIRD = "2026-12-01 09:00", "2026-12-02 09:00", "2026-12-03 13:30"


def first(care: Care) -> int:
    return opening(care, "Dr. Reed", FIRST)


def second(care: Care) -> int:
    return opening(care, "Dr. Reed", SECOND)


# Booking --------------------------------------------------------------------------------------------------------------


def test_a_visit_that_is_booked_is_written_once_with_its_history_and_its_reminders(care: Care) -> None:
    made = scheduling.book(care, "BO", first(care))
    assert (made.visit.provider, made.visit.starts_at, made.new) == ("Dr. Reed", moment(FIRST), True)
    assert (made.visit.visit_type, made.visit.location, made.visit.minutes) == ("primary care visit", "riverside", 30)
    again = scheduling.book(care, "BO", first(care))
    assert (again.visit, again.number, again.new) == (made.visit, made.number, False)
    assert rows(care, "BO") == [(FIRST, "booked")]
    assert history(care, made.visit.appointment_id) == [("booked", "patient")]
    assert scheduling.upcoming(care, "BO") == (made.visit,)
    assert scheduling.find_by_number(care, "BO", made.number.lower()) == made.visit
    with care.store.reading() as session:
        event = session.execute(select(AppointmentEvent)).scalar_one()
        assert (event.at, event.conversation_id) == (care.now(), "BO")
        planned = session.execute(select(Reminder.days_before, Reminder.due_at, Reminder.status)).all()
    # the visit is in seven days: a reminder seven days ahead at ten would have been today at ten, which has passed
    assert planned == [(2, moment("2026-11-29 10:00"), "due")]


def test_what_somebody_else_has_is_taken_and_nothing_is_written(care: Care) -> None:
    scheduling.book(care, "BO", first(care))
    with pytest.raises(OpeningTaken):
        scheduling.book(care, "ANA", first(care))
    assert rows(care, "ANA") == [("2025-05-06 09:00", "kept")]
    assert count(care, AppointmentEvent) == 1
    assert f"Dr. Reed {FIRST}" not in free(care)
    with pytest.raises(OpeningTaken):
        scheduling.book(care, "ANA", 999_999)


def test_nobody_reaches_the_book_without_a_live_verification(care: Care) -> None:
    made = scheduling.book(care, "BO", first(care)).visit.appointment_id
    doors: list[Any] = [
        lambda: scheduling.book(care, "stranger", second(care)),
        lambda: scheduling.hold(care, "stranger", second(care)),
        lambda: scheduling.move(care, "stranger", made, second(care)),
        lambda: scheduling.cancel(care, "stranger", made),
        lambda: scheduling.confirm(care, "stranger", made),
        lambda: scheduling.upcoming(care, "stranger"),
        lambda: scheduling.late_cancellation(care, "stranger", made),
        lambda: scheduling.offers_for(care, "stranger", Wish()),
        lambda: scheduling.find_by_number(care, "stranger", visit_number(made)),
        lambda: scheduling.people(care, "stranger"),
        lambda: scheduling.why_not(care, "stranger", "physical exam"),
        lambda: scheduling.join(care, "stranger", Wish(visit_type="physical exam")),
        lambda: scheduling.places(care, "stranger"),
        lambda: scheduling.accept(care, "stranger", 1),
    ]
    for door in doors:
        with pytest.raises(ChartClosed):
            door()
    assert rows(care, "BO") == [(FIRST, "booked")]
    assert count(care, OpeningHold) == 0
    with care.store.reading() as session:
        refused = session.execute(select(Audit).where(Audit.event == "chart_refused")).scalars().all()
    assert len(refused) == len(doors)  # each try stays in the log


def test_somebody_elses_visit_is_no_different_from_none(care: Care) -> None:
    made = scheduling.book(care, "BO", first(care))
    for number in (made.visit.appointment_id, 999_999):
        for work in (
            lambda: scheduling.cancel(care, "ANA", number),  # noqa: B023
            lambda: scheduling.confirm(care, "ANA", number),  # noqa: B023
            lambda: scheduling.move(care, "ANA", number, second(care)),  # noqa: B023
        ):
            with pytest.raises(NoSuchVisit):
                work()
    with pytest.raises(NoSuchVisit):
        scheduling.find_by_number(care, "ANA", made.number)
    assert rows(care, "BO") == [(FIRST, "booked")]


@pytest.mark.parametrize("column", ["opening_id", "starts_at"])
def test_the_database_itself_refuses_a_second_open_visit(care: Care, column: str) -> None:
    made = scheduling.book(care, "BO", first(care)).visit
    values = {"patient_id": patient_id(care, "ANA"), "location": "riverside", "visit_type": "visit"}
    spans = {"provider_id": made.provider_id, "starts_at": moment(FIRST), "opening_id": made.opening_id}
    spans |= {"opening_id": None} if column == "starts_at" else {"starts_at": moment("2026-12-01 09:05")}
    for status in ("booked", "confirmed"):
        with pytest.raises(IntegrityError), care.store.work() as session:
            session.add(Appointment(**values, **spans, status=status))
    with care.store.work() as session:
        session.add(Appointment(**values, **spans, status="cancelled"))
    scheduling.cancel(care, "BO", made.appointment_id)
    with care.store.work() as session:
        session.add(Appointment(**values, **spans, status="booked"))


def test_a_clash_that_only_the_database_sees_is_an_opening_that_is_taken(
    care: Care, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheduling.book(care, "BO", first(care))
    mine = scheduling.book(care, "ANA", second(care)).visit
    monkeypatch.setattr(slots.Slot, "is_free_for", lambda self, patient_id: True)
    with pytest.raises(OpeningTaken):
        scheduling.book(care, "CAL", first(care))
    with pytest.raises(OpeningTaken):
        scheduling.move(care, "ANA", mine.appointment_id, first(care))
    assert rows(care, "ANA")[-1] == (SECOND, "booked")
    assert rows(care, "CAL") == [("2026-11-30 11:00", "booked")]


# What may be booked ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "provider", "at", "kind", "reasons"),
    [
        ("BO", "Dr. Reed", "2026-11-24 10:45", None, [Reason.PAST]),  # half an hour ahead, and an hour is needed
        ("BO", "Dr. Reed", "2026-11-26 09:00", None, [Reason.CLOSED]),
        ("BO", "Dr. Reed", "2026-11-28 09:00", None, [Reason.CLOSED]),
        ("BO", "Dr. Reed", "2026-12-02 16:45", None, [Reason.CLOSED]),
        ("BO", "Dr. Reed", "2026-11-24 14:00", None, []),
        ("BO", "Dr. Reed", FIRST, "physical exam", []),
        ("BO", "Dr. Reed", FIRST, "podiatry visit", [Reason.NOT_THAT_VISIT, Reason.NOT_THAT_PROVIDER]),
        ("BO", "Dr. Reed", "2026-12-04 13:00", None, [Reason.NO_TELEHEALTH]),
        ("BO", "Dr. Vale", "2026-12-04 10:00", None, []),
        ("BO", "Dr. Park", "2026-12-03 09:00", None, [Reason.PROVIDER_TAKES_NO_NEW_PATIENTS]),
        ("ANA", "Dr. Park", "2026-12-03 09:00", None, []),
        ("BO", "Nurse Finn", "2026-12-01 15:00", None, [Reason.NOT_FOR_NEW_PATIENTS]),
        ("ANA", "Nurse Finn", "2026-12-01 15:00", None, []),
        ("ANA", "Nurse Finn", "2026-11-24 15:00", None, [Reason.NO_SAME_DAY]),
        ("BO", "Dr. Moss", "2026-12-04 09:00", None, [Reason.REFERRAL_NEEDED]),
        ("ANA", "Dr. Moss", "2026-12-04 09:00", None, [Reason.REFERRAL_NEEDED]),  # it ends the day before
        ("ANA", "Dr. Moss", "2026-12-03 14:45", None, []),
        ("LATE", "Dr. Reed", FIRST, None, [Reason.DECEASED]),
    ],
)
def test_a_visit_is_booked_unless_there_is_a_reason(
    care: Care, who: str, provider: str, at: str, kind: str | None, reasons: list[Reason]
) -> None:
    wanted = opening(care, provider, at)
    before = rows(care, who)
    if not reasons:
        assert scheduling.hold(care, who, wanted, visit_type=kind).starts_at == moment(at)
        assert scheduling.book(care, who, wanted, visit_type=kind).visit.starts_at == moment(at)
        return
    for work in (scheduling.hold, scheduling.book):
        with pytest.raises(NotEligible) as caught:
            work(care, who, wanted, visit_type=kind)
        assert list(caught.value.reasons) == reasons
    assert rows(care, who) == before


def test_nobody_is_booked_twice_at_one_time(care: Care) -> None:
    scheduling.book(care, "ANA", opening(care, "Dr. Moss", "2026-12-03 14:45"))
    with pytest.raises(NotEligible) as caught:
        scheduling.book(care, "ANA", opening(care, "Dr. Reed", "2026-12-03 15:00"))
    assert caught.value.reasons == (Reason.OTHER_VISIT_THEN,)
    offered = scheduling.offers_for(care, "ANA", Wish(visit_type="primary care visit"), size=50).offers
    assert moment("2026-12-03 15:00") not in [one.starts_at for one in offered]
    assert moment("2026-12-03 13:30") in [one.starts_at for one in offered]


def test_what_is_missing_is_known_before_a_time_is_looked_for(care: Care) -> None:
    assert scheduling.why_not(care, "BO", "orthopedics visit") == (Reason.REFERRAL_NEEDED,)
    assert scheduling.why_not(care, "ANA", "orthopedics visit") == ()
    assert scheduling.why_not(care, "ANA", "new patient visit") == (Reason.ONLY_FOR_NEW_PATIENTS,)
    assert scheduling.why_not(care, "BO", "new patient visit") == ()
    assert scheduling.why_not(care, "BO", "a kind nobody has heard of") == ()
    assert scheduling.why_not(care, "LATE", "physical exam") == (Reason.DECEASED,)


def test_a_new_patient_is_offered_only_what_a_new_patient_can_have(care: Care) -> None:
    def offered(who: str, **wish: Any) -> set[str]:
        return {one.provider for one in scheduling.offers_for(care, who, Wish(**wish), size=50).offers}

    assert offered("ANA") == {"Dr. Reed", "Dr. Park", "Dr. Moss", "Dr. Vale", "Nurse Finn"}
    assert offered("BO") == {"Dr. Reed", "Dr. Moss", "Dr. Vale"}
    assert offered("BO", visit_type="infusion") == set()


def test_everything_that_a_patient_is_offered_can_be_held(care: Care) -> None:
    for who in ("ANA", "BO", "CAL"):
        offered = scheduling.offers_for(care, who, Wish(), size=50).offers
        held = [one for one in offered if not scheduling.why_not(care, who, one.visit_type)]
        assert len(held) >= 6
        for offer in held:
            on = offer.starts_at.astimezone(EASTERN).date()
            if (who, offer.provider, on) != ("ANA", "Dr. Moss", date(2026, 12, 4)):  # her referral has run out by then
                scheduling.hold(care, who, offer.opening_id, visit_type=offer.visit_type)
        scheduling.release(care, who)


def test_an_absence_that_becomes_known_later_closes_the_day(care: Care) -> None:
    wanted = first(care)
    day = date(2026, 12, 1).toordinal()
    with care.store.work() as session:
        reed = session.execute(select(Provider.id).where(Provider.name == "Dr. Reed")).scalar_one()
        session.add(ProviderAbsence(provider_id=reed, first_day=day, last_day=day))
    assert f"Dr. Reed {FIRST}" not in free(care)
    assert f"Dr. Reed {SECOND}" in free(care)
    with pytest.raises(NotEligible) as caught:
        scheduling.book(care, "BO", wanted)
    assert caught.value.reasons == (Reason.CLOSED,)


# Moving ---------------------------------------------------------------------------------------------------------------


def test_a_visit_that_is_moved_keeps_its_number_and_both_histories(care: Care) -> None:
    made = scheduling.book(care, "BO", first(care))
    old = made.visit.appointment_id
    moved = scheduling.move(care, "BO", old, second(care))
    assert (moved.number, moved.new) == (made.number, True)
    assert (moved.before.starts_at, moved.visit.starts_at) == (moment(FIRST), moment(SECOND))
    assert rows(care, "BO") == [(FIRST, "moved"), (SECOND, "booked")]
    assert history(care, old) == [("booked", "patient"), ("moved", "patient")]
    assert history(care, moved.visit.appointment_id) == [("booked", "patient")]
    assert f"Dr. Reed {FIRST}" in free(care)
    assert f"Dr. Reed {SECOND}" not in free(care)
    again = scheduling.move(care, "BO", old, second(care))
    assert (again.visit, again.number, again.new) == (moved.visit, made.number, False)
    assert rows(care, "BO") == [(FIRST, "moved"), (SECOND, "booked")]
    third = scheduling.move(care, "BO", moved.visit.appointment_id, opening(care, "Dr. Reed", THIRD))
    assert third.number == made.number
    assert scheduling.find_by_number(care, "BO", made.number) == third.visit
    with pytest.raises(VisitOver) as caught:
        scheduling.move(care, "BO", old, first(care))
    assert caught.value.status == "moved"
    with care.store.reading() as session:
        due = session.execute(select(Reminder.appointment_id).where(Reminder.status == "due")).scalars().all()
        dropped = session.execute(select(Reminder.appointment_id).where(Reminder.status == "dropped")).scalars().all()
    assert set(due) == {third.visit.appointment_id}
    assert set(dropped) == {old, moved.visit.appointment_id}


def test_whoever_cannot_move_keeps_what_they_have(care: Care) -> None:
    mine = scheduling.book(care, "ANA", first(care)).visit
    scheduling.book(care, "BO", second(care))
    scheduling.hold(care, "CAL", opening(care, "Dr. Reed", THIRD))
    for wanted in (second(care), opening(care, "Dr. Reed", THIRD), 999_999):
        with pytest.raises(OpeningTaken):
            scheduling.move(care, "ANA", mine.appointment_id, wanted)
    with pytest.raises(NotEligible):
        scheduling.move(care, "ANA", mine.appointment_id, opening(care, "Dr. Reed", "2026-11-26 09:00"))
    assert rows(care, "ANA")[1:] == [(FIRST, "booked")]
    assert history(care, mine.appointment_id) == [("booked", "patient")]
    assert scheduling.upcoming(care, "ANA") == (mine,)
    with care.store.reading() as session:
        assert session.execute(
            select(Reminder.status).where(Reminder.appointment_id == mine.appointment_id)
        ).scalars().all() == ["due"]


def test_moving_to_where_it_is_changes_nothing(care: Care) -> None:
    mine = scheduling.book(care, "BO", first(care)).visit
    assert scheduling.move(care, "BO", mine.appointment_id, first(care)).new is False
    assert rows(care, "BO") == [(FIRST, "booked")]


def test_a_visit_can_be_moved_within_its_own_time(care: Care) -> None:
    mine = scheduling.book(care, "ANA", opening(care, "Dr. Moss", "2026-12-03 14:45")).visit
    with pytest.raises(NotEligible) as caught:
        scheduling.move(care, "ANA", mine.appointment_id, opening(care, "Dr. Reed", "2026-12-03 15:00"))
    assert Reason.OTHER_VISIT_THEN not in caught.value.reasons  # it is another kind of visit, and that is all
    moved = scheduling.move(
        care,
        "ANA",
        mine.appointment_id,
        opening(care, "Dr. Reed", "2026-12-03 15:00"),
        visit_type="primary care visit",
    )
    assert moved.visit.starts_at == moment("2026-12-03 15:00")


def test_a_physical_exam_moves_into_an_opening_for_primary_care(care: Care) -> None:
    loaded = scheduling.upcoming(care, "CAL")[0]
    page = scheduling.offers_for(care, "CAL", Wish(), moving=loaded.appointment_id, size=50)
    assert {one.visit_type for one in page.offers} == {"physical exam"}
    moved = scheduling.move(care, "CAL", loaded.appointment_id, first(care))
    assert moved.visit.visit_type == "physical exam"
    assert moved.number == visit_number(loaded.appointment_id)


def test_the_time_of_a_visit_from_before_the_calendar_can_be_booked_again(care: Care) -> None:
    assert "Dr. Reed 2026-11-30 11:00" not in free(care)
    loaded = scheduling.upcoming(care, "CAL")[0]
    assert loaded.opening_id is None
    scheduling.cancel(care, "CAL", loaded.appointment_id)
    assert "Dr. Reed 2026-11-30 11:00" in free(care, visit_type="primary care visit")
    assert scheduling.book(care, "BO", opening(care, "Dr. Reed", "2026-11-30 11:00")).new


# Cancelling and confirming --------------------------------------------------------------------------------------------


def test_a_visit_that_is_cancelled_in_time(care: Care) -> None:
    made = scheduling.book(care, "BO", first(care))
    set_time(care, "2026-11-30T09:00")  # 24 hours before
    assert scheduling.late_cancellation(care, "BO", made.visit.appointment_id) is None
    done = scheduling.cancel(care, "BO", made.visit.appointment_id)
    assert (done.number, done.late, done.new, done.visit.status) == (made.number, None, True, "cancelled")
    assert rows(care, "BO") == [(FIRST, "cancelled")]
    assert f"Dr. Reed {FIRST}" in free(care)
    assert scheduling.upcoming(care, "BO") == ()
    assert scheduling.cancel(care, "BO", made.visit.appointment_id).new is False
    assert history(care, made.visit.appointment_id) == [("booked", "patient"), ("cancelled", "patient")]
    for work in (scheduling.confirm, scheduling.late_cancellation):
        with pytest.raises(VisitOver):
            work(care, "BO", made.visit.appointment_id)
    with care.store.reading() as session:
        assert session.execute(select(Reminder.status)).scalars().all() == ["dropped"]


def test_a_late_cancellation_says_and_writes_what_follows(care: Care) -> None:
    made = scheduling.book(care, "BO", first(care)).visit
    set_time(care, "2026-11-30T09:01")
    told = scheduling.late_cancellation(care, "BO", made.appointment_id)
    assert told is not None
    assert (told.hours, told.fee_cents) == (24, 4000)
    assert scheduling.cancel(care, "BO", made.appointment_id).late == told
    set_time(care, "2026-12-05T09:01")
    assert scheduling.cancel(care, "BO", made.appointment_id).late == told  # asked again, also when it is over
    with care.store.reading() as session:
        fees = session.execute(select(AppointmentEvent.kind, AppointmentEvent.fee_cents)).all()
    assert fees == [("booked", None), ("cancelled", 4000)]


def test_a_visit_that_has_begun_is_no_longer_changed_in_chat(care: Care) -> None:
    made = scheduling.book(care, "BO", first(care)).visit
    set_time(care, "2026-12-01T09:00")
    for work in (scheduling.cancel, scheduling.confirm):
        with pytest.raises(VisitOver):
            work(care, "BO", made.appointment_id)
    with pytest.raises(VisitOver):
        scheduling.move(care, "BO", made.appointment_id, second(care))
    assert scheduling.upcoming(care, "BO") == ()
    assert rows(care, "BO") == [(FIRST, "booked")]


def test_a_visit_is_confirmed_once_and_still_has_its_time(care: Care) -> None:
    made = scheduling.book(care, "BO", first(care)).visit
    assert scheduling.confirm(care, "BO", made.appointment_id).new is True
    assert scheduling.confirm(care, "BO", made.appointment_id).new is False
    assert history(care, made.appointment_id) == [("booked", "patient"), ("confirmed", "patient")]
    with pytest.raises(OpeningTaken):
        scheduling.book(care, "ANA", first(care))
    assert scheduling.move(care, "BO", made.appointment_id, second(care)).visit.status == "booked"


def test_staff_write_whether_a_visit_was_kept(care: Care) -> None:
    made = scheduling.book(care, "BO", first(care)).visit.appointment_id
    other = scheduling.book(care, "ANA", second(care)).visit.appointment_id
    assert scheduling.record_attendance(care, made, kept=False, actor="R. Kim")
    assert not scheduling.record_attendance(care, made, kept=True, actor="R. Kim")
    assert scheduling.record_attendance(care, other, kept=True, actor="R. Kim")
    assert history(care, made) == [("booked", "patient"), ("missed", "R. Kim")]
    assert (rows(care, "BO"), rows(care, "ANA")[-1]) == ([(FIRST, "missed")], (SECOND, "kept"))
    with care.store.reading() as session:
        fees = session.execute(select(AppointmentEvent.kind, AppointmentEvent.fee_cents)).all()
        assert set(session.execute(select(Reminder.status)).scalars()) == {"dropped"}
    assert dict(fees) == {"booked": None, "missed": 4000, "kept": None}


# Holding for the read-back --------------------------------------------------------------------------------------------


def test_what_is_read_back_is_kept_for_a_while(care: Care) -> None:
    held = scheduling.hold(care, "BO", first(care))
    assert held.until == care.now() + timedelta(minutes=5)
    assert f"Dr. Reed {FIRST}" not in free(care)
    assert first(care) in [one.opening_id for one in scheduling.offers_for(care, "BO", Wish(), size=50).offers]
    for work in (scheduling.hold, scheduling.book):
        with pytest.raises(OpeningTaken):
            work(care, "ANA", first(care))
    pass_time(care, minutes=4)
    assert scheduling.hold(care, "BO", first(care)).until == care.now() + timedelta(minutes=5)  # asked again
    pass_time(care, minutes=5)
    assert f"Dr. Reed {FIRST}" in free(care)
    assert scheduling.book(care, "ANA", first(care)).new
    with pytest.raises(OpeningTaken):
        scheduling.book(care, "BO", first(care))
    with care.store.reading() as session:
        assert session.execute(select(OpeningHold.status)).scalars().all() == ["released", "expired"]


def test_a_hold_is_used_by_the_booking_and_one_is_enough_in_a_talk(care: Care) -> None:
    scheduling.hold(care, "BO", first(care))
    scheduling.hold(care, "BO", second(care))
    assert f"Dr. Reed {FIRST}" in free(care)
    assert f"Dr. Reed {SECOND}" not in free(care)
    scheduling.book(care, "BO", second(care))
    with care.store.reading() as session:
        assert session.execute(select(OpeningHold.status)).scalars().all() == ["released", "used"]
    scheduling.hold(care, "BO", first(care))
    scheduling.release(care, "ANA")
    assert f"Dr. Reed {FIRST}" not in free(care)
    scheduling.release(care, "BO")
    scheduling.release(care, "BO")
    assert f"Dr. Reed {FIRST}" in free(care)


# Others' visits -------------------------------------------------------------------------------------------------------


def test_a_parent_sees_to_the_visits_of_each_child_on_file(care: Care) -> None:
    people = scheduling.people(care, "ANA")
    assert [(one.full_name, one.relation) for one in people] == [
        ("Ana Ortiz", "self"),
        ("Tess Ortiz", "parent"),
        ("Tim Ortiz", "parent"),
    ]
    tot = patient_id(care, "TOT")
    held = scheduling.hold(care, "ANA", first(care), patient_id=tot)
    made = scheduling.book(care, "ANA", held.opening_id, patient_id=tot)
    assert rows(care, "TOT") == [(FIRST, "booked")]
    assert history(care, made.visit.appointment_id) == [("booked", "representative")]
    assert scheduling.upcoming(care, "ANA", patient_id=tot) == (made.visit,)
    assert scheduling.upcoming(care, "ANA") == ()
    with pytest.raises(NoSuchVisit):
        scheduling.cancel(care, "ANA", made.visit.appointment_id)  # not her own
    assert scheduling.cancel(care, "ANA", made.visit.appointment_id, patient_id=tot).new
    with care.store.reading() as session:
        opened = select(Audit.patient_id).where(Audit.event == "chart_opened_by_representative")
        assert set(session.execute(opened).scalars()) == {tot}


@pytest.mark.parametrize("reference", ["EX", "BILLS", "BO", "CAL"])
def test_nobody_sees_to_visits_without_a_record_that_covers_them_today(care: Care, reference: str) -> None:
    other = patient_id(care, reference)
    with pytest.raises(ChartClosed):
        scheduling.upcoming(care, "ANA", patient_id=other)
    with pytest.raises(ChartClosed):
        scheduling.book(care, "ANA", first(care), patient_id=other)
    with pytest.raises(ChartClosed):
        scheduling.upcoming(care, "ANA", patient_id=999_999)
    assert f"Dr. Reed {FIRST}" in free(care)


def test_a_name_alone_makes_nobody_a_representative(care: Care) -> None:
    with care.store.work() as session:
        for row in session.execute(select(Representative)).scalars():
            row.person_id = None
    assert [one.relation for one in scheduling.people(care, "ANA")] == ["self"]


def test_an_adolescents_confidential_visit_is_not_told_to_a_parent(care: Care) -> None:
    teen = patient_id(care, "TEEN")
    own = {visit.visit_type: visit for visit in scheduling.upcoming(care, "TEEN")}
    assert set(own) == {"counseling visit", "physical exam"}
    told = scheduling.upcoming(care, "ANA", patient_id=teen)
    assert [visit.visit_type for visit in told] == ["physical exam"]
    secret = own["counseling visit"]
    with pytest.raises(NoSuchVisit):
        scheduling.cancel(care, "ANA", secret.appointment_id, patient_id=teen)
    with pytest.raises(NoSuchVisit):
        scheduling.find_by_number(care, "ANA", visit_number(secret.appointment_id), patient_id=teen)
    assert scheduling.cancel(care, "TEEN", secret.appointment_id).new


# Numbers --------------------------------------------------------------------------------------------------------------


@given(st.integers(1, 8_999_999))
def test_a_number_leads_back_to_its_visit(key: int) -> None:
    number = visit_number(key)
    assert first_id_of(number) == key
    assert first_id_of(number.replace("-", " ").lower()) == key
    digits = number.replace("V-", "").replace("-", "")
    for place in range(8):
        slip = digits[:place] + str((int(digits[place]) + 1) % 10) + digits[place + 1 :]
        assert first_id_of(f"V-{slip[:4]}-{slip[4:]}") is None
    if digits[3] != digits[4]:
        assert first_id_of(f"V-{digits[:3]}{digits[4]}-{digits[3]}{digits[5:]}") is None


def test_numbers_are_each_their_own_and_nothing_else_is_one() -> None:
    assert len({visit_number(key) for key in range(1, 20_000)}) == 19_999
    assert [first_id_of(text) for text in ("", "V", "C-4839-2075", "V-12345678901", "V-٤٤٤٤-٤٤٤٤")] == [None] * 5


# Reminders ------------------------------------------------------------------------------------------------------------


def test_a_reminder_is_due_when_it_is_time_and_is_sent_once(care: Care) -> None:
    made = scheduling.book(care, "BO", first(care)).visit
    set_time(care, "2026-11-29T09:59")
    assert scheduling.due(care) == []
    set_time(care, "2026-11-29T10:00")
    (ready,) = scheduling.due(care)
    assert (ready.days_before, ready.visit) == (2, made)
    assert [reminders.take(care, ready.reminder_id) for _ in range(3)] == [True, False, False]
    assert scheduling.due(care) == []


def test_a_reminder_of_a_visit_that_has_begun_is_not_sent(care: Care) -> None:
    scheduling.book(care, "BO", first(care))
    set_time(care, "2026-12-01T09:00")
    assert scheduling.due(care) == []
    with care.store.reading() as session:
        assert session.execute(select(Reminder.status)).scalars().all() == ["dropped"]


def test_visits_that_were_loaded_get_their_reminders_once(care: Care) -> None:
    assert count(care, Reminder) == 0
    assert scheduling.plan_missing(care) == 4
    assert scheduling.plan_missing(care) == 0
    with care.store.reading() as session:
        planned = session.execute(
            select(Reminder.days_before, Reminder.due_at)
            .join(Appointment, Reminder.appointment_id == Appointment.id)
            .where(Appointment.starts_at == moment("2026-12-10 10:00"))
            .order_by(Reminder.due_at)
        ).all()
    assert planned == [(7, moment("2026-12-03 10:00")), (2, moment("2026-12-08 10:00"))]


# Searching ------------------------------------------------------------------------------------------------------------


def at(care: Care, **wish: Any) -> list[str]:
    """The first page of the primary care visits for a wish, as local times."""
    page = search(care, Wish(visit_type="primary care visit", **wish))
    return [f"{one.starts_at.astimezone(EASTERN):%m-%d %H:%M}{'' if one.fits else ' near'}" for one in page.offers]


THURSDAY = (date(2026, 12, 3), date(2026, 12, 3))


def test_what_fits_comes_first_and_then_what_is_nearest(care: Care) -> None:
    assert at(care) == ["11-24 14:00", "12-01 09:00", "12-02 09:00"]
    assert at(care, days=THURSDAY) == ["12-03 09:00", "12-03 13:30", "12-03 15:00"]
    assert at(care, days=THURSDAY, times=(time(12), time(17))) == ["12-03 13:30", "12-03 15:00", "12-03 09:00 near"]
    assert at(care, days=THURSDAY, times=(time(13, 30), time(13, 30)))[0] == "12-03 13:30"
    assert at(care, days=THURSDAY, times=(time(14), time(14))) == [
        "12-03 13:30 near",
        "12-03 15:00 near",
        "12-03 09:00 near",
    ]
    wednesday = (date(2026, 12, 2), date(2026, 12, 2))
    assert at(care, days=wednesday, times=(time(15), time(15))) == [
        "12-03 15:00 near",
        "12-03 13:30 near",
        "12-02 09:00 near",
    ]
    assert at(care, days=wednesday, times=(time(15), time(15)), order=Order.EARLIEST)[0] == "11-24 14:00 near"
    assert at(care, days=(date(2026, 11, 2), date(2026, 11, 6)))[0] == "11-24 14:00 near"  # days that are gone
    assert at(care, days=(date(2026, 11, 26), date(2026, 11, 26)))[0] == "11-24 14:00 near"  # Thanksgiving
    assert at(care, excluded_weekdays=frozenset({1, 2})) == ["12-03 09:00", "12-03 13:30", "12-03 15:00"]
    assert at(care, location="harbor", days=(None, date(2026, 12, 3)), times=(None, time(13))) == [
        "12-03 09:00",
        "12-03 13:30 near",
        "12-03 15:00 near",
    ]


def test_what_is_not_given_on_the_same_day_is_not_offered_for_it(care: Care) -> None:
    assert free(care, visit_type="infusion") == ["Nurse Finn 2026-12-01 15:00"]
    assert "Nurse Finn 2026-11-24 15:00" not in free(care)
    set_time(care, "2026-11-23T15:00")
    assert free(care, visit_type="infusion")[0] == "Nurse Finn 2026-11-24 15:00"
    assert "Nurse Finn 2026-11-24 15:00" in free(care)


def test_a_wish_is_made_of_what_was_said() -> None:
    wish = Wish(visit_type="flu shot", times=(time(9), None))
    day = date(2026, 12, 1)
    assert wish.when(When(date=day)) == Wish(visit_type="flu shot", days=(day, day), times=(time(9), None))
    spans = wish.when(When(date=(day, None), time=(None, time(12)), excluded=frozenset({2})))
    assert (spans.days, spans.times, spans.excluded_weekdays) == ((day, None), (None, time(12)), {2})
    assert wish.when(When(time=time(15))).times == (time(15), time(15))


@pytest.mark.parametrize("cursor", ["", "1", "a.b.c.d", "1.2.3", "-1.2.3.4", "1.2.3.4.5", "١.1.1.1"])
def test_a_cursor_that_no_search_has_made_is_refused(care: Care, cursor: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        search(care, Wish(), cursor)


# A calendar of any kind, against a search that looks at every row.

NAMES = {"P1": "primary care", "P2": "primary care", "P3": "dermatology", "P4": "behavioral health"}
KINDS = ("primary care visit", "dermatology visit", "counseling visit", "something else")
TODAY = date(2026, 11, 24)

OWN = {"P1": KINDS[0], "P2": KINDS[0], "P3": KINDS[1], "P4": KINDS[2]}


def a_calendar(seed: int, rows_: int = 60) -> list[dict[str, Any]]:
    """Openings of every sort, most of which could be booked."""
    chance = random.Random(seed)
    calendar = []
    for _ in range(rows_):
        provider = chance.choice(sorted(NAMES))
        usual = chance.random() < 0.75
        calendar.append(
            {
                "provider": provider,
                "day": chance.randint(0, 14) if chance.random() < 0.85 else chance.choice([-1, 21, 31, 365, 366, 367]),
                "minute": chance.randrange(8 * 60 if usual else 6 * 60, 17 * 60 if usual else 19 * 60, 15),
                "minutes": chance.choice([15, 30, 30, 60]),
                "location": chance.choice(["riverside", "harbor"] if usual else ["riverside", "telehealth"]),
                "visit_type": OWN[provider] if usual else chance.choice(KINDS),
                "status": chance.choice([None] * 6 + ["booked", "confirmed", "cancelled", "moved"]),
                "held": chance.choice([None] * 6 + [-1, 5]),
            }
        )
    return calendar


def mostly(nothing: Any, otherwise: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 3).flatmap(lambda number: otherwise if number == 3 else st.just(nothing))


some_day = st.none() | st.integers(-3, 16).map(lambda number: TODAY + timedelta(days=number))
some_time = st.none() | st.integers(7 * 2, 18 * 2).map(lambda half: time(half // 2, half % 2 * 30))
one_day = st.integers(0, 16).map(lambda number: (TODAY + timedelta(days=number),) * 2)
one_time = st.integers(8 * 2, 17 * 2).map(lambda half: (time(half // 2, half % 2 * 30),) * 2)
a_wish = st.builds(
    Wish,
    days=st.none() | one_day | st.tuples(some_day, some_day),
    times=st.none() | one_time | st.tuples(some_time, some_time),
    excluded_weekdays=mostly(frozenset(), st.frozensets(st.integers(0, 4), max_size=2)),
    provider_id=mostly(None, st.integers(1, 4)),
    specialty=mostly(None, st.sampled_from(["primary care", "dermatology"])),
    visit_type=mostly(None, st.sampled_from([*KINDS, "physical exam"])),
    location=mostly(None, st.sampled_from(["riverside", "harbor"])),
    telehealth=mostly(None, st.booleans()),
    order=st.sampled_from(Order),
    new_patient=mostly(False, st.just(True)),
)
seeds = st.integers(0, 2**32)
no_shrinking = [phase for phase in Phase if phase is not Phase.shrink]  # a seed can't be made simpler


@pytest.fixture(scope="module")
def blank(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Care]:
    """A clinic with four providers, one patient and no calendar."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "_installed", None)
        file = "providers:\n" + "".join(
            f"  - {{ name: {name}, specialty: {specialty}, telehealth: {str(name in ('P3', 'P4')).lower()}, "
            f"accepting_new: {str(name != 'P2').lower()} }}\n"
            for name, specialty in NAMES.items()
        )
        file += "patients:\n  - { reference: X, full_name: Xe Roe, birth_date: 1980-01-01 }\n"
        clinic = clinic_at(tmp_path_factory.mktemp("blank"), empty, clinic=file)
        yield clinic
        clinic.store.close()


def lay(care: Care, calendar: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put a calendar in the place of what was there; the rows as they are, with their ids and moments."""
    known: dict[tuple[str, datetime], dict[str, Any]] = {}
    for row in calendar:
        local = datetime.combine(TODAY + timedelta(days=row["day"]), time(), tzinfo=EASTERN)
        starts_at = (local + timedelta(minutes=row["minute"])).astimezone(timezone.utc)
        known.setdefault((row["provider"], starts_at), {**row, "starts_at": starts_at, "id": len(known) + 1})
    laid = list(known.values())
    with care.store.work() as session:
        providers = dict(session.execute(select(Provider.name, Provider.id)).all())
        for table in (OpeningHold, Appointment, Opening):
            session.execute(delete(table))
        for row in laid:
            day, minute = local_place(row["starts_at"], EASTERN)
            plain = {key: row[key] for key in ("starts_at", "minutes", "location", "visit_type")}
            plain["provider_id"] = row["provider_id"] = providers[row["provider"]]
            session.execute(insert(Opening).values(id=row["id"], day=day, minute=minute, **plain))
            if row["status"]:
                session.execute(
                    insert(Appointment).values(patient_id=1, opening_id=row["id"], status=row["status"], **plain)
                )
            if row["held"]:
                session.execute(
                    insert(OpeningHold).values(
                        opening_id=row["id"],
                        patient_id=1,
                        purpose="read_back",
                        placed_at=care.now(),
                        until=care.now() + timedelta(minutes=row["held"]),
                        status="active",
                    )
                )
    return laid


def may_be_offered(care: Care, wish: Wish, row: dict[str, Any]) -> bool:
    """Whether a row is open, may be offered at all, and keeps to what a wish never bends."""
    local = row["starts_at"].astimezone(EASTERN)
    ends = row["starts_at"] + timedelta(minutes=row["minutes"])
    kind = care.organization.visit_type(wish.visit_type or row["visit_type"])
    fits_kind = {"physical exam": "primary care visit"}.get(wish.visit_type or "", wish.visit_type)
    telehealth = row["location"] == "telehealth"
    return (
        row["status"] not in ("booked", "confirmed")
        and not (row["held"] and row["held"] > 0)
        and row["starts_at"] > care.now() + timedelta(minutes=60)
        and row["day"] <= 366
        and care.calendar.is_open(row["starts_at"])
        and care.calendar.is_business_day(local.date())
        and ends <= care.calendar.closing(local.date())
        and local.weekday() not in wish.excluded_weekdays
        and wish.provider_id in (None, row["provider_id"])
        and wish.specialty in (None, NAMES[row["provider"]])
        and fits_kind in (None, row["visit_type"])
        and wish.location in (None, row["location"])
        and wish.telehealth in (None, telehealth)
        and not (wish.new_patient and row["provider"] == "P2")
        and not (telehealth and row["provider"] not in ("P3", "P4"))
        and (kind is None or not telehealth or kind.telehealth)
        and (wish.visit_type is None or kind is None or NAMES[row["provider"]] in kind.specialties)
        and (wish.visit_type is None or kind is None or row["minutes"] >= kind.minutes)
    )


def how_far(wish: Wish, row: dict[str, Any]) -> int:
    """How far a row is off the wish, reckoned one day and minute at a time."""
    day = row["starts_at"].astimezone(EASTERN).date()
    begins, ends = wish.days or (None, None)
    begins = max(begins or TODAY, TODAY)
    gone = ends is not None and ends < begins
    if gone:
        begins, ends = TODAY, TODAY - timedelta(days=1)
    opens, closes = ((None if one is None else one.hour * 60 + one.minute) for one in wish.times or (None, None))
    if opens is not None and opens == closes:
        closes = opens + 1
    in_days = begins <= day and (ends is None or day <= ends)
    in_time = (opens is None or row["minute"] >= opens) and (closes is None or row["minute"] < closes)
    if in_days and in_time:
        return 0
    if wish.order is Order.EARLIEST:
        return 1
    near = begins if ends is None else ends
    days_off = (begins - day).days if day < begins else max((day - near).days, 0)
    minutes_off = 0
    if opens is not None and row["minute"] < opens:
        minutes_off = opens - row["minute"]
    elif closes is not None and row["minute"] >= closes:
        minutes_off = row["minute"] - closes + 1
    return days_off * DAY_COSTS + minutes_off


@settings(max_examples=80, deadline=None, phases=no_shrinking)
@given(seed=seeds, wish=a_wish, size=st.integers(1, 4))
def test_the_pages_of_a_search_are_exactly_what_is_open_by_distance(
    blank: Care, seed: int, wish: Wish, size: int
) -> None:
    laid = lay(blank, a_calendar(seed))
    expected = sorted(
        (how_far(wish, row), row["starts_at"], row["id"]) for row in laid if may_be_offered(blank, wish, row)
    )
    found: list[tuple[int, datetime, int]] = []
    cursor: str | None = None
    while True:
        page = search(blank, wish, cursor, size)
        assert len(page.offers) <= size
        found += [(one.distance, one.starts_at, one.opening_id) for one in page.offers]
        if page.cursor is None:
            break
        assert len(page.offers) == size
        cursor = page.cursor
        assert len(found) <= len(expected)
    assert found == expected


@settings(max_examples=20, deadline=None, phases=no_shrinking)
@given(seed=seeds, wish=a_wish, which=seeds)
def test_what_is_taken_between_two_pages_neither_repeats_nor_skips_the_rest(
    blank: Care, seed: int, wish: Wish, which: int
) -> None:
    lay(blank, a_calendar(seed, 30))
    everything = search(blank, wish, size=100).offers
    page = search(blank, wish, size=2)
    if page.cursor is None:
        return
    gone = everything[which % len(everything)].opening_id
    with blank.store.work() as session:
        row = session.get(Opening, gone)
        session.execute(delete(Appointment).where(Appointment.opening_id == gone))
        session.add(
            Appointment(
                patient_id=1,
                opening_id=gone,
                provider_id=row.provider_id,
                starts_at=row.starts_at,
                location=row.location,
                visit_type=row.visit_type,
            )
        )
    rest = search(blank, wish, page.cursor, size=100).offers
    assert [one.opening_id for one in rest] == [one.opening_id for one in everything[2:] if one.opening_id != gone]


def test_the_hours_of_each_weekday_are_kept_apart(care: Care, tmp_path: Path) -> None:
    text_ = (ROOT / "organization.yml").read_text(encoding="utf-8")
    changed = text_.replace(
        'tuesday: { opens: "08:00", closes: "17:00" }', 'tuesday: { opens: "09:30", closes: "17:00" }'
    )
    changed = changed.replace(
        'wednesday: { opens: "08:00", closes: "17:00" }', 'wednesday: { opens: "08:00", closes: "17:15" }'
    )
    assert changed.count("09:30") == 1
    (tmp_path / "other.yml").write_text(changed, encoding="utf-8")
    other = clinic_at(tmp_path, clinic="", BEDSIDE_ORGANIZATION=str(tmp_path / "other.yml"))
    times = free(other, provider_id=1)
    assert f"Dr. Reed {FIRST}" not in times
    assert "Dr. Reed 2026-12-02 16:45" in times
    assert f"Dr. Reed {FIRST}" in free(care, provider_id=1)
    other.store.close()


# The providers' weeks -------------------------------------------------------------------------------------------------

WEEK = """\
providers:
  - name: Dr. Reed
    specialty: primary care
    weekly:
      - { weekdays: [monday, tuesday, thursday, saturday], from: "07:00", to: "10:00", minutes: 40, location: riverside, visit_type: primary care visit, ends_on: 2026-12-15 }
    away:
      - { starts_on: 2026-12-07, ends_on: 2026-12-08 }
openings:
  - { provider: Dr. Reed, starts_at: 2026-12-01 08:30, location: harbor, visit_type: flu shot }
patients:
  - reference: P
    full_name: Pat Roe
    birth_date: 1990-01-01
    appointments:
      - { provider: Dr. Reed, starts_at: 2026-12-03 09:00, location: harbor, visit_type: flu shot }
"""


def test_openings_are_made_of_the_weeks_once(empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_installed", None)
    care = clinic_at(tmp_path, empty, clinic=WEEK)
    set_time(care, "2026-11-24T08:50")
    made = scheduling.lay_out(care)
    with care.store.reading() as session:
        starts = sorted(
            session.execute(select(Opening.starts_at).where(Opening.visit_type == "primary care visit")).scalars()
        )
    local = [f"{one.astimezone(EASTERN):%m-%d %H:%M}" for one in starts]
    # Slots begin at 7:00, 7:40 (closed until 8), 8:20 and 9:00; the last ends at 9:40.
    assert local == [
        "11-24 09:00",  # 8:20 has passed; the 26th is a holiday, the 28th a Saturday
        "11-30 08:20",
        "11-30 09:00",
        "12-01 09:00",  # 8:20 would meet the opening at 8:30, which ends at 9:00
        "12-03 08:20",  # the visit at 9:00 is in the way; then they are away for two days
        "12-10 08:20",
        "12-10 09:00",
        "12-14 08:20",
        "12-14 09:00",
        "12-15 08:20",
        "12-15 09:00",
    ]
    assert made == len(local)
    assert scheduling.lay_out(care) == 0
    with care.store.work() as session:
        session.execute(delete(Opening).where(Opening.starts_at == moment("2026-12-14 09:00")))
    pass_time(care, days=1)
    assert scheduling.lay_out(care) == 0  # what staff took out does not come back
    care.store.close()


def test_the_room_of_the_week_is_the_visits(empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_installed", None)
    care = clinic_at(
        tmp_path, empty, clinic=WEEK.replace("location: riverside,", "location: riverside, room: room 12,")
    )
    scheduling.lay_out(care)
    prove(care, "P")
    found = scheduling.offers_for(care, "P", Wish(visit_type="primary care visit"))
    assert {offer.room for offer in found.offers} == {"room 12"}
    booked = scheduling.book(care, "P", found.offers[0].opening_id)
    assert booked.visit.room == "room 12"
    upcoming = {visit.visit_type: visit.room for visit in scheduling.upcoming(care, "P")}
    assert upcoming == {"primary care visit": "room 12", "flu shot": None}
    care.store.close()


@pytest.fixture(scope="module")
def demo(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Care]:
    """The demo clinic with its weeks laid out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "_installed", None)
        clinic = clinic_at(tmp_path_factory.mktemp("demo"), empty, clinic="")
        load_file(clinic, ROOT / "demo" / "riverbend.yml")
        scheduling.lay_out(clinic)
        yield clinic
        clinic.store.close()


def test_the_demo_clinic_can_be_booked_a_year_ahead(demo: Care) -> None:
    with demo.store.reading() as session:
        rows_ = session.execute(select(Opening.starts_at, Opening.minutes, Opening.visit_type)).all()
        assert session.execute(select(ProviderTemplate.laid_until)).scalars().first() == date(2027, 11, 25)
    assert 2_000 < len(rows_) < 20_000
    for starts_at, minutes, kind in rows_:
        assert demo.calendar.is_open(starts_at)
        assert demo.calendar.is_open(starts_at + timedelta(minutes=minutes - 1))
        assert demo.organization.visit_type(kind) is not None
    booked_before = {"infusion", "gastroenterology visit", "orthopedics visit"}  # by staff only
    for kind_ in demo.organization.visit_types:
        offers = search(demo, Wish(visit_type=kind_.name)).offers
        assert bool(offers) is (kind_.name not in booked_before), kind_.name


def test_the_providers_of_the_demo_conversations_have_no_other_openings_than_before(demo: Care) -> None:
    with demo.store.reading() as session:
        named = session.execute(
            select(Provider.name).where(Provider.id.in_(select(ProviderTemplate.provider_id)))
        ).scalars()
        assert not set(named) & {"Dr. Patel", "Dr. Lowe", "Dr. Brandt", "Dr. Soto", "Flu-shot nurse", "Dr. Ames"}


# The clinic's file ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("weekdays: [monday,", "weekdays: [moonday,", "5 providers.1.weekly.1.weekdays.1 must be one of monday"),
        ('from: "07:00"', 'from: "7:00"', '5 providers.1.weekly.1.from must be a time of day at the clinic'),
        ('to: "10:00"', 'to: "06:00"', "5 providers.1.weekly.1.to must be later than from"),
        ("starts_on: 2026-12-07", "starts_on: 2026-12-17", "7 providers.1.away.1.ends_on must not be before starts_on"),
        ("specialty: primary care\n", "specialty: primary care\n    accepting_new: maybe\n",
         "4 providers.1.accepting_new must be true or false"),
        ("    appointments:", "    representatives:\n      - { full_name: A B, relation: parent, reference: NOBODY, kinds: "
         "[appointments] }\n    appointments:", "15 patients.1.representatives.1.reference must be the reference of a"),
        ("    appointments:", "    representatives:\n      - { full_name: A B, relation: parent, reference: P, kinds: "
         "[appointments] }\n    appointments:", "15 patients.1.representatives.1.reference must not be the patient's own"),
        ("    appointments:", "    referrals:\n      - { specialty: eyes, starts_on: 2026-02-01, ends_on: 2026-01-01 }\n"
         "    appointments:", "15 patients.1.referrals.1.ends_on must not be before starts_on"),
        ("2026-12-01 08:30, location", "2026-12-03 09:15, location",
         "9 openings.1.starts_at is at the same time as the appointment on line 15"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_calendar_names_its_line(
    empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, said: str
) -> None:
    monkeypatch.setattr(keys, "_installed", None)
    care = clinic_at(tmp_path, empty, clinic="")
    assert WEEK.count(old) == 1
    (tmp_path / "clinic.yml").write_text(WEEK.replace(old, new), encoding="utf-8")
    with pytest.raises(ClinicFileError) as caught:
        load_file(care, tmp_path / "clinic.yml")
    found = [f"{problem.line} {problem.key} {problem.fault}" for problem in caught.value.problems]
    assert any(problem.startswith(said) for problem in found), found
    assert count(care, Provider) == 0
    care.store.close()


def test_a_representative_may_be_loaded_before_and_named_later(care: Care, tmp_path: Path) -> None:
    more = tmp_path / "more.yml"
    more.write_text(
        "patients:\n  - reference: NEW\n    full_name: Nia Ortiz\n    birth_date: 2022-01-01\n    representatives:\n"
        "      - { full_name: Ana Ortiz, relation: parent, reference: ANA, kinds: [appointments] }\n",
        encoding="utf-8",
    )
    load_file(care, more)
    assert [one.full_name for one in scheduling.people(care, "ANA")][-1] == "Nia Ortiz"


# The clinic's settings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("horizon_days: 366", "horizon_days: 3660", '"scheduling.horizon_days" must be at most 731, not 3660.'),
        ("lead_minutes: 60", "lead_minutes: 0", '"scheduling.lead_minutes" must be at least 1, not 0.'),
        ("late_cancel_fee_cents: 4000", "late_cancel_fee_cents: -1", '"scheduling.late_cancel_fee_cents" must be at'),
        ("late_cancel_fee_cents: 4000", "late_cancel_fee_cents: 40.00", '"scheduling.late_cancel_fee_cents" must be a'),
        ("reminder_days_before: [7, 2]", "reminder_days_before: [7, 7]", '"scheduling.reminder_days_before" must not'),
        ('reminder_time: "10:00"', 'reminder_time: "10"', '"scheduling.reminder_time" must be a time such as "08:00"'),
        ('"https://video.', '"http://video.', '"scheduling.telehealth_link" must be a link such as'),
        ("hold_minutes: 5", "hold_minuts: 5", '"scheduling.hold_minuts" is not a setting that Bedside knows; perhaps '
         "hold_minutes is meant."),
        ("  - name: flu shot\n", "  - name: infusion\n", '"visit_types" must not give the name "infusion" to two visit'),
        ("specialties: [podiatry]", "specialties: []", '"visit_types.3.specialties" must name at least one specialty'),
        ("preparation: physical_exam", "preparation: Physical exam", '"visit_types.2.preparation" must be a key of'),
        ("known_patients: false", "known_patients: false\n    new_patients: false",
         '"visit_types.12.known_patients" must not be false where new_patients is false'),
        ("    in_person: false\n", "    in_person: false\n    telehealth: false\n", '"telehealth" is there twice'),
        ("    telehealth: true\n    in_person: false\n", "    in_person: false\n", '"visit_types.10.in_person" must not be'),
        ("    confidential: true\n", "    confidential: yes please\n", '"visit_types.13.confidential" must be true or'),
        ("directions: harbor_directions", "directions: 5", '"locations.2.directions" must be text, not 5'),
    ],
)  # fmt: skip
def test_a_mistake_in_the_rules_of_the_book_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    demo_file = (ROOT / "organization.yml").read_text(encoding="utf-8")
    assert demo_file.count(old) == 1
    (tmp_path / "organization.yml").write_text(demo_file.replace(old, new), encoding="utf-8")
    with pytest.raises(OrganizationError) as caught:
        load_organization(tmp_path / "organization.yml")
    assert any(said in str(problem) for problem in caught.value.problems), str(caught.value)


def test_every_kind_of_visit_takes_its_own_openings_first() -> None:
    clinic = load_organization(ROOT / "organization.yml")
    exam = clinic.visit_type("physical exam")
    assert exam is not None
    assert exam.openings == ("physical exam", "primary care visit")
    assert (exam.name_in("en"), exam.name_in("es")) == ("physical exam", "examen físico")
    assert clinic.visit_type("gossip") is None
    named = {name for kind in clinic.visit_types for name in kind.books_in}
    assert named <= {kind.name for kind in clinic.visit_types}


# The migration --------------------------------------------------------------------------------------------------------


def test_what_the_records_held_before_is_carried_over(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'bedside.db'}")
    with migrate.exclusively(store.engine) as connection:
        config = migrate._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
    with store.work() as session:
        for statement in (
            "INSERT INTO patients (id, reference, full_name, birth_date, language, portal_active) "
            "VALUES (4, 'P', 'Pat Roe', '1990-01-01', 'en', 0)",
            "INSERT INTO providers (id, name, specialty) VALUES (7, 'Dr. Reed', 'primary care')",
            "INSERT INTO openings (id, provider_id, starts_at, minutes, location, visit_type) "
            "VALUES (9, 7, '2026-12-03 18:30:00.000000', 20, 'harbor', 'visit')",
            "INSERT INTO appointments (id, patient_id, provider_id, starts_at, location, visit_type, status) "
            "VALUES (5, 4, 7, '2026-12-02 15:30:00.000000', 'riverside', 'visit', 'booked')",
            "INSERT INTO representatives (id, patient_id, full_name, relation, kinds) "
            "VALUES (3, 4, 'Ana Roe', 'parent', '[\"appointments\"]')",
        ):
            session.execute(text(statement))
    migrate.upgrade(store)
    with store.reading() as session:
        opening_ = session.get(Opening, 9)
        assert (opening_.minutes, opening_.day, opening_.minute) == (20, date(2026, 12, 3).toordinal(), 13 * 60 + 30)
        visit = session.get(Appointment, 5)
        assert (visit.starts_at, visit.status, visit.minutes) == (moment("2026-12-02 10:30"), "booked", 30)
        provider = session.get(Provider, 7)
        assert (provider.accepting_new, provider.telehealth, provider.other_specialties) == (True, False, [])
        assert session.get(Representative, 3).kinds == ["appointments"]
        left = session.execute(text("SELECT name FROM sqlite_master WHERE name LIKE 'kept_%'")).all()
    assert left == []
    store.close()


def test_the_small_clinic_is_what_the_tests_take_it_for(care: Care) -> None:
    assert CLINIC.count("starts_at") == count(care, Opening) + count(care, Appointment)
    assert count(care, Provider) == 5
