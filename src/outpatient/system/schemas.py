"""How the system says how it is."""

from typing import Literal

from outpatient.http.schema import Schema, UtcInstant

Side = Literal["connected", "disconnected", "unused"]
"""A server that may be away while the desks go on."""


class Health(Schema):
    """Seed 001's health check; `uptime` is in seconds. Degraded: the desks work, Redis or RabbitMQ is away."""

    status: Literal["healthy", "degraded", "unhealthy"]
    timestamp: UtcInstant
    uptime: int
    database: Literal["connected", "disconnected"]
    redis: Side
    rabbitmq: Side


class Readiness(Schema):
    """Whether calls should be sent here; `migration` is what the database is at, `newestMigration` what we know.

    `providers` are the adapters that the settings chose; `local` means files on this machine, or nobody.
    """

    status: Literal["ready", "unready", "stopping"]
    database: Literal["connected", "disconnected"]
    migration: str | None
    newest_migration: str | None
    redis: Side
    rabbitmq: Side
    providers: dict[str, str]


class ServerTime(Schema):
    server_utc: UtcInstant
