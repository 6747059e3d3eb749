"""Nothing that the clinic never asks for is kept, and everything that it works with is (R3, BRIEF 3.2)."""

from __future__ import annotations

import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from stdnum import luhn

from bedside.safety.redaction import MARK, redact

WORDS = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "es": ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"),
}
TENS = {2: "twenty", 3: "thirty", 4: "forty", 5: "fifty", 6: "sixty", 7: "seventy", 8: "eighty", 9: "ninety"}
SSN_CUES = (
    "my ssn is {}",
    "SSN: {}",
    "social security number {} thanks",
    "ok its my social, {}",
    "{} is my social",
    "mi seguro social es {}",
    "mi número de seguro social: {}",
    "{} es mi seguro social",
)
CARD_CUES = ("charge my visa {}", "card number: {} please", "debit card {}", "pague con mi tarjeta {}", "{} is my card")
PLAIN = ("{}", "hi. {} ok?", "here it is {}, now book me", "Gerald Whitcomb {}", "tenga {} gracias")


def social_numbers() -> st.SearchStrategy[str]:
    """SSNs that may have been issued."""
    area = st.integers(1, 899).filter(lambda number: number != 666)
    return st.builds("{:03d}{:02d}{:04d}".format, area, st.integers(1, 99), st.integers(1, 9999)).filter(
        lambda number: number not in {"078051120", "457555462", "219099999"}
    )


def cards() -> st.SearchStrategy[str]:
    """Cards of the networks people carry, with their lengths and a right check digit."""

    def finish(prefix: str, length: int, filler: str) -> str:
        body = (prefix + filler)[: length - 1]
        return body + luhn.calc_check_digit(body)

    networks = st.sampled_from(
        [("4", 16), ("4", 13), ("4", 19), ("51", 16), ("55", 16), ("2221", 16), ("34", 15), ("37", 15), ("6011", 16)]
    )
    return st.builds(
        lambda network, filler: finish(network[0], network[1], filler), networks, st.from_regex(r"\A[0-9]{19}\Z")
    )


def spelled(digits: str, language: str) -> str:
    return " ".join(WORDS[language][int(digit)] for digit in digits)


def in_pairs(digits: str) -> str:
    """ "forty five oh seven": two digits at a time, as read aloud."""
    said: list[str] = []
    for pair in (digits[place : place + 2] for place in range(0, len(digits), 2)):
        if len(pair) == 2 and pair[0] in "23456789" and pair[1] != "0":
            said.append(f"{TENS[int(pair[0])]} {WORDS['en'][int(pair[1])]}")
        elif len(pair) == 2 and pair[0] in "23456789":
            said.append(TENS[int(pair[0])])
        else:
            said += [WORDS["en"][int(digit)] for digit in pair]
    return " ".join(said)


@settings(deadline=None)
@given(
    social_numbers(),
    st.sampled_from(["-", " ", ".", " - ", "–", "\u00a0", "/", "  "]),
    st.sampled_from(PLAIN + SSN_CUES),
)
def test_a_social_security_number_in_its_three_groups_goes(number: str, mark: str, sentence: str) -> None:
    written = mark.join((number[:3], number[3:5], number[5:]))
    redacted = redact(sentence.format(written))
    assert redacted.text == sentence.format(MARK)
    assert redacted.removed == ("ssn",)


@settings(deadline=None)
@given(social_numbers(), st.sampled_from(PLAIN + SSN_CUES))
def test_nine_plain_digits_that_can_be_one_go(number: str, sentence: str) -> None:
    assert redact(sentence.format(number)).text == sentence.format(MARK)


@settings(deadline=None)
@given(
    social_numbers(),
    st.lists(st.sampled_from(["", " ", "-", ".", ", "]), min_size=8, max_size=8),
    st.sampled_from(SSN_CUES),
)
def test_any_grouping_goes_beside_a_word_for_it(number: str, marks: list[str], sentence: str) -> None:
    written = "".join(digit + mark for digit, mark in zip(number, [*marks, ""], strict=True))
    assert redact(sentence.format(written)).text == sentence.format(MARK)


@settings(deadline=None)
@given(
    social_numbers().filter(lambda number: max(number) > "3"),
    st.sampled_from(["en", "es"]),
    st.sampled_from(SSN_CUES + PLAIN[:1]),
)
def test_one_spelled_in_words_goes(number: str, language: str, sentence: str) -> None:
    assert redact(sentence.format(spelled(number, language))).text == sentence.format(MARK)


@settings(deadline=None)
@given(social_numbers(), st.sampled_from(SSN_CUES))
def test_one_read_out_in_pairs_goes(number: str, sentence: str) -> None:
    assert redact(sentence.format(in_pairs(number))).text == sentence.format(MARK)


@settings(deadline=None)
@given(social_numbers(), st.integers(0, 8), st.sampled_from("0123456789"), st.booleans(), st.sampled_from(SSN_CUES))
def test_one_digit_too_few_or_too_many_goes_too(number: str, place: int, digit: str, more: bool, sentence: str) -> None:
    wrong = number[:place] + (digit + number[place:] if more else number[place + 1 :])
    for written in (wrong, f"{wrong[:3]}-{wrong[3:5]}-{wrong[5:]}"):
        assert redact(sentence.format(written)).text == sentence.format(MARK)


