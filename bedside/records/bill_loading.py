"""What a clinic's file says of bills beyond their charges: what must hold of it, and the rows it becomes.

Each charge has to add up to the cent: its payers, its discounts, and the reasons why the rest is the patient's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bedside.records.accounts import SHARES
from bedside.records.billing_tables import (
    Adjustment,
    AssistanceProgram,
    ChargeDetail,
    ChargeShare,
    CollectionStatus,
    Credit,
    Fee,
    PayerPayment,
    Refund,
)
from bedside.records.clinic_file import Entry
from bedside.records.tables import Charge, Statement

Fault = tuple[Entry, str, str]
"""A mistake: the group, the key it is about, and what is wrong."""

LOADED = "loading"
_DETAILS = ("provider", "place", "visit_type")


# What must hold ----------------------------------------------------------------------------------------------------


def bill_faults(statement: Entry) -> Iterator[Fault]:
    """Every mistake in a statement that the charges' own figures don't show."""
    for charge in statement.lists["charges"]:
        yield from _share_faults(charge)
        yield from _payer_faults(charge)
        yield from _after_faults(charge)
    previous = statement.get("issued_on")
    for step in statement.lists["collections"]:
        if step.has("since"):
            if previous is not None and step.get("since") < previous:
                yield step, "since", "must not be before issued_on of the statement or the step before it"
            previous = step.get("since")


def program_faults(program: Entry) -> Iterator[Fault]:
    """Every mistake in a program of assistance."""
    full, most = program.get("full_help_up_to_percent"), program.get("income_up_to_percent")
    if full is not None and (most is None or full > most):
        yield program, "full_help_up_to_percent", "must not be more than income_up_to_percent"
    if program.has("starts_on", "ends_on") and program.get("ends_on") < program.get("starts_on"):
        yield program, "ends_on", "must not be before starts_on"


def _share_faults(charge: Entry) -> Iterator[Fault]:
    given = [key for key in SHARES if charge.has(key)]
    if not given or not charge.has("patient_part"):
        return
    total = sum(charge.get(key) for key in given)
    if total != charge.get("patient_part"):
        sums = f"deductible + copay + coinsurance + not_covered, which is {_dollars(total)}"
        yield charge, "patient_part", f"must be {sums}, not {_dollars(charge.get('patient_part'))}"


def _payer_faults(charge: Entry) -> Iterator[Fault]:
    payers, discounts = charge.lists["payers"], charge.lists["discounts"]
    if not (payers or discounts) or not charge.has("insurance_paid", "adjustment"):
        return
    if not all(one.has("paid", "adjustment", "rank") for one in payers) or not all(
        one.has("amount") for one in discounts
    ):
        return
    for rank, one in enumerate(_in_order(payers), 1):
        if one.get("rank") != rank:
            yield one, "rank", "must be 1 for the payer who pays first, 2 for the second, and so on"
            return
    paid, off = sum(one.get("paid") for one in payers), sum(one.get("adjustment") for one in payers)
    off += sum(one.get("amount") for one in discounts)
    if payers and paid != charge.get("insurance_paid"):
        yield charge, "insurance_paid", f"must be what the payers paid, which is {_dollars(paid)}"
    elif off != charge.get("adjustment"):
        yield charge, "adjustment", f"must be what payers and discounts take off, which is {_dollars(off)}"
    for one in payers:
        if (
            one.has("explained_on")
            and charge.has("service_date")
            and one.get("explained_on") < charge.get("service_date")
        ):
            yield one, "explained_on", "must not be before service_date of the charge"


def _after_faults(charge: Entry) -> Iterator[Fault]:
    refunds, credits_ = charge.lists["refunds"], charge.lists["credits"]
    paid = sum(one.get("amount") or 0 for one in charge.lists["payments"])
    if sum(one.get("amount") or 0 for one in refunds) > paid:
        yield charge, "refunds", "must not give back more than the payments of the charge"
    if charge.has("patient_part") and sum(one.get("amount") or 0 for one in credits_) > charge.get("patient_part"):
        yield charge, "credits", "must not take off more than patient_part"


# The rows ----------------------------------------------------------------------------------------------------------


def charge_rows(entry: Entry, charge: Charge) -> list[Any]:
    """What is written beside a charge, in the order of the file's keys; nothing for what the file doesn't say."""
    rows: list[Any] = []
    if any(entry.has(key) for key in _DETAILS):
        rows.append(ChargeDetail(charge_id=charge.id, **{key: entry.get(key) for key in _DETAILS}))
    if any(entry.has(key) for key in SHARES):
        parts = {f"{key}_cents": entry.get(key) or 0 for key in SHARES}
        rows.append(ChargeShare(charge_id=charge.id, patient_cents=charge.patient_cents, **parts))
    if entry.has("fee"):
        rows.append(Fee(charge_id=charge.id, kind=entry.get("fee")))
    discounts = entry.lists["discounts"]
    rows += [Adjustment(charge_id=charge.id, kind=one.get("kind"), amount_cents=one.get("amount")) for one in discounts]
    asked = charge.charged_cents - sum(one.get("amount") for one in discounts)
    for one in _in_order(entry.lists["payers"]):
        left = asked - one.get("adjustment") - one.get("paid")
        rows.append(
            PayerPayment(
                charge_id=charge.id,
                payer=one.get("payer"),
                rank=one.get("rank"),
                asked_cents=asked,
                adjusted_cents=one.get("adjustment"),
                paid_cents=one.get("paid"),
                left_cents=left,
                says_owed_cents=one.get("patient_owes"),
                explained_on=one.get("explained_on"),
                reached_maximum=one.get("reached_maximum"),
            )
        )
        asked = left
    rows += [
        Refund(charge_id=charge.id, refunded_on=one.get("refunded_on"), amount_cents=one.get("amount"))
        for one in entry.lists["refunds"]
    ]
    rows += [
        Credit(
            charge_id=charge.id,
            kind=one.get("kind"),
            made_on=one.get("made_on"),
            made_by=one.get("made_by"),
            amount_cents=one.get("amount"),
        )
        for one in entry.lists["credits"]
    ]
    return rows


def after_rows(entry: Entry, statement: Statement) -> list[CollectionStatus]:
    """The steps of a statement towards a collection agency."""
    return [
        CollectionStatus(
            statement_id=statement.id,
            status=one.get("status"),
            since=one.get("since"),
            agency=one.get("agency"),
            actor=LOADED,
        )
        for one in entry.lists["collections"]
    ]


def program_row(entry: Entry) -> AssistanceProgram:
    """A program of assistance."""
    values = {key: value for key, value in entry.values.items() if key != "least_balance"}
    lists = {key: list(entry.get(key)) for key in ("counties", "documents")}
    return AssistanceProgram(**{**values, **lists}, least_balance_cents=entry.get("least_balance"))


def _in_order(payers: Sequence[Entry]) -> list[Entry]:
    return sorted(payers, key=lambda one: int(one.get("rank") or 0))


def _dollars(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"
