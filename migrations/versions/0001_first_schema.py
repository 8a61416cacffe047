"""The first schema."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from outpatient.models.columns import Instant

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

NO_OVERLAP_POSTGRESQL = """
ALTER TABLE occupancy ADD CONSTRAINT no_overlap EXCLUDE USING gist (
    hospital_id WITH =, clinician_id WITH =,
    int4range(lane::int, lane::int, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&
)
"""

NO_OVERLAP_SQLITE = """
CREATE TRIGGER no_overlap_{event} BEFORE {event} ON occupancy
WHEN EXISTS (
    SELECT 1 FROM occupancy AS other
    WHERE other.clinician_id = NEW.clinician_id AND other.hospital_id = NEW.hospital_id
      AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at
      AND (other.lane IS NULL OR NEW.lane IS NULL OR other.lane = NEW.lane)
      AND other.id IS NOT NEW.id
)
BEGIN SELECT RAISE(ABORT, 'no_overlap'); END
"""

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_tables()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        op.execute(NO_OVERLAP_POSTGRESQL)
    else:
        for event in ("INSERT", "UPDATE"):
            op.execute(NO_OVERLAP_SQLITE.format(event=event))


def create_tables() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("hospital_id", ID, nullable=True),
        sa.Column("actor_id", ID, nullable=True),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_audit_entries_hospital_id_subject_subject_id"),
        "audit_entries",
        ["hospital_id", "subject", "subject_id"],
        unique=False,
    )
    op.create_table(
        "budgets",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("window_starts_at", Instant(), nullable=False),
        sa.Column("used", ID, nullable=False),
        sa.PrimaryKeyConstraint("key", "window_starts_at", name=op.f("pk_budgets")),
    )
    op.create_table(
        "events",
        sa.Column("hospital_id", ID, nullable=True),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("actor_id", ID, nullable=True),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("position", ID, nullable=True),
        sa.Column("id", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_events_subject_subject_id"), "events", ["subject", "subject_id"], unique=False)
    op.create_index(
        "ix_events_unpositioned",
        "events",
        ["id"],
        unique=False,
        sqlite_where=sa.text("position IS NULL"),
        postgresql_where=sa.text("position IS NULL"),
    )
    op.create_index(
        "uq_events_position",
        "events",
        ["position"],
        unique=True,
        sqlite_where=sa.text("position IS NOT NULL"),
        postgresql_where=sa.text("position IS NOT NULL"),
    )
    op.create_table(
        "hospitals",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hospitals")),
        sa.UniqueConstraint("slug", name=op.f("uq_hospitals_slug")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("hospital_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("route", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_id", ID, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("hospital_id", "user_id", "route", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_table(
        "users",
        sa.Column("full_name", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("username", sa.String(length=64), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column(
            "gender",
            sa.Enum(
                "MALE",
                "FEMALE",
                "OTHER",
                "UNDISCLOSED",
                name="gender",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("birth_year", ID, nullable=True),
        sa.Column("phone_proven_at", Instant(), nullable=True),
        sa.Column("photo_name", sa.String(length=80), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_superadmin", sa.Boolean(), nullable=False),
        sa.Column("version", ID, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        sa.UniqueConstraint("phone", name=op.f("uq_users_phone")),
        sa.UniqueConstraint("username", name=op.f("uq_users_username")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "centres",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("city", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.Column("hospital_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.ForeignKeyConstraint(["hospital_id"], ["hospitals.id"], name=op.f("fk_centres_hospital_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_centres")),
        sa.UniqueConstraint("hospital_id", "id", name=op.f("uq_centres_hospital_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "deliveries",
        sa.Column("event_id", ID, nullable=False),
        sa.Column("reaction", sa.String(length=80), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "PENDING", "DONE", "PARKED", name="deliverystatus", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("attempts", ID, nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.Column("done_at", Instant(), nullable=True),
        sa.Column("id", ID, nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_deliveries_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("event_id", "reaction", name=op.f("uq_deliveries_event_id_reaction")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("status = 'PENDING'"),
        postgresql_where=sa.text("status = 'PENDING'"),
    )
    op.create_table(
        "hospital_configs",
        sa.Column("hospital_id", ID, nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column(
            "booking_mode",
            sa.Enum(
                "TOKEN_ONLY",
                "TIME_SLOT_ONLY",
                "BOTH",
                name="bookingmode",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "prepayment",
            sa.Enum("NONE", "BOOKING", "ALL", name="prepayment", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("hold_minutes", ID, nullable=False),
        sa.Column("default_duration_minutes", ID, nullable=False),
        sa.Column("buffer_minutes", ID, nullable=False),
        sa.Column("minimum_notice_minutes", ID, nullable=False),
        sa.Column("booking_horizon_days", ID, nullable=False),
        sa.Column("cancellation_notice_minutes", ID, nullable=False),
        sa.Column("max_unpaid_holds", ID, nullable=False),
        sa.Column("daily_patient_limit", ID, nullable=True),
        sa.Column("max_queue_length", ID, nullable=True),
        sa.Column("early_arrival_minutes", ID, nullable=False),
        sa.Column("skip_positions", ID, nullable=False),
        sa.Column("default_consultation_minutes", ID, nullable=False),
        sa.Column(
            "token_reset_frequency",
            sa.Enum(
                "DAILY",
                "WEEKLY",
                "MONTHLY",
                "NEVER",
                name="tokenreset",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("token_prefix", sa.String(length=8), nullable=False),
        sa.Column("reminder_minutes", ID, nullable=False),
        sa.Column("no_show_after_minutes", ID, nullable=False),
        sa.ForeignKeyConstraint(["hospital_id"], ["hospitals.id"], name=op.f("fk_hospital_configs_hospital_id")),
        sa.PrimaryKeyConstraint("hospital_id", name=op.f("pk_hospital_configs")),
    )
    op.create_table(
        "memberships",
        sa.Column("user_id", ID, nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "SUPERADMIN",
                "ADMIN",
                "MANAGER",
                "CLINICIAN",
                "CENTRE_MANAGER",
                "CARE_COORDINATOR",
                "FRONT_DESK",
                "PATIENT",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.Column("hospital_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.ForeignKeyConstraint(["hospital_id"], ["hospitals.id"], name=op.f("fk_memberships_hospital_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_memberships_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
        sa.UniqueConstraint("hospital_id", "id", name=op.f("uq_memberships_hospital_id_id")),
        sa.UniqueConstraint("hospital_id", "user_id", name=op.f("uq_memberships_hospital_id_user_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_memberships_user_id"), "memberships", ["user_id"], unique=False)
    op.create_table(
        "notifications",
        sa.Column("hospital_id", ID, nullable=True),
        sa.Column("event_id", ID, nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("notification_type", sa.String(length=40), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("SMS", "WHATSAPP", "EMAIL", name="channel", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("patient_id", ID, nullable=True),
        sa.Column("appointment_id", ID, nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_notifications_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint("key", name=op.f("uq_notifications_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_notifications_hospital_id_created_at"), "notifications", ["hospital_id", "created_at"], unique=False
    )
    op.create_table(
        "otp_challenges",
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("STAFF", "PATIENT", name="sessionkind", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("hospital_id", ID, nullable=True),
        sa.Column("full_name", sa.String(length=200), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("tries", ID, nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("id", ID, nullable=False),
        sa.ForeignKeyConstraint(["hospital_id"], ["hospitals.id"], name=op.f("fk_otp_challenges_hospital_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_otp_challenges")),
        sa.UniqueConstraint("nonce", name=op.f("uq_otp_challenges_nonce")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_otp_challenges_phone_kind_created_at"), "otp_challenges", ["phone", "kind", "created_at"], unique=False
    )
    op.create_table(
        "patients",
        sa.Column("full_name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("date_of_birth", sa.Date(), nullable=True),
        sa.Column("birth_year", ID, nullable=True),
        sa.Column(
            "gender",
            sa.Enum(
                "MALE",
                "FEMALE",
                "OTHER",
                "UNDISCLOSED",
                name="gender",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("blood_group", sa.String(length=8), nullable=True),
        sa.Column("address", sa.String(length=500), nullable=True),
        sa.Column("emergency_contact_name", sa.String(length=200), nullable=True),
        sa.Column("emergency_contact_phone", sa.String(length=20), nullable=True),
        sa.Column("medical_history", sa.String(length=10000), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.Column("hospital_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.ForeignKeyConstraint(["hospital_id"], ["hospitals.id"], name=op.f("fk_patients_hospital_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patients")),
        sa.UniqueConstraint("hospital_id", "id", name=op.f("uq_patients_hospital_id_id")),
        sa.UniqueConstraint("hospital_id", "phone", "name_key", name=op.f("uq_patients_hospital_id_phone_name_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sessions",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("hospital_id", ID, nullable=True),
        sa.Column(
            "kind",
            sa.Enum("STAFF", "PATIENT", name="sessionkind", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("id", ID, nullable=False),
        sa.ForeignKeyConstraint(["hospital_id"], ["hospitals.id"], name=op.f("fk_sessions_hospital_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"], unique=False)
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"], unique=False)
    op.create_table(
        "departments",
        sa.Column("centre_id", ID, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=True),
        sa.Column("token_prefix", sa.String(length=8), nullable=True),
        sa.Column(
            "booking_mode",
            sa.Enum(
                "TOKEN_ONLY",
                "TIME_SLOT_ONLY",
                "BOTH",
                name="bookingmode",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column(
            "token_reset_frequency",
            sa.Enum(
                "DAILY",
                "WEEKLY",
                "MONTHLY",
                "NEVER",
                name="tokenreset",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("daily_patient_limit", ID, nullable=True),
        sa.Column("max_queue_length", ID, nullable=True),
        sa.Column("default_consultation_minutes", ID, nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("hospital_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["hospital_id", "centre_id"],
            ["centres.hospital_id", "centres.id"],
            name=op.f("fk_departments_hospital_id_centre_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departments")),
        sa.UniqueConstraint("hospital_id", "id", name=op.f("uq_departments_hospital_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "membership_centres",
        sa.Column("hospital_id", ID, nullable=False),
        sa.Column("membership_id", ID, nullable=False),
        sa.Column("centre_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["hospital_id", "centre_id"],
            ["centres.hospital_id", "centres.id"],
            name=op.f("fk_membership_centres_hospital_id_centre_id"),
        ),
        sa.ForeignKeyConstraint(
            ["hospital_id", "membership_id"],
            ["memberships.hospital_id", "memberships.id"],
            name=op.f("fk_membership_centres_hospital_id_membership_id"),
        ),
        sa.PrimaryKeyConstraint("hospital_id", "membership_id", "centre_id", name=op.f("pk_membership_centres")),
    )
    op.create_table(
        "patient_access",
        sa.Column("hospital_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("patient_id", ID, nullable=False),
        sa.Column(
            "kinship",
            sa.Enum("SELF", "GUARDIAN", name="kinship", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["hospital_id", "patient_id"],
            ["patients.hospital_id", "patients.id"],
            name=op.f("fk_patient_access_hospital_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_patient_access_user_id")),
        sa.PrimaryKeyConstraint("hospital_id", "user_id", "patient_id", name=op.f("pk_patient_access")),
    )
    op.create_index(op.f("ix_patient_access_user_id"), "patient_access", ["user_id"], unique=False)
    op.create_table(
        "refresh_tokens",
        sa.Column("session_id", ID, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("issued_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("id", ID, nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_refresh_tokens_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_refresh_tokens_digest")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_refresh_tokens_session_id"), "refresh_tokens", ["session_id"], unique=False)
    op.create_table(
        "clinicians",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("primary_centre_id", ID, nullable=False),
        sa.Column("department_id", ID, nullable=True),
        sa.Column("designation", sa.String(length=120), nullable=True),
        sa.Column("specialization", JSON, nullable=False),
        sa.Column("qualification", JSON, nullable=False),
        sa.Column("languages", JSON, nullable=False),
        sa.Column("years_of_experience", ID, nullable=False),
        sa.Column("bio", sa.String(length=2000), nullable=True),
        sa.Column("profile_picture_url", sa.String(length=500), nullable=True),
        sa.Column("consultation_fee_minor", ID, nullable=False),
        sa.Column("default_duration_minutes", ID, nullable=True),
        sa.Column("capacity", ID, nullable=False),
        sa.Column("daily_patient_limit", ID, nullable=True),
        sa.Column("room", sa.String(length=40), nullable=True),
        sa.Column("schedule_version", ID, nullable=False),
        sa.Column("is_on_duty", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.Column("hospital_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.CheckConstraint("capacity BETWEEN 1 AND 50", name=op.f("ck_clinicians_capacity")),
        sa.CheckConstraint("consultation_fee_minor >= 0", name=op.f("ck_clinicians_fee")),
        sa.ForeignKeyConstraint(
            ["hospital_id", "department_id"],
            ["departments.hospital_id", "departments.id"],
            name=op.f("fk_clinicians_hospital_id_department_id"),
        ),
        sa.ForeignKeyConstraint(
            ["hospital_id", "primary_centre_id"],
            ["centres.hospital_id", "centres.id"],
            name=op.f("fk_clinicians_hospital_id_primary_centre_id"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_clinicians_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinicians")),
        sa.UniqueConstraint("hospital_id", "id", name=op.f("uq_clinicians_hospital_id_id")),
        sa.UniqueConstraint("hospital_id", "user_id", name=op.f("uq_clinicians_hospital_id_user_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "services",
        sa.Column("department_id", ID, nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=True),
        sa.Column("duration_minutes", ID, nullable=False),
        sa.Column("price_minor", ID, nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("hospital_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.CheckConstraint("duration_minutes BETWEEN 1 AND 1440", name=op.f("ck_services_duration")),
        sa.CheckConstraint("price_minor >= 0", name=op.f("ck_services_price")),
        sa.ForeignKeyConstraint(
            ["hospital_id", "department_id"],
            ["departments.hospital_id", "departments.id"],
            name=op.f("fk_services_hospital_id_department_id"),
        ),
        sa.ForeignKeyConstraint(["hospital_id"], ["hospitals.id"], name=op.f("fk_services_hospital_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_services")),
        sa.UniqueConstraint("hospital_id", "id", name=op.f("uq_services_hospital_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "appointments",
        sa.Column("patient_id", ID, nullable=False),
        sa.Column("clinician_id", ID, nullable=False),
        sa.Column("centre_id", ID, nullable=False),
        sa.Column("department_id", ID, nullable=True),
        sa.Column("service_id", ID, nullable=True),
        sa.Column(
            "booking_type",
            sa.Enum("TIME_SLOT", "TOKEN", name="bookingtype", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("service_on", sa.Date(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=True),
        sa.Column("ends_at", Instant(), nullable=True),
        sa.Column(
            "session_type",
            sa.Enum(
                "IN_PERSON", "ONLINE", "PHONE", name="sessiontype", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "PENDING",
                "CONFIRMED",
                "CHECKED_IN",
                "COMPLETED",
                "CANCELLED",
                "NO_SHOW",
                name="appointmentstatus",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "booking_source",
            sa.Enum(
                "WEBSITE",
                "WHATSAPP",
                "PHONE",
                "WALK_IN",
                "FRONT_DESK",
                "REFERRAL",
                "OTHER",
                name="bookingsource",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("fee_minor", ID, nullable=False),
        sa.Column("notes", sa.String(length=2000), nullable=True),
        sa.Column(
            "cancelled_by",
            sa.Enum(
                "PATIENT", "STAFF", "SYSTEM", name="cancelledby", native_enum=False, create_constraint=True, length=24
            ),
            nullable=True,
        ),
        sa.Column("cancel_reason", sa.String(length=500), nullable=True),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("meet_link", sa.String(length=500), nullable=True),
        sa.Column("created_by", ID, nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("hospital_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.CheckConstraint(
            "(booking_type = 'TOKEN') = (starts_at IS NULL)", name=op.f("ck_appointments_interval_given")
        ),
        sa.CheckConstraint("(starts_at IS NULL) = (ends_at IS NULL)", name=op.f("ck_appointments_interval_whole")),
        sa.CheckConstraint("fee_minor >= 0", name=op.f("ck_appointments_fee")),
        sa.ForeignKeyConstraint(
            ["hospital_id", "centre_id"],
            ["centres.hospital_id", "centres.id"],
            name=op.f("fk_appointments_hospital_id_centre_id"),
        ),
        sa.ForeignKeyConstraint(
            ["hospital_id", "clinician_id"],
            ["clinicians.hospital_id", "clinicians.id"],
            name=op.f("fk_appointments_hospital_id_clinician_id"),
        ),
        sa.ForeignKeyConstraint(
            ["hospital_id", "department_id"],
            ["departments.hospital_id", "departments.id"],
            name=op.f("fk_appointments_hospital_id_department_id"),
        ),
        sa.ForeignKeyConstraint(
            ["hospital_id", "patient_id"],
            ["patients.hospital_id", "patients.id"],
            name=op.f("fk_appointments_hospital_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["hospital_id", "service_id"],
            ["services.hospital_id", "services.id"],
            name=op.f("fk_appointments_hospital_id_service_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
        sa.UniqueConstraint("hospital_id", "id", name=op.f("uq_appointments_hospital_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_appointments_clinician_id_service_on_starts_at"),
        "appointments",
        ["clinician_id", "service_on", "starts_at"],
        unique=False,
    )
    op.create_index(
        "ix_appointments_holds",
        "appointments",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("status = 'PENDING' AND expires_at IS NOT NULL"),
        postgresql_where=sa.text("status = 'PENDING' AND expires_at IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_appointments_hospital_id_service_on_starts_at"),
        "appointments",
        ["hospital_id", "service_on", "starts_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_appointments_patient_id_service_on"), "appointments", ["patient_id", "service_on"], unique=False
    )
    op.create_table(
        "availability_rules",
        sa.Column("clinician_id", ID, nullable=False),
        sa.Column("centre_id", ID, nullable=False),
        sa.Column("weekday", ID, nullable=False),
        sa.Column("start_minute", ID, nullable=False),
        sa.Column("end_minute", ID, nullable=False),
        sa.Column("hospital_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.CheckConstraint(
            "start_minute >= 0 AND start_minute < end_minute AND end_minute <= 1440",
            name=op.f("ck_availability_rules_hours"),
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_availability_rules_weekday")),
        sa.ForeignKeyConstraint(
            ["hospital_id", "centre_id"],
            ["centres.hospital_id", "centres.id"],
            name=op.f("fk_availability_rules_hospital_id_centre_id"),
        ),
        sa.ForeignKeyConstraint(
            ["hospital_id", "clinician_id"],
            ["clinicians.hospital_id", "clinicians.id"],
            name=op.f("fk_availability_rules_hospital_id_clinician_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability_rules")),
        sa.UniqueConstraint("hospital_id", "id", name=op.f("uq_availability_rules_hospital_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_availability_rules_clinician_id"), "availability_rules", ["clinician_id"], unique=False)
    op.create_table(
        "open_slots",
        sa.Column("clinician_id", ID, nullable=False),
        sa.Column("centre_id", ID, nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("created_by", ID, nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.Column("hospital_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_open_slots_interval")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_open_slots_created_by")),
        sa.ForeignKeyConstraint(
            ["hospital_id", "centre_id"],
            ["centres.hospital_id", "centres.id"],
            name=op.f("fk_open_slots_hospital_id_centre_id"),
        ),
        sa.ForeignKeyConstraint(
            ["hospital_id", "clinician_id"],
            ["clinicians.hospital_id", "clinicians.id"],
            name=op.f("fk_open_slots_hospital_id_clinician_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_slots")),
        sa.UniqueConstraint("hospital_id", "id", name=op.f("uq_open_slots_hospital_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_open_slots_clinician_id_starts_at"), "open_slots", ["clinician_id", "starts_at"], unique=False
    )
    op.create_table(
        "time_off",
        sa.Column("clinician_id", ID, nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("created_by", ID, nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.Column("hospital_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_time_off_interval")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_time_off_created_by")),
        sa.ForeignKeyConstraint(
            ["hospital_id", "clinician_id"],
            ["clinicians.hospital_id", "clinicians.id"],
            name=op.f("fk_time_off_hospital_id_clinician_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_off")),
        sa.UniqueConstraint("hospital_id", "id", name=op.f("uq_time_off_hospital_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_time_off_clinician_id_starts_at"), "time_off", ["clinician_id", "starts_at"], unique=False)
    op.create_table(
        "occupancy",
        sa.Column("clinician_id", ID, nullable=False),
        sa.Column("lane", ID, nullable=True),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("appointment_id", ID, nullable=True),
        sa.Column("time_off_id", ID, nullable=True),
        sa.Column("hospital_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.CheckConstraint("(appointment_id IS NULL) <> (time_off_id IS NULL)", name=op.f("ck_occupancy_occupant")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_occupancy_interval")),
        sa.ForeignKeyConstraint(
            ["hospital_id", "appointment_id"],
            ["appointments.hospital_id", "appointments.id"],
            name=op.f("fk_occupancy_hospital_id_appointment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["hospital_id", "clinician_id"],
            ["clinicians.hospital_id", "clinicians.id"],
            name=op.f("fk_occupancy_hospital_id_clinician_id"),
        ),
        sa.ForeignKeyConstraint(
            ["hospital_id", "time_off_id"],
            ["time_off.hospital_id", "time_off.id"],
            name=op.f("fk_occupancy_hospital_id_time_off_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occupancy")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_occupancy_appointment_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_occupancy_clinician_id_ends_at"), "occupancy", ["clinician_id", "ends_at"], unique=False)
    op.create_index(
        "uq_occupancy_time_off_id",
        "occupancy",
        ["time_off_id"],
        unique=True,
        sqlite_where=sa.text("time_off_id IS NOT NULL"),
        postgresql_where=sa.text("time_off_id IS NOT NULL"),
    )
    op.create_table(
        "patient_notes",
        sa.Column("patient_id", ID, nullable=False),
        sa.Column("appointment_id", ID, nullable=True),
        sa.Column("author_id", ID, nullable=False),
        sa.Column("note", sa.String(length=10000), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("hospital_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_patient_notes_author_id")),
        sa.ForeignKeyConstraint(
            ["hospital_id", "appointment_id"],
            ["appointments.hospital_id", "appointments.id"],
            name=op.f("fk_patient_notes_hospital_id_appointment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["hospital_id", "patient_id"],
            ["patients.hospital_id", "patients.id"],
            name=op.f("fk_patient_notes_hospital_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_notes")),
        sa.UniqueConstraint("hospital_id", "id", name=op.f("uq_patient_notes_hospital_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_patient_notes_patient_id_created_at"), "patient_notes", ["patient_id", "created_at"], unique=False
    )
    op.create_table(
        "visits",
        sa.Column("appointment_id", ID, nullable=True),
        sa.Column("patient_id", ID, nullable=False),
        sa.Column("clinician_id", ID, nullable=True),
        sa.Column("centre_id", ID, nullable=False),
        sa.Column("department_id", ID, nullable=True),
        sa.Column("service_on", sa.Date(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "EXPECTED",
                "WAITING",
                "CALLED",
                "IN_PROGRESS",
                "ON_HOLD",
                "SKIPPED",
                "COMPLETED",
                "CANCELLED",
                "NO_SHOW",
                name="visitstatus",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("completed_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("hospital_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["hospital_id", "appointment_id"],
            ["appointments.hospital_id", "appointments.id"],
            name=op.f("fk_visits_hospital_id_appointment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["hospital_id", "clinician_id"],
            ["clinicians.hospital_id", "clinicians.id"],
            name=op.f("fk_visits_hospital_id_clinician_id"),
        ),
        sa.ForeignKeyConstraint(
            ["hospital_id", "patient_id"],
            ["patients.hospital_id", "patients.id"],
            name=op.f("fk_visits_hospital_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_visits_appointment_id")),
        sa.UniqueConstraint("hospital_id", "id", name=op.f("uq_visits_hospital_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_visits_clinician_id_service_on"), "visits", ["clinician_id", "service_on"], unique=False)
    op.create_table(
        "payments",
        sa.Column("appointment_id", ID, nullable=True),
        sa.Column("visit_id", ID, nullable=False),
        sa.Column("patient_id", ID, nullable=False),
        sa.Column("amount_minor", ID, nullable=False),
        sa.Column("paid_minor", ID, nullable=False),
        sa.Column("refunded_minor", ID, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "PENDING",
                "PARTIALLY_PAID",
                "PAID",
                "FAILED",
                "EXPIRED",
                "CANCELLED",
                "PARTIALLY_REFUNDED",
                "REFUNDED",
                name="paymentstatus",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("method", sa.String(length=24), nullable=True),
        sa.Column("paid_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("hospital_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.CheckConstraint("amount_minor >= 0 AND paid_minor >= 0", name=op.f("ck_payments_amounts")),
        sa.CheckConstraint("refunded_minor >= 0 AND refunded_minor <= paid_minor", name=op.f("ck_payments_refunds")),
        sa.ForeignKeyConstraint(
            ["hospital_id", "visit_id"],
            ["visits.hospital_id", "visits.id"],
            name=op.f("fk_payments_hospital_id_visit_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("hospital_id", "id", name=op.f("uq_payments_hospital_id_id")),
        sa.UniqueConstraint("visit_id", name=op.f("uq_payments_visit_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_payments_appointment_id"), "payments", ["appointment_id"], unique=False)
    op.create_table(
        "payment_orders",
        sa.Column("payment_id", ID, nullable=False),
        sa.Column("provider", sa.String(length=24), nullable=False),
        sa.Column("provider_order_id", sa.String(length=64), nullable=False),
        sa.Column("amount_minor", ID, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("hospital_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["hospital_id", "payment_id"],
            ["payments.hospital_id", "payments.id"],
            name=op.f("fk_payment_orders_hospital_id_payment_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_orders")),
        sa.UniqueConstraint("hospital_id", "id", name=op.f("uq_payment_orders_hospital_id_id")),
        sa.UniqueConstraint("provider", "provider_order_id", name=op.f("uq_payment_orders_provider_provider_order_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_payment_orders_payment_id"), "payment_orders", ["payment_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_payment_orders_payment_id"), table_name="payment_orders")
    op.drop_table("payment_orders")
    op.drop_index(op.f("ix_payments_appointment_id"), table_name="payments")
    op.drop_table("payments")
    op.drop_index(op.f("ix_visits_clinician_id_service_on"), table_name="visits")
    op.drop_table("visits")
    op.drop_index(op.f("ix_patient_notes_patient_id_created_at"), table_name="patient_notes")
    op.drop_table("patient_notes")
    op.drop_index(
        "uq_occupancy_time_off_id",
        table_name="occupancy",
        sqlite_where=sa.text("time_off_id IS NOT NULL"),
        postgresql_where=sa.text("time_off_id IS NOT NULL"),
    )
    op.drop_index(op.f("ix_occupancy_clinician_id_ends_at"), table_name="occupancy")
    op.drop_table("occupancy")
    op.drop_index(op.f("ix_time_off_clinician_id_starts_at"), table_name="time_off")
    op.drop_table("time_off")
    op.drop_index(op.f("ix_open_slots_clinician_id_starts_at"), table_name="open_slots")
    op.drop_table("open_slots")
    op.drop_index(op.f("ix_availability_rules_clinician_id"), table_name="availability_rules")
    op.drop_table("availability_rules")
    op.drop_index(op.f("ix_appointments_patient_id_service_on"), table_name="appointments")
    op.drop_index(op.f("ix_appointments_hospital_id_service_on_starts_at"), table_name="appointments")
    op.drop_index(
        "ix_appointments_holds",
        table_name="appointments",
        sqlite_where=sa.text("status = 'PENDING' AND expires_at IS NOT NULL"),
        postgresql_where=sa.text("status = 'PENDING' AND expires_at IS NOT NULL"),
    )
    op.drop_index(op.f("ix_appointments_clinician_id_service_on_starts_at"), table_name="appointments")
    op.drop_table("appointments")
    op.drop_table("services")
    op.drop_table("clinicians")
    op.drop_index(op.f("ix_refresh_tokens_session_id"), table_name="refresh_tokens")
    op.drop_table("refresh_tokens")
    op.drop_index(op.f("ix_patient_access_user_id"), table_name="patient_access")
    op.drop_table("patient_access")
    op.drop_table("membership_centres")
    op.drop_table("departments")
    op.drop_index(op.f("ix_sessions_user_id"), table_name="sessions")
    op.drop_index(op.f("ix_sessions_expires_at"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_table("patients")
    op.drop_index(op.f("ix_otp_challenges_phone_kind_created_at"), table_name="otp_challenges")
    op.drop_table("otp_challenges")
    op.drop_index(op.f("ix_notifications_hospital_id_created_at"), table_name="notifications")
    op.drop_table("notifications")
    op.drop_index(op.f("ix_memberships_user_id"), table_name="memberships")
    op.drop_table("memberships")
    op.drop_table("hospital_configs")
    op.drop_index(
        "ix_deliveries_due",
        table_name="deliveries",
        sqlite_where=sa.text("status = 'PENDING'"),
        postgresql_where=sa.text("status = 'PENDING'"),
    )
    op.drop_table("deliveries")
    op.drop_table("centres")
    op.drop_table("users")
    op.drop_table("idempotency_keys")
    op.drop_table("hospitals")
    op.drop_index(
        "uq_events_position",
        table_name="events",
        sqlite_where=sa.text("position IS NOT NULL"),
        postgresql_where=sa.text("position IS NOT NULL"),
    )
    op.drop_index(
        "ix_events_unpositioned",
        table_name="events",
        sqlite_where=sa.text("position IS NULL"),
        postgresql_where=sa.text("position IS NULL"),
    )
    op.drop_index(op.f("ix_events_subject_subject_id"), table_name="events")
    op.drop_table("events")
    op.drop_table("budgets")
    op.drop_index(op.f("ix_audit_entries_hospital_id_subject_subject_id"), table_name="audit_entries")
    op.drop_table("audit_entries")
