"""Reads the file of a clinic's people, calendars and statements; the format is in docs/loading.md.

Every value is read from the text as it stands in the file, so that 0042 stays four digits and 1420.00 stays exact. A
mistake says where it is and what is expected, and never repeats what the file says about a person (R3).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bedside.organization import Problem

TELEHEALTH = "telehealth"
"""The location of a visit by video; every other location is a key of the clinic's configuration."""

CONTACT_KINDS = ("phone", "email", "address")
RELATIONS = (
    "parent",
    "guardian",
    "spouse",
    "child",
    "power_of_attorney",
    "health_care_proxy",
    "executor",
    "other",
)
INFORMATION_KINDS = ("appointments", "billing", "insurance", "records", "clinical")
APPOINTMENT_STATUSES = ("booked", "confirmed", "moved", "cancelled", "kept", "missed")
AUTHORIZATION_STATUSES = (
    "not_needed",
    "needed",
    "being_prepared",
    "sent",
    "pending",
    "pending_information",
    "approved",
    "denied",
    "expired",
)
CLAIM_STATUSES = (
    "sent",
    "received",
    "in_process",
    "information_requested",
    "paid",
    "partly_paid",
    "denied",
    "reversed",
)
PAYER_KINDS = ("commercial", "medicare", "medicaid", "marketplace")
REACHED_BY = ("portal", "clearinghouse", "phone", "fax")
PLAN_KINDS = (
    "hmo",
    "ppo",
    "epo",
    "pos",
    "high_deductible",
    "medicare",
    "medicare_advantage",
    "medicare_supplement",
    "medicaid",
    "other_plan",
)
NETWORKS = ("in", "out")
HOLDER_RELATIONS = ("self", "spouse", "parent", "other")
HELD_THROUGH = ("active_job", "retirement", "cobra", "own_policy", "government", "unknown")
DENIAL_REASONS = (
    "not_medically_necessary",
    "no_authorization",
    "out_of_network",
    "not_covered",
    "information_missing",
    "filed_too_late",
    "duplicate",
    "not_active",
    "experimental",
    "other_payer_first",
    "coding",
    "not_on_file",
)
APPEAL_LEVELS = ("internal_1", "internal_2", "external")
APPEAL_STATUSES = ("asked", "filed", "won", "partly_won", "lost", "withdrawn")
INFORMATION_ASKED = (
    "visit_notes",
    "test_results",
    "treatment_history",
    "doctor_letter",
    "other_insurance",
    "accident_details",
)
RESULT_STATUSES = ("pending", "final")
FEES = ("no_show", "late_cancellation", "late_payment", "form")
DISCOUNTS = ("discount", "courtesy")
CREDITS = ("correction", "assistance", "courtesy", "waiver")
COLLECTIONS = ("final_notice", "referred", "paused", "recalled", "settled")
INSURANCE = ("any", "insured", "uninsured")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_NULL = "tag:yaml.org,2002:null"

Read = Callable[[str], Any]
"""Makes a value of the text in the file; raises ValueError with what is expected, which never repeats the text."""


@dataclass(frozen=True)
class Key:
    """One key of a group: how its text is read, whether it must be there, and its value when it is not."""

    read: Read
    required: bool = False
    default: Any = None
    many: bool = False


@dataclass(frozen=True)
class Group:
    """The keys that a group of the file may have; `lists` are the lists of further groups in it."""

    keys: Mapping[str, Key] = field(default_factory=dict)
    lists: Mapping[str, Group] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One group as it was read. A key whose text could not be read is not in `values`."""

    line: int
    path: str
    values: Mapping[str, Any]
    lines: Mapping[str, int]
    lists: Mapping[str, Sequence[Entry]]

    def get(self, key: str) -> Any:
        """The value of a key; None where it is absent or was a mistake."""
        return self.values.get(key)

    def has(self, *keys: str) -> bool:
        """Whether each of these keys has a value that could be read."""
        return all(self.values.get(key) is not None for key in keys)

    def line_of(self, key: str) -> int:
        """The line of a key, or of the group when the key is not written."""
        return self.lines.get(key, self.line)

    def name_of(self, key: str) -> str:
        """The key with the path to it, as mistakes name it."""
        return f"{self.path}.{key}" if self.path else key


class ClinicFileError(Exception):
    """The file can't be used. `problems` has every mistake, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line or 0))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def read_clinic_file(path: Path, tz: ZoneInfo, locations: Collection[str], today: date) -> tuple[Entry, list[Problem]]:
    """What the file says, and every mistake in it. `tz` is the clinic's zone, `locations` its keys, `today` local.

    Raise ClinicFileError at once when it can't be read as YAML at all.
    """
    reader = _Reader(str(path))
    root = _compose(path)
    if not isinstance(root, MappingNode):
        fault = "is empty" if root is None or root.tag == _NULL else "must hold keys such as patients and providers"
        raise ClinicFileError([Problem(str(path), 1, None, fault)])
    return reader.group(root, clinic_format(tz, locations, today), ""), reader.problems


