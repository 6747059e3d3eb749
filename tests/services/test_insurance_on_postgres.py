"""Insurance on PostgreSQL: the migration keeps every row and its tables are the code's; the demo clinic can be asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import select, text

from bedside.care import asking, coverage, denials, new_coverage
from bedside.care.bill_requests import Voice
from bedside.care.context import open_care
from bedside.care.coverage import Question
from bedside.records import keys, migrate
from bedside.records.keys import Keyring
from bedside.records.loading import load_file
from bedside.records.store import Store
from bedside.records.tables import Authorization, Claim, Coverage, metadata
from tests import proof
from tests.unit.bills import ROOT, TALK, TUESDAY, Clock

SECRET = "a secret of the tests, long enough to be one"
OLD_ROWS = (
    "INSERT INTO patients (id, reference, full_name, birth_date, language, portal_active) "
    "VALUES (7, 'P1', 'Ana Ortiz', '1980-02-29', 'en', false)",
    "INSERT INTO coverages (id, patient_id, payer, plan, rank, starts_on) VALUES (11, 7, 'Aetna', 'PPO', 2, '2026-01-01')",
    "INSERT INTO authorizations (id, patient_id, service, status, sent_on, decided_on) "
    "VALUES (21, 7, 'MRI', 'pending', '2026-11-18', NULL), (23, 7, 'Infusion', 'denied', '2026-11-09', '2026-11-20')",
    "INSERT INTO claims (id, patient_id, service_date, sent_on, status) VALUES (31, 7, '2026-10-03', '2026-11-12', 'in_process')",
)


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keyring of this process, put back afterwards."""
    monkeypatch.setattr(keys, "_installed", Keyring(SECRET))


@pytest.mark.usefixtures("keyring")
def test_the_migration_keeps_every_row_and_goes_on_counting(new_database: Callable[[], str]) -> None:
    store = Store(new_database())
    with migrate.exclusively(store.engine) as connection:
        config = migrate._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
    with store.work() as session:
        for row in OLD_ROWS:
            session.execute(text(row))
    migrate.upgrade(store)
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []
    with store.work() as session:
        assert session.execute(select(Coverage.id, Coverage.rank)).all() == [(11, 2)]
        assert session.execute(select(Authorization.id, Authorization.status).order_by(Authorization.id)).all() == [
            (21, "pending"),
            (23, "denied"),
        ]
        assert session.execute(select(Claim.id, Claim.information_asked)).all() == [(31, [])]
        counts = {
            name: session.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in ("authorization_events", "claim_events", "denials")
        }
        assert counts == {"authorization_events": 2, "claim_events": 1, "denials": 1}
        new = Coverage(patient_id=7, payer="Cigna", plan="PPO", rank=1)
        session.add(new)
        session.flush()
        assert new.id == 12
    store.close()


def test_the_demo_clinics_insurance(
    new_database: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "_installed", None)
    url = new_database()
    migrate.upgrade(url)
    environ = {"BEDSIDE_VAR": str(tmp_path), "BEDSIDE_SECRET": SECRET, "BEDSIDE_DATABASE_URL": url}
    care = replace(open_care(environ), clock=Clock(TUESDAY))
    try:
        load_file(care, ROOT / "demo" / "riverbend.yml")
        load_file(care, ROOT / "demo" / "riverbend.yml", replace=True)
        with care.store.work() as session:
            proof.prove(care, session, TALK, "F10", timedelta(hours=1))
            proof.prove(care, session, "sam", "F12", timedelta(hours=1))
        checked = coverage.check(care, TALK, Question(service="infusion", location="riverside", charge_cents=9000_00))
        assert (checked.outcome, checked.active) == (asking.ANSWERED, True)
        assert (checked.estimate, checked.no_estimate) == (None, coverage.REFUSED)
        (denial,) = denials.standings(care, TALK)
        made = denials.open_appeal(care, TALK, denial.denial_id, Voice("my infusion is friday"))
        assert (made.urgent, made.joined, made.care_team_case is not None) == (True, False, True)
        assert denials.open_appeal(care, TALK, denial.denial_id, Voice()).joined
        new_coverage.give(
            care, "sam", payer="Aetna", member_id="ZX55-7781200", holder_relation="self", starts_on=date(2026, 12, 1)
        )
        new_coverage.give(care, "sam", skipped=("plan", "group_number"), pays_first=True)
        stored = new_coverage.store(care, "sam", Voice())
        key = new_coverage.verify(care, stored.pending_id, "N. Park", payer="Aetna", plan="Choice PPO", rank=1)
        with care.store.reading() as session:
            assert session.get(Coverage, key).member_id == "ZX55-7781200"
    finally:
        care.store.close()
