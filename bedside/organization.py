"""The clinic as its configuration file describes it, checked in full before anything runs."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import holidays as holiday_library
import phonenumbers
from pydantic import (
    BaseModel,
    ConstrainedFloat,
    ConstrainedInt,
    ConstrainedStr,
    Field,
    StrictBool,
    ValidationError,
    validator,
)
from pydantic.fields import ModelField
from ruamel.yaml import YAML
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LONGEST_HORIZON = 731  # days; a calendar of more than two years is a slip
_HOLIDAY_NAMES_FROM, _HOLIDAY_NAMES_TO = 2024, 2034
"""The years whose holidays make up the names that a clinic may list; long enough to meet each of them."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with the file: where it stands, the dotted key it is about, and what is wrong."""

    file: str
    line: int | None
    key: str | None
    fault: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file} line {self.line}"
        return f'{place}: "{self.key}" {self.fault}.' if self.key else f"{place}: the file {self.fault}."


class OrganizationError(Exception):
    """The configuration cannot be used. `problems` has every one of them, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


class Text(ConstrainedStr):
    """A piece of text that says something."""

    strict = True
    strip_whitespace = True
    min_length = 1


class Count(ConstrainedInt):
    """A whole number from 1 up, in the unit that its key names."""

    strict = True
    ge = 1


class Cents(ConstrainedInt):
    """An amount of money in cents; 0 where nothing is asked."""

    strict = True
    ge = 0


class ContentKey(ConstrainedStr):
    """The key under which the content in `domain/` says something, such as fasting."""

    strict = True
    regex = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")


class AdolescentAge(ConstrainedInt):
    """An age in years below majority, from which a patient may consent alone; 18 where the state knows no such age."""

    strict = True
    ge = 10
    le = 18


class Confidence(ConstrainedFloat):
    """A share between 0 and 1, both excluded."""

    strict = True
    gt = 0
    lt = 1


class Phone(str):
    """A phone number that exists in its country's plan, in E.164."""

    @classmethod
    def __get_validators__(cls) -> Iterator[Callable[[Any], Phone]]:
        yield cls.read

    @classmethod
    def read(cls, value: Any) -> Phone:
        """The number, or ValueError when it is none."""
        if not isinstance(value, str):
            raise ValueError('must be a phone number in quotes, such as "+12125550142"')
        if not re.fullmatch(r"\+[1-9][0-9]{6,14}", value):
            raise ValueError(f'must be a phone number such as "+12125550142", not {_shown(value)}')
        if not phonenumbers.is_valid_number(phonenumbers.parse(value)):
            raise ValueError(f"must be a phone number that can exist, and {_shown(value)} cannot")
        return cls(value)


class ShortCode(ConstrainedStr):
    """A number of public service such as 911."""

    strict = True
    regex = re.compile(r"[0-9]{3,6}\Z")


class _Section(BaseModel):
    class Config:
        frozen = True
        extra = "forbid"


class Phones(_Section):
    """The numbers of the clinic as a whole."""

    main: Phone
    text_messages: Phone


class Location(_Section):
    """A place where patients are seen. `key` is its lasting name in the records."""

    key: Text
    name: Text
    street: Text
    city: Text
    state: Text
    zip: Text
    phone: Phone
    parking: Text
    parking_es: Text
    directions: ContentKey

    @property
    def address(self) -> str:
        """The address on one line."""
        return f"{self.street}, {self.city}, {self.state} {self.zip}"

    def parking_in(self, language: str) -> str:
        """The parking directions in Spanish for "es", in English otherwise."""
        return self.parking_es if language == "es" else self.parking


class Hours(_Section):
    """Opening and closing time of a day, local."""

    opens: time
    closes: time

    @validator("opens", "closes", pre=True)
    def _read_time(cls, value: Any) -> time:
        return _time_of_day(value)

    @validator("closes")
    def _close_after_opening(cls, closes: time, values: dict[str, Any]) -> time:
        if "opens" in values and closes <= values["opens"]:
            raise ValueError(f"must be later than the opening time {values['opens']:%H:%M}")
        return closes