def clinic_format(tz: ZoneInfo, locations: Collection[str], today: date) -> Group:
    """Every key of the format, with how it is read."""
    day = Key(_day)
    needed_day = Key(_day, required=True)
    moment = Key(lambda written: read_moment(written, tz), required=True)
    place = Key(_one_of((*sorted(locations), TELEHEALTH)), required=True)
    money = Key(read_money, required=True)
    share = Key(read_money, default=0)
    length = Key(_whole_number(1, 24 * 60), default=30)
    provider = Group(
        {
            "name": Key(_text(120), required=True),
            "specialty": Key(_text(80), required=True),
            "other_specialties": Key(_text(80), default=(), many=True),
            "accepting_new": Key(_yes_or_no, default=True),
            "telehealth": Key(_yes_or_no, default=False),
        },
        {
            "weekly": Group(
                {
                    "weekdays": Key(_one_of(WEEKDAYS), required=True, many=True),
                    "from": Key(_hour, required=True),
                    "to": Key(_hour, required=True),
                    "minutes": length,
                    "location": place,
                    "room": Key(_text(40)),
                    "visit_type": Key(_text(80), required=True),
                    "starts_on": day,
                    "ends_on": day,
                }
            ),
            "away": Group({"starts_on": needed_day, "ends_on": needed_day}),
        },
    )
    payment = Group({"paid_on": needed_day, "amount": Key(_positive_money, required=True)})
    charge = Group(
        {
            "service_date": needed_day,
            "description": Key(_text(200), required=True),
            "charged": money,
            "insurance_paid": share,
            "adjustment": share,
            "patient_part": money,
            "deductible": Key(read_money),
            "copay": Key(read_money),
            "coinsurance": Key(read_money),
            "not_covered": Key(read_money),
            "provider": Key(_text(120)),
            "place": Key(_text(120)),
            "visit_type": Key(_text(80)),
            "fee": Key(_one_of(FEES)),
        },
        {
            "payments": payment,
            "payers": Group(
                {
                    "payer": Key(_text(120), required=True),
                    "rank": Key(_whole_number(1, 9), default=1),
                    "paid": money,
                    "adjustment": share,
                    "patient_owes": Key(read_money),
                    "explained_on": day,
                    "reached_maximum": Key(_yes_or_no, default=False),
                }
            ),
            "discounts": Group(
                {"kind": Key(_one_of(DISCOUNTS), required=True), "amount": Key(_positive_money, required=True)}
            ),
            "refunds": Group({"refunded_on": needed_day, "amount": Key(_positive_money, required=True)}),
            "credits": Group(
                {
                    "kind": Key(_one_of(CREDITS), required=True),
                    "made_on": needed_day,
                    "made_by": Key(_text(120), required=True),
                    "amount": Key(_positive_money, required=True),
                }
            ),
        },
    )
    patient = Group(
        {
            "reference": Key(_text(40), required=True),
            "full_name": Key(_text(200), required=True),
            "birth_date": Key(lambda written: _birth_date(written, today), required=True),
            "died_on": day,
            "language": Key(_language, default="en"),
            "ssn_last4": Key(_last4),
            "account": Key(read_account),
            "portal": Key(_yes_or_no, default=False),
        },
        {
            "contacts": Group(
                {
                    "kind": Key(_one_of(CONTACT_KINDS), required=True),
                    "value": Key(_text(300), required=True),
                    "belongs_to": Key(_text(40), default="self"),
                    "sms_consent": Key(_yes_or_no, default=False),
                }
            ),
            "representatives": Group(
                {
                    "full_name": Key(_text(200), required=True),
                    "relation": Key(_one_of(RELATIONS), required=True),
                    "reference": Key(_text(40)),
                    "kinds": Key(_one_of(INFORMATION_KINDS), required=True, many=True),
                    "starts_on": day,
                    "ends_on": day,
                }
            ),
            "coverages": _coverage_format(),
            "authorizations": _authorization_format(tz),
            "claims": _claim_format(),
            "prescriptions": Group(
                {
                    "medicine": Key(_text(120), required=True),
                    "refills_left": Key(_whole_number(0, 99), required=True),
                    "refill_possible": Key(_yes_or_no, required=True),
                }
            ),
            "results": Group(
                {
                    "name": Key(_text(120), required=True),
                    "status": Key(_one_of(RESULT_STATUSES), required=True),
                    "released": Key(_yes_or_no, default=False),
                }
            ),
            "appointments": Group(
                {
                    "provider": Key(_text(120), required=True),
                    "starts_at": moment,
                    "minutes": length,
                    "location": place,
                    "room": Key(_text(40)),
                    "visit_type": Key(_text(80), required=True),
                    "status": Key(_one_of(APPOINTMENT_STATUSES), default="booked"),
                }
            ),
            "referrals": Group(
                {
                    "specialty": Key(_text(80), required=True),
                    "referred_by": Key(_text(120)),
                    "starts_on": day,
                    "ends_on": day,
                }
            ),
            "statements": Group(
                {"number": Key(_text(40), required=True), "issued_on": needed_day},
                {
                    "charges": charge,
                    "collections": Group(
                        {
                            "status": Key(_one_of(COLLECTIONS), required=True),
                            "since": needed_day,
                            "agency": Key(_text(120)),
                        }
                    ),
                },
            ),
        },
    )
    return Group(
        lists={
            "providers": provider,
            "openings": Group(
                {
                    "provider": Key(_text(120), required=True),
                    "starts_at": moment,
                    "minutes": length,
                    "location": place,
                    "room": Key(_text(40)),
                    "visit_type": Key(_text(80), required=True),
                }
            ),
            "patients": patient,
            "payers": _payer_format(locations),
            "assistance_programs": Group(
                {
                    "key": Key(_text(40), required=True),
                    "name": Key(_text(120), required=True),
                    "name_es": Key(_text(120), required=True),
                    "income_up_to_percent": Key(_whole_number(1, 2000)),
                    "full_help_up_to_percent": Key(_whole_number(1, 2000)),
                    "insurance": Key(_one_of(INSURANCE), default="any"),
                    "counties": Key(_text(60), default=(), many=True),
                    "least_household": Key(_whole_number(1, 30)),
                    "least_balance": Key(_positive_money),
                    "documents": Key(_text(40), default=(), many=True),
                    "starts_on": day,
                    "ends_on": day,
                }
            ),
        }
    )


