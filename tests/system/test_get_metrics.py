"""The process's figures: `GET /metrics`."""

import pytest

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


async def _count(http) -> float:
    lines = (await http.get("/metrics")).text.splitlines()
    wanted = 'outpatient_http_requests_total{method="GET",route="/time/now",status="200"} '
    return next(float(line.removeprefix(wanted)) for line in lines if line.startswith(wanted))
