"""The clinic's configuration: what the demo clinic says, and that every mistake names its line and key."""

from __future__ import annotations

import re
from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bedside.organization import (
    QUEUE_NAMES,
    Organization,
    OrganizationError,
    display_phone,
    load_organization,
    public_holidays,
)

FILE = Path(__file__).parents[2] / "organization.yml"
DEMO = FILE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def demo() -> Organization:
    return load_organization(FILE)


def problems_of(tmp_path: Path, text: str | bytes) -> list[str]:
    """What the loader says about a file, without the folder that the file is in."""
    file = tmp_path / "organization.yml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(OrganizationError) as caught:
        load_organization(file)
    assert str(caught.value) == "\n".join(map(str, caught.value.problems))
    return [str(problem).replace(f"{tmp_path}/", "") for problem in caught.value.problems]


def changed(old: str, new: str) -> tuple[str, int]:
    """The demo file with one change, and the line of the change."""
    assert DEMO.count(old) == 1, f"{old!r} must be in the file once"
    return DEMO.replace(old, new), DEMO[: DEMO.index(old)].count("\n") + 1


def test_the_demo_clinic(demo: Organization) -> None:
    assert (demo.name, demo.assistant_name, demo.state) == ("Riverbend Health", "Bedside", "NY")
    assert demo.tz.key == "America/New_York"
    assert [location.name for location in demo.locations] == ["Riverside", "Harbor"]
    assert all(location.address and location.parking for location in demo.locations)
    assert demo.location("harbor").name == "Harbor"
    thursday, saturday = demo.hours.on(date(2026, 11, 26)), demo.hours.on(date(2026, 11, 28))
    assert thursday is not None
    assert (thursday.opens, thursday.closes) == (time(8), time(17))
    assert saturday is None
    assert demo.closed_dates == ()


def test_the_service_levels_and_thresholds_of_the_brief(demo: Organization) -> None:
    assert demo.service_levels.immediate.minutes == 2
    assert demo.service_levels.urgent.same_day is True
    assert demo.service_levels.standard.business_days == 1
    assert demo.money.plan_offer_over_cents == 500_00
    assert demo.dispute.dict() == {
        "urgent_over_cents": 1000_00,
        "specialist_business_days": 1,
        "follow_up_business_days": 3,
        "hold_review_business_days": 30,
        "same_day_minimum_minutes": 60,
    }
    assert demo.identity.dict() == {"attempts": 3, "lock_minutes": 60, "expires_minutes": 60, "idle_minutes": 20}
    assert demo.conversation.idle_minutes == 60
    assert demo.conversation.misunderstandings_before_person == 2
    assert demo.conversation.messages_per_minute == 30
    assert type(demo.understanding.confidence_threshold) is float
    assert demo.adolescent_consent_age == 12
    assert (demo.crisis.emergency, demo.crisis.mental_health) == ("911", "988")


def test_every_queue_of_the_brief_is_there_and_speaks_two_languages(demo: Organization) -> None:
    assert set(QUEUE_NAMES) == {
        *("nurse_line", "on_call", "scheduling", "billing", "financial_counseling", "insurance", "patient_advocate"),
        "practice_manager",
        *("supervisor", "risk", "compliance", "medical_records", "interpreter", "media"),
    }
    for name in QUEUE_NAMES:
        queue = demo.queue(name)
        assert queue.typical_wait_minutes >= 1
        assert queue.name_in("en") == queue.display_name != queue.name_in("es")
    assert demo.queue("billing").display_name == "billing specialist team"
    with pytest.raises(KeyError, match="no queue 'gossip'"):
        demo.queue("gossip")
    with pytest.raises(KeyError, match="no queue 'copy'"):
        demo.queue("copy")
    with pytest.raises(KeyError, match="no location"):
        demo.location("moon")


def test_the_numbers_of_the_demo_clinic_are_fictional_and_each_its_own() -> None:
    numbers = re.findall(r'"(\+[0-9]+)"', re.sub(r"#.*", "", DEMO))
    assert len(numbers) == len(set(numbers)) == 18
    assert all(re.fullmatch(r"\+121255501[0-9]{2}", number) for number in numbers)


