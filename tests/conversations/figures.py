"""Every sum of money that was said, held against the records of the patient it was said to (BRIEF 3.4)."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from bedside.care import assistance, plans, statements
from bedside.care.context import Care
from bedside.care.plan_rules import left_of_year
from bedside.language.amounts import dollars
from bedside.records import billing_tables, tables
from bedside.records.accounts import account_for_desk
from bedside.records.insurance import insurance_for_desk


def unexplained(care: Care, transcript: str, wanted: dict[str, Any]) -> set[str]:
    """The sums in the transcript that neither the patient's records nor what is computed from them hold.

    `wanted`: the patient's `reference`; `plan`, where payments were offered or agreed; `household`, where ranges of
    income were; `insurance`, where only what insurance does was spoken of.
    """
    known = _of_bills(care, wanted["reference"])
    if wanted.get("insurance"):
        known = _of_insurance(care, wanted["reference"])
    if wanted.get("household"):
        for one in assistance.income_ranges(care, wanted["household"]):
            known |= {one.least_cents, one.most_cents or 0}
    if wanted.get("plan"):
        free = max(known & _payable(care, wanted["reference"]))
        known |= {cents for count in care.organization.billing.plan_months for cents in plans.split(free, count)}
    return set(re.findall(r"\$[\d,]+\.\d\d", transcript)) - {dollars(cents) for cents in known}


def _of_insurance(care: Care, reference: str) -> set[int]:
    with care.store.work() as session:
        patient = session.execute(select(tables.Patient.id).where(tables.Patient.reference == reference)).scalar_one()
        insurance = insurance_for_desk(session, patient, "test", care.now(), "figures")
        found: set[int] = set()
        for policy in insurance.policies():
            found |= {benefit.copay_cents for benefit in policy.benefits}
            for year in policy.years:
                left = left_of_year(year)
                found |= {year.deductible_cents or 0, year.out_of_pocket_cents or 0}
                found |= {left.deductible_cents or 0, left.out_of_pocket_cents or 0}
        for claim in insurance.claims():
            found |= {cents for one in claim.remittances for cents in (one.paid_cents, one.patient_cents)}
    return found


def _bills(care: Care, reference: str) -> list[Any]:
    with care.store.work() as session:
        patient = session.execute(select(tables.Patient.id).where(tables.Patient.reference == reference)).scalar_one()
        return account_for_desk(session, patient, "test", care.now(), "figures").bills()


def _of_bills(care: Care, reference: str) -> set[int]:
    bills = _bills(care, reference)
    total = statements.balance_of(care, bills)
    parts = [part for bill in bills for part in statements.walk(bill, total).parts]
    found = set()
    for thing in (total, *total.statements, *parts):
        found |= {value for name, value in vars(thing).items() if name.endswith("_cents")}
        found |= {cents for _, cents in getattr(thing, "reasons", ())}
    with care.store.reading() as session:
        for table in (tables.Hold, billing_tables.PlanInstalment):
            found |= set(session.execute(select(table.amount_cents)).scalars())
    return found | {bill.sum("owed_cents") for bill in bills}


def _payable(care: Care, reference: str) -> set[int]:
    return {sum(line.payable_cents for bill in _bills(care, reference) for line in bill.lines)}
