"""Disguises and slips are undone, real words stay, and no string breaks it (R2)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.safety.lexicon import load_lexicon
from bedside.safety.normalize import LIMIT, readable


def words(text: str) -> list[str]:
    return [token.text for token in load_lexicon().tokens(readable(text))]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("c h e s t  p a i n", "chest pain"),
        ("c.h.e.s.t pain", "chest pain"),
        ("ch\u200best pa\u00adin", "chest pain"),
        ("сhеst раin", "chest pain"),  # Cyrillic look-alikes
        ("ｃｈｅｓｔ ｐａｉｎ", "chest pain"),
        ("𝐜𝐡𝐞𝐬𝐭 𝐩𝐚𝐢𝐧", "chest pain"),
        ("ch3st p41n", "chest pain"),
        ("k1ll mys3lf", "kill myself"),
        ("cheeeest paaaaain", "chest pain"),
        ("chestpain", "chest pain"),
        ("killmyself", "kill myself"),
        ("CAN’T BREATHE", "cant breathe"),
        ("can not breath", "cant breath"),
        ("cnt breeth", "cant breathe"),
        ("siezure", "seizure"),
        ("unconshious", "unconscious"),
        ("convulción", "convulsion"),
    ],
)
def test_it_reads_what_was_meant(typed: str, meant: str) -> None:
    assert words(typed) == meant.split()


@pytest.mark.parametrize("word", ["bread", "cheat", "bleach", "stoke", "seize", "breast", "brother", "paint", "sign"])
def test_real_words_are_not_bent_into_alarming_ones(word: str) -> None:
    assert words(word) == [word]


@pytest.mark.parametrize("text", ["3rd floor", "10mg", "b12 shot", "A-1234567", "room 4b", "covid19", "call 911"])
def test_numbers_with_letters_stay(text: str) -> None:
    assert readable(text) == text


def test_accents_go_and_sentences_are_counted() -> None:
    said = load_lexicon().tokens(readable("Me duele. ¿Qué hago, señorita?"))
    assert [token.text for token in said] == ["me", "duele", "que", "hago", "senorita"]
    assert said[1].sentence < said[2].sentence
    assert said[3].sentence == said[4].sentence
    assert said[3].clause < said[4].clause


@settings(deadline=None)
@given(st.text(alphabet=st.characters(), max_size=300))
def test_any_string_comes_through(text: str) -> None:
    plain = readable(text)
    plain.encode("utf-8")
    load_lexicon().tokens(plain)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_reading_twice_changes_little(text: str) -> None:
    once = readable(text)
    assert len(readable(once)) <= len(once) + 1


def test_very_long_texts_keep_both_ends() -> None:
    text = readable("first " + "blah " * 10_000 + "last")
    assert len(text) <= LIMIT + 10
    assert text.startswith("first")
    assert text.endswith("last")
