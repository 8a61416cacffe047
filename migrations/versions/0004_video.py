"""Video links."""

import sqlalchemy as sa
from alembic import op

from outpatient.models.columns import Instant

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "video_links",
        sa.Column("appointment_id", ID, nullable=False),
        sa.Column(
            "provider",
            sa.Enum(
                *("google_meet", "jitsi", "other"),
                name="videoprovider",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("event_id", sa.String(length=200), nullable=True),
        sa.Column("told_at", Instant(), nullable=True),
        sa.Column("created_by", ID, nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("hospital_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["hospital_id", "appointment_id"],
            ["appointments.hospital_id", "appointments.id"],
            name=op.f("fk_video_links_hospital_id_appointment_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_video_links")),
        sa.UniqueConstraint("hospital_id", "appointment_id", name=op.f("uq_video_links_hospital_id_appointment_id")),
        sa.UniqueConstraint("hospital_id", "id", name=op.f("uq_video_links_hospital_id_id")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("video_links")
