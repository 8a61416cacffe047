"""What follows for video visits when appointments change: the address at once, what the provider is told after it."""

import contextlib

from outpatient.access.actor import Actor
from outpatient.adapters.outside import Outside
from outpatient.appointments.events import AppointmentCancelled, AppointmentExpired, AppointmentUpdated
from outpatient.appointments.queries import get_appointment
from outpatient.core.database import Tx
from outpatient.core.terms import SessionType
from outpatient.models import StoredEvent
from outpatient.video.actions import drop_link, keep_time, make_link
from outpatient.video.errors import NoVideoVisit
from outpatient.video.events import MeetLinkRemoved
from outpatient.video.queries import find_link, get_plan
from outpatient.video.rules import EXPECTED


async def close_link(tx: Tx, event: AppointmentCancelled | AppointmentExpired, by: Actor | None) -> None:
    """Nobody meets at an appointment that will not take place."""
    link = await find_link(tx, event.hospital_id, event.subject_id)
    if link is not None:
        await drop_link(tx, await get_appointment(tx, None, event.subject_id), link, by=by)


async def follow_session_type(tx: Tx, event: AppointmentUpdated, by: Actor | None) -> None:
    """An appointment that does not take place online any more has no address."""
    if "session_type" not in event.fields:
        return
    appointment = await get_appointment(tx, None, event.subject_id)
    link = await find_link(tx, event.hospital_id, event.subject_id)
    if link is not None and appointment.session_type is not SessionType.ONLINE:
        await drop_link(tx, appointment, link, by=by)


async def make_meeting(outside: Outside, event: StoredEvent) -> None:
    """Make the meeting of an appointment that is to take place online, unless it has one by now."""
    if not _calls_for_one(event):
        return
    async with outside.database.reading() as tx:
        plan = await get_plan(tx, None, event.subject_id)
    if plan.appointment.status not in EXPECTED or plan.ends_at <= outside.database.clock.now():
        return
    with contextlib.suppress(NoVideoVisit):  # not online, or not any more
        await make_link(outside.database, outside.video, actor=None, appointment_id=event.subject_id)


def _calls_for_one(event: StoredEvent) -> bool:
    """Staff who took an address away do not want another one as soon as something else changes."""
    if event.name == AppointmentUpdated.name:
        return "session_type" in event.payload["fields"]
    return event.name != MeetLinkRemoved.name or event.payload["was_lost"]


async def move_meeting(outside: Outside, event: StoredEvent) -> None:
    """Bring the meeting to the appointment's time as it is now."""
    await keep_time(outside.database, outside.video, appointment_id=event.subject_id)


async def end_meeting(outside: Outside, event: StoredEvent) -> None:
    """End the meeting that an appointment does not need any more; one of another provider is out of reach."""
    meeting_id = event.payload["old_meeting_id"]
    if meeting_id is not None and event.payload["old_provider"] == outside.video.provider:
        await outside.video.delete_meeting(meeting_id)
