"""A new version is put in place: the server ends and another begins, and every client is back by itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from outpatient.app import Outpatient, create_app
from outpatient.core.clock import SetClock
from outpatient.http.server import Server, listen
from outpatient.settings import Settings
from tests.clients.node import LOST, named, of, running
from tests.conftest import NOW
from tests.realtime.sockets import token_of
from tests.realtime.streams import place


@asynccontextmanager
async def serving(settings: Settings, port: int = 0) -> AsyncIterator[tuple[Outpatient, int]]:
    """A server of its own for the length of a block, at the end of which it is told to stop, as by a signal."""
    program = create_app(settings, SetClock(NOW), with_worker=False)
    listener = listen("127.0.0.1", port)
    server = Server(program, program.stopping)
    task = asyncio.create_task(server.serve([listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield program, listener.getsockname()[1]
    program.stopping.set()
    server.should_exit = True
    await task


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_socket_comes_back(settings, walk_in, as_admin, hospital, transport):
    given = {
        "token": token_of(as_admin),
        "rooms": [("join_queue_room", {"clinic_id": hospital.centre_id})],
        "options": {"transports": [transport]},
    }
    async with AsyncExitStack() as stack:
        async with serving(settings) as (_, port):
            address = f"http://127.0.0.1:{port}"
            told = await stack.enter_async_context(running("sockets.mjs", {"address": address, **given}))
            await told.until(named("join_queue_room"))
        assert (await told.until(named("disconnect")))[1] in LOST
        missed = await walk_in()

        async with serving(settings, port) as (program, _):
            await place(program)
            assert "joined" in (await told.until(named("join_queue_room")))[1]
            queue = [queue for name, queue in told.heard if name == "queue_updated"][-1]
            assert [one["id"] for one in queue["waiting"]] == [missed["id"]]
            later = await walk_in()
            await place(program)
            await told.until(lambda one: one[0] == "walkin_added" and one[1]["visit_id"] == later["id"])


async def test_streams_come_back(settings, walk_in, as_admin, hospital, department_id):
    reception, waiting_room = f"/sse/reception/{hospital.id}", f"/sse/waiting-room/{department_id}"
    token = token_of(as_admin)
    streams = [{"path": reception, "by": "ticket", "token": token}, {"path": waiting_room, "by": "nothing"}]
    async with AsyncExitStack() as stack:
        async with serving(settings) as (_, port):
            api = f"http://127.0.0.1:{port}/api/v1"
            told = await stack.enter_async_context(running("streams.mjs", {"api": api, "streams": streams}))
            await told.each(*of("queue.updated", reception, waiting_room))
        farewells = await told.each(*of("bye", reception, waiting_room))
        assert [data for data, _ in farewells] == [{"reason": "RESTART"}] * 2
        missed = await walk_in()

        async with serving(settings, port) as (program, _):
            await place(program)
            (at_reception, _), (in_room, _) = await told.each(*of("visit.walk_in_added", reception, waiting_room))
            assert at_reception["visitId"] == missed["id"]
            assert in_room["tokenLabel"] == missed["tokenLabel"]
