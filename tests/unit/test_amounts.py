"""Sums of money as patients write them (BRIEF 3.4)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.language.amounts import dollars, read_amounts


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("$1,420", (142000,)),
        ("$1420.5", (142050,)),
        ("$ 1 420", (142000,)),
        ("1420 dollars", (142000,)),
        ("it says 862.50 but I paid", (86250,)),
        ("1,420.00", (142000,)),
        ("$1.4k", (140000,)),
        ("about 3k", (300000,)),
        ("seventy five dollars", (7500,)),
        ("seventy-five dollars", (7500,)),
        ("two hundred and fifty dollars", (25000,)),
        ("twelve hundred bucks", (120000,)),
        ("a hundred bucks", (10000,)),
        ("mil doscientos dólares", (120000,)),
        ("cien dólares al mes", (10000,)),
        ("setenta y cinco dolares", (7500,)),
        ("75 a month", (7500,)),
        ("50 por mes", (5000,)),
        ("$75 and 50 cents", (7550,)),
        ("between $50 and $100.25", (5000, 10025)),
        ("$862,50", (86250,)),
        ("the $120 lab and the two hundred dollar one, and 50 bucks", (12000, 20000, 5000)),
    ],
)
def test_sums_in_any_form(text: str, cents: tuple[int, ...]) -> None:
    assert read_amounts(text) == cents


@pytest.mark.parametrize(
    "text",
    [
        "3/4/1961",
        "03.04.1961",
        "A-2204417",
        "call 212-555-0188",
        "bp 142/88, temp 98.60 F",
        "at 2.30 pm",
        "last 4 is 3320",
        "one scan in 2019",
        "2 visits on September 18",
        "ssn 536-90-4399",
        "zip 60614",
        "500 mg",
        "thirty days",
    ],
)
def test_other_numbers_are_not_sums(text: str) -> None:
    assert read_amounts(text) == ()


@pytest.mark.parametrize(
    ("text", "cents"), [("75", (7500,)), ("maybe fifty", (5000,)), ("about 1,200 or so", (120000,)), ("no idea", ())]
)
def test_a_bare_number_is_a_sum_when_one_was_asked_for(text: str, cents: tuple[int, ...]) -> None:
    assert read_amounts(text, asked=True) == cents


@settings(deadline=None)
@given(st.integers(0, 10_000_000))
def test_what_is_written_reads_back(cents: int) -> None:
    assert read_amounts(f"they want {dollars(cents)} now") == (cents,)


def test_a_credit_has_its_sign_first() -> None:
    assert dollars(-2000) == "-$20.00"
    assert dollars(-5) == "-$0.05"
