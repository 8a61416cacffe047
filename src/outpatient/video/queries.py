"""Every SELECT on video links, and what a meeting has to be like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from outpatient.access.actor import Actor
from outpatient.appointments.queries import get_appointment, visible_to
from outpatient.core.database import Tx
from outpatient.core.days import Days
from outpatient.core.errors import NotFound
from outpatient.core.paging import Page
from outpatient.core.terms import VideoProvider
from outpatient.models import Appointment, Centre, Clinician, StoredEvent, User, VideoLink
from outpatient.video.events import ENDED
from outpatient.video.rules import interval_of


@dataclass(frozen=True, slots=True)
class Plan:
    """The meeting that an appointment should have, and the link that it has.

    `key` is the same for all who make this very meeting, and another one as soon as the appointment moves or a meeting
    of it has ended.
    """

    appointment: Appointment
    link: VideoLink | None
    starts_at: datetime
    ends_at: datetime
    key: str
    summary: str


async def get_plan(tx: Tx, actor: Actor | None, appointment_id: int, *, lock: bool = False) -> Plan:
    """What the appointment's meeting should be now (NotFound); with the appointment locked for a change."""
    appointment = await get_appointment(tx, actor, appointment_id, lock=lock)
    rows = await tx.rows(
        select(User.full_name, Centre.time_zone)
        .select_from(Clinician)
        .join(User, User.id == Clinician.user_id)
        .join(Centre, Centre.id == appointment.centre_id)
        .where(
            Clinician.hospital_id == appointment.hospital_id,
            Clinician.id == appointment.clinician_id,
            Centre.hospital_id == appointment.hospital_id,
        )
    )
    clinician, zone = rows[0]["full_name"], ZoneInfo(rows[0]["time_zone"])
    starts_at, ends_at = interval_of(appointment.starts_at, appointment.ends_at, appointment.service_on, zone)
    ended = await _count_ended(tx, appointment)
    return Plan(
        appointment,
        await find_link(tx, appointment.hospital_id, appointment.id),
        starts_at,
        ends_at,
        key=f"{appointment.hospital_id}-{appointment.id}-{ended}-{starts_at.timestamp():.0f}-{ends_at.timestamp():.0f}",
        summary=f"Consultation with {clinician}",
    )


async def _count_ended(tx: Tx, appointment: Appointment) -> int:
    """How many meetings of the appointment are over and must not come back."""
    found: int = await tx.one_or_none(
        select(func.count())
        .select_from(StoredEvent)
        .where(
            StoredEvent.hospital_id == appointment.hospital_id,
            StoredEvent.subject == "appointment",
            StoredEvent.subject_id == appointment.id,
            StoredEvent.name.in_(ENDED),
        )
    )
    return found


async def find_link(tx: Tx, hospital_id: int | None, appointment_id: int) -> VideoLink | None:
    """The appointment's link."""
    found: VideoLink | None = await tx.one_or_none(
        select(VideoLink)
        .where(VideoLink.hospital_id == hospital_id, VideoLink.appointment_id == appointment_id)
        .execution_options(populate_existing=True)
    )
    return found


async def get_link(tx: Tx, actor: Actor, appointment_id: int) -> VideoLink:
    """The link of an appointment that the actor may see (NotFound: there is no such appointment, or no link)."""
    appointment = await get_appointment(tx, actor, appointment_id)
    link = await find_link(tx, appointment.hospital_id, appointment.id)
    if link is None:
        raise NotFound.of("Meet link")
    return link


async def list_links(
    tx: Tx,
    actor: Actor,
    page: Page,
    *,
    days: Days,
    provider: VideoProvider | None = None,
) -> tuple[Sequence[Mapping[str, Any]], int]:
    """A page of the links to appointments on these days, in their order, and how many there are in all."""
    terms = [visible_to(actor), VideoLink.hospital_id == actor.hospital_id]
    terms.extend(days.hold(Appointment.service_on))
    if provider is not None:
        terms.append(VideoLink.provider == provider)
    its = (Appointment.hospital_id == VideoLink.hospital_id) & (Appointment.id == VideoLink.appointment_id)
    total = await tx.one_or_none(select(func.count()).select_from(VideoLink).join(Appointment, its).where(*terms))
    rows = await tx.rows(
        select(VideoLink.appointment_id, VideoLink.url, VideoLink.provider, VideoLink.created_at)
        .join(Appointment, its)
        .where(*terms)
        .order_by(Appointment.service_on, Appointment.starts_at, Appointment.id)
        .limit(page.limit)
        .offset(page.offset)
    )
    return rows, total or 0
