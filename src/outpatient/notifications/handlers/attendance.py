"""What the clock makes us say: a reminder, that somebody did not come, that a turn is near. True when it leaves."""

from datetime import timedelta

from outpatient.adapters.outside import Outside
from outpatient.core.events import plain
from outpatient.core.terms import AppointmentStatus, VisitStatus
from outpatient.models import StoredEvent, Visit
from outpatient.notifications.carry import tell
from outpatient.notifications.handlers.appointments import find_expected, find_of
from outpatient.notifications.kinds import Kind
from outpatient.notifications.links import reply_link
from outpatient.notifications.queries import Told, find_room, find_told_of_visit
from outpatient.notifications.rules import EXPECTED

NEWS = timedelta(days=1)
IN_LINE = (VisitStatus.WAITING, VisitStatus.SKIPPED)


async def send_reminder(outside: Outside, event: StoredEvent) -> None:
    """Remind the patient and ask whether he comes; not once it has moved, ended or begun, nor if he is there."""
    told = await find_expected(outside, event)
    one = told.appointment if told else None
    if told is None or one is None or plain(one.starts_at) != event.payload["starts_at"]:
        return
    link = reply_link(outside.settings, one)
    await tell(outside, event, Kind.REMINDER, told, link=link, appointment_id=one.id)


async def send_no_show(outside: Outside, event: StoredEvent) -> None:
    """Tell the patient that he was missed, whoever marked it, unless he has come since."""
    told = await _find_absent(outside, event, AppointmentStatus.NO_SHOW)
    if told is not None:
        await tell(outside, event, Kind.NO_SHOW, told)


async def send_no_show_to_clinician(outside: Outside, event: StoredEvent) -> None:
    """Tell the clinician the same, unless he marked it himself."""
    told = await _find_absent(outside, event, AppointmentStatus.NO_SHOW)
    if told is not None and told.clinician is not None and told.clinician.user_id != event.actor_id:
        await tell(outside, event, Kind.NO_SHOW_TO_CLINICIAN, told, to=told.clinician)


async def send_no_show_proposal(outside: Outside, event: StoredEvent) -> None:
    """Ask the clinician what became of a patient, while nobody has said it. The patient is told what is decided."""
    told = await _find_absent(outside, event, *EXPECTED)
    one = told.appointment if told else None
    if told is None or one is None or told.clinician is None:
        return
    if (plain(one.starts_at), plain(one.service_on)) == (event.payload["starts_at"], event.payload["service_on"]):
        await tell(outside, event, Kind.NO_SHOW_PROPOSED, told, to=told.clinician)


async def _find_absent(outside: Outside, event: StoredEvent, *states: AppointmentStatus) -> Told | None:
    """The appointment whose patient did not come, if it is still in one of these states and this is still news."""
    told = await find_of(outside, event)
    is_news = outside.database.clock.now() - event.at <= NEWS
    return told if told and told.appointment and told.appointment.status in states and is_news else None


async def send_turn_near(outside: Outside, event: StoredEvent) -> None:
    """Tell a patient who waits that his turn is near, unless he has been called or has left since."""
    async with outside.database.reading() as tx:
        visit: Visit | None = await tx.session.get(Visit, event.subject_id)
        if visit is None or visit.status not in IN_LINE or visit.token_label is None:
            return
        told = await find_told_of_visit(tx, event.hospital_id, visit.id)
        room = await find_room(tx, visit)
    if told is not None:
        more = {"ahead": event.payload["ahead"], "token_label": visit.token_label, "room": room}
        await tell(outside, event, Kind.TURN_NEAR, told, **more)
