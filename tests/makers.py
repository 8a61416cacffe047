"""Builders: the people, places and hours that tests start from, written straight into the store."""

import itertools
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx2

from outpatient.access.permissions import CENTRE_BOUND
from outpatient.app import Outpatient
from outpatient.auth.actions import SignIn, open_session
from outpatient.core.terms import Kinship, Role, SessionKind
from outpatient.models import (
    AvailabilityRule,
    Centre,
    Clinician,
    Hospital,
    HospitalConfig,
    Membership,
    MembershipCentre,
    Patient,
    PatientAccess,
    User,
)
from outpatient.patients.rules import name_key

_numbers = itertools.count(1)
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])


def new_phone() -> str:
    """A phone number that nobody else in this run has."""
    return f"+9198{_worker:02d}{next(_numbers):06d}"


@dataclass
class MadeHospital:
    id: int
    centre_id: int


@dataclass
class Persona:
    """Somebody at the keyboard: every call carries his token and his hospital."""

    http: httpx2.AsyncClient
    hospital_id: int
    headers: dict[str, str] = field(default_factory=dict)
    user_id: int = 0
    phone: str = ""
    email: str = ""
    clinician_id: int = 0
    patient_id: int = 0
    refresh_token: str = ""

    async def call(self, method: str, path: str, **given: Any) -> httpx2.Response:
        """Any call below `/api/v1`; `json`, `params`, `headers` as in the client."""
        url = path if path.startswith("/api") else f"/api/v1{path}"
        headers = {**self.headers, **given.pop("headers", {})}
        return await self.http.request(method, url, headers=headers, **given)

    async def get(self, path: str, **given: Any) -> httpx2.Response:
        return await self.call("GET", path, **given)

    async def post(self, path: str, json: Any = None, **given: Any) -> httpx2.Response:
        return await self.call("POST", path, json=json, **given)

    async def put(self, path: str, json: Any = None, **given: Any) -> httpx2.Response:
        return await self.call("PUT", path, json=json, **given)

    async def patch(self, path: str, json: Any = None, **given: Any) -> httpx2.Response:
        return await self.call("PATCH", path, json=json, **given)

    async def delete(self, path: str, json: Any = None, **given: Any) -> httpx2.Response:
        return await self.call("DELETE", path, json=json, **given)


