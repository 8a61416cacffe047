"""Every write to patient records, and every read of one, which leaves a trace."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select, true
from sqlalchemy.exc import IntegrityError

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission
from outpatient.core.changes import change
from outpatient.core.database import Tx
from outpatient.core.errors import Forbidden, Invalid, NotFound
from outpatient.core.paging import Page
from outpatient.models import Patient, PatientAccess, PatientNote, User
from outpatient.patients import queries
from outpatient.patients.errors import PatientExists, PatientHasHistory
from outpatient.patients.events import PatientDeleted, PatientNoteAdded, PatientRegistered, PatientUpdated
from outpatient.patients.rules import birth_problem, name_key


def birth_year_of(now: datetime, age: int | None) -> int | None:
    """The year a person of that age (in years) was born in, give or take one."""
    return None if age is None else now.year - age


async def register_patient(
    tx: Tx, *, by: Actor | None, hospital_id: int, full_name: str, phone: str | None, **details: Any
) -> Patient:
    """Make a record. The same phone and name in the same hospital is the same person (PatientExists)."""
    patient = Patient(
        hospital_id=hospital_id,
        full_name=full_name,
        name_key=name_key(full_name),
        phone=phone,
        created_at=tx.now,
        **details,
    )
    try:
        async with tx.session.begin_nested():  # the constraint decides, also between two desks at the same moment
            await tx.add(patient)
    except IntegrityError:
        known = await queries.find_same_person(tx, hospital_id, phone=phone, full_name=full_name)
        if known is None:
            raise
        raise PatientExists(known.id) from None
    await tx.record(PatientRegistered(hospital_id=hospital_id, subject_id=patient.id), by=by)
    return patient


async def find_or_register_patient(
    tx: Tx, *, by: Actor | None, hospital_id: int, full_name: str, phone: str
) -> Patient:
    """The record with this phone and name, made if there is none; who merely claimed that phone reaches it no more."""
    known = await queries.find_same_person(tx, hospital_id, phone=phone, full_name=full_name)
    if known is None:
        return await register_patient(tx, by=by, hospital_id=hospital_id, full_name=full_name, phone=phone)
    gone = await _close_to(tx, known, User.phone_proven_at.is_(None))
    if known.email is not None and known.email in await tx.all(select(User.email).where(User.id.in_(gone))):
        known.email = None  # else the mail about this person would go to a stranger
        await tx.record(PatientUpdated(hospital_id=hospital_id, subject_id=known.id, fields=("email",)), by=by)
    return known


async def create_patient(
    tx: Tx, *, actor: Actor, full_name: str, phone: str, age: int | None = None, **details: Any
) -> Patient:
    """Make a record at the desk (PatientExists); the medical history only by those who may read it (Forbidden)."""
    details = _permitted(actor, details)
    await _check_birth(tx, actor, details.get("date_of_birth"))
    return await register_patient(
        tx,
        by=actor,
        hospital_id=actor.hospital_id,
        full_name=full_name,
        phone=phone,
        birth_year=birth_year_of(tx.now, age),
        **details,
    )


async def update_patient(tx: Tx, *, actor: Actor, patient_id: int, **changes: Any) -> Patient:
    """Change what differs. Another record's phone and name are refused (PatientExists)."""
    patient = await queries.get_patient(tx, actor, patient_id, lock=True)
    changes = _permitted(actor, changes)
    await _check_birth(tx, actor, changes.get("date_of_birth"))
    if "age" in changes:
        changes["birth_year"] = birth_year_of(tx.now, changes.pop("age"))
    old_phone = patient.phone
    changed = await _rewrite(tx, actor, patient, changes)
    if "phone" in changed and old_phone is not None:
        await _close_to(tx, patient, User.phone == old_phone)  # the new number's holder gets it by code
    if not changed:  # the answer shows the record, so this was a look at it
        _leave_trace(tx, actor, patient, "patient.read")
    return patient


async def _rewrite(tx: Tx, actor: Actor, patient: Patient, changes: dict[str, Any]) -> tuple[str, ...]:
    """Set what differs on a locked record, unless another one is like that (PatientExists); what changed."""
    if "full_name" in changes:
        changes["name_key"] = name_key(changes["full_name"])
    same = await queries.find_same_person(
        tx,
        actor.hospital_id,
        phone=changes.get("phone", patient.phone),
        full_name=changes.get("full_name", patient.full_name),
    )
    if same is not None and same.id != patient.id:
        raise PatientExists(same.id)
    changed = change(patient, changes)
    if changed:
        fields = tuple(field for field in changed if field != "name_key")
        await tx.record(PatientUpdated(hospital_id=patient.hospital_id, subject_id=patient.id, fields=fields), by=actor)
    return changed