class Week(_Section):
    """The hours of each weekday; None where the clinic is closed."""

    monday: Hours | None = Field(...)
    tuesday: Hours | None = Field(...)
    wednesday: Hours | None = Field(...)
    thursday: Hours | None = Field(...)
    friday: Hours | None = Field(...)
    saturday: Hours | None = Field(...)
    sunday: Hours | None = Field(...)

    @validator(*_WEEK, pre=True)
    def _read_closed(cls, value: Any) -> Any:
        if value == "closed":
            return None
        if not isinstance(value, dict):
            raise ValueError('must have "opens" and "closes", or be the word closed')
        return value

    def on(self, day: date) -> Hours | None:
        """The usual hours on the weekday of that date, holidays not considered."""
        hours: Hours | None = getattr(self, _WEEK[day.weekday()])
        return hours


class QueueLevels(_Section):
    """Service levels of one queue, where they are others than the clinic's: minutes or business days."""

    immediate_minutes: Count | None = None
    standard_business_days: Count | None = None


class Queue(_Section):
    """A group of staff that takes over (BRIEF 3.9): what a patient hears it called, its direct number, its wait.

    `always`: somebody is there at any hour, so that what is late is late at night too.
    """

    display_name: Text
    display_name_es: Text
    phone: Phone
    typical_wait_minutes: Count
    always: StrictBool = False
    service_levels: QueueLevels = QueueLevels()

    def name_in(self, language: str) -> str:
        """The name in Spanish for "es", in English otherwise."""
        return self.display_name_es if language == "es" else self.display_name


class Queues(_Section):
    """Every queue that the assistant hands over to; none may be missing."""

    nurse_line: Queue
    on_call: Queue
    scheduling: Queue
    billing: Queue
    financial_counseling: Queue
    insurance: Queue
    patient_advocate: Queue
    practice_manager: Queue
    supervisor: Queue
    risk: Queue
    compliance: Queue
    medical_records: Queue
    interpreter: Queue
    media: Queue


QUEUE_NAMES: tuple[str, ...] = tuple(Queues.__fields__)


class ImmediateLevel(_Section):
    """Taken over within minutes, whatever the hour."""

    minutes: Count


class UrgentLevel(_Section):
    """Taken over on the same day."""

    same_day: bool

    @validator("same_day", pre=True)
    def _only_true(cls, value: Any) -> bool:
        if value is not True:
            raise ValueError(f"must be true, not {_shown(value)}")
        return True


class StandardLevel(_Section):
    """Taken over within business days."""

    business_days: Count


class ServiceLevels(_Section):
    """How fast a person takes over (BRIEF 3.9)."""

    immediate: ImmediateLevel
    urgent: UrgentLevel
    standard: StandardLevel


class Money(_Section):
    """Thresholds in cents."""

    plan_offer_over_cents: Count


class Dispute(_Section):
    """The promises around a disputed charge (R9): cents, business days, minutes."""

    urgent_over_cents: Count
    specialist_business_days: Count
    follow_up_business_days: Count
    hold_review_business_days: Count
    same_day_minimum_minutes: Count

    @validator("follow_up_business_days")
    def _follow_up_after_specialist(cls, days: int, values: dict[str, Any]) -> int:
        return _not_before(days, values, "specialist_business_days")

    @validator("hold_review_business_days")
    def _review_after_follow_up(cls, days: int, values: dict[str, Any]) -> int:
        return _not_before(days, values, "follow_up_business_days")


class PovertyLine(_Section):
    """The federal poverty line of a year: what a household's income is measured against, cents a year."""

    year: Count
    one_person_cents: Count
    each_more_cents: Count

    def for_household(self, people: int) -> int:
        """The line for a household of that many people (1 or more), cents a year."""
        if people < 1:
            raise ValueError("a household has at least one person")
        return self.one_person_cents + (people - 1) * self.each_more_cents


