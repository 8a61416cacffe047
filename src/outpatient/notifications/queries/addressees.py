"""Whom a message is for, and what it speaks of, as it is at the time of sending."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import aliased

from outpatient.core.database import Tx
from outpatient.core.terms import SessionType
from outpatient.models import Appointment, Centre, Clinician, HospitalConfig, Patient, Payment, User, Visit
from outpatient.notifications.rules import QuietHours
from outpatient.notifications.texts import Facts, language_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who is written to, where he is reached, and in which language."""

    phone: str | None
    email: str | None = None
    language: str
    patient_id: int | None = None
    user_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A visit or an appointment, what is said of it, to whom, and when its centre sleeps.

    `appointment` is None where there is none (a walk-in), `clinician` where the visit has none yet.
    """

    facts: Facts
    patient: Person
    clinician: Person | None
    quiet: QuietHours
    appointment_id: int | None
    appointment: Appointment | None


_clinician = aliased(User)


def _described() -> Select[*tuple[Any, ...]]:
    """Visits with all that messages say of them; each appointment has its one visit from booking on."""
    columns = (
        Appointment,
        Patient.id.label("patient_id"),
        Patient.full_name.label("patient"),
        Patient.phone,
        Patient.email,
        Patient.language,
        _clinician.id.label("clinician_user_id"),
        _clinician.full_name.label("clinician"),
        _clinician.phone.label("clinician_phone"),
        _clinician.email.label("clinician_email"),
        Centre.name.label("centre"),
        Centre.time_zone,
        Visit.service_on,
        HospitalConfig.language.label("hospital_language"),
        HospitalConfig.quiet_from,
        HospitalConfig.quiet_until,
    )
    return (
        select(*columns)
        .select_from(Visit)
        .outerjoin(Appointment, Appointment.id == Visit.appointment_id)
        .join(Patient, Patient.id == Visit.patient_id)
        .outerjoin(Clinician, Clinician.id == Visit.clinician_id)
        .outerjoin(_clinician, _clinician.id == Clinician.user_id)
        .join(Centre, Centre.id == Visit.centre_id)
        .join(HospitalConfig, HospitalConfig.hospital_id == Visit.hospital_id)
    )


async def find_told(tx: Tx, hospital_id: int | None, appointment_id: int) -> Told | None:
    """An appointment for a message about it; None when it or its patient is gone."""
    return await _find(tx, hospital_id, Visit.appointment_id == appointment_id)


async def find_told_of_visit(tx: Tx, hospital_id: int | None, visit_id: int) -> Told | None:
    """A visit for a message about it; None when it or its patient is gone."""
    return await _find(tx, hospital_id, Visit.id == visit_id)


async def find_told_of_payment(tx: Tx, hospital_id: int | None, payment_id: int) -> Told | None:
    """What a payment is for, for a message about it; None when it or its patient is gone."""
    visit = select(Payment.visit_id).where(Payment.hospital_id == hospital_id, Payment.id == payment_id)
    return await _find(tx, hospital_id, Visit.id == visit.scalar_subquery())


async def _find(tx: Tx, hospital_id: int | None, which: ColumnElement[bool]) -> Told | None:
    known = (Visit.hospital_id == hospital_id, which, Patient.deleted_at.is_(None))
    rows = await tx.rows(_described().where(*known))
    return _told(rows[0]) if rows else None


def _told(row: Mapping[str, Any]) -> Told:
    appointment: Appointment | None = row["Appointment"]
    zone, house_language = ZoneInfo(row["time_zone"]), row["hospital_language"]
    starts_at = appointment.starts_at if appointment else None
    clinician = None
    if row["clinician_user_id"] is not None:
        clinician = Person(
            phone=row["clinician_phone"],
            email=row["clinician_email"],
            language=language_of(house_language),
            user_id=row["clinician_user_id"],
        )
    return Told(
        facts=Facts(
            patient=row["patient"],
            clinician=row["clinician"],
            centre=row["centre"],
            service_on=appointment.service_on if appointment else row["service_on"],
            starts_at=starts_at.astimezone(zone) if starts_at else None,
            session_type=appointment.session_type if appointment else SessionType.IN_PERSON,
            meet_link=appointment.meet_link if appointment else None,
        ),
        patient=Person(
            phone=row["phone"],
            email=row["email"],
            language=language_of(row["language"], house_language),
            patient_id=row["patient_id"],
        ),
        clinician=clinician,
        quiet=QuietHours(row["quiet_from"], row["quiet_until"], zone),
        appointment_id=appointment.id if appointment else None,
        appointment=appointment,
    )


async def find_code_language(tx: Tx, hospital_id: int | None, phone: str) -> str:
    """In which language the holder of a phone is sent his code: his record's, else the hospital's."""
    own = await tx.all(
        select(Patient.language)
        .where(
            Patient.hospital_id == hospital_id,
            Patient.phone == phone,
            Patient.deleted_at.is_(None),
            Patient.language.is_not(None),
        )
        .order_by(Patient.id)
        .limit(1)
    )
    house = await tx.one_or_none(select(HospitalConfig.language).where(HospitalConfig.hospital_id == hospital_id))
    return language_of(*own, house)


async def get_owed(tx: Tx, hospital_id: int | None, payment_id: int) -> int:
    """What remains to be paid, in minor units; less than nothing where more came in."""
    owed = await tx.one_or_none(
        select(Payment.amount_minor - Payment.discount_minor - Payment.paid_minor).where(
            Payment.hospital_id == hospital_id, Payment.id == payment_id
        )
    )
    return int(owed or 0)


async def find_room(tx: Tx, visit: Visit) -> str | None:
    """The room of the clinician with whom a visit is."""
    room: str | None = await tx.one_or_none(
        select(Clinician.room).where(Clinician.hospital_id == visit.hospital_id, Clinician.id == visit.clinician_id)
    )
    return room
