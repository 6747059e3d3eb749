"""Finding open times (BRIEF 3.3): what fits a wish first, then what is nearest to it, a few at a time.

An opening that does not fit is as far off as a person would feel it: each day costs as much as four hours of the day.
Where the wish has no last day, the days are counted from its first, so that waiting counts too. Nothing is ever offered
that has passed, lies on a holiday or outside the hours, or belongs to somebody else.

The search walks outward from the wish in steps, so that it never looks at more of the calendar than it must.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import Integer, and_, case, exists, false, func, literal_column, not_, or_, select, tuple_
from sqlalchemy.orm import Session

from bedside.care.context import Care
from bedside.language.when import When
from bedside.organization import VisitType
from bedside.records.clinic_file import TELEHEALTH
from bedside.records.tables import Opening, OpeningHold, Provider, ProviderAbsence
from bedside.records.visits import is_taken, local_place

PAGE = 3
DAY_COSTS = 240
"""The minutes of the day that one day off the wish is worth."""

_MIDNIGHT = 24 * 60
_FIRST_RING = 30  # minutes off the wish that the first step outward covers

Days = tuple[date | None, date | None]
Times = tuple[time | None, time | None]
Span = tuple[datetime, datetime]


class Order(Enum):
    """Whether what doesn't fit comes by how near it is to the wish, or by time."""

    NEAREST = "nearest"
    EARLIEST = "earliest"


@dataclass(frozen=True)
class Wish:
    """What a patient asks for. Days, both included, and times are the clinic's own; None leaves an end open.

    A visit fits that begins at or after the first time and before the second, or at the very time when both are the
    same. Weekdays that are excluded (0 is Monday), and everything below them, are never bent.
    """

    days: Days | None = None
    times: Times | None = None
    excluded_weekdays: frozenset[int] = field(default_factory=frozenset)
    provider_id: int | None = None
    specialty: str | None = None
    visit_type: str | None = None
    location: str | None = None
    telehealth: bool | None = None
    order: Order = Order.NEAREST
    new_patient: bool = False  # only with providers, and for visits, that take new patients

    def when(self, said: When) -> Wish:
        """The same wish with the days and hours that were read from a message; what it doesn't say stays."""
        days = said.date if isinstance(said.date, tuple) else (said.date, said.date) if said.date else self.days
        hours = said.time if isinstance(said.time, tuple) else (said.time, said.time) if said.time else self.times
        return replace(self, days=days, times=hours, excluded_weekdays=said.excluded or self.excluded_weekdays)


@dataclass(frozen=True)
class Offer:
    """An open time. `starts_at` is UTC; `distance` is how far it is off the wish, 0 where it fits.

    In the order by time, `distance` is 1 for everything that doesn't fit.
    """

    opening_id: int
    provider_id: int
    provider: str
    starts_at: datetime
    minutes: int
    location: str
    room: str | None
    visit_type: str  # what it would be booked as
    distance: int

    @property
    def fits(self) -> bool:
        """Whether it is just what was asked."""
        return self.distance == 0

    @property
    def telehealth(self) -> bool:
        """Whether it is by video."""
        return self.location == TELEHEALTH


@dataclass(frozen=True)
class Page:
    """A few offers, best first. `cursor` goes on after them ("anything else?"); None when there is nothing more."""

    offers: tuple[Offer, ...]
    cursor: str | None

    @property
    def fits(self) -> bool:
        """Whether all of them are just what was asked; False also when there is none."""
        return bool(self.offers) and all(offer.fits for offer in self.offers)


def search(care: Care, wish: Wish, cursor: str | None = None, size: int = PAGE) -> Page:
    """Open times for anybody; see `search_in`."""
    with care.store.reading() as session:
        return search_in(care, session, wish, cursor, size)


def search_in(
    care: Care,
    session: Session,
    wish: Wish,
    cursor: str | None = None,
    size: int = PAGE,
    *,
    patient_id: int | None = None,
    busy: Sequence[Span] = (),
    fitting_alone: bool = False,
) -> Page:
    """The next `size` open times for a wish, after the cursor of the page before.

    `fitting_alone`: where some are just what was asked, they make up the page; the rest comes after its cursor.
    `patient_id`: what is held for this patient counts as open. `busy`: spans (UTC) in which they are elsewhere. Raise
    ValueError for a cursor that no search has made.
    """
    after = _read_cursor(cursor)
    looking = _Search(care, session, wish, patient_id, busy)
    found = looking.rows(after, size + 1)
    if fitting_alone:
        size = sum(row.distance == 0 for row in found[:size]) or size
    offers = tuple(looking.offer(row) for row in found[:size])
    if len(found) <= size:
        return Page(offers, None)
    last = found[size - 1]
    return Page(offers, f"{last.distance}.{last.day}.{last.minute}.{last.id}")


