"""The server's clock: `GET /time/now`."""

import pytest

pytestmark = pytest.mark.anyio


async def test_the_server_tells_its_time_in_utc(http, clock):
    clock.advance(minutes=5)

    answer = await http.get("/api/v1/time/now")

    assert answer.status_code == 200
    assert answer.json()["data"] == {"serverUtc": "2026-03-02T03:35:00Z"}
