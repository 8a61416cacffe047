"""What a client would know: for every name in a path, a query or a body, something real to send."""

from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from tests.fuzz.world import World
from tests.makers import new_phone
from tests.signing import PASSWORD

Value = Callable[[World, Random], Awaitable[Any]]


def _of(value: Callable[[World], Any]) -> Value:
    async def found(world: World, _dice: Random) -> Any:
        return value(world)

    return found


def _made(value: Callable[[World], Awaitable[int | str]]) -> Value:
    async def found(world: World, _dice: Random) -> Any:
        return await value(world)

    return found


REAL: dict[str, Value] = {
    "appointment_id": _made(World.appointment),
    "appointmentId": _made(World.appointment),
    "centre_id": _made(World.centre),
    "centreId": _of(lambda world: world.hospital.centre_id),
    "primaryCentreId": _of(lambda world: world.hospital.centre_id),
    "clinician_id": _of(lambda world: world.clinician.clinician_id),
    "clinicianId": _of(lambda world: world.clinician.clinician_id),
    "clinic_id": _of(lambda world: world.hospital.centre_id),
    "doctorId": _of(lambda world: world.clinician.clinician_id),
    "doctor_id": _of(lambda world: world.clinician.clinician_id),
    "department_id": _made(World.department),
    "departmentId": _made(World.department),
    "service_id": _made(World.service),
    "serviceId": _made(World.service),
    "hospital_id": _of(lambda world: world.hospital.id),
    "hospitalId": _of(lambda world: world.hospital.id),
    "patient_id": _of(lambda world: world.patient.patient_id),
    "patientId": _of(lambda world: world.patient.patient_id),
    "user_id": _made(World.member),
    "open_slot_id": _made(World.open_slot),
    "slot_id": _made(World.open_slot),
    "payment_id": _made(World.owed),
    "time_off_id": _made(World.time_off),
    "visit_id": _made(World.visit),
    "visitId": _made(World.visit),
    "phone": _of(lambda _: new_phone()),
    "patientPhone": _of(lambda _: new_phone()),
    "email": _of(lambda _: f"person{new_phone()[1:]}@example.com"),
    "username": _of(lambda _: f"person{new_phone()[1:]}"),
    "slug": _of(lambda _: f"place{new_phone()[1:]}"),
    "name": _of(lambda _: f"Name {new_phone()[1:]}"),
    "roleId": _of(lambda _: 6),
    "password": _of(lambda _: PASSWORD),
}
"""What a client would know by these names."""

INSTEAD: dict[tuple[str, str], Value] = {
    ("GET /audit", "from"): _of(lambda _: "2026-01-01T00:00:00Z"),
    ("GET /audit", "to"): _of(lambda _: "2026-12-31T00:00:00Z"),
    ("DELETE /clinicians/{clinician_id}", "clinician_id"): _made(World.other_clinician),
    ("PATCH /clinicians/{clinician_id}/toggle-active", "clinician_id"): _made(World.other_clinician),
    ("PATCH /appointments/{appointment_id}/complete", "appointment_id"): _made(World.confirmed),
    ("POST /video/generate-meet-link", "appointmentId"): _made(World.online),
    ("GET /video/appointment/{appointment_id}/meet-link", "appointment_id"): _made(World.linked),
    ("PUT /video/appointment/{appointment_id}/meet-link", "appointment_id"): _made(World.linked),
    ("DELETE /video/appointment/{appointment_id}/meet-link", "appointment_id"): _made(World.linked),
    ("POST /booking/{appointment_id}/cancel", "appointment_id"): _made(World.hold),
    ("POST /appointments/{appointment_id}/check-in", "appointment_id"): _made(World.awaited),
    ("POST /queue/phases/move", "appointmentId"): _made(World.awaited),
    ("POST /queue/doctor/{clinician_id}/next", "clinician_id"): _made(World.with_line),
    ("POST /queue/doctor/{clinician_id}/skip", "clinician_id"): _made(World.with_patient),
    ("POST /queue/doctor/{clinician_id}/complete", "clinician_id"): _made(World.with_patient),
    ("POST /visits/{visit_id}/complete", "visit_id"): _made(World.called),
    ("POST /visits/{visit_id}/undo", "visit_id"): _made(World.called),
    ("POST /queue/checkin", "appointment_id"): _made(World.awaited),
    ("POST /visits/check-in", "appointment_id"): _made(World.awaited),
    ("POST /queue/phases/move", "appointment_id"): _made(World.awaited),
    ("POST /queue/complete", "visit_id"): _made(World.called),
    ("GET /queue/doctor/{user_id}", "user_id"): _of(lambda world: world.clinician.user_id),
    ("DELETE /patients/{patient_id}", "patient_id"): _made(World.record),
    ("POST /payments/refund/{payment_id}", "payment_id"): _made(World.paid),
    ("PUT /users/{user_id}", "phone"): _of(lambda _: new_phone()),
    ("POST /feedback", "appointmentId"): _made(World.seen),
    ("GET /notifications/{notification_id}", "notification_id"): _made(World.message),
    ("POST /notifications/{notification_id}/retry", "notification_id"): _made(World.failed_message),
    ("POST /refunds", "paymentId"): _made(World.paid),
    ("GET /payments/verify/{link_id}", "link_id"): _made(World.link),
    ("POST /payments/verify", "appointmentId"): _made(World.ordered),
    ("POST /payments/verify", "razorpayOrderId"): _of(lambda world: world.checkout.get("razorpayOrderId")),
    ("POST /payments/verify", "razorpayPaymentId"): _of(lambda world: world.checkout.get("razorpayPaymentId")),
    ("POST /payments/verify", "razorpaySignature"): _of(lambda world: world.checkout.get("razorpaySignature")),
}
"""Where the name alone does not say it."""
