"""Yes and no, choices, telephone numbers and times to call."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.language.answers import Reach, read_choice, read_phone, read_reach, read_yes_no

SLOTS = [
    "Tue Nov 24, 9:00 am with Dr. Okafor",
    "Wed Nov 25, 2:30 pm with Dr. Lee",
    "Fri Nov 27, 9:00 am with Dr. Okafor",
]
CHARGES = ["X-ray of the left hand", "Office visit", "Lab panel"]


@pytest.mark.parametrize(
    "text",
    [
        "yes", "YES", "yessss", "y", "yeah", "yep", "sure", "fine.", "go ahead", "ok", "okay sounds good", "k", "please",
        "yes please god yes", "yes, no problem", "sure, why not", "that works", "that's correct", "correct", "uh huh",
        "Yes I would like to book it for my son who has a cough", "si", "sí por favor", "dale", "si dale", "claro que sí",
        "está bien", "de acuerdo", "por supuesto", "👍",
    ],
)  # fmt: skip
def test_yes_in_many_registers(text: str) -> None:
    assert read_yes_no(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "no", "NO!!!", "n", "nope", "nah im good", "no thanks", "no, thank you", "not really", "no thats not it", "I do not want that",
        "that doesn't work", "that's not correct", "no, that's fine", "nothing else", "no no no", "I'd rather not", "not now",
        "no gracias", "para nada", "claro que no", "todavía no", "no quiero", "👎",
    ],
)  # fmt: skip
def test_no_in_many_registers(text: str) -> None:
    assert read_yes_no(text) is False


@pytest.mark.parametrize(
    "text",
    [
        "", "yes. no. hang on", "yeah no", "no yeah", "yes no thanks", "maybe", "not sure", "no sé", "I don't know", "yes?",
        "can you repeat that?", "ok but wait", "my son has a fever", "right now", "good morning", "nobody called me",
        "notice came yesterday", "please help me", "i can't breathe", "i dont want to live", "I am okay", "i am in pain",
        "si no puedo ir que pasa", "bueno, mire, necesito una cita", "no insurance, can I still come", "no puedo entrar al portal",
    ],
)  # fmt: skip
def test_what_is_neither(text: str) -> None:
    assert read_yes_no(text) is None


def test_si_is_no_yes_for_an_english_writer_in_mid_sentence() -> None:
    assert read_yes_no("si quiero", language="es") is True
    assert read_yes_no("si quiero ir", language="en") is None


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("the first one", (0,)),
        ("2", (1,)),
        ("#2", (1,)),
        ("option 3 please", (2,)),
        ("number one", (0,)),
        ("the second", (1,)),
        ("the last one", (2,)),
        ("1 and 3", (0, 2)),
        ("first and third", (0, 2)),
        ("one and two", (0, 1)),
        ("all of them", (0, 1, 2)),
        ("la segunda", (1,)),
        ("el primero por favor", (0,)),
        ("dr lee", (1,)),
        ("wed", (1,)),
        ("friday", (2,)),
        ("2:30", (1,)),
        (SLOTS[1], (1,)),
        ("okafor", None),
        ("the 9 am", None),
        ("3 pm", None),
        ("4", None),
        ("none", None),
        ("both", None),
        ("i dont know", None),
        ("", None),
    ],
)
def test_a_slot_is_chosen(text: str, chosen: tuple[int, ...] | None) -> None:
    assert read_choice(text, SLOTS) == chosen


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("the x-ray", (0,)),
        ("xray", (0,)),
        ("xray and lab", (0, 2)),
        ("ofice visit", (1,)),
        ("the office visit and the lab", (1, 2)),
        ("everything", (0, 1, 2)),
        ("todas", (0, 1, 2)),
    ],
)
def test_a_charge_is_chosen_by_its_words(text: str, chosen: tuple[int, ...]) -> None:
    assert read_choice(text, CHARGES) == chosen


def test_both_of_two() -> None:
    assert read_choice("both", CHARGES[:2]) == (0, 1)
    assert read_choice("las dos", CHARGES[:2]) == (0, 1)


@settings(deadline=None)
@given(st.integers(1, 6), st.integers(1, 9))
def test_a_number_chooses_only_what_is_there(count: int, number: int) -> None:
    options = [f"choice {chr(97 + place) * 3}" for place in range(count)]
    assert read_choice(str(number), options) == ((number - 1,) if number <= count else None)


@pytest.mark.parametrize(
    "text",
    [
        "212 555 0188",
        "(212) 555-0188",
        "+1 212.555.0188",
        "call 2125550188 pls",
        "1-212-555-0188",
        "two one two five five five oh one eight eight",
        "dos uno dos cinco cinco cinco cero uno ocho ocho",
    ],
)
def test_an_american_number_in_any_form(text: str) -> None:
    assert read_phone(text) == "+12125550188"


@pytest.mark.parametrize("text", ["555-0188", "A-2204417", "3/4/1961", "my ssn is 123-45-6789", "no", "one two"])
def test_other_digits_are_no_telephone(text: str) -> None:
    assert read_phone(text) is None


@pytest.mark.parametrize(
    ("text", "reach"),
    [
        ("before 5. call the number you have", Reach("before 5", None)),
        ("mornings", Reach("mornings", None)),
        ("after 3 at 212 555 0188", Reach("after 3", "+12125550188")),
        ("212-555-0188 tomorrow morning", Reach("tomorrow morning", "+12125550188")),
        ("call me tomorrow after lunch on my cell", Reach("tomorrow after lunch", None)),
        ("mañana en la tarde al 212 555 0188", Reach("mañana en la tarde", "+12125550188")),
        ("anytime, same number", Reach("anytime", None)),
        ("por la mañana al número que tienen", Reach("por la mañana", None)),
    ],
)
def test_when_and_where_to_call(text: str, reach: Reach) -> None:
    assert read_reach(text) == reach


def test_a_very_long_answer_is_survived() -> None:
    assert read_yes_no("no " * 4000) is False
    assert read_yes_no("k" * 10_000) is True
    assert read_yes_no("what do you mean " * 500) is None


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_survived(text: str) -> None:
    assert read_yes_no(text) in {True, False, None}
    read_choice(text, SLOTS)
    read_reach(text)
