"""The waitlist: a freed time goes to the first whom it suits, is held while they think, and is answered once."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bedside.care import offers, scheduling
from bedside.care.context import Care
from bedside.care.scheduling import (
    Moved,
    NoSuchOffer,
    NoSuchVisit,
    NotEligible,
    OfferOver,
    OpeningTaken,
    Reason,
    SchedulingError,
    Wish,
)
from bedside.records import keys, migrate
from bedside.records.tables import (
    Appointment,
    Opening,
    OpeningHold,
    Patient,
    WaitlistEntry,
    WaitlistOffer,
)
from tests.unit.scheduling_clinic import (
    clinic_at,
    free,
    moment,
    opening,
    pass_time,
    patient_id,
    prove,
    rows,
    set_time,
)

FIRST, SECOND = "2026-12-01 09:00", "2026-12-02 09:00"
PRIMARY = Wish(visit_type="primary care visit")
NAMES = ("HOST", "ONE", "TWO", "THREE", "NEW", "GONE")

CLINIC = """\
providers:
  - { name: Dr. Reed, specialty: primary care, telehealth: true }
  - { name: Dr. Park, specialty: primary care, accepting_new: false }
  - { name: Dr. Moss, specialty: orthopedics }
openings:
  - { provider: Dr. Reed, starts_at: 2026-12-01 09:00, location: riverside, visit_type: primary care visit }
  - { provider: Dr. Reed, starts_at: 2026-12-02 09:00, location: harbor, visit_type: primary care visit }
  - { provider: Dr. Reed, starts_at: 2026-11-24 14:00, location: harbor, visit_type: primary care visit }
  - { provider: Dr. Reed, starts_at: 2026-12-08 09:00, location: harbor, visit_type: primary care visit }
  - { provider: Dr. Reed, starts_at: 2026-12-09 09:00, location: riverside, visit_type: primary care visit }
  - { provider: Dr. Reed, starts_at: 2026-12-10 09:00, location: riverside, visit_type: primary care visit }
  - { provider: Dr. Reed, starts_at: 2026-12-11 09:00, location: riverside, visit_type: primary care visit }
  - { provider: Dr. Park, starts_at: 2026-12-01 09:10, location: harbor, visit_type: primary care visit }
  - { provider: Dr. Moss, starts_at: 2026-12-04 09:00, location: harbor, visit_type: orthopedics visit }
patients:
""" + "".join(
    f"  - reference: {name}\n    full_name: Pat {name.title()}\n    birth_date: 1960-01-01\n"
    + ("" if name == "NEW" else "    appointments:\n")
    + (
        ""
        if name == "NEW"
        else f"      - {{ provider: Dr. Reed, starts_at: 2024-03-0{number + 4} 09:00, location: riverside, "
        "visit_type: physical exam, status: kept }\n"
    )
    for number, name in enumerate(NAMES)
)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the clinic, everybody proved, to be copied."""
    folder = tmp_path_factory.mktemp("loaded")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "_installed", None)
        migrate.upgrade(f"sqlite:///{folder / 'bedside.db'}")
        care = clinic_at(folder, clinic=CLINIC)
        prove(care, *NAMES)
        care.store.close()
    return folder / "bedside.db"


@pytest.fixture
def care(loaded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Care]:
    monkeypatch.setattr(keys, "_installed", None)
    clinic = clinic_at(tmp_path, loaded, clinic="")
    yield clinic
    clinic.store.close()


@pytest.fixture
def host(care: Care) -> int:
    """A visit that somebody has, whose time will become free."""
    return scheduling.book(care, "HOST", opening(care, "Dr. Reed", FIRST)).visit.appointment_id


def offered(care: Care, who: str) -> scheduling.Offered | None:
    """What is on offer to somebody at this moment."""
    found = [place.offer for place in scheduling.places(care, who) if place.offer is not None]
    assert len(found) <= 1
    return found[0] if found else None


def entries(care: Care) -> list[str]:
    with care.store.reading() as session:
        return list(session.execute(select(WaitlistEntry.status).order_by(WaitlistEntry.id)).scalars())


