"""The records: what is sealed stays sealed, what the constraints promise holds, and the migrations make these tables."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, inspect, select, text, update
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from bedside.records import keys, migrate
from bedside.records.keys import Keyring, SecretError
from bedside.records.store import Store
from bedside.records.tables import (
    Charge,
    Contact,
    Dispute,
    Hold,
    Interaction,
    Patient,
    Payment,
    Statement,
    Ticket,
    metadata,
)
from bedside.records.types import Instant

SECRET = "a secret of the tests, long enough to be one"
NOW = datetime(2026, 11, 24, 15, 15, tzinfo=timezone.utc)


@pytest.fixture(autouse=True)
def keyring(monkeypatch: pytest.MonkeyPatch) -> Keyring:
    """The keyring of this process, put back afterwards."""
    ring = Keyring(SECRET)
    monkeypatch.setattr(keys, "_installed", ring)
    return ring


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as the migrations make it, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "bedside.db"
    migrate.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def file(migrated: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(migrated, tmp_path / "bedside.db"))


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{file}", wait_seconds=0.2)
    yield opened
    opened.close()


def a_patient(session: Session, reference: str = "P1") -> Patient:
    patient = Patient(reference=reference, full_name="Maria Delgado-Ruiz", birth_date=date(1958, 6, 14))
    session.add(patient)
    session.flush()
    return patient


def a_charge(session: Session, patient: Patient, number: str = "S-1") -> Charge:
    statement = Statement(patient_id=patient.id, number=number, issued_on=date(2026, 10, 9))
    session.add(statement)
    session.flush()
    charge = Charge(
        statement_id=statement.id,
        service_date=date(2026, 9, 18),
        description="CT scan of the abdomen",
        charged_cents=215_000,
        insurance_cents=114_000,
        adjustment_cents=30_000,
        patient_cents=71_000,
    )
    session.add(charge)
    session.flush()
    return charge


def a_dispute(session: Session, patient: Patient, case_number: str = "C-1000-0000") -> Dispute:
    ticket = Ticket(
        case_number=case_number,
        queue="billing",
        priority="urgent",
        inquiry="billing_dispute",
        matter=f"dispute:{case_number}",
        brief="Two CT scans on one day",
        patient_id=patient.id,
        opened_at=NOW,
        due_at=NOW,
    )
    session.add(ticket)
    session.flush()
    dispute = Dispute(
        case_number=case_number,
        patient_id=patient.id,
        conversation_id="talk",
        ticket_id=ticket.id,
        words="I only had one scan",
        amount_cents=71_000,
        opened_at=NOW,
    )
    session.add(dispute)
    session.flush()
    return dispute


def a_hold(dispute: Dispute, charge: Charge, **changes: Any) -> Hold:
    values = {"amount_cents": 71_000, "placed_at": NOW, "review_on": date(2027, 1, 8)} | changes
    return Hold(dispute_id=dispute.id, charge_id=charge.id, **values)


@pytest.fixture
def disputed(store: Store) -> tuple[Dispute, Charge]:
    """A charge on which a hold has just been placed, and the dispute about it."""
    with store.work() as session:
        patient = a_patient(session)
        charge, dispute = a_charge(session, patient), a_dispute(session, patient)
        session.add(a_hold(dispute, charge))
    return dispute, charge


# Sealing ----------------------------------------------------------------------------------------------------------


def everything_on_disk(file: Path) -> bytes:
    return b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*"))


def test_what_is_sealed_cannot_be_read_in_the_database_files(store: Store, file: Path) -> None:
    with store.work() as session:
        patient = a_patient(session)
        session.add(Contact(patient_id=patient.id, kind="phone", value="+19175550111"))
        a_dispute(session, patient)
    stored = everything_on_disk(file)
    assert b"Maria Delgado-Ruiz" in stored  # the file is the right one, and holds what is not sealed
    for secret in (b"9175550111", b"5550111", b"one scan", b"Two CT scans"):
        assert secret not in stored
    with store.reading() as session:
        assert session.execute(select(Contact.value)).scalar_one() == "+19175550111"
        assert session.execute(select(Dispute.words)).scalar_one() == "I only had one scan"


def test_another_secret_reads_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.work() as session:
        session.add(Contact(patient_id=a_patient(session).id, kind="phone", value="+19175550111"))
    monkeypatch.setattr(keys, "_installed", Keyring(SECRET[::-1]))
    with store.reading() as session, pytest.raises(SecretError):
        session.execute(select(Contact.value)).scalar_one()


def test_without_a_secret_nothing_private_is_stored(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_installed", None)
    with pytest.raises((SecretError, StatementError)), store.work() as session:
        session.add(Contact(patient_id=a_patient(session).id, kind="phone", value="+19175550111"))
    with store.reading() as session:
        assert session.execute(select(Patient)).first() is None


def test_a_sealed_text_that_was_changed_is_refused(keyring: Keyring) -> None:
    sealed = keyring.seal("+19175550111")
    middle = len(sealed) // 2
    changed = sealed[:middle] + ("A" if sealed[middle] != "A" else "B") + sealed[middle + 1 :]
    with pytest.raises(SecretError):
        keyring.unseal(changed)


@settings(max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_sealing_gives_back_every_text_and_never_the_same_seal(words: str) -> None:
    ring = Keyring(SECRET)
    assert ring.unseal(ring.seal(words)) == words
    assert ring.seal(words) != ring.seal(words)


def test_digests_differ_by_purpose_and_by_secret(keyring: Keyring) -> None:
    digest = keyring.digest("ssn_last4", "3320")
    assert digest == Keyring(SECRET).digest("ssn_last4", "3320")
    others = {
        keyring.digest("account", "3320"),
        keyring.digest("ssn_last4", "3321"),
        Keyring(SECRET[::-1]).digest("ssn_last4", "3320"),
    }
    assert len(digest) == 64
    assert digest not in others
    assert len(others) == 3


@pytest.mark.parametrize("secret", ["", "x" * 31])
def test_a_short_secret_is_refused(secret: str) -> None:
    with pytest.raises(SecretError, match="32 characters"):
        Keyring(secret)


# Constraints ------------------------------------------------------------------------------------------------------


def test_a_charge_has_one_active_hold(store: Store, disputed: tuple[Dispute, Charge]) -> None:
    dispute, charge = disputed
    with pytest.raises(IntegrityError), store.work() as session:
        session.add(a_hold(dispute, charge))
    with store.work() as session:
        another = a_charge(session, session.get(Patient, dispute.patient_id), "S-2")
        session.add(a_hold(dispute, another))
    with store.reading() as session:
        assert len(session.execute(select(Hold)).all()) == 2


def test_a_charge_can_be_held_again_when_the_hold_has_ended(store: Store, disputed: tuple[Dispute, Charge]) -> None:
    dispute, charge = disputed
    ended = {"status": "ended", "ended_at": NOW, "ended_by": "R. Kim, billing", "end_reason": "The second was removed"}
    with store.work() as session:
        session.execute(update(Hold).values(ended))
        session.add(a_hold(dispute, charge))
    with store.reading() as session:
        assert sorted(session.execute(select(Hold.status)).scalars()) == ["active", "ended"]


@pytest.mark.parametrize("missing", ["ended_at", "ended_by", "end_reason"])
def test_a_hold_never_ends_silently(store: Store, disputed: tuple[Dispute, Charge], missing: str) -> None:
    ended = {"status": "ended", "ended_at": NOW, "ended_by": "R. Kim, billing", "end_reason": "The second was removed"}
    with pytest.raises(IntegrityError), store.work() as session:
        session.execute(update(Hold).values({**ended, missing: None}))
    with store.reading() as session:
        assert session.execute(select(Hold.status)).scalar_one() == "active"


def test_two_writers_cannot_both_place_a_hold(file: Path, store: Store) -> None:
    with store.work() as session:
        patient = a_patient(session)
        charge, dispute = a_charge(session, patient), a_dispute(session, patient)
    start = threading.Barrier(4)
    outcomes: list[str] = []

    def place() -> None:
        own = Store(f"sqlite:///{file}")
        start.wait()
        try:
            with own.work() as session:
                session.add(a_hold(dispute, charge))
            outcomes.append("placed")
        except IntegrityError:
            outcomes.append("refused")
        finally:
            own.close()

    writers = [threading.Thread(target=place) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(outcomes) == ["placed", "refused", "refused", "refused"]


CENTS = st.integers(0, 2_000_000)


@settings(max_examples=60, deadline=None)
@given(insurance=CENTS, adjustment=CENTS, patient=CENTS, slip=st.integers(-3, 3))
def test_a_charge_adds_up(
    tmp_path_factory: pytest.TempPathFactory, insurance: int, adjustment: int, patient: int, slip: int
) -> None:
    store = _shared_store(tmp_path_factory)
    with suppress(_Undone), store.work() as session:
        charge = a_charge(session, a_patient(session))
        values = {
            "charged_cents": insurance + adjustment + patient + slip,
            "insurance_cents": insurance,
            "adjustment_cents": adjustment,
            "patient_cents": patient,
        }
        change = update(Charge).where(Charge.id == charge.id).values(values)
        if slip:
            with pytest.raises(IntegrityError, match="adds_up"):
                session.execute(change)
        else:
            session.execute(change)
        raise _Undone


class _Undone(Exception):
    """Ends a unit of work that must leave nothing."""


_SHARED: list[Store] = []


def _shared_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """One database for all examples of a property; nothing in it is kept."""
    if not _SHARED:
        store = Store(f"sqlite:///{tmp_path_factory.mktemp('shared') / 'bedside.db'}")
        migrate.upgrade(store)
        _SHARED.append(store)
    return _SHARED[0]


def test_a_patient_never_owes_less_than_nothing(store: Store) -> None:
    with store.work() as session:
        a_charge(session, a_patient(session))
    with pytest.raises(IntegrityError, match="not_negative"), store.work() as session:
        session.execute(update(Charge).values(insurance_cents=185_001, patient_cents=-1))


def test_a_payment_is_more_than_nothing(store: Store) -> None:
    with pytest.raises(IntegrityError, match="positive"), store.work() as session:
        session.add(Payment(patient_id=a_patient(session).id, paid_on=date(2026, 11, 1), amount_cents=0))


def test_a_reference_belongs_to_one_patient(store: Store) -> None:
    with store.work() as session:
        a_patient(session)
    with pytest.raises(IntegrityError), store.work() as session:
        a_patient(session)


def test_a_row_refers_to_one_that_exists(store: Store) -> None:
    with pytest.raises(IntegrityError), store.work() as session:
        session.add(Payment(patient_id=99, paid_on=date(2026, 11, 1), amount_cents=100))


def test_a_unit_of_work_is_stored_whole_or_not_at_all(store: Store) -> None:
    with suppress(_Undone), store.work() as session:
        a_patient(session)
        raise _Undone
    with store.work() as session:
        a_patient(session, "P2")
    with store.reading() as session:
        assert session.execute(select(Patient.reference)).scalars().all() == ["P2"]


def test_what_is_changed_while_reading_is_not_kept(store: Store) -> None:
    with store.reading() as session:
        a_patient(session)
    with store.reading() as session:
        assert session.execute(select(Patient.reference)).first() is None


# Types ------------------------------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(st.integers(631_152_000, 3_786_912_000), st.integers(-14 * 60, 14 * 60))
def test_an_instant_is_the_same_moment_in_every_zone(seconds: int, minutes: int) -> None:
    zoned = datetime.fromtimestamp(seconds, timezone(timedelta(minutes=minutes)))
    bound = Instant().process_bind_param(zoned, None)
    assert bound is not None
    assert bound.utcoffset() == timedelta(0)
    assert Instant().process_result_value(bound.replace(tzinfo=None), None) == zoned


def test_an_instant_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="needs a time zone"), store.work() as session:
        session.execute(update(Hold).values(placed_at=datetime(2026, 11, 24, 10, 15)))  # noqa: DTZ001


def test_moments_and_lists_come_back_as_they_were(store: Store) -> None:
    eastern = datetime(2026, 11, 24, 10, 15, tzinfo=timezone(timedelta(hours=-5)))
    with store.work() as session:
        session.add(
            Interaction(
                conversation_id="talk",
                channel="web",
                inquiries=["billing_dispute", "interpreter"],
                moods=["enojada por el señor"],
                acknowledged=[],
                opened_at=eastern,
                last_at=eastern,
            )
        )
    with store.reading() as session:
        row = session.execute(select(Interaction)).scalar_one()
        assert (row.inquiries, row.moods, row.acknowledged) == (
            ["billing_dispute", "interpreter"],
            ["enojada por el señor"],
            [],
        )
        assert row.opened_at == NOW
        assert row.opened_at.tzinfo is timezone.utc


# Migrations -------------------------------------------------------------------------------------------------------


def _ddl(engine: Any) -> dict[str, list[str]]:
    """What makes each table and index, line by line without regard to order, so that checks and filters count too."""
    query = text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version'")
    with engine.connect() as connection:
        found = connection.execute(query).all()
    # SQLite writes an added column on the line of the last one.
    plain = {name: re.sub(r", (\w+ [A-Z]+(?:\(\d+\))?), ?\n", r",\n\1,\n", sql) for name, sql in found}
    return {name: sorted(line.strip().rstrip(", ") for line in sql.splitlines()) for name, sql in plain.items()}


def test_the_migrations_make_exactly_these_tables(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    fresh = create_engine("sqlite://", future=True)
    metadata.create_all(fresh)
    assert _ddl(store.engine) == _ddl(fresh)


def test_a_database_is_current_only_after_the_upgrade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    store = Store(f"sqlite:///{tmp_path / 'bedside.db'}")
    assert not migrate.is_current(store.engine)
    assert inspect(store.engine).get_table_names() == []
    migrate.upgrade(store)
    assert migrate.is_current(store.engine)
    with store.work() as session:
        a_patient(session)
    migrate.upgrade(store.url)
    assert migrate.is_current(store.engine)
    with store.reading() as session:
        assert session.execute(select(Patient.reference)).scalars().all() == ["P1"]
    store.close()


def test_references_are_still_checked_after_an_upgrade(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'bedside.db'}")
    migrate.upgrade(store)
    with pytest.raises(IntegrityError), store.work() as session:
        session.add(Payment(patient_id=99, paid_on=date(2026, 11, 1), amount_cents=100))
    store.close()


def test_processes_that_start_together_migrate_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bedside.db'}"
    failures: list[BaseException] = []

    def start() -> None:
        store = Store(url, wait_seconds=20)
        try:
            migrate.upgrade(store)
        except BaseException as error:
            failures.append(error)
        finally:
            store.close()

    Store(url).close()
    starts = [threading.Thread(target=start) for _ in range(3)]
    for one in starts:
        one.start()
    for one in starts:
        one.join()
    assert failures == []
    engine = create_engine(url, future=True)
    assert migrate.is_current(engine)


def _with_migration(folder: Path, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The migrations with one more at the end."""
    scripts = folder / "migrations"
    shutil.copytree(migrate.SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    heads = migrate._scripts().get_heads()
    assert len(heads) == 1
    (scripts / "versions" / "9999_next.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision = '9999'\ndown_revision = {heads[0]!r}\n\n\ndef upgrade():\n{body}\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(migrate, "SCRIPTS", scripts)


def test_a_migration_that_fails_changes_nothing(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _ddl(store.engine)
    failing = "    op.create_table('half', sa.Column('id', sa.Integer()))\n    raise RuntimeError('stopped half-way')"
    with monkeypatch.context() as patch:
        _with_migration(tmp_path, failing, patch)
        with pytest.raises(RuntimeError, match="half-way"):
            migrate.upgrade(store)
        assert not migrate.is_current(store.engine)
    assert _ddl(store.engine) == before
    assert migrate.is_current(store.engine)


def test_a_table_can_be_made_anew_without_losing_what_refers_to_it(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disputed: tuple[Dispute, Charge]
) -> None:
    anew = (
        "    with op.batch_alter_table('patients', recreate='always') as batch:\n"
        "        batch.add_column(sa.Column('nickname', sa.String(80)))"
    )
    _with_migration(tmp_path, anew, monkeypatch)
    migrate.upgrade(store)
    with store.reading() as session:
        assert session.execute(text("SELECT reference, nickname FROM patients")).all() == [("P1", None)]
        assert len(session.execute(select(Hold)).all()) == 1


def test_a_migration_that_would_leave_rows_referring_to_nothing_is_refused(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disputed: tuple[Dispute, Charge]
) -> None:
    _with_migration(tmp_path, "    op.execute('DELETE FROM patients')", monkeypatch)
    with pytest.raises(migrate.MigrationError, match="refer to nothing"):
        migrate.upgrade(store)
    with store.reading() as session:
        assert session.execute(select(Patient.reference)).scalars().all() == ["P1"]


def test_a_database_of_a_newer_version_is_left_alone(store: Store) -> None:
    with store.work() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '7777'"))
    assert not migrate.is_current(store.engine)
    with pytest.raises(migrate.MigrationError, match="7777"):
        migrate.upgrade(store)


def test_the_address_of_the_database_is_not_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "hunter2%40.db"
    with caplog.at_level("DEBUG"):
        migrate.upgrade(f"sqlite:///{file}")
    out, err = capfd.readouterr()
    assert os.path.exists(file)
    assert "alembic" in caplog.text  # the log was listened to
    assert "hunter2" not in caplog.text + out + err
