"""What somebody wants to book, and what the schedule, the price list and the day's limit say to it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission
from outpatient.appointments.errors import DayFull, SlotUnavailable, TooManyHolds
from outpatient.appointments.queries import count_holds, count_patients
from outpatient.appointments.rules import minute_of, offers
from outpatient.core.database import Tx
from outpatient.core.errors import Forbidden, Invalid, NotFound
from outpatient.core.money import to_major
from outpatient.core.terms import BookingSource, BookingType, Prepayment, SessionType, SlotState
from outpatient.models import Clinician, Patient
from outpatient.scheduling.queries import CentreHours, OfferedSlot, Schedule, find_offer
from outpatient.scheduling.rules import wall_time

DAY_OVER_LIMIT = "This day is over the clinician's limit of {limit} patients"


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """What somebody wants to book: an instant (`starts_at`) or a wall-clock wish in the centre's zone (`on`, `at`).

    Without a clinician it is whoever of the department can see the patient. `fee_minor` is what the client believes it
    costs; it must agree with the price, unless its maker may set fees.
    """

    patient_id: int
    clinician_id: int | None
    department_id: int | None = None
    booking_type: BookingType = BookingType.TIME_SLOT
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """What a booking made, and what staff should know about it (`warnings`)."""

    appointment_id: int
    payment_id: int
    clinician_id: int
    centre_id: int
    on: date
    at: str | None  # HH:MM:SS in the centre's zone; a token booking has none
    starts_at: datetime | None
    ends_at: datetime | None
    amount_minor: int
    currency: str
    expires_at: datetime | None
    warnings: tuple[str, ...] = ()


def check_own_patient(actor: Actor, patient_id: int) -> None:
    """A patient acts for himself and for those on his phone; anybody else's record does not exist for him."""
    if actor.is_patient and patient_id not in actor.patient_ids:
        raise NotFound.of("Patient")


def check_type(schedule: Schedule, kind: BookingType) -> None:
    """Refuse a token where times are given, and a time where tokens are (Invalid)."""
    if not offers(schedule.booking_mode, kind):
        given = "times, not tokens" if kind is BookingType.TOKEN else "tokens, not times"
        raise Invalid.field("bookingType", f"This clinician gives {given}")


def centres_for(schedule: Schedule, wish: Booking, actor: Actor) -> list[CentreHours]:
    """Where the wish may come true: the centre named, or the clinician's, as far as the actor works there."""
    if wish.centre_id is not None and wish.centre_id not in schedule.zones:
        raise NotFound.of("Centre")
    found = schedule.at_centre(wish.centre_id)
    allowed = [centre for centre in found if actor.sees_centre(centre.centre_id)]
    if (found and not allowed) or (wish.centre_id is not None and not actor.sees_centre(wish.centre_id)):
        raise Forbidden("You may book for your own centres only")
    return allowed


def offer_of(schedule: Schedule, wish: Booking, actor: Actor, *, now: datetime) -> OfferedSlot:
    """The slot that the schedule offers at the wished time: the same rule that listings use."""
    window = schedule.window(now, is_staff=not actor.is_patient)
    for centre in centres_for(schedule, wish, actor):
        starts_at = wish.starts_at or _instant_of(wish, centre)
        if starts_at is None:
            continue
        offered = find_offer(schedule, starts_at, centre_id=centre.centre_id, service_id=wish.service_id, window=window)
        if offered is not None:
            refuse_state(offered.slot.state, schedule, field="start" if wish.starts_at else "appointmentDate")
            return offered
    if wish.starts_at is None:
        _check_wall_time(wish)
    if wish.starts_at is not None and wish.starts_at < now:
        raise Invalid.field("start", "This time is in the past")
    raise SlotUnavailable("The clinician does not see patients at this time")


def refuse_state(state: SlotState, schedule: Schedule, *, field: str) -> None:
    """Refuse what is past (Invalid), too soon or too far ahead (SlotUnavailable)."""
    if state is SlotState.PAST:
        raise Invalid.field(field, "This time is in the past")
    if state is SlotState.NOTICE:
        raise SlotUnavailable(f"This must be booked at least {schedule.notice} minutes ahead")
    if state is SlotState.HORIZON:
        raise SlotUnavailable(f"Bookings open {schedule.horizon} days ahead")


def _instant_of(wish: Booking, centre: CentreHours) -> datetime | None:
    _check_wall_time(wish)
    assert wish.on is not None and wish.at is not None
    minute = minute_of(wish.at)
    return None if minute is None else wall_time(wish.on, minute, centre.zone)


def _check_wall_time(wish: Booking) -> None:
    if wish.on is None or wish.at is None:
        raise Invalid.field("appointmentTime" if wish.on else "appointmentDate", "This field is required")


def agreed_price(schedule: Schedule, wish: Booking, actor: Actor) -> int:
    """The server's price; a client's figure must equal it, unless its maker may set fees (DESIGN §2.4)."""
    price = schedule.price(wish.service_id)
    if wish.fee_minor is None or wish.fee_minor == price:
        return price
    if actor.may(Permission.APPOINTMENTS_SET_FEE):
        return wish.fee_minor
    raise Invalid.field("consultationFee", f"The fee is {to_major(price)}")


def department_of(schedule: Schedule, wish: Booking) -> int | None:
    """The service's department, else the clinician's (Invalid: another was named)."""
    service = schedule.services.get(wish.service_id) if wish.service_id else None
    department_id = service.department_id if service and service.department_id else schedule.department_id
    if wish.department_id is not None and wish.department_id != department_id:
        raise Invalid.field("departmentId", "This clinician works in another department")
    return department_id


def is_hold(schedule: Schedule, actor: Actor, price_minor: int, *, is_prepaid: bool) -> bool:
    """Whether the slot is only kept until it is paid: as the hospital's `prepayment` says; never for staff bookings."""
    if not actor.is_patient or price_minor == 0:
        return False
    return schedule.prepayment is Prepayment.ALL or (is_prepaid and schedule.prepayment is Prepayment.BOOKING)


async def keep_hold_limit(tx: Tx, schedule: Schedule, patient_id: int) -> None:
    """Nobody keeps many slots unpaid (TooManyHolds). Locks the patient's row: two devices cannot both be the last."""
    await tx.execute(
        select(Patient.id)
        .where(Patient.hospital_id == schedule.hospital_id, Patient.id == patient_id)
        .with_for_update(key_share=True)
    )
    if await count_holds(tx, schedule.hospital_id, patient_id) >= schedule.max_unpaid_holds:
        raise TooManyHolds


async def lock_clinician(tx: Tx, hospital_id: int, clinician_id: int) -> None:
    """Stand in line: one at a time counts a day's patients or moves between a clinician's times."""
    await tx.execute(
        select(Clinician.id)
        .where(Clinician.hospital_id == hospital_id, Clinician.id == clinician_id)
        .with_for_update(key_share=True)
    )


async def keep_daily_limit(tx: Tx, schedule: Schedule, actor: Actor, on: date) -> tuple[str, ...]:
    """Refuse a patient who books himself into a full day (DayFull); staff are warned. Asks for `lock_clinician`."""
    limit = schedule.daily_patient_limit
    if limit is None or await count_patients(tx, schedule.hospital_id, schedule.clinician_id, on) < limit:
        return ()
    if actor.is_patient:
        raise DayFull
    return (DAY_OVER_LIMIT.format(limit=limit),)


def hold_end(schedule: Schedule, now: datetime, *, is_hold: bool) -> datetime | None:
    """When a hold that begins now ends (None: no hold)."""
    hold: timedelta = schedule.hold
    return now + hold if is_hold else None
