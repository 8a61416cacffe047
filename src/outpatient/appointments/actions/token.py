"""Booking a token: a place in a day's queue, without a time."""

from datetime import date

from sqlalchemy import select

from outpatient.access.actor import Actor
from outpatient.appointments.actions.wish import (
    Booked,
    Booking,
    agreed_price,
    check_own_patient,
    department_of,
    keep_daily_limit,
)
from outpatient.appointments.errors import SlotUnavailable
from outpatient.appointments.events import AppointmentBooked
from outpatient.appointments.rules import offers
from outpatient.core.database import Tx
from outpatient.core.errors import Invalid, NotFound
from outpatient.core.terms import AppointmentStatus, BookingType, PaymentStatus, VisitStatus
from outpatient.models import Appointment, Clinician, IdempotencyKey, Patient, Payment, Visit
from outpatient.scheduling.queries import CentreHours, Schedule, Schedules
from outpatient.scheduling.rules import local_day


async def book_token(tx: Tx, schedules: Schedules, *, actor: Actor, wish: Booking) -> Booked:
    """Book a place in a day's queue, without a time. The clinician must work that day; the day must not be full."""
    check_own_patient(actor, wish.patient_id)
    await tx.execute(
        select(Clinician.id)
        .where(Clinician.hospital_id == actor.hospital_id, Clinician.id == wish.clinician_id)
        .with_for_update()
    )
    schedule = await schedules.reload(actor.hospital_id, wish.clinician_id, within=tx)
    if not offers(schedule.booking_mode, BookingType.TOKEN):
        raise Invalid.field("bookingType", "This department gives times, not tokens")
    if wish.on is None:
        raise Invalid.field("appointmentDate", "This field is required")
    centre = next((c for c in schedule.at_centre(wish.centre_id) if _works_on(c, wish.on)), None)
    if centre is None:
        raise SlotUnavailable("The clinician does not see patients on this day")
    today = local_day(tx.now, centre.zone)
    if wish.on < today:
        raise Invalid.field("appointmentDate", "This day is in the past")
    if actor.is_patient and (wish.on - today).days > schedule.horizon:
        raise SlotUnavailable(f"Bookings open {schedule.horizon} days ahead")
    patient = await tx.one_or_none(
        select(Patient.id).where(
            Patient.hospital_id == actor.hospital_id, Patient.id == wish.patient_id, Patient.deleted_at.is_(None)
        )
    )
    if patient is None:
        raise NotFound.of("Patient")
    await keep_daily_limit(tx, schedule, actor, wish.on)
    price = agreed_price(schedule, wish, actor)
    return await _add_token_booking(tx, schedule, actor, wish, centre.centre_id, wish.on, price)


def _works_on(centre: CentreHours, on: date) -> bool:
    return any(rule.weekday == on.weekday() for rule in centre.hours) or any(
        local_day(opening.starts_at, centre.zone) == on for opening in centre.openings
    )


async def _add_token_booking(
    tx: Tx, schedule: Schedule, actor: Actor, wish: Booking, centre_id: int, on: date, price: int
) -> Booked:
    department_id = department_of(schedule, wish)
    appointment = await tx.add(
        Appointment(
            hospital_id=actor.hospital_id,
            patient_id=wish.patient_id,
            clinician_id=schedule.clinician_id,
            centre_id=centre_id,
            department_id=department_id,
            service_id=wish.service_id,
            booking_type=BookingType.TOKEN,
            service_on=on,
            session_type=wish.session_type,
            status=AppointmentStatus.PENDING,
            booking_source=wish.source,
            fee_minor=price,
            notes=wish.notes,
            created_by=actor.user_id,
            created_at=tx.now,
            updated_at=tx.now,
        )
    )
    visit = await tx.add(
        Visit(
            hospital_id=actor.hospital_id,
            appointment_id=appointment.id,
            patient_id=wish.patient_id,
            clinician_id=schedule.clinician_id,
            centre_id=centre_id,
            department_id=department_id,
            service_on=on,
            status=VisitStatus.EXPECTED,
            created_at=tx.now,
        )
    )
    payment = await tx.add(
        Payment(
            hospital_id=actor.hospital_id,
            appointment_id=appointment.id,
            visit_id=visit.id,
            patient_id=wish.patient_id,
            amount_minor=price,
            currency=schedule.currency,
            status=PaymentStatus.PENDING,
            created_at=tx.now,
        )
    )
    if wish.idempotency_key is not None and wish.digest is not None:
        tx.session.add(
            IdempotencyKey(
                hospital_id=actor.hospital_id,
                user_id=actor.user_id,
                route=wish.route,
                key=wish.idempotency_key,
                digest=wish.digest,
                made_id=appointment.id,
                created_at=tx.now,
            )
        )
    await tx.record(
        AppointmentBooked.of(
            appointment, booking_type=BookingType.TOKEN, starts_at=None, service_on=on, expires_at=None
        ),
        by=actor,
    )
    return Booked(appointment.id, payment.id, centre_id, on, None, None, None, price, schedule.currency, None)