async def delete_patient(tx: Tx, *, actor: Actor, patient_id: int) -> None:
    """Delete a record that nothing has happened to (PatientHasHistory); its row stays, and lets its phone go.

    Who books for the patient at the same moment either comes first, or finds nobody.
    """
    patient = await queries.get_patient(tx, actor, patient_id, lock_all=True)
    if await queries.has_history(tx, patient):
        raise PatientHasHistory
    await _close_to(tx, patient, true())
    patient.phone, patient.deleted_at = None, tx.now  # so that the same person can be registered again
    await tx.record(PatientDeleted(hospital_id=patient.hospital_id, subject_id=patient.id), by=actor)


async def _close_to(tx: Tx, patient: Patient, users: ColumnElement[bool]) -> Sequence[int]:
    """Take a record away from those users who reach it, and answer who; who proves its phone by code gets it."""
    gone = await tx.all(
        delete(PatientAccess)
        .where(
            PatientAccess.hospital_id == patient.hospital_id,
            PatientAccess.patient_id == patient.id,
            PatientAccess.user_id.in_(select(User.id).where(users)),
        )
        .returning(PatientAccess.user_id)
    )
    for user_id in gone:
        tx.forget_person(user_id)
    return gone


def _permitted(actor: Actor, details: dict[str, Any]) -> dict[str, Any]:
    """What this role may write; who may not read the medical history sees null, and null from him is no wish."""
    if "medical_history" not in details or actor.may(Permission.MEDICAL_READ):
        return details
    if details["medical_history"] is not None:
        why = "Your role may not write the medical history"
        raise Forbidden(why, {"medicalHistory": why})
    return {field: value for field, value in details.items() if field != "medical_history"}


async def _check_birth(tx: Tx, actor: Actor, born_on: date | None) -> None:
    if born_on is not None and (why := birth_problem(born_on, await queries.get_today(tx, actor.hospital_id))):
        raise Invalid.field("dateOfBirth", why)


async def follow_account(tx: Tx, *, actor: Actor, **changes: Any) -> None:
    """Write into a patient's own record what he changed of himself (PatientExists: another record is like that)."""
    patient = await queries.get_patient(tx, actor, actor.patient_ids[0], lock=True)
    await _rewrite(tx, actor, patient, changes)


async def update_own_patient(tx: Tx, *, actor: Actor, patient_id: int, **changes: Any) -> Patient:
    """A patient changes a record that he may act for (NotFound, PatientExists); its phone only the clinic changes."""
    patient = await queries.get_patient(tx, actor, patient_id, lock=True)
    await _check_birth(tx, actor, changes.get("date_of_birth"))
    if not await _rewrite(tx, actor, patient, changes):
        _leave_trace(tx, actor, patient, "patient.read")
    return patient


async def read_patient(tx: Tx, *, actor: Actor, patient_id: int) -> Patient:
    """Look at a record (NotFound), which the audit remembers."""
    patient = await queries.get_patient(tx, actor, patient_id)
    _leave_trace(tx, actor, patient, "patient.read")
    return patient


async def read_listed_patient(tx: Tx, *, actor: Actor, patient_id: int) -> Patient:
    """Look at a record that stands on one's own list (NotFound), which the audit remembers."""
    patient = await queries.get_listed_patient(tx, actor, patient_id)
    _leave_trace(tx, actor, patient, "patient.read")
    return patient


async def read_patient_notes(
    tx: Tx, *, actor: Actor, patient_id: int, page: Page
) -> tuple[Sequence[Mapping[str, Any]], int]:
    """Look at the notes on a patient (NotFound), which the audit remembers."""
    patient = await queries.get_patient(tx, actor, patient_id)
    _leave_trace(tx, actor, patient, "patient.notes_read")
    return await queries.list_notes(tx, patient, page)


def note_looks(tx: Tx, *, actor: Actor, patient_ids: Iterable[int], action: str) -> None:
    """The audit remembers, once for each of them, that somebody was shown something of these patients."""
    for patient_id in sorted(set(patient_ids)):
        tx.look(action, "patient", patient_id, hospital_id=actor.hospital_id, by=actor)


def _leave_trace(tx: Tx, actor: Actor, patient: Patient, action: str) -> None:
    tx.audit(action, "patient", patient.id, hospital_id=patient.hospital_id, by=actor)


async def add_patient_note(
    tx: Tx, *, actor: Actor, patient_id: int, note: str, appointment_id: int | None
) -> Mapping[str, Any]:
    """Add a note, which nobody can change later; an appointment that it is about must be this patient's (NotFound)."""
    patient = await queries.get_patient(tx, actor, patient_id)
    if appointment_id is not None and not await queries.is_appointment_of(tx, patient, appointment_id):
        raise NotFound.of("Appointment")
    added = await tx.add(
        PatientNote(
            hospital_id=patient.hospital_id,
            patient_id=patient.id,
            appointment_id=appointment_id,
            author_id=actor.user_id,
            note=note,
            created_at=tx.now,
        )
    )
    await tx.record(
        PatientNoteAdded(hospital_id=patient.hospital_id, subject_id=patient.id, note_id=added.id), by=actor
    )
    return await queries.get_note(tx, actor, added.id)