def _payer_format(locations: Collection[str]) -> Group:
    days, hours, day = Key(_whole_number(1, 365)), Key(_whole_number(1, 24 * 30)), Key(_day)
    return Group(
        {
            "name": Key(_text(120), required=True),
            "also_called": Key(_text(120), default=(), many=True),
            "kind": Key(_one_of(PAYER_KINDS), required=True),
            "member_phone": Key(lambda written: read_contact("phone", written)),
            "reached_by": Key(_one_of(REACHED_BY), default="portal"),
            "authorization_days_least": days,
            "authorization_days_most": days,
            "urgent_hours_least": hours,
            "urgent_hours_most": hours,
            "claim_days_least": days,
            "claim_days_most": days,
            "appeal_days": days,
        },
        {
            "plans": Group(
                {
                    "name": Key(_text(120), required=True),
                    "kind": Key(_one_of(PLAN_KINDS), required=True),
                    "referral_needed": Key(_yes_or_no, default=False),
                },
                {
                    "network": Group(
                        {
                            "provider": Key(_text(120)),
                            "location": Key(_one_of((*sorted(locations), TELEHEALTH))),
                            "in_network": Key(_yes_or_no, default=True),
                            "starts_on": day,
                            "ends_on": day,
                        }
                    ),
                    "benefits": Group(
                        {
                            "services": Key(_text(80), required=True, many=True),
                            "network": Key(_one_of(NETWORKS), default="in"),
                            "covered": Key(_yes_or_no, default=True),
                            "copay": Key(read_money, default=0),
                            "coinsurance_percent": Key(_whole_number(0, 100), default=0),
                            "deductible_applies": Key(_yes_or_no, default=False),
                            "authorization_needed": Key(_yes_or_no, default=False),
                            "yearly_limit": Key(_whole_number(0, 999)),
                            "starts_on": day,
                            "ends_on": day,
                        }
                    ),
                },
            )
        },
    )


