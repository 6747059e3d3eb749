"""What somebody means in a talk about insurance, and what of it may be kept."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest

from bedside.care import contact_wish, coverage, denials, insurance_wishes
from bedside.care.bill_requests import Voice
from bedside.care.coming_back import was_cut_off
from bedside.language.wordlists import load
from bedside.records.tables import Commitment
from bedside.safety.redaction import redact
from tests.unit.bills import TALK, Bills


@pytest.mark.parametrize(
    ("task", "words", "topic"),
    [
        ("insurance_coverage", "is my insurance still good", "check"),
        ("insurance_coverage", "are you in network with my plan", "network"),
        ("insurance_coverage", "what's my copay for a physical therapy visit", "cost"),
        ("insurance_coverage", "how much of my deductible is left", "deductible"),
        ("insurance_coverage", "which one pays first, medicare or aarp", "order"),
        ("insurance_coverage", "does my plan cover an mri", "covered"),
        ("insurance_coverage", "cuánto es mi copago", "cost"),
        ("insurance_coverage", "hello there", "check"),
        ("claim_status", "they denied the claim", "denial"),
        ("prior_authorization", "did my mri get approved", "authorization"),
        ("update_insurance", "new card", "new"),
        ("referral", "do i need one", "referral"),
    ],
)
def test_where_a_talk_begins(task: str, words: str, topic: str) -> None:
    assert insurance_wishes.first_topic(task, words) == topic


@pytest.mark.parametrize(
    ("words", "topic"),
    [
        ("what is a deductible", "deductible"),
        ("what is my deductible", None),
        ("what's a copay?", "copay"),
        ("what's the copay for a flu shot", None),
        ("when is medicare open enrollment", "medicare_enrollment"),
        ("i turn 65 in march", "medicare_enrollment"),
        ("what does part B cover", "medicare_parts"),
        ("how do i renew my medicaid", "medicaid_renewal"),
        ("i lost my job and my insurance", "losing_coverage"),
        ("i lost my insurance card", None),
        ("what does in network mean", "network"),
        ("is dr. patel in network", None),
        ("qué es un deducible", "deductible"),
        ("cuándo me inscribo en medicare", "medicare_enrollment"),
        ("did my claim go through", None),
    ],
)
def test_a_general_question_is_told_from_ones_own(words: str, topic: str | None) -> None:
    assert insurance_wishes.general_topic(words) == topic


@pytest.mark.parametrize(
    ("words", "another"),
    [
        ("is my wife covered for an mri", True),
        ("my mother's claim", True),
        ("my son's insurance", True),
        ("they denied my mom", True),
        ("la autorización de mi esposo", True),
        ("i'm on my wife's insurance", False),
        ("it's through my husband's plan", False),
        ("my husband's plan covers me too", False),
        ("is my mri covered", False),
    ],
)
def test_somebody_elses_insurance(words: str, another: bool) -> None:
    assert insurance_wishes.of_another(words) is another


@pytest.mark.parametrize(
    ("found", "words", "meant"),
    [
        (["insurance_coverage", "update_insurance"], "which pays first", ["insurance_coverage"]),
        (["make_payment"], "which one pays first", ["insurance_coverage"]),
        (["insurance_denial_appeal", "confirm_appointment"], "do i still come friday", ["insurance_denial_appeal"]),
        (["insurance_denial_appeal", "billing_balance"], "denied, what will i owe", ["insurance_denial_appeal"]),
        (["insurance_coverage"], "in network? then book me", ["insurance_coverage", "schedule_appointment"]),
        (["insurance_coverage"], "is my wife covered", ["third_party"]),
        (["schedule_appointment"], "i turn 65 in march, when do i sign up", ["insurance_coverage"]),
        (["schedule_appointment"], "book me on friday", ["schedule_appointment"]),
        (["make_payment"], "how do i pay", ["make_payment"]),
        (["insurance_coverage"], "i switched to oxford, do you take them", ["update_insurance"]),
        (["test_results"], "did aetna pay for my lab test", ["claim_status"]),
        (["insurance_coverage", "update_insurance"], "it is active, you said it isn't", ["insurance_coverage"]),
        (
            ["update_insurance", "insurance_coverage"],
            "new card. in network?",
            ["update_insurance", "insurance_coverage"],
        ),
        (["test_results"], "are my results back", ["test_results"]),
    ],
)
def test_what_the_inquiries_of_a_message_mean(found: list[str], words: str, meant: list[str]) -> None:
    assert insurance_wishes.meant(found, words) == meant


@pytest.mark.parametrize(
    ("words", "service", "provider", "location"),
    [
        ("an MRI of my knee", "imaging", None, None),
        ("a visit with Dr. Voss", "orthopedics visit", "Dr. Voss", None),
        ("the harbor office", None, None, "harbor"),
        ("harbor or riverside", None, None, None),
        ("blood work", "lab test", None, None),
        ("a dermatology visit", "dermatology visit", None, None),
        ("una resonancia", "imaging", None, None),
        ("the usual", None, None, None),
    ],
)
def test_which_care(bills: Bills, words: str, service: str | None, provider: str | None, location: str | None) -> None:
    found = insurance_wishes.read_care(bills.care, words, asked=True)
    assert (found.service, found.provider, found.location) == (service, provider, location)


# New insurance -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number", ["310994520", "1EG4-TE5-MK73", "1EG4 TE5 MK73", "W2204-88171", "XFA 882140917", "ABC 123 456 789"]
)
def test_a_number_of_a_card_is_in_no_brief(number: str) -> None:
    told = insurance_wishes.without_numbers(f"i have aetna now, the member id is {number}")
    digits = re.sub(r"\D", "", number)
    assert digits[-4:] not in re.sub(r"\D", "", told)
    assert told.startswith("i have aetna now")


@pytest.mark.parametrize("words", ["i owe $9,000 for 11/27", "since january 1", "plan b, choice ppo", "call me at 5"])
def test_other_words_stay_as_they_are(words: str) -> None:
    assert insurance_wishes.without_numbers(words) == words


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("aetna, member id W2204-88171", "W2204-88171"),
        ("my id is 913355777", "913355777"),
        ("group 0900771", None),
        ("i have aetna", None),
    ],
)
def test_a_number_beside_its_word(words: str, number: str | None) -> None:
    assert insurance_wishes.number_in(words) == number


@pytest.mark.parametrize(
    ("words", "plan", "named"),
    [
        ("i switched to oxford, are you in network", "Liberty Network", False),
        ("oxford liberty now", "Liberty Network", True),
        ("aetna choice ppo", "Choice PPO", True),
        ("i have medicare now", "Medicare Supplement Plan N", False),
    ],
)
def test_a_plan_is_named_by_its_own_words(words: str, plan: str, named: bool) -> None:
    assert insurance_wishes.names_plan(words, plan) is named


@pytest.mark.parametrize(
    ("words", "relation", "name"),
    [
        ("it's mine", "self", None),
        ("my own name", "self", None),
        ("through my wife, Dana Whitaker", "spouse", "Dana Whitaker"),
        ("my husband", "spouse", None),
        ("my mom Jennifer Munroe", "parent", "Jennifer Munroe"),
        ("a mi nombre", "self", None),
        ("de mi esposo", "spouse", None),
        ("hmm", None, None),
    ],
)
def test_in_whose_name(words: str, relation: str | None, name: str | None) -> None:
    assert insurance_wishes.read_holder(words) == (relation, name)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("december 1", date(2026, 12, 1)),
        ("january 1", date(2027, 1, 1)),
        ("since november 1", date(2026, 11, 1)),
        ("11/1/2026", date(2026, 11, 1)),
        ("1 de enero", date(2027, 1, 1)),
        ("no idea", None),
    ],
)
def test_from_what_day(bills: Bills, words: str, day: date | None) -> None:
    assert insurance_wishes.read_start(bills.care, words) == day


def test_a_member_number_that_was_asked_for_is_kept_and_what_nobody_may_keep_is_not() -> None:
    assert redact("310994520").removed == ("ssn",)
    assert redact("310994520", "member ID").text == "310994520"
    for secret in ("123-45-6789", "123 45 6789", "4111 1111 1111 1111", "my social is 310994520"):
        cleaned = redact(secret, "member ID")
        assert cleaned.removed, secret
        assert "member ID" not in cleaned.text
    assert redact("no number here", "member ID").text == "no number here"


# Cut off -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "cut"),
    [
        ("the app crashed, must i explain everything again", True),
        ("lost you for a second", True),
        ("my phone died", True),
        ("do i need to start over?", True),
        ("se cortó la llamada", True),
        ("tengo que repetir todo otra vez", True),
        ("can you say that again", False),
        ("they cut off my coverage", False),
        ("i need an appointment", False),
    ],
)
def test_who_was_cut_off(words: str, cut: bool) -> None:
    assert was_cut_off(words) is cut


def test_where_to_call_stands_on_the_promises_of_this_talk_only(bills: Bills) -> None:
    bills.verify("F10")
    denial = denials.standings(bills.care, TALK)[0]
    case = denials.open_appeal(bills.care, TALK, denial.denial_id, Voice("help")).case_number
    assert not contact_wish.prefer(bills.care, "another-talk", case, "elsewhere")
    assert contact_wish.prefer(bills.care, TALK, case, "646 555 0177 after 3")
    with bills.care.store.reading() as session:
        wishes = {one.what: one.preference for one in session.query(Commitment)}
    assert wishes == {"appeal_review": "646 555 0177 after 3", "care_team_told": None}


def test_offices_in_and_out_of_the_network(bills: Bills) -> None:
    bills.verify("F17")
    places = ["riverside", "harbor", "telehealth"]
    assert coverage.network_by_place(bills.care, TALK, places) == {
        "riverside": "in",
        "harbor": "out",
        "telehealth": "in",
    }
    long_ago = bills.care.today() - timedelta(days=4000)
    assert coverage.network_by_place(bills.care, TALK, places, on=long_ago) == {}


def test_every_pattern_can_be_read() -> None:
    for name in ("insurance", "coming_back"):
        flat = json.dumps(load(name))
        assert flat
        for value in load(name).values():
            for pattern in value.values() if isinstance(value, dict) else [value]:
                re.compile(pattern)
