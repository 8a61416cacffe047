"""`POST /appointments`: the hot route (seeds 001, 002 and 004 in one)."""

from typing import Annotated, Any

from fastapi import APIRouter, Request

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.access.tokens import sign_value
from outpatient.appointments import actions, queries
from outpatient.appointments.actions import Booked, Booking
from outpatient.appointments.schemas import BookedAppointment, BookRequest, Wish
from outpatient.core.errors import Invalid
from outpatient.core.terms import AppointmentStatus, BookingSource, PaymentStatus
from outpatient.http.dependencies import Parts, allow, parts_of
from outpatient.http.idempotency import TAKES_KEY, Repeatable, idempotency_of, once
from outpatient.http.lean import LeanRoute
from outpatient.http.schema import Envelope, answer

lean = APIRouter(tags=["Appointments"], route_class=LeanRoute)

ROUTE = "appointments"
CREATED = "Appointment created successfully"


@lean.post("/appointments", status_code=201, openapi_extra=TAKES_KEY)
async def book_appointment(
    request: Request, body: BookRequest, actor: Annotated[Actor, allow(P.APPOINTMENTS_BOOK)]
) -> Envelope[BookedAppointment]:
    parts, repeatable = parts_of(request), await idempotency_of(request)

    async def book() -> Envelope[BookedAppointment]:
        wish = wish_of(body, actor, _patient(body.patient_id, actor), ROUTE, repeatable)
        booked = await actions.book_appointment(parts.database, parts.schedules, actor=actor, wish=wish)
        return answer_booked(parts, wish, booked)

    return await once(parts, actor, ROUTE, repeatable, book, again=answer_again)


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
        department_id=body.department_id,
        booking_type=body.booking_type,
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


def payment_link(parts: Parts, payment_id: int) -> str:
    """Our own signed pay page; making it sends nothing and calls nobody."""
    return f"{parts.settings.base_url}/pay/{sign_value(parts.settings.secret_key, 'pay', str(payment_id))}"


def answer_booked(parts: Parts, wish: Booking, booked: Booked) -> Envelope[BookedAppointment]:
    """The answer to a booking that was made just now."""
    made = BookedAppointment(
        id=booked.appointment_id,
        patient_id=wish.patient_id,
        clinician_id=booked.clinician_id,
        centre_id=booked.centre_id,
        appointment_date=booked.on.isoformat(),
        appointment_time=booked.at,
        start=booked.starts_at,
        end=booked.ends_at,
        booking_type=wish.booking_type,
        session_type=wish.session_type,
        booking_source=wish.source,
        status=AppointmentStatus.PENDING,
        consultation_fee=booked.amount_minor,
        payment_status=PaymentStatus.PENDING,
        expires_at=booked.expires_at,
        payment_link=payment_link(parts, booked.payment_id),
    )
    return answer(made, CREATED, meta=warnings_of(booked))


def warnings_of(booked: Booked) -> dict[str, Any] | None:
    """`meta` of a booking that staff made against a limit."""
    return {"warnings": list(booked.warnings)} if booked.warnings else None


async def answer_again(parts: Parts, actor: Actor, appointment_id: int) -> Envelope[BookedAppointment]:
    """The answer of an earlier booking, read again."""
    async with parts.database.reading() as tx:
        known = await queries.get_described(tx, actor, appointment_id)
    link = payment_link(parts, known["payment_id"])
    return answer(BookedAppointment.model_validate({**known, "payment_link": link}), CREATED)