Key = tuple[int, int, int, int]
"""The place of an opening in the order: its distance, day, minute and id."""


def _read_cursor(cursor: str | None) -> Key | None:
    if cursor is None:
        return None
    parts = cursor.split(".")
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() for part in parts):
        raise ValueError("not a cursor of this search")
    distance, day, minute, key = map(int, parts)
    return distance, day, minute, key


@dataclass(frozen=True)
class _Target:
    """The days and minutes that are asked for: `first` … `last`, and from `opens` until before `closes`.

    `last` is None where no last day was said; `near` is the day after which an opening that doesn't fit is late.
    """

    first: int
    last: int | None
    near: int
    opens: int
    closes: int

    @property
    def any_time(self) -> bool:
        return self.opens == 0 and self.closes == _MIDNIGHT

    def fits_day(self, day: int) -> bool:
        return day >= self.first and (self.last is None or day <= self.last)

    def days_off(self, day: int) -> int:
        return max(self.first - day, day - self.near, 0)


def _target(wish: Wish, today: int) -> _Target:
    first_day, last_day = wish.days or (None, None)
    first = max(first_day.toordinal() if first_day else today, today)
    last = None if last_day is None else last_day.toordinal()
    if last is not None and last < first:  # only days that are gone: nothing fits, and today is nearest
        first, last = today, today - 1
    opens, closes = minutes_of(wish.times)
    near = first if last is None else last
    return _Target(first, last, near, 0 if opens is None else opens, _MIDNIGHT if closes is None else closes)


def minutes_of(times: Times | None) -> tuple[int | None, int | None]:
    """The minute of the day from which on, and the one before which, a visit is to begin; None where that is open."""
    begins, ends = times or (None, None)
    opens = None if begins is None else begins.hour * 60 + begins.minute
    closes = None if ends is None else ends.hour * 60 + ends.minute
    return opens, closes + 1 if closes is not None and closes == opens else closes


_Step = tuple[Sequence[int], list[Any], Any]
"""Where to look: the days, the conditions, and the distance of what is found there, a number or SQL."""


