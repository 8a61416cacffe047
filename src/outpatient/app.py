"""The only place where parts are put together: settings → store, callers, limits, apps, front door."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from outpatient import __version__
from outpatient.access.actor import Callers
from outpatient.access.tokens import AccessTokens
from outpatient.adapters.messages.local import LocalMessages
from outpatient.adapters.payments.local import LocalPayments
from outpatient.appointments.routes import appointments, booking, lean
from outpatient.auth.routes import router as auth
from outpatient.core.clock import Clock
from outpatient.core.database import Database
from outpatient.core.stores import open_store
from outpatient.http.dependencies import Parts
from outpatient.http.edge import Edge
from outpatient.http.errors import install_error_handlers
from outpatient.http.front_door import FrontDoor
from outpatient.http.limits import CallLimits
from outpatient.http.schema import ErrorEnvelope
from outpatient.notifications.handlers import Outside
from outpatient.reactions import REACTIONS
from outpatient.scheduling.queries import Schedules
from outpatient.settings import Settings, span
from outpatient.worker import Worker

ROUTERS = (lean, auth, appointments, booking)
REFUSALS = {status: {"model": ErrorEnvelope} for status in (400, 401, 403, 404, 409, 422, 429)}


@dataclass(frozen=True)
class Adapters:
    """The outside world, as settings choose it."""

    payments: LocalPayments
    messages: LocalMessages


@dataclass(frozen=True)
class Outpatient:
    """The whole program, put together; itself an ASGI app."""

    settings: Settings
    database: Database
    callers: Callers
    tokens: AccessTokens
    worker: Worker
    api: FastAPI
    front_door: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.front_door(scope, receive, send)


def create_app(settings: Settings, clock: Clock | None = None, *, with_worker: bool | None = None) -> Outpatient:
    """Put the program together; nothing is opened before the first request or the lifespan's start."""
    clock = clock or Clock()
    database = Database(open_store(settings.store_url), clock, REACTIONS)
    adapters = Adapters(LocalPayments(), LocalMessages(settings.outbox_dir))
    tokens = AccessTokens(settings.jwt_secret, span(settings.jwt_expires_in))
    callers = Callers(database, tokens, clock)
    worker = Worker(database, REACTIONS, Outside(database, settings, adapters.messages))
    database.on_commit = worker.wake
    run_worker = settings.worker_in_serve if with_worker is None else with_worker

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if run_worker:
            worker.start()
        yield
        await worker.stop()
        await database.close()

    api = create_api(settings)
    api.router.lifespan_context = lifespan
    api.state.parts = Parts(settings, database, callers, tokens, Schedules(database), adapters)
    edge = Edge(api, CallLimits(settings, callers))
    front_door = FrontDoor(
        {"/api/v1": edge, "/api": edge},
        plain={"/docs": api, "/openapi.json": api},
        otherwise=edge,
        lifespan=api,
    )
    return Outpatient(settings, database, callers, tokens, worker, api, front_door)


def create_api(settings: Settings) -> FastAPI:
    """The API: every feature's routes, one envelope."""
    api = FastAPI(
        title="Outpatient",
        version=__version__,
        description="The software a clinic runs its day on. Every answer is an envelope; instants are UTC.",
        servers=[{"url": "/api/v1"}],
        responses=REFUSALS,
        redoc_url=None,
    )
    install_error_handlers(api)
    for router in ROUTERS:
        api.include_router(router)
    api.add_middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-Request-Id", "Retry-After"],
        allow_credentials=True,
    )
    return api
