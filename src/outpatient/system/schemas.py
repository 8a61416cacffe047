"""How the system says how it is."""

from typing import Literal

from outpatient.http.schema import Schema, UtcInstant


class Health(Schema):
    """Seed 001's health check; `uptime` is in seconds."""

    status: Literal["healthy", "unhealthy"]
    timestamp: UtcInstant
    uptime: int
    database: Literal["connected", "disconnected"]


class Readiness(Schema):
    """Whether calls should be sent here; `migration` is what the database is at, `newestMigration` what we know."""

    status: Literal["ready", "unready", "stopping"]
    database: Literal["connected", "disconnected"]
    migration: str | None
    newest_migration: str | None


class ServerTime(Schema):
    server_utc: UtcInstant
