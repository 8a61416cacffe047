"""Money and messages: receipts, refunds, the ledger, invoices; what was sent, what came back, who wants nothing."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from outpatient.models.columns import Instant

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
CHANNELS = ("SMS", "WHATSAPP", "EMAIL")

APPEND_ONLY = ("audit_entries", "ledger_entries")
"""What is written here is never changed and never deleted, whoever asks: the store itself refuses."""

REFUSE_POSTGRESQL = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'append_only: % is never changed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
TRIGGER_POSTGRESQL = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()
"""
TRIGGER_SQLITE = """
CREATE TRIGGER append_only_{table}_{event} BEFORE {event} ON {table}
BEGIN SELECT RAISE(ABORT, 'append_only: {table} is never changed'); END
"""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def number(name: str, *, optional: bool = False, default: int | None = None) -> sa.Column:
    given = {} if default is None else {"server_default": sa.text(str(default))}
    return sa.Column(name, ID, nullable=optional, **given)


def words(name: str, length: int, *, optional: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(length), nullable=optional)


def instant(name: str, *, optional: bool = False) -> sa.Column:
    return sa.Column(name, Instant(), nullable=optional)


def one_of(column: str, vocabulary: str, *terms: str, **given) -> sa.Column:
    kind = sa.Enum(*terms, native_enum=False, create_constraint=True, length=24, name=vocabulary)
    return sa.Column(column, kind, nullable=False, **given)