def _coverage_format() -> Group:
    day, needed_day, money, met = Key(_day), Key(_day, required=True), Key(read_money), Key(read_money, default=0)
    return Group(
        {
            "payer": Key(_text(120), required=True),
            "plan": Key(_text(120), required=True),
            "member_id": Key(_text(60)),
            "group_number": Key(_text(60)),
            "holder_name": Key(_text(200)),
            "holder_relation": Key(_one_of(HOLDER_RELATIONS), default="self"),
            "holder_birth_date": Key(_day),
            "held_through": Key(_one_of(HELD_THROUGH), default="unknown"),
            "large_employer": Key(_yes_or_no),
            "rank": Key(_whole_number(1, 9), default=1),
            "starts_on": day,
            "ends_on": day,
            "verified_on": day,
        },
        {
            "years": Group(
                {
                    "starts_on": needed_day,
                    "ends_on": needed_day,
                    "deductible": money,
                    "deductible_met": met,
                    "family_deductible": money,
                    "family_deductible_met": met,
                    "out_of_pocket": money,
                    "out_of_pocket_met": met,
                    "family_out_of_pocket": money,
                    "family_out_of_pocket_met": met,
                    "as_of": day,
                },
                {
                    "used": Group(
                        {
                            "service": Key(_text(80), required=True),
                            "visits": Key(_whole_number(0, 999), required=True),
                        }
                    )
                },
            )
        },
    )


def _authorization_format(tz: ZoneInfo) -> Group:
    day = Key(_day)
    return Group(
        {
            "service": Key(_text(200), required=True),
            "service_kind": Key(_text(80)),
            "status": Key(_one_of(AUTHORIZATION_STATUSES), required=True),
            "payer": Key(_text(120)),
            "urgent": Key(_yes_or_no, default=False),
            "provider": Key(_text(120)),
            "visit_at": Key(lambda written: read_moment(written, tz)),
            "number": Key(_text(60)),
            "information_asked": Key(_one_of(INFORMATION_ASKED), default=(), many=True),
            "information_due_on": day,
            "sent_on": day,
            "decided_on": day,
            "valid_from": day,
            "valid_to": day,
        },
        {"events": _event_format(AUTHORIZATION_STATUSES), "denials": _denial_format()},
    )


def _claim_format() -> Group:
    day, needed_day = Key(_day), Key(_day, required=True)
    money, needed_money = Key(read_money), Key(read_money, required=True)
    return Group(
        {
            "service_date": needed_day,
            "status": Key(_one_of(CLAIM_STATUSES), required=True),
            "payer": Key(_text(120)),
            "statement": Key(_text(40)),
            "number": Key(_text(60)),
            "billed": money,
            "information_asked": Key(_one_of(INFORMATION_ASKED), default=(), many=True),
            "sent_on": day,
            "received_on": day,
            "decided_on": day,
        },
        {
            "events": _event_format(CLAIM_STATUSES),
            "denials": _denial_format(),
            "remittances": Group(
                {
                    "explained_on": needed_day,
                    "billed": needed_money,
                    "paid": needed_money,
                    "adjustment": Key(read_money, default=0),
                    "patient_part": needed_money,
                }
            ),
        },
    )


def _event_format(statuses: Sequence[str]) -> Group:
    return Group({"status": Key(_one_of(statuses), required=True), "on": Key(_day, required=True)})


def _denial_format() -> Group:
    day = Key(_day)
    return Group(
        {
            "reason": Key(_one_of(DENIAL_REASONS), required=True),
            "noticed_on": Key(_day, required=True),
            "appeal_days": Key(_whole_number(1, 365)),
        },
        {
            "appeals": Group(
                {
                    "level": Key(_one_of(APPEAL_LEVELS), required=True),
                    "status": Key(_one_of(APPEAL_STATUSES), required=True),
                    "expedited": Key(_yes_or_no, default=False),
                    "noticed_on": Key(_day, required=True),
                    "file_by": Key(_day, required=True),
                    "filed_on": day,
                    "decided_on": day,
                }
            )
        },
    )


# What a value must look like ---------------------------------------------------------------------------------------


