"""A hospital that is really there: its people, and the ids, phones, codes and tokens of the moment."""

from datetime import timedelta
from typing import Any

import httpx2
from sqlalchemy import select

from outpatient.access.permissions import CENTRE_BOUND
from outpatient.app import Outpatient
from outpatient.auth.actions import open_session
from outpatient.core.terms import Channel, NotificationStatus, Role, SessionKind
from outpatient.models import Base, Notification, Payment, StoredEvent, User
from outpatient.notifications.kinds import Kind
from tests.conftest import NOW
from tests.makers import Make, Persona, new_phone
from tests.payments.paying import checkout
from tests.signing import PASSWORD, sent_code, set_password

NOBODY = "nobody"
ROLES = (*(role.value for role in Role), NOBODY)
ALL_WEEK = tuple((weekday, 0, 1440) for weekday in range(7))
SLOT = timedelta(minutes=30)


class World:
    """One hospital, made anew for every operation, so that what one operation broke hides nothing in the next."""

    def __init__(self, program: Outpatient, http: httpx2.AsyncClient) -> None:
        self.program, self.http = program, http
        self.make = Make(program, http)
        self.people: dict[str, Persona] = {}
        self.checkout: dict[str, Any] = {}

    async def make_canary(self, name: str) -> None:
        """A hospital, the first in the store, which no call speaks for."""
        await self.renew()
        self.canary = self.hospital
        await self.people["ADMIN"].put(f"/hospitals/{self.canary.id}", {"name": name})
        await self.people["ADMIN"].put(f"/centres/{self.canary.centre_id}", {"name": name, "city": name})
        await self.people["ADMIN"].put(f"/clinicians/{self.clinician.clinician_id}", {"fullName": name})
        await self.people["ADMIN"].put(f"/patients/{self.patient.patient_id}", {"fullName": name, "address": name})
        for _ in range(5):
            await self.appointment()
            await self.hold()
        await self.department()
        await self.service()
        self.canary_user_ids = {persona.user_id for persona in self.people.values()} - {
            0,
            self.people["SUPERADMIN"].user_id,
        }
        await self.program.worker.run_once()  # its messages go out, so that nothing is left to happen
        self.before = await self.canary_rows()

    async def canary_rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that the store holds of the canary hospital."""
        found = {}
        async with self.program.database.reading() as tx:
            for table in Base.metadata.sorted_tables:
                if "hospital_id" in table.c:
                    which = table.c.hospital_id == self.canary.id
                elif table.name == "hospitals":
                    which = table.c.id == self.canary.id
                elif table.name == "users":
                    which = table.c.id.in_(self.canary_user_ids)
                else:
                    continue
                rows = (await tx.execute(select(table).where(which))).all()
                found[table.name] = sorted((tuple(row) for row in rows), key=repr)
        return found

    async def renew(self) -> None:
        """Another hospital, with one person of every role."""
        self.hospital = await self.make.hospital()
        self.second_centre = await self.make.centre(self.hospital)
        self.people = {NOBODY: self.make.nobody(self.hospital), "SUPERADMIN": await self.make.superadmin(self.hospital)}
        for role in Role:
            if role.value in self.people or role in {Role.CLINICIAN, Role.PATIENT}:
                continue
            centre_id = self.hospital.centre_id if role in CENTRE_BOUND else None
            self.people[role.value] = await self.make.staff(self.hospital, role.value, centre_id=centre_id)
        self.clinician = self.people["CLINICIAN"] = await self.make.clinician(self.hospital, hours=ALL_WEEK)
        self.patient = self.people["PATIENT"] = await self.make.patient(self.hospital)
        self.taken = 0

    def next_start(self) -> Any:
        """A moment at which nobody has been booked yet, in the centre's zone."""
        self.taken += 1
        day = NOW.astimezone(tz=NOW.tzinfo) + timedelta(hours=5, minutes=30)  # the wall clock in Kolkata
        return day.replace(hour=0, minute=0, tzinfo=None) + timedelta(days=1) + self.taken * SLOT

    async def _made(self, path: str, body: dict[str, Any], by: str = "ADMIN") -> int:
        answer = await self.people[by].post(path, body)
        assert answer.status_code == 201, f"POST {path} {body}: {answer.text}"
        data = answer.json()["data"]
        return data["timeOff"]["id"] if "timeOff" in data else data["id"]

    async def appointment(self, **more: Any) -> int:
        start = self.next_start()
        return await self._made(
            "/appointments",
            {
                "patientId": self.patient.patient_id,
                "clinicianId": self.clinician.clinician_id,
                "appointmentDate": start.date().isoformat(),
                "appointmentTime": start.time().isoformat(),
                **more,
            },
        )

    async def online(self) -> int:
        """An appointment whose people meet online, and do not know where yet."""
        return await self.appointment(sessionType="ONLINE")

    async def linked(self) -> int:
        """An appointment whose people know where they meet."""
        appointment_id = await self.online()
        answer = await self.people["ADMIN"].post("/video/generate-meet-link", {"appointmentId": appointment_id})
        assert answer.status_code == 200, answer.text
        return appointment_id

    async def confirmed(self) -> int:
        appointment_id = await self.appointment()
        await self.people["ADMIN"].patch(f"/appointments/{appointment_id}/confirm")
        return appointment_id

    async def hold(self) -> int:
        """A patient's prepaid booking, which is not paid."""
        start = self.next_start()
        body = {
            "clinicianId": self.clinician.clinician_id,
            "appointmentDate": start.date().isoformat(),
            "appointmentTime": start.time().isoformat(),
        }
        answer = await self.patient.post("/booking/create", body)
        return answer.json()["data"]["appointmentId"] if answer.status_code == 201 else await self.appointment()

    async def owed(self) -> int:
        """The payment of an appointment, of which nothing was paid yet."""
        appointment_id = await self.appointment()
        async with self.program.database.reading() as tx:
            return await tx.one_or_none(select(Payment.id).where(Payment.appointment_id == appointment_id))

    async def record(self) -> int:
        """A patient record to which nothing happened."""
        return await self.make.record(self.hospital, f"Patient {new_phone()}")

    async def paid(self) -> int:
        """The payment of an appointment, which was taken at the desk."""
        body = {"appointmentId": await self.appointment(), "method": "CASH"}
        answer = await self.people["ADMIN"].post("/receipts", body)
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]["paymentId"]

    async def link(self) -> str:
        """A payment link."""
        answer = await self.people["ADMIN"].post("/payments/create-link", {"appointmentId": await self.appointment()})
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]["paymentLinkId"]

    async def ordered(self) -> int:
        """An appointment with an order; `checkout` is what paying it brings back."""
        made = await self.appointment()
        answer = await self.people["ADMIN"].post("/payments/create-order", {"appointmentId": made})
        assert answer.status_code == 200, answer.text
        self.checkout = checkout(self.program, made, answer.json()["data"]["orderId"])
        return made

    async def awaited(self) -> int:
        """An appointment of today whose patient has not come yet."""
        today = (NOW + timedelta(hours=5, minutes=30)).date()  # the calendar in Kolkata
        return await self._made(
            "/appointments",
            {
                "patientId": self.patient.patient_id,
                "clinicianId": self.clinician.clinician_id,
                "appointmentDate": today.isoformat(),
                "bookingType": "TOKEN",
            },
        )

    async def visit(self) -> int:
        """Somebody new who waits."""
        patient = {"fullName": "Ravi Kumar", "phone": new_phone()}
        return await self._made("/visits", {"patient": patient, "doctorId": self.clinician.clinician_id})

    async def called(self) -> int:
        """Somebody new who was called."""
        visit_id = await self.visit()
        answer = await self.people["ADMIN"].post(f"/visits/{visit_id}/call")
        assert answer.status_code == 200, answer.text
        return visit_id

    async def with_line(self) -> int:
        """The clinician, for whom somebody waits."""
        await self.visit()
        return self.clinician.clinician_id

    async def with_patient(self) -> int:
        """The clinician, who has called somebody."""
        await self.called()
        return self.clinician.clinician_id

    async def seen(self) -> int:
        """An appointment whose patient was seen."""
        appointment_id = await self.awaited()
        arrived = await self.people["ADMIN"].post(f"/appointments/{appointment_id}/check-in")
        for step in ("call", "complete"):
            answer = await self.people["ADMIN"].post(f"/visits/{arrived.json()['data']['id']}/{step}")
            assert answer.status_code == 200, answer.text
        return appointment_id

    async def message(self, status: NotificationStatus = NotificationStatus.SENT) -> int:
        """A message about an appointment."""
        appointment_id = await self.appointment()
        async with self.program.database.transaction() as tx:
            booked = select(StoredEvent.id).where(
                StoredEvent.name == "appointment.created", StoredEvent.subject_id == appointment_id
            )
            row = Notification(
                hospital_id=self.hospital.id,
                event_id=await tx.one_or_none(booked),
                key=f"{appointment_id}:{Kind.BOOKED}:{Channel.SMS}:{self.patient.phone}",
                notification_type="APPOINTMENT_CONFIRMATION",
                channel=Channel.SMS,
                recipient=self.patient.phone,
                patient_id=self.patient.patient_id,
                appointment_id=appointment_id,
                status=status,
                created_at=tx.now,
            )
            return (await tx.add(row)).id

    async def failed_message(self) -> int:
        """One that did not arrive."""
        return await self.message(NotificationStatus.FAILED)

    async def department(self) -> int:
        self.taken += 1
        body = {"name": f"Department {self.taken}", "centreId": self.hospital.centre_id}
        return await self._made("/departments", body)

    async def service(self) -> int:
        self.taken += 1
        return await self._made("/services", {"name": f"Service {self.taken}", "durationMinutes": 30})

    async def centre(self) -> int:
        return await self.make.centre(self.hospital)

    async def other_clinician(self) -> int:
        return (await self.make.clinician(self.hospital)).clinician_id

    async def member(self) -> int:
        return (await self.make.staff(self.hospital, "FRONT_DESK", centre_id=self.hospital.centre_id)).user_id

    async def open_slot(self) -> int:
        start = self.next_start()
        body = {"date": start.date().isoformat(), "startTime": "06:00", "endTime": "06:30"}
        return await self._made(f"/clinicians/{await self._away()}/open-slots", body)

    async def time_off(self) -> int:
        body = {"date": self.next_start().date().isoformat(), "reason": "Conference"}
        return await self._made(f"/clinicians/{await self._away()}/time-off", body)

    async def _away(self) -> int:
        """A clinician without weekly hours, whose open slots and days off meet nobody."""
        self.away = (await self.make.clinician(self.hospital, hours=())).clinician_id
        return self.away

    async def session(self, kind: SessionKind) -> str:
        """A refresh token that has not been used."""
        who = self.patient if kind is SessionKind.PATIENT else self.people["MANAGER"]
        async with self.program.database.transaction() as tx:
            user = await tx.session.get(User, who.user_id)
            tokens = await open_session(tx, self.make.door, user, kind, self.hospital.id)
        return tokens.refresh

    async def code(self, who: Persona, path: str) -> str:
        """The one-time code that this person's phone shows now."""
        answer = await self.people[NOBODY].post(path, {"phone": who.phone})
        assert answer.status_code == 200, answer.text
        return await sent_code(self.program, who.phone)

    async def username(self, who: Persona) -> str:
        async with self.program.database.reading() as tx:
            return str((await tx.session.get(User, who.user_id)).username)

    async def with_password(self, who: Persona) -> str:
        await set_password(self.program, who.user_id)
        return PASSWORD
