"""Every SELECT on patient records, and who may see which: what one may not see is not there."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission
from outpatient.core.database import Tx
from outpatient.core.errors import Invalid, NotFound
from outpatient.core.paging import Page
from outpatient.core.phones import to_e164
from outpatient.models import Appointment, HospitalConfig, Patient, PatientNote, User, Visit
from outpatient.patients.rules import LEAST_DIGITS, age_on, name_key, phone_part, search_words


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The records that somebody may see: his hospital's; a patient those that he may act for.

    Records belong to the hospital and not to a centre: who comes to two centres is one patient.
    """
    mine = and_(Patient.hospital_id == actor.hospital_id, Patient.deleted_at.is_(None))
    return and_(mine, Patient.id.in_(actor.patient_ids)) if actor.is_patient else mine


def listed_for(actor: Actor) -> ColumnElement[bool]:
    """The records on somebody's list: a clinician's are those of the patients who come or came to him."""
    if not actor.is_clinician:
        return visible_to(actor)
    booked = select(Appointment.patient_id).where(
        Appointment.hospital_id == actor.hospital_id, Appointment.clinician_id == actor.clinician_id
    )
    came = select(Visit.patient_id).where(
        Visit.hospital_id == actor.hospital_id, Visit.clinician_id == actor.clinician_id
    )
    return and_(visible_to(actor), or_(Patient.id.in_(booked), Patient.id.in_(came)))


async def get_patient(tx: Tx, actor: Actor, patient_id: int, *, lock: bool = False, lock_all: bool = False) -> Patient:
    """The record, as far as the actor may see it (NotFound); locked for a change, or against every mention of it."""
    query = select(Patient).where(Patient.id == patient_id, visible_to(actor))
    if lock or lock_all:
        query = query.with_for_update(key_share=not lock_all).execution_options(populate_existing=True)
    return _known(await tx.one_or_none(query))


async def get_listed_patient(tx: Tx, actor: Actor, patient_id: int) -> Patient:
    """The record, if it is on the actor's list (NotFound)."""
    return _known(await tx.one_or_none(select(Patient).where(Patient.id == patient_id, listed_for(actor))))


def _known(found: Patient | None) -> Patient:
    if found is None:
        raise NotFound.of("Patient")
    return found


async def has_history(tx: Tx, patient: Patient) -> bool:
    """Whether anything speaks of this patient that must be kept: appointments, visits (and their money), notes."""
    mentions = (
        select(table.id).where(table.hospital_id == patient.hospital_id, table.patient_id == patient.id).exists()
        for table in (Appointment, Visit, PatientNote)
    )
    return bool(await tx.one_or_none(select(or_(*mentions))))


async def find_same_person(tx: Tx, hospital_id: int, *, phone: str | None, full_name: str) -> Patient | None:
    """The record with this phone and name; without a phone a name alone is nobody."""
    if phone is None:
        return None
    found: Patient | None = await tx.one_or_none(
        select(Patient).where(
            Patient.hospital_id == hospital_id, Patient.phone == phone, Patient.name_key == name_key(full_name)
        )
    )
    return found


async def list_patients(
    tx: Tx,
    actor: Actor,
    page: Page,
    *,
    search: str | None = None,
    phone: str | None = None,
    either: str | None = None,
) -> tuple[list[dict[str, Any]], int]:
    """A page of records, the newest first, and how many there are in all.

    `search` are parts of a name in any order; `phone` is a number in any writing, or at least three digits of one;
    `either` is the one or the other.
    """
    terms = [listed_for(actor), _has_name(search or "")]
    if phone and phone.strip():
        terms.append(_has_phone(phone))
    if either:
        is_number = phone_part(either) is not None
        terms.append(or_(_has_name(either), _has_phone(either)) if is_number else _has_name(either))
    query = select(Patient).where(*terms).order_by(Patient.id.desc()).limit(page.limit).offset(page.offset)
    total = await tx.one_or_none(select(func.count()).select_from(Patient).where(*terms))
    today = await get_today(tx, actor.hospital_id)
    return [describe(actor, patient, today) for patient in await tx.all(query)], total or 0


def _has_name(text: str) -> ColumnElement[bool]:
    return and_(true(), *(Patient.name_key.contains(word, autoescape=True) for word in search_words(text)))


def _has_phone(text: str) -> ColumnElement[bool]:
    part = phone_part(text)
    if part is None:
        raise Invalid.field("phone", f"Give at least {LEAST_DIGITS} digits")
    is_part = Patient.phone.contains(part, autoescape=True)
    try:
        return or_(Patient.phone == to_e164(text), is_part)
    except ValueError:
        return is_part


def describe(actor: Actor, patient: Patient, today: date) -> dict[str, Any]:
    """A record as this actor may see it: the medical history is for those who may read it."""
    return {
        **{column.key: getattr(patient, column.key) for column in Patient.__mapper__.column_attrs},
        "age": age_on(today, patient.date_of_birth, patient.birth_year),
        "medical_history": patient.medical_history if actor.may(Permission.MEDICAL_READ) else None,
    }


async def get_today(tx: Tx, hospital_id: int) -> date:
    """The date that the hospital's calendar shows now."""
    zone = await tx.one_or_none(select(HospitalConfig.time_zone).where(HospitalConfig.hospital_id == hospital_id))
    return tx.now.astimezone(ZoneInfo(zone or "UTC")).date()


async def is_appointment_of(tx: Tx, patient: Patient, appointment_id: int) -> bool:
    """Whether this appointment is this patient's."""
    found = await tx.one_or_none(
        select(Appointment.id).where(
            Appointment.hospital_id == patient.hospital_id,
            Appointment.id == appointment_id,
            Appointment.patient_id == patient.id,
        )
    )
    return found is not None


def _notes(*terms: ColumnElement[bool]) -> Select[Any]:
    """Notes with their authors' names."""
    named = select(*PatientNote.__table__.columns, User.full_name.label("author_name"))
    return named.join(User, User.id == PatientNote.author_id).where(*terms)


async def get_note(tx: Tx, actor: Actor, note_id: int) -> Mapping[str, Any]:
    """One note (NotFound)."""
    rows = await tx.rows(_notes(PatientNote.hospital_id == actor.hospital_id, PatientNote.id == note_id))
    if not rows:
        raise NotFound.of("Note")
    return rows[0]


async def list_notes(tx: Tx, patient: Patient, page: Page) -> tuple[Sequence[Mapping[str, Any]], int]:
    """A page of the notes on a patient, the newest first, and how many there are in all."""
    his = and_(PatientNote.hospital_id == patient.hospital_id, PatientNote.patient_id == patient.id)
    total = await tx.one_or_none(select(func.count()).select_from(PatientNote).where(his))
    newest = _notes(his).order_by(PatientNote.id.desc()).limit(page.limit).offset(page.offset)
    return await tx.rows(newest), total or 0
