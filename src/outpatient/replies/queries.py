"""Whose answers we take: appointments to come, by the phone of their patient; and the log of what came in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.core.paging import Page
from outpatient.core.terms import Kinship, Role, SessionKind
from outpatient.models import (
    Appointment,
    Centre,
    Clinician,
    Hospital,
    HospitalConfig,
    InboundMessage,
    Patient,
    PatientAccess,
    User,
)
from outpatient.notifications.rules import EXPECTED
from outpatient.notifications.texts import language_of
from outpatient.scheduling.rules import local_day

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Answered:
    """The appointment that an answer is about, and the patient who gives it."""

    appointment_id: int
    hospital_id: int
    patient: Actor
    language: str


async def find_answered(tx: Tx, appointment_id: int, *which: ColumnElement[bool]) -> Answered | None:
    """An appointment to come, if it is `which` the answer may be about; locked, so that it stays so."""
    rows = await tx.rows(
        select(
            Appointment.id,
            Appointment.hospital_id,
            Appointment.patient_id,
            Appointment.starts_at,
            Appointment.service_on,
            Patient.full_name,
            Patient.language,
            HospitalConfig.language.label("house_language"),
            Centre.time_zone,
        )
        .join(Patient, Patient.id == Appointment.patient_id)
        .join(Hospital, Hospital.id == Appointment.hospital_id)
        .join(HospitalConfig, HospitalConfig.hospital_id == Appointment.hospital_id)
        .join(Centre, Centre.id == Appointment.centre_id)
        .where(
            Appointment.id == appointment_id,
            Patient.deleted_at.is_(None),
            Hospital.is_active,
            _is_awaited(tx),
            *which,
        )
        .with_for_update(of=Appointment, key_share=True)
    )
    if not rows or (rows[0]["starts_at"] is None and _is_over(tx, rows[0])):
        return None
    row = rows[0]
    return Answered(
        row["id"],
        row["hospital_id"],
        await as_patient(tx, row["hospital_id"], row["patient_id"], row["full_name"]),
        language_of(row["language"], row["house_language"]),
    )


def _is_awaited(tx: Tx) -> ColumnElement[bool]:
    return and_(
        Appointment.status.in_(EXPECTED),
        or_(Appointment.expires_at.is_(None), Appointment.expires_at > tx.now),
        or_(Appointment.starts_at.is_(None), Appointment.starts_at > tx.now),
    )


def _is_over(tx: Tx, row: Mapping[str, Any]) -> bool:
    is_over: bool = row["service_on"] < local_day(tx.now, ZoneInfo(row["time_zone"]))
    return is_over


async def as_patient(tx: Tx, hospital_id: int, patient_id: int, full_name: str) -> Actor:
    """The patient himself, as he acts from his phone: without a session, and maybe without an account (`user_id` 0)."""
    user_id = await tx.one_or_none(
        select(PatientAccess.user_id)
        .where(
            PatientAccess.hospital_id == hospital_id,
            PatientAccess.patient_id == patient_id,
            PatientAccess.kinship == Kinship.SELF,
        )
        .order_by(PatientAccess.user_id)
        .limit(1)
    )
    return Actor(
        user_id=user_id or 0,
        hospital_id=hospital_id,
        role=Role.PATIENT,
        session_id=0,
        kind=SessionKind.PATIENT,
        full_name=full_name,
        patient_ids=(patient_id,),
    )


async def find_only_reminded(tx: Tx, phone: str) -> int | None:
    """The appointment to come of which the holder of a phone was reminded, if there is exactly one."""
    found = await tx.all(
        _patients_with(phone, Appointment.id)
        .join(Appointment, Appointment.patient_id == Patient.id)
        .where(
            Appointment.service_on >= (tx.now - DAY).date(),
            Appointment.starts_at > tx.now,
            Appointment.reminded_at.is_not(None),
            _is_awaited(tx),
        )
        .limit(2)
    )
    return found[0] if len(found) == 1 else None


async def find_sender(tx: Tx, phone: str) -> tuple[int | None, str | None]:
    """The hospital that knows a phone, if only one does, and the language in which its holder is written to."""
    rows = await tx.rows(
        _patients_with(phone, Patient.hospital_id, Patient.language, HospitalConfig.language.label("house_language"))
        .join(HospitalConfig, HospitalConfig.hospital_id == Patient.hospital_id)
        .order_by(Patient.id)
    )
    hospitals = {row["hospital_id"] for row in rows}
    wishes = [row["language"] for row in rows] + [row["house_language"] for row in rows]
    return (hospitals.pop() if len(hospitals) == 1 else None), next((wish for wish in wishes if wish), None)


def _patients_with(phone: str, *columns: Any) -> Select[Any]:
    """By hospital first, as the index on phones has it."""
    return (
        select(*columns)
        .select_from(Hospital)
        .join(Patient, and_(Patient.hospital_id == Hospital.id, Patient.phone == phone))
        .where(Hospital.is_active, Patient.deleted_at.is_(None))
    )


async def find_inbound(tx: Tx, provider_id: str) -> InboundMessage | None:
    """The message that the carrier knows by this id."""
    found: InboundMessage | None = await tx.one_or_none(
        select(InboundMessage).where(InboundMessage.provider_id == provider_id)
    )
    return found


async def list_inbound(tx: Tx, actor: Actor, page: Page) -> tuple[Sequence[InboundMessage], int]:
    """What people sent to a hospital, the newest first, and how many there are."""
    mine = InboundMessage.hospital_id == actor.hospital_id
    rows = await tx.all(
        select(InboundMessage)
        .where(mine)
        .order_by(InboundMessage.received_at.desc(), InboundMessage.id.desc())
        .limit(page.limit)
        .offset(page.offset)
    )
    total: int = await tx.one_or_none(select(func.count()).select_from(InboundMessage).where(mine))
    return rows, total


async def find_invitation(tx: Tx, appointment_id: int) -> Mapping[str, Any] | None:
    """What a one-tap link is about: nothing in it says who the patient is, so its page may show it."""
    rows = await tx.rows(
        select(
            Appointment.status,
            Appointment.starts_at,
            Appointment.service_on,
            Hospital.name.label("hospital_name"),
            Hospital.is_active,
            Centre.name.label("centre_name"),
            Centre.address,
            Centre.city,
            Centre.time_zone,
            User.full_name.label("clinician_name"),
            Patient.language,
            HospitalConfig.language.label("house_language"),
        )
        .join(Hospital, Hospital.id == Appointment.hospital_id)
        .join(HospitalConfig, HospitalConfig.hospital_id == Appointment.hospital_id)
        .join(Centre, Centre.id == Appointment.centre_id)
        .join(Patient, Patient.id == Appointment.patient_id)
        .join(Clinician, Clinician.id == Appointment.clinician_id)
        .join(User, User.id == Clinician.user_id)
        .where(Appointment.id == appointment_id, Patient.deleted_at.is_(None))
    )
    return rows[0] if rows else None
