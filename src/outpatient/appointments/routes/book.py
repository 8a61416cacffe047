"""`POST /appointments`: the hot route (seeds 001, 002 and 004 in one)."""

from typing import Annotated

from fastapi import APIRouter, Request

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.access.tokens import sign_value
from outpatient.appointments import actions, queries
from outpatient.appointments.actions import Booked, Booking
from outpatient.appointments.schemas import BookedAppointment, BookRequest, Wish
from outpatient.core.errors import DuplicateEntry, IdempotencyMismatch, Invalid
from outpatient.core.terms import AppointmentStatus, BookingSource, BookingType, PaymentStatus
from outpatient.http.dependencies import Parts, allow, parts_of
from outpatient.http.idempotency import Repeatable, idempotency_of
from outpatient.http.lean import LeanRoute
from outpatient.http.schema import Envelope, answer

lean = APIRouter(tags=["Appointments"], route_class=LeanRoute)

ROUTE = "appointments"


@lean.post("/appointments", status_code=201)
async def book_appointment(
    request: Request, body: BookRequest, actor: Annotated[Actor, allow(P.APPOINTMENTS_BOOK)]
) -> Envelope[BookedAppointment]:
    parts = parts_of(request)
    repeatable = await idempotency_of(request)
    made = await find_made(parts, actor, ROUTE, repeatable)
    if made is None:
        wish = wish_of(body, actor, _patient(body.patient_id, actor), ROUTE, repeatable)
        try:
            if body.booking_type is BookingType.TOKEN:
                async with parts.database.transaction() as tx:
                    booked = await actions.book_token(tx, parts.schedules, actor=actor, wish=wish)
            else:
                booked = await actions.book_appointment(parts.database, parts.schedules, actor=actor, wish=wish)
            return answer(booked_appointment(parts, wish, booked, body.booking_type), "Appointment created successfully")
        except DuplicateEntry:  # the same key in a parallel request was faster
            made = await find_made(parts, actor, ROUTE, repeatable)
            if made is None:
                raise
    return answer(await read_booked(parts, actor, made), "Appointment created successfully")


def _patient(patient_id: int | None, actor: Actor) -> int:
    if patient_id is not None:
        return patient_id
    if actor.is_patient:
        return actor.patient_ids[0]
    raise Invalid.field("patientId", "This field is required")


def wish_of(body: Wish, actor: Actor, patient_id: int, route: str, repeatable: Repeatable | None) -> Booking:
    """The body as an action takes it."""
    source = body.booking_source or (BookingSource.WEBSITE if actor.is_patient else BookingSource.FRONT_DESK)
    return Booking(
        patient_id=patient_id,
        clinician_id=body.clinician_id,
        centre_id=body.centre_id,
        service_id=body.service_id,
        starts_at=body.start,
        on=body.appointment_date,
        at=body.appointment_time,
        session_type=body.session_type,
        source=source,
        fee_minor=body.consultation_fee,
        notes=body.notes,
        route=route,
        idempotency_key=repeatable.key if repeatable else None,
        digest=repeatable.digest if repeatable else None,
    )


async def find_made(parts: Parts, actor: Actor, route: str, repeatable: Repeatable | None) -> int | None:
    """The appointment that this key made before (IdempotencyMismatch: it was used for another request)."""
    if repeatable is None:
        return None
    async with parts.database.reading() as tx:
        known = await queries.find_idempotent(tx, actor, route, repeatable.key)
    if known is not None and known.digest != repeatable.digest:
        raise IdempotencyMismatch
    return known.made_id if known else None


def payment_link(parts: Parts, payment_id: int) -> str:
    """Our own signed pay page; making it sends nothing and calls nobody."""
    return f"{parts.settings.base_url}/pay/{sign_value(parts.settings.secret_key, 'pay', str(payment_id))}"


def booked_appointment(parts: Parts, wish: Booking, booked: Booked, kind: BookingType) -> BookedAppointment:
    return BookedAppointment(
        id=booked.appointment_id,
        patient_id=wish.patient_id,
        clinician_id=wish.clinician_id,
        centre_id=booked.centre_id,
        appointment_date=booked.on.isoformat(),
        appointment_time=booked.at,
        start=booked.starts_at,
        end=booked.ends_at,
        booking_type=kind,
        session_type=wish.session_type,
        booking_source=wish.source,
        status=AppointmentStatus.PENDING,
        consultation_fee=booked.amount_minor,
        payment_status=PaymentStatus.PENDING,
        expires_at=booked.expires_at,
        payment_link=payment_link(parts, booked.payment_id),
    )


async def read_booked(parts: Parts, actor: Actor, appointment_id: int) -> BookedAppointment:
    """The answer of an earlier booking, read again."""
    async with parts.database.reading() as tx:
        known = await queries.get_described(tx, actor, appointment_id)
    return BookedAppointment.model_validate({**known, "payment_link": payment_link(parts, known["payment_id"])})