def all_offers(care: Care) -> list[str]:
    with care.store.reading() as session:
        return list(session.execute(select(WaitlistOffer.status).order_by(WaitlistOffer.id)).scalars())


def test_a_freed_time_goes_to_the_first_in_line_and_is_held(care: Care, host: int) -> None:
    first = scheduling.join(care, "ONE", PRIMARY)
    assert (first.new, first.offer) == (True, None)
    scheduling.join(care, "TWO", PRIMARY)
    assert offered(care, "ONE") is None
    scheduling.cancel(care, "HOST", host)
    offer = offered(care, "ONE")
    assert offer is not None
    assert (offer.provider, offer.starts_at, offer.location) == ("Dr. Reed", moment(FIRST), "riverside")
    assert offer.expires_at == moment("2026-11-24 12:15")
    assert offered(care, "TWO") is None
    assert f"Dr. Reed {FIRST}" not in free(care)
    for work in (scheduling.book, scheduling.hold):
        with pytest.raises(OpeningTaken):
            work(care, "TWO", offer.opening_id)
    made = scheduling.accept(care, "ONE", offer.offer_id)
    assert (made.visit.starts_at, made.visit.visit_type, made.new) == (moment(FIRST), "primary care visit", True)
    assert entries(care) == ["booked", "waiting"]
    assert all_offers(care) == ["accepted"]
    again = scheduling.accept(care, "ONE", offer.offer_id)
    assert (again.visit, again.number, again.new) == (made.visit, made.number, False)
    assert rows(care, "ONE")[1:] == [(FIRST, "booked")]
    assert scheduling.expire_due(care) == 0
    assert not scheduling.decline(care, "ONE", offer.offer_id)
    assert rows(care, "ONE")[1:] == [(FIRST, "booked")]


def test_what_is_declined_goes_to_the_next_and_never_to_the_same_again(care: Care, host: int) -> None:
    scheduling.join(care, "ONE", PRIMARY)
    scheduling.join(care, "TWO", PRIMARY)
    scheduling.cancel(care, "HOST", host)
    offer = offered(care, "ONE")
    assert offer is not None
    assert scheduling.decline(care, "ONE", offer.offer_id)
    assert not scheduling.decline(care, "ONE", offer.offer_id)
    with pytest.raises(OfferOver) as caught:
        scheduling.accept(care, "ONE", offer.offer_id)
    assert caught.value.status == "declined"
    second = offered(care, "TWO")
    assert second is not None
    assert second.opening_id == offer.opening_id
    scheduling.decline(care, "TWO", second.offer_id)
    assert (entries(care), all_offers(care)) == (["waiting", "waiting"], ["declined", "declined"])
    assert f"Dr. Reed {FIRST}" in free(care)  # nobody in line wants it: it is anybody's
    other = scheduling.book(care, "HOST", opening(care, "Dr. Reed", SECOND)).visit.appointment_id
    scheduling.cancel(care, "HOST", other)
    assert offered(care, "ONE") is not None  # and the first is still the first for another time


def test_an_offer_that_nobody_answers_goes_to_the_next(care: Care, host: int) -> None:
    scheduling.join(care, "ONE", PRIMARY)
    scheduling.join(care, "TWO", PRIMARY)
    scheduling.cancel(care, "HOST", host)
    offer = offered(care, "ONE")
    assert offer is not None
    pass_time(care, minutes=119)
    assert scheduling.expire_due(care) == 0
    pass_time(care, minutes=1)
    assert offered(care, "ONE") is None
    with pytest.raises(OfferOver) as caught:
        scheduling.accept(care, "ONE", offer.offer_id)
    assert caught.value.status == "expired"
    assert scheduling.expire_due(care) == 1
    assert scheduling.expire_due(care) == 0
    assert (entries(care), all_offers(care)) == (["waiting", "offered"], ["expired", "open"])
    second = offered(care, "TWO")
    assert second is not None
    assert scheduling.accept(care, "TWO", second.offer_id).new


