"""What a clinic's file says of insurance: what must hold of it, and the rows it becomes.

Payers and plans come first, so that a patient's coverage can name one; requests and claims come after the visits and
bills that they are about.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bedside.records.clinic_file import Entry
from bedside.records.insurance_tables import (
    Appeal,
    AuthorizationEvent,
    BenefitUse,
    ClaimCharge,
    ClaimEvent,
    CoverageYear,
    Denial,
    Payer,
    Plan,
    PlanBenefit,
    PlanNetwork,
    Remittance,
)
from bedside.records.tables import Appointment, Authorization, Charge, Claim, Coverage, Statement

Fault = tuple[Entry, str, str]
"""A mistake: the group, the key it is about, and what is wrong."""

Put = Callable[[Sequence[Any]], None]
"""Writes rows, so that they have their ids, and counts them."""

LOADED = "loading"
NOT_ON_FILE = "not_on_file"
_RANGES = ("authorization_days", "urgent_hours", "claim_days")
_AMOUNTS = ("deductible", "family_deductible", "out_of_pocket", "family_out_of_pocket")
_WITH_INSURER = ("sent", "pending", "pending_information")
_ENDED_APPEALS = ("won", "partly_won", "lost", "withdrawn")


# What must hold of payers ----------------------------------------------------------------------------------------


def payer_faults(payer: Entry) -> Iterator[Fault]:
    """Every mistake in a payer and its plans that can be seen in the file alone."""
    for name in _RANGES:
        least, most = payer.get(f"{name}_least"), payer.get(f"{name}_most")
        if least is not None and most is not None and most < least:
            yield payer, f"{name}_most", f"must not be less than {name}_least"
    for plan in payer.lists["plans"]:
        for row in plan.lists["network"]:
            if not row.has("provider") and not row.has("location"):
                yield row, "provider", "is missing; name a provider, a location, or both"
            yield from _in_order(row, "starts_on", "ends_on")
        yield from _twice(plan.lists["network"], _same_target, "in_network")
        for row in plan.lists["benefits"]:
            yield from _in_order(row, "starts_on", "ends_on")
        yield from _twice(plan.lists["benefits"], _same_service, "services")


def _same_target(row: Entry, other: Entry) -> bool:
    return all(row.get(key) == other.get(key) for key in ("provider", "location"))


def _same_service(row: Entry, other: Entry) -> bool:
    return row.get("network") == other.get("network") and bool(
        set(row.get("services") or ()) & set(other.get("services") or ())
    )


def _twice(rows: Sequence[Entry], same: Callable[[Entry, Entry], bool], said: str) -> Iterator[Fault]:
    for number, row in enumerate(rows):
        for other in rows[:number]:
            if same(row, other) and _overlap(row, other):
                yield row, said, f"must be said once for a day; line {other.line} says it for the same days"
                break


# What must hold of a patient's insurance -------------------------------------------------------------------------


def insurance_faults(patient: Entry) -> Iterator[Fault]:
    """Every mistake in a patient's coverages, requests and claims that can be seen in the file alone."""
    for coverage in patient.lists["coverages"]:
        if coverage.get("holder_relation") not in (None, "self") and not coverage.has("holder_name"):
            yield coverage, "holder_name", "is missing; say who holds the insurance when it isn't the patient"
        yield from _year_faults(coverage)
    named = {one.get("payer") for one in patient.lists["coverages"]}
    numbers = {one.get("number") for one in patient.lists["statements"]}
    visits = {one.get("starts_at") for one in patient.lists["appointments"]}
    for name in ("authorizations", "claims"):
        for row in patient.lists[name]:
            if row.has("payer") and row.get("payer") not in named:
                yield row, "payer", "must be the payer of one of the patient's coverages"
            yield from _history_faults(row)
            yield from _denial_faults(row)
    for row in patient.lists["authorizations"]:
        yield from _in_order(row, "valid_from", "valid_to")
        if row.has("visit_at") and row.get("visit_at") not in visits:
            yield row, "visit_at", "must be when one of the patient's appointments starts"
        if row.get("status") in _WITH_INSURER and not row.has("sent_on"):
            yield row, "sent_on", "is missing; a request that the insurer has was sent on a day"
    for row in patient.lists["claims"]:
        yield from _in_order(row, "sent_on", "received_on")
        yield from _in_order(row, "sent_on", "decided_on")
        if row.has("statement") and row.get("statement") not in numbers:
            yield row, "statement", "must be the number of one of the patient's statements"
        for one in row.lists["remittances"]:
            if one.has("billed", "paid", "adjustment", "patient_part"):
                total = one.get("paid") + one.get("adjustment") + one.get("patient_part")
                if total != one.get("billed"):
                    sums = f"paid + adjustment + patient_part, which is {_dollars(total)}"
                    yield one, "billed", f"must be {sums}, not {_dollars(one.get('billed'))}"