class Billing(_Section):
    """Plans, links and promises around a bill (BRIEF 3.4): months, cents, days, minutes, business days."""

    plan_months: tuple[Count, ...]
    plan_minimum_cents: Count
    plan_first_due_days: Count
    payment_link: Text
    payment_link_minutes: Count
    itemized_bill_business_days: Count
    review_business_days: Count
    estimate_business_days: Count
    poverty_line: tuple[PovertyLine, ...]

    @validator("plan_months")
    def _rising(cls, months: tuple[int, ...]) -> tuple[int, ...]:
        if not months or list(months) != sorted(set(months)):
            raise ValueError("must be numbers of months, each once, from the fewest to the most")
        return months

    @validator("payment_link")
    def _secure_link(cls, link: str) -> str:
        if not re.fullmatch(r"https://[^\s/?#]+\.[^\s?#]+", link):
            raise ValueError(f'must be a link such as "https://pay.example.com/bill", not {_shown(link)}')
        return link

    @validator("poverty_line")
    def _years_once(cls, lines: tuple[PovertyLine, ...]) -> tuple[PovertyLine, ...]:
        years = [line.year for line in lines]
        if not years or len(set(years)) < len(years):
            raise ValueError("must have at least one year, and each year once")
        return lines

    def poverty_line_in(self, year: int) -> PovertyLine:
        """The line that holds in a year: its own, or the newest before it; before all of them, the oldest."""
        lines = sorted(self.poverty_line, key=lambda line: line.year)
        return next((line for line in reversed(lines) if line.year <= year), lines[0])


class Insurance(_Section):
    """What insurers usually take, and the promises around them (BRIEF 3.5), in the unit that each key names.

    Pairs are the least and the most. `appeal_days` and `external_review_months` are counted from the day of a notice.
    """

    payer_seconds: Count
    authorization_business_days: tuple[Count, Count]
    authorization_urgent_hours: tuple[Count, Count]
    claim_business_days: tuple[Count, Count]
    appeal_days: Count
    external_review_months: Count
    appeal_decision_days: tuple[Count, Count]
    expedited_decision_hours: Count
    treatment_near_days: Count
    deadline_near_days: Count
    status_check_business_days: Count
    payer_retry_business_days: Count
    verify_coverage_business_days: Count

    @validator(
        "authorization_business_days",
        "authorization_urgent_hours",
        "claim_business_days",
        "appeal_decision_days",
        pre=True,
    )
    def _a_pair(cls, pair: Any) -> Any:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise ValueError("must be two numbers, the least and the most, such as [3, 7]")
        return tuple(pair)

    @validator(
        "authorization_business_days", "authorization_urgent_hours", "claim_business_days", "appeal_decision_days"
    )
    def _least_first(cls, pair: tuple[int, int]) -> tuple[int, int]:
        if pair[1] < pair[0]:
            raise ValueError("must have the least first, and then the most")
        return pair


class Complaints(_Section):
    """How fast a complaint is answered (BRIEF 3.6): minutes until a supervisor knows of an urgent one, and days until a
    formal grievance has its answer in writing."""

    supervisor_minutes: Count
    written_answer_days: Count


class RecordsRequests(_Section):
    """What the law gives for a patient's requests about their records (HIPAA), in days, and the blank form with which
    somebody lets another person see them."""

    copies_days: Count
    amendment_days: Count
    restriction_days: Count
    disclosures_days: Count
    authorization_form: Text


class Identity(_Section):
    """Limits of identity verification (R3)."""

    attempts: Count
    lock_minutes: Count
    expires_minutes: Count
    idle_minutes: Count

    @validator("idle_minutes")
    def _idle_within_expiry(cls, minutes: int, values: dict[str, Any]) -> int:
        if minutes > values.get("expires_minutes", minutes):
            raise ValueError(f'must not be longer than "expires_minutes", which is {values["expires_minutes"]}')
        return minutes


class Conversation(_Section):
    """Limits of a conversation."""

    idle_minutes: Count
    misunderstandings_before_person: Count
    longest_message_characters: Count
    messages_per_minute: Count


