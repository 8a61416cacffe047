"""Whether the program is well: `GET /health`."""

import pytest

from tests.outside import rabbitmq_server, redis_server, until
from tests.system.programs import AWAY, client_of, program_on, without_database

pytestmark = pytest.mark.anyio


async def test_a_healthy_program_says_so_in_the_documented_words(http):
    answer = await http.get("/api/health")

    assert answer.status_code == 200
    assert answer.json()["success"] is True
    health = answer.json()["data"]
    assert set(health) == {"status", "timestamp", "uptime", "database", "redis", "rabbitmq"}
    assert health["status"] == "healthy"
    assert health["timestamp"] == "2026-03-02T03:30:00Z"
    assert (health["database"], health["redis"], health["rabbitmq"]) == ("connected", "unused", "unused")


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


async def test_without_redis_and_rabbitmq_the_program_is_degraded_and_not_down(database_url, clock, folders):
    async with client_of(program_on(database_url, clock, folders, **AWAY)) as http:
        answer = await http.get("/api/health")

    assert answer.status_code == 200
    health = answer.json()["data"]
    assert health["status"] == "degraded"
    assert (health["database"], health["redis"], health["rabbitmq"]) == ("connected", "disconnected", "disconnected")


async def test_redis_and_rabbitmq_that_answer_are_said_to(database_url, clock, folders):
    async with redis_server() as redis, rabbitmq_server() as rabbitmq:
        program = program_on(database_url, clock, folders, redis_url=redis, rabbitmq_url=rabbitmq)
        program.news.start()
        await until(lambda: program.news.is_connected, "it listens")

        async with client_of(program) as http:
            health = (await http.get("/api/health")).json()["data"]

    assert (health["status"], health["redis"], health["rabbitmq"]) == ("healthy", "connected", "connected")


async def test_health_checks_are_never_limited(http):
    assert "X-RateLimit-Limit" not in (await http.get("/api/health")).headers
