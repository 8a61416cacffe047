"""Two hospitals and what is in them: each relation has a clinician, a patient and whatever a call may be about."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import httpx2
from sqlalchemy import select

from outpatient.access.tokens import otp_code
from outpatient.app import Outpatient
from outpatient.auth.actions import open_session
from outpatient.core.terms import SessionKind
from outpatient.models import OtpChallenge, User
from tests.access.matrix.tables import AT_CENTRES, FAR, FOREIGN, NEAR, NOBODY, OWN, SUPERADMIN
from tests.fuzz.world import SLOT, World
from tests.makers import MadeHospital, Persona, new_phone
from tests.replies.twilio import Phone

NAMES = {OWN: "Ownington", NEAR: "Nearington", FAR: "Farington", FOREIGN: "Canarius"}
"""Everybody and everything of a relation bears its name; nobody but they may be shown the last."""

LAST_MINUTE = 23 * 60
"""The last hour of each day is left free, for slots and absences made by hand."""
HOURS = tuple((weekday, 0, LAST_MINUTE) for weekday in range(7))
SLOTS_A_DAY = LAST_MINUTE // 30


class Place(World):
    """The clinician and the patient of one relation, at their centre, and makers of what is between them."""

    def __init__(self, program: Outpatient, http: httpx2.AsyncClient, name: str) -> None:
        super().__init__(program, http)
        self.word = name
        self.known: dict[str, Any] = {}

    async def settle(self, hospital: MadeHospital, people: dict[str, Persona]) -> None:
        """Let a new clinician and a new patient meet here, of whom nothing is known yet."""
        self.hospital, self.people, self.known, self.taken, self.days = hospital, people, {}, 0, 0
        self.caller = people["MANAGER"]
        self.clinician = await self.make.clinician(hospital, hours=HOURS, centre_id=hospital.centre_id)
        self.patient = await self.make.patient(hospital, f"Asha {self.word}")
        async with self.program.database.transaction() as tx:
            (await tx.session.get(User, self.clinician.user_id)).full_name = f"Doctor {self.word}"

    async def value(self, name: str) -> Any:
        """What a call knows by this name; the same until it is forgotten."""
        if name not in self.known:
            self.known[name] = await VALUES[name](self)
        return self.known[name]

    def forget(self) -> None:
        """Make anew what is asked for next."""
        self.known = {}

    def next_start(self) -> datetime:
        """A moment at which nobody has been booked yet, in the centre's zone."""
        self.taken += 1
        day, slot = divmod(self.taken, SLOTS_A_DAY)
        return self.today() + timedelta(days=1 + day) + slot * SLOT

    def today(self) -> datetime:
        """Midnight of the day that the clocks show here."""
        now = self.program.database.clock.now() + timedelta(hours=5, minutes=30)
        return now.replace(hour=0, minute=0, second=0, tzinfo=None)

    def free_date(self) -> str:
        """A day whose last hour nobody has asked for yet."""
        self.days += 1
        return (self.today() + timedelta(days=self.days)).date().isoformat()

    async def visit(self) -> int:
        """Somebody new who waits."""
        patient = {"fullName": f"Ravi {self.word}", "phone": new_phone()}
        return await self._made("/visits", {"patient": patient, "doctorId": self.clinician.clinician_id})

    async def own_visit(self) -> int:
        """The patient himself, who waits."""
        return await self._ask("POST", f"/appointments/{await self.awaited()}/check-in", key="id")

    async def held(self) -> int:
        return await self._ask("POST", f"/visits/{await self.visit()}/hold", {"reason": "Blood test"}, key="id")

    async def startable(self) -> int:
        """Somebody who waits, while nobody is being seen."""
        path = f"/queue/doctor/{self.clinician.clinician_id}/complete"
        while (await self.people["ADMIN"].post(path)).status_code == 200:
            pass
        return await self.visit()

    async def owed(self) -> int:
        """The payment of an appointment, which nobody has paid yet."""
        return await self._ask("GET", f"/payments/{await self.appointment()}", key="paymentId")

    async def refunded(self) -> int:
        return await self._ask(
            "POST", "/refunds", {"paymentId": await self.paid(), "reason": "Charged twice"}, key="paymentId"
        )

    async def hold(self) -> int:
        start = self.next_start()
        body = {"clinicianId": self.clinician.clinician_id, "appointmentDate": start.date().isoformat()}
        body["appointmentTime"] = start.time().isoformat()
        return await self._ask("POST", "/booking/create", body, key="appointmentId", by="PATIENT")

    async def feedback(self) -> int:
        body = {"appointmentId": await self.seen(), "rating": 5}
        return await self._ask("POST", "/feedback", body, key="id", by="PATIENT")

    async def department(self) -> int:
        return await self._made("/departments", {"name": self.new_name(), "centreId": self.hospital.centre_id})

    async def service(self) -> int:
        body = {"name": self.new_name(), "durationMinutes": 30, "departmentId": await self.value("department")}
        return await self._made("/services", body)

    async def centre(self) -> int:
        return await self.make.centre(self.hospital)

    async def other_clinician(self) -> int:
        return (await self.make.clinician(self.hospital, centre_id=self.hospital.centre_id)).clinician_id

    async def record(self) -> int:
        return await self.make.record(self.hospital)

    async def open_slot(self) -> int:
        body = {"date": self.free_date(), "startTime": "23:00", "endTime": "23:30", "centreId": self.hospital.centre_id}
        return await self._made(f"/clinicians/{self.clinician.clinician_id}/open-slots", body)

    async def time_off(self) -> int:
        body = {"date": self.free_date(), "startTime": "23:30", "endTime": "23:45", "reason": "Conference"}
        return await self._made(f"/clinicians/{self.clinician.clinician_id}/time-off", body)

    async def replied(self) -> str:
        """The patient's phone, from which a message came."""
        await Phone(self.program, self.http, self.patient.phone).sends(f"CONFIRM {await self.appointment()}")
        return self.patient.phone

    async def callers_session(self) -> str:
        kind = SessionKind.PATIENT if self.caller is self.patient else SessionKind.STAFF
        return await self.tokens(self.caller, kind)

    async def tokens(self, who: Persona, kind: SessionKind) -> str:
        """A refresh token of somebody's new session."""
        async with self.program.database.transaction() as tx:
            user = await tx.session.get(User, who.user_id)
            return (await open_session(tx, self.make.door, user, kind, self.hospital.id)).refresh

    async def code(self, who: Persona, path: str) -> str:
        """A one-time code, read from its challenge, so that no message has to be waited for."""
        answer = await self.people[NOBODY].post(path, {"phone": who.phone})
        assert answer.status_code == 200, answer.text
        newest = select(OtpChallenge.nonce).where(OtpChallenge.phone == who.phone).order_by(OtpChallenge.id.desc())
        async with self.program.database.reading() as tx:
            return otp_code(self.program.settings.secret_key, await tx.one_or_none(newest.limit(1)))

    def secret_or_forged(self) -> str:
        """The secret in the path of a webhook, which nobody else knows."""
        return "forged" if self.word == NAMES[FOREIGN] else self.program.settings.gallabox_webhook_token

    def new_name(self) -> str:
        return f"{self.word} {new_phone()[-6:]}"

    async def _ask(self, method: str, path: str, body: Any = None, *, key: str, by: str = "ADMIN") -> Any:
        who = self.patient if by == "PATIENT" else self.people[by]
        answer = await who.call(method, path, json=body)
        assert answer.is_success, f"{method} {path} {body}: {answer.text}"
        return answer.json()["data"][key]