class VisitType(_Section):
    """A kind of visit (BRIEF 3.3): how long, who gives it, and what must be so before it is booked.

    `name` is its lasting name in the records. `books_in` names other kinds of openings that it may take.
    """

    name: Text
    name_es: Text
    minutes: Count
    specialties: tuple[Text, ...]
    books_in: tuple[Text, ...] = ()
    preparation: ContentKey | None = None
    referral: StrictBool = False
    telehealth: StrictBool = False
    in_person: StrictBool = True
    new_patients: StrictBool = True
    known_patients: StrictBool = True
    same_day: StrictBool = True
    confidential: StrictBool = False

    def name_in(self, language: str) -> str:
        """The name in Spanish for "es", in English otherwise."""
        return self.name_es if language == "es" else self.name

    @property
    def openings(self) -> tuple[str, ...]:
        """The kinds of openings it may take, its own first."""
        return (self.name, *(name for name in self.books_in if name != self.name))

    @validator("specialties")
    def _given_by_somebody(cls, specialties: tuple[str, ...]) -> tuple[str, ...]:
        if not specialties:
            raise ValueError("must name at least one specialty that gives it")
        return specialties

    @validator("in_person")
    def _some_way_to_come(cls, in_person: bool, values: dict[str, Any]) -> bool:
        if not in_person and values.get("telehealth") is False:
            raise ValueError("must not be false where telehealth is not true: nobody could come")
        return in_person

    @validator("known_patients")
    def _for_somebody(cls, known: bool, values: dict[str, Any]) -> bool:
        if not known and values.get("new_patients") is False:
            raise ValueError("must not be false where new_patients is false: nobody could book it")
        return known


class Scheduling(_Section):
    """The rules of the clinic's book (BRIEF 3.3), in the unit that each key names."""

    horizon_days: Count
    lead_minutes: Count
    hold_minutes: Count
    offer_minutes: Count
    late_cancel_hours: Count
    late_cancel_fee_cents: Cents
    missed_fee_cents: Cents
    reminder_days_before: tuple[Count, ...]
    reminder_time: time
    telehealth_link: Text

    @validator("horizon_days")
    def _within_two_years(cls, days: int) -> int:
        if days > _LONGEST_HORIZON:
            raise ValueError(f"must be at most {_LONGEST_HORIZON}, not {days}")
        return days

    @validator("reminder_time", pre=True)
    def _read_time(cls, value: Any) -> time:
        return _time_of_day(value)

    @validator("reminder_days_before")
    def _each_once(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(days)) < len(days):
            raise ValueError("must not have the same number twice")
        return days

    @validator("telehealth_link")
    def _secure_link(cls, link: str) -> str:
        if not re.fullmatch(r"https://[^\s/]+\.[^\s]+", link):
            raise ValueError(f'must be a link such as "https://video.example.com", not {_shown(link)}')
        return link


class Understanding(_Section):
    """Below `confidence_threshold` a message counts as not understood (R6)."""

    confidence_threshold: Confidence


class Desk(_Section):
    """Promises on their way (R7), in the unit that each key names: when staff are reminded, when a patient is told."""

    remind_minutes_before: Count
    tell_minutes_before: Count
    renew_minutes: Count
    renew_immediate_minutes: Count
    session_idle_minutes: Count
    session_hours: Count
    sign_in_attempts: Count
    sign_in_lock_minutes: Count

    @validator("tell_minutes_before")
    def _staff_first(cls, minutes: int, values: dict[str, Any]) -> int:
        if minutes > values.get("remind_minutes_before", minutes):
            raise ValueError('must not be longer than "remind_minutes_before": staff hear of it first')
        return minutes


