"""A patient's own bookings, and the desk booking for a caller: seed 001 `/booking`."""

from typing import Annotated

from fastapi import APIRouter, Request

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.appointments import actions, queries
from outpatient.appointments.actions.prepay import ROUTE as PREPAID_ROUTE
from outpatient.appointments.routes.book import CREATED, answer_again, answer_booked, wish_of
from outpatient.appointments.schemas import (
    AppointmentOut,
    BookedAppointment,
    CancelRequest,
    FrontDeskRequest,
    PrepaidAppointment,
    PrepaidRequest,
)
from outpatient.core.errors import DuplicateEntry
from outpatient.http.dependencies import App, Paged, Parts, Writing, allow
from outpatient.http.idempotency import TAKES_KEY, idempotency_of, once
from outpatient.http.schema import Envelope, ErrorEnvelope, PathId, answer
from outpatient.patients.actions import find_or_register_patient

router = APIRouter(tags=["Booking"])

DESK_ROUTE = "booking/front-desk"


@router.post("/booking/create", status_code=201, responses={502: {"model": ErrorEnvelope}}, openapi_extra=TAKES_KEY)
async def book_prepaid(
    request: Request, body: PrepaidRequest, actor: Annotated[Actor, allow(P.BOOKING_OWN)], app: App
) -> Envelope[PrepaidAppointment]:
    repeatable = await idempotency_of(request)

    async def book() -> Envelope[PrepaidAppointment]:
        wish = wish_of(body, actor, body.patient_id or actor.patient_ids[0], PREPAID_ROUTE, repeatable)
        booked = await actions.book_prepaid(app.database, app.schedules, app.adapters.payments, actor=actor, wish=wish)
        return await _answer_prepaid(app, actor, booked.appointment_id)

    return await once(app, actor, PREPAID_ROUTE, repeatable, book, again=_answer_prepaid_again)


async def _answer_prepaid(app: Parts, actor: Actor, appointment_id: int) -> Envelope[PrepaidAppointment]:
    async with app.database.reading() as tx:
        made = await queries.get_prepaid(tx, actor, appointment_id)
    return answer(PrepaidAppointment.model_validate(made), CREATED)


async def _answer_prepaid_again(app: Parts, actor: Actor, appointment_id: int) -> Envelope[PrepaidAppointment]:
    await actions.order_payment(app.database, app.adapters.payments, actor=actor, appointment_id=appointment_id)
    return await _answer_prepaid(app, actor, appointment_id)


@router.get("/booking/my-appointments")
async def list_own_bookings(
    actor: Annotated[Actor, allow(P.BOOKING_OWN)], tx: Writing, page: Paged
) -> Envelope[list[AppointmentOut]]:
    rows, total = await actions.read_appointments(tx, actor=actor, page=page, newest_first=True)
    return answer([AppointmentOut.model_validate(row) for row in rows], meta=page.meta(total))


@router.get("/booking/{appointment_id:int}")
async def get_own_booking(
    appointment_id: PathId, actor: Annotated[Actor, allow(P.BOOKING_OWN)], tx: Writing
) -> Envelope[AppointmentOut]:
    shown = await actions.read_appointment(tx, actor=actor, appointment_id=appointment_id)
    return answer(AppointmentOut.model_validate(shown))


@router.post("/booking/{appointment_id:int}/cancel")
async def cancel_own_booking(
    appointment_id: PathId,
    actor: Annotated[Actor, allow(P.BOOKING_OWN)],
    tx: Writing,
    body: CancelRequest | None = None,
) -> Envelope[AppointmentOut]:
    reason = body.reason if body else None
    await actions.cancel_appointment(tx, actor=actor, appointment_id=appointment_id, reason=reason)
    shown = await actions.read_appointment(tx, actor=actor, appointment_id=appointment_id)
    return answer(AppointmentOut.model_validate(shown), "Appointment cancelled successfully")


@router.post("/booking/front-desk", status_code=201, openapi_extra=TAKES_KEY)
async def book_at_front_desk(
    request: Request, body: FrontDeskRequest, actor: Annotated[Actor, allow(P.BOOKING_FRONT_DESK)], app: App
) -> Envelope[BookedAppointment]:
    repeatable = await idempotency_of(request)

    async def book() -> Envelope[BookedAppointment]:
        async with app.database.transaction() as tx:
            patient = await find_or_register_patient(
                tx, by=actor, hospital_id=actor.hospital_id, full_name=body.patient_name, phone=body.patient_phone
            )
            wish = wish_of(body, actor, patient.id, DESK_ROUTE, repeatable)
            booked = await actions.book_appointment(tx, app.schedules, actor=actor, wish=wish)
        return answer_booked(app, wish, booked)

    async def book_known() -> Envelope[BookedAppointment]:
        try:
            return await book()
        except DuplicateEntry:  # somebody else registered this patient at this very moment, so he is known now
            return await book()

    return await once(app, actor, DESK_ROUTE, repeatable, book_known, again=answer_again)