class _Search:
    """One search: what is asked, what may be offered at all, and the walk outward."""

    def __init__(self, care: Care, session: Session, wish: Wish, patient_id: int | None, busy: Sequence[Span]) -> None:
        self._session = session
        self._wish = wish
        self._visit_type = care.organization.visit_type(wish.visit_type) if wish.visit_type else None
        columns = (Provider.id, Provider.name, Provider.specialty, Provider.other_specialties)
        rows = session.execute(select(*columns, Provider.accepting_new, Provider.telehealth))
        self._providers = {row.id: row for row in rows}
        now = care.now()
        today = care.today().toordinal()
        self._target = _target(wish, today)
        self._days = _days(care, wish, care.today())
        self._may_be = [
            *_bookable(care, now, today, wish, self._visit_type),
            *self._with_whom(session),
            *_free(now, patient_id),
            *_elsewhere(care, busy),
        ]
        self._hours = _hours(care, self._days)

    def offer(self, row: Any) -> Offer:
        """What a row of the search offers."""
        return Offer(
            opening_id=row.id,
            provider_id=row.provider_id,
            provider=self._providers[row.provider_id].name,
            starts_at=row.starts_at,
            minutes=row.minutes,
            location=row.location,
            room=row.room,
            visit_type=self._wish.visit_type or row.visit_type,
            distance=row.distance,
        )

    def rows(self, after: Key | None, limit: int) -> list[Any]:
        """The first openings after a place in the order, best first."""
        found: list[Any] = []
        for days, conditions, distance in self._steps(after):
            if days:
                found += self._look(days, conditions, distance, after, limit - len(found))
            if len(found) >= limit:
                break
        return found

    def _steps(self, after: Key | None) -> Iterator[_Step]:
        """The parts of the calendar in which to look, one after another.

        No opening in a later step comes before one in an earlier step.
        """
        target = self._target
        in_time = and_(Opening.minute >= target.opens, Opening.minute < target.closes)
        fitting = [day for day in self._days if target.fits_day(day)]
        if after is None or after[0] == 0:
            for days in _growing([day for day in fitting if after is None or day >= after[1]]):
                yield days, [in_time], 0
        if len(fitting) == len(self._days) and target.any_time:
            return  # everything fits
        if self._wish.order is Order.EARLIEST:
            for days in _growing([day for day in self._days if after is None or after[0] == 0 or day >= after[1]]):
                yield days, [self._misses(in_time)], 1
            return
        distance = self._distance()
        furthest = max((target.days_off(day) for day in self._days), default=0) * DAY_COSTS + _MIDNIGHT
        least, most = 0, _FIRST_RING
        while least < furthest:
            if after is None or most >= after[0]:
                days = [day for day in self._days if target.days_off(day) * DAY_COSTS <= most]
                near = (Opening.minute >= target.opens - most, Opening.minute < target.closes + most)
                yield days, [*near, self._misses(in_time), distance > least, distance <= most], distance
            least, most = most, most * 2

    def _misses(self, in_time: Any) -> Any:
        """SQL: the opening lies outside the days or the times that were asked for."""
        target = self._target
        outside = Opening.day < target.first
        if target.last is not None:
            outside = or_(outside, Opening.day > target.last)
        return or_(outside, not_(in_time))

    def _distance(self) -> Any:
        """SQL: how far an opening that does not fit is off the wish."""
        target = self._target
        days = case(
            (Opening.day < target.first, target.first - Opening.day),
            (Opening.day > target.near, Opening.day - target.near),
            else_=0,
        )
        minutes = case(
            (Opening.minute < target.opens, target.opens - Opening.minute),
            (Opening.minute >= target.closes, Opening.minute - target.closes + 1),
            else_=0,
        )
        return days * DAY_COSTS + minutes

    def _look(
        self, days: Sequence[int], conditions: Sequence[Any], distance: int | Any, after: Key | None, limit: int
    ) -> list[Any]:
        by_distance = not isinstance(distance, int)
        off: Any = distance if by_distance else literal_column(str(distance), Integer)
        query = select(
            Opening.id,
            Opening.provider_id,
            Opening.starts_at,
            Opening.minutes,
            Opening.location,
            Opening.room,
            Opening.visit_type,
            Opening.day,
            Opening.minute,
            off.label("distance"),
        ).where(Opening.day.in_(days), *conditions, *self._hours(days), *self._may_be)
        if after is not None:
            place = tuple_(off, Opening.day, Opening.minute, Opening.id)
            query = query.where(place > tuple_(*after))
        by_time = (Opening.day, Opening.minute, Opening.id)
        order = (off, *by_time) if by_distance else by_time
        return list(self._session.execute(query.order_by(*order).limit(limit)).all())

    def _with_whom(self, session: Session) -> list[Any]:
        """Conditions on the provider: who was asked for, who gives it, who takes new patients, who is there."""
        wish, kind = self._wish, self._visit_type
        chosen = [
            row.id
            for row in self._providers.values()
            if wish.provider_id in (None, row.id)
            and (wish.specialty is None or wish.specialty in specialties_of(row))
            and (kind is None or set(kind.specialties) & specialties_of(row))
            and (row.accepting_new or not wish.new_patient)
        ]
        conditions: list[Any] = []
        if len(chosen) < len(self._providers) or not chosen:
            conditions.append(Opening.provider_id.in_(chosen) if chosen else false())
        by_video = [row.id for row in self._providers.values() if row.telehealth]
        if wish.telehealth is not False and (wish.location in (None, TELEHEALTH)):
            conditions.append(or_(Opening.location != TELEHEALTH, Opening.provider_id.in_(by_video)))
        if session.execute(select(ProviderAbsence.id).limit(1)).first() is not None:
            away = exists().where(
                ProviderAbsence.provider_id == Opening.provider_id,
                ProviderAbsence.first_day <= Opening.day,
                ProviderAbsence.last_day >= Opening.day,
            )
            conditions.append(not_(away))
        return conditions


def specialties_of(provider: Any) -> set[str]:
    """Everything that a provider gives visits in."""
    return {provider.specialty, *provider.other_specialties}


def _growing(days: Sequence[int]) -> Iterator[Sequence[int]]:
    """The days in portions that treble, so that a wish that is soon fulfilled looks at few of them."""
    begin, size = 0, 1
    while begin < len(days):
        yield days[begin : begin + size]
        begin, size = begin + size, size * 3


