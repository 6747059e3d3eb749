"""English or Spanish, with or without accents; None when it cannot be told."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.language.detect import detect_language, spoken_language

SPANISH = [
    "hola",
    "gracias",
    "me duele el pecho",
    "quiero una cita para mañana",
    "cuánto debo de la operación",
    "no me llegó la factura",
    "necesito hablar con una persona",
    "mi hija tiene fiebre desde ayer",
    "por qué me cobraron dos veces",
]
ENGLISH = [
    "hello",
    "thanks",
    "my chest hurts",
    "i need an appointment tomorrow",
    "why did you charge me twice",
    "can I talk to a person",
    "billing",
    "no me and my son are coming at 3",
    "whats my balance",
]


def without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


@pytest.mark.parametrize("text", SPANISH)
def test_spanish_with_and_without_accents(text: str) -> None:
    assert detect_language(text) == "es"
    assert detect_language(without_accents(text)) == "es"
    assert detect_language(text.upper()) == "es"


@pytest.mark.parametrize("text", ENGLISH)
def test_english(text: str) -> None:
    assert detect_language(text) == "en"


@pytest.mark.parametrize(
    "text", ["", "no", "ok", "3/4/61", "Gerald Whitcomb", "Maria Delgado", "A-2204417", "👍", "me"]
)
def test_too_little_to_tell(text: str) -> None:
    assert detect_language(text) is None


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_gets_an_answer(text: str) -> None:
    assert detect_language(text) in {"en", "es", None}


@pytest.mark.parametrize(
    ("text", "spoken", "name_asked", "expected"),
    [
        ("its maria delgado ruiz", "en", True, "en"),
        ("José Luis de la Fuente Morales", "en", True, "en"),
        ("calle del Sol 12", "en", False, "en"),
        ("ok", "es", False, "es"),
        ("me cobraron dos veces por lo mismo", "en", False, "es"),
        ("en español por favor", "en", False, "es"),
        ("can we do this in English please", "es", False, "en"),
        ("hola, buenos días", None, False, "es"),
        ("hello there", None, False, "en"),
    ],
)
def test_a_talk_changes_its_language_for_a_thought_and_not_for_a_name(
    text: str, spoken: str | None, name_asked: bool, expected: str
) -> None:
    assert spoken_language(text, spoken, a_name_was_asked=name_asked) == expected
