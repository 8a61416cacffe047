"""A morning at the desk: many calls at once, and what the store says of them afterwards."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from outpatient.models import Department
from tests.makers import Persona
from tests.races.conftest import ZONE, Clinic

Event = tuple[int, str, dict[str, Any]]
"""A visit's id, the event's name and payload."""


@dataclass
class Morning:
    """A desk that sends many calls at once, and the patients that it sends them for."""

    clinic: Clinic
    desk: Persona
    patients: list[int]
    today: str = field(default_factory=lambda: datetime.now(ZoneInfo(ZONE)).date().isoformat())

    async def clinician(self, **given: object) -> int:
        hours = tuple((weekday, 0, 1440) for weekday in range(7))
        return (
            await self.clinic.make.clinician(self.clinic.hospital, hours=hours, is_on_duty=True, **given)
        ).clinician_id

    async def department(self) -> int:
        async with self.clinic.program.database.transaction() as tx:
            row = Department(
                hospital_id=self.clinic.hospital.id,
                centre_id=self.clinic.hospital.centre_id,
                name="Cardiology",
                token_prefix="C",
                created_at=tx.now,
            )
            return (await tx.add(row)).id

    async def send(self, *calls: tuple[Any, ...]) -> list[Any]:
        """(method, path, body) each, all at once."""
        return await self.clinic.all_at_once([(self.desk, *(*call, None)[:3]) for call in calls])

    async def done(self, *calls: tuple[Any, ...]) -> list[dict[str, Any]]:
        """The same, for what is needed before a race: all must succeed. Answers the data."""
        answers = await self.send(*calls)
        for answer in answers:
            if not answer.is_success:
                raise RuntimeError(answer.text)
        return [answer.json()["data"] for answer in answers]

    async def book(self, clinician_id: int, number: int) -> list[int]:
        """Tokens booked for today; answers the appointments' ids."""
        wishes = [
            {"clinicianId": clinician_id, "patientId": patient, "appointmentDate": self.today, "bookingType": "TOKEN"}
            for patient in self.patients[:number]
        ]
        return [made["id"] for made in await self.done(*(("POST", "/appointments", wish) for wish in wishes))]

    def walk_in(self, clinician_id: int, patient: int) -> tuple[str, str, dict[str, int]]:
        return "POST", "/visits", {"doctorId": clinician_id, "patientId": patient}

    async def waiting(self, clinician_id: int, number: int) -> list[int]:
        """So many walk-ins, one after the other; answers the visits' ids."""
        return [(await self.done(self.walk_in(clinician_id, one)))[0]["id"] for one in self.patients[:number]]

    async def rows(self, query: str, **values: object) -> list[Any]:
        async with self.clinic.program.database.reading() as tx:
            bound = text(query).bindparams(**{**values, "hospital_id": self.clinic.hospital.id})
            return list((await tx.execute(bound)).all())

    async def told(self, visits: list[int] | None = None) -> list[Event]:
        """What the events say of visits, the oldest first."""
        which = f" AND subject_id IN ({','.join(map(str, visits))})" if visits else ""
        found = await self.rows(
            "SELECT subject_id, name, payload FROM events"
            f" WHERE hospital_id = :hospital_id AND subject = 'visit'{which} ORDER BY id"
        )
        return [
            (visit, name, json.loads(payload) if isinstance(payload, str) else payload)
            for visit, name, payload in found
        ]

    async def count(self, query: str, **values: object) -> int:
        return int((await self.rows(query, **values))[0][0])


def codes(answers: list[Any]) -> Counter[Any]:
    return Counter((one.status_code, one.json().get("error", {}).get("code")) for one in answers)


def tokens(answers: list[Any]) -> list[int]:
    return sorted(one.json()["data"]["tokenNumber"] for one in answers)