def test_the_clinic_cannot_be_changed_while_it_runs(demo: Organization) -> None:
    with pytest.raises(TypeError):
        demo.name = "Other"  # type: ignore[assignment]
    with pytest.raises(TypeError):
        demo.identity.attempts = 99  # type: ignore[assignment]
    assert hash(demo) == hash(load_organization(FILE))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("time_zone: America/New_York", "time_zone: America/NewYork", '"time_zone" must be a time zone such as'),
        ("time_zone: America/New_York", "time_zone: ../etc/passwd", '"time_zone" must be a time zone such as'),
        ("time_zone: America/New_York", "time_zone: America", '"time_zone" must be a time zone such as'),
        ("state: NY #", "state: QQ #", '"state" must be the two letters of an American state, such as NY, not "QQ".'),
        ("assistant_name: Bedside", "assistant_name: ' '", '"assistant_name" must not be empty.'),
        ("assistant_name: Bedside", "assistant_name:", '"assistant_name" must not be empty.'),
        ("assistant_name: Bedside", "assistant_name: [a]", '"assistant_name" must be text, not a list.'),
        ("key: harbor", "key: 7", '"locations.2.key" must be text, not 7; put it in quotes.'),
        ('phone: "+12125550142"', 'phone: "+1212555014"', '"queues.billing.phone" must be a phone number that can'),
        ('phone: "+12125550142"', 'phone: "(212) 555-0142"', '"queues.billing.phone" must be a phone number such'),
        ('phone: "+12125550142"', "phone: +12125550142", '"queues.billing.phone" must be a phone number in quotes'),
        ('monday: { opens: "08:00", closes: "17:00" }', 'monday: { opens: "08:00", closes: "08:00" }',
         '"hours.monday.closes" must be later than the opening time 08:00.'),
        ('monday: { opens: "08:00", closes: "17:00" }', 'monday: { opens: "8", closes: "17:00" }',
         '"hours.monday.opens" must be a time such as "08:00", not "8".'),
        ("saturday: closed", "saturday:", '"hours.saturday" must have "opens" and "closes", or be the word closed.'),
        ("saturday: closed", "saturday: shut", '"hours.saturday" must have "opens" and "closes", or be the word'),
        ("- Thanksgiving Day", "- Thanksgiving", '"holidays.5" must be a public holiday of NY, not "Thanksgiving"; '
         "perhaps Thanksgiving Day is meant."),
        ("closed_dates: []", "closed_dates: [2026-02-30]", '"closed_dates.1" must be a date such as 2026-12-24, not'),
        ("closed_dates: []", "closed_dates: 2026-12-24", '"closed_dates" must be a list, not "2026-12-24".'),
        ("{ same_day: true }", "{ same_day: yes }", '"service_levels.urgent.same_day" must be true, not "yes".'),
        ("{ minutes: 2 }", "{ minutes: 2.5 }", '"service_levels.immediate.minutes" must be a whole number, not 2.5.'),
        ("attempts: 3", 'attempts: "3"', '"identity.attempts" must be a whole number, not "3".'),
        ("attempts: 3", "attempts: true", '"identity.attempts" must be a whole number, not true.'),
        ("attempts: 3", "attempts: 0", '"identity.attempts" must be at least 1, not 0.'),
        ("idle_minutes: 20", "idle_minutes: 61", '"identity.idle_minutes" must not be longer than "expires_minutes"'),
        ("follow_up_business_days: 3", "follow_up_business_days: 31", '"dispute.hold_review_business_days" must not be '
         'fewer than "follow_up_business_days", which is 31.'),
        ("threshold: 0.6", "threshold: 1.5", '"understanding.confidence_threshold" must be less than 1, not 1.5.'),
        ("threshold: 0.6", "threshold: .nan", '"understanding.confidence_threshold" must be more than 0, not nan.'),
        ("threshold: 0.6", "threshold: high", '"understanding.confidence_threshold" must be a number with a decimal'),
        ("consent_age: 12", "consent_age: 19", '"adolescent_consent_age" must be at most 18, not 19.'),
        ('"911"', "911", '"crisis.emergency" must be text, not 911; put it in quotes.'),
        ('"988"', '"9-8-8"', '"crisis.mental_health" must be a short number such as 911, not "9-8-8".'),
        ("phones:\n", "phones: here\nextra:\n", '"phones" must be a group of settings, not "here".'),
    ],
)  # fmt: skip
def test_a_mistake_names_its_line_and_key_in_one_sentence(tmp_path: Path, old: str, new: str, said: str) -> None:
    text, line = changed(old, new)
    found = problems_of(tmp_path, text)
    if "hold_review" in said:
        line += 1
    hits = [problem for problem in found if f": {said}" in problem]
    assert len(hits) == 1, found
    assert hits[0].startswith(f"organization.yml line {line}: ")
    assert hits[0].endswith(".")
    assert "\n" not in hits[0]


def test_an_unknown_key_and_the_missing_one_it_was_meant_to_be(tmp_path: Path) -> None:
    text, line = changed("lock_minutes: 60", "lock_minuts: 60")
    assert problems_of(tmp_path, text) == [
        f'organization.yml line {line - 2}: "identity.lock_minutes" is missing.',
        f'organization.yml line {line}: "identity.lock_minuts" is not a setting that Bedside knows; '
        "perhaps lock_minutes is meant.",
    ]


