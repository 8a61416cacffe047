"""A patient's own bookings, and the desk booking for a caller: seed 001 `/booking`."""

from typing import Annotated

from fastapi import APIRouter, Request

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.appointments import actions, queries
from outpatient.appointments.routes.book import booked_appointment, find_made, read_booked, wish_of
from outpatient.appointments.schemas import (
    AppointmentOut,
    BookedAppointment,
    CancelRequest,
    FrontDeskRequest,
    PrepaidAppointment,
    PrepaidRequest,
)
from outpatient.core.errors import DuplicateEntry
from outpatient.core.terms import BookingType
from outpatient.http.dependencies import App, Paged, Parts, Reading, Writing, allow
from outpatient.http.idempotency import idempotency_of
from outpatient.http.schema import Envelope, answer
from outpatient.patients.actions import find_or_register_patient

router = APIRouter(tags=["Booking"])

CREATED = "Appointment created successfully"


@router.post("/booking/create", status_code=201)
async def book_prepaid(
    request: Request, body: PrepaidRequest, actor: Annotated[Actor, allow(P.BOOKING_OWN)], app: App
) -> Envelope[PrepaidAppointment]:
    repeatable = await idempotency_of(request)
    made = await find_made(app, actor, "booking/create", repeatable)
    if made is None:
        wish = wish_of(body, actor, body.patient_id or actor.patient_ids[0], "booking/create", repeatable)
        try:
            prepaid = await actions.book_prepaid(
                app.database, app.schedules, app.adapters.payments, actor=actor, wish=wish
            )
        except DuplicateEntry:
            made = await find_made(app, actor, "booking/create", repeatable)
            if made is None:
                raise
        else:
            booked = prepaid.booked
            return answer(
                PrepaidAppointment(
                    appointment_id=booked.appointment_id,
                    payment_order_id=prepaid.order_id,
                    amount=booked.amount_minor,
                    currency=booked.currency,
                    expires_at=booked.expires_at,
                ),
                CREATED,
            )
    return answer(await _read_prepaid(app, actor, made), CREATED)


async def _read_prepaid(app: Parts, actor: Actor, appointment_id: int) -> PrepaidAppointment:
    async with app.database.reading() as tx:
        return PrepaidAppointment.model_validate(await queries.get_prepaid(tx, actor, appointment_id))


@router.get("/booking/my-appointments")
async def list_own_bookings(
    actor: Annotated[Actor, allow(P.BOOKING_OWN)], tx: Reading, page: Paged
) -> Envelope[list[AppointmentOut]]:
    rows, total = await queries.list_described(tx, actor, page, newest_first=True)
    return answer([AppointmentOut.model_validate(row) for row in rows], meta=page.meta(total))


@router.get("/booking/{appointment_id:int}")
async def get_own_booking(
    appointment_id: int, actor: Annotated[Actor, allow(P.BOOKING_OWN)], tx: Reading
) -> Envelope[AppointmentOut]:
    return answer(AppointmentOut.model_validate(await queries.get_described(tx, actor, appointment_id)))


@router.post("/booking/{appointment_id:int}/cancel")
async def cancel_own_booking(
    appointment_id: int,
    actor: Annotated[Actor, allow(P.BOOKING_OWN)],
    tx: Writing,
    body: CancelRequest | None = None,
) -> Envelope[AppointmentOut]:
    reason = body.reason if body else None
    await actions.cancel_appointment(tx, actor=actor, appointment_id=appointment_id, reason=reason)
    shown = await queries.get_described(tx, actor, appointment_id)
    return answer(AppointmentOut.model_validate(shown), "Appointment cancelled successfully")


@router.post("/booking/front-desk", status_code=201)
async def book_at_front_desk(
    request: Request, body: FrontDeskRequest, actor: Annotated[Actor, allow(P.BOOKING_FRONT_DESK)], app: App
) -> Envelope[BookedAppointment]:
    repeatable = await idempotency_of(request)
    made = await find_made(app, actor, "booking/front-desk", repeatable)
    if made is None:
        try:
            async with app.database.transaction() as tx:
                patient = await find_or_register_patient(
                    tx, by=actor, hospital_id=actor.hospital_id, full_name=body.patient_name, phone=body.patient_phone
                )
                wish = wish_of(body, actor, patient.id, "booking/front-desk", repeatable)
                is_token = body.booking_type is BookingType.TOKEN
                book = actions.book_token if is_token else actions.book_appointment
                booked = await book(tx, app.schedules, actor=actor, wish=wish)
        except DuplicateEntry:
            made = await find_made(app, actor, "booking/front-desk", repeatable)
            if made is None:
                raise
        else:
            return answer(booked_appointment(app, wish, booked, body.booking_type), CREATED)
    return answer(await read_booked(app, actor, made), CREATED)
