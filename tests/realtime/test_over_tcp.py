"""Streams behind a real server: what only sockets show."""

import asyncio

import httpx2
import pytest

from outpatient.realtime.connection import MAX_BACKLOG
from tests.told import told_requests


@pytest.mark.parametrize("prefix", ["/api/v1", "/api"])
async def test_a_stream_lasts_wherever_the_api_answers(address, outpatient, walk_in, placed, department_id, prefix):
    async with (
        httpx2.AsyncClient(base_url=address, timeout=60) as client,
        client.stream("GET", f"{prefix}/sse/waiting-room/{department_id}") as response,
    ):
        lines = (line async for line in response.aiter_lines() if line)
        assert response.headers["transfer-encoding"] == "chunked"
        assert await anext(lines) == 'data: {"type":"connected","data":{"stream":"waiting-room"}}'
        while "queue.updated" not in await anext(lines):
            pass
        visit = await walk_in()
        await placed()
        assert (await anext(lines)).startswith("id: ")
        assert f'"tokenLabel":"{visit["tokenLabel"]}"' in await anext(lines)
    async with asyncio.timeout(60):
        while len(outpatient.live.hub):  # a reader who goes away is noticed
            await asyncio.sleep(0.01)


async def test_the_log_line_of_a_stream_is_written_when_it_has_begun(address, as_admin, hospital):
    async with httpx2.AsyncClient(base_url=address, timeout=60) as client:
        with told_requests() as lines:
            path = f"/api/v1/sse/reception/{hospital.id}"
            async with client.stream("GET", path, headers=as_admin.headers) as response:
                assert "connected" in await anext(response.aiter_lines())
        (line,) = lines
        assert line.startswith('{"timestamp": "2026-03-02T03:30:00.000Z"')
        assert '"route": "/sse/reception/{hospital_id:int}", "status": 200' in line


async def test_a_reader_whose_socket_is_full_delays_nobody(address, outpatient, as_admin, hospital, walk_in, placed):
    """He does not read; the others hear everything at once, and he is dropped when he is too far behind."""
    port = int(address.rpartition(":")[2])
    _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
    token = as_admin.headers["Authorization"]
    path = f"/api/v1/sse/reception/{hospital.id}"
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n".encode())
    async with (
        httpx2.AsyncClient(base_url=address, timeout=30) as client,
        client.stream("GET", path, headers=as_admin.headers) as response,
    ):
        lines = (line async for line in response.aiter_lines() if line.startswith("data: "))
        assert "connected" in await anext(lines)
        assert "queue.updated" in await anext(lines)
        async with asyncio.timeout(30):
            while len(outpatient.live.hub) < 2:
                await asyncio.sleep(0.01)
        big = {"type": "http.response.body", "body": b":" + b" " * 100_000 + b"\n\n", "more_body": True}
        own_port = writer.get_extra_info("sockname")[1]
        stuck = [one for one in outpatient.live.hub if one.send.__self__.scope["client"][1] == own_port]
        for _ in range(MAX_BACKLOG + 100):
            stuck[0].push(big)
        visit = await walk_in()
        await placed()
        assert f'"visitId":{visit["id"]}' in await anext(lines)
        async with asyncio.timeout(30):
            while len(outpatient.live.hub) > 1:
                await asyncio.sleep(0.01)
    writer.close()
