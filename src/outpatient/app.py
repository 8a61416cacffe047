"""The only place where parts are put together: settings → store, callers, limits, apps, front door."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from outpatient import __version__
from outpatient.access.actor import Callers
from outpatient.access.tokens import AccessTokens
from outpatient.account.routes import router as account
from outpatient.adapters.bus.port import Bus
from outpatient.adapters.bus.rabbitmq import RabbitBus
from outpatient.adapters.choice import choose_emails, choose_messages, choose_payments, choose_video
from outpatient.adapters.email.port import Emails
from outpatient.adapters.messages.port import Messages
from outpatient.adapters.outside import Outside
from outpatient.adapters.payments.port import Payments
from outpatient.adapters.photos import Photos
from outpatient.adapters.pubsub.local import LocalPubsub
from outpatient.adapters.pubsub.news import News
from outpatient.adapters.pubsub.port import Pubsub
from outpatient.adapters.pubsub.postgresql import PostgresPubsub
from outpatient.adapters.pubsub.redis import RedisPubsub
from outpatient.adapters.video.port import Video
from outpatient.analytics.routes import router as analytics
from outpatient.appointments.routes import appointments, booking, lean, of_patient
from outpatient.auth.routes import router as auth
from outpatient.catalogue.routes import router as catalogue
from outpatient.centres.routes import router as centres
from outpatient.clinicians.routes import router as clinicians
from outpatient.compat.surface import create_compat
from outpatient.core.clock import Clock
from outpatient.core.database import Database
from outpatient.core.stores import PostgresStore, open_store
from outpatient.departments.routes import router as departments
from outpatient.feedback.routes import router as feedback
from outpatient.hospitals.routes import router as hospitals
from outpatient.http.answers import Answers
from outpatient.http.dependencies import Parts
from outpatient.http.description import FILES, FILES_AT, describe_at
from outpatient.http.document import REFUSALS, describe
from outpatient.http.edge import Edge
from outpatient.http.errors import BARE, ENVELOPED
from outpatient.http.front_door import FrontDoor
from outpatient.http.lasting import Lasting
from outpatient.http.lean import LeanApp
from outpatient.http.limits import CallLimits
from outpatient.invoices.routes import router as invoices
from outpatient.notifications.routes import callbacks, consents, notifications
from outpatient.patients.routes import router as patients
from outpatient.payments.routes import router as payments
from outpatient.portal.routes import router as portal
from outpatient.privacy.routes import router as privacy
from outpatient.queue.routes import boards, queues, visits
from outpatient.queue.routes import lean as hot_queue
from outpatient.reactions import REACTIONS
from outpatient.realtime.live import Live
from outpatient.realtime.routes import router as streams
from outpatient.replies.routes import router as replies
from outpatient.scheduling.queries import Schedules
from outpatient.scheduling.routes import lean as slots
from outpatient.scheduling.routes import scheduling
from outpatient.settings import Settings, span
from outpatient.staff.routes import router as staff
from outpatient.system.routes import router as system
from outpatient.video.routes import router as video
from outpatient.web.feedback import FeedbackPages
from outpatient.web.invoices import InvoicePages
from outpatient.web.pay import PayPages
from outpatient.web.reply import ReplyPages
from outpatient.web.uploads import Uploads
from outpatient.worker import Worker

SECOND, MINUTES = timedelta(seconds=1), timedelta(minutes=5)
"""How long an answer may be kept (ADR 9): a queue, because estimates go by minutes; a list, as seed 000 says."""

ROUTERS = (
    lean,
    hot_queue,
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
    portal,
    privacy,
    staff,
    clinicians,
    scheduling,
    payments,
    visits,
    queues,
    boards,
    replies,
    invoices,
    streams,
    notifications,
    consents,
    callbacks,
    video,
    feedback,
    analytics,
)


@dataclass(frozen=True)
class Adapters:
    """The outside world, as settings choose it."""

    payments: Payments
    messages: Messages
    emails: Emails
    photos: Photos
    news: News
    bus: Bus | None
    video: Video

    async def close(self) -> None:
        """Let go of the connections to other servers."""
        await self.news.stop()
        await self.payments.close()
        await self.messages.close()
        await self.emails.close()
        await self.video.close()
        if self.bus is not None:
            await self.bus.close()


@dataclass(frozen=True)
class Outpatient:
    """The whole program, put together; itself an ASGI app."""

    settings: Settings
    database: Database
    callers: Callers
    tokens: AccessTokens
    worker: Worker
    adapters: Adapters
    live: Live
    stopping: asyncio.Event
    api: FastAPI
    front_door: ASGIApp

    @property
    def news(self) -> News:
        """Wakes whoever follows the events."""
        return self.adapters.news

    @asynccontextmanager
    async def open(self, *, run_worker: bool) -> AsyncIterator[None]:
        """The program at work for the length of a block; afterwards nothing of it is left running or connected."""
        self.news.start()
        if run_worker:
            self.worker.start()
        yield
        await self.live.stop()
        await self.worker.stop()
        await self.adapters.close()
        await self.database.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.front_door(scope, receive, send)


def create_app(settings: Settings, clock: Clock | None = None, *, with_worker: bool | None = None) -> Outpatient:
    """Put the program together; nothing is opened before the first request or the lifespan's start."""
    clock = clock or Clock()
    database = Database(open_store(settings.store_url, settings.database_pool), clock, REACTIONS)
    adapters = Adapters(
        choose_payments(settings, clock),
        choose_messages(settings),
        choose_emails(settings),
        Photos(settings.upload_dir),
        News(choose_pubsub(settings, database)),
        RabbitBus(settings.rabbitmq_url) if settings.rabbitmq_url else None,
        choose_video(settings, clock),
    )
    tokens = AccessTokens(settings.jwt_secret, span(settings.jwt_expires_in))
    callers = Callers(database, tokens, clock)
    outside = Outside(database, settings, adapters.messages, adapters.emails, adapters.video, adapters.payments)
    worker = Worker(database, REACTIONS, outside, adapters.news, adapters.bus)
    queue_answers = Answers(clock, lambda: SECOND, most=5_000)
    list_answers = Answers(clock, lambda: MINUTES if adapters.news.is_connected else SECOND, most=200)

    def committed() -> None:
        worker.wake()
        queue_answers.forget()

    database.on_commit, database.on_change = committed, list_answers.forget
    adapters.news.subscribe(queue_answers.forget)
    adapters.news.subscribe(list_answers.forget)
    database.forget_person = callers.forget
    stopping = asyncio.Event()
    live = Live(database, adapters.news, callers, stopping, settings.cors_origins)
    api = create_api(settings)
    schedules = Schedules(database)
    api.state.parts = Parts(
        settings,
        database,
        callers,
        tokens,
        schedules,
        queue_answers,
        list_answers,
        live,
        adapters,
        clock.now(),
        stopping,
    )
    limits = CallLimits(settings, callers, clock)
    edge = Lasting(for_browsers(Edge(LeanApp(api, ROUTERS), limits, ENVELOPED), settings))
    compat = create_compat()
    compat.state.parts = api.state.parts
    front_door = FrontDoor(
        {
            "/api/v1": edge,
            "/api": edge,
            "/r": ReplyPages(database, settings.secret_key),
            "/invoice": InvoicePages(database, settings.secret_key),
            "/f": FeedbackPages(database, settings.secret_key),
            "/pay": PayPages(database, settings, adapters.payments),
            "/uploads": Uploads(adapters.photos),
            FILES_AT: FILES,
            "/socket.io": live.sockets,
        },
        plain={"/": RedirectResponse("/docs", 307), "/docs": api, "/openapi.json": api, "/metrics": api},
        otherwise=for_browsers(Edge(compat, limits, BARE), settings),
        lifespan=api,
    )
    program = Outpatient(settings, database, callers, tokens, worker, adapters, live, stopping, api, front_door)
    run_worker = settings.worker_in_serve if with_worker is None else with_worker
    api.router.lifespan_context = lambda _app: program.open(run_worker=run_worker)
    return program


def choose_pubsub(settings: Settings, database: Database) -> Pubsub:
    """What carries the news to other processes: Redis if there is one, else PostgreSQL; a file has one process."""
    if settings.redis_url:
        return RedisPubsub(settings.redis_url)
    if isinstance(database.store, PostgresStore):
        return PostgresPubsub(database.store.url)
    return LocalPubsub()


def create_api(settings: Settings) -> FastAPI:
    """The API: every feature's routes, one envelope."""
    api = FastAPI(
        title="Outpatient",
        version=__version__,
        description="The software a clinic runs its day on. Every answer is an envelope; instants are UTC.",
        servers=[{"url": "/api/v1"}],
        responses=REFUSALS,
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # ours are at the edge; these cost each request
    )
    ENVELOPED.install(api)
    for router in ROUTERS:
        api.include_router(router)
    api.openapi = describe(api, REFUSALS)  # type: ignore[method-assign]
    describe_at(api, "/docs")
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
