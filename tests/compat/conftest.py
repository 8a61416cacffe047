"""The tests that docs/seeds.md names for an endpoint do call it, and it answers well."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from outpatient.docs import CONTRACT_TESTS, rows_of, shape

ROOT = Path(__file__).parents[2]
STANDS_FOR: dict[str, set[tuple[str, str]]] = defaultdict(set)
for row in rows_of(CONTRACT_TESTS):
    STANDS_FOR[row["test"]].add((row["method"], shape(row["path"])))


@pytest.fixture(autouse=True)
def calls_what_it_stands_for(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """All of it; one of several cases of a test at least one."""
    function = getattr(request.node, "originalname", request.node.name)
    wanted = STANDS_FOR.get(f"{request.path.relative_to(ROOT).as_posix()}::{function}", set())
    answered: set[tuple[str, str]] = set()
    send = httpx2.AsyncClient.send

    async def sent(client: httpx2.AsyncClient, call: httpx2.Request, **given: Any) -> httpx2.Response:
        answer = await send(client, call, **given)
        if answer.is_success:
            answered.add((call.method, re.sub(r"(?<=/)\d+", "{}", call.url.path)))
        return answer

    monkeypatch.setattr(httpx2.AsyncClient, "send", sent)
    yield
    is_one_of_several = hasattr(request.node, "callspec")
    assert wanted <= answered or (is_one_of_several and wanted & answered), wanted - answered
