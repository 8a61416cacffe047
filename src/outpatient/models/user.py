"""People who sign in: one user in the whole installation, one membership per hospital they work in."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outpatient.core.terms import Gender, Role, SessionKind
from outpatient.models.columns import Base, HospitalRoot, Row, belongs_to, in_hospital, term


class User(Row):
    """Somebody who can sign in. `version` rises whenever every token given out so far must die.

    `phone_proven_at` is None while nobody has shown that the phone is his: no patient record is reached by it.
    """

    __tablename__ = "users"

    full_name: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(20), unique=True)
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    username: Mapped[str | None] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    gender: Mapped[Gender | None] = mapped_column(term(Gender))
    birth_year: Mapped[int | None]
    phone_proven_at: Mapped[datetime | None]
    photo_name: Mapped[str | None] = mapped_column(String(80))
    is_active: Mapped[bool] = mapped_column(default=True)
    is_superadmin: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]


class Membership(HospitalRoot):
    """A user's role in a hospital."""

    __tablename__ = "memberships"
    __table_args__ = in_hospital(UniqueConstraint("hospital_id", "user_id"), Index(None, "user_id"))

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    role: Mapped[Role] = mapped_column(term(Role))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class MembershipCentre(Base):
    """A centre that a member works at; centre staff see these centres only."""

    __tablename__ = "membership_centres"
    __table_args__ = (belongs_to("memberships", "membership_id"), belongs_to("centres", "centre_id"))

    hospital_id: Mapped[int] = mapped_column(primary_key=True)
    membership_id: Mapped[int] = mapped_column(primary_key=True)
    centre_id: Mapped[int] = mapped_column(primary_key=True)


class Session(Row):
    """One sign-in of one user through one door, alive until it ends or is revoked."""

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "user_id"), Index(None, "expires_at"), {"sqlite_autoincrement": True})

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    hospital_id: Mapped[int | None] = mapped_column(ForeignKey("hospitals.id"))
    kind: Mapped[SessionKind] = mapped_column(term(SessionKind))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class RefreshToken(Row):
    """One link in a session's chain of refresh tokens, kept as a digest; used once."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (Index(None, "session_id"), {"sqlite_autoincrement": True})

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    issued_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class StreamTicket(Base):
    """Lets a browser open one live stream as its user without a token in the address; kept as a digest, used once."""

    __tablename__ = "stream_tickets"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int]
    session_id: Mapped[int]
    hospital_id: Mapped[int]
    expires_at: Mapped[datetime]


class OtpChallenge(Row):
    """A one-time code that was asked for. The code itself is derived from `nonce` and stored nowhere."""

    __tablename__ = "otp_challenges"
    __table_args__ = (Index(None, "phone", "kind", "created_at"), {"sqlite_autoincrement": True})

    nonce: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[SessionKind] = mapped_column(term(SessionKind))
    phone: Mapped[str] = mapped_column(String(20))
    hospital_id: Mapped[int | None] = mapped_column(ForeignKey("hospitals.id"))
    full_name: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]


class Budget(Base):
    """How much of a limit one key has used in one window; counted by a single atomic upsert."""

    __tablename__ = "budgets"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    window_starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    used: Mapped[int]
