"""Every write to video links. The provider is called with no transaction open, and what it made is kept only if the
appointment is still what it was made for.
"""

import asyncio
from datetime import datetime

from sqlalchemy import update

from outpatient.access.actor import Actor
from outpatient.adapters.video.port import Meeting, MeetingGone, Video
from outpatient.appointments.queries import get_appointment
from outpatient.appointments.rules import LIVE
from outpatient.core.constraints import Crowded
from outpatient.core.database import Database, Tx
from outpatient.core.errors import AdapterFailure, Invalid
from outpatient.core.events import plain
from outpatient.core.terms import SessionType, VideoProvider
from outpatient.models import Appointment, VideoLink
from outpatient.video.errors import AppointmentOver, NotOnline, NotPaidYet, VideoFailed
from outpatient.video.events import MeetingAbandoned, MeetLinkChanged, MeetLinkCreated, MeetLinkRemoved
from outpatient.video.queries import Plan, find_link, get_plan
from outpatient.video.rules import provider_of

PROVIDER_SECONDS = 10.0
TRIES = 3  # an appointment that changes as often while a provider is asked is left for later


async def generate_link(
    database: Database,
    video: Video,
    *,
    actor: Actor,
    appointment_id: int,
    summary: str | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> VideoLink:
    """See that an appointment has its link; a repeat answers the same one.

    Times that are given must be the appointment's own (Invalid). VideoFailed: the provider made no meeting.
    NoVideoVisit: the appointment cannot have one.
    """
    async with database.reading() as tx:
        plan = await get_plan(tx, actor, appointment_id)
    for name, given, own in (("startTime", starts_at, plan.starts_at), ("endTime", ends_at, plan.ends_at)):
        if given is not None and given != own:
            raise Invalid.field(name, f"Must be the appointment's own time, {plain(own)}; or leave it out")
    try:
        return await make_link(database, video, actor=actor, appointment_id=appointment_id, summary=summary)
    except AdapterFailure as failure:
        raise VideoFailed from failure


async def make_link(
    database: Database, video: Video, *, actor: Actor | None, appointment_id: int, summary: str | None = None
) -> VideoLink:
    """The appointment's link, made by the provider if there is none (AdapterFailure, NoVideoVisit, Crowded).

    When the appointment has changed while the provider was asked, the meeting is ended again and another one made.
    """
    for _ in range(TRIES):
        async with database.reading() as tx:
            plan = await get_plan(tx, actor, appointment_id)
        _expect_video_visit(plan.appointment)
        if plan.link is not None:
            return plan.link
        meeting = await _ask(video, plan, summary or plan.summary)
        async with database.transaction() as tx:
            link = await _keep(tx, plan, meeting, video.provider, by=actor)
        if link is not None:
            return link
    raise Crowded


async def _ask(video: Video, plan: Plan, summary: str) -> Meeting:
    try:
        async with asyncio.timeout(PROVIDER_SECONDS):
            return await video.create_meeting(
                key=plan.key, summary=summary, starts_at=plan.starts_at, ends_at=plan.ends_at
            )
    except TimeoutError as silence:
        raise AdapterFailure("The video provider did not answer in time") from silence


async def _keep(tx: Tx, plan: Plan, meeting: Meeting, provider: VideoProvider, *, by: Actor | None) -> VideoLink | None:
    """Keep a meeting that the provider made by plan; None, and it is ended again, when the plan is another by now."""
    now = await get_plan(tx, None, plan.appointment.id, lock=True)
    appointment = now.appointment
    if now.link is not None and now.link.event_id == meeting.event_id:
        return now.link  # another worker made the same meeting, and was faster
    if now.link is not None or now.key != plan.key or _refusal(appointment) is not None:
        abandoned = MeetingAbandoned.of(appointment, old_provider=provider, old_meeting_id=meeting.event_id)
        await tx.record(abandoned, by=by)
        return now.link
    return await _add(tx, appointment, provider, meeting.url, meeting.event_id, by=by)


async def _add(
    tx: Tx, appointment: Appointment, provider: VideoProvider, url: str, event_id: str | None, *, by: Actor | None
) -> VideoLink:
    link = await tx.add(
        VideoLink(
            hospital_id=appointment.hospital_id,
            appointment_id=appointment.id,
            provider=provider,
            url=url,
            event_id=event_id,
            created_by=by.user_id if by else None,
            created_at=tx.now,
            updated_at=tx.now,
        )
    )
    appointment.meet_link, appointment.updated_at = url, tx.now
    await tx.record(MeetLinkCreated.of(appointment, provider=provider), by=by)
    return link


async def set_link(tx: Tx, *, actor: Actor, appointment_id: int, url: str) -> VideoLink:
    """Give an appointment an address by hand (NoVideoVisit); the meeting that it had is ended after the commit."""
    appointment = await get_appointment(tx, actor, appointment_id, lock=True)
    _expect_video_visit(appointment)
    link = await find_link(tx, appointment.hospital_id, appointment.id)
    if link is None:
        return await _add(tx, appointment, provider_of(url), url, None, by=actor)
    if link.url == url:
        return link
    changed = MeetLinkChanged.of(
        appointment, provider=provider_of(url), old_provider=link.provider, old_meeting_id=link.event_id
    )
    link.provider, link.url, link.event_id, link.told_at, link.updated_at = changed.provider, url, None, None, tx.now
    appointment.meet_link, appointment.updated_at = url, tx.now
    await tx.record(changed, by=actor)
    return link


async def remove_link(tx: Tx, *, actor: Actor, appointment_id: int) -> None:
    """Take the address away; its meeting is ended after the commit. A repeat answers as the first time."""
    appointment = await get_appointment(tx, actor, appointment_id, lock=True)
    link = await find_link(tx, appointment.hospital_id, appointment.id)
    if link is not None:
        await drop_link(tx, appointment, link, by=actor)


async def drop_link(
    tx: Tx, appointment: Appointment, link: VideoLink, *, by: Actor | None, was_lost: bool = False
) -> None:
    """A locked appointment has no address any more."""
    removed = MeetLinkRemoved.of(
        appointment, old_provider=link.provider, old_meeting_id=link.event_id, was_lost=was_lost
    )
    await tx.session.delete(link)
    appointment.meet_link, appointment.updated_at = None, tx.now
    await tx.record(removed, by=by)


async def keep_time(database: Database, video: Video, *, appointment_id: int) -> None:
    """Tell the provider the appointment's time, and once more if it has moved on meanwhile (AdapterFailure).

    A meeting that the provider has ended loses its link; its event brings another.
    """
    told = None
    for _ in range(TRIES):
        async with database.reading() as tx:
            plan = await get_plan(tx, None, appointment_id)
        link, wanted = plan.link, (plan.starts_at, plan.ends_at)
        if link is None or link.event_id is None or link.provider is not video.provider or wanted == told:
            return
        try:
            await video.move_meeting(link.event_id, starts_at=plan.starts_at, ends_at=plan.ends_at)
        except MeetingGone:
            await _lose(database, appointment_id, link.event_id)
            return
        told = wanted
    raise AdapterFailure("The appointment keeps moving")


async def _lose(database: Database, appointment_id: int, event_id: str) -> None:
    async with database.transaction() as tx:
        appointment = await get_appointment(tx, None, appointment_id, lock=True)
        link = await find_link(tx, appointment.hospital_id, appointment_id)
        if link is not None and link.event_id == event_id:
            await drop_link(tx, appointment, link, by=None, was_lost=True)


async def note_told(tx: Tx, *, hospital_id: int | None, appointment_id: int, url: str) -> None:
    """A message carried this address to the patient."""
    await tx.execute(
        update(VideoLink)
        .where(
            VideoLink.hospital_id == hospital_id,
            VideoLink.appointment_id == appointment_id,
            VideoLink.url == url,
            VideoLink.told_at.is_(None),
        )
        .values(told_at=tx.now)
        .execution_options(synchronize_session=False)
    )


def _expect_video_visit(appointment: Appointment) -> None:
    if (refusal := _refusal(appointment)) is not None:
        raise refusal


def _refusal(appointment: Appointment) -> Exception | None:
    """Why an appointment cannot have a link; it need not be confirmed, but it must be firm."""
    if appointment.status not in LIVE:
        return AppointmentOver()
    if appointment.session_type is not SessionType.ONLINE:
        return NotOnline()
    return NotPaidYet() if appointment.expires_at is not None else None