def test_an_offer_is_not_over_at_night(care: Care, host: int) -> None:
    scheduling.join(care, "ONE", PRIMARY)
    set_time(care, "2026-11-24T16:30")
    scheduling.cancel(care, "HOST", host)
    offer = offered(care, "ONE")
    assert offer is not None
    assert offer.expires_at == moment("2026-11-25 09:30")


def test_an_offer_is_over_before_the_visit_would_begin(care: Care) -> None:
    made = scheduling.book(care, "HOST", opening(care, "Dr. Reed", "2026-11-24 14:00")).visit.appointment_id
    scheduling.join(care, "ONE", PRIMARY)
    set_time(care, "2026-11-24T12:30")
    scheduling.cancel(care, "HOST", made)
    offer = offered(care, "ONE")
    assert offer is not None
    assert offer.expires_at == moment("2026-11-24 13:00")
    set_time(care, "2026-11-24T13:00")
    scheduling.expire_due(care)
    assert entries(care) == ["waiting"]


def test_a_time_that_is_too_soon_is_offered_to_nobody(care: Care) -> None:
    made = scheduling.book(care, "HOST", opening(care, "Dr. Reed", "2026-11-24 14:00")).visit.appointment_id
    scheduling.join(care, "ONE", PRIMARY)
    set_time(care, "2026-11-24T13:30")
    scheduling.cancel(care, "HOST", made)
    assert all_offers(care) == []


def test_an_earlier_time_replaces_the_visit_they_have(care: Care, host: int) -> None:
    later = scheduling.book(care, "ONE", opening(care, "Dr. Reed", SECOND))
    place = scheduling.join(care, "ONE", PRIMARY, appointment_id=later.visit.appointment_id)
    assert place.appointment_id == later.visit.appointment_id
    scheduling.cancel(care, "HOST", host)
    offer = offered(care, "ONE")
    assert offer is not None
    moved = scheduling.accept(care, "ONE", offer.offer_id)
    assert isinstance(moved, Moved)
    assert moved.number == later.number
    assert rows(care, "ONE")[1:] == [(SECOND, "moved"), (FIRST, "booked")]
    assert f"Dr. Reed {SECOND}" in free(care)
    assert scheduling.accept(care, "ONE", offer.offer_id).visit == moved.visit


def test_a_later_time_is_not_an_earlier_one(care: Care, host: int) -> None:
    place = scheduling.join(care, "HOST", PRIMARY, appointment_id=host)
    other = scheduling.book(care, "TWO", opening(care, "Dr. Reed", SECOND)).visit.appointment_id
    scheduling.cancel(care, "TWO", other)
    assert offered(care, "HOST") is None
    moved = scheduling.move(care, "HOST", host, opening(care, "Dr. Reed", SECOND))
    (now,) = scheduling.places(care, "HOST")
    assert (now.entry_id, now.appointment_id) == (place.entry_id, moved.visit.appointment_id)


def test_a_visit_that_is_moved_frees_its_old_time_for_the_line(care: Care, host: int) -> None:
    scheduling.join(care, "ONE", PRIMARY)
    scheduling.move(care, "HOST", host, opening(care, "Dr. Reed", SECOND))
    offer = offered(care, "ONE")
    assert offer is not None
    assert offer.starts_at == moment(FIRST)


@pytest.mark.parametrize(
    ("wish", "suits"),
    [
        ({}, True),
        ({"location": "riverside", "telehealth": False, "times": (time(8), time(10))}, True),
        ({"days": (date(2026, 12, 1), date(2026, 12, 1)), "times": (time(9), time(9))}, True),
        ({"location": "harbor"}, False),
        ({"telehealth": True}, False),
        ({"times": (time(10), None)}, False),
        ({"times": (None, time(9))}, False),
        ({"days": (date(2026, 12, 2), None)}, False),
        ({"days": (None, date(2026, 11, 30))}, False),
        ({"excluded_weekdays": frozenset({1})}, False),
        ({"excluded_weekdays": frozenset({0, 2})}, True),
        ({"provider_id": 1}, True),
        ({"provider_id": 2}, False),
        ({"visit_type": "physical exam"}, True),
        ({"visit_type": "flu shot"}, False),
    ],
)
def test_only_what_was_asked_for_is_offered(care: Care, host: int, wish: dict[str, Any], suits: bool) -> None:
    scheduling.join(care, "ONE", Wish(**{"visit_type": "primary care visit", **wish}))
    scheduling.cancel(care, "HOST", host)
    offer = offered(care, "ONE")
    assert (offer is not None) is suits
    if offer is not None:
        made = scheduling.accept(care, "ONE", offer.offer_id)
        assert made.visit.visit_type == wish.get("visit_type", "primary care visit")