class Clinic:
    """Our hospital with its people and places, beside another one."""

    def __init__(self, program: Outpatient, http: httpx2.AsyncClient) -> None:
        self.program, self.http = program, http
        self.places = {relation: Place(program, http, name) for relation, name in NAMES.items()}

    @property
    def people(self) -> dict[str, Persona]:
        return self.places[OWN].people

    async def open(self, other: "Clinic | None" = None) -> None:
        """Let people work here; the other hospital is that of another clinic, if there is one already."""
        make = self.places[OWN].make
        self.hospital = await make.hospital()
        self.second = MadeHospital(self.hospital.id, await make.centre(self.hospital))
        people = {NOBODY: make.nobody(self.hospital), SUPERADMIN: await make.superadmin(self.hospital)}
        for role in ("ADMIN", "MANAGER", *AT_CENTRES):
            people[role] = await self._employ(role)
        await self.settle(people)
        if other is not None:
            self.places[FOREIGN] = other.places[FOREIGN]
        else:
            await self._open_other(self.places[FOREIGN])

    async def settle(self, people: dict[str, Persona] | None = None) -> None:
        """New clinicians and patients, so that nothing is left of what was done to those before."""
        people = people or self.people
        for relation, at in ((OWN, self.hospital), (NEAR, self.hospital), (FAR, self.second)):
            await self.places[relation].settle(at, people)
        own = self.places[OWN]
        people |= {"CLINICIAN": own.clinician, "PATIENT": own.patient}

    async def furnish(self) -> None:
        """Everything that lists and boards may show, in every place."""
        for place in self.places.values():
            for name in SHOWN:
                await place.value(name)

    async def hire(self, who: str) -> None:
        """Somebody new in the place of one who is gone."""
        if who in {"CLINICIAN", "PATIENT"}:
            await self.settle()
        elif who == SUPERADMIN:
            self.people[who] = await self.places[OWN].make.superadmin(self.hospital)
        else:
            self.people[who] = await self._employ(who)

    async def _employ(self, role: str) -> Persona:
        centre_id = self.hospital.centre_id if role in AT_CENTRES else None
        return await self.places[OWN].make.staff(self.hospital, role, centre_id=centre_id)

    async def _open_other(self, place: Place) -> None:
        hospital = await place.make.hospital()
        people = {role: await place.make.staff(hospital, role) for role in ("ADMIN", "MANAGER", "FRONT_DESK")}
        await place.settle(hospital, {**people, NOBODY: place.make.nobody(hospital)})
        await people["ADMIN"].put(f"/hospitals/{hospital.id}", {"name": place.word})
        await people["ADMIN"].put(f"/centres/{hospital.centre_id}", {"name": place.word, "city": place.word})