class Webhook(_Section):
    """An address that every ticket event is sent to. Its secret is in BEDSIDE_WEBHOOK_SECRET_ and the name.

    `content`: `full` also sends the brief and the words of an event, for a receiver that may hold them.
    """

    name: ContentKey
    url: Text
    content: Literal["least", "full"] = "least"

    @validator("url")
    def _secure(cls, url: str) -> str:
        if not re.fullmatch(r"https://[^\s/?#]+[^\s#]*|http://(127\.0\.0\.1|localhost)(:\d+)?(/[^\s#]*)?", url):
            raise ValueError(f'must be an address such as "https://hooks.example.com/bedside", not {_shown(url)}')
        return url


class Crisis(_Section):
    """The public numbers that the emergency sentences name (R2)."""

    emergency: ShortCode
    mental_health: ShortCode


class Organization(_Section):
    """The clinic. Unchangeable; made by `load_organization`."""

    name: Text
    assistant_name: Text
    time_zone: Text
    state: Text
    phones: Phones
    locations: tuple[Location, ...]
    hours: Week
    holidays: tuple[Text, ...]
    closed_dates: tuple[date, ...]
    queues: Queues
    service_levels: ServiceLevels
    desk: Desk
    webhooks: tuple[Webhook, ...] = ()
    money: Money
    dispute: Dispute
    billing: Billing
    insurance: Insurance
    complaints: Complaints
    records_requests: RecordsRequests
    scheduling: Scheduling
    visit_types: tuple[VisitType, ...]
    identity: Identity
    conversation: Conversation
    understanding: Understanding
    adolescent_consent_age: AdolescentAge
    crisis: Crisis

    @property
    def tz(self) -> ZoneInfo:
        """The clinic's time zone."""
        return ZoneInfo(self.time_zone)

    def queue(self, name: str) -> Queue:
        """The queue of that name (one of QUEUE_NAMES); KeyError when there is none."""
        if name not in QUEUE_NAMES:
            raise KeyError(f"there is no queue {name!r}")
        queue: Queue = getattr(self.queues, name)
        return queue

    def immediate_minutes(self, queue: str) -> int:
        """Within how many minutes that queue takes over what is immediate."""
        return self.queue(queue).service_levels.immediate_minutes or self.service_levels.immediate.minutes

    def standard_business_days(self, queue: str) -> int:
        """Within how many business days that queue takes over what is standard."""
        return self.queue(queue).service_levels.standard_business_days or self.service_levels.standard.business_days

    def location(self, key: str) -> Location:
        """The location of that key; KeyError when there is none."""
        for location in self.locations:
            if location.key == key:
                return location
        raise KeyError(f"there is no location {key!r}")

    def visit_type(self, name: str) -> VisitType | None:
        """The visit type of that name; None for a kind of visit that the configuration says nothing about."""
        return next((one for one in self.visit_types if one.name == name), None)

    @validator("webhooks")
    def _webhooks_once(cls, webhooks: tuple[Webhook, ...]) -> tuple[Webhook, ...]:
        if len({one.name for one in webhooks}) < len(webhooks):
            raise ValueError("must not have two webhooks of one name")
        return webhooks

    @validator("visit_types")
    def _names_once(cls, visit_types: tuple[VisitType, ...]) -> tuple[VisitType, ...]:
        if not visit_types:
            raise ValueError("must have at least one visit type")
        names = [one.name for one in visit_types]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"must not give the name {_shown(name)} to two visit types")
        return visit_types

    @validator("time_zone")
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (LookupError, ValueError, OSError):
            raise ValueError(f"must be a time zone such as America/New_York, not {_shown(value)}") from None
        return value

    @validator("state")
    def _known_state(cls, value: str) -> str:
        if value not in holiday_library.country_holidays("US").subdivisions:
            raise ValueError(f"must be the two letters of an American state, such as NY, not {_shown(value)}")
        return value

    @validator("locations")
    def _keys_once(cls, locations: tuple[Location, ...]) -> tuple[Location, ...]:
        if not locations:
            raise ValueError("must have at least one location")
        keys = [location.key for location in locations]
        for key in keys:
            if keys.count(key) > 1:
                raise ValueError(f"must not give the key {_shown(key)} to two locations")
        return locations

    @validator("hours")
    def _open_sometime(cls, week: Week) -> Week:
        if all(getattr(week, day) is None for day in _WEEK):
            raise ValueError("must have at least one day on which the clinic is open")
        return week

    @validator("holidays", each_item=True)
    def _known_holiday(cls, name: str, values: dict[str, Any]) -> str:
        if "state" not in values:
            return name
        known = _holiday_names(values["state"])
        if name not in known:
            raise ValueError(f"must be a public holiday of {values['state']}, not {_shown(name)}{_meant(name, known)}")
        return name

    @validator("closed_dates", pre=True, each_item=True)
    def _read_date(cls, value: Any) -> date:
        try:
            if not isinstance(value, str):
                raise ValueError
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"must be a date such as 2026-12-24, not {_shown(value)}") from None