@pytest.mark.parametrize("queue", QUEUE_NAMES)
def test_a_missing_queue(tmp_path: Path, queue: str) -> None:
    text = re.sub(rf"(?m)^  {queue}:\n(    .*\n)+", "", DEMO)
    assert text != DEMO
    line = DEMO[: DEMO.index("queues:\n")].count("\n") + 1
    assert problems_of(tmp_path, text) == [f'organization.yml line {line}: "queues.{queue}" is missing.']


def test_an_unknown_queue(tmp_path: Path) -> None:
    text, line = changed("  media:\n", "  gossip: {}\n  media:\n")
    assert problems_of(tmp_path, text) == [
        f'organization.yml line {line}: "queues.gossip" is not a setting that Bedside knows.'
    ]


def test_every_mistake_is_named_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = DEMO.replace("America/New_York", "Moon").replace('"911"', "911").replace("key: harbor", "key: riverside")
    found = problems_of(tmp_path, text)
    assert [re.findall(r'"(.*?)"', problem)[0] for problem in found] == ["time_zone", "locations", "crisis.emergency"]


def test_a_clinic_that_never_opens_or_is_nowhere(tmp_path: Path) -> None:
    shut = re.sub(r"(?m)^(  \w+day): \{.*\}$", r"\1: closed", DEMO)
    assert '"hours" must have at least one day' in problems_of(tmp_path, shut)[0]
    nowhere = re.sub(r"(?ms)^locations:\n.*?\n\n", "locations: []\n\n", DEMO)
    assert '"locations" must have at least one location.' in problems_of(tmp_path, nowhere)[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "organization.yml line 1: the file is empty."),
        ("- a\n", 'organization.yml line 1: the file must be a list of settings, each "key: value".'),
        ("name: a\nstate: [\n", "organization.yml line 3: the file is not correct YAML here: "),
        ("name: a\n\tstate: b\n", "organization.yml line 2: the file is not correct YAML here: "),
        ("name: a\nstate: b\nname: c\n", 'organization.yml line 3: "name" is there twice.'),
        ("name: a\nstate: \x07\n", "organization.yml line 2: the file is not YAML that can be read."),
        (b"name: a\nstate: \xff\n", "organization.yml line 2: the file is not UTF-8 text."),
        ("name: " + "[" * 1000, "organization.yml line 1: the file is nested too deeply."),
        ("&all\nname: *all\n", "organization.yml line 1: the file refers to itself and has no end."),
    ],
)
def test_a_file_that_is_no_configuration(tmp_path: Path, text: str | bytes, said: str) -> None:
    found = problems_of(tmp_path, text)
    assert len(found) == 1
    assert found[0].startswith(said)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OrganizationError, match=r"nowhere\.yml: the file cannot be read: No such file or directory\.$"):
        load_organization(tmp_path / "nowhere.yml")


TOP = YAML(typ="safe").load(DEMO)
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=15, deadline=None)
@given(key=st.sampled_from(sorted(TOP)), value=junk)
def test_no_value_breaks_the_loader(tmp_path_factory: pytest.TempPathFactory, key: str, value: object) -> None:
    file = tmp_path_factory.mktemp("junk") / "organization.yml"
    with file.open("w", encoding="utf-8") as out:
        YAML(typ="safe").dump({**TOP, key: value}, out)
    try:
        load_organization(file)
        problems = []
    except OrganizationError as error:
        problems = [str(problem) for problem in error.problems]
    assert all(re.match(r'.*organization\.yml line [0-9]+: "', problem) for problem in problems)
    may_be_free = {"name", "assistant_name", "holidays", "closed_dates", "adolescent_consent_age"}
    assert problems or key in may_be_free


@pytest.mark.parametrize(
    ("e164", "shown"),
    [("+12125550142", "(212) 555-0142"), ("+18005550199", "(800) 555-0199"), ("+442079460958", "+44 20 7946 0958")],
)
def test_a_phone_number_as_people_write_it(e164: str, shown: str) -> None:
    assert display_phone(e164) == shown


def test_what_is_no_phone_number_is_not_shown_as_one() -> None:
    with pytest.raises(ValueError, match=r"E\.164"):
        display_phone("ring us")


def test_observed_holidays_bear_the_name_of_the_holiday() -> None:
    days = public_holidays("NY", 2027)
    assert days[date(2027, 7, 4)] == days[date(2027, 7, 5)] == {"Independence Day"}
    assert days[date(2027, 12, 31)] == {"New Year's Day"}
    assert days[date(2027, 2, 15)] == {"Susan B. Anthony Day", "Washington's Birthday"}
    assert all(day.year == 2027 for day in days)