def _days(care: Care, wish: Wish, today: date) -> list[int]:
    """Every day on which a visit may be, as ordinals, in order."""
    horizon = care.organization.scheduling.horizon_days
    upcoming = (today + timedelta(days=number) for number in range(horizon + 1))
    return [
        day.toordinal()
        for day in upcoming
        if day.weekday() not in wish.excluded_weekdays and care.calendar.is_business_day(day)
    ]


def _hours(care: Care, days: Sequence[int]) -> Any:
    """Makes, for some of the days, the conditions that keep a visit within the opening hours."""
    spans: dict[int, tuple[int, int]] = {}
    for day in days:
        hours = care.organization.hours.on(date.fromordinal(day))
        assert hours is not None  # a business day has some
        spans[day] = (
            hours.opens.hour * 60 + hours.opens.minute,
            hours.closes.hour * 60 + hours.closes.minute,
        )

    def within(some: Sequence[int]) -> list[Any]:
        alike: dict[tuple[int, int], list[int]] = {}
        for day in some:
            alike.setdefault(spans[day], []).append(day)
        parts = [
            and_(
                Opening.minute >= opens,
                Opening.minute + Opening.minutes <= closes,
                *([Opening.day.in_(those)] if len(alike) > 1 else []),
            )
            for (opens, closes), those in alike.items()
        ]
        return [or_(*parts)] if len(parts) > 1 else parts

    return within


def _bookable(care: Care, now: datetime, today: int, wish: Wish, kind: VisitType | None) -> list[Any]:
    """Conditions on the opening itself: not past, of the right kind, in the right place."""
    lead = timedelta(minutes=care.organization.scheduling.lead_minutes)
    day, minute = local_place(now + lead, care.organization.tz)
    conditions: list[Any] = [or_(Opening.day > day, and_(Opening.day == day, Opening.minute > minute))]
    if wish.location is not None:
        conditions.append(Opening.location == wish.location)
    if wish.telehealth is not None:
        conditions.append((Opening.location == TELEHEALTH) if wish.telehealth else (Opening.location != TELEHEALTH))
    if wish.visit_type is not None:
        names = kind.openings if kind else (wish.visit_type,)
        conditions.append(Opening.visit_type.in_(names) if len(names) > 1 else Opening.visit_type == names[0])
    if kind is not None:
        conditions.append(Opening.minutes >= kind.minutes)
    if kind is not None or wish.visit_type is None:
        conditions += _allowed(care.organization.visit_types, kind, today, wish.new_patient)
    return conditions


def _allowed(kinds: Sequence[VisitType], asked: VisitType | None, today: int, new_patient: bool) -> list[Any]:
    """What the rules of the kinds of visits rule out: those of the one that is asked for, or each for its openings."""
    rules: tuple[tuple[Callable[[VisitType], bool], Any], ...] = (
        (lambda kind: not kind.telehealth, Opening.location == TELEHEALTH),
        (lambda kind: not kind.in_person, Opening.location != TELEHEALTH),
        (lambda kind: not kind.same_day, Opening.day == today),
        (lambda kind: new_patient and not kind.new_patients, None),
    )
    conditions: list[Any] = []
    for concerns, where in rules:
        if asked is not None:
            if concerns(asked):
                conditions.append(false() if where is None else not_(where))
            continue
        names = [kind.name for kind in kinds if concerns(kind)]
        if names:
            these = Opening.visit_type.in_(names)
            conditions.append(not_(these) if where is None else not_(and_(where, these)))
    return conditions


def _free(now: datetime, patient_id: int | None) -> list[Any]:
    """Conditions: no open appointment has it, and it isn't held for somebody else."""
    held = (
        select(literal_column("1"))
        .select_from(OpeningHold)
        .where(
            OpeningHold.opening_id == Opening.id,
            literal_column("opening_holds.status = 'active'"),
            OpeningHold.until > now,
        )
    )
    if patient_id is not None:
        held = held.where(OpeningHold.patient_id != patient_id)
    return [not_(is_taken(Opening.id)), not_(exists(held))]


def _elsewhere(care: Care, busy: Sequence[Span]) -> list[Any]:
    """Conditions that keep clear of the visits a patient has already."""
    conditions = []
    for begins, ends in busy:
        day, minute = local_place(begins, care.organization.tz)
        until = minute + int((ends - begins) / timedelta(minutes=1))
        meets = and_(Opening.day == day, Opening.minute < until, Opening.minute + Opening.minutes > minute)
        conditions.append(not_(meets))
    return conditions


def count(session: Session) -> int:
    """How many openings the calendar has, free or not."""
    return int(session.execute(select(func.count()).select_from(Opening)).scalar_one())