def _of(read: Callable[[Place], Any]) -> Callable[[Place], Awaitable[Any]]:
    async def value(place: Place) -> Any:
        return read(place)

    return value


async def _order(place: Place, key: str) -> str:
    await place.value("ordered")
    return place.checkout[key]


SHOWN = (
    *("appointment", "awaited", "own_visit", "visit", "paid", "refunded", "message", "feedback", "linked"),
    *("open_slot", "time_off", "replied", "department", "service", "link", "member"),
)
"""What there is of everything in a place that is only looked at."""

VALUES: dict[str, Callable[[Place], Awaitable[Any]]] = {
    "name": _of(lambda place: place.word),
    "hospital": _of(lambda place: place.hospital.id),
    "centre": _of(lambda place: place.hospital.centre_id),
    "clinician": _of(lambda place: place.clinician.clinician_id),
    "clinician_user": _of(lambda place: place.clinician.user_id),
    "clinician_email": _of(lambda place: place.clinician.email),
    "clinician_password": lambda place: place.with_password(place.clinician),
    "patient": _of(lambda place: place.patient.patient_id),
    "patient_email": _of(lambda place: place.patient.email),
    "patient_phone": _of(lambda place: place.patient.phone),
    "patient_password": lambda place: place.with_password(place.patient),
    "patient_code": lambda place: place.code(place.patient, "/patient-auth/send-otp"),
    "patient_session": lambda place: place.tokens(place.patient, SessionKind.PATIENT),
    "replied": Place.replied,
    "manager_phone": _of(lambda place: place.people["MANAGER"].phone),
    "manager_username": lambda place: place.username(place.people["MANAGER"]),
    "manager_password": lambda place: place.with_password(place.people["MANAGER"]),
    "manager_code": lambda place: place.code(place.people["MANAGER"], "/auth/send-otp"),
    "caller_session": Place.callers_session,
    "gallabox_token": _of(lambda place: place.secret_or_forged()),
    "session": lambda place: place.tokens(place.people["MANAGER"], SessionKind.STAFF),
    "member": Place.member,
    "new_member": Place.member,
    "new_centre": Place.centre,
    "new_clinician": Place.other_clinician,
    "colleague": Place.other_clinician,
    "new_record": Place.record,
    "new_department": Place.department,
    "new_service": Place.service,
    "appointment": Place.appointment,
    "confirmed": Place.confirmed,
    "awaited": Place.awaited,
    "hold": Place.hold,
    "seen": Place.seen,
    "online": Place.online,
    "linked": Place.linked,
    "paid": Place.paid,
    "owed": Place.owed,
    "refunded": Place.refunded,
    "link": Place.link,
    "ordered": Place.ordered,
    "order": lambda place: _order(place, "razorpayOrderId"),
    "order_paid": lambda place: _order(place, "razorpayPaymentId"),
    "order_signature": lambda place: _order(place, "razorpaySignature"),
    "visit": Place.visit,
    "own_visit": Place.own_visit,
    "called": Place.called,
    "held": Place.held,
    "startable": Place.startable,
    "with_line": Place.with_line,
    "with_patient": Place.with_patient,
    "message": Place.message,
    "failed_message": Place.failed_message,
    "feedback": Place.feedback,
    "department": Place.department,
    "service": Place.service,
    "open_slot": Place.open_slot,
    "time_off": Place.time_off,
    "moment": _of(Place.next_start),
}
"""What tables call it → how it is known, or made."""


def _part(of: Callable[[datetime], str]) -> Callable[[Place], Awaitable[str]]:
    async def value(place: Place) -> str:
        return of(await place.value("moment"))

    return value


NEW: dict[str, Callable[[Place], Awaitable[Any]]] = {
    "date": _part(lambda moment: moment.date().isoformat()),
    "time": _part(lambda moment: moment.time().isoformat()),
    "start": _part(datetime.isoformat),
    "free_date": _of(Place.free_date),
    "phone": _of(lambda _: new_phone()),
    "email": _of(lambda _: f"person{new_phone()[1:]}@example.com"),
    "slug": _of(lambda _: f"place{new_phone()[1:]}"),
    "new_name": _of(Place.new_name),
}
"""What names nothing that exists."""
VALUES |= NEW
