"""Whether the program is well: `GET /health`."""

import pytest

from tests.system.programs import client_of, without_database

pytestmark = pytest.mark.anyio


async def test_a_healthy_program_says_so_in_the_documented_words(http):
    answer = await http.get("/api/health")

    assert answer.status_code == 200
    assert answer.json()["success"] is True
    health = answer.json()["data"]
    assert set(health) == {"status", "timestamp", "uptime", "database"}
    assert health["status"] == "healthy"
    assert health["timestamp"] == "2026-03-02T03:30:00Z"
    assert health["database"] == "connected"


async def test_uptime_counts_the_seconds_since_the_start(http, clock):
    before = (await http.get("/api/v1/health")).json()["data"]["uptime"]
    clock.advance(hours=1)

    after = (await http.get("/api/v1/health")).json()["data"]["uptime"]

    assert after - before == 3600


async def test_without_its_database_the_program_is_unhealthy(clock, folders):
    async with client_of(without_database(clock, folders)) as http:
        answer = await http.get("/api/health")

    assert answer.status_code == 503
    assert answer.json()["success"] is False
    assert answer.json()["data"]["status"] == "unhealthy"
    assert answer.json()["data"]["database"] == "disconnected"


async def test_health_checks_are_never_limited(http):
    assert "X-RateLimit-Limit" not in (await http.get("/api/health")).headers
