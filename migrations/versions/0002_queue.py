"""The queue: tokens, places in the order, finished visits, paces; followers of the events and tickets for streams."""

import sqlalchemy as sa
from alembic import op

from outpatient.models.columns import Instant

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LINE = "status IN ('WAITING', 'SKIPPED')"
ROOM = "status IN ('CALLED', 'IN_PROGRESS', 'ON_HOLD')"
PRESENT = "status IN ('WAITING', 'SKIPPED', 'CALLED', 'IN_PROGRESS', 'ON_HOLD')"

INDEXES = {
    "ix_visits_walk_ins": (["clinician_id", "service_on"], "appointment_id IS NULL", False),
    "ix_visits_walk_in_patients": (["patient_id"], "appointment_id IS NULL", False),
    "ix_visits_line": (["clinician_id", "queue_rank", "queue_day", "position"], LINE, False),
    "ix_visits_room": (["clinician_id"], ROOM, False),
    "ix_visits_department": (["department_id"], PRESENT, False),
    "ix_visits_unassigned": (
        ["department_id", "queue_rank", "queue_day", "position"],
        f"clinician_id IS NULL AND {LINE}",
        False,
    ),
    "uq_visits_in_progress": (["clinician_id"], "status = 'IN_PROGRESS'", True),
    "uq_visits_token": (
        ["hospital_id", "token_group", "token_period_on", "token_number"],
        "token_number IS NOT NULL",
        True,
    ),
}

FINISHED = """
INSERT INTO visit_history (
    hospital_id, visit_id, appointment_id, patient_id, clinician_id, centre_id, department_id, service_on, priority,
    started_at, completed_at
)
SELECT hospital_id, id, appointment_id, patient_id, clinician_id, centre_id, department_id, service_on, 'NORMAL',
       COALESCE(started_at, completed_at), completed_at
FROM visits WHERE status = 'COMPLETED' AND completed_at IS NOT NULL
"""

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def priority(**given) -> sa.Column:
    terms = sa.Enum("NORMAL", "URGENT", "VIP", native_enum=False, create_constraint=True, length=24, name="priority")
    return sa.Column("priority", terms, nullable=False, **given)