@settings(deadline=None)
@given(
    cards(),
    st.sampled_from(["", " ", "-", ".", "  ", "–", "\u00a0", "_"]),
    st.integers(1, 6),
    st.sampled_from(PLAIN + CARD_CUES),
)
def test_a_card_in_groups_of_any_size_goes(number: str, mark: str, size: int, sentence: str) -> None:
    written = mark.join(number[place : place + size] for place in range(0, len(number), size))
    redacted = redact(sentence.format(written))
    assert redacted.text == sentence.format(MARK)
    assert redacted.removed == ("card",)


@settings(deadline=None)
@given(
    cards(),
    st.lists(st.sampled_from(["", " ", "-", "  ", ". "]), min_size=18, max_size=18),
    st.sampled_from(PLAIN + CARD_CUES),
)
def test_a_card_in_uneven_groups_goes(number: str, marks: list[str], sentence: str) -> None:
    written = "".join(digit + mark for digit, mark in zip(number, marks, strict=False)).strip(" -.")
    written += number[18:]
    assert redact(sentence.format(written)).text == sentence.format(MARK)


@settings(deadline=None)
@given(
    cards(),
    st.integers(2, 11),
    st.sampled_from([" then ", " and then ", ", next ", " uh and the rest is ", " y luego ", " seguido de "]),
    st.sampled_from(CARD_CUES + PLAIN[:2]),
)
def test_a_card_said_in_two_phrases_goes(number: str, place: int, passage: str, sentence: str) -> None:
    redacted = redact(sentence.format(number[:place] + passage + number[place:]))
    assert redacted.text == sentence.format(MARK)


@settings(deadline=None)
@given(cards(), st.sampled_from(["en", "es"]), st.sampled_from(PLAIN + CARD_CUES))
def test_a_card_spelled_in_words_goes(number: str, language: str, sentence: str) -> None:
    assert redact(sentence.format(spelled(number, language))).text == sentence.format(MARK)


@settings(deadline=None)
@given(cards(), st.integers(0, 12), st.sampled_from("0123456789"), st.sampled_from(CARD_CUES))
def test_a_mistyped_card_beside_a_word_for_it_goes(number: str, place: int, digit: str, sentence: str) -> None:
    wrong = number[:place] + digit + number[place + 1 :]
    assume(wrong != number)
    fours = " ".join(wrong[start : start + 4] for start in range(0, len(wrong), 4))
    assert redact(sentence.format(wrong)).text == sentence.format(MARK)
    # What is left behind a shorter right number counts as its code.
    assert redact(sentence.format(fours)).text.replace(f"{MARK} {MARK}", MARK) == sentence.format(MARK)


@pytest.mark.parametrize(
    ("text", "expected", "removed"),
    [
        ("4111-1111-1111-1111 exp 12/27 cvv 123", "[removed] exp [removed] cvv [removed]", ("card", "expiry", "cvv")),
        ("pay with 5555555555554444 12/27 123", "pay with [removed] [removed] [removed]", ("card", "expiry", "cvv")),
        (
            "exp 1227 cvv 999 card 4111111111111111",
            "exp [removed] cvv [removed] card [removed]",
            ("expiry", "cvv", "card"),
        ),
        ("the security code is 1234", "the security code is [removed]", ("cvv",)),
        ("123 on the back", "[removed] on the back", ("cvv",)),
        ("cvv one two three", "cvv [removed]", ("cvv",)),
        ("código de seguridad: 321", "código de seguridad: [removed]", ("cvv",)),
        ("my pin is 4821", "my pin is [removed]", ("pin",)),
        ("4821 is my pin", "[removed] is my pin", ("pin",)),
        ("el NIP es 4821", "el NIP es [removed]", ("pin",)),
        ("routing 021000021 account 000123456789", "routing [removed] account [removed]", ("routing", "bank_account")),
        ("my bank's routing number is 021000021", "my bank's routing number is [removed]", ("routing",)),
        ("checking account 1234567890", "checking account [removed]", ("bank_account",)),
        ("mi cuenta de cheques es 123456789", "mi cuenta de cheques es [removed]", ("bank_account",)),
        ("número de ruta 021000021", "número de ruta [removed]", ("routing",)),
        ("tarjeta 4111 1111 1111 1111 vence 12/27", "tarjeta [removed] vence [removed]", ("card", "expiry")),
        ("first four 4111 next four 1111 then 1111 and last four 1111", "first four [removed]", ("card",)),
        ("４１１１ １１１１ １１１１ １１１１", "[removed]", ("card",)),
        ("4l11 1111 1111 1111", "[removed]", ("card",)),
        ("41111111\u200b11111111", "[removed]", ("card",)),
        ("SSN#536-90-4399", "SSN#[removed]", ("ssn",)),
        ("ssn536904399", "ssn[removed]", ("ssn",)),
        ("five three six, ninety, forty three ninety nine", "[removed]", ("ssn",)),
        ("987-65-4321", "[removed]", ("ssn",)),
        ("536-90-4399536-90-4398", "[removed]", ("ssn",)),
        (
            "Gerald Whitcomb 3/4/1961 536-90-4399 call 212-555-0188",
            "Gerald Whitcomb 3/4/1961 [removed] call 212-555-0188",
            ("ssn",),
        ),
        (
            "my card number 4111 1111 1111 1111 and my phone is 212 555 0188",
            "my card number [removed] and my phone is 212 555 0188",
            ("card",),
        ),
    ],
)
def test_what_stands_around_stays_in_its_order(text: str, expected: str, removed: tuple[str, ...]) -> None:
    redacted = redact(text)
    assert redacted.text == expected
    assert redacted.removed == removed


