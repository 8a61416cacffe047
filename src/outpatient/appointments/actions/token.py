"""Booking a token: a place in a day's queue, without a time."""

from dataclasses import dataclass
from datetime import date, datetime

from outpatient.access.actor import Actor
from outpatient.appointments.actions.wish import (
    Booked,
    Booking,
    agreed_price,
    centres_for,
    check_type,
    department_of,
    hold_end,
    is_hold,
    keep_daily_limit,
    keep_hold_limit,
    lock_clinician,
    refuse_state,
)
from outpatient.appointments.errors import SlotUnavailable
from outpatient.appointments.events import AppointmentBooked
from outpatient.appointments.queries import find_patient_id, list_slots
from outpatient.core.database import Tx
from outpatient.core.errors import Invalid, NotFound
from outpatient.core.terms import AppointmentStatus, BookingType, PaymentStatus, SlotState, VisitStatus
from outpatient.models import Appointment, IdempotencyKey, Payment, Visit
from outpatient.scheduling.queries import CentreHours, Schedule, Schedules
from outpatient.scheduling.rules import local_day

WORTHLESS = (SlotState.PAST, SlotState.NOTICE, SlotState.HORIZON, SlotState.TIME_OFF)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where and when the queue stands, and on which terms."""

    centre_id: int
    on: date
    department_id: int | None
    price: int
    expires_at: datetime | None


async def book_token(
    tx: Tx, schedules: Schedules, *, actor: Actor, wish: Booking, clinician_id: int, is_prepaid: bool
) -> Booked:
    """Book a place in a day's queue, without a time. The clinician must work that day; the day must not be full."""
    if wish.at is not None or wish.starts_at is not None:
        name = "appointmentTime" if wish.at is not None else "start"
        raise Invalid.field(name, "A token is for a day (appointmentDate), not for a time")
    if wish.on is None:
        raise Invalid.field("appointmentDate", "This field is required")
    await lock_clinician(tx, actor.hospital_id, clinician_id)
    schedule = await schedules.reload(actor.hospital_id, clinician_id, within=tx)
    check_type(schedule, BookingType.TOKEN)
    centre = await open_centre(tx, schedule, actor, wish, wish.on)
    if await find_patient_id(tx, actor.hospital_id, wish.patient_id) is None:
        raise NotFound.of("Patient")
    price = agreed_price(schedule, wish, actor)
    expires_at = hold_end(schedule, tx.now, is_hold=is_hold(schedule, actor, price, is_prepaid=is_prepaid))
    if expires_at is not None:
        await keep_hold_limit(tx, schedule, wish.patient_id)
    warnings = await keep_daily_limit(tx, schedule, actor, wish.on)
    place = _Place(centre.centre_id, wish.on, department_of(schedule, wish), price, expires_at)
    appointment = await _add_appointment(tx, schedule, actor, wish, place)
    payment_id = await _add_visit_and_payment(tx, schedule, appointment)
    await _keep_key(tx, actor, wish, appointment.id)
    await tx.record(
        AppointmentBooked.of(
            appointment, booking_type=BookingType.TOKEN, starts_at=None, service_on=wish.on, expires_at=expires_at
        ),
        by=actor,
    )
    return Booked(
        appointment_id=appointment.id,
        payment_id=payment_id,
        clinician_id=clinician_id,
        centre_id=centre.centre_id,
        on=wish.on,
        at=None,
        starts_at=None,
        ends_at=None,
        amount_minor=price,
        currency=schedule.currency,
        expires_at=expires_at,
        warnings=warnings,
    )


async def open_centre(tx: Tx, schedule: Schedule, actor: Actor, wish: Booking, on: date) -> CentreHours:
    """The first centre where the clinician still sees patients on that day (Invalid: past; SlotUnavailable: none)."""
    centres = centres_for(schedule, wish, actor)
    window = schedule.window(tx.now, is_staff=not actor.is_patient)
    for centre in centres:
        day = await list_slots(
            tx,
            schedule,
            centre.centre_id,
            first_on=on,
            last_on=on,
            service_id=wish.service_id,
            window=window,
            now=tx.now,
        )
        states = [slot.state for slot in day]
        if any(state not in WORTHLESS for state in states):
            return centre
        for state in (SlotState.NOTICE, SlotState.HORIZON, SlotState.PAST):
            if state in states and SlotState.TIME_OFF not in states:
                refuse_state(state, schedule, field="appointmentDate")
    if any(on < local_day(tx.now, centre.zone) for centre in centres):
        refuse_state(SlotState.PAST, schedule, field="appointmentDate")
    raise SlotUnavailable("The clinician does not see patients on this day")


async def _add_appointment(tx: Tx, schedule: Schedule, actor: Actor, wish: Booking, place: _Place) -> Appointment:
    return await tx.add(
        Appointment(
            hospital_id=actor.hospital_id,
            patient_id=wish.patient_id,
            clinician_id=schedule.clinician_id,
            centre_id=place.centre_id,
            department_id=place.department_id,
            service_id=wish.service_id,
            booking_type=BookingType.TOKEN,
            service_on=place.on,
            session_type=wish.session_type,
            status=AppointmentStatus.PENDING,
            booking_source=wish.source,
            fee_minor=place.price,
            notes=wish.notes,
            expires_at=place.expires_at,
            created_by=actor.user_id,
            created_at=tx.now,
            updated_at=tx.now,
        )
    )


async def _add_visit_and_payment(tx: Tx, schedule: Schedule, appointment: Appointment) -> int:
    """What every appointment has from its first moment on; answers the payment's id."""
    visit = await tx.add(
        Visit(
            hospital_id=appointment.hospital_id,
            appointment_id=appointment.id,
            patient_id=appointment.patient_id,
            clinician_id=appointment.clinician_id,
            centre_id=appointment.centre_id,
            department_id=appointment.department_id,
            service_id=appointment.service_id,
            service_on=appointment.service_on,
            status=VisitStatus.EXPECTED,
            created_at=tx.now,
        )
    )
    payment = await tx.add(
        Payment(
            hospital_id=appointment.hospital_id,
            appointment_id=appointment.id,
            visit_id=visit.id,
            patient_id=appointment.patient_id,
            amount_minor=appointment.fee_minor,
            currency=schedule.currency,
            status=PaymentStatus.PENDING,
            created_at=tx.now,
        )
    )
    return payment.id


async def _keep_key(tx: Tx, actor: Actor, wish: Booking, appointment_id: int) -> None:
    if wish.idempotency_key is None or wish.digest is None:
        return
    await tx.add(
        IdempotencyKey(
            hospital_id=actor.hospital_id,
            user_id=actor.user_id,
            route=wish.route,
            key=wish.idempotency_key,
            digest=wish.digest,
            made_id=appointment_id,
            created_at=tx.now,
        )
    )
