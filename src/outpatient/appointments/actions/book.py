"""Booking: a time or a token, with a clinician or with whoever of a department can see the patient."""

from outpatient.access.actor import Actor
from outpatient.appointments.actions.slot import book_slot
from outpatient.appointments.actions.token import book_token
from outpatient.appointments.actions.wish import Booked, Booking, check_own_patient
from outpatient.appointments.errors import DayFull, SlotUnavailable
from outpatient.appointments.queries import list_candidates
from outpatient.core.database import Database, Tx
from outpatient.core.errors import Invalid
from outpatient.core.terms import BookingType
from outpatient.scheduling.queries import Runs, Schedules


async def book_appointment(
    runs: Runs, schedules: Schedules, *, actor: Actor, wish: Booking, is_prepaid: bool = False
) -> Booked:
    """Book for a patient: alone in its own transaction (`runs` is the database), or inside an open one.

    Refuses with NotFound (patient, clinician, service), Forbidden (another's centre), Invalid (time, fee, type),
    SlotUnavailable with the nearest free slots, DayFull, TooManyHolds. A hold lasts until `Booked.expires_at`.
    """
    check_own_patient(actor, wish.patient_id)
    if wish.starts_at is not None and (wish.on is not None or wish.at is not None):
        raise Invalid.field("start", "Give start, or appointmentDate and appointmentTime, not both")
    if wish.clinician_id is not None:
        return await _book_with(wish.clinician_id, runs, schedules, actor, wish, is_prepaid=is_prepaid)
    if wish.department_id is None:
        raise Invalid.field("clinicianId", "This field is required, or departmentId in its place")
    refusal: SlotUnavailable | DayFull | None = None
    for clinician_id in await _candidates(runs, actor, wish, wish.department_id):
        try:
            return await _book_with(clinician_id, runs, schedules, actor, wish, is_prepaid=is_prepaid)
        except (SlotUnavailable, DayFull) as refused:
            refusal = refusal or refused
    raise refusal or Invalid.field("clinicianId", "Nobody of this department takes bookings: name a clinician")


async def _candidates(runs: Runs, actor: Actor, wish: Booking, department_id: int) -> list[int]:
    if isinstance(runs, Tx):
        return await list_candidates(
            runs, actor.hospital_id, department_id, on=wish.on, starts_at=wish.starts_at, centre_id=wish.centre_id
        )
    assert isinstance(runs, Database)
    async with runs.reading() as tx:
        return await _candidates(tx, actor, wish, department_id)


async def _book_with(
    clinician_id: int, runs: Runs, schedules: Schedules, actor: Actor, wish: Booking, *, is_prepaid: bool
) -> Booked:
    if wish.booking_type is BookingType.TIME_SLOT:
        return await book_slot(
            runs, schedules, actor=actor, wish=wish, clinician_id=clinician_id, is_prepaid=is_prepaid
        )
    if isinstance(runs, Tx):
        return await book_token(
            runs, schedules, actor=actor, wish=wish, clinician_id=clinician_id, is_prepaid=is_prepaid
        )
    assert isinstance(runs, Database)
    async with runs.transaction() as tx:
        return await _book_with(clinician_id, tx, schedules, actor, wish, is_prepaid=is_prepaid)
