"""Postal addresses: where one begins and ends, its parts, and what is none."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.language.addresses import read_addresses
from bedside.language.wordlists import tidy


@pytest.mark.parametrize(
    ("text", "street", "unit", "city", "state", "zip_code"),
    [
        ("12 Oak St Apt 3 Albany NY 12203", "12 Oak St", "Apt 3", "Albany", "NY", "12203"),
        ("450 W 42nd St Apt 5C New York NY 10036", "450 W 42nd St", "Apt 5C", "New York", "NY", "10036"),
        ("1200 Broadway, New York, NY 10001", "1200 Broadway", "", "New York", "NY", "10001"),
        ("PO Box 123, Albany NY 12201", "PO Box 123", "", "Albany", "NY", "12201"),
        ("18-05 215th St Bayside NY 11360", "18-05 215th St", "", "Bayside", "NY", "11360"),
        (
            "1543 old mill creek rd unit b, troy new york 12180",
            "1543 old mill creek rd",
            "unit b",
            "troy",
            "NY",
            "12180",
        ),
        (
            "310 Sycamore Avenue, Apartment 4B, New York, NY 10031",
            "310 Sycamore Avenue",
            "Apartment 4B",
            "New York",
            "NY",
            "10031",
        ),
        ("12 Avenue of the Americas, New York NY", "12 Avenue of the Americas", "", "New York", "NY", ""),
        ("400 E Main, Rochester NY 14604", "400 E Main", "", "Rochester", "NY", "14604"),
        ("45 Harbor Way, Suite 200", "45 Harbor Way", "Suite 200", "", "", ""),
        ("i live at 8 birch ct", "8 birch ct", "", "", "", ""),
        ("12 oak st, #4, albany, n.y. 12203-1122", "12 oak st", "#4", "albany", "NY", "12203-1122"),
        ("12 Oak Street\nAlbany, NY 12203\nthanks", "12 Oak Street", "", "Albany", "NY", "12203"),
        ("my new address is 905 Jefferson Ave Brooklyn", "905 Jefferson Ave", "", "Brooklyn", "", ""),
        ("99 Elm St, New York", "99 Elm St", "", "New York", "", ""),
        (
            "vivo en 34 Cedar Lane apartamento 2, Yonkers NY 10701 desde marzo",
            "34 Cedar Lane",
            "apartamento 2",
            "Yonkers",
            "NY",
            "10701",
        ),
        (
            "i moved to 12 oak street apt 3b albany ny 12203 last month",
            "12 oak street",
            "apt 3b",
            "albany",
            "NY",
            "12203",
        ),
        ("3 Elm St, Portland, OR 97201", "3 Elm St", "", "Portland", "OR", "97201"),
        ("send it to 4 Elm St tomorrow", "4 Elm St", "", "", "", ""),
        ("12 oak street in Albany", "12 oak street", "", "", "", ""),
        ("its 88 Orchid ln not Orchard", "88 Orchid ln", "", "", "", ""),
        ("1420 grand concourse 5d bronx 10456", "1420 grand concourse", "5d", "bronx", "", "10456"),
        ("12 elm st 12203", "12 elm st", "", "", "", "12203"),
    ],
)
def test_parts(text: str, street: str, unit: str, city: str, state: str, zip_code: str) -> None:
    (found,) = read_addresses(text)
    assert (found.street, found.unit, found.city, found.state, found.zip) == (street, unit, city, state, zip_code)
    assert found.complete is bool(zip_code or (city and state))


def test_the_line_and_the_place_of_it() -> None:
    text = "we moved, it's 12 Oak St Apt 3, Albany NY 12203. thanks"
    (found,) = read_addresses(text)
    assert found.line == "12 Oak St, Apt 3, Albany, NY 12203"
    assert text[found.start : found.end] == "12 Oak St Apt 3, Albany NY 12203"


def test_the_old_one_and_the_new_one() -> None:
    found = read_addresses("the old address was 12 elm st, change it to 99 maple ave, queens ny 11375 please")
    assert [one.line for one in found] == ["12 elm st", "99 maple ave, queens, NY 11375"]


@pytest.mark.parametrize(
    "text",
    [
        "it's a 20 minute drive",
        "2 blocks way over there",
        "at 5 with dr lowe",
        "I have 3 kids and live 2 hours away",
        "a bill of 400 dollars on 10/12",
        "90 days of my 2 pills",
        "at 9 tomorrow in albany ny",
        "1 or 2 days in NY 10031",
        "I was there 2 times in way too long",
        "my zip is 12203",
        "call 212 555 0100",
        "the 3rd court date",
        "$45 copay place",
        "i owe 310.00 st nick",
        "A-2204417",
        "10 minute walk",
        "5 year plan run by them",
        "",
    ],
)
def test_no_address_in_these(text: str) -> None:
    assert read_addresses(text) == ()


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            "12 203b oak main st street dr way , . apt #4 new york ny albany 12203 po box in or not the".split()
        ),
        max_size=25,
    )
)
def test_spans_stay_in_the_text_and_in_order(words: list[str]) -> None:
    text = " ".join(words)
    end = 0
    for one in read_addresses(text):
        assert end <= one.start < one.end <= len(tidy(text))
        assert one.street
        end = one.end


def test_a_long_text_of_numbers_is_read_in_time() -> None:
    text = "i paid 400 dollars and 30 something like that a b c d e f g 12 oak elm main birch " * 100
    begin = time.perf_counter()
    read_addresses(text)
    assert time.perf_counter() - begin < 0.5
