"""Figures: what was counted, money in the ledger, and the definitions said a second time."""

import itertools
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select

from outpatient.analytics.actions import FIGURES, follow_events
from outpatient.core.outbox import place_events
from outpatient.core.terms import Account, EntryKind
from outpatient.models import (
    Appointment,
    Centre,
    DailyFigures,
    DailyNewcomers,
    Follower,
    HospitalConfig,
    LedgerEntry,
    Newcomer,
    Patient,
    Payment,
    StoredEvent,
    Visit,
)

_references = itertools.count(1)


@dataclass
class Ledger:
    """Money that comes in and goes back, posted as payments does, with an event for whoever follows."""

    database: object

    async def post(self, payment_id: int, amount_minor: int, on: date, account: Account = Account.DESK) -> None:
        """So much more (or less) on an account; the patient's is its other half."""
        async with self.database.transaction() as tx:
            payment = await tx.one_or_none(select(Payment).where(Payment.id == payment_id))
            visit = await tx.one_or_none(select(Visit).where(Visit.id == payment.visit_id))
            for where, amount in ((account, amount_minor), (Account.PATIENT, -amount_minor)):
                tx.session.add(
                    LedgerEntry(
                        hospital_id=payment.hospital_id,
                        payment_id=payment.id,
                        centre_id=visit.centre_id,
                        clinician_id=visit.clinician_id,
                        kind=EntryKind.RECEIPT if amount_minor > 0 else EntryKind.REFUND,
                        account=where,
                        amount_minor=amount,
                        reference=f"test-{next(_references)}",
                        entered_on=on,
                        at=tx.now,
                    )
                )
            tx.session.add(
                StoredEvent(
                    hospital_id=payment.hospital_id,
                    name="payment.received",
                    subject="payment",
                    subject_id=payment.id,
                    payload={},
                    at=tx.now,
                )
            )

    async def of_appointment(self, appointment_id: int) -> int:
        """The id of an appointment's payment."""
        async with self.database.reading() as tx:
            return await tx.one_or_none(select(Payment.id).where(Payment.appointment_id == appointment_id))


@pytest.fixture
def ledger(outpatient) -> Ledger:
    return Ledger(outpatient.database)


@pytest.fixture
def counted(outpatient):
    """Lets what has happened come into the figures."""

    async def counted() -> None:
        while await place_events(outpatient.database, outpatient.worker.reactions):
            pass
        while await follow_events(outpatient.database):
            pass

    return counted


@pytest.fixture
def never_begun(outpatient):
    """Forgets that the figures were ever counted, as on the day of the migration."""

    async def never_begun() -> None:
        async with outpatient.database.transaction() as tx:
            await tx.execute(delete(Follower).where(Follower.name == FIGURES))
            for kept in (DailyFigures, DailyNewcomers, Newcomer):
                await tx.execute(delete(kept))

    return never_begun


# ── the definitions, said a second time: row by row, in plain Python ─────────────────────────────────────────────────

COLUMNS = (
    *("pending", "confirmed", "checked_in", "completed", "cancelled", "no_show"),
    *("walk_ins", "follow_ups", "revenue_minor"),
)


async def rows_of(database, model, hospital_id: int) -> list:
    async with database.reading() as tx:
        return list(await tx.all(select(model).where(model.hospital_id == hospital_id)))


async def full_count(database, hospital_id: int) -> dict:
    """Every figure of a hospital, from what people wrote down."""
    appointments = await rows_of(database, Appointment, hospital_id)
    visits = await rows_of(database, Visit, hospital_id)
    cells: dict = defaultdict(Counter)
    for one in appointments:
        cell = cells[one.centre_id, one.clinician_id, one.service_on]
        cell[one.status.lower()] += 1
        seen_before = [
            visit
            for visit in visits
            if visit.status == "COMPLETED"
            and (visit.patient_id, visit.clinician_id) == (one.patient_id, one.clinician_id)
            and visit.service_on < one.service_on
        ]
        if seen_before and one.status not in ("CANCELLED", "NO_SHOW"):
            cell["follow_ups"] += 1
    for visit in visits:
        if visit.appointment_id is None and visit.status not in ("CANCELLED", "NO_SHOW"):
            cells[visit.centre_id, visit.clinician_id or 0, visit.service_on]["walk_ins"] += 1
    for entry in await rows_of(database, LedgerEntry, hospital_id):
        if entry.account in ("DESK", "GATEWAY"):
            cells[entry.centre_id, entry.clinician_id or 0, entry.entered_on]["revenue_minor"] += entry.amount_minor
    days = {key: tuple(cell[name] for name in COLUMNS) for key, cell in cells.items()}
    newcomers = await _full_count_of_newcomers(database, hospital_id, appointments, visits)
    return {"days": days, "newcomers": newcomers}


async def _full_count_of_newcomers(database, hospital_id: int, appointments: list, visits: list) -> dict:
    zones = {one.id: ZoneInfo(one.time_zone) for one in await rows_of(database, Centre, hospital_id)}
    (config,) = await rows_of(database, HospitalConfig, hospital_id)
    came = sorted(
        [(one.created_at, 0, one.id, one.patient_id, one.centre_id, str(one.booking_source)) for one in appointments]
        + [
            (one.created_at, 1, one.id, one.patient_id, one.centre_id, "WALK_IN")
            for one in visits
            if not one.appointment_id
        ]
    )
    found: Counter = Counter()
    for patient in await rows_of(database, Patient, hospital_id):
        if patient.deleted_at is not None:
            continue
        first: dict = {}
        for at, _, _, patient_id, centre_id, source in came:
            if patient_id == patient.id:
                day = at.astimezone(zones[centre_id]).date()
                first.setdefault(0, (day, source))
                first.setdefault(centre_id, (day, source))
        first.setdefault(0, (patient.created_at.astimezone(ZoneInfo(config.time_zone)).date(), "NONE"))
        for centre_id, (day, source) in first.items():
            found[centre_id, day, source] += 1
    return dict(found)


async def kept(database, hospital_id: int) -> dict:
    """Every figure of a hospital, as it is kept."""
    days = {
        (one.centre_id, one.clinician_id, one.day): tuple(getattr(one, name) for name in COLUMNS)
        for one in await rows_of(database, DailyFigures, hospital_id)
    }
    newcomers = {
        (one.centre_id, one.day, one.source): one.patients
        for one in await rows_of(database, DailyNewcomers, hospital_id)
    }
    return {"days": days, "newcomers": newcomers}
