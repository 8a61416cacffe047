"""What somebody wants to book, and what the schedule, the price list and the day's limit say to it."""

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import func, select

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission
from outpatient.appointments.errors import DayFull, SlotUnavailable
from outpatient.appointments.rules import LIVE, minute_of
from outpatient.core.database import Tx
from outpatient.core.errors import Invalid, NotFound
from outpatient.core.terms import AppointmentStatus, BookingSource, SessionType, SlotState
from outpatient.models import Appointment, Clinician
from outpatient.scheduling.queries import OfferedSlot, Schedule, find_offer
from outpatient.scheduling.rules import wall_time


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """What somebody wants to book: an instant (`starts_at`) or a wall-clock wish in the centre's zone (`on`, `at`).

    `fee_minor` is what the client believes it costs; it must agree with the price, unless its maker may set fees.
    """

    patient_id: int
    clinician_id: int
    centre_id: int | None = None
    service_id: int | None = None
    starts_at: datetime | None = None
    on: date | None = None
    at: time | None = None
    session_type: SessionType = SessionType.IN_PERSON
    source: BookingSource = BookingSource.WEBSITE
    fee_minor: int | None = None
    notes: str | None = None
    route: str = "appointments"
    idempotency_key: str | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Booked:
    """What a booking made."""

    appointment_id: int
    payment_id: int
    centre_id: int
    on: date
    at: str | None  # HH:MM:SS in the centre's zone; a token booking has none
    starts_at: datetime | None
    ends_at: datetime | None
    amount_minor: int
    currency: str
    expires_at: datetime | None


def check_own_patient(actor: Actor, patient_id: int) -> None:
    """A patient acts for himself and for those on his phone; anybody else's record does not exist for him."""
    if actor.is_patient and patient_id not in actor.patient_ids:
        raise NotFound.of("Patient")


def offer_of(schedule: Schedule, wish: Booking, *, now: datetime, is_staff: bool) -> OfferedSlot:
    """The slot that the schedule offers at the wished time: the same rule that listings use."""
    if wish.centre_id is not None and wish.centre_id not in schedule.zones:
        raise NotFound.of("Centre")
    starts_at = wish.starts_at or _instant_of(schedule, wish)
    window = schedule.window(now, is_staff=is_staff)
    offered = find_offer(schedule, starts_at, centre_id=wish.centre_id, service_id=wish.service_id, window=window)
    if offered is None:
        raise SlotUnavailable("The clinician does not see patients at this time")
    if offered.slot.state is SlotState.PAST:
        raise Invalid.field("start" if wish.starts_at else "appointmentDate", "This time is in the past")
    if offered.slot.state is SlotState.NOTICE:
        raise SlotUnavailable(f"This must be booked at least {schedule.notice} minutes ahead")
    if offered.slot.state is SlotState.HORIZON:
        raise SlotUnavailable(f"Bookings open {schedule.horizon} days ahead")
    return offered


def _instant_of(schedule: Schedule, wish: Booking) -> datetime:
    if wish.on is None or wish.at is None:
        raise Invalid.field("appointmentTime" if wish.on else "appointmentDate", "This field is required")
    zone = schedule.zones.get(wish.centre_id or schedule.primary_centre_id)
    minute = minute_of(wish.at)
    instant = None if zone is None or minute is None else wall_time(wish.on, minute, zone)
    if instant is None:
        raise SlotUnavailable("The clinician does not see patients at this time")
    return instant


def agreed_price(schedule: Schedule, wish: Booking, actor: Actor) -> int:
    """The server's price; a client's figure must equal it, unless its maker may set fees (DESIGN §2.4)."""
    price = schedule.price(wish.service_id)
    if wish.fee_minor is None or wish.fee_minor == price:
        return price
    if actor.may(Permission.APPOINTMENTS_SET_FEE):
        return wish.fee_minor
    raise Invalid.field("consultationFee", f"The fee is {price / 100:g}")


def department_of(schedule: Schedule, wish: Booking) -> int | None:
    """The service's department, else the clinician's."""
    service = schedule.services.get(wish.service_id) if wish.service_id else None
    return service.department_id if service and service.department_id else schedule.department_id


async def keep_daily_limit(tx: Tx, schedule: Schedule, actor: Actor, on: date) -> None:
    """Refuse a patient who books himself into a full day (DayFull); staff may go over. Locks the clinician's row."""
    if schedule.daily_patient_limit is None or not actor.is_patient:
        return
    await tx.execute(select(Clinician.id).where(Clinician.id == schedule.clinician_id).with_for_update())
    booked = await tx.one_or_none(
        select(func.count())
        .select_from(Appointment)
        .where(
            Appointment.hospital_id == schedule.hospital_id,
            Appointment.clinician_id == schedule.clinician_id,
            Appointment.service_on == on,
            Appointment.status.in_(LIVE | {AppointmentStatus.COMPLETED}),
        )
    )
    if booked >= schedule.daily_patient_limit:
        raise DayFull
