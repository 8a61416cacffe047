"""A database to measure on: one hospital, many clinicians with round-the-clock hours, many patients, one desk."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from outpatient.access.tokens import AccessTokens
from outpatient.core.clock import Clock
from outpatient.core.database import Database
from outpatient.core.migrations import migrate
from outpatient.core.stores import open_store
from outpatient.core.terms import Role, SessionKind
from outpatient.models import (
    AvailabilityRule,
    Centre,
    Clinician,
    Hospital,
    HospitalConfig,
    Membership,
    Patient,
    Session,
    User,
)

CLINICIANS = 100
PATIENTS = 20_000
ARRIVALS = range(101, 2101)  # clinicians whose patients arrive
LINES = range(2101, 4101)  # clinicians whose patients are called
READ = range(4101, 5101)  # clinicians whose queues are looked at
HOT = 5101  # the one for whom everybody calls
WAITING_ROOM, WAITING_ROOM_CLINICIAN = 1, 1  # the department whose screens hang on live streams, and who calls there
JWT_SECRET = "a-secret-for-measuring-that-guards-nothing"


@dataclass(frozen=True)
class Stage:
    """A store that is ready to be measured, and a desk's token for it."""

    url: str
    token: str


def set_stage(url: str) -> Stage:
    """Migrate and fill an empty store."""
    migrate(url)
    return asyncio.run(_fill(url))


async def _fill(url: str) -> Stage:
    database = Database(open_store(url), Clock())
    async with database.transaction() as tx:
        now = tx.now
        await tx.add(Hospital(name="Bench", slug="bench", created_at=now))
        tx.session.add(HospitalConfig(hospital_id=1, time_zone="Asia/Kolkata"))
        await tx.add(Centre(hospital_id=1, name="Bench", city="Pune", time_zone="Asia/Kolkata", created_at=now))
        desk = await tx.add(User(full_name="Desk", created_at=now))
        await tx.add(Membership(hospital_id=1, user_id=desk.id, role=Role.ADMIN, created_at=now))
        session = await tx.add(
            Session(
                user_id=desk.id,
                hospital_id=1,
                kind=SessionKind.STAFF,
                created_at=now,
                expires_at=now + timedelta(days=7),
            )
        )
        people = [
            {"full_name": f"Doctor {n}", "is_active": True, "is_superadmin": False, "version": 1, "created_at": now}
            for n in range(CLINICIANS)
        ]
        await tx.execute(insert(User).values(people))
        plain = {"years_of_experience": 1, "capacity": 1, "schedule_version": 1, "is_on_duty": False, "is_active": True}
        for first in range(0, CLINICIANS, 50):
            await tx.execute(
                insert(Clinician).values(
                    [
                        {
                            "hospital_id": 1,
                            "user_id": desk.id + n,
                            "primary_centre_id": 1,
                            "specialization": [],
                            "qualification": [],
                            "languages": [],
                            "consultation_fee_minor": 150_000,
                            "created_at": now,
                            **plain,
                        }
                        for n in range(first + 1, first + 51)
                    ]
                )
            )
            await tx.execute(
                insert(AvailabilityRule).values(
                    [
                        {
                            "hospital_id": 1,
                            "clinician_id": n,
                            "centre_id": 1,
                            "weekday": day,
                            "start_minute": 0,
                            "end_minute": 1440,
                        }
                        for n in range(first + 1, first + 51)
                        for day in range(7)
                    ]
                )
            )
        for first in range(0, PATIENTS, 1000):
            await tx.execute(
                insert(Patient).values(
                    [
                        {
                            "hospital_id": 1,
                            "full_name": f"Patient {n}",
                            "name_key": f"patient {n}",
                            "phone": f"+9190{n:08d}",
                            "created_at": now,
                        }
                        for n in range(first, first + 1000)
                    ]
                )
            )
    tokens = AccessTokens(JWT_SECRET, timedelta(days=1))
    token = tokens.issue(
        user_id=desk.id, session_id=session.id, kind=SessionKind.STAFF, hospital_id=1, version=1, now=datetime.now(UTC)
    )
    await database.close()
    return Stage(url, token)


OVERLAPS = """
SELECT count(*) FROM appointments a JOIN appointments b
  ON a.clinician_id = b.clinician_id AND a.id < b.id AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
WHERE a.status IN ('PENDING', 'CONFIRMED') AND b.status IN ('PENDING', 'CONFIRMED')
  AND a.id IN (SELECT appointment_id FROM occupancy) AND b.id IN (SELECT appointment_id FROM occupancy)
"""
"""Pairs of live appointments of one clinician that share a moment: must be 0 after every run."""
