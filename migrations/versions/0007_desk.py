"""The desk: the worker's jobs, what leaves the house, staff, warm transfers; and what the database refuses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Whoever makes one of these tables anew (batch mode of SQLite) must put its guards back. The words are those of
# records/guards.py.
GUARDS = {
    "sqlite": [
        (
            "CREATE TRIGGER ticket_events_never_update BEFORE UPDATE ON ticket_events BEGIN SELECT RAIS"
            "E(ABORT, 'ticket_events are only added'); END"
        ),
        (
            "CREATE TRIGGER ticket_events_never_delete BEFORE DELETE ON ticket_events BEGIN SELECT RAIS"
            "E(ABORT, 'ticket_events are only added'); END"
        ),
        (
            "CREATE TRIGGER transfer_steps_never_update BEFORE UPDATE ON transfer_steps BEGIN SELECT RA"
            "ISE(ABORT, 'transfer_steps are only added'); END"
        ),
        (
            "CREATE TRIGGER transfer_steps_never_delete BEFORE DELETE ON transfer_steps BEGIN SELECT RA"
            "ISE(ABORT, 'transfer_steps are only added'); END"
        ),
        (
            "CREATE TRIGGER transfers_state_is_a_step BEFORE UPDATE ON transfers WHEN NOT COALESCE(NEW."
            "state = (SELECT to_state FROM transfer_steps WHERE transfer_id = NEW.id ORDER BY number DE"
            "SC LIMIT 1) AND NEW.conversation_id = OLD.conversation_id, FALSE) BEGIN SELECT RAISE(ABORT"
            ", 'no step led there'); END"
        ),
        (
            "CREATE TRIGGER transfers_begin_with_an_offer BEFORE INSERT ON transfers WHEN NEW.state <> "
            "'offered' BEGIN SELECT RAISE(ABORT, 'a transfer begins with an offer'); END"
        ),
        (
            "CREATE TRIGGER commitments_told_before_missed BEFORE UPDATE OF status ON commitments WHEN "
            "NEW.status = 'missed' AND NOT EXISTS (SELECT 1 FROM commitment_watches WHERE commitment_id"
            " = NEW.id AND told_at IS NOT NULL AND missed_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'no"
            "body was told'); END"
        ),
    ],
    "postgresql": [
        (
            "CREATE FUNCTION ticket_events_never_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'ticket_events are only added' USING ERRCODE = 'check_violation'; END $$; "
            "CREATE TRIGGER ticket_events_never_update BEFORE UPDATE ON ticket_events FOR EACH ROW EXEC"
            "UTE FUNCTION ticket_events_never_update()"
        ),
        (
            "CREATE FUNCTION ticket_events_never_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'ticket_events are only added' USING ERRCODE = 'check_violation'; END $$; "
            "CREATE TRIGGER ticket_events_never_delete BEFORE DELETE ON ticket_events FOR EACH ROW EXEC"
            "UTE FUNCTION ticket_events_never_delete()"
        ),
        (
            "CREATE FUNCTION transfer_steps_never_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'transfer_steps are only added' USING ERRCODE = 'check_violation'; END $$"
            "; CREATE TRIGGER transfer_steps_never_update BEFORE UPDATE ON transfer_steps FOR EACH ROW "
            "EXECUTE FUNCTION transfer_steps_never_update()"
        ),
        (
            "CREATE FUNCTION transfer_steps_never_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'transfer_steps are only added' USING ERRCODE = 'check_violation'; END $$"
            "; CREATE TRIGGER transfer_steps_never_delete BEFORE DELETE ON transfer_steps FOR EACH ROW "
            "EXECUTE FUNCTION transfer_steps_never_delete()"
        ),
        (
            "CREATE FUNCTION transfers_state_is_a_step() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN I"
            "F NOT COALESCE(NEW.state = (SELECT to_state FROM transfer_steps WHERE transfer_id = NEW.id"
            " ORDER BY number DESC LIMIT 1) AND NEW.conversation_id = OLD.conversation_id, FALSE) THEN "
            "RAISE EXCEPTION 'no step led there' USING ERRCODE = 'check_violation'; END IF; RETURN NEW;"
            " END $$; CREATE TRIGGER transfers_state_is_a_step BEFORE UPDATE ON transfers FOR EACH ROW "
            "EXECUTE FUNCTION transfers_state_is_a_step()"
        ),
        (
            "CREATE FUNCTION transfers_begin_with_an_offer() RETURNS trigger LANGUAGE plpgsql AS $$ BEG"
            "IN IF NEW.state <> 'offered' THEN RAISE EXCEPTION 'a transfer begins with an offer' USING "
            "ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER transfers_begin_wi"
            "th_an_offer BEFORE INSERT ON transfers FOR EACH ROW EXECUTE FUNCTION transfers_begin_with_"
            "an_offer()"
        ),
        (
            "CREATE FUNCTION commitments_told_before_missed() RETURNS trigger LANGUAGE plpgsql AS $$ BE"
            "GIN IF NEW.status = 'missed' AND NOT EXISTS (SELECT 1 FROM commitment_watches WHERE commit"
            "ment_id = NEW.id AND told_at IS NOT NULL AND missed_at IS NOT NULL) THEN RAISE EXCEPTION '"
            "nobody was told' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRI"
            "GGER commitments_told_before_missed BEFORE UPDATE ON commitments FOR EACH ROW EXECUTE FUNC"
            "TION commitments_told_before_missed()"
        ),
    ],
}


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Integer(), nullable=True),
        sa.Column("lease", sa.String(length=60), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(length=80), nullable=True),
        sa.CheckConstraint("(lease IS NULL) = (lease_until IS NULL)", name=op.f("ck_jobs_a_lease_ends")),
        sa.CheckConstraint("failures >= 0 AND runs >= 0", name=op.f("ck_jobs_counts")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_jobs")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("queues", sa.Text(), nullable=False),
        sa.Column("supervises", sa.Boolean(), nullable=False),
        sa.Column("password", sa.String(length=200), nullable=False),
        sa.Column("totp", sa.Text(), nullable=True),
        sa.Column("totp_used", sa.Integer(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("login", name=op.f("uq_staff_login")),
    )
    op.create_table(
        "chat_pushes",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_chat_pushes_message_id_messages")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_chat_pushes")),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_sessions_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_sessions")),
        sa.UniqueConstraint("digest", name=op.f("uq_staff_sessions_digest")),
    )
    with op.batch_alter_table("staff_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_sessions_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("response", sa.String(length=80), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("conversation_id", sa.String(length=80), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_by", sa.String(length=40), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'waiting') = (ended_at IS NULL)", name=op.f("ck_outbox_ends_with_a_time")),
        sa.CheckConstraint("status <> 'sent' OR sent_by IS NOT NULL", name=op.f("ck_outbox_sent_somehow")),
        sa.CheckConstraint("status IN ('waiting', 'sent', 'dropped')", name=op.f("ck_outbox_status")),
        sa.CheckConstraint("patient_id IS NOT NULL OR conversation_id IS NOT NULL", name=op.f("ck_outbox_to_somebody")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_outbox_patient_id_patients")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_outbox_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_conversation_id"), ["conversation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_patient_id"), ["patient_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_status"), ["status"], unique=False)

    op.create_table(
        "ticket_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.CheckConstraint("ticket_id < other_id", name=op.f("ck_ticket_links_each_pair_once")),
        sa.ForeignKeyConstraint(["other_id"], ["tickets.id"], name=op.f("fk_ticket_links_other_id_tickets")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_links_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_links")),
        sa.UniqueConstraint("ticket_id", "other_id", name=op.f("uq_ticket_links_ticket_id_other_id")),
    )
    with op.batch_alter_table("ticket_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_links_other_id"), ["other_id"], unique=False)

    op.create_table(
        "ticket_work",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_by", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "(finished_at IS NULL) = (outcome IS NULL) AND (finished_at IS NULL) = (finished_by IS NULL)",
            name=op.f("ck_ticket_work_finished_by_somebody"),
        ),
        sa.ForeignKeyConstraint(["finished_by"], ["staff.id"], name=op.f("fk_ticket_work_finished_by_staff")),
        sa.ForeignKeyConstraint(["taken_by"], ["staff.id"], name=op.f("fk_ticket_work_taken_by_staff")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_work_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ticket_work")),
    )
    with op.batch_alter_table("ticket_work", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_work_taken_by"), ["taken_by"], unique=False)

    op.create_table(
        "transfers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=80), nullable=False),
        sa.Column("queue", sa.String(length=40), nullable=False),
        sa.Column("inquiry", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("holder_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("joins", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wait_minutes", sa.Integer(), nullable=True),
        sa.Column("wait_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('offered', 'declined', 'lost') OR ticket_id IS NOT NULL",
            name=op.f("ck_transfers_about_a_ticket"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('briefed', 'accepted', 'connected') OR holder_id IS NOT NULL",
            name=op.f("ck_transfers_held_by_somebody"),
        ),
        sa.ForeignKeyConstraint(["holder_id"], ["staff.id"], name=op.f("fk_transfers_holder_id_staff")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_transfers_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
    )
    with op.batch_alter_table("transfers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_transfers_queue"), ["queue"], unique=False)
        batch_op.create_index(batch_op.f("ix_transfers_ticket_id"), ["ticket_id"], unique=False)
        batch_op.create_index(
            "one_live_transfer_per_conversation",
            ["conversation_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('offered', 'agreed', 'briefed', 'accepted', 'connected')"),
            postgresql_where=sa.text("state IN ('offered', 'agreed', 'briefed', 'accepted', 'connected')"),
        )

    op.create_table(
        "commitment_watches",
        sa.Column("commitment_id", sa.Integer(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kept_by", sa.String(length=120), nullable=True),
        sa.Column("missed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "missed_at IS NULL OR (told_at IS NOT NULL AND told_at <= missed_at)",
            name=op.f("ck_commitment_watches_told_before"),
        ),
        sa.CheckConstraint("missed_at IS NULL OR kept_at IS NULL", name=op.f("ck_commitment_watches_kept_or_missed")),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitments.id"], name=op.f("fk_commitment_watches_commitment_id_commitments")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["outbox.id"], name=op.f("fk_commitment_watches_notice_id_outbox")),
        sa.PrimaryKeyConstraint("commitment_id", name=op.f("pk_commitment_watches")),
    )
    op.create_table(
        "escalations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Integer(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("(seen_at IS NULL) = (seen_by IS NULL)", name=op.f("ck_escalations_seen_by_somebody")),
        sa.CheckConstraint("at >= due_at", name=op.f("ck_escalations_never_early")),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitments.id"], name=op.f("fk_escalations_commitment_id_commitments")
        ),
        sa.ForeignKeyConstraint(["seen_by"], ["staff.id"], name=op.f("fk_escalations_seen_by_staff")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_escalations_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalations")),
        sa.UniqueConstraint("commitment_id", name=op.f("uq_escalations_commitment_id")),
    )
    with op.batch_alter_table("escalations", schema=None) as batch_op:
        batch_op.create_index(
            "one_escalation_per_due_time",
            ["ticket_id", "due_at"],
            unique=True,
            sqlite_where=sa.text("commitment_id IS NULL"),
            postgresql_where=sa.text("commitment_id IS NULL"),
        )

    op.create_table(
        "transfer_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("transfer_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=True),
        sa.Column("from_state", sa.String(length=20), nullable=True),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("holder_id", sa.Integer(), nullable=True),
        sa.Column("from_holder_id", sa.Integer(), nullable=True),
        sa.Column("consent", sa.Integer(), nullable=True),
        sa.Column("consent_state", sa.String(length=20), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("brief", sa.Text(), nullable=True),
        sa.Column("confirmed_name", sa.Text(), nullable=True),
        sa.Column("confirmed_issue", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(consent IS NULL AND consent_state IS NULL) OR (consent < number AND consent_state IN "
            "('agreed', 'callback_agreed'))",
            name=op.f("ck_transfer_steps_consent_came_before"),
        ),
        sa.CheckConstraint(
            "(number = 1 AND before IS NULL AND from_state IS NULL AND to_state = 'offered') OR (number > 1 "
            "AND before = number - 1 AND from_state IS NOT NULL AND ((from_state = 'offered' AND to_state = "
            "'agreed') OR (from_state = 'offered' AND to_state = 'callback_agreed') OR (from_state = "
            "'offered' AND to_state = 'declined') OR (from_state = 'offered' AND to_state = 'lost') OR "
            "(from_state = 'agreed' AND to_state = 'briefed') OR (from_state = 'agreed' AND to_state = "
            "'callback_agreed') OR (from_state = 'agreed' AND to_state = 'lost') OR (from_state = 'briefed' "
            "AND to_state = 'briefed') OR (from_state = 'briefed' AND to_state = 'accepted') OR (from_state "
            "= 'briefed' AND to_state = 'callback_agreed') OR (from_state = 'briefed' AND to_state = "
            "'lost') OR (from_state = 'accepted' AND to_state = 'connected') OR (from_state = 'accepted' "
            "AND to_state = 'agreed') OR (from_state = 'accepted' AND to_state = 'callback_agreed') OR "
            "(from_state = 'accepted' AND to_state = 'lost') OR (from_state = 'connected' AND to_state = "
            "'closed') OR (from_state = 'connected' AND to_state = 'callback_agreed') OR (from_state = "
            "'connected' AND to_state = 'lost') OR (from_state = 'lost' AND to_state = 'agreed') OR "
            "(from_state = 'lost' AND to_state = 'callback_agreed') OR (from_state = 'lost' AND to_state = "
            "'closed') OR (from_state = 'callback_agreed' AND to_state = 'closed')))",
            name=op.f("ck_transfer_steps_follows"),
        ),
        sa.CheckConstraint("to_state <> 'briefed' OR brief IS NOT NULL", name=op.f("ck_transfer_steps_read_before")),
        sa.CheckConstraint(
            "to_state <> 'connected' OR (confirmed_name IS NOT NULL AND confirmed_issue IS NOT NULL)",
            name=op.f("ck_transfer_steps_name_and_issue"),
        ),
        sa.CheckConstraint(
            "to_state NOT IN ('accepted', 'connected') OR (from_holder_id IS NOT NULL AND from_holder_id = holder_id)",
            name=op.f("ck_transfer_steps_by_whoever_read_it"),
        ),
        sa.CheckConstraint(
            "to_state NOT IN ('agreed', 'callback_agreed') OR words IS NOT NULL OR consent IS NOT NULL",
            name=op.f("ck_transfer_steps_consent"),
        ),
        sa.CheckConstraint(
            "to_state NOT IN ('briefed', 'accepted', 'connected') OR (consent IS NOT NULL AND holder_id IS NOT NULL)",
            name=op.f("ck_transfer_steps_only_with_consent"),
        ),
        sa.ForeignKeyConstraint(["holder_id"], ["staff.id"], name=op.f("fk_transfer_steps_holder_id_staff")),
        sa.ForeignKeyConstraint(
            ["transfer_id", "before", "from_holder_id"],
            ["transfer_steps.transfer_id", "transfer_steps.number", "transfer_steps.holder_id"],
            name="fk_transfer_steps_same_holder",
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id", "before", "from_state"],
            ["transfer_steps.transfer_id", "transfer_steps.number", "transfer_steps.to_state"],
            name="fk_transfer_steps_before",
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id", "consent", "consent_state"],
            ["transfer_steps.transfer_id", "transfer_steps.number", "transfer_steps.to_state"],
            name="fk_transfer_steps_consent",
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfers.id"], name=op.f("fk_transfer_steps_transfer_id_transfers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_steps")),
        sa.UniqueConstraint(
            "transfer_id", "number", "holder_id", name=op.f("uq_transfer_steps_transfer_id_number_holder_id")
        ),
        sa.UniqueConstraint(
            "transfer_id", "number", "to_state", name=op.f("uq_transfer_steps_transfer_id_number_to_state")
        ),
        sa.UniqueConstraint("transfer_id", "number", name=op.f("uq_transfer_steps_transfer_id_number")),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("endpoint", sa.String(length=40), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease", sa.String(length=40), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=60), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=120), nullable=True),
        sa.CheckConstraint(
            "(status IN ('delivered', 'dropped')) = (ended_at IS NOT NULL)",
            name=op.f("ck_webhook_deliveries_ends_with_a_time"),
        ),
        sa.CheckConstraint(
            "status <> 'dropped' OR ended_by IS NOT NULL", name=op.f("ck_webhook_deliveries_dropped_by_somebody")
        ),
        sa.CheckConstraint(
            "status IN ('waiting', 'delivered', 'dead', 'dropped')", name=op.f("ck_webhook_deliveries_status")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["ticket_events.id"], name=op.f("fk_webhook_deliveries_event_id_ticket_events")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_webhook_deliveries_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint("endpoint", "event_id", name=op.f("uq_webhook_deliveries_endpoint_event_id")),
        sa.UniqueConstraint(
            "endpoint", "ticket_id", "number", name=op.f("uq_webhook_deliveries_endpoint_ticket_id_number")
        ),
        sa.UniqueConstraint("key", name=op.f("uq_webhook_deliveries_key")),
    )
    with op.batch_alter_table("webhook_deliveries", schema=None) as batch_op:
        batch_op.create_index("deliveries_by_time", ["status", "next_try_at"], unique=False)

    guards = GUARDS[op.get_bind().dialect.name]
    for words in guards:
        op.get_bind().exec_driver_sql(words)


def downgrade() -> None:
    raise RuntimeError(
        "Tickets, transfers and what was promised are records that are kept: going back would delete them."
    )
