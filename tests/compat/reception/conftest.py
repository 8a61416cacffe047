"""A reception that speaks seed 000: a desk, a doctor, a service, and short words for what they do."""

from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from outpatient.models import Service
from tests.makers import MadeHospital, Make, Persona, new_phone
from tests.realtime.conftest import address, connect, placed  # noqa: F401 (fixtures of live streams)

TODAY, TOMORROW = "2026-03-02", "2026-03-03"


class AtRoot(Persona):
    """Somebody who calls the bare paths."""

    async def call(self, method: str, path: str, **given: Any) -> httpx2.Response:
        headers = {**self.headers, **given.pop("headers", {})}
        return await self.http.request(method, path, headers=headers, **given)


def at_root(persona: Persona) -> AtRoot:
    return AtRoot(**vars(persona))


def good(answer: httpx2.Response, status: int = 200) -> dict[str, Any]:
    """The body of an answer that must be good."""
    assert answer.status_code == status, answer.text
    assert answer.headers["cache-control"] == "no-store"
    body: dict[str, Any] = answer.json()
    return body


def refused(answer: httpx2.Response, status: int = 400) -> dict[str, Any]:
    """The details of a refusal, which is bare."""
    assert answer.status_code == status, answer.text
    assert answer.json().keys() == {"error"}
    assert answer.json()["error"].keys() == {"code", "message", "details"}
    details: dict[str, Any] = answer.json()["error"]["details"]
    return details


def code_of(answer: httpx2.Response) -> tuple[int, str]:
    assert answer.json().keys() == {"error"}, answer.text
    return answer.status_code, answer.json()["error"]["code"]


@dataclass
class Reception:
    """A desk and a doctor of one clinic."""

    make: Make
    hospital: MadeHospital
    desk: AtRoot
    doctor: AtRoot
    service_id: int

    @property
    def clinic_id(self) -> int:
        return self.hospital.centre_id

    async def patient(self, name: str | None = None) -> int:
        return await self.make.record(self.hospital, name or f"Patient {new_phone()[-6:]}")

    async def wish(self, at: str = "10:00", on: str = TODAY, **more: Any) -> dict[str, Any]:
        """A body for POST /appointments: today at ten, by the clinic's clock."""
        return {
            "clinic_id": self.clinic_id,
            "doctor_id": self.doctor.clinician_id,
            "patient_id": more.get("patient_id") or await self.patient(),
            "service_id": self.service_id,
            "start_time": f"{on}T{at}:00",
            "booking_source": "phone",
            **more,
        }

    async def book(self, at: str = "10:00", on: str = TODAY, **more: Any) -> dict[str, Any]:
        body = await self.wish(at, on, **more)
        appointment: dict[str, Any] = good(await self.desk.post("/appointments", body), 201)["appointment"]
        return appointment

    async def check_in(self, appointment: dict[str, Any]) -> dict[str, Any]:
        body = {"appointment_id": appointment["id"]}
        visit: dict[str, Any] = good(await self.desk.post("/visits/check-in", body))["visit"]
        return visit

    async def walk_in_body(self, **more: Any) -> dict[str, Any]:
        return {
            "patient_id": more.get("patient_id") or await self.patient(),
            "clinic_id": self.clinic_id,
            "service_id": self.service_id,
            "doctor_id": self.doctor.clinician_id,
            **more,
        }

    async def walk_in(self, **more: Any) -> dict[str, Any]:
        answer = await self.desk.post("/visits/walk-in", await self.walk_in_body(**more))
        visit: dict[str, Any] = good(answer, 201)["visit"]
        return visit

    async def do(self, command: str, visit: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A command of the desk on a visit, which must succeed."""
        changed: dict[str, Any] = good(await self.desk.post(f"/queue/{command}", {"visit_id": visit["id"], **more}))
        assert changed["message"]
        done: dict[str, Any] = changed["visit"]
        return done

    async def read(self, path: str, by: AtRoot | None = None, **params: Any) -> dict[str, Any]:
        return good(await (by or self.desk).get(path, params=params))

    async def roles(self, method: str, path: str, body: Any = None) -> set[str]:
        """The roles to whom a call is not forbidden; nobody is unknown."""
        assert (await at_root(self.make.nobody(self.hospital)).call(method, path, json=body)).status_code == 401
        allowed = set()
        for role in ("ADMIN", "MANAGER", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK", "CLINICIAN", "PATIENT"):
            match role:
                case "CLINICIAN":
                    who = await self.make.clinician(self.hospital)
                case "PATIENT":
                    who = await self.make.patient(self.hospital)
                case _:
                    who = await self.make.staff(self.hospital, role)
            answer = await at_root(who).call(method, path, json=body)
            assert answer.status_code < 500, answer.text
            if answer.status_code != 403:
                allowed.add(role)
        return allowed


RECEPTIONIST = {"ADMIN", "MANAGER", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK"}
STAFF = RECEPTIONIST | {"CLINICIAN"}
DOCTOR = {"ADMIN", "CLINICIAN"}


@pytest.fixture
async def reception(make, hospital, as_front_desk) -> Reception:
    doctor = await make.clinician(hospital, is_on_duty=True, room="Room 4")
    async with make.database.transaction() as tx:
        service = await tx.add(
            Service(
                hospital_id=hospital.id,
                name="Consultation",
                duration_minutes=30,
                price_minor=80_000,
                created_at=tx.now,
            )
        )
    return Reception(make, hospital, at_root(as_front_desk), at_root(doctor), service.id)


@pytest.fixture
async def stranger(as_stranger) -> AtRoot:
    """The ADMIN of another hospital."""
    return at_root(as_stranger)