def table(name: str, *columns: sa.schema.SchemaItem) -> None:
    """A table of rows with ids that are never used twice."""
    op.create_table(
        name,
        sa.Column("id", ID, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sqlite_autoincrement=True,
    )


def hospital_table(name: str, parents: dict[str, str], *columns: sa.schema.SchemaItem) -> None:
    """A table of one hospital's rows, tied to it through what they belong to (column -> table)."""
    keys = [
        sa.ForeignKeyConstraint(
            ["hospital_id", column], [f"{parent}.hospital_id", f"{parent}.id"], name=f"fk_{name}_hospital_id_{column}"
        )
        for column, parent in parents.items()
    ]
    own = [number(column) for column in parents]
    wall = sa.UniqueConstraint("hospital_id", "id", name=f"uq_{name}_hospital_id_id")
    table(name, number("hospital_id"), *own, *columns, wall, *keys)


def unique(name: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{name}_{'_'.join(columns)}")


def index(name: str, *columns: str) -> None:
    op.create_index(f"ix_{name}_{'_'.join(columns)}", name, list(columns))


def index_where(index_name: str, name: str, column: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(index_name, name, [column], sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    change_tables()
    create_money()
    create_messages()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(REFUSE_POSTGRESQL)
        for name in APPEND_ONLY:
            op.execute(TRIGGER_POSTGRESQL.format(table=name))
    else:
        for name in APPEND_ONLY:
            for event in ("UPDATE", "DELETE"):
                op.execute(TRIGGER_SQLITE.format(table=name, event=event))


def change_tables() -> None:
    op.add_column("appointments", instant("reminded_at", optional=True))
    op.add_column("appointments", instant("no_show_proposed_at", optional=True))
    op.add_column("visits", instant("turn_told_at", optional=True))
    for column in ("checked_at", "closed_at"):
        op.add_column("payment_orders", instant(column, optional=True))
    index_where("ix_payment_orders_open", "payment_orders", "created_at", "closed_at IS NULL")
    with op.batch_alter_table("payments", table_kwargs={"sqlite_autoincrement": True}) as payments:
        payments.add_column(number("discount_minor", default=0))
        payments.add_column(words("transaction_id", 64, optional=True))
        payments.create_check_constraint("discounts", "discount_minor >= 0 AND discount_minor <= amount_minor")
    with op.batch_alter_table("hospital_configs") as configs:
        configs.add_column(one_of("no_show_mode", "noshowmode", "MARK", "PROPOSE", server_default="MARK"))
        configs.add_column(number("turn_near_positions", default=2))
        configs.add_column(sa.Column("quiet_from", sa.Time(), nullable=False, server_default="21:00:00"))
        configs.add_column(sa.Column("quiet_until", sa.Time(), nullable=False, server_default="08:00:00"))
        configs.add_column(number("full_refund_notice_minutes", default=0))
        configs.add_column(number("late_refund_percent", default=0))
        configs.add_column(number("payment_link_hours", default=24))
        configs.add_column(sa.Column("invoice_prefix", sa.String(12), nullable=False, server_default="INV"))
        configs.add_column(words("tax_number", 32, optional=True))
    with op.batch_alter_table("notifications", table_kwargs={"sqlite_autoincrement": True}) as notifications:
        notifications.add_column(number("user_id", optional=True))
        notifications.add_column(words("body", 2000, optional=True))
        notifications.add_column(words("language", 8, optional=True))
        notifications.add_column(words("provider_id", 120, optional=True))
        notifications.add_column(number("attempts", default=0))
        notifications.add_column(words("last_error", 500, optional=True))
        notifications.add_column(instant("tried_at", optional=True))
        notifications.add_column(instant("delivered_at", optional=True))
        notifications.alter_column("status", existing_type=sa.String(16), type_=sa.String(24), existing_nullable=False)
        notifications.create_check_constraint(
            "notificationstatus", "status IN ('PENDING', 'SENT', 'DELIVERED', 'READ', 'FAILED', 'SUPPRESSED')"
        )
    index("notifications", "patient_id", "created_at")
    index_where("ix_notifications_provider_id", "notifications", "provider_id", "provider_id IS NOT NULL")


def create_money() -> None:
    hospital_table(
        "payment_links",
        {"payment_id": "payments"},
        words("provider", 24),
        words("provider_link_id", 64),
        words("url", 500),
        number("amount_minor"),
        words("currency", 3),
        instant("expires_at"),
        number("created_by", optional=True),
        instant("created_at"),
        instant("checked_at", optional=True),
        instant("closed_at", optional=True),
        unique("payment_links", "provider", "provider_link_id"),
    )
    index("payment_links", "payment_id")
    index_where("ix_payment_links_open", "payment_links", "created_at", "closed_at IS NULL")
    hospital_table(
        "receipts",
        {"payment_id": "payments"},
        words("provider", 24),
        words("reference", 64),
        words("slip", 64, optional=True),
        number("amount_minor"),
        number("returned_minor", default=0),
        words("currency", 3),
        one_of("method", "paymentmethod", "CASH", "CARD", "UPI", "BANK_TRANSFER", "NETBANKING", "WALLET", "OTHER"),
        number("received_by", optional=True),
        instant("received_at"),
        unique("receipts", "provider", "reference"),
        sa.CheckConstraint("amount_minor > 0", name="amount"),
        sa.CheckConstraint("returned_minor >= 0 AND returned_minor <= amount_minor", name="returned"),
    )
    index("receipts", "payment_id")
    hospital_table(
        "refunds",
        {"payment_id": "payments", "receipt_id": "receipts"},
        number("amount_minor"),
        words("currency", 3),
        words("reason", 500),
        one_of("status", "refundstatus", "PENDING", "PROCESSED", "FAILED"),
        words("provider_refund_id", 64, optional=True),
        words("last_error", 500, optional=True),
        number("requested_by", optional=True),
        instant("requested_at"),
        instant("checked_at", optional=True),
        instant("settled_at", optional=True),
        sa.CheckConstraint("amount_minor > 0", name="amount"),
    )
    index("refunds", "payment_id")
    index_where("ix_refunds_pending", "refunds", "requested_at", "status = 'PENDING'")
    hospital_table(
        "ledger_entries",
        {"payment_id": "payments"},
        number("centre_id"),
        number("clinician_id", optional=True),
        one_of("kind", "entrykind", "RECEIPT", "DISCOUNT", "REFUND", "REFUND_FAILED"),
        one_of("account", "account", "PATIENT", "DESK", "GATEWAY", "DISCOUNTS"),
        number("amount_minor"),
        words("reference", 64),
        number("entered_by", optional=True),
        sa.Column("entered_on", sa.Date(), nullable=False),
        instant("at"),
        sa.CheckConstraint("amount_minor <> 0", name="amount"),
    )
    index("ledger_entries", "payment_id")
    index("ledger_entries", "hospital_id", "entered_on", "account")
    index("ledger_entries", "clinician_id", "entered_on")
    table(
        "webhook_events",
        words("provider", 24),
        words("event_id", 80),
        words("name", 64),
        words("outcome", 24),
        instant("received_at"),
        unique("webhook_events", "provider", "event_id"),
    )
    hospital_table(
        "invoices",
        {"visit_id": "visits", "payment_id": "payments"},
        number("number"),
        words("label", 32),
        sa.Column("content", JSON, nullable=False),
        number("issued_by", optional=True),
        instant("issued_at"),
        unique("invoices", "visit_id"),
        unique("invoices", "hospital_id", "number"),
    )
    op.create_table(
        "invoice_counters",
        number("hospital_id"),
        number("last_number"),
        sa.PrimaryKeyConstraint("hospital_id", name="pk_invoice_counters"),
        sa.ForeignKeyConstraint(["hospital_id"], ["hospitals.id"], name="fk_invoice_counters_hospital_id"),
    )


def create_messages() -> None:
    table(
        "inbound_messages",
        number("hospital_id", optional=True),
        words("provider_id", 64),
        one_of("channel", "channel", *CHANNELS),
        words("sender", 32),
        words("recipient", 32),
        words("body", 1600),
        words("command", 16, optional=True),
        words("outcome", 40),
        words("answer", 500, optional=True),
        number("appointment_id", optional=True),
        instant("received_at"),
        unique("inbound_messages", "provider_id"),
    )
    index("inbound_messages", "hospital_id", "received_at")
    op.create_table(
        "opt_outs",
        one_of("channel", "channel", *CHANNELS),
        words("address", 254),
        words("source", 40),
        instant("stopped_at"),
        sa.PrimaryKeyConstraint("channel", "address", name="pk_opt_outs"),
    )
    hospital_table(
        "consents",
        {"patient_id": "patients"},
        one_of("purpose", "purpose", "CARE", "OTHER"),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        words("source", 40),
        number("actor_id", optional=True),
        instant("at"),
    )
    index("consents", "patient_id", "purpose")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name in APPEND_ONLY:
            op.execute(f"DROP TRIGGER append_only ON {name}")
        op.execute("DROP FUNCTION refuse_change()")
    else:
        for name in APPEND_ONLY:
            for event in ("UPDATE", "DELETE"):
                op.execute(f"DROP TRIGGER append_only_{name}_{event}")
    for name in (
        *("consents", "opt_outs", "inbound_messages", "invoice_counters", "invoices", "webhook_events"),
        *("ledger_entries", "refunds", "receipts", "payment_links"),
    ):
        op.drop_table(name)
    op.drop_index("ix_notifications_provider_id", table_name="notifications")
    op.drop_index("ix_notifications_patient_id_created_at", table_name="notifications")
    op.execute("DELETE FROM notifications WHERE status NOT IN ('SENT')")
    with op.batch_alter_table("notifications", table_kwargs={"sqlite_autoincrement": True}) as notifications:
        notifications.drop_constraint(op.f("ck_notifications_notificationstatus"), type_="check")
        notifications.alter_column("status", existing_type=sa.String(24), type_=sa.String(16), existing_nullable=False)
        for column in (
            *("user_id", "body", "language", "provider_id", "attempts", "last_error", "tried_at", "delivered_at"),
        ):
            notifications.drop_column(column)
    with op.batch_alter_table("hospital_configs") as configs:
        configs.drop_constraint(op.f("ck_hospital_configs_noshowmode"), type_="check")
        for column in (
            *("no_show_mode", "turn_near_positions", "quiet_from", "quiet_until", "invoice_prefix"),
            *("full_refund_notice_minutes", "late_refund_percent", "payment_link_hours", "tax_number"),
        ):
            configs.drop_column(column)
    with op.batch_alter_table("payments", table_kwargs={"sqlite_autoincrement": True}) as payments:
        payments.drop_constraint(op.f("ck_payments_discounts"), type_="check")
        payments.drop_column("transaction_id")
        payments.drop_column("discount_minor")
    op.drop_index("ix_payment_orders_open", table_name="payment_orders")
    for name, column in (
        *(("payment_orders", "closed_at"), ("payment_orders", "checked_at"), ("visits", "turn_told_at")),
        *(("appointments", "no_show_proposed_at"), ("appointments", "reminded_at")),
    ):
        op.drop_column(name, column)
