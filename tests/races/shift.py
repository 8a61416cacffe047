"""A busy day at several desks: patients come, wait, are called, moved, seen and sent home, on every server in turn."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import httpx2

from outpatient.models import Department
from tests.makers import Persona, new_phone
from tests.races.conftest import OURS, ZONE, Clinic, serving
from tests.races.screens import PATIENCE, House, Screen, Socket, by_patient, either, in_waiting_room

CROWD = 30  # patients who are in the house at once
HOURS = tuple((weekday, 0, 1440) for weekday in range(7))

STEPS: dict[str, tuple[str, ...]] = {
    "WAITING": ("call", "start", "skip", "hold", "priority", "reorder", "reassign", "delay", "cancel", "undo"),
    "SKIPPED": ("call", "recall", "reorder", "hold"),
    "CALLED": ("start", "start", "start", "start", "recall", "skip", "no-show", "reassign"),
    "ON_HOLD": ("recall", "recall", "reassign", "cancel"),
    "IN_PROGRESS": ("complete", "complete", "complete", "complete", "hold"),
}
"""What a desk may do with a visit, by its state."""
FOR_RECEPTION = frozenset({"priority", "reorder", "reassign", "cancel"})


@dataclass
class Shift:
    """A hospital with two centres, three departments and four clinicians, and what its desks know of the day.

    The first department has two clinicians, so that patients wait for either when neither is on duty.
    """

    clinic: Clinic
    centres: list[int] = field(default_factory=list)
    departments: list[int] = field(default_factory=list)
    clinicians: list[Persona] = field(default_factory=list)
    patients: list[int] = field(default_factory=list)
    admin: Any = None
    front_desk: Any = None
    patient: Any = None
    alive: list[int] = field(default_factory=list)  # the servers that the desks use
    visits: dict[int, dict[str, Any]] = field(default_factory=dict)
    booked: list[tuple[int, int]] = field(default_factory=list)  # (appointment, clinician) still to come
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0  # seconds that an answer took
    _turn: int = 0
    _bells: int = 0

    async def open(self) -> "Shift":
        make, hospital = self.clinic.make, self.clinic.hospital
        self.centres = [hospital.centre_id, await make.centre(hospital, ZONE)]
        for centre, name in ((0, "Cardiology"), (0, "Eyes"), (1, "Children")):
            self.departments.append(await self._department(self.centres[centre], name))
        for centre, department in ((0, 0), (0, 0), (0, 1), (1, 2)):
            given = {"department_id": self.departments[department], "is_on_duty": True}
            one = await make.clinician(hospital, centre_id=self.centres[centre], hours=HOURS, **given)
            self.clinicians.append(one)
        self.patients = [await make.record(hospital, f"Patient {number}") for number in range(40)]
        self.admin, self.patient = await make.staff(hospital, "ADMIN"), await make.patient(hospital)
        self.front_desk = await make.staff(hospital, "FRONT_DESK")
        self.patients += [self.patient.patient_id] * 5  # he comes often
        self.alive = list(range(len(self.clinic.clients)))
        return self

    async def _department(self, centre_id: int, name: str) -> int:
        async with self.clinic.program.database.transaction() as tx:
            row = Department(
                hospital_id=self.clinic.hospital.id,
                centre_id=centre_id,
                name=name,
                token_prefix=name[0],
                created_at=tx.now,
            )
            return (await tx.add(row)).id

    @property
    def house(self) -> House:
        homes = ((0, 0), (0, 0), (0, 1), (1, 2))
        return House(
            {
                one.clinician_id: (self.centres[centre], self.departments[department])
                for one, (centre, department) in zip(self.clinicians, homes, strict=True)
            }
        )

    @property
    def changes(self) -> int:
        return self.done.total()

    async def work(self, changes: int, seed: int = 0) -> None:
        """So many changes, by six desks at once."""
        doctor, other, _, far = (one.clinician_id for one in self.clinicians)
        desks = [
            Desk(self, self.admin, [one.clinician_id for one in self.clinicians]),
            Desk(self, self.admin, [far]),
            Desk(self, self.front_desk, [one.clinician_id for one in self.clinicians[:3]]),
            Desk(self, self.front_desk, [doctor, other]),
            Desk(self, self.clinicians[0], [doctor]),
            Desk(self, self.clinicians[3], [far]),
        ]
        until = self.changes + changes
        async with asyncio.TaskGroup() as together:
            for number, desk in enumerate(desks):
                together.create_task(desk.work(until, Random(f"{seed}-{number}")))

    async def tour(self) -> None:
        """Every kind of change once, so that it is no matter of luck whether one was among them."""
        admin, (first, second, other, _) = self.admin, [one.clinician_id for one in self.clinicians]

        async def done(method: str, path: str, body: Any = None) -> dict[str, Any]:
            answer = await self.call(admin, method, path, body)
            assert answer.is_success, answer.text
            return answer.json().get("data") or {}

        for clinician in (first, second):
            await done("PUT", f"/clinicians/{clinician}/on-duty", {"isOnDuty": False})
        nobody = {"patient": {"fullName": "Anybody's", "phone": new_phone()}, "departmentId": self.departments[0]}
        visit = await done("POST", "/visits", nobody)
        assert visit["clinicianId"] is None
        for clinician in (first, second):
            await done("PUT", f"/clinicians/{clinician}/on-duty", {"isOnDuty": True})
        at = f"/visits/{visit['id']}"
        for clinician in (second, first, other, first):  # within a department and out of it
            await done("POST", f"{at}/reassign", {"doctorId": clinician})
        await done("POST", f"{at}/priority", {"priority": "URGENT", "reason": "Pain"})
        await done("PUT", "/queue/reorder", {"visitId": visit["id"], "newPosition": 1})
        await done("POST", f"{at}/delay", {"minutes": 5})
        for step in ("undo", "skip", "recall", "hold", "recall", "call", "no-show", "recall", "cancel", "undo", "call"):
            await done("POST", f"{at}/{step}")
        await done("PATCH", f"{at}/status", {"status": "SKIPPED"})
        await done("POST", f"{at}/cancel")
        day = {"appointmentDate": self.day(), "bookingType": "TOKEN", "patientId": self.patient.patient_id}
        kept, given_up = [
            (await done("POST", "/appointments", {**day, "clinicianId": clinician}))["id"]
            for clinician in (first, other)
        ]
        await done("PATCH", f"/appointments/{kept}/confirm")
        await done("DELETE", f"/appointments/{given_up}", {"reason": "Ill"})
        arrived = await done("POST", f"/appointments/{kept}/check-in")
        called = await done("POST", f"/queue/doctor/{first}/next")
        assert called["id"] == arrived["id"]
        for step in ("start", "complete"):
            await done("POST", f"/visits/{arrived['id']}/{step}")
        await done("PUT", f"/patients/{self.patient.patient_id}", {"fullName": "Asha Rao-Kumar"})

    async def ring(self) -> None:
        """A change that everybody hears of, in every room, after all others."""
        self._bells += 1
        for clinician in (self.clinicians[0], self.clinicians[3]):
            body = {"patient": {"fullName": "Last one", "phone": new_phone()}, "doctorId": clinician.clinician_id}
            assert (await self.call(self.admin, "POST", "/visits", body)).status_code == 201
        for clinician in self.clinicians[0], self.clinicians[3]:
            body = {"patientId": self.patient.patient_id, "clinicianId": clinician.clinician_id}
            body |= {"appointmentDate": self.day(self._bells), "bookingType": "TOKEN"}
            assert (await self.call(self.admin, "POST", "/appointments", body)).status_code == 201

    def day(self, later: int = 0) -> str:
        return (datetime.now(ZoneInfo(ZONE)).date() + timedelta(days=later)).isoformat()

    async def call(self, persona: Persona, method: str, path: str, body: Any = None) -> httpx2.Response:
        """One call, on the servers in turn; when one has just died, on another."""
        while True:
            while not self.alive:
                await asyncio.sleep(0.05)
            self._turn += 1
            number = self.alive[self._turn % len(self.alive)]
            began = time.perf_counter()
            try:
                answer = await self.clinic.call(persona, method, path, body, server=number)
            except httpx2.TransportError:
                if number in self.alive:
                    raise
                continue
            self.slowest = max(self.slowest, time.perf_counter() - began)
            assert answer.status_code < 500, answer.text
            return answer

    def present(self) -> int:
        return sum(visit["status"] in STEPS for visit in self.visits.values())


@dataclass
class Desk:
    """Somebody at work for some clinicians."""

    shift: Shift
    persona: Persona
    clinicians: list[int]

    async def work(self, until: int, dice: Random) -> None:
        """Change things until so many changes were made by all."""
        shift, began = self.shift, time.monotonic()
        while (done := shift.changes) < until:
            if not await self._change(dice):
                await asyncio.sleep(0.01)  # the others have their turn
            if shift.changes > done:
                began = time.monotonic()
            assert time.monotonic() - began < PATIENCE, f"nothing can be done any more: {shift.refused}"

    async def _change(self, dice: Random) -> bool:
        """Try one change; whether it was made."""
        shift, luck = self.shift, dice.random()
        is_reception = not self.persona.clinician_id
        if is_reception and luck < 0.4:
            if luck > 0.04 and shift.present() < CROWD:
                return await (self._arrive(dice) if luck < 0.3 else self._walk_in(dice))
            if luck < 0.02 and shift.booked:
                appointment, _ = shift.booked.pop(0)
                return await self._do("DELETE", f"/appointments/{appointment}", {"reason": "Ill"}, "call off")
            if luck < 0.04 and self.persona is shift.admin:
                return await self._duty(dice)
        mine = [
            one for one in shift.visits.values() if one["clinicianId"] in self.clinicians and one["status"] in STEPS
        ]
        waiting = [one["clinicianId"] for one in mine if one["status"] in ("WAITING", "SKIPPED")]
        if waiting and luck < 0.5:
            return await self._do("POST", f"/queue/doctor/{dice.choice(waiting)}/next", None, "next")
        if not mine:
            return is_reception and await self._walk_in(dice)
        visit = dice.choice(mine)
        steps = [one for one in STEPS[visit["status"]] if is_reception or one not in FOR_RECEPTION]
        return await self._step(visit["id"], dice.choice(steps), dice)

    async def _arrive(self, dice: Random) -> bool:
        """Somebody books for today, or is here now."""
        shift = self.shift
        mine = [one for one in shift.booked if one[1] in self.clinicians]
        if len(mine) > 3:
            shift.booked.remove(mine[0])
            return await self._do("POST", f"/appointments/{mine[0][0]}/check-in", None, "check-in")
        clinician = dice.choice(self.clinicians)
        body = {"clinicianId": clinician, "patientId": dice.choice(shift.patients)}
        body |= {"appointmentDate": shift.day(), "bookingType": "TOKEN"}
        return await self._do("POST", "/appointments", body, "book")

    async def _walk_in(self, dice: Random) -> bool:
        body: dict[str, Any] = {"patientId": dice.choice(self.shift.patients)}
        if dice.random() < 0.2:
            body = {"patient": {"fullName": "Somebody New", "phone": new_phone()}}
        clinician = dice.choice(self.clinicians)
        if dice.random() < 0.3:
            body["departmentId"] = self.shift.house.homes[clinician][1]
        else:
            body["doctorId"] = clinician
        return await self._do("POST", "/visits", body, "walk-in")

    async def _duty(self, dice: Random) -> bool:
        body = {"isOnDuty": dice.random() < 0.5}
        return await self._do("PUT", f"/clinicians/{dice.choice(self.clinicians)}/on-duty", body, "duty")

    async def _step(self, visit: int, step: str, dice: Random) -> bool:
        bodies: dict[str, dict[str, Any]] = {
            "priority": {"priority": dice.choice(("URGENT", "VIP", "NORMAL")), "reason": "Pain"},
            "reassign": {"doctorId": dice.choice(self.clinicians)},
            "delay": {"minutes": 5},
        }
        if step == "reorder":
            body = {"visitId": visit, "newPosition": dice.randint(1, 10)}
            return await self._do("PUT", "/queue/reorder", body, step)
        return await self._do("POST", f"/visits/{visit}/{step}", bodies.get(step), step)

    async def _do(self, method: str, path: str, body: Any, what: str) -> bool:
        shift = self.shift
        answer = await shift.call(self.persona, method, path, body)
        if not answer.is_success:
            shift.refused[f"{what}: {answer.status_code} {answer.json()['error']['code']}"] += 1
            return False
        shift.done[what] += 1
        data = answer.json().get("data") or {}
        if what == "book":
            shift.booked.append((data["id"], body["clinicianId"]))
        elif "tokenLabel" in data:
            shift.visits[data["id"]] = data
        return True


@asynccontextmanager
async def shift_at(
    url: str,
    folders: Path,
    environment: Mapping[str, str] | None = None,
    program: Sequence[str] = OURS,
    *,
    servers: int = 2,
) -> Any:
    """A hospital on servers of its own (on SQLite never more than one)."""
    async with serving(url, folders, program, environment, servers, zone=ZONE, skip_positions=2) as clinic:
        yield await Shift(clinic).open()


# -- who looks at it ---------------------------------------------------------------------------------------------------


def screens_of(shift: Shift, server: str) -> list[Screen]:
    """Everybody who watches a stream at one server."""
    house, (near, far) = shift.house, shift.centres
    doctors = {"first": shift.clinicians[0], "last": shift.clinicians[3]}
    reception = f"/sse/reception/{shift.clinic.hospital.id}"
    rooms = (shift.departments[0], shift.departments[2])
    return [
        Screen(f"{server}: the hospital's reception", shift.admin, reception, house.at_reception(near, far)),
        Screen(f"{server}: a centre's reception", shift.front_desk, reception, house.at_reception(near)),
        *(
            Screen(
                f"{server}: the {which} doctor",
                one,
                f"/sse/doctor/{one.clinician_id}",
                house.at_doctor(one.clinician_id),
            )
            for which, one in doctors.items()
        ),
        *(
            Screen(
                f"{server}: waiting room {one}",
                shift.clinic.make.nobody(shift.clinic.hospital),
                f"/sse/waiting-room/{one}",
                in_waiting_room(one),
            )
            for one in rooms
        ),
        Screen(f"{server}: a patient", shift.patient, "/sse/me", by_patient(shift.patient.patient_id)),
    ]


def sockets_of(shift: Shift, server: str) -> list[Socket]:
    """Everybody who is connected to one server by Socket.IO, some to several rooms at once."""
    house, (near, far), doctor = shift.house, shift.centres, shift.clinicians[0]
    clinic = {number: ("join_queue_room", {"clinic_id": number}) for number in shift.centres}
    own = ("join_doctor_room", {"doctor_id": doctor.clinician_id})
    calls = house.called_to(doctor.clinician_id)
    return [
        Socket(f"{server}: a centre's socket", shift.front_desk, (clinic[near],), house.at_reception(near)),
        Socket(
            f"{server}: a socket everywhere",
            shift.admin,
            (clinic[near], clinic[far], own),
            either(house.at_reception(near, far), house.at_doctor(doctor.clinician_id)),
            calls,
        ),
        Socket(f"{server}: the doctor's socket", doctor, (own,), house.at_doctor(doctor.clinician_id), calls),
    ]
