"""The made-up world in which the documents' examples are replayed: what their names stand for."""

import json
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx2

from outpatient.analytics.actions import follow_events
from outpatient.core.outbox import place_events
from outpatient.core.terms import SessionKind
from tests.account.test_change_photo import picture
from tests.contract.reading import Example
from tests.fuzz.world import World
from tests.makers import new_phone
from tests.payments.paying import paid, post_webhook
from tests.signing import sent_code

TUESDAY, WEDNESDAY = "2026-03-03", "2026-03-04"


class Clinic(World):
    """A hospital of this example's own; a name means the same thing wherever it stands in one example."""

    async def open(self) -> None:
        await self.renew()
        self.known: dict[str, Any] = {}

    async def value(self, name: str) -> Any:
        if name not in self.known:
            self.known[name] = await VALUES[name](self)
        return self.known[name]

    async def fill(self, written: Any) -> Any:
        """What was written down, with things in place of names."""
        match written:
            case dict():
                return {key: await self.fill(one) for key, one in written.items()}
            case list():
                return [await self.fill(one) for one in written]
            case str() if re.fullmatch(r"\$\w+", written):
                return await self.value(written[1:])
            case str():
                for name in re.findall(r"\$(\w+)", written):
                    written = written.replace(f"${name}", str(await self.value(name)))
        return written

    async def replay(self, example: Example) -> httpx2.Response:
        """Make the call of the document."""
        for name in example.given:
            await self.value(name)
        url, body = await self.fill(example.url), await self.fill(example.body)
        if example.who == "gateway":
            return await post_webhook(self.http, self.program, json.dumps(body).encode())
        if isinstance(body, dict) and isinstance(body.get("file"), bytes):
            files = {"file": ("me.png", body["file"], "image/png")}
            return await self.people[example.who].call(example.method, url, files=files)
        sent = {} if body is None else {"json": body}
        return await self.people[example.who].call(example.method, url, **sent)

    async def paid_online(self) -> int:
        """An appointment that its patient has paid by a checkout."""
        appointment_id = await self.appointment()
        await paid(self.patient, self.program, appointment_id)
        return appointment_id

    async def linked_with_notes(self) -> int:
        appointment_id = await self.appointment(sessionType="ONLINE", notes="First consultation")
        body = {"appointmentId": appointment_id}
        assert (await self.people["ADMIN"].post("/video/generate-meet-link", body)).status_code == 200
        return appointment_id

    async def taken_at_ten(self) -> int:
        body = {"clinicianId": self.clinician.clinician_id, "patientId": self.patient.patient_id}
        return await self._made("/appointments", {**body, "appointmentDate": TUESDAY, "appointmentTime": "10:00"})

    async def rated(self) -> int:
        """An appointment whose patient was seen and said how it was."""
        appointment_id = await self.seen()
        answer = await self.patient.post("/feedback", {"appointmentId": appointment_id, "rating": 5})
        assert answer.status_code in {200, 201}, answer.text
        return appointment_id

    async def department_visit(self) -> int:
        """Somebody who waits for whoever of the department is free."""
        patient = {"fullName": "Ravi Kumar", "phone": new_phone()}
        return await self._made("/visits", {"patient": patient, "departmentId": await self.value("department")})

    async def jane(self) -> int:
        """The patient of the document, with all that it shows of her."""
        body = {"fullName": "Jane Smith", "phone": "+919876543210", **PROFILE, "medicalHistory": "No known allergies"}
        return await self._made("/patients", body)

    async def whole_profile(self) -> None:
        body = {**PROFILE, "email": await self.value("new_email")}  # no two users have the same
        answer = await self.patient.put("/patient/profile", body)
        assert answer.status_code == 200, answer.text

    async def whole_centre(self) -> None:
        body = {"address": "123 MG Road, Bangalore", "phone": "+918012345678", "email": "bangalore@example.com"}
        answer = await self.people["ADMIN"].put(f"/centres/{self.hospital.centre_id}", body)
        assert answer.status_code == 200, answer.text

    async def psychologist(self) -> int:
        profile = {"specialization": ["Clinical Psychologist"], "languages": ["English"], "years_of_experience": 10}
        made = await self.make.clinician(
            self.hospital, **profile, profile_picture_url="https://pictures.example.com/profile.jpg"
        )
        return made.clinician_id

    async def counted(self) -> None:
        """What happened is in the figures."""
        while await place_events(self.program.database, self.program.worker.reactions):
            pass
        while await follow_events(self.program.database):
            pass

    async def all_sent(self) -> None:
        """What there was to say about an appointment has been said, and its patient reminded and asked to pay."""
        confirmed, unpaid = await self.confirmed(), await self.appointment()
        manager = self.people["MANAGER"]
        reminded = await manager.post("/notifications/appointment-reminder", {"appointmentId": confirmed})
        asked = await manager.post("/payments/create-link", {"appointmentId": unpaid})
        assert (reminded.status_code, asked.status_code) == (200, 200), f"{reminded.text} {asked.text}"
        await self.program.worker.run_once()

    async def new_patient_code(self) -> str:
        """The code of somebody who signs up with the new phone."""
        phone = await self.value("new_phone")
        body = {"phone": phone, "fullName": "Jane Smith"}
        assert (await self.people["nobody"].post("/patient-auth/send-otp", body)).status_code == 200
        return await sent_code(self.program, phone)

    async def online_time(self, key: str) -> str:
        """When the online appointment begins or ends."""
        start = self.next_start() - timedelta(hours=5, minutes=30) - timedelta(minutes=30)
        self.taken -= 1
        return f"{start + timedelta(minutes=30 if key == 'end' else 0):%Y-%m-%dT%H:%M:%SZ}"

    async def of_checkout(self, key: str) -> str:
        await self.value("ordered")
        return str(self.checkout[key])


