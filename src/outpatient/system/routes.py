"""How the program itself is: for people, load balancers, monitors and clocks."""

from typing import TypeVar

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from outpatient.core.migrations import newest_migration
from outpatient.http.dependencies import App, Public
from outpatient.http.schema import Envelope, answer
from outpatient.system.queries import find_migration, is_connected
from outpatient.system.schemas import Health, Readiness, ServerTime

router = APIRouter(tags=["System"], dependencies=[Public])

T = TypeVar("T")
AWAY = 503


@router.get("/health", responses={AWAY: {"model": Envelope[Health]}})
async def get_health(parts: App, response: Response) -> Envelope[Health]:
    """Whether the program and its database are well; 503 when the database is away."""
    is_well, now = await is_connected(parts.database), parts.database.clock.now()
    health = Health(
        status="healthy" if is_well else "unhealthy",
        timestamp=now,
        uptime=max(0, int((now - parts.started_at).total_seconds())),
        database="connected" if is_well else "disconnected",
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
    )
    return _well_or_away(response, readiness, is_well=is_ready)


@router.get("/time/now")
async def get_time(parts: App) -> Envelope[ServerTime]:
    """The server's clock, for clients whose own is wrong."""
    return answer(ServerTime(server_utc=parts.database.clock.now()))


@router.get("/metrics", response_class=PlainTextResponse)
async def get_metrics() -> Response:
    """The figures of this process, as Prometheus reads them."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _well_or_away(response: Response, data: T, *, is_well: bool) -> Envelope[T]:
    if is_well:
        return answer(data)
    response.status_code = AWAY
    return Envelope(success=False, data=data)
