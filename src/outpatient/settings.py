"""Every environment variable: its type, its default, one line of what it does. docs/settings.md is made from here."""

import hmac
import re
from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import AfterValidator, AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

DEVELOPMENT_SECRET = "development-only-secret-never-use-it-in-production"  # noqa: S105 (refused in production)
DOCUMENTED_CODE = "DOC2024SECRET"
DOCUMENTED_DEFAULTS = frozenset(
    {DEVELOPMENT_SECRET, "your_jwt_secret", "dev-secret", "jwt-dev-secret", DOCUMENTED_CODE, "your-secret-key"}
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


def _server_of(name: str, *schemes: str) -> Callable[[str], str]:
    """Accepts an address of such a server, or nothing."""

    def check(text: str) -> str:
        if text and (not text.startswith(schemes) or text.endswith("://")):
            raise ValueError(f"write an address that begins with {' or '.join(schemes)}, or leave it empty: no {name}")
        return text

    return check


RedisUrl = Annotated[str, AfterValidator(_server_of("Redis", "redis://", "rediss://", "unix://"))]
RabbitUrl = Annotated[str, AfterValidator(_server_of("RabbitMQ", "amqp://", "amqps://"))]
SmtpUrl = Annotated[str, AfterValidator(_server_of("SMTP server", "smtp://", "smtps://", "smtp+plain://"))]
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


NEEDED = {
    "payments_adapter=razorpay": ("razorpay_key_id", "razorpay_key_secret", "razorpay_webhook_secret"),
    "email_adapter=resend": ("resend_api_key",),
    "email_adapter=smtp": ("smtp_url",),
    "sms_adapter=twilio": ("twilio_account_sid", "twilio_auth_token", "twilio_phone_number"),
    "whatsapp_adapter=gallabox": ("gallabox_api_key", "gallabox_api_secret", "gallabox_channel_id"),
}
"""Which settings each vendor needs."""


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
    database_pool: int = Field(
        8, ge=1, le=100, description="connections to PostgreSQL of each kind; a process has three times as many at most"
    )
    db_host: str = Field("", description="PostgreSQL host, when DATABASE_URL is not given")
    db_port: int = Field(5432, description="PostgreSQL port")
    db_name: str = Field("outpatient", description="PostgreSQL database")
    db_user: str = Field("postgres", description="PostgreSQL user")
    db_password: str = Field("", description="PostgreSQL password")

    redis_url: RedisUrl = Field(
        "", description="redis://host:6379/0 carries news between servers; empty: PostgreSQL does"
    )
    rabbitmq_url: RabbitUrl = Field(
        "", description="amqp://user:pw@host:5672/ gets every event on the exchange clinic_events; empty: nobody does"
    )

    secret_key: str = Field(DEVELOPMENT_SECRET, description="signs links and derives one-time codes; at least 32 bytes")
    jwt_secret: str = Field(
        DEVELOPMENT_SECRET,
        validation_alias=AliasChoices("JWT_SECRET", "JWT_SECRET_KEY"),
        description="signs access tokens; at least 32 bytes",
    )
    jwt_refresh_secret: str = Field("", description="accepted for compatibility; refresh tokens are opaque")
    jwt_expires_in: Span = Field("15m", description="life of an access token")
    jwt_refresh_expires_in: Span = Field("7d", description="life of a sign-in, from its start")
    doctor_invitation_code: str | None = Field(
        None,
        description=f"lets clinicians register themselves; unset: {DOCUMENTED_CODE} in development, else nobody can; "
        "empty: nobody can",
    )

    default_region: str = Field("IN", description="country of phone numbers written without one")
    outbox_dir: Path = Field(Path("var/outbox"), description="where the local adapters write messages")
    upload_dir: Path = Field(Path("var/uploads"), description="where photos are kept")
    trusted_proxies: str = Field("", description="addresses whose X-Forwarded-For is believed, comma-separated")

    rate_limit_auth: Rate = Field("5/15 minutes", description="password tries per account and address")
    rate_limit_otp: Rate = Field("3/15 minutes", description="one-time codes per phone")
    rate_limit_otp_address: Rate = Field("20/1 hour", description="one-time codes per address")
    rate_limit_invitation: Rate = Field("10/15 minutes", description="tries of an invitation code per address")
    rate_limit_general: Rate = Field("100/15 minutes", description="calls of an anonymous address")
    rate_limit_displays: Rate = Field("1000/15 minutes", description="waiting-room screens opened from one address")
    rate_limit_user: Rate = Field("3000/15 minutes", description="calls of a signed-in user")

    payments_adapter: Literal["local", "razorpay"] = Field(
        "local", description="who takes payments: local (the desk, and in development a sandbox pay page) or razorpay"
    )
    razorpay_key_id: str = Field("rzp_test_local", description="the public half of the key; checkouts show it")
    razorpay_key_secret: str = Field("", description="signs checkouts; empty (local only): made from SECRET_KEY")
    razorpay_webhook_secret: str = Field("", description="signs webhooks; empty (local only): made from SECRET_KEY")
    razorpay_base_url: str = Field("https://api.razorpay.com", description="where Razorpay's API is")

    email_adapter: Literal["local", "resend", "smtp"] = Field("local", description="who sends e-mail")
    from_email: str = Field("noreply@outpatient.example", description="sender of e-mails")
    resend_api_key: str = Field("", description="key of the Resend account")
    resend_webhook_secret: str = Field("", description="whsec_…, signs what Resend reports; empty: reports are refused")
    resend_base_url: str = Field("https://api.resend.com", description="where Resend's API is")
    smtp_url: SmtpUrl = Field(
        "",
        description="smtp://user:password@host:587 (STARTTLS), smtps://… (TLS) or smtp+plain://… (a relay beside us)",
    )

    sms_adapter: Literal["local", "twilio"] = Field("local", description="who sends SMS")
    twilio_account_sid: str = Field("", description="the Twilio account")
    twilio_auth_token: str = Field("", description="its secret, which also signs incoming messages")
    twilio_phone_number: str = Field("", description="the number that sends and receives, in E.164")
    twilio_base_url: str = Field("https://api.twilio.com", description="where Twilio's API is")

    whatsapp_adapter: Literal["local", "gallabox"] = Field("local", description="who sends WhatsApp messages")
    gallabox_api_key: str = Field("", description="key of the Gallabox account")
    gallabox_api_secret: str = Field("", description="its secret")
    gallabox_channel_id: str = Field("", description="the WhatsApp channel that sends")
    gallabox_webhook_token: str = Field("", description="last part of the path at which Gallabox reports; 24 or longer")
    gallabox_base_url: str = Field("https://server.gallabox.com", description="where Gallabox's API is")

    video_adapter: Literal["local", "google_meet"] = Field(
        "local", description="who makes video links: local (a Jitsi room, no account) or google_meet"
    )
    jitsi_base_url: str = Field("https://meet.jit.si", description="the Jitsi server in whose rooms people meet")
    google_client_id: str = Field("", description="OAuth client, with GOOGLE_REFRESH_TOKEN")
    google_client_secret: str = Field("", description="its secret")
    google_redirect_uri: str = Field("", description="accepted for compatibility; the refresh token is made outside")
    google_refresh_token: str = Field("", description="lets us write into the calendar of the person who gave it")
    google_service_account_file: str = Field(
        "", description="JSON key of a service account, instead of a refresh token"
    )
    google_acts_for: str = Field(
        "", description="whose calendar the service account writes into (domain-wide delegation; Meet needs it)"
    )
    google_calendar_id: str = Field("primary", description="the calendar that video visits are written into")
    google_base_url: str = Field("https://www.googleapis.com", description="where the Calendar API is")
    google_token_url: str = Field("https://oauth2.googleapis.com/token", description="where access tokens are had")

    worker_in_serve: bool = Field(True, description="run the outbox relay and the sweeps inside serve")

    @property
    def in_production(self) -> bool:
        return self.environment == "production"

    @cached_property
    def checkout_secret(self) -> str:
        """Signs what a checkout answers (RAZORPAY_KEY_SECRET)."""
        return self.razorpay_key_secret or self._derived("checkout")

    @cached_property
    def webhook_secret(self) -> str:
        """Signs what the payment provider posts to us (RAZORPAY_WEBHOOK_SECRET)."""
        return self.razorpay_webhook_secret or self._derived("payment webhooks")

    @cached_property
    def sms_secret(self) -> str:
        """Signs the messages that come in (TWILIO_AUTH_TOKEN); nobody can sign without one unless SMS stay here."""
        return self.twilio_auth_token or (self._derived("incoming messages") if self.sms_adapter == "local" else "")

    def _derived(self, purpose: str) -> str:
        return hmac.new(self.secret_key.encode(), purpose.encode(), "sha256").hexdigest()

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
    def invitation_code(self) -> str:
        """What a clinician says to register himself; empty: nobody can."""
        if self.doctor_invitation_code is not None:
            return self.doctor_invitation_code
        return "" if self.in_production else DOCUMENTED_CODE

    @cached_property
    def cors_origins(self) -> list[str]:
        return [origin.strip() for origin in self.cors_origin.split(",") if origin.strip()]

    @cached_property
    def proxies(self) -> frozenset[str]:
        return frozenset(address.strip() for address in self.trusted_proxies.split(",") if address.strip())

    def providers(self) -> dict[str, str]:
        """Which adapter does what, for operations; nothing in it is secret."""
        kinds = ("payments", "email", "sms", "whatsapp", "video")
        return {kind: getattr(self, f"{kind}_adapter") for kind in kinds}

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

    def missing(self) -> list[str]:
        """What the chosen adapters need and do not have, one sentence each, naming the variable."""
        found = []
        for choice, names in NEEDED.items():
            chooser, _, chosen = choice.partition("=")
            if getattr(self, chooser) == chosen:
                found += [
                    f"{name.upper()} is empty, and {choice.upper()} needs it."
                    for name in names
                    if not getattr(self, name)
                ]
        has_login = self.google_refresh_token and self.google_client_id and self.google_client_secret
        if self.video_adapter == "google_meet" and not (has_login or self.google_service_account_file):
            found.append(
                "VIDEO_ADAPTER=GOOGLE_MEET needs GOOGLE_SERVICE_ACCOUNT_FILE, or GOOGLE_CLIENT_ID, "
                "GOOGLE_CLIENT_SECRET and GOOGLE_REFRESH_TOKEN."
            )
        if self.gallabox_webhook_token and len(self.gallabox_webhook_token) < 24:
            found.append("GALLABOX_WEBHOOK_TOKEN is shorter than 24 characters.")
        if self.resend_webhook_secret and not self.resend_webhook_secret.startswith("whsec_"):
            found.append("RESEND_WEBHOOK_SECRET does not begin with whsec_.")
        return found


def load_settings(**overrides: Any) -> Settings:
    """The settings of this process. A vendor without its keys stops the start, in production a weak secret does, too
    (SystemExit naming it).
    """
    settings = Settings(**overrides)
    if settings.in_production and (weak := settings.weaknesses()):
        raise SystemExit("Outpatient does not start in production like this:\n- " + "\n- ".join(weak))
    if missing := settings.missing():
        raise SystemExit("Outpatient does not start like this:\n- " + "\n- ".join(missing))
    return settings
