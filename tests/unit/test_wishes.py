"""What a patient wishes of the calendar, from words to a wish and through a slot and back."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.care import wishes
from bedside.care.openings import Order, Wish

DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))
HOURS = st.times().map(lambda at: time(at.hour, at.minute))


@given(
    days=st.none() | st.tuples(st.none() | DAYS, st.none() | DAYS),
    times=st.none() | st.tuples(st.none() | HOURS, st.none() | HOURS),
    excluded=st.frozensets(st.integers(0, 6)),
    provider=st.none() | st.integers(1, 500),
    telehealth=st.none() | st.booleans(),
    order=st.sampled_from(Order),
)
def test_a_wish_comes_back_from_a_slot_as_it_was(
    days: tuple[date | None, date | None] | None,
    times: tuple[time | None, time | None] | None,
    excluded: frozenset[int],
    provider: int | None,
    telehealth: bool | None,
    order: Order,
) -> None:
    wish = Wish(days, times, excluded, provider, "podiatry", "podiatry visit", "harbor", telehealth, order)
    assert wishes.from_data(wishes.as_data(wish)) == wish


@pytest.mark.parametrize(
    "data", [None, "x", 3, [], {"days": ["Monday"]}, {"days": 5}, {"order": "upside down"}, {"times": ["25:00", None]}]
)
def test_a_forged_slot_is_no_wish(data: object) -> None:
    assert wishes.from_data(data) == Wish()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("anything else?", True),
        ("got any other times", True),
        ("those don't work", True),
        ("none of these", True),
        ("¿hay otra hora?", True),
        ("ninguna me sirve", True),
        ("the first one", False),
        ("monday early suits me", False),
        ("la del lunes", False),
    ],
)
def test_more_is_told_from_a_choice(text: str, more: bool) -> None:
    assert wishes.wants_more(text) is more


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("yes move it please", wishes.MOVE),
        ("could I get another day", wishes.MOVE),
        ("mejor la cambio", wishes.MOVE),
        ("no, just cancel it", wishes.CANCEL),
        ("cancélela", wishes.CANCEL),
        ("no don't cancel it", wishes.KEEP),
        ("hmm no, leave it", wishes.KEEP),
        ("no la cancele", wishes.KEEP),
        ("yes", None),
        ("no", None),
        ("cancel or move, I don't know", None),
    ],
)
def test_moving_cancelling_and_keeping_are_told_apart(text: str, wanted: str | None) -> None:
    assert wishes.read_cancelling(text) == wanted


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("the early one on monday", 0),
        ("la del miércoles", 2),
        ("wens day works", None),
        ("wed please", 2),
        ("monday the 7th", None),
        ("next monday", None),
        ("monday or tuesday", None),
        ("the first one", None),
    ],
)
def test_a_weekday_alone_means_one_of_the_times_shown(text: str, day: int | None) -> None:
    assert wishes.weekday_alone(text) == day


@pytest.mark.parametrize(
    "text", ["put me on the waitlist", "si se libera algo avísenme", "let me know if anything opens"]
)
def test_the_waitlist_is_heard(text: str) -> None:
    assert wishes.wants_waitlist(text)


@pytest.mark.parametrize(
    "text",
    [
        "whatever comes first",
        "ASAP",
        "lo antes posible",
        "first available please",
        "ok whatever you have",
        "you pick",
        "la que sea",
    ],
)
def test_the_earliest_is_heard(text: str) -> None:
    assert wishes.wants_earliest(text)


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("my son needs his checkup before camp", "schedule_appointment"),
        ("when is Lily's next appointment?", "confirm_appointment"),
        ("can we move my daughter's appointment", "reschedule_appointment"),
        ("cancel the kid's visit", "cancel_appointment"),
        ("¿a qué hora es la cita de mi hija?", "confirm_appointment"),
        ("is my daughter old enough to keep her records private", None),
    ],
)
def test_what_a_parent_wants_of_a_visit(text: str, task: str | None) -> None:
    assert wishes.visit_task(text) == task


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("my foot appointment has to move, my grandson plays on Friday", True),
        ("can I bring my daughter to my appointment", True),
        ("mi cita del viernes no la puedo, cuido a mi nieta", True),
        ("my son's appointment has to move", False),
        ("move my daughter Lily's appointment", False),
        ("book my appointment and one for my son", False),
        ("necesito cambiar la cita de mi hija", False),
    ],
)
def test_whose_visit_it_is(text: str, own: bool) -> None:
    assert wishes.is_own_visit(text) is own
