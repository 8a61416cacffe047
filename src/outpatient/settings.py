"""Every environment variable: its type, its default, one line of what it does. docs/settings.md is made from here."""

import re
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import AfterValidator, AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

DEVELOPMENT_SECRET = "development-only-secret-never-use-it-in-production"  # noqa: S105 (refused in production)
DOCUMENTED_DEFAULTS = frozenset(
    {DEVELOPMENT_SECRET, "your_jwt_secret", "dev-secret", "jwt-dev-secret", "DOC2024SECRET", "your-secret-key"}
)
SECRET_BYTES = 32

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _span(text: str) -> str:
    if not re.fullmatch(r"\d+[smhd]", text):
        raise ValueError("write a number and s, m, h or d, such as 15m")
    return text


def _rate(text: str) -> str:
    if not re.fullmatch(r"[1-9]\d*\s*/\s*[1-9]\d*\s*(second|minute|hour|day)s?", text):
        raise ValueError("write a count, a slash and a time, such as 5/15 minutes")
    return text


Span = Annotated[str, AfterValidator(_span)]
Rate = Annotated[str, AfterValidator(_rate)]


def span(text: str) -> timedelta:
    """`15m` → fifteen minutes."""
    return timedelta(**{_UNITS[text[-1]]: int(text[:-1])})


def rate(text: str) -> tuple[int, timedelta]:
    """`5/15 minutes` → (5, fifteen minutes)."""
    count, _, window = text.partition("/")
    amount, unit = re.fullmatch(r"\s*(\d+)\s*(\w+?)s?", window).groups()  # type: ignore[union-attr]
    return int(count), timedelta(**{f"{unit}s": int(amount)})


class Settings(BaseSettings):
    """The process's configuration, read once from the environment and `.env`."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, populate_by_name=True)

    environment: Literal["development", "production"] = Field(
        "development", validation_alias=AliasChoices("ENVIRONMENT", "NODE_ENV"), description="development or production"
    )
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, description="port to listen on")
    public_url: str = Field(
        "", description="address people reach us at, for links in messages; default http://HOST:PORT"
    )
    cors_origin: str = Field(
        "http://localhost:3000,http://localhost:5173",
        description="origins that browsers may call from, comma-separated",
    )

    database_url: str = Field("", description="sqlite:///./outpatient.db (default) or postgresql://user:pw@host/name")
    db_host: str = Field("", description="PostgreSQL host, when DATABASE_URL is not given")
    db_port: int = Field(5432, description="PostgreSQL port")
    db_name: str = Field("outpatient", description="PostgreSQL database")
    db_user: str = Field("postgres", description="PostgreSQL user")
    db_password: str = Field("", description="PostgreSQL password")

    secret_key: str = Field(DEVELOPMENT_SECRET, description="signs links and derives one-time codes; at least 32 bytes")
    jwt_secret: str = Field(
        DEVELOPMENT_SECRET,
        validation_alias=AliasChoices("JWT_SECRET", "JWT_SECRET_KEY"),
        description="signs access tokens; at least 32 bytes",
    )
    jwt_refresh_secret: str = Field("", description="accepted for compatibility; refresh tokens are opaque")
    jwt_expires_in: Span = Field("15m", description="life of an access token")
    jwt_refresh_expires_in: Span = Field("7d", description="life of a sign-in, from its start")
    doctor_invitation_code: str = Field("", description="not read yet: clinicians cannot register themselves")

    default_region: str = Field("IN", description="country of phone numbers written without one")
    outbox_dir: Path = Field(Path("var/outbox"), description="where the local adapters write messages")
    upload_dir: Path = Field(Path("var/uploads"), description="where photos are kept")
    trusted_proxies: str = Field("", description="addresses whose X-Forwarded-For is believed, comma-separated")

    rate_limit_auth: Rate = Field("5/15 minutes", description="password tries per account and address")
    rate_limit_otp: Rate = Field("3/15 minutes", description="one-time codes per phone")
    rate_limit_otp_address: Rate = Field("20/1 hour", description="one-time codes per address")
    rate_limit_general: Rate = Field("100/15 minutes", description="calls of an anonymous address")
    rate_limit_user: Rate = Field("3000/15 minutes", description="calls of a signed-in user")

    payments_adapter: Literal["local"] = Field("local", description="who takes payments")
    email_adapter: Literal["local"] = Field("local", description="who sends e-mail")
    sms_adapter: Literal["local"] = Field("local", description="who sends SMS")
    whatsapp_adapter: Literal["local"] = Field("local", description="who sends WhatsApp messages")
    from_email: str = Field("noreply@outpatient.example", description="sender of e-mails")

    worker_in_serve: bool = Field(True, description="run the outbox relay and the sweeps inside serve")

    @property
    def in_production(self) -> bool:
        return self.environment == "production"

    @cached_property
    def store_url(self) -> str:
        """The database's URL: DATABASE_URL, else built from DB_*, else the SQLite default."""
        if self.database_url:
            return self.database_url
        if self.db_host:
            login = quote(self.db_user) + (f":{quote(self.db_password, safe='')}" if self.db_password else "")
            return f"postgresql://{login}@{self.db_host}:{self.db_port}/{self.db_name}"
        return "sqlite:///./outpatient.db"

    @cached_property
    def base_url(self) -> str:
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @cached_property
    def cors_origins(self) -> list[str]:
        return [origin.strip() for origin in self.cors_origin.split(",") if origin.strip()]

    @cached_property
    def proxies(self) -> frozenset[str]:
        return frozenset(address.strip() for address in self.trusted_proxies.split(",") if address.strip())

    def weaknesses(self) -> list[str]:
        """What must not go into production, one sentence each, naming the variable."""
        found = []
        for name in ("secret_key", "jwt_secret"):
            value: str = getattr(self, name)
            if value in DOCUMENTED_DEFAULTS or value == DEVELOPMENT_SECRET:
                found.append(f"{name.upper()} is a documented default: set your own of at least {SECRET_BYTES} bytes.")
            elif len(value.encode()) < SECRET_BYTES:
                found.append(f"{name.upper()} is shorter than {SECRET_BYTES} bytes.")
        if self.secret_key == self.jwt_secret and not found:
            found.append("SECRET_KEY and JWT_SECRET are the same: set two different ones.")
        if self.doctor_invitation_code in DOCUMENTED_DEFAULTS:
            found.append("DOCTOR_INVITATION_CODE is a documented default: set your own, or leave it empty.")
        elif self.doctor_invitation_code and len(self.doctor_invitation_code) < 12:
            found.append("DOCTOR_INVITATION_CODE is shorter than 12 characters.")
        if self.jwt_refresh_secret and self.jwt_refresh_secret in DOCUMENTED_DEFAULTS | {"your_refresh_secret"}:
            found.append("JWT_REFRESH_SECRET is a documented default: remove it or set your own.")
        return found


def load_settings(**overrides: Any) -> Settings:
    """The settings of this process; in production a weak secret stops the start (SystemExit naming it)."""
    settings = Settings(**overrides)
    if settings.in_production and (weak := settings.weaknesses()):
        raise SystemExit("Outpatient does not start in production like this:\n- " + "\n- ".join(weak))
    return settings
