"""Four workers, five hundred due reminders, one worker killed in the middle, a provider that fails every fifth call:
each patient gets exactly one reminder.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import uvicorn
from starlette.responses import JSONResponse

from bench.servers import free_port
from outpatient.adapters.messages.local import LocalMessages
from outpatient.app import create_app
from outpatient.core.errors import AdapterFailure
from outpatient.core.outbox import drain
from outpatient.settings import Settings
from tests.adapters.vendors.twilio import NUMBER, SID, TOKEN, Twilio
from tests.appointments.wishes import Elsewhere
from tests.conftest import NOW
from tests.makers import Make
from tests.notifications.five_hundred import MANY, due_reminders, reminders_noted
from tests.outside import until

pytestmark = pytest.mark.anyio

WORKERS = 4


# ── in four processes ────────────────────────────────────────────────────────────────────────────────────────────────


class FlakyTwilio(Twilio):
    """Every fifth message meets a failure: in turn one that was not taken, and one that was, with no good answer."""

    asked = 0

    def __init__(self) -> None:
        super().__init__(datetime.now(UTC))
        self._vendor = self.wire._app.app

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._vendor(scope, receive, send)
            return
        self.asked += 1
        self.now = datetime.now(UTC)
        if self.asked % 5:
            await self._vendor(scope, receive, send)
            return
        if not self.asked % 10:
            await self._vendor(scope, receive, _to_nobody)
        await JSONResponse({"message": "Not now"}, 503)(scope, receive, send)


async def _to_nobody(_message) -> None:
    """The answer is lost."""


@asynccontextmanager
async def over_tcp(app):
    """The address of an ASGI app on loopback."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, "127.0.0.1", port, log_level="critical", lifespan="off", ws="none"))
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started, "the vendor listens")
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await serving


@contextmanager
def worker_process(environment: dict[str, str]):
    """A worker for the length of a block."""
    with tempfile.TemporaryFile() as log:
        command = [sys.executable, "-m", "tests.notifications.hurried", "worker"]
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=log, stderr=log)
        try:
            yield process
        except BaseException:
            log.seek(0)
            print(log.read().decode()[-5_000:])
            raise
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture
def url(new_database) -> str:
    """A database of this test's own: nothing else is due in it."""
    if "OUTPATIENT_TEST_SERVER" not in os.environ:
        pytest.skip("a SQLite file has one worker process: see the next test")
    return new_database("reminders")


async def test_four_processes_of_which_one_is_killed(url, folders):
    settings = Settings(_env_file=None, database_url=url, redis_url="", rabbitmq_url="", outbox_dir=folders / "500")
    own = create_app(settings, with_worker=False)
    make, now = Make(own, None), datetime.now(UTC)
    hospital, phones = await due_reminders(make, now + timedelta(hours=2), now - timedelta(days=2))
    twilio = FlakyTwilio()
    async with over_tcp(twilio) as address, AsyncExitStack() as stack:
        stack.push_async_callback(own.database.close)
        environment = {
            "DATABASE_URL": url,
            "REDIS_URL": "",
            "RABBITMQ_URL": "",
            "OUTBOX_DIR": str(folders / "500"),
            "SMS_ADAPTER": "twilio",
            "TWILIO_ACCOUNT_SID": SID,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_PHONE_NUMBER": NUMBER,
            "TWILIO_BASE_URL": address,
        }
        workers = [stack.enter_context(worker_process(environment)) for _ in range(WORKERS)]
        await until(lambda: len(twilio.messages) > MANY // 5, "some reminders are out", 60)
        workers[0].send_signal(signal.SIGKILL)
        assert workers[0].wait(10) == -signal.SIGKILL
        assert len(twilio.messages) < MANY  # it was in the middle
        async with asyncio.timeout(60):
            while await reminders_noted(make, hospital) != {"SENT": MANY}:
                await asyncio.sleep(0.2)
    reached = Counter(message["to"] for message in twilio.messages)
    assert set(reached) == phones
    assert set(reached.values()) == {1}
    assert twilio.asked > MANY * 1.1  # and it did fail again and again


# ── in one process, on either store ──────────────────────────────────────────────────────────────────────────────────


class KilledError(BaseException):
    """The worker dies here."""


class FlakyCarrier(LocalMessages):
    """Fails every fifth call, before or after it took the message; its `killed`th call ends a worker's life."""

    def __init__(self, folder, killed: int) -> None:
        super().__init__(folder)
        for name, value in (("calls", 0), ("killed", killed), ("taken", Counter())):
            object.__setattr__(self, name, value)

    async def send(self, *, message, at, doubtful_since=None):
        object.__setattr__(self, "calls", self.calls + 1)
        mine = self.calls
        await asyncio.sleep(0)
        if mine % 10 == 5:
            raise AdapterFailure("Not now.")
        if not (doubtful_since and self.taken[message.to]):  # a carrier that can be asked what it has
            self.taken[message.to] += 1
        if mine == self.killed:
            raise KilledError
        if mine % 10 == 0:
            raise AdapterFailure("It is done, but nobody hears of it.")
        return f"carrier-{message.to}"


async def test_four_workers_of_which_one_dies(outpatient, make, clock):
    await outpatient.worker.run_once()
    hospital, phones = await due_reminders(make, NOW + timedelta(hours=2), NOW - timedelta(days=2))
    carrier = FlakyCarrier(outpatient.settings.outbox_dir, killed=123)
    async with AsyncExitStack() as stack:
        programs = [
            (await stack.enter_async_context(Elsewhere(outpatient, messages=carrier))).program for _ in range(WORKERS)
        ]
        ends = await asyncio.gather(*(one.worker.run_once() for one in programs), return_exceptions=True)
        assert [type(end) for end in ends if end is not None] == [KilledError]
        for _ in range(8):
            clock.advance(minutes=2)
            worker = programs[0].worker
            await drain(worker.database, worker.reactions, worker.outside)
    assert await reminders_noted(make, hospital) == {"SENT": MANY}
    assert {phone: carrier.taken[phone] for phone in phones} == dict.fromkeys(phones, 1)
