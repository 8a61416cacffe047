"""What the tests of appointments ask for again and again."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Self

import httpx2
from sqlalchemy import func, select

from outpatient.app import Outpatient, create_app
from outpatient.models import Occupancy, Payment, Visit
from tests.makers import Persona

MONDAY, TUESDAY, SATURDAY = "2026-03-02", "2026-03-03", "2026-03-07"


def wish(clinician: Persona, time: str = "10:00:00", day: str = TUESDAY, **more) -> dict:
    """A body that books this clinician."""
    return {"clinicianId": clinician.clinician_id, "appointmentDate": day, "appointmentTime": time, **more}


async def booked(persona: Persona, clinician: Persona, time: str = "10:00:00", day: str = TUESDAY, **more) -> dict:
    """An appointment that is there now."""
    answer = await persona.post("/appointments", wish(clinician, time, day, **more))
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]


async def held(patient: Persona, clinician: Persona, time: str = "10:00:00") -> int:
    """An unpaid hold's id."""
    answer = await patient.post("/booking/create", wish(clinician, time))
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]["appointmentId"]


async def shown(persona: Persona, appointment_id: int) -> dict:
    answer = await persona.get(f"/appointments/{appointment_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def free_times(persona: Persona, outpatient: Outpatient, clinician: Persona, day: str = TUESDAY) -> list[str]:
    """The clinician's free times of a day, as the slot engine lists them."""
    from datetime import date

    schedules = outpatient.api.state.parts.schedules
    on = date.fromisoformat(day)
    found = await schedules.find_slots(persona.hospital_id, clinician.clinician_id, first_on=on, last_on=on)
    return [
        offered.slot.starts_at.astimezone(offered.zone).strftime("%H:%M")
        for offered in found[on]
        if offered.slot.state == "AVAILABLE"
    ]


ROADS = {
    "PENDING": (),
    "CONFIRMED": (("PATCH", "/confirm", None),),
    "CHECKED_IN": (("POST", "/check-in", None),),
    "COMPLETED": (("PATCH", "/confirm", None), ("PATCH", "/complete", None)),
    "CANCELLED": (("PATCH", "/cancel", None),),
    "NO_SHOW": (("PUT", "", {"status": "NO_SHOW"}),),
}
"""How an appointment of this morning comes into each state."""


async def bring_to(admin: Persona, appointment_id: int, status: str, visit: str = "WAITING") -> None:
    """Let happen what brings a pending appointment into a state; who is CHECKED_IN may be CALLED or IN_PROGRESS."""
    answer = None
    for method, verb, body in ROADS[status]:
        answer = await admin.call(method, f"/appointments/{appointment_id}{verb}", json=body)
        assert answer.status_code == 200, answer.text
    if visit in {"CALLED", "IN_PROGRESS"}:
        await admin.patch(f"/visits/{answer.json()['data']['id']}/status", {"status": visit})


async def count(outpatient: Outpatient, model, **where) -> int:
    async with outpatient.database.reading() as tx:
        terms = [getattr(model, name) == value for name, value in where.items()]
        return await tx.one_or_none(select(func.count()).select_from(model).where(*terms))


async def one(outpatient: Outpatient, model, **where):
    async with outpatient.database.reading() as tx:
        terms = [getattr(model, name) == value for name, value in where.items()]
        return await tx.one_or_none(select(model).where(*terms))


async def visit_of(outpatient: Outpatient, appointment_id: int) -> Visit:
    return await one(outpatient, Visit, appointment_id=appointment_id)


async def payment_of(outpatient: Outpatient, appointment_id: int) -> Payment:
    return await one(outpatient, Payment, appointment_id=appointment_id)


async def occupied(outpatient: Outpatient, clinician: Persona) -> int:
    """How many intervals of the clinician are taken."""
    return await count(outpatient, Occupancy, clinician_id=clinician.clinician_id)


async def at_once(*calls) -> Counter:
    """The statuses of calls that are made at the same time."""
    return Counter(answer.status_code for answer in await asyncio.gather(*calls))


def code_of(answer: httpx2.Response) -> str:
    return answer.json()["error"]["code"]


def details_of(answer: httpx2.Response) -> dict:
    assert answer.status_code == 400, answer.text
    return answer.json()["error"]["details"]


class Elsewhere:
    """A second program on the same store and clock, with other adapters."""

    def __init__(self, outpatient: Outpatient, **adapters) -> None:
        self.program = create_app(outpatient.settings, outpatient.database.clock, with_worker=False)
        parts = self.program.api.state.parts
        self.program.api.state.parts = replace(parts, adapters=replace(parts.adapters, **adapters))
        reached = {name: adapter for name, adapter in adapters.items() if name in ("messages", "emails", "video")}
        self.program.worker.outside = replace(self.program.worker.outside, **reached)

    async def __aenter__(self) -> Self:
        transport = httpx2.ASGITransport(app=self.program, client=("203.0.113.8", 40000))
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://clinic.test")
        return self

    async def __aexit__(self, *_failure) -> None:
        await self.http.aclose()
        await self.program.database.close()

    def seen_by(self, persona: Persona) -> Persona:
        """The same person, calling this program."""
        return replace(persona, http=self.http)


async def later(clock, *personas: Persona, **by: float) -> None:
    """Let time pass; who is still at the keyboard renews his sign-in."""
    clock.advance(**by)
    for persona in personas:
        renewed = await persona.post("/auth/refresh", {"refreshToken": persona.refresh_token})
        assert renewed.status_code == 200, renewed.text
        persona.headers["Authorization"] = f"Bearer {renewed.json()['data']['accessToken']}"
        persona.refresh_token = renewed.json()["data"]["refreshToken"]