PROFILE = {
    "email": "jane@example.com",
    "dateOfBirth": "1990-05-15",
    "gender": "FEMALE",
    "bloodGroup": "O+",
    "emergencyContactName": "John Smith",
    "emergencyContactPhone": "+919876543211",
}


def _is(value: Callable[[Clinic], Any]) -> Callable[[Clinic], Awaitable[Any]]:
    async def found(clinic: Clinic) -> Any:
        return value(clinic)

    return found


MADE = (
    *(World.appointment, World.online, World.linked, World.confirmed, World.ordered, World.link, World.awaited),
    *(World.visit, World.called, World.seen, World.message, World.department, World.service, World.other_clinician),
    *(World.member, Clinic.paid_online, Clinic.linked_with_notes, Clinic.taken_at_ten, Clinic.rated),
    *(Clinic.department_visit, Clinic.jane, Clinic.whole_profile, Clinic.whole_centre, Clinic.psychologist),
    *(Clinic.all_sent, Clinic.counted, Clinic.new_patient_code),
)
VALUES: dict[str, Callable[[Any], Awaitable[Any]]] = {
    **{made.__name__: made for made in MADE},
    "empty_centre": World.centre,
    "centre": _is(lambda clinic: clinic.hospital.centre_id),
    "hospital": _is(lambda clinic: clinic.hospital.id),
    "clinician": _is(lambda clinic: clinic.clinician.clinician_id),
    "clinician_email": _is(lambda clinic: clinic.clinician.email),
    "clinician_password": lambda clinic: clinic.with_password(clinic.clinician),
    "patient": _is(lambda clinic: clinic.patient.patient_id),
    "patient_phone": _is(lambda clinic: clinic.patient.phone),
    "patient_email": _is(lambda clinic: clinic.patient.email),
    "patient_password": lambda clinic: clinic.with_password(clinic.patient),
    "patient_session": lambda clinic: clinic.session(SessionKind.PATIENT),
    "manager_phone": _is(lambda clinic: clinic.people["MANAGER"].phone),
    "manager_username": lambda clinic: clinic.username(clinic.people["MANAGER"]),
    "manager_password": lambda clinic: clinic.with_password(clinic.people["MANAGER"]),
    "manager_code": lambda clinic: clinic.code(clinic.people["MANAGER"], "/auth/send-otp"),
    "manager_session": lambda clinic: clinic.session(SessionKind.STAFF),
    "new_phone": _is(lambda _: new_phone()),
    "new_email": _is(lambda _: f"person{new_phone()[1:]}@example.com"),
    "day": _is(lambda _: TUESDAY),
    "next_day": _is(lambda _: WEDNESDAY),
    "day_at_ten": _is(lambda _: f"{TUESDAY}T10:00:00+05:30"),
    "online_start": lambda clinic: clinic.online_time("start"),
    "online_end": lambda clinic: clinic.online_time("end"),
    "order_id": lambda clinic: clinic.of_checkout("razorpayOrderId"),
    "payment_id": lambda clinic: clinic.of_checkout("razorpayPaymentId"),
    "signature": lambda clinic: clinic.of_checkout("razorpaySignature"),
    "photo": _is(lambda _: picture()),
}
"""What the names of the examples stand for."""