def test_nobody_is_offered_what_they_could_not_have(care: Care) -> None:
    park = opening(care, "Dr. Park", "2026-12-01 09:10")
    taken = scheduling.book(care, "HOST", park).visit.appointment_id
    scheduling.join(care, "NEW", PRIMARY)  # Dr. Park takes no new patients
    scheduling.join(care, "GONE", PRIMARY)
    scheduling.book(care, "ONE", opening(care, "Dr. Reed", FIRST))  # is with Dr. Reed then
    scheduling.join(care, "ONE", PRIMARY)
    scheduling.join(care, "TWO", PRIMARY)
    with care.store.work() as session:
        session.execute(select(Patient).where(Patient.reference == "GONE")).scalar_one().died_on = date(2026, 11, 20)
    scheduling.cancel(care, "HOST", taken)
    assert [offered(care, who) is not None for who in ("NEW", "GONE", "ONE", "TWO")] == [False, False, False, True]


def test_whoever_waits_already_keeps_their_place(care: Care, host: int) -> None:
    first = scheduling.join(care, "ONE", PRIMARY)
    pass_time(care, minutes=5)
    scheduling.join(care, "TWO", PRIMARY)
    pass_time(care, minutes=5)
    again = scheduling.join(care, "ONE", PRIMARY)
    assert (again.entry_id, again.new) == (first.entry_id, False)
    changed = scheduling.join(care, "ONE", Wish(visit_type="primary care visit", location="riverside"))
    assert (changed.new, changed.joined_at) == (False, first.joined_at)
    assert entries(care) == ["left", "waiting", "waiting"]
    scheduling.cancel(care, "HOST", host)
    assert offered(care, "ONE") is not None


def test_whoever_leaves_passes_on_what_was_on_offer(care: Care, host: int) -> None:
    place = scheduling.join(care, "ONE", PRIMARY)
    scheduling.join(care, "TWO", PRIMARY)
    scheduling.cancel(care, "HOST", host)
    offer = offered(care, "ONE")
    assert offer is not None
    assert scheduling.leave(care, "ONE", place.entry_id)
    assert not scheduling.leave(care, "ONE", place.entry_id)
    with pytest.raises(OfferOver):
        scheduling.accept(care, "ONE", offer.offer_id)
    assert (entries(care), all_offers(care)) == (["left", "offered"], ["withdrawn", "open"])
    assert scheduling.places(care, "ONE") == ()


def test_others_offers_and_places_are_out_of_reach(care: Care, host: int) -> None:
    place = scheduling.join(care, "ONE", PRIMARY)
    scheduling.cancel(care, "HOST", host)
    offer = offered(care, "ONE")
    assert offer is not None
    for offer_id in (offer.offer_id, 999):
        for work in (scheduling.accept, scheduling.decline):
            with pytest.raises(NoSuchOffer):
                work(care, "TWO", offer_id)
    for entry_id in (place.entry_id, 999):
        with pytest.raises(NoSuchOffer):
            scheduling.leave(care, "TWO", entry_id)
    with pytest.raises(NoSuchVisit):
        scheduling.join(care, "TWO", PRIMARY, appointment_id=host)
    assert (entries(care), all_offers(care)) == (["offered"], ["open"])


def test_joining_needs_a_kind_of_visit_that_they_may_have(care: Care) -> None:
    with pytest.raises(ValueError, match="kind of visit"):
        scheduling.join(care, "ONE", Wish())
    with pytest.raises(NotEligible) as caught:
        scheduling.join(care, "ONE", Wish(visit_type="orthopedics visit"))
    assert caught.value.reasons == (Reason.REFERRAL_NEEDED,)
    assert entries(care) == []