@pytest.mark.parametrize(
    "text",
    [
        "call me at 212-555-0188",
        "(212) 555-0188",
        "2125550188",
        "my number is 212 555 0188",
        "+1 212 555 0188 or +12125550199",
        "call two one two five five five oh one eight eight",
        "my ssn is wrong on file, call 212-555-0188",
        "last four of my social 9035, phone 212 555 0188",
        "my social worker's number is 212 555 0188",
        "account A-2204417",
        "a2204417",
        "my account number is 2204417",
        "claim CLM2024001234",
        "claim number 202400123456",
        "claim # 471902288",
        "case C-20251122-01 and case number BH-4471-2290",
        "número de reclamo 471902288",
        "04/12/1962 or 3/4/61 or 1961-03-04",
        "dob 06081949",
        "12 30 1988",
        "$1,420.00 and $75 a month",
        "1420 dollars",
        "my bp is 142/88, pulse 72, temp 98.6",
        "120/80 98 97%",
        "zip 60614-1234",
        "zip code 606141234",
        "member id XYH4471902",
        "member ID 447190288",
        "my Medicare number is 4TK2-AB7-CD35",
        "group 0012345 member 88213345561",
        "my insurance card says 887766554433",
        "mi tarjeta del seguro dice 887766554433",
        "policy W2218 40967",
        "last 4 is 3320",
        "ssn ends in 3320",
        "xxx-xx-3320",
        "card ending in 4242",
        "I paid $1200 with visa 4242 on 3/4/2024",
        "my insurance expires 12/27",
        "authorization expires 12/31/2025",
        "2:30 pm on 11/24",
        "Robert Hale 04/12/62 9035",
        "12/30/88. 6071",
        "dob 3/4/1961 phone 4155550132 last4 3320",
        "tracking 9400111899223",
        "MRN 558201",
        "pin in my hip since 2019",
        "I have 2 kids, 4 and 7, and I weigh 150",
        "one of the two nurses at three",
        "room 1204 on floor 12",
        "my phq answers 3 2 3 3 2 3 3 1 3",
        "policy number 911-44-0091",
    ],
)
def test_what_the_work_needs_stays(text: str) -> None:
    redacted = redact(text)
    assert redacted.text == text
    assert redacted.removed == ()


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            st.builds(
                "phone {}-{:03d}-{:04d}".format, st.integers(201, 989), st.integers(200, 999), st.integers(0, 9999)
            ),
            st.builds("account A-{:07d}".format, st.integers(0, 9999999)),
            st.builds("claim CLM{:09d}".format, st.integers(0, 999999999)),
            st.builds("case BH-{:04d}-{:04d}".format, st.integers(0, 9999), st.integers(0, 9999)),
            st.builds("dob {}/{}/{}".format, st.integers(1, 12), st.integers(1, 31), st.integers(1920, 2020)),
            st.builds("${:,}.{:02d}".format, st.integers(0, 99999), st.integers(0, 99)),
            st.builds("bp {}/{}".format, st.integers(90, 190), st.integers(50, 110)),
            st.builds("zip {:05d}".format, st.integers(501, 99950)),
            st.builds("member id {}{:08d}".format, st.sampled_from(["XYH", "W", "AB"]), st.integers(0, 99999999)),
            st.builds("last 4 {:04d}".format, st.integers(0, 9999)),
            st.builds("at {}:{:02d} pm".format, st.integers(1, 12), st.integers(0, 59)),
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([", ", ". ", " and ", "\n", "; "]),
)
def test_any_mixture_of_what_the_work_needs_stays(pieces: list[str], join: str) -> None:
    text = join.join(pieces)
    assert redact(text).text == text


@settings(deadline=None)
@given(st.text(max_size=200))
def test_redacting_again_changes_nothing(text: str) -> None:
    once = redact(text)
    assert redact(once.text).text == once.text
    assert bool(once.removed) == (once.text != text)


@pytest.mark.parametrize(
    "piece",
    ["4111 ", "4", "4 ", "ssn ", "1 a ", "one two ", "536-90-4399 ", "card ", "$1 ", "a-1 ", "1/1/11 ", "o ", "l1"],
)
def test_time_grows_with_the_length_and_no_faster(piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        best = float("inf")
        for _ in range(3):
            begun = time.process_time()
            redact(text)
            best = min(best, time.process_time() - begun)
        return best

    redact("warm up 536-90-4399")
    assert seconds(10_000) < 8 * max(seconds(2_500), 0.01)