def upgrade() -> None:
    with op.batch_alter_table("visits", table_kwargs={"sqlite_autoincrement": True}) as visits:
        visits.add_column(sa.Column("service_id", ID))
        visits.add_column(priority(server_default="NORMAL"))
        visits.add_column(sa.Column("notes", sa.String(2000)))
        visits.add_column(sa.Column("token_group", sa.String(24)))
        visits.add_column(sa.Column("token_period_on", sa.Date()))
        visits.add_column(sa.Column("token_number", ID))
        visits.add_column(sa.Column("token_label", sa.String(24)))
        visits.add_column(sa.Column("queue_rank", ID, nullable=False, server_default=sa.text("1")))
        visits.add_column(sa.Column("queue_day", sa.Date()))
        visits.add_column(sa.Column("position", ID))
        visits.add_column(sa.Column("not_before", Instant()))
        visits.add_column(sa.Column("hold_reason", sa.String(500)))
        visits.add_column(sa.Column("checked_in_at", Instant()))
        visits.add_column(sa.Column("called_at", Instant()))
        visits.add_column(sa.Column("estimated_minutes", ID))
        visits.add_column(sa.Column("estimated_from", ID))
        visits.add_column(sa.Column("estimated_to", ID))
        visits.create_foreign_key(
            "fk_visits_hospital_id_service_id", "services", ["hospital_id", "service_id"], ["hospital_id", "id"]
        )
        visits.create_check_constraint("token_whole", "(token_number IS NULL) = (token_label IS NULL)")
        visits.create_check_constraint(
            "placed", f"NOT ({PRESENT}) OR (position IS NOT NULL AND token_number IS NOT NULL)"
        )
        visits.drop_index("ix_visits_clinician_id_service_on")
    op.execute(
        "UPDATE visits SET service_id ="
        " (SELECT service_id FROM appointments WHERE appointments.id = visits.appointment_id)"
    )
    op.create_index("ix_visits_centre_id_service_on", "visits", ["centre_id", "service_on"])
    for name, (columns, condition, is_unique) in INDEXES.items():
        where = sa.text(condition)
        op.create_index(name, "visits", columns, unique=is_unique, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "token_counters",
        sa.Column("hospital_id", ID, autoincrement=False, nullable=False),
        sa.Column("token_group", sa.String(24), nullable=False),
        sa.Column("period_on", sa.Date(), nullable=False),
        sa.Column("last_number", ID, nullable=False),
        sa.PrimaryKeyConstraint("hospital_id", "token_group", "period_on", name="pk_token_counters"),
    )
    op.create_table(
        "visit_history",
        sa.Column("id", ID, nullable=False),
        sa.Column("hospital_id", ID, nullable=False),
        sa.Column("visit_id", ID, nullable=False),
        sa.Column("appointment_id", ID),
        sa.Column("patient_id", ID, nullable=False),
        sa.Column("clinician_id", ID),
        sa.Column("centre_id", ID, nullable=False),
        sa.Column("department_id", ID),
        sa.Column("service_on", sa.Date(), nullable=False),
        sa.Column("token_label", sa.String(24)),
        priority(),
        sa.Column("checked_in_at", Instant()),
        sa.Column("called_at", Instant()),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("completed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_visit_history"),
        sa.UniqueConstraint("hospital_id", "id", name="uq_visit_history_hospital_id_id"),
        sa.UniqueConstraint("visit_id", name="uq_visit_history_visit_id"),
        sa.ForeignKeyConstraint(
            ["hospital_id", "visit_id"],
            ["visits.hospital_id", "visits.id"],
            name="fk_visit_history_hospital_id_visit_id",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_visit_history_patient_id_service_on", "visit_history", ["patient_id", "service_on"])
    op.create_index("ix_visit_history_clinician_id_completed_at", "visit_history", ["clinician_id", "completed_at"])
    op.execute(FINISHED)
    op.create_table(
        "paces",
        sa.Column("clinician_id", ID, autoincrement=False, nullable=False),
        sa.Column("hospital_id", ID, nullable=False),
        sa.Column("mean_seconds", ID, nullable=False),
        sa.Column("spread_seconds", ID, nullable=False),
        sa.Column("counted", ID, nullable=False),
        sa.PrimaryKeyConstraint("clinician_id", name="pk_paces"),
    )
    op.create_table(
        "followers",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("position", ID, nullable=False),
        sa.Column("lease", sa.String(32)),
        sa.Column("leased_until", Instant()),
        sa.PrimaryKeyConstraint("name", name="pk_followers"),
    )
    op.create_table(
        "stream_tickets",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("session_id", ID, nullable=False),
        sa.Column("hospital_id", ID, nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_stream_tickets"),
    )


def downgrade() -> None:
    # nobody is in the house where there are no tokens: who has an appointment is expected again, who has none is gone
    op.execute(f"UPDATE visits SET status = 'EXPECTED' WHERE appointment_id IS NOT NULL AND {PRESENT}")  # noqa: S608 (our own words)
    op.execute(f"UPDATE visits SET status = 'CANCELLED' WHERE appointment_id IS NULL AND {PRESENT}")  # noqa: S608 (likewise)
    for table in ("stream_tickets", "followers", "paces", "visit_history", "token_counters"):
        op.drop_table(table)
    for name in (*INDEXES, "ix_visits_centre_id_service_on"):
        op.drop_index(name, table_name="visits")
    with op.batch_alter_table("visits", table_kwargs={"sqlite_autoincrement": True}) as visits:
        for name in ("ck_visits_placed", "ck_visits_token_whole", "ck_visits_priority"):
            visits.drop_constraint(op.f(name), type_="check")
        visits.drop_constraint("fk_visits_hospital_id_service_id", type_="foreignkey")
        for column in (
            *("service_id", "priority", "notes", "token_group", "token_period_on", "token_number", "token_label"),
            *("queue_rank", "queue_day", "position", "not_before", "hold_reason", "checked_in_at", "called_at"),
            *("estimated_minutes", "estimated_from", "estimated_to"),
        ):
            visits.drop_column(column)
        visits.create_index("ix_visits_clinician_id_service_on", ["clinician_id", "service_on"])
