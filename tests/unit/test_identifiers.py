"""Names, dates of birth, last fours and account numbers, all at once and in any form (BRIEF 3.2, R3)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.language.identifiers import (
    Given,
    first_name,
    is_full_name,
    name_key,
    names_match,
    read_account,
    read_birth_dates,
    read_identity,
    read_last4,
    read_name,
    split_name,
)

TODAY = date(2025, 11, 22)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Maria Delgado-Ruiz. AGAIN.", "Maria Delgado-Ruiz"),
        ("its tom", "Tom"),
        ("This is Gerald. I'm at the pharmacy", "Gerald"),
        ("aisha rahman", "Aisha Rahman"),
        ("AISHA RAHMAN", "Aisha Rahman"),
        ("Robert Hale 04/12/62 9035", "Robert Hale"),
        ("me llamo lucía de la cruz", "Lucía de la Cruz"),
        ("Mi nombre es José Ángel Núñez", "José Ángel Núñez"),
        ("soy Ana", "Ana"),
        ("habla la señora Carmen Delgado", "Carmen Delgado"),
        ("SHAUN O'BRIEN", "Shaun O'Brien"),
        ("Shaun O\u2019Brien", "Shaun O'Brien"),
        ("Mr. Ludwig van Beethoven", "Ludwig van Beethoven"),
        ("Mrs. Eleanor Van Houten, dear", "Eleanor Van Houten"),
        ("ok sure, it's Greg Donnelly", "Greg Donnelly"),
        ("Keisha and I'm in a hurry", "Keisha"),
        ("Delgado, Maria", "Maria Delgado"),
        ("first name Chloe last name Dubois", "Chloe Dubois"),
        ("Oh it's Margaret, Margaret O'Shea", "Margaret O'Shea"),
        ("Priscilla Ng", "Priscilla Ng"),
        ("xiomara okonkwo", "Xiomara Okonkwo"),
        ("jose luis hernandez perez", "Jose Luis Hernandez Perez"),
        ("Will Smith", "Will Smith"),
        ("my name is Robert J. Pemberton, Jr.", "Robert J. Pemberton"),
    ],
)
def test_a_name_that_was_asked_for(text: str, name: str) -> None:
    assert read_name(text, asked=True) == name


@pytest.mark.parametrize(
    "text",
    [
        "i dont want to say", "why do you need that", "YOU PEOPLE CHARGED ME TWICE", "no", "hello", "billing", "my chest hurts",
        "what?", "ok", "I am angry", "I'm calling about a bill", "soy paciente nueva", "prefer not to say", "none of your business",
        "para qué lo quieren", "no quiero", "june 5 85", "3/4/61", "A-2204417", "metformin refill", "I'm Black", "Blue Cross",
        "si dale", "prescription", "I'm diabetic", "my son's name is on the bill", "",
    ],
)  # fmt: skip
def test_what_is_no_name_even_when_one_was_asked_for(text: str) -> None:
    assert read_name(text, asked=True) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hi, Gerald Whitcomb here, what's my balance?", "Gerald Whitcomb"),
        ("Gerald Whitcomb again about that $75 a month arrangement", "Gerald Whitcomb"),
        ("This is Gerald. I'm at the pharmacy", "Gerald"),
        ("hello my name is Tom and my bill is wrong", "Tom"),
        ("Buenas, soy Marisol, pagué la semana pasada", "Marisol"),
        ("im gerald whitcomb and i need to cancel", "Gerald Whitcomb"),
        ("Robert Hale 04/12/62 9035", "Robert Hale"),
    ],
)
def test_a_name_that_was_volunteered(text: str, name: str) -> None:
    assert read_name(text, asked=False) == name


@pytest.mark.parametrize(
    "text",
    [
        "aisha rahman is my doctor", "I saw Dr. Kim on Tuesday", "I'm calling about Dr. Patel", "I'm Catholic and I'm worried", "I'm in Oregon",
        "this is Kevin's mom", "soy la mamá de Kevin", "my daughter Mia has a fever", "I'm diabetic", "im sad", "this is about a bill",
        "hope you got good insurance", "this is ridiculous", "I'M SUING YOU", "soy mexicana", "Blue Cross denied it", "nobody here",
        "soy ciudadano", "it's urgent", "this is her husband", "Same here", "her name is Ana Torres",
    ],
)  # fmt: skip
def test_no_name_is_made_up_when_none_was_asked_for(text: str) -> None:
    assert read_name(text, asked=False) is None


def test_parts_of_a_name() -> None:
    assert split_name("Dr. Maria Delgado-Ruiz, MD") == ("Maria", "Delgado-Ruiz")
    assert first_name("Mrs. Eleanor Van Houten") == "Eleanor"
    assert name_key("María Delgado-Ruiz O'Shea") == {"maria", "delgado", "ruiz", "oshea"}
    assert is_full_name("Tom Hale")
    assert not is_full_name("Tom")
    assert not is_full_name("Mr. Hale")
    assert not is_full_name("Marcus T")


@pytest.mark.parametrize(
    ("typed", "on_file"),
    [
        ("Maria Delgado", "María Delgado-Ruiz"),
        ("delgado ruiz maria", "María Delgado-Ruiz"),
        ("Robert J Hale", "Robert Hale"),
        ("Robert J. Hale", "Robert James Hale"),
        ("Robert James Hale", "Robert J. Hale"),
        ("ROBERT HALE", "Robert James Hale"),
        ("Mr. Robert Hale Jr", "Robert Hale"),
        ("shaun o brien", "Shaun O'Brien"),
        ("Shaun OBrien", "Shaun O'Brien"),
        ("Maria Cruz", "Maria de la Cruz"),
        ("Jose Nunez", "José Núñez"),
    ],
)
def test_the_same_name(typed: str, on_file: str) -> None:
    assert names_match(typed, on_file)


@pytest.mark.parametrize(
    ("typed", "on_file"),
    [
        ("Bob Hale", "Robert Hale"),
        ("Robert", "Robert Hale"),
        ("Hale", "Robert Hale"),
        ("Robert James Hale", "Robert Hale"),
        ("Robert James", "Robert James Hale"),
        ("Roberta Hale", "Robert Hale"),
        ("R Hale", "Robert Hale"),
        ("Robert Hall", "Robert Hale"),
        ("", "Robert Hale"),
        ("Robert Hale", ""),
    ],
)
def test_another_name(typed: str, on_file: str) -> None:
    assert not names_match(typed, on_file)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3/4/61", "1961-03-04"),
        ("03-04-1961", "1961-03-04"),
        ("7.7.77", "1977-07-07"),
        ("6 8 1949", "1949-06-08"),
        ("06081949", "1949-06-08"),
        ("061049", "1949-06-10"),
        ("march 4th 1961", "1961-03-04"),
        ("4 march 61", "1961-03-04"),
        ("Mar 4, '61", "1961-03-04"),
        ("1961-03-04", "1961-03-04"),
        ("june 8 49", "1949-06-08"),
        ("the eighth of june 1949", "1949-06-08"),
        ("twenty-first of july nineteen eighty-two", "1982-07-21"),
        ("september twelfth nineteen fifty five", "1955-09-12"),
        ("two thousand ten may fifth", "2010-05-05"),
        ("nineteen seventy three, april first", "1973-04-01"),
        ("4 de marzo de 1961", "1961-03-04"),
        ("15 de marzo del 82", "1982-03-15"),
        ("nací en 1949, 19 de agosto", "1949-08-19"),
        ("cuatro de mayo de mil novecientos sesenta y uno", "1961-05-04"),
        ("12/30/88. 6071", "1988-12-30"),
        ("dob may/23/81", "1981-05-23"),
        ("Feb 14, easy to remember, 1970", "1970-02-14"),
    ],
)
def test_a_date_of_birth_in_any_form(text: str, expected: str) -> None:
    assert read_birth_dates(text, TODAY, asked=True) == (date.fromisoformat(expected),)


def test_two_digits_can_mean_two_centuries_nearest_first() -> None:
    assert read_birth_dates("8/8/10", TODAY, asked=True) == (date(2010, 8, 8), date(1910, 8, 8))


def test_spanish_reads_numbers_in_both_orders() -> None:
    assert set(read_birth_dates("3/4/1961", TODAY, True, "es")) == {date(1961, 3, 4), date(1961, 4, 3)}
    assert read_birth_dates("25/4/1961", TODAY, True, "es") == (date(1961, 4, 25),)


@pytest.mark.parametrize(
    "text", ["13/13/61", "2/30/1960", "3/4/2030", "1/1/1850", "142/88", "212 555 0188", "March 3", "may I"]
)
def test_what_cannot_be_a_date_of_birth(text: str) -> None:
    assert read_birth_dates(text, TODAY, asked=True) == ()


@pytest.mark.parametrize(
    "text",
    [
        "September 18. one scan",
        "my visit on 3/4/2019",
        "the bill from 2/2/22",
        "seen 11/3/2025",
        "June 5 2024 works",
        "06081949",
    ],
)
def test_other_dates_are_not_taken_for_one(text: str) -> None:
    assert read_birth_dates(text, TODAY, asked=False) == ()


@settings(deadline=None)
@given(
    st.dates(date(1906, 1, 1), TODAY),
    st.sampled_from(["%m/%d/%Y", "%m-%d-%Y", "%Y-%m-%d", "%B %d, %Y", "%d %b %Y", "%m%d%Y"]),
)
def test_every_date_of_birth_reads_back(born: date, form: str) -> None:
    assert read_birth_dates(born.strftime(form), TODAY, asked=True) == (born,)


@settings(deadline=None)
@given(st.text(max_size=200), st.booleans(), st.sampled_from(["en", "es"]))
def test_only_past_days_within_a_lifetime_come_out(text: str, asked: bool, language: str) -> None:
    for born in read_birth_dates(text, TODAY, asked, language):
        assert TODAY.year - 120 <= born.year
        assert born <= TODAY


@pytest.mark.parametrize(
    ("text", "asked", "volunteered"),
    [
        ("3320", "3320", None),
        ("it's 0415", "0415", None),
        ("last 4 is 3320", "3320", "3320"),
        ("ss ends 3320", "3320", "3320"),
        ("4-0-5-1", "4051", None),
        ("40 51", "4051", None),
        ("four zero five one", "4051", None),
        ("forty fifty one", "4051", None),
        ("last four four oh five one", "4051", "4051"),
        ("cuatro cero siete dos", "4072", None),
        ("mi social termina en 5096", "5096", "5096"),
        ("Robert Hale 04/12/62 9035", "9035", "9035"),
        ("12/30/88. 6071", "6071", "6071"),
        ("1961", "1961", None),
        ("march 4 1961", None, None),
        ("7.7.77", None, None),
        ("A-2204417", None, None),
        ("my bill is $1,420.00", None, None),
        ("$1420", None, None),
        ("last 4 of my phone 3456", None, None),
        ("visa ending in 4242", None, None),
        ("212 555 0188", None, None),
        ("123-45-6789", None, None),
        ("60614", None, None),
        ("no", None, None),
    ],
)
def test_the_last_four(text: str, asked: str | None, volunteered: str | None) -> None:
    assert read_last4(text, True) == asked
    assert read_last4(text, False, today=TODAY) == volunteered


@pytest.mark.parametrize(
    "text",
    [
        "A-2204417",
        "a2204417",
        "A 2204417",
        "acct 2204417",
        "# A-2204417",
        "my account number is A-2204417",
        "a 2 2 0 4 4 1 7",
    ],
)
def test_an_account_number_in_any_form(text: str) -> None:
    assert read_account(text) == "A-2204417"


@pytest.mark.parametrize(
    "text", ["llámame a 5550142", "555-0142", "MRN 558201", "claim 2204417", "account A-12345678", "2204417"]
)
def test_other_numbers_are_no_account(text: str) -> None:
    assert read_account(text) is None


def test_seven_bare_digits_count_when_asked() -> None:
    assert read_account("2204417", asked=True) == "A-2204417"
    assert read_account("claim 2204417", asked=True) is None


@pytest.mark.parametrize("asked", [set(), {"name"}, {"birth_date"}, {"third"}])
def test_everything_at_once_in_any_order(asked: set[str]) -> None:
    everything = Given("Robert Hale", (date(1962, 4, 12),), "9035", None)
    assert read_identity("Robert Hale 04/12/62 9035", TODAY, asked) == everything
    assert read_identity("my name is Robert Hale, last 4 9035, born April 12 1962", TODAY, asked) == everything
    assert read_identity("9035 is my last four, dob 4/12/62, this is Robert Hale", TODAY, asked) == everything
    with_account = Given("Tina Marsh", (date(1983, 5, 19),), None, "A-2204417")
    assert read_identity("a2204417, Tina Marsh here, 5/19/1983", TODAY, asked) == with_account


@settings(deadline=None)
@given(st.text(max_size=200), st.sets(st.sampled_from(["name", "birth_date", "third"])))
def test_any_text_is_survived(text: str, asked: set[str]) -> None:
    read_identity(text, TODAY, asked)