def test_booking_what_is_on_offer_answers_the_offer(care: Care, host: int) -> None:
    scheduling.join(care, "ONE", PRIMARY)
    scheduling.cancel(care, "HOST", host)
    offer = offered(care, "ONE")
    assert offer is not None
    held = scheduling.hold(care, "ONE", offer.opening_id)
    assert held.until == offer.expires_at  # the read-back does not shorten the offer
    made = scheduling.book(care, "ONE", offer.opening_id)
    assert (entries(care), all_offers(care)) == (["booked"], ["accepted"])
    assert scheduling.accept(care, "ONE", offer.offer_id).visit == made.visit


def test_an_offer_that_is_over_stands_in_nobodys_way(care: Care, host: int) -> None:
    scheduling.join(care, "ONE", PRIMARY)
    scheduling.cancel(care, "HOST", host)
    offer = offered(care, "ONE")
    assert offer is not None
    pass_time(care, minutes=120)  # and the worker is late
    assert scheduling.book(care, "TWO", offer.opening_id).new
    assert (entries(care), all_offers(care)) == (["waiting"], ["expired"])
    assert scheduling.expire_due(care) == 0


def test_nobody_is_offered_the_time_that_they_gave_up(care: Care, host: int) -> None:
    scheduling.join(care, "HOST", PRIMARY)
    scheduling.cancel(care, "HOST", host)
    assert all_offers(care) == []
    other = scheduling.book(care, "HOST", opening(care, "Dr. Reed", SECOND)).visit.appointment_id
    scheduling.move(care, "HOST", other, opening(care, "Dr. Reed", FIRST))
    assert all_offers(care) == []


def test_a_read_back_is_not_cut_short_by_an_offer_that_is_over(care: Care, host: int) -> None:
    scheduling.join(care, "ONE", PRIMARY)
    scheduling.cancel(care, "HOST", host)
    offer = offered(care, "ONE")
    assert offer is not None
    pass_time(care, minutes=121)
    for _ in range(2):
        assert scheduling.hold(care, "TWO", offer.opening_id).until > care.now()
    scheduling.expire_due(care)
    assert all_offers(care) == ["expired"]
    assert scheduling.book(care, "TWO", offer.opening_id).new


def test_an_offer_is_sent_once(care: Care, host: int) -> None:
    scheduling.join(care, "ONE", PRIMARY)
    assert offers.to_send(care) == []
    scheduling.cancel(care, "HOST", host)
    (ready,) = offers.to_send(care)
    assert [offers.take(care, ready) for _ in range(3)] == [True, False, False]
    assert offers.to_send(care) == []


@pytest.mark.parametrize("same", ["opening", "entry", "line"])
def test_the_database_itself_refuses_a_second_offer_and_a_second_place(care: Care, host: int, same: str) -> None:
    scheduling.join(care, "ONE", PRIMARY)
    scheduling.join(care, "TWO", PRIMARY)
    scheduling.cancel(care, "HOST", host)
    with care.store.reading() as session:
        offer = session.execute(select(WaitlistOffer)).scalar_one()
        spare = session.execute(select(WaitlistEntry.id).where(WaitlistEntry.status == "waiting")).scalar_one()
    times = {"offered_at": care.now(), "expires_at": care.now()}
    clash: Any = {
        "line": WaitlistEntry(
            patient_id=patient_id(care, "ONE"), visit_type="primary care visit", joined_at=care.now(), status="waiting"
        ),
        "opening": WaitlistOffer(hold_id=offer.hold_id, entry_id=spare, opening_id=offer.opening_id, **times),
        "entry": WaitlistOffer(
            hold_id=offer.hold_id, entry_id=offer.entry_id, opening_id=opening(care, "Dr. Reed", SECOND), **times
        ),
    }[same]
    with pytest.raises(IntegrityError), care.store.work() as session:
        session.add(clash)


# Whatever happens -----------------------------------------------------------------------------------------------------

WHO = ("ONE", "TWO", "THREE", "HOST")


