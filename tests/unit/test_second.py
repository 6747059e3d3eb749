"""A second inquiry in the same message: believed for good signs, not for none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bedside.language.reader import load_reader
from bedside.language.second import NOTHING, Second

RULE = Second(clause=0.7, carried=0.9, clause_with=0.3, carried_with=0.1, clinical=0.15)
WANTED = ["billing_balance", "cancel_appointment", "clinical_symptom"]
NURSE = frozenset({"clinical_symptom"})
share = st.floats(0, 1)


def _among(clauses: dict[str, float], carried: dict[str, float]) -> set[str]:
    return set(RULE.among(WANTED, "billing_balance", clauses, carried, NURSE))


def test_one_strong_sign_or_two_weaker_ones_are_enough() -> None:
    assert _among({"cancel_appointment": 0.75}, {"cancel_appointment": 0.02}) == {"cancel_appointment"}
    assert _among({"cancel_appointment": 0.75}, {"cancel_appointment": 0.002}) == set()
    assert _among({}, {"cancel_appointment": 0.95}) == {"cancel_appointment"}
    assert _among({"cancel_appointment": 0.35}, {"cancel_appointment": 0.12}) == {"cancel_appointment"}
    assert _among({"cancel_appointment": 0.35}, {"cancel_appointment": 0.02}) == set()
    assert _among({"cancel_appointment": 0.1}, {"cancel_appointment": 0.6}) == set()


def test_the_main_inquiry_and_what_is_not_wanted_are_none() -> None:
    assert _among({"billing_balance": 1.0, "greeting": 1.0}, {"billing_balance": 1.0, "greeting": 1.0}) == set()


def test_beside_a_name_or_a_fact_it_is_the_first_request() -> None:
    carried = {"cancel_appointment": 0.6}
    assert set(RULE.among(WANTED, "inform", {}, carried, NURSE)) == {"cancel_appointment"}
    assert _among({}, carried) == set()


def test_doubt_about_a_clinical_one_is_enough() -> None:
    assert _among({}, {"clinical_symptom": 0.2, "cancel_appointment": 0.2}) == {"clinical_symptom"}


@given(share, share, share, share)
def test_stronger_signs_never_take_a_second_inquiry_away(a: float, b: float, more_a: float, more_b: float) -> None:
    if RULE.believes(a, b):
        assert RULE.believes(max(a, more_a), max(b, more_b))
    assert not NOTHING.believes(a, b, clinical=True)


def test_what_ships_was_learned() -> None:
    second = load_reader().second
    assert 0 < second.clause_with <= second.clause <= 1
    assert 0 < second.carried_with <= second.carried <= 1
    assert 0 < second.clinical < second.carried