class _DatesAsWritten(RoundTripConstructor):
    """Leaves dates as text, so that an impossible one is a problem of its key and not of the whole file."""


_DatesAsWritten.add_constructor("tag:yaml.org,2002:timestamp", RoundTripConstructor.construct_scalar)


def load_organization(path: str | Path) -> Organization:
    """The clinic that the file describes. OrganizationError names every problem with its line and key."""
    file = str(path)
    tree = _read(Path(path), file)
    try:
        plain = _plain(tree)
        return Organization.parse_obj(plain)
    except ValidationError as error:
        problems = [_problem(file, tree, plain, found) for found in error.errors()]
        raise OrganizationError(sorted(problems, key=lambda problem: (problem.line or 0, problem.key or ""))) from None
    except RecursionError:
        raise OrganizationError([Problem(file, 1, None, "refers to itself and has no end")]) from None


def display_phone(e164: str) -> str:
    """A phone number as people write it: "+12125550142" is "(212) 555-0142". ValueError when it is no number."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException as error:
        raise ValueError("not a phone number in E.164") from error
    american = number.country_code == 1
    style = phonenumbers.PhoneNumberFormat.NATIONAL if american else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)


def public_holidays(state: str, year: int) -> Mapping[date, frozenset[str]]:
    """The public holidays of a state in a year, each day with the names it bears.

    A holiday that falls on a weekend is there a second time, under the same name, on the weekday of its observance.
    """
    found = holiday_library.country_holidays("US", subdiv=state, years=year, expand=False, language="en_US")
    return {
        day: frozenset(name.removesuffix(" (observed)") for name in found.get_list(day))
        for day in found
        if day.year == year
    }


def _holiday_names(state: str) -> set[str]:
    years = range(_HOLIDAY_NAMES_FROM, _HOLIDAY_NAMES_TO + 1)
    return {name for year in years for names in public_holidays(state, year).values() for name in names}


def _time_of_day(value: Any) -> time:
    if not isinstance(value, str) or not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        raise ValueError(f'must be a time such as "08:00", not {_shown(value)}')
    return time.fromisoformat(value)


def _not_before(days: int, values: dict[str, Any], earlier: str) -> int:
    if days < values.get(earlier, days):
        raise ValueError(f'must not be fewer than "{earlier}", which is {values[earlier]}')
    return days


def _read(path: Path, file: str) -> Any:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise OrganizationError([Problem(file, None, None, f"cannot be read: {error.strerror or error}")]) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise OrganizationError([Problem(file, line, None, "is not UTF-8 text")]) from error
    try:
        reader = YAML(typ="rt")
        reader.Constructor = _DatesAsWritten
        tree = reader.load(text)
    except MarkedYAMLError as error:
        raise OrganizationError([_broken_yaml(file, error)]) from error
    except (YAMLError, ValueError) as error:
        position = getattr(error, "position", None)
        line = text[:position].count("\n") + 1 if isinstance(position, int) else 1
        raise OrganizationError([Problem(file, line, None, "is not YAML that can be read")]) from error
    except RecursionError as error:
        raise OrganizationError([Problem(file, 1, None, "is nested too deeply")]) from error
    if not isinstance(tree, dict):
        fault = "is empty" if tree is None else 'must be a list of settings, each "key: value"'
        raise OrganizationError([Problem(file, 1, None, fault)])
    return tree


def _broken_yaml(file: str, error: MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    fault = " ".join(str(error.problem or error.context or "cannot be read").split())
    twice = re.match(r'found duplicate key "(.*?)"', fault)
    if twice:
        return Problem(file, line, twice[1], "is there twice")
    return Problem(file, line, None, f"is not correct YAML here: {fault}")


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    if isinstance(node, float):
        return float(node)
    return node


def _problem(file: str, tree: Any, plain: Any, found: Mapping[str, Any]) -> Problem:
    location = found["loc"]
    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in location)
    return Problem(file, _line(tree, location), key, _fault(found, location, _at(plain, location)))


def _line(tree: Any, location: Sequence[str | int]) -> int:
    """The line of the key, or of the nearest group around it when the key itself is not in the file."""
    line, node = 1, tree
    for part in location:
        places = getattr(getattr(node, "lc", None), "data", None) or {}
        if part not in places:
            break
        line, node = places[part][0] + 1, node[part]
    return line


def _at(plain: Any, location: Sequence[str | int]) -> Any:
    for part in location:
        try:
            plain = plain[part]
        except (LookupError, TypeError):
            return None
    return plain


def _fault(found: Mapping[str, Any], location: Sequence[str | int], value: Any) -> str:
    kind, details = found["type"], found.get("ctx", {})
    if kind == "value_error.extra":
        return f"is not a setting that Bedside knows{_meant(str(location[-1]), _siblings(location))}"
    if kind == "value_error":
        return str(found["msg"])
    if value is None and kind != "value_error.missing":
        return "must not be empty"
    grouped = isinstance(value, (dict, list))
    faults = {
        "value_error.missing": "is missing",
        "type_error.integer": f"must be a whole number, not {_shown(value)}",
        "type_error.float": f"must be a number with a decimal point such as 0.6, not {_shown(value)}",
        "type_error.str": f"must be text, not {_shown(value)}{'' if grouped else '; put it in quotes'}",
        "value_error.strictbool": f"must be true or false, not {_shown(value)}",
        "type_error.dict": f"must be a group of settings, not {_shown(value)}",
        "type_error.tuple": f"must be a list, not {_shown(value)}",
        "value_error.any_str.min_length": "must not be empty",
        "value_error.str.regex": f"must be {_FORMS.get(str(location[-1]), _NUMBER)}, not {_shown(value)}",
        "value_error.number.not_ge": f"must be at least {details.get('limit_value')}, not {_shown(value)}",
        "value_error.number.not_le": f"must be at most {details.get('limit_value')}, not {_shown(value)}",
        "value_error.number.not_gt": f"must be more than {details.get('limit_value')}, not {_shown(value)}",
        "value_error.number.not_lt": f"must be less than {details.get('limit_value')}, not {_shown(value)}",
    }
    return faults.get(kind, f"cannot be {_shown(value)}: {found['msg']}")


_NUMBER = "a short number such as 911"
_KEY = "a key of small letters, digits and _ such as fasting"
_FORMS = {"directions": _KEY, "preparation": _KEY}
"""What the text of a key must look like, for the fault of one that looks different."""


def _siblings(location: Sequence[str | int]) -> list[str]:
    model: type[BaseModel] = Organization
    for part in location[:-1]:
        field: ModelField | None = model.__fields__.get(part) if isinstance(part, str) else None
        if field is not None:
            model = field.type_
    return list(model.__fields__)


def _meant(word: str, known: Sequence[str] | set[str]) -> str:
    close = difflib.get_close_matches(word, sorted(known), n=1)
    return f"; perhaps {close[0]} is meant" if close else ""


def _shown(value: Any) -> str:
    """A value as a person would point at it."""
    if isinstance(value, dict):
        return "a group of settings"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "nothing"
    text = " ".join(str(value).split())
    return f'"{text[:60]}"' if isinstance(value, str) else text[:60]
