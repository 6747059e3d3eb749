"""Whether a day is named, and what is left of a message without it."""

from __future__ import annotations

from datetime import date

import pytest

from bedside.language.days import is_of_its_day, names_day, without_day

FRIDAY = date(2026, 12, 4)


@pytest.mark.parametrize(
    "text", ["dec 4", "december the 4th", "the 4th of december", "12/4", "12/04", "4 de diciembre"]
)
def test_a_day_is_named_with_its_month(text: str) -> None:
    assert names_day(f"the one on {text} please", FRIDAY)
    assert not names_day(f"the one on {text} please", date(2026, 12, 14))


@pytest.mark.parametrize("text", ["my son's checkup on the 4th", "la del 4", "the 4, if you can"])
def test_a_day_of_any_month_counts_only_when_that_is_asked_for(text: str) -> None:
    assert names_day(text, FRIDAY, of_any_month=True)
    assert not names_day(text, FRIDAY)
    assert not names_day("at 4 please, or 4:30", FRIDAY, of_any_month=True)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("i have friday at 2 but need wednesday", "i have but need wednesday"),
        ("my friday one, could it be any day next week?", "my one, could it be any day next week?"),
        (
            "the checkup on the 4th, can we do friday the 11th instead",
            "the checkup , can we do friday the 11th instead",
        ),
        ("from friday december 4 to the 9th at 11", "to the 9th at 11"),
        ("del viernes 4 al lunes", "al lunes"),
        ("monday the 7th works", "monday the 7th works"),
    ],
)
def test_what_is_left_is_what_is_wished(text: str, left: str) -> None:
    assert " ".join(without_day(text, FRIDAY).split()) == left


@pytest.mark.parametrize(
    "text", ["i have to move friday's foot appointment", "my friday visit has to go", "mover la cita del viernes"]
)
def test_a_visit_is_called_by_its_weekday(text: str) -> None:
    assert is_of_its_day(text, FRIDAY)
    assert not is_of_its_day(text, date(2026, 12, 2))
    assert not is_of_its_day("can you move my visit to friday", FRIDAY)