def _year_faults(coverage: Entry) -> Iterator[Fault]:
    years = coverage.lists["years"]
    for number, year in enumerate(years):
        yield from _in_order(year, "starts_on", "ends_on")
        for name in _AMOUNTS:
            if year.get(f"{name}_met") and not year.has(name):
                yield year, f"{name}_met", f"must stand with {name}"
            elif year.has(name, f"{name}_met") and year.get(f"{name}_met") > year.get(name):
                yield year, f"{name}_met", f"must not be more than {name}"
        for other in years[:number]:
            if year.has("starts_on", "ends_on") and other.has("starts_on", "ends_on") and _overlap(year, other):
                yield year, "starts_on", f"must not be within the year on line {other.line}"
                break
        seen: set[str] = set()
        for use in year.lists["used"]:
            if use.has("service") and use.get("service") in seen:
                yield use, "service", "must be said once for a year"
            seen.add(use.get("service"))


def _history_faults(row: Entry) -> Iterator[Fault]:
    previous: date | None = None
    for step in row.lists["events"]:
        if step.has("on"):
            if previous is not None and step.get("on") < previous:
                yield step, "on", "must not be before the step before it"
            previous = step.get("on")
    if row.lists["events"] and row.has("status") and row.lists["events"][-1].has("status"):
        last = row.lists["events"][-1]
        if last.get("status") != row.get("status"):
            yield last, "status", "must be the status of the whole, in the last step"


def _denial_faults(row: Entry) -> Iterator[Fault]:
    denials = row.lists["denials"]
    for denial in denials:
        levels: list[str] = []
        for appeal in denial.lists["appeals"]:
            yield from _in_order(appeal, "noticed_on", "file_by")
            yield from _in_order(appeal, "filed_on", "decided_on")
            if appeal.get("status") == "filed" and not appeal.has("filed_on"):
                yield appeal, "filed_on", "is missing; a filed appeal was filed on a day"
            if appeal.get("status") in _ENDED_APPEALS and not appeal.has("decided_on"):
                yield appeal, "decided_on", "is missing; an appeal that has ended ended on a day"
            if appeal.get("level") in levels:
                yield appeal, "level", "must be its own for one denial"
            levels.append(appeal.get("level"))


# What must hold between the file and the records -----------------------------------------------------------------


def clash_faults(session: Session, clinic: Entry, providers: Collection[str], replace: bool) -> Iterator[Fault]:
    """Names that are nobody's: a provider in a network, a payer's plan that is described nowhere."""
    known: dict[str, set[str]] = {}
    if not replace:
        for payer, plan in session.execute(select(Payer.name, Plan.name).join(Plan, Plan.payer_id == Payer.id)):
            known.setdefault(payer, set()).add(plan)
    for payer in clinic.lists["payers"]:
        known.setdefault(payer.get("name"), set()).update(one.get("name") for one in payer.lists["plans"])
        for plan in payer.lists["plans"]:
            yield from _providers(plan.lists["network"], providers)
    for patient in clinic.lists["patients"]:
        yield from _providers(patient.lists["authorizations"], providers)
        for coverage in patient.lists["coverages"]:
            plans = known.get(coverage.get("payer"))
            if plans and coverage.has("plan") and coverage.get("plan") not in plans:
                yield coverage, "plan", "must be one of that payer's plans in this file or already loaded"