class Line:
    """Patients who book, cancel, move, join, answer and leave in any order while time goes by, and what always holds."""

    def __init__(self, loaded: Path, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.care = clinic_at(folder, loaded, clinic="")
        days = (FIRST, SECOND, *(f"2026-12-{day:02} 09:00" for day in (8, 9, 10, 11)))
        self.openings = [opening(self.care, "Dr. Reed", day) for day in days]
        self.openings.append(opening(self.care, "Dr. Park", "2026-12-01 09:10"))
        self.answered: dict[int, str] = {}
        self.stood: dict[int, str] = {}
        self.log: list[str] = []
        for who, where in zip(WHO, self.openings, strict=False):
            scheduling.book(self.care, who, where)
        self.join()
        self.check()

    def walk(self, steps: int) -> None:
        """Do things at random; whatever they are, `check` holds after each."""
        usual = {self.cancel: 3, self.join: 5, self.answer: 3, self.wait: 4, self.book: 1, self.move: 1}
        choices = {**usual, self.leave: 1, self.read_back: 1}
        for work in self.chance.choices([*choices], [*choices.values()], k=steps):
            self.log.append(work.__name__)
            work()
            self.check()

    def who(self) -> str:
        return self.chance.choice(WHO)

    def book(self) -> None:
        with suppress(SchedulingError):
            scheduling.book(self.care, self.who(), self.chance.choice(self.openings))

    def cancel(self) -> None:
        for who in self.chance.sample(WHO, len(WHO)):
            for visit in scheduling.upcoming(self.care, who)[:1]:
                scheduling.cancel(self.care, who, visit.appointment_id)
                return

    def move(self) -> None:
        who = self.who()
        before = scheduling.upcoming(self.care, who)
        for visit in before[:1]:
            try:
                moved = scheduling.move(self.care, who, visit.appointment_id, self.chance.choice(self.openings))
            except SchedulingError:
                assert scheduling.upcoming(self.care, who) == before
            else:
                assert moved.visit in scheduling.upcoming(self.care, who)

    def join(self) -> None:
        who = self.who()
        visits = scheduling.upcoming(self.care, who)
        replaced = visits[-1].appointment_id if visits and self.chance.random() < 0.3 else None
        place = self.chance.choice([None, None, "riverside", "harbor"])
        scheduling.join(self.care, who, Wish(visit_type="primary care visit", location=place), appointment_id=replaced)

    def leave(self) -> None:
        for who in self.chance.sample(WHO, len(WHO)):
            for place in scheduling.places(self.care, who):
                assert scheduling.leave(self.care, who, place.entry_id)
                return

    def answer(self) -> None:
        for who in self.chance.sample(WHO, len(WHO)):
            for place in scheduling.places(self.care, who):
                if place.offer is not None:
                    self._answer(who, place.offer, self.chance.random() < 0.5)
                    return

    def _answer(self, who: str, offer: scheduling.Offered, yes: bool) -> None:
        if not yes:
            assert scheduling.decline(self.care, who, offer.offer_id)
            return
        try:
            made = scheduling.accept(self.care, who, offer.offer_id)
        except NotEligible:  # they booked something else at that time meanwhile
            return
        assert made.visit.opening_id == offer.opening_id
        assert scheduling.accept(self.care, who, offer.offer_id).visit == made.visit

    def read_back(self) -> None:
        with suppress(SchedulingError):
            scheduling.hold(self.care, self.who(), self.chance.choice(self.openings))

    def wait(self) -> None:
        if self.care.now() < moment("2026-11-28 00:00"):
            pass_time(self.care, minutes=self.chance.choice([4, 121, 121]))
        if self.chance.random() < 0.6:
            scheduling.expire_due(self.care)
            assert self.open_offers(WaitlistOffer.expires_at <= self.care.now()) == []

    def open_offers(self, *conditions: Any) -> list[WaitlistOffer]:
        with self.care.store.reading() as session:
            found = select(WaitlistOffer).where(WaitlistOffer.status == "open", *conditions)
            return list(session.execute(found).scalars())

    def check(self) -> None:
        with self.care.store.reading() as session:
            places = {one.id: one for one in session.execute(select(WaitlistEntry)).scalars()}
            made = session.execute(select(WaitlistOffer).order_by(WaitlistOffer.id)).scalars().all()
            holds = {one.id: one for one in session.execute(select(OpeningHold)).scalars()}
            visits = session.execute(select(Appointment).where(Appointment.opening_id.isnot(None))).scalars().all()
            days = dict(session.execute(select(Opening.id, Opening.day)).all())
            where = dict(session.execute(select(Opening.id, Opening.location)).all())
        self.belongs_to_one(visits, list(holds.values()))
        self.offers_stand(made, places, holds, {one.id: one for one in visits})
        self.nobody_is_passed_over(made, places, visits, days, where)
        for offer in made:  # an answer is never taken back
            if self.answered.get(offer.id, "open") != "open":
                assert offer.status == self.answered[offer.id], self.log
        self.answered = {offer.id: offer.status for offer in made}
        self.stood = {key: one.status for key, one in places.items()}

    def belongs_to_one(self, visits: list[Appointment], holds: list[OpeningHold]) -> None:
        """An opening has one open visit, or one hold, or nothing."""
        having = Counter(one.opening_id for one in visits if one.status in ("booked", "confirmed"))
        having.update(one.opening_id for one in holds if one.status == "active" and one.until > self.care.now())
        assert all(number == 1 for number in having.values()), self.log

    def offers_stand(
        self,
        made: list[WaitlistOffer],
        places: dict[int, WaitlistEntry],
        holds: dict[int, OpeningHold],
        visits: dict[int, Appointment],
    ) -> None:
        """An open offer stands with its place in line and its hold, and an accepted one with its visit."""
        assert len({(one.entry_id, one.opening_id) for one in made}) == len(made), self.log  # to each once
        standing = [one for one in made if one.status == "open"]
        assert sorted(one.entry_id for one in standing) == sorted(
            key for key, one in places.items() if one.status == "offered"
        ), self.log
        for offer in standing:
            hold = holds[offer.hold_id]
            assert (hold.opening_id, hold.purpose, hold.until) == (offer.opening_id, "offer", offer.expires_at)
            assert hold.status == "active" or offer.expires_at <= self.care.now(), self.log
        for offer in made:
            if offer.status == "accepted":
                assert places[offer.entry_id].status == "booked", self.log
                assert visits[offer.appointment_id].opening_id == offer.opening_id, self.log

    def nobody_is_passed_over(
        self,
        made: list[WaitlistOffer],
        places: dict[int, WaitlistEntry],
        visits: list[Appointment],
        days: dict[int, int],
        where: dict[int, str],
    ) -> None:
        """What has just been offered suited nobody who was waiting, before and after, for longer than who got it."""
        for offer in made:
            if offer.id in self.answered or offer.status != "open":
                continue
            chosen = places[offer.entry_id]
            for key, other in places.items():
                waiting = self.stood.get(key) == other.status == "waiting"
                if not waiting or (other.joined_at, key) >= (chosen.joined_at, chosen.id):
                    continue
                had = any(one.entry_id == key and one.opening_id == offer.opening_id for one in made)
                suits = other.location in (None, where[offer.opening_id]) and other.appointment_id is None
                theirs = [one for one in visits if one.patient_id == other.patient_id]
                gave_up = any(one.opening_id == offer.opening_id for one in theirs)
                busy = any(
                    one.status in ("booked", "confirmed") and days[one.opening_id] == days[offer.opening_id]
                    for one in theirs
                )
                assert had or gave_up or busy or not suits, self.log


def test_the_line_stays_in_order_whatever_happens(
    loaded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "_installed", None)
    seen: Counter[str] = Counter()
    for seed in range(8):
        folder = tmp_path / str(seed)
        folder.mkdir()
        line = Line(loaded, folder, seed)
        line.walk(60)
        seen.update(line.answered.values())
        line.care.store.close()
    # All of it did happen.
    assert all(seen[status] >= 3 for status in ("accepted", "declined", "expired", "withdrawn")), seen
