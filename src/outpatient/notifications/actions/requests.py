"""What staff ask for: tell a patient of an appointment, or try again what failed."""

from outpatient.access.actor import Actor
from outpatient.appointments.queries import get_appointment
from outpatient.core.database import Tx
from outpatient.core.terms import AppointmentStatus, Purpose
from outpatient.core.terms import NotificationStatus as Status
from outpatient.notifications.errors import NobodyToTell, NothingToTell, NotToRetry
from outpatient.notifications.events import NotificationRequested, NotificationRetried
from outpatient.notifications.kinds import MANNERS, Kind, kind_of
from outpatient.notifications.queries import (
    find_again_of,
    find_event,
    find_told,
    get_notification,
    is_opted_out,
    is_told_otherwise,
    list_consents,
)
from outpatient.notifications.queries.addressees import Person
from outpatient.notifications.rules import is_expected


async def request_notification(tx: Tx, *, actor: Actor, appointment_id: int, kind: Kind) -> None:
    """Tell the patient of an appointment, now (NotFound; NothingToTell and NobodyToTell say why not)."""
    appointment = await get_appointment(tx, actor, appointment_id)
    if not is_expected(appointment.status, appointment.starts_at, appointment.expires_at, tx.now):
        raise NothingToTell(_why_not(appointment.status, is_hold=appointment.expires_at is not None))
    told = await find_told(tx, actor.hospital_id, appointment_id)
    if told is None:
        raise NobodyToTell("The patient's record is closed")
    await _check_reachable(tx, told.patient, kind)
    event = NotificationRequested(hospital_id=actor.hospital_id, subject_id=appointment_id, kind=kind)
    await tx.record(event, by=actor)


def _why_not(status: AppointmentStatus, *, is_hold: bool) -> str:
    if status is AppointmentStatus.PENDING and is_hold:
        return "The appointment is not paid for, so it is not booked yet"
    if status in (AppointmentStatus.PENDING, AppointmentStatus.CONFIRMED):
        return "The appointment's time is past"
    word = {AppointmentStatus.NO_SHOW: "was missed", AppointmentStatus.CHECKED_IN: "has begun: the patient is here"}
    return f"The appointment {word.get(status, f'is {status.lower()}')}"


async def _check_reachable(tx: Tx, patient: Person, kind: Kind) -> None:
    if not (patient.phone or patient.email):
        raise NobodyToTell("The patient has neither a phone number nor an e-mail address")
    assert patient.patient_id is not None
    manner = MANNERS[kind]
    if not (await list_consents(tx, patient.patient_id))[manner.purpose or Purpose.CARE]["is_given"]:
        raise NobodyToTell("The patient does not agree to be written to")
    for channel in manner.channels:
        address = patient.email if channel == "EMAIL" else patient.phone
        if address and not await is_opted_out(tx, channel, address):
            return
    raise NobodyToTell("The patient wants no more messages (STOP)")


async def retry_notification(tx: Tx, *, actor: Actor, notification_id: int) -> None:
    """Send again what failed, once, as it would be said now (NotFound, NotToRetry); a code is asked for anew."""
    failed = await get_notification(tx, actor, notification_id, lock=True)
    if failed.status is not Status.FAILED:
        raise NotToRetry(f"Only a message that failed can be sent again; this one is {failed.status.lower()}")
    if await find_again_of(tx, failed.id) is not None:
        raise NotToRetry("This message was sent again already; look for the newer one")
    if await is_told_otherwise(tx, failed):
        raise NotToRetry("The person was told the same on another channel")
    if kind_of(failed.key) in (None, Kind.OTP):
        raise NotToRetry("This message speaks of a moment that has passed")
    event = await find_event(tx, failed.event_id)
    assert event is not None
    original_id = int(event.payload.get("original_id", event.id))
    await tx.record(
        NotificationRetried(hospital_id=failed.hospital_id, subject_id=failed.id, original_id=original_id), by=actor
    )