def _providers(rows: Iterable[Entry], providers: Collection[str]) -> Iterator[Fault]:
    for row in rows:
        if row.has("provider") and row.get("provider") not in providers:
            yield row, "provider", "must be the name of a provider in this file or already loaded"


# The rows --------------------------------------------------------------------------------------------------------


def payer_rows(entry: Entry, providers: Mapping[str, int], put: Put) -> None:
    """Write a payer, its plans, their networks and benefits."""
    payer = Payer(**{**entry.values, "also_called": list(entry.get("also_called"))})
    put([payer])
    for one in entry.lists["plans"]:
        plan = Plan(payer_id=payer.id, **one.values)
        put([plan])
        put([_network(row, plan.id, providers) for row in one.lists["network"]])
        put([made for row in one.lists["benefits"] for made in _benefits(row, plan.id)])


def put_insurance(
    session: Session, entry: Entry, patient_id: int, providers: Mapping[str, int], at: datetime, put: Put
) -> None:
    """Write a patient's coverages, requests and claims with their histories; `at` is the moment of writing, UTC."""
    coverages = _coverages(session, entry.lists["coverages"], patient_id, put)
    visits = dict(
        session.execute(select(Appointment.starts_at, Appointment.id).where(Appointment.patient_id == patient_id)).all()
    )
    statements = dict(
        session.execute(select(Statement.number, Statement.id).where(Statement.patient_id == patient_id)).all()
    )
    for one in entry.lists["authorizations"]:
        values = _without(one, "payer", "provider", "visit_at")
        values["information_asked"] = list(values["information_asked"])
        request = Authorization(
            patient_id=patient_id,
            coverage_id=_coverage_of(one, coverages),
            provider_id=providers.get(one.get("provider")),
            appointment_id=visits.get(one.get("visit_at")),
            **values,
        )
        put([request])
        day = one.get("decided_on") or one.get("sent_on")
        put([AuthorizationEvent(authorization_id=request.id, **step) for step in _steps(one, day, at)])
        _denials(one, patient_id, {"authorization_id": request.id}, request.appointment_id, put)
    for one in entry.lists["claims"]:
        values = _without(one, "statement", "billed")
        values["information_asked"] = list(values["information_asked"])
        claim = Claim(
            patient_id=patient_id,
            coverage_id=_coverage_of(one, coverages),
            statement_id=statements.get(one.get("statement")),
            billed_cents=one.get("billed"),
            **values,
        )
        put([claim])
        day = one.get("decided_on") or one.get("received_on") or one.get("sent_on")
        put([ClaimEvent(claim_id=claim.id, **step) for step in _steps(one, day, at)])
        _denials(one, patient_id, {"claim_id": claim.id}, None, put)
        put([_remittance(row, claim.id) for row in one.lists["remittances"]])
        if claim.statement_id is not None:
            same_day = select(Charge.id).where(
                Charge.statement_id == claim.statement_id, Charge.service_date == claim.service_date
            )
            charges = session.execute(same_day.order_by(Charge.id)).scalars()
            put([ClaimCharge(claim_id=claim.id, charge_id=key) for key in charges])


