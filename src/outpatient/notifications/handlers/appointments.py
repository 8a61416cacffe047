"""What patients are told of their appointments."""

from outpatient.adapters.outside import Outside
from outpatient.core.errors import AdapterFailure
from outpatient.core.events import plain
from outpatient.core.terms import AppointmentStatus, CancelledBy
from outpatient.models import StoredEvent
from outpatient.notifications.carry import tell
from outpatient.notifications.kinds import Kind
from outpatient.notifications.links import reply_link
from outpatient.notifications.queries import Told, find_told, has_message_under_way
from outpatient.notifications.rules import is_expected
from outpatient.video.events import MeetLinkChanged
from outpatient.video.queries import find_link
from outpatient.video.rules import EXPECTED as MEETING


async def send_booking(outside: Outside, event: StoredEvent) -> None:
    """Say what was booked. An unpaid hold is no booking yet, and what is over or cancelled meanwhile none any more."""
    told = await find_expected(outside, event)
    if told is not None:
        await tell(outside, event, Kind.BOOKED, told)


async def send_confirmation(outside: Outside, event: StoredEvent) -> None:
    """Say that the appointment is confirmed, if it still is."""
    told = await find_expected(outside, event)
    if told is not None and told.appointment and told.appointment.status is AppointmentStatus.CONFIRMED:
        await tell(outside, event, Kind.CONFIRMED, told)


async def send_new_time(outside: Outside, event: StoredEvent) -> None:
    """Say where the appointment moved to, unless it moved on: then the later move tells it."""
    told = await find_expected(outside, event)
    if told is None or told.appointment is None:
        return
    now_at = (plain(told.appointment.starts_at), plain(told.appointment.service_on))
    if now_at == (event.payload["starts_at"], event.payload["service_on"]):
        await tell(outside, event, Kind.RESCHEDULED, told)


async def send_cancellation(outside: Outside, event: StoredEvent) -> None:
    """Say that the appointment was cancelled, and by whom; not for a hold whose maker saw its payment fail."""
    told = await find_of(outside, event)
    if told is None or told.appointment is None or told.appointment.status is not AppointmentStatus.CANCELLED:
        return
    by = told.appointment.cancelled_by or CancelledBy.SYSTEM
    if not (event.payload["was_hold"] and by is CancelledBy.SYSTEM):
        await tell(outside, event, Kind.CANCELLED, told, by=by)


async def send_expiry(outside: Outside, event: StoredEvent) -> None:
    """Say that a hold was not paid in time."""
    told = await find_of(outside, event)
    if told is not None and told.appointment and told.appointment.status is AppointmentStatus.CANCELLED:
        await tell(outside, event, Kind.EXPIRED, told)


async def send_meet_link(outside: Outside, event: StoredEvent) -> None:
    """Say where to meet, once for each address: not when another message has told it, nor while one may.

    An appointment that is not confirmed yet is told with its confirmation.
    """
    async with outside.database.reading() as tx:
        told = await find_told(tx, event.hospital_id, event.subject_id)
        link = await find_link(tx, event.hospital_id, event.subject_id)
        is_under_way = await has_message_under_way(tx, event, LINK_BEARERS)
    if told is None or told.appointment is None or link is None or link.told_at is not None:
        return
    ends_at = told.appointment.ends_at
    is_over = ends_at is not None and ends_at <= outside.database.clock.now()
    if told.appointment.status not in MEETING or is_over:
        return
    if is_under_way:
        raise AdapterFailure("Another message that may carry the link is under way")
    await tell(outside, event, Kind.MEET_LINK, told, is_another=event.name == MeetLinkChanged.name)


LINK_BEARERS = ("send_booking", "send_confirmation", "send_new_time")
"""Reactions whose messages carry the link if there is one."""


async def send_requested(outside: Outside, event: StoredEvent) -> None:
    """Tell what staff asked for, at once: a person pressed the button. Not what has ceased to be true meanwhile."""
    told = await find_expected(outside, event)
    if told is None or told.appointment is None:
        return
    if event.payload["kind"] == Kind.REMINDER:
        number = told.appointment.id
        link = reply_link(outside.settings, told.appointment)
        await tell(outside, event, Kind.REMINDER, told, can_wait=False, link=link, appointment_id=number)
    elif told.appointment.status is AppointmentStatus.CONFIRMED:
        await tell(outside, event, Kind.CONFIRMED, told)
    else:
        await tell(outside, event, Kind.BOOKED, told)


async def find_of(outside: Outside, event: StoredEvent) -> Told | None:
    """The appointment that an event is about, as it is now."""
    async with outside.database.reading() as tx:
        return await find_told(tx, event.hospital_id, event.subject_id)


async def find_expected(outside: Outside, event: StoredEvent) -> Told | None:
    """The appointment that an event is about, if its patient still looks forward to it."""
    told = await find_of(outside, event)
    if told is None or told.appointment is None:
        return None
    one, now = told.appointment, outside.database.clock.now()
    return told if is_expected(one.status, one.starts_at, one.expires_at, now) else None