def read_money(written: str) -> int:
    """Dollars and cents such as 1420.00, as cents. Always two decimals, so that dollars and cents can't be mixed up."""
    found = re.fullmatch(r"([0-9]{1,7})\.([0-9]{2})", written, re.ASCII)
    if not found:
        raise ValueError("must be dollars with two decimals and nothing else, such as 1420.00")
    return int(found[1]) * 100 + int(found[2])


def read_account(written: str) -> str:
    """An account number in the one form that is compared: A-2204417."""
    found = re.fullmatch(r"A[\s-]?([0-9]{7})", written, re.ASCII | re.IGNORECASE)
    if not found:
        raise ValueError("must be an A and seven digits, such as A-2204417")
    return f"A-{found[1]}"


def read_moment(written: str, tz: ZoneInfo) -> datetime:
    """A local day and time such as "2026-12-02 10:30", as UTC.

    An offset from UTC is needed only in the hour that the clocks go back over; a time they jump over is a mistake.
    """
    expected = "must be a day and a time at the clinic, such as 2026-12-02 10:30"
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)([+-]\d\d:\d\d)?", written, re.ASCII)
    if not found:
        raise ValueError(expected)
    try:
        local = datetime.fromisoformat(f"{found[1]}T{found[2]}")
        if found[3]:
            return datetime.fromisoformat(f"{found[1]}T{found[2]}{found[3]}").astimezone(timezone.utc)
        early, late = (local.replace(tzinfo=tz, fold=fold).astimezone(timezone.utc) for fold in (0, 1))
    except (ValueError, OverflowError):
        raise ValueError(expected) from None
    if early == late:
        return early
    if early.astimezone(tz).replace(tzinfo=None) == local:
        raise ValueError("happens twice that night: add the offset from UTC, such as 2026-11-01 01:30-04:00")
    raise ValueError("does not exist: the clocks jump over it that night")


def _positive_money(written: str) -> int:
    cents = read_money(written)
    if not cents:
        raise ValueError("must be more than 0.00")
    return cents


def _text(limit: int) -> Read:
    def read(written: str) -> str:
        words = " ".join(written.split())
        if not words or not words.isprintable() or len(words) > limit:
            raise ValueError(f"must be text of 1 to {limit} characters")
        return words

    return read


def _one_of(words: Sequence[str]) -> Read:
    def read(written: str) -> str:
        if written not in words:
            close = difflib.get_close_matches(written.lower(), words, n=1)
            meant = f"; perhaps {close[0]} is meant" if close else ""
            raise ValueError(f"must be {'one of ' * (len(words) > 1)}{', '.join(words)}{meant}")
        return written

    return read


def _whole_number(least: int, most: int) -> Read:
    def read(written: str) -> int:
        number = int(written) if re.fullmatch(r"[0-9]{1,9}", written, re.ASCII) else None
        if number is None or not least <= number <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return number

    return read


def _yes_or_no(written: str) -> bool:
    if written not in ("true", "false"):
        raise ValueError("must be true or false")
    return written == "true"


def _day(written: str) -> date:
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", written, re.ASCII):
            raise ValueError
        return date.fromisoformat(written)
    except ValueError:
        raise ValueError("must be a day that exists, written like 2026-12-24") from None


def _hour(written: str) -> str:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", written, re.ASCII):
        raise ValueError('must be a time of day at the clinic, in quotes, such as "09:00"')
    return written


def _birth_date(written: str, today: date) -> date:
    day = _day(written)
    if day.year < 1880 or day > today:
        raise ValueError("must be a day from 1880 up to today, written like 1958-06-14")
    return day


def _language(written: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}", written, re.ASCII):
        raise ValueError("must be the code of a language, such as en or es")
    return written


def _last4(written: str) -> str:
    if not re.fullmatch(r"[0-9]{4}", written, re.ASCII) or written == "0000":
        raise ValueError("must be the last four digits of the SSN and no more")
    return written


def read_contact(kind: str, written: str) -> str:
    """A phone number in E.164, an email address, or an address as it is. ValueError says what is expected."""
    if kind == "phone":
        try:
            known = re.fullmatch(r"\+[1-9][0-9]{6,14}", written, re.ASCII) and phonenumbers.is_valid_number(
                phonenumbers.parse(written)
            )
        except phonenumbers.NumberParseException:
            known = False
        if not known:
            raise ValueError("must be a phone number that can exist, such as +12125550142")
    if kind == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", written):
        raise ValueError("must be an email address")
    return written


