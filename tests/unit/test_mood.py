"""The feeling in a message (R4); a plain request is calm."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.language.mood import read_mood


@pytest.mark.parametrize(
    "text",
    [
        "what is my balance?",
        "I need to move my appointment to Friday",
        "CAN I BOOK A VISIT FOR MONDAY",
        "HELLO THIS IS GERALDINE PITTMAN",
        "JENNIFER WALSH",
        "I need my anxiety meds refilled",
        "my phone died and I lost the link",
        "I lost my insurance card",
        "the line went dead",
        "I'm not worried, only checking",
        "my knee hurts",
        "no",
        "3/4/61",
        "thank you!",
        "quiero una cita para el martes",
        "no estoy enojado, solo quiero saber",
        "",
    ],
)
def test_a_plain_message_is_calm(text: str) -> None:
    assert read_mood(text) == "calm"


@pytest.mark.parametrize(
    "text",
    [
        "YOU PEOPLE CHARGED ME TWICE",
        "this is the third time I've called about it",
        "This is unacceptable.",
        "WTF",
        "I'm so pissed off right now",
        "are you kidding me?!",
        "ya estoy harta de ustedes",
        "es el colmo, nadie contesta",
        "WHY IS NOBODY ANSWERING MY CALLS",
        "fix this!! it sucks",
    ],
)
def test_anger_is_heard(text: str) -> None:
    assert read_mood(text) == "frustrated"


@pytest.mark.parametrize(
    "text",
    [
        "I'm scared it's cancer",
        "I'm really worried about this bill",
        "im freaking out about the mri",
        "estoy muy preocupada por la cuenta",
        "me da mucho miedo la operación",
        "so nervous for tomorrow",
    ],
)
def test_fear_is_heard(text: str) -> None:
    assert read_mood(text) == "anxious"


@pytest.mark.parametrize(
    "text",
    [
        "I can't do this anymore",
        "I'm sitting here crying over this letter",
        "I am so overwhelmed",
        "I'm at the end of my rope",
        "ya no aguanto más",
        "estoy desesperada",
        "I AM FALLING APART OVER THIS",
    ],
)
def test_distress_is_heard(text: str) -> None:
    assert read_mood(text) == "distressed"


@pytest.mark.parametrize(
    "text",
    [
        "my husband died in your hospital",
        "I'm calling about my late mother's account",
        "we lost our baby in May",
        "mi mamá falleció el mes pasado",
        "YOU KEEP BILLING A MAN WHO IS DEAD. MY FATHER PASSED AWAY",
        "the bill came the day of the funeral",
    ],
)
def test_grief_goes_before_all(text: str) -> None:
    assert read_mood(text) == "grieving"


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_has_a_mood(text: str) -> None:
    assert read_mood(text) in {"calm", "anxious", "frustrated", "distressed", "grieving"}