class Make:
    """Builders: `make.hospital()`, `make.staff(hospital, "MANAGER")`, `make.clinician(hospital)` and so on."""

    def __init__(self, outpatient: Outpatient, http: httpx2.AsyncClient) -> None:
        self.outpatient, self.http = outpatient, http
        self.database = outpatient.database
        settings = outpatient.settings
        self.door = SignIn(self.database, outpatient.tokens, settings.secret_key, timedelta(days=7))

    async def hospital(self, zone: str = "Asia/Kolkata", **config: Any) -> MadeHospital:
        async with self.database.transaction() as tx:
            number = next(_numbers)
            hospital = await tx.add(
                Hospital(name=f"Hospital {number}", slug=f"hospital-{_worker}-{number}", created_at=tx.now)
            )
            tx.session.add(HospitalConfig(hospital_id=hospital.id, time_zone=zone, **config))
            centre = await tx.add(
                Centre(hospital_id=hospital.id, name="Main centre", city="Bengaluru", time_zone=zone, created_at=tx.now)
            )
            return MadeHospital(hospital.id, centre.id)

    async def centre(self, hospital: MadeHospital, zone: str = "Asia/Kolkata", **given: Any) -> int:
        async with self.database.transaction() as tx:
            row = {"name": "Second centre", "city": "Mumbai", **given}
            centre = await tx.add(Centre(hospital_id=hospital.id, time_zone=zone, created_at=tx.now, **row))
            return centre.id

    def nobody(self, hospital: MadeHospital) -> Persona:
        return Persona(self.http, hospital.id, {"X-Hospital-Id": str(hospital.id)})

    async def staff(self, hospital: MadeHospital, role: str, *, centre_id: int | None = None) -> Persona:
        """A member of staff, signed in; those who work at a centre do at the main one, unless another is named."""
        persona = self.nobody(hospital)
        if centre_id is None and Role(role) in CENTRE_BOUND:
            centre_id = hospital.centre_id
        async with self.database.transaction() as tx:
            user = await self._user(tx, role.title().replace("_", " "))
            membership = await tx.add(
                Membership(hospital_id=hospital.id, user_id=user.id, role=Role(role), created_at=tx.now)
            )
            if centre_id is not None:
                tx.session.add(
                    MembershipCentre(hospital_id=hospital.id, membership_id=membership.id, centre_id=centre_id)
                )
            await self._sign_in(tx, persona, user, SessionKind.STAFF)
        return persona

    async def superadmin(self, hospital: MadeHospital | None = None) -> Persona:
        """The owner of the platform; with a hospital, acting in it."""
        persona = Persona(self.http, hospital.id if hospital else 0)
        async with self.database.transaction() as tx:
            user = await self._user(tx, "Owner")
            user.is_superadmin = True
            tokens = await open_session(tx, self.door, user, SessionKind.STAFF, None)
            persona.user_id, persona.phone, persona.email = user.id, user.phone or "", user.email or ""
            persona.headers["Authorization"] = f"Bearer {tokens.access}"
            persona.refresh_token = tokens.refresh
        if hospital:
            persona.headers["X-Hospital-Id"] = str(hospital.id)
        return persona

    async def who_may(self, hospital: MadeHospital, call: Callable[[Persona], Awaitable[httpx2.Response]]) -> set[str]:
        """The roles of the hospital whose `call` succeeds; the others are forbidden it, and nobody is unknown."""
        assert (await call(self.nobody(hospital))).status_code == 401
        answers = {}
        for role in ("ADMIN", "MANAGER", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK"):
            answers[role] = await call(await self.staff(hospital, role))
        answers["CLINICIAN"] = await call(await self.clinician(hospital))
        answers["PATIENT"] = await call(await self.patient(hospital))
        assert {answer.status_code for answer in answers.values()} <= {200, 201, 403}, answers
        return {role for role, answer in answers.items() if answer.is_success}

    async def clinician(
        self,
        hospital: MadeHospital,
        *,
        centre_id: int | None = None,
        fee_minor: int = 150_000,
        hours: tuple[tuple[int, int, int], ...] = tuple((weekday, 540, 1020) for weekday in range(5)),
        **given: Any,
    ) -> Persona:
        """A clinician, signed in; `hours` are (weekday, start minute, end minute)."""
        persona = await self.staff(hospital, "CLINICIAN")
        centre_id = centre_id or hospital.centre_id
        async with self.database.transaction() as tx:
            profile = {"specialization": ["Cardiology"], "qualification": ["MD"], "languages": ["English"], **given}
            clinician = await tx.add(
                Clinician(
                    hospital_id=hospital.id,
                    user_id=persona.user_id,
                    primary_centre_id=centre_id,
                    consultation_fee_minor=fee_minor,
                    created_at=tx.now,
                    **profile,
                )
            )
            for weekday, start, end in hours:
                tx.session.add(
                    AvailabilityRule(
                        hospital_id=hospital.id,
                        clinician_id=clinician.id,
                        centre_id=centre_id,
                        weekday=weekday,
                        start_minute=start,
                        end_minute=end,
                    )
                )
        persona.clinician_id = clinician.id
        self.outpatient.callers.forget(persona.user_id)
        return persona

    async def patient(self, hospital: MadeHospital, name: str = "Asha Rao", **given: Any) -> Persona:
        """A patient, signed in to his own record."""
        persona = self.nobody(hospital)
        async with self.database.transaction() as tx:
            for _ in range(3):  # so that user ids and patient ids never happen to agree
                await self.patient_row(tx, hospital, f"Somebody {next(_numbers)}", new_phone())
            user = await self._user(tx, name)
            patient = await self.patient_row(tx, hospital, name, user.phone, **given)
            tx.session.add(
                PatientAccess(hospital_id=hospital.id, user_id=user.id, patient_id=patient.id, kinship=Kinship.SELF)
            )
            await self._sign_in(tx, persona, user, SessionKind.PATIENT)
        persona.patient_id = patient.id
        return persona

    async def patient_row(self, tx: Any, hospital: MadeHospital, name: str, phone: str | None, **given: Any) -> Patient:
        return await tx.add(
            Patient(
                hospital_id=hospital.id,
                full_name=name,
                name_key=name_key(name),
                phone=phone,
                created_at=tx.now,
                **given,
            )
        )

    async def record(self, hospital: MadeHospital, name: str = "Ravi Kumar", phone: str | None = None) -> int:
        """A patient record without a user; answers its id."""
        async with self.database.transaction() as tx:
            return (await self.patient_row(tx, hospital, name, phone or new_phone())).id

    async def _user(self, tx: Any, name: str) -> User:
        number = next(_numbers)
        return await tx.add(
            User(
                full_name=name,
                phone=new_phone(),
                email=f"person-{_worker}-{number}@example.com",
                username=f"person-{_worker}-{number}",
                phone_proven_at=tx.now,
                created_at=tx.now,
            )
        )

    async def _sign_in(self, tx: Any, persona: Persona, user: User, kind: SessionKind) -> None:
        tokens = await open_session(tx, self.door, user, kind, persona.hospital_id)
        persona.user_id, persona.phone, persona.email = user.id, user.phone or "", user.email or ""
        persona.headers["Authorization"] = f"Bearer {tokens.access}"
        persona.refresh_token = tokens.refresh