# The shape of the file ---------------------------------------------------------------------------------------------


def _compose(path: Path) -> Node | None:
    file = str(path)
    try:
        written = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ClinicFileError([Problem(file, None, None, f"cannot be read: {error.strerror or error}")]) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ClinicFileError([Problem(file, line, None, "is not UTF-8 text")]) from None
    try:
        return YAML(typ="safe", pure=True).compose(written)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ClinicFileError([Problem(file, line, None, f"is not correct YAML here: {_yaml_fault(error)}")]) from None
    except (YAMLError, RecursionError) as error:
        position = getattr(error, "position", None)
        line = written[:position].count("\n") + 1 if isinstance(position, int) else 1
        raise ClinicFileError([Problem(file, line, None, "is not YAML that can be read")]) from None


def _yaml_fault(error: MarkedYAMLError) -> str:
    """The reason in one line, without the quotation of the file that the library may add."""
    fault = " ".join(str(error.problem or error.context or "it cannot be read").split())
    return re.sub(r"\s*['\"].*['\"]", "", fault)


class _Reader:
    """Walks the nodes of one file and collects the mistakes."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def group(self, node: MappingNode, form: Group, path: str) -> Entry:
        values: dict[str, Any] = {name: key.default for name, key in form.keys.items() if not key.required}
        lines: dict[str, int] = {}
        lists: dict[str, Sequence[Entry]] = dict.fromkeys(form.lists, ())
        for key_node, value in node.value:
            name = str(key_node.value) if isinstance(key_node, ScalarNode) else "?"
            where = f"{path}.{name}" if path else name
            line = _line(key_node)
            if name not in form.keys and name not in form.lists:
                self._unknown(name, form, path, line)
                continue
            if name in lines:
                self._add(line, where, f"is there twice; the first is on line {lines[name]}")
                continue
            lines[name] = line
            if name in form.lists:
                lists[name] = tuple(self._entries(value, form.lists[name], where, line))
            elif form.keys[name].many:
                self._several(value, form.keys[name].read, where, line, name, values)
            else:
                self._one(value, form.keys[name].read, where, line, name, values)
        for name, key in form.keys.items():
            if key.required and name not in lines:
                self._add(_line(node), f"{path}.{name}" if path else name, "is missing")
        return Entry(_line(node), path, values, lines, lists)

    def _unknown(self, name: str, form: Group, path: str, line: int) -> None:
        known = [*form.keys, *form.lists]
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"perhaps {close[0]} is meant" if close else f"the keys here are {', '.join(known)}"
        if re.fullmatch(r"[a-z_][a-z0-9_]{0,39}", name):
            self._add(line, f"{path}.{name}" if path else name, f"is not a key that Bedside knows; {hint}")
        else:
            self._add(line, path or None, f"has something here that is not a key; {hint}")

    def _one(self, node: Node, read: Read, where: str, line: int, name: str, values: dict[str, Any]) -> None:
        values.pop(name, None)
        if not isinstance(node, ScalarNode):
            self._add(line, where, "must be a single value")
        elif node.tag == _NULL or not str(node.value).strip():
            self._add(line, where, "must not be empty; leave the key out when there is nothing to say")
        else:
            try:
                values[name] = read(str(node.value).strip())
            except ValueError as error:
                self._add(line, where, str(error))

    def _several(self, node: Node, read: Read, where: str, line: int, name: str, values: dict[str, Any]) -> None:
        values.pop(name, None)
        if not isinstance(node, SequenceNode) or not node.value:
            self._add(line, where, "must be a list with at least one word, such as [billing]")
            return
        found: dict[str, Any] = {}
        for number, part in enumerate(node.value, 1):
            self._one(part, read, f"{where}.{number}", _line(part), str(number), found)
        values[name] = list(dict.fromkeys(found.values()))

    def _entries(self, node: Node, form: Group, where: str, line: int) -> Iterator[Entry]:
        if not isinstance(node, SequenceNode):
            self._add(line, where, 'must be a list, each entry after a "-"; leave the key out when there is none')
            return
        for number, part in enumerate(node.value, 1):
            if isinstance(part, MappingNode):
                yield self.group(part, form, f"{where}.{number}")
            else:
                self._add(_line(part), f"{where}.{number}", 'must be a group of keys, each "key: value"')

    def _add(self, line: int, key: str | None, fault: str) -> None:
        self.problems.append(Problem(self.file, line, key, fault))


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1
