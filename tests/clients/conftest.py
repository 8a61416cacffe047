"""A clinic behind a real socket, and clients that others wrote: they run in Node."""

from collections.abc import AsyncIterator

import pytest

from outpatient.app import Outpatient, create_app
from outpatient.core.clock import SetClock
from outpatient.settings import Settings
from tests.clients.node import why_not
from tests.conftest import NOW
from tests.realtime.conftest import address, department_id, doctor, placed, walk_in  # noqa: F401


@pytest.fixture(scope="session", autouse=True)
def node() -> None:
    if reason := why_not():
        pytest.skip(reason)


@pytest.fixture(scope="module")
async def outpatient(anyio_backend: str, settings: Settings) -> AsyncIterator[Outpatient]:
    """A program of their own: a client whose line was cut is expected back for a while, and other tests count."""
    program = create_app(settings, SetClock(NOW), with_worker=False)
    async with program.open(run_worker=False):
        yield program
