"""Figures and feedback: what each day came to, who was new, what patients say. The worker counts what is there."""

import sqlalchemy as sa
from alembic import op

from outpatient.models.columns import Instant

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def number(name: str, *, optional: bool = False, default: int | None = None) -> sa.Column:
    given = {} if default is None else {"server_default": sa.text(str(default))}
    return sa.Column(name, ID, nullable=optional, **given)


def day() -> sa.Column:
    return sa.Column("day", sa.Date(), nullable=False)


def source() -> sa.Column:
    return sa.Column("source", sa.String(24), nullable=False)


def rollup(name: str, key: list[str], *columns: sa.schema.SchemaItem) -> None:
    op.create_table(name, *columns, sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"))


def index(name: str, *columns: str) -> None:
    op.create_index(f"ix_{name}_{'_'.join(columns)}", name, list(columns))


def upgrade() -> None:
    rollup(
        "daily_figures",
        ["hospital_id", "centre_id", "clinician_id", "day"],
        *(number(name) for name in ("hospital_id", "centre_id", "clinician_id")),
        day(),
        *(
            number(name, default=0)
            for name in (
                *("pending", "confirmed", "checked_in", "completed", "cancelled", "no_show"),
                *("walk_ins", "follow_ups", "revenue_minor"),
            )
        ),
    )
    index("daily_figures", "hospital_id", "day")
    index("daily_figures", "clinician_id", "day")
    rollup(
        "newcomers",
        ["patient_id", "centre_id"],
        *(number(name) for name in ("patient_id", "centre_id", "hospital_id")),
        day(),
        source(),
    )
    index("newcomers", "hospital_id", "centre_id", "day")
    rollup(
        "daily_newcomers",
        ["hospital_id", "centre_id", "day", "source"],
        *(number(name) for name in ("hospital_id", "centre_id")),
        day(),
        source(),
        number("patients"),
    )
    create_feedback()
    let_feedback_be_asked_for()


def create_feedback() -> None:
    parents = {"visit_id": "visits", "patient_id": "patients", "clinician_id": "clinicians"}
    op.create_table(
        "feedback",
        sa.Column("id", ID, nullable=False),
        number("hospital_id"),
        *(number(column, optional=column == "clinician_id") for column in parents),
        number("centre_id"),
        number("rating"),
        sa.Column("comment", sa.String(2000), nullable=True),
        number("given_by"),
        sa.Column("given_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
        sa.UniqueConstraint("hospital_id", "id", name="uq_feedback_hospital_id_id"),
        sa.UniqueConstraint("visit_id", name="uq_feedback_visit_id"),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name="ck_feedback_rating"),
        *(
            sa.ForeignKeyConstraint(
                ["hospital_id", column],
                [f"{parent}.hospital_id", f"{parent}.id"],
                name=f"fk_feedback_hospital_id_{column}",
            )
            for column, parent in parents.items()
        ),
        sqlite_autoincrement=True,
    )
    index("feedback", "clinician_id", "given_at")
    index("feedback", "hospital_id", "given_at")
    op.create_table(
        "clinician_ratings",
        sa.Column("clinician_id", ID, autoincrement=False, nullable=False),
        *(number(name) for name in ("hospital_id", "ratings", "stars")),
        sa.PrimaryKeyConstraint("clinician_id", name="pk_clinician_ratings"),
    )


def let_feedback_be_asked_for() -> None:
    op.add_column("hospital_configs", number("feedback_after_minutes", default=0))
    op.add_column("visits", sa.Column("feedback_asked_at", Instant(), nullable=True))
    unasked = sa.text("status = 'COMPLETED' AND feedback_asked_at IS NULL")
    op.create_index(
        "ix_visits_unasked", "visits", ["hospital_id", "completed_at"], sqlite_where=unasked, postgresql_where=unasked
    )


def downgrade() -> None:
    op.drop_index("ix_visits_unasked", "visits")
    op.drop_column("visits", "feedback_asked_at")
    op.drop_column("hospital_configs", "feedback_after_minutes")
    for name in ("clinician_ratings", "feedback", "daily_newcomers", "newcomers", "daily_figures"):
        op.drop_table(name)
    op.execute("DELETE FROM followers WHERE name = 'figures'")
