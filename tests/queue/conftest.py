"""A clinic's morning: appointments for today, people who arrive, lines that move."""

from dataclasses import dataclass, field

import httpx2
import pytest

from outpatient.models import Department
from tests.appointments.wishes import later
from tests.makers import MadeHospital, Make, Persona, new_phone

TODAY = "2026-03-02"
ROADS = {
    "EXPECTED": (),
    "WAITING": ("check-in",),
    "CALLED": ("check-in", "call"),
    "IN_PROGRESS": ("check-in", "start"),
    "SKIPPED": ("check-in", "skip"),
    "ON_HOLD": ("check-in", "hold"),
    "COMPLETED": ("check-in", "start", "complete"),
    "CANCELLED": ("check-in", "cancel"),
    "NO_SHOW": ("check-in", "no-show"),
}
"""How a booked visit comes into each state."""


def refusal(answer: httpx2.Response) -> tuple[int, str]:
    """The status and code of a refusal."""
    assert not answer.is_success, answer.text
    return answer.status_code, answer.json()["error"]["code"]


def sentence(answer: httpx2.Response) -> str:
    """What a refusal says to people."""
    return answer.json()["error"]["message"]


@dataclass
class Morning:
    """A desk, a clinician and short words for what happens between them."""

    make: Make
    hospital: MadeHospital
    desk: Persona
    doctor: Persona
    times: list[str] = field(
        default_factory=lambda: [f"{hour:02}:{minute}" for hour in range(9, 17) for minute in ("00", "30")]
    )

    async def book(self, at: str = "10:00", doctor: Persona | None = None, on: str = TODAY, **more) -> int:
        """An appointment of a new patient, today unless said otherwise; answers its id."""
        patient = await self.make.patient(self.hospital, f"Patient {new_phone()[-6:]}")
        answer = await self.desk.post(
            "/appointments",
            {
                "patientId": patient.patient_id,
                "clinicianId": (doctor or self.doctor).clinician_id,
                "appointmentDate": on,
                **({} if more.get("bookingType") else {"appointmentTime": at}),
                **more,
            },
        )
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]["id"]

    async def appointment(self, appointment_id: int) -> dict:
        return (await self.desk.get(f"/appointments/{appointment_id}")).json()["data"]

    async def visit_of(self, appointment_id: int) -> int:
        """The id of an appointment's visit."""
        return (await self.appointment(appointment_id))["visitId"]

    async def check_in(self, appointment_id: int) -> dict:
        answer = await self.desk.post(f"/appointments/{appointment_id}/check-in")
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def walk_in(self, doctor: Persona | None = None, **more) -> dict:
        """Somebody new without an appointment; answers the visit."""
        answer = await self.try_walk_in(doctor, **more)
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]

    async def try_walk_in(self, doctor: Persona | None = None, **more) -> httpx2.Response:
        body = {"patient": {"fullName": "Ravi Kumar", "phone": new_phone()}, **more}
        if "patientId" in more:
            body.pop("patient")
        if "departmentId" not in more:
            body["doctorId"] = (doctor or self.doctor).clinician_id
        return await self.desk.post("/visits", body)

    async def walk_ins(self, number: int, **more) -> list[int]:
        """So many of them; answers their ids in order of arrival."""
        return [(await self.walk_in(**more))["id"] for _ in range(number)]

    async def do(self, visit_id: int, command: str, by: Persona | None = None, **body) -> dict:
        """A command on a visit, which must succeed; answers the visit."""
        answer = await self.attempt(visit_id, command, by, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def attempt(self, visit_id: int, command: str, by: Persona | None = None, **body) -> httpx2.Response:
        return await (by or self.desk).post(f"/visits/{visit_id}/{command}", body or None)

    async def reorder(self, visit_id: int, new_position: int, **more) -> httpx2.Response:
        return await self.desk.put("/queue/reorder", {"visitId": visit_id, "newPosition": new_position, **more})

    async def brought_to(self, status: str) -> int:
        """The visit of a new appointment of this morning that came into this state; answers its id."""
        appointment_id = await self.book(self.times.pop(0))
        visit_id = await self.visit_of(appointment_id)
        for command in ROADS[status]:
            if command == "check-in":
                await self.check_in(appointment_id)
            else:
                await self.do(visit_id, command)
        return visit_id

    async def next(self, doctor: Persona | None = None) -> dict:
        clinician_id = (doctor or self.doctor).clinician_id
        answer = await self.desk.post(f"/queue/doctor/{clinician_id}/next")
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def visit(self, visit_id: int) -> dict:
        answer = await self.desk.get(f"/visits/{visit_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def status(self, visit_id: int) -> str:
        return (await self.visit(visit_id))["status"]

    async def history(self, visit_id: int) -> list[dict]:
        return (await self.desk.get(f"/visits/{visit_id}/history")).json()["data"]

    async def queue(self, doctor: Persona | None = None) -> list[dict]:
        answer = await self.desk.get(f"/queue/doctor/{(doctor or self.doctor).clinician_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]["queue"]

    async def line(self, doctor: Persona | None = None) -> list[int]:
        """The ids of those in line, in order."""
        return [visit["id"] for visit in await self.queue(doctor) if visit["position"] is not None]

    async def department(self, prefix: str | None = "D", **rules) -> int:
        async with self.make.database.transaction() as tx:
            row = await tx.add(
                Department(
                    hospital_id=self.hospital.id,
                    centre_id=rules.pop("centre_id", self.hospital.centre_id),
                    name=f"Cardiology {new_phone()[-6:]}",
                    token_prefix=prefix,
                    created_at=tx.now,
                    **rules,
                )
            )
            return row.id

    async def clinician(self, department_id: int | None = None, *, on_duty: bool = True, **given) -> Persona:
        return await self.make.clinician(self.hospital, department_id=department_id, is_on_duty=on_duty, **given)

    async def pass_time(self, clock, **by: float) -> None:
        """Let time pass; the desk stays signed in."""
        await later(clock, self.desk, **by)


@pytest.fixture
async def morning(make, hospital, as_front_desk) -> Morning:
    doctor = await make.clinician(hospital, is_on_duty=True, room="Room 4")
    return Morning(make, hospital, as_front_desk, doctor)


@pytest.fixture
def in_hospital(make):
    """A morning in a hospital with rules, or a zone, of its own."""

    async def in_hospital(zone: str = "Asia/Kolkata", **config) -> Morning:
        hospital = await make.hospital(zone, **config)
        desk = await make.staff(hospital, "FRONT_DESK")
        return Morning(make, hospital, desk, await make.clinician(hospital, is_on_duty=True, room="Room 4"))

    return in_hospital
