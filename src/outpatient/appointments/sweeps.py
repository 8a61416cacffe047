"""What the clock brings: reminders that are due, and patients who did not come.

Every sweep asks columns, so it may run twice, at several workers, late, or after a restart. One guarded UPDATE says
which appointments it dealt with, and their events stand in the same transaction.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, Update, and_, select, update

from outpatient.appointments.actions import end_missed
from outpatient.appointments.events import AppointmentNoShowProposed, AppointmentReminderDue, AppointmentRescheduled
from outpatient.core.database import Database, Tx
from outpatient.core.terms import AppointmentStatus, BookingType, NoShowMode, SessionType, VisitStatus
from outpatient.models import Appointment, Centre, Hospital, HospitalConfig, StoredEvent, Visit
from outpatient.scheduling.rules import local_day

BATCH = 200
DAY = timedelta(days=1)
LOOK_BACK = DAY
"""Who did not come longer ago than this is left to people: nobody was looking then."""

AWAITED = (AppointmentStatus.PENDING, AppointmentStatus.CONFIRMED)
"""Appointments whose patients have not come yet."""


async def remind_due(database: Database) -> None:
    """Say of each appointment once that its reminder is due, as long before its start as its hospital wants.

    Whoever booked or moved it after that moment has just been told and is not reminded. `reminded_at` is set all the
    same: it says that this is dealt with.
    """
    async with database.reading() as tx:
        settings = await tx.all(_of_active(select(HospitalConfig.reminder_minutes).distinct()))
    for minutes in settings:
        notice = timedelta(minutes=minutes)
        hospitals = _of_active(select(HospitalConfig.hospital_id)).where(HospitalConfig.reminder_minutes == minutes)
        while await _remind_batch(database, hospitals, notice) == BATCH:
            pass


async def _remind_batch(database: Database, hospitals: Select[Any], notice: timedelta) -> int:
    now = database.clock.now()
    due = (
        Appointment.hospital_id.in_(hospitals),
        _around(now, now + notice),
        Appointment.starts_at > now,
        Appointment.starts_at <= now + notice,
        _is_awaited(),
        Appointment.reminded_at.is_(None),
    )
    if not await _is_any(database, due):
        return 0
    async with database.transaction() as tx:
        reminded = await tx.all(_claimed(due).values(reminded_at=tx.now).returning(Appointment))
        told = await _told_since(tx, reminded, notice)
        for appointment in reminded:
            if appointment.id not in told:
                event = AppointmentReminderDue.of(appointment, starts_at=appointment.starts_at)
                await tx.record(event, by=None)
    return len(reminded)


async def _told_since(tx: Tx, appointments: Iterable[Appointment], notice: timedelta) -> set[int]:
    """Those of them who were booked or moved when the reminder was due already."""
    due_at = {one.id: one.starts_at - notice for one in appointments if one.starts_at is not None}
    moved = await tx.rows(
        select(StoredEvent.subject_id, StoredEvent.at).where(
            StoredEvent.subject == "appointment",
            StoredEvent.subject_id.in_(due_at),
            StoredEvent.name == AppointmentRescheduled.name,
        )
    )
    booked = {one.id for one in appointments if one.created_at > due_at[one.id]}
    return booked | {row["subject_id"] for row in moved if row["at"] > due_at[row["subject_id"]]}


async def find_no_shows(database: Database) -> None:
    """Find the patients who did not come: marked as missed or proposed to people, as their hospital wants.

    A time is missed some minutes after its start, a token when its day is over at its centre. Nobody is at the desk
    for a visit by video or phone, so that one is only proposed. Each appointment is dealt with once
    (`no_show_proposed_at`): if somebody takes a mark back, it stays so. Never for one who has arrived.
    """
    now = database.clock.now()
    async with database.reading() as tx:
        asked = select(HospitalConfig.no_show_after_minutes, HospitalConfig.no_show_mode).distinct()
        settings = (await tx.execute(_of_active(asked))).all()
        zones = await tx.all(select(Centre.time_zone).where(Centre.deleted_at.is_(None)).distinct())
    for minutes, mode in settings:
        hospitals = _of_active(select(HospitalConfig.hospital_id)).where(
            HospitalConfig.no_show_after_minutes == minutes, HospitalConfig.no_show_mode == mode
        )
        latest = now - timedelta(minutes=minutes)
        await _find_missed(database, mode, hospitals, _started(latest - LOOK_BACK, latest))
        for zone in zones:
            await _find_missed(database, mode, hospitals, _token_of_yesterday(now, zone))


def _started(since: datetime, until: datetime) -> ColumnElement[bool]:
    return and_(_around(since, until), Appointment.starts_at > since, Appointment.starts_at <= until)


def _token_of_yesterday(now: datetime, zone: str) -> ColumnElement[bool]:
    return and_(
        Appointment.service_on == local_day(now, ZoneInfo(zone)) - DAY,
        Appointment.booking_type == BookingType.TOKEN,
        Appointment.centre_id.in_(select(Centre.id).where(Centre.time_zone == zone)),
    )


async def _find_missed(database: Database, mode: NoShowMode, hospitals: Select[Any], when: ColumnElement[bool]) -> None:
    expected = select(Visit.id).where(
        Visit.hospital_id == Appointment.hospital_id,
        Visit.appointment_id == Appointment.id,
        Visit.status == VisitStatus.EXPECTED,
    )
    missed = (
        Appointment.hospital_id.in_(hospitals),
        when,
        _is_awaited(),
        Appointment.no_show_proposed_at.is_(None),
        expected.exists(),
    )
    while await _is_any(database, missed):
        async with database.transaction() as tx:
            found = await tx.all(_claimed(missed).values(no_show_proposed_at=tx.now).returning(Appointment))
            for appointment in found:
                await _end_or_propose(tx, mode, appointment)
        if len(found) < BATCH:  # the others, if any, are just being changed by somebody else
            return


async def _end_or_propose(tx: Tx, mode: NoShowMode, appointment: Appointment) -> None:
    if mode is NoShowMode.MARK and appointment.session_type is SessionType.IN_PERSON:
        await end_missed(tx, appointment, by=None)
        return
    event = AppointmentNoShowProposed.of(
        appointment, starts_at=appointment.starts_at, service_on=appointment.service_on
    )
    await tx.record(event, by=None)


def _of_active(query: Any) -> Any:
    """Asks the settings of the hospitals that are open."""
    return query.join(Hospital, Hospital.id == HospitalConfig.hospital_id).where(Hospital.is_active)


def _is_awaited() -> ColumnElement[bool]:
    return and_(Appointment.status.in_(AWAITED), Appointment.expires_at.is_(None))


def _around(since: datetime, until: datetime) -> ColumnElement[bool]:
    """The service days, in whatever zone, between two instants: what the index begins with."""
    return Appointment.service_on.between((since - DAY).date(), (until + DAY).date())


async def _is_any(database: Database, which: Sequence[ColumnElement[bool]]) -> bool:
    """Whether there is anything to do, without standing in a writer's way."""
    async with database.reading() as tx:
        return await tx.one_or_none(select(Appointment.id).where(*which).limit(1)) is not None


def _claimed(which: Sequence[ColumnElement[bool]]) -> Update:
    """An UPDATE of a batch of them, in the order of their start; who is being changed just now is left for later."""
    batch = (
        select(Appointment.id)
        .where(*which)
        .order_by(Appointment.starts_at, Appointment.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, key_share=True, of=Appointment)
    )
    return update(Appointment).where(Appointment.id.in_(batch), *which).execution_options(synchronize_session=False)
