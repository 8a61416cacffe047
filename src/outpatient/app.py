"""The only place where parts are put together: settings → store, callers, limits, apps, front door."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from outpatient import __version__
from outpatient.access.actor import Callers
from outpatient.access.tokens import AccessTokens
from outpatient.account.routes import router as account
from outpatient.adapters.email.local import LocalEmails
from outpatient.adapters.messages.local import LocalMessages
from outpatient.adapters.payments.local import LocalPayments
from outpatient.adapters.photos import Photos
from outpatient.appointments.routes import appointments, booking, lean, of_patient
from outpatient.auth.routes import router as auth
from outpatient.catalogue.routes import router as catalogue
from outpatient.centres.routes import router as centres
from outpatient.clinicians.routes import router as clinicians
from outpatient.core.clock import Clock
from outpatient.core.database import Database
from outpatient.core.stores import open_store
from outpatient.departments.routes import router as departments
from outpatient.hospitals.routes import router as hospitals
from outpatient.http.dependencies import Parts
from outpatient.http.document import REFUSALS, describe
from outpatient.http.edge import Edge
from outpatient.http.errors import install_error_handlers
from outpatient.http.front_door import FrontDoor
from outpatient.http.lean import LeanApp
from outpatient.http.limits import CallLimits
from outpatient.notifications.handlers import Outside
from outpatient.patients.routes import router as patients
from outpatient.reactions import REACTIONS
from outpatient.scheduling.queries import Schedules
from outpatient.scheduling.routes import lean as slots
from outpatient.scheduling.routes import scheduling
from outpatient.settings import Settings, span
from outpatient.staff.routes import router as staff
from outpatient.system.routes import router as system
from outpatient.web.pay import PayPages
from outpatient.web.uploads import Uploads
from outpatient.worker import Worker

ROUTERS = (
    lean,
    slots,
    auth,
    appointments,
    booking,
    system,
    patients,
    of_patient,
    hospitals,
    centres,
    departments,
    catalogue,
    account,
    staff,
    clinicians,
    scheduling,
)


@dataclass(frozen=True)
class Adapters:
    """The outside world, as settings choose it."""

    payments: LocalPayments
    messages: LocalMessages
    emails: LocalEmails
    photos: Photos


@dataclass(frozen=True)
class Outpatient:
    """The whole program, put together; itself an ASGI app."""

    settings: Settings
    database: Database
    callers: Callers
    tokens: AccessTokens
    worker: Worker
    stopping: asyncio.Event
    api: FastAPI
    front_door: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.front_door(scope, receive, send)


def create_app(settings: Settings, clock: Clock | None = None, *, with_worker: bool | None = None) -> Outpatient:
    """Put the program together; nothing is opened before the first request or the lifespan's start."""
    clock = clock or Clock()
    database = Database(open_store(settings.store_url), clock, REACTIONS)
    adapters = Adapters(
        LocalPayments(),
        LocalMessages(settings.outbox_dir),
        LocalEmails(settings.outbox_dir, settings.from_email),
        Photos(settings.upload_dir),
    )
    tokens = AccessTokens(settings.jwt_secret, span(settings.jwt_expires_in))
    callers = Callers(database, tokens, clock)
    worker = Worker(database, REACTIONS, Outside(database, settings, adapters.messages, adapters.emails))
    database.on_commit = worker.wake
    database.forget_person = callers.forget
    stopping = asyncio.Event()
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
    api.state.parts = Parts(settings, database, callers, tokens, Schedules(database), adapters, clock.now(), stopping)
    edge = for_browsers(Edge(LeanApp(api, ROUTERS), CallLimits(settings, callers, clock)), settings)
    front_door = FrontDoor(
        {
            "/api/v1": edge,
            "/api": edge,
            "/pay": PayPages(database, settings.secret_key),
            "/uploads": Uploads(adapters.photos),
        },
        plain={"/": RedirectResponse("/docs", 307), "/docs": api, "/openapi.json": api, "/metrics": api},
        otherwise=edge,
        lifespan=api,
    )
    return Outpatient(settings, database, callers, tokens, worker, stopping, api, front_door)


def create_api(settings: Settings) -> FastAPI:
    """The API: every feature's routes, one envelope."""
    api = FastAPI(
        title="Outpatient",
        version=__version__,
        description="The software a clinic runs its day on. Every answer is an envelope; instants are UTC.",
        servers=[{"url": "/api/v1"}],
        responses=REFUSALS,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # ours are at the edge; these cost each request
    )
    install_error_handlers(api)
    for router in ROUTERS:
        api.include_router(router)
    api.openapi = describe(api)  # type: ignore[method-assign]
    return api


def for_browsers(app: ASGIApp, settings: Settings) -> ASGIApp:
    """Let pages from our own origins call; outermost, so that they can read refusals and failures too."""
    shown = ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-Request-Id", "Retry-After"]
    return CORSMiddleware(
        app,
        allow_origins=settings.cors_origins,
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=shown,
        allow_credentials=True,
    )
