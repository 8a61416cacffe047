"""People of seed 003: patients and doctors who know each other by e-mail only."""

import itertools
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

import httpx2
import pytest

from outpatient.app import Outpatient
from tests.makers import MadeHospital, Persona

CODE = "DOC2024SECRET"
PASSWORD = "password123"
TUESDAY = "2026-03-03"

_numbers = itertools.count(1)


def new_email(name: str) -> str:
    """An address that nobody else in this run has."""
    return f"{name}-{os.getpid()}-{next(_numbers)}@example.com"


@dataclass
class Caller:
    """Somebody who calls the bare paths."""

    http: httpx2.AsyncClient
    headers: dict[str, str]
    email: str = ""
    id: int = 0

    async def call(self, method: str, path: str, json: Any = None, **given: Any) -> httpx2.Response:
        headers = {**self.headers, **given.pop("headers", {})}
        return await self.http.request(method, path, json=json, headers=headers, **given)

    async def get(self, path: str, **given: Any) -> httpx2.Response:
        return await self.call("GET", path, **given)

    async def post(self, path: str, json: Any = None, **given: Any) -> httpx2.Response:
        return await self.call("POST", path, json, **given)

    async def delete(self, path: str) -> httpx2.Response:
        return await self.call("DELETE", path)

    async def sign_in(self) -> None:
        """A new token, when the clock has gone on."""
        answer = await self.post("/auth/login", {"email": self.email, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    async def slot(self, start: str = "10:00", end: str = "10:30", date: str = TUESDAY) -> int:
        """A slot that a doctor offers from now on."""
        made = await self.post("/doctor/availability", {"date": date, "start_time": start, "end_time": end})
        assert made.status_code == 201, made.text
        return made.json()["slot_id"]

    async def book(self, slot_id: int) -> int:
        """An appointment that a patient has from now on."""
        made = await self.post("/appointments", {"slot_id": slot_id})
        assert made.status_code == 201, made.text
        return made.json()["appointment_id"]


def at_root(persona: Persona) -> Caller:
    """A person of the API, calling bare paths."""
    return Caller(persona.http, persona.headers, persona.email)


Join = Callable[..., Awaitable[Caller]]


@pytest.fixture
def nobody(http: httpx2.AsyncClient, hospital: MadeHospital) -> Caller:
    """Whoever calls without a token, about this test's hospital."""
    return Caller(http, {"X-Hospital-Id": str(hospital.id)})


@pytest.fixture
def join(http: httpx2.AsyncClient, hospital: MadeHospital) -> Join:
    """`await join("doctor", "Dr. Smith")`: somebody who has registered and signed in."""

    async def register(role: str, name: str, hospital: MadeHospital = hospital) -> Caller:
        caller = Caller(http, {"X-Hospital-Id": str(hospital.id)}, new_email(role))
        body = {"name": name, "email": caller.email, "password": PASSWORD, "role": role}
        made = await caller.post("/auth/register", body | ({"invitation_code": CODE} if role == "doctor" else {}))
        assert made.status_code == 201, made.text
        await caller.sign_in()
        own = "/doctor/profile" if role == "doctor" else "/auth/me"
        caller.id = (await caller.get(own)).json()["id"]
        return caller

    return register


@pytest.fixture
async def doctor(join: Join) -> Caller:
    return await join("doctor", "Dr. Smith")


@pytest.fixture
async def patient(join: Join) -> Caller:
    return await join("patient", "John Doe")


async def letters_to(outpatient: Outpatient, email: str) -> list[EmailMessage]:
    """The `.eml` files for this address, when all that is due has been sent, in the order of their events."""
    await outpatient.worker.run_once()
    return written_to(outpatient, email)


def written_to(outpatient: Outpatient, email: str) -> list[EmailMessage]:
    """The `.eml` files for this address that are there already."""
    files = sorted(outpatient.settings.outbox_dir.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
    letters = [BytesParser(policy=default).parsebytes(file.read_bytes()) for file in files]
    return [letter for letter in letters if letter["To"] == email]
