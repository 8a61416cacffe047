"""How the program itself is: for people, load balancers, monitors and clocks."""

from math import nan
from typing import TypeVar

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest

from outpatient.core.migrations import newest_migration
from outpatient.http.dependencies import App, Public
from outpatient.http.schema import Envelope, answer
from outpatient.system.queries import find_backlogs, find_migration, is_connected, is_rabbitmq_up, is_redis_heard
from outpatient.system.schemas import Health, Readiness, ServerTime, Side

router = APIRouter(tags=["System"], dependencies=[Public])

T = TypeVar("T")
AWAY = 503
UNPLACED = Gauge("outpatient_events_unplaced", "Events that wait for their position")
BACKLOG = Gauge(
    "outpatient_follower_backlog", "Events that a follower (the bus) has not been told of yet", ["follower"]
)


@router.get("/health", responses={AWAY: {"model": Envelope[Health]}})
async def get_health(parts: App, response: Response) -> Envelope[Health]:
    """Whether the program and its database are well; 503 when the database is away, not when Redis or RabbitMQ is."""
    is_well, now = await is_connected(parts.database), parts.database.clock.now()
    redis, rabbitmq = is_redis_heard(parts.adapters.news), await is_rabbitmq_up(parts.adapters.bus)
    is_whole = redis is not False and rabbitmq is not False
    health = Health(
        status="unhealthy" if not is_well else "healthy" if is_whole else "degraded",
        timestamp=now,
        uptime=max(0, int((now - parts.started_at).total_seconds())),
        database="connected" if is_well else "disconnected",
        redis=_side(redis),
        rabbitmq=_side(rabbitmq),
    )
    return _well_or_away(response, health, is_well=is_well)


@router.get("/ready", responses={AWAY: {"model": Envelope[Readiness]}})
async def get_readiness(parts: App, response: Response) -> Envelope[Readiness]:
    """Whether calls should come here: the database answers, its schema is ours, and we are not about to stop."""
    is_well = await is_connected(parts.database)
    migration, newest = await find_migration(parts.database) if is_well else None, newest_migration()
    is_ready = is_well and migration == newest and not parts.stopping.is_set()
    readiness = Readiness(
        status="ready" if is_ready else "stopping" if parts.stopping.is_set() else "unready",
        database="connected" if is_well else "disconnected",
        migration=migration,
        newest_migration=newest,
        redis=_side(is_redis_heard(parts.adapters.news)),
        rabbitmq=_side(await is_rabbitmq_up(parts.adapters.bus)),
        providers=parts.settings.providers(),
    )
    return _well_or_away(response, readiness, is_well=is_ready)


@router.get("/time/now")
async def get_time(parts: App) -> Envelope[ServerTime]:
    """The server's clock, for clients whose own is wrong."""
    return answer(ServerTime(server_utc=parts.database.clock.now()))


@router.get("/metrics", response_class=PlainTextResponse)
async def get_metrics(parts: App) -> Response:
    """The figures of this process, as Prometheus reads them, and what waits in the database that it shares."""
    backlogs = await find_backlogs(parts.database)
    UNPLACED.set(backlogs.unplaced if backlogs else nan)
    BACKLOG.clear()
    for follower, backlog in backlogs.followers.items() if backlogs else ():
        BACKLOG.labels(follower).set(backlog)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _side(is_up: bool | None) -> Side:
    return "unused" if is_up is None else "connected" if is_up else "disconnected"


def _well_or_away(response: Response, data: T, *, is_well: bool) -> Envelope[T]:
    if is_well:
        return answer(data)
    response.status_code = AWAY
    return Envelope(success=False, data=data)
