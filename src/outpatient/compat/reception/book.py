"""The desk books: `POST /appointments` of seed 000."""

from fastapi import Request

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.appointments import actions, queries
from outpatient.compat.reception.schemas.appointments import AppointmentMade, AppointmentOut, BookRequest, when
from outpatient.core.database import Tx
from outpatient.http.dependencies import Parts, parts_of
from outpatient.http.idempotency import idempotency_of, once

ROUTE = "reception/appointments"


async def book_appointment(request: Request, body: BookRequest, actor: Actor) -> AppointmentMade:
    """Book at the desk: appointment, visit and what is to be paid. The same Idempotency-Key books once."""
    actor.require(P.DESK_WRITE)
    parts, repeatable = parts_of(request), await idempotency_of(request)

    async def book() -> AppointmentMade:
        wish = actions.Booking(
            patient_id=body.patient_id,
            clinician_id=body.doctor_id,
            centre_id=body.clinic_id,
            service_id=body.service_id,
            source=body.booking_source,
            notes=body.notes,
            route=ROUTE,
            idempotency_key=repeatable.key if repeatable else None,
            digest=repeatable.digest if repeatable else None,
            **when(body.start_time),
        )
        booked = await actions.book_appointment(parts.database, parts.schedules, actor=actor, wish=wish)
        return await answer_booked(parts, actor, booked.appointment_id)

    return await once(parts, actor, ROUTE, repeatable, book, again=answer_booked)


async def answer_booked(parts: Parts, actor: Actor, appointment_id: int) -> AppointmentMade:
    """What a booking answers, now and to a repeat."""
    async with parts.database.reading() as tx:
        made = await get_whole(tx, actor, appointment_id)
    return AppointmentMade(message="Appointment created successfully", appointment=made)


async def get_whole(tx: Tx, actor: Actor, appointment_id: int) -> AppointmentOut:
    """An appointment with everything around it (NotFound)."""
    row = await queries.get_described(tx, actor, appointment_id)
    (whole,) = await queries.add_surroundings(tx, actor, [row])
    return AppointmentOut.of(whole)