def _coverages(session: Session, entries: Sequence[Entry], patient_id: int, put: Put) -> dict[tuple[str, int], int]:
    found: dict[tuple[str, int], int] = {}
    for one in entries:
        values = dict(one.values)
        born = values.pop("holder_birth_date", None)
        plan_id = session.execute(
            select(Plan.id)
            .join(Payer, Plan.payer_id == Payer.id)
            .where(Payer.name == one.get("payer"), Plan.name == one.get("plan"))
        ).scalar_one_or_none()
        coverage = Coverage(
            patient_id=patient_id, plan_id=plan_id, holder_birth_date=born.isoformat() if born else None, **values
        )
        put([coverage])
        found[one.get("payer"), one.get("rank")] = coverage.id
        for year in one.lists["years"]:
            row = CoverageYear(coverage_id=coverage.id, **_cents(year))
            put([row])
            put(
                [
                    BenefitUse(year_id=row.id, service=use.get("service"), used=use.get("visits"))
                    for use in year.lists["used"]
                ]
            )
    return found


def _coverage_of(entry: Entry, coverages: Mapping[tuple[str, int], int]) -> int | None:
    """The coverage whose payer is named, or the only one there is."""
    mine = [key for (payer, _), key in sorted(coverages.items()) if entry.get("payer") in (None, payer)]
    return mine[0] if mine and (entry.has("payer") or len(coverages) == 1) else None


def _steps(entry: Entry, day: date | None, at: datetime) -> list[dict[str, Any]]:
    """The history that the file gives, or the status that it gives as the only step."""
    given = [(one.get("status"), one.get("on")) for one in entry.lists["events"]]
    return [
        {"at": at, "happened_on": happened_on, "actor": LOADED, "status": status}
        for status, happened_on in given or [(entry.get("status"), day)]
    ]


def _denials(entry: Entry, patient_id: int, of: Mapping[str, int], appointment_id: int | None, put: Put) -> None:
    given = [{key: one.get(key) for key in ("reason", "noticed_on", "appeal_days")} for one in entry.lists["denials"]]
    if not given and entry.get("status") == "denied" and entry.has("decided_on"):
        given = [{"reason": NOT_ON_FILE, "noticed_on": entry.get("decided_on")}]
    rows = [Denial(patient_id=patient_id, **of, **values) for values in given]
    put(rows)
    for one, denial in zip(entry.lists["denials"], rows, strict=False):
        put(
            [
                Appeal(
                    denial_id=denial.id,
                    appointment_id=appointment_id,
                    ended_by=LOADED if appeal.get("status") in _ENDED_APPEALS else None,
                    **appeal.values,
                )
                for appeal in one.lists["appeals"]
            ]
        )


def _network(entry: Entry, plan_id: int, providers: Mapping[str, int]) -> PlanNetwork:
    return PlanNetwork(plan_id=plan_id, provider_id=providers.get(entry.get("provider")), **_without(entry, "provider"))


def _benefits(entry: Entry, plan_id: int) -> list[PlanBenefit]:
    values = _without(entry, "copay", "services")
    return [
        PlanBenefit(plan_id=plan_id, service=service, copay_cents=entry.get("copay"), **values)
        for service in entry.get("services")
    ]


def _remittance(entry: Entry, claim_id: int) -> Remittance:
    return Remittance(
        claim_id=claim_id,
        explained_on=entry.get("explained_on"),
        billed_cents=entry.get("billed"),
        paid_cents=entry.get("paid"),
        adjusted_cents=entry.get("adjustment"),
        patient_cents=entry.get("patient_part"),
    )


def _cents(year: Entry) -> dict[str, Any]:
    money = {*_AMOUNTS, *(f"{name}_met" for name in _AMOUNTS)}
    return {f"{key}_cents" if key in money else key: value for key, value in year.values.items()}


def _without(entry: Entry, *keys: str) -> dict[str, Any]:
    return {key: value for key, value in entry.values.items() if key not in keys}


def _in_order(entry: Entry, earlier: str, later: str) -> Iterator[Fault]:
    if entry.has(earlier, later) and entry.get(later) < entry.get(earlier):
        yield entry, later, f"must not be before {earlier}"


def _overlap(one: Entry, other: Entry) -> bool:
    return (one.get("starts_on") or date.min) <= (other.get("ends_on") or date.max) and (
        other.get("starts_on") or date.min
    ) <= (one.get("ends_on") or date.max)


def _dollars(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"
