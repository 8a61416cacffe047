"""The process's figures: `GET /metrics`."""

import math
import secrets

import pytest
from sqlalchemy import func, select

from outpatient.models.outbox import Follower, StoredEvent
from tests.system.programs import client_of, without_database

pytestmark = pytest.mark.anyio


async def test_metrics_count_the_calls_of_each_route_for_prometheus(http):
    await http.get("/api/v1/time/now")
    before = await _count(http)
    await http.get("/api/v1/time/now")

    assert await _count(http) == before + 1


async def test_metrics_are_at_the_root_and_in_prometheus_text(http):
    answer = await http.get("/metrics")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert "outpatient_http_request_seconds_bucket" in answer.text


async def test_metrics_say_how_many_events_wait(http, as_admin, outpatient):
    await outpatient.worker.run_once()
    assert await _figure(http, "outpatient_events_unplaced") == 0
    assert (await as_admin.post("/departments", json={"name": "Dental"})).status_code == 201

    assert await _figure(http, "outpatient_events_unplaced") >= 1
    await outpatient.worker.run_once()
    assert await _figure(http, "outpatient_events_unplaced") == 0


async def test_metrics_say_how_far_behind_a_follower_is(http, as_admin, outpatient):
    name = f"test-{secrets.token_hex(6)}"
    figure = f'outpatient_follower_backlog{{follower="{name}"}}'
    await outpatient.worker.run_once()
    async with outpatient.database.transaction() as tx:
        last = await tx.one_or_none(select(func.coalesce(func.max(StoredEvent.position), 0)))
        await tx.add(Follower(name=name, position=last))
    assert await _figure(http, figure) == 0
    await as_admin.post("/departments", json={"name": "Dental"})
    await outpatient.worker.run_once()

    assert await _figure(http, figure) >= 1


async def test_metrics_are_there_while_the_database_is_away(clock, folders):
    async with client_of(without_database(clock, folders)) as http:
        assert math.isnan(await _figure(http, "outpatient_events_unplaced"))


async def _figure(http, name: str) -> float:
    lines = (await http.get("/metrics")).text.splitlines()
    return next(float(line.removeprefix(f"{name} ")) for line in lines if line.startswith(f"{name} "))


async def _count(http) -> float:
    lines = (await http.get("/metrics")).text.splitlines()
    wanted = 'outpatient_http_requests_total{method="GET",route="/time/now",status="200"} '
    return next(float(line.removeprefix(wanted)) for line in lines if line.startswith(wanted))
