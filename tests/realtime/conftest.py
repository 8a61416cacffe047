"""Streams and sockets: a department with two clinicians, and readers who are told when what happened is placed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

import pytest

from outpatient.app import Outpatient
from outpatient.http.server import Server
from outpatient.http.server import listen as listen_on
from outpatient.models import Department
from tests.makers import MadeHospital, Make, Persona
from tests.realtime.sockets import Client, connected
from tests.realtime.streams import Reader, opened, place

Listen = Callable[..., AbstractAsyncContextManager[Reader]]


@pytest.fixture
def listen(outpatient: Outpatient) -> Listen:
    """`async with listen(persona, "/sse/…") as reader`."""
    return partial(opened, outpatient)


@pytest.fixture
def placed(outpatient: Outpatient):
    """`await placed()`: what happened is told."""
    return partial(place, outpatient)


@pytest.fixture(scope="module")
async def address(outpatient: Outpatient) -> AsyncIterator[str]:
    """The program behind a real socket (and without its lifespan: it goes on when this server has ended)."""
    listener = listen_on("127.0.0.1", 0)
    server = Server(outpatient, outpatient.stopping)
    server.config.lifespan = "off"
    serving = asyncio.create_task(server.serve([listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield "http://{}:{}".format(*listener.getsockname())
    server.should_exit = True
    await serving


@pytest.fixture
def connect(address: str) -> Callable[..., AbstractAsyncContextManager[Client]]:
    """`async with connect(persona) as client`."""
    return partial(connected, address)


async def department(make: Make, hospital: MadeHospital, *, centre_id: int | None = None, prefix: str = "C") -> int:
    async with make.database.transaction() as tx:
        row = Department(
            hospital_id=hospital.id,
            centre_id=centre_id or hospital.centre_id,
            name="Cardiology",
            token_prefix=prefix,
            created_at=tx.now,
        )
        return (await tx.add(row)).id


@pytest.fixture
async def department_id(make: Make, hospital: MadeHospital) -> int:
    return await department(make, hospital)


@pytest.fixture
async def doctor(make: Make, hospital: MadeHospital, department_id: int) -> Persona:
    return await make.clinician(hospital, department_id=department_id, room="12")


@pytest.fixture
async def other_doctor(make: Make, hospital: MadeHospital, department_id: int) -> Persona:
    return await make.clinician(hospital, department_id=department_id, room="14")


@pytest.fixture
async def walk_in(make: Make, hospital: MadeHospital, as_admin: Persona, doctor: Persona):
    """`await walk_in()`: a patient comes to the doctor, or to whom is named; answers the visit."""

    async def come(**to: Any) -> dict[str, Any]:
        name = to.pop("name", "Ravi Kumar")
        body = {"patientId": await make.record(hospital, name), **(to or {"doctorId": doctor.clinician_id})}
        answer = await as_admin.post("/visits", body)
        assert answer.status_code == 201, answer.text
        visit: dict[str, Any] = answer.json()["data"]
        return visit

    return come
