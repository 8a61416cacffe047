"""Forgetting a patient: what was said about him goes, what was counted and paid stays, and nothing leads back."""

from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, delete, literal, select, update

from outpatient.access.actor import Actor
from outpatient.adapters.photos import Photos
from outpatient.auth.actions import end_every_session
from outpatient.core.database import Tx
from outpatient.core.errors import Invalid
from outpatient.core.terms import NotificationStatus
from outpatient.models import Invoice, Notification, OtpChallenge, Patient, StoredEvent
from outpatient.patients.rules import name_key
from outpatient.privacy.errors import StillNeeded
from outpatient.privacy.events import PatientErased
from outpatient.privacy.queries import Person, find_open, get_person, list_closing_users, rows_of
from outpatient.privacy.rules import GONE, erased_name, is_confirmed, redact, secrets_of, without

NOTHING_LEFT = dict.fromkeys(
    (
        *("phone", "email", "date_of_birth", "birth_year", "gender", "blood_group", "address", "language"),
        *("emergency_contact_name", "emergency_contact_phone", "medical_history"),
    )
)
"""What a record says of a person, emptied. A test demands every column of it to be here or to be known as harmless."""

EMPTIED: dict[str, dict[str, Any]] = {
    "receipts": {"slip": None},
    "patient_notes": {"note": GONE},
    "appointments": {"notes": None, "cancel_reason": None, "meet_link": None},
    "visits": {"notes": None, "hold_reason": None},
    "refunds": {"reason": GONE, "last_error": None},
    "inbound_messages": {"sender": GONE, "body": GONE, "answer": None},
    "deliveries": {"last_error": None},
    "feedback": {"comment": None},
}
"""Table → what its rows about him say afterwards."""

DELETED = ("patient_access", "opt_outs", "otp_challenges", "video_links")


async def erase_patient(tx: Tx, photos: Photos, *, actor: Actor, patient_id: int, reason: str, confirm: str) -> Patient:
    """Forget a patient (NotFound, StillNeeded); `confirm` is his full name (Invalid). A repeat answers the same,
    and takes away what may have been written since.
    """
    person = await get_person(tx, actor.hospital_id, patient_id, lock=True)
    patient = person.patient
    is_first = patient.full_name != erased_name(patient.id)
    if is_first and not is_confirmed(patient.full_name, confirm):
        raise Invalid.field("confirm", "This is not the full name of the record")
    if open_ := await find_open(tx, person):
        raise StillNeeded(open_)
    secrets = secrets_of(
        *(patient.full_name, patient.phone, patient.email, patient.address),
        *(patient.emergency_contact_name, patient.emergency_contact_phone, patient.medical_history),
    )
    await _close_accounts(tx, photos, person, by=actor)
    await _empty_rows(tx, person)
    await _redact_json(tx, StoredEvent, StoredEvent.payload, rows_of(person)["events"][1], secrets)
    await _redact_json(tx, Invoice, Invoice.content, rows_of(person)["invoices"][1], secrets)
    if is_first:
        _empty_record(patient, tx)
        why = without(reason, secrets)
        await tx.record(PatientErased(hospital_id=actor.hospital_id, subject_id=patient.id, reason=why), by=actor)
    return patient


def _empty_record(patient: Patient, tx: Tx) -> None:
    for field, nothing in NOTHING_LEFT.items():
        setattr(patient, field, nothing)
    patient.full_name = erased_name(patient.id)
    patient.name_key = name_key(patient.full_name)
    patient.deleted_at = tx.now


async def _close_accounts(tx: Tx, photos: Photos, person: Person, *, by: Actor) -> None:
    """End the accounts of users who are nobody without this record; the others only lose it."""
    for user in await list_closing_users(tx, person):
        await end_every_session(tx, user=user, reason="account erased", by=by)
        if user.photo_name is not None:
            tx.after_commit(partial(photos.remove, user.photo_name))
        if user.phone is not None:
            await tx.execute(delete(OtpChallenge).where(OtpChallenge.phone == user.phone))
        addresses = [address for address in (user.phone, user.email) if address]
        written = (Notification.user_id == user.id) | Notification.recipient.in_(addresses)
        await _forget_messages(tx, written & Notification.patient_id.is_(None))
        user.full_name = f"Erased user #{user.id}"
        user.phone = user.email = user.username = user.password_hash = user.gender = user.birth_year = None
        user.phone_proven_at = user.photo_name = None
        user.is_active = False
    for user_id in person.users:
        tx.forget_person(user_id)


async def _empty_rows(tx: Tx, person: Person) -> None:
    his = rows_of(person)
    for name, values in EMPTIED.items():
        table, which = his[name]
        await _run(tx, update(table).where(which).values(**values))
    await _forget_messages(tx, his["notifications"][1])
    for name in DELETED:
        table, which = his[name]
        await _run(tx, delete(table).where(which))


async def _forget_messages(tx: Tx, which: ColumnElement[bool]) -> None:
    """Empty messages that were sent to somebody; what still waits to be sent never is."""
    forgotten = {
        "recipient": GONE,
        "body": None,
        "last_error": None,
        "provider_id": None,
        "key": literal(f"{GONE}:") + cast(Notification.id, String),  # it held the address
        "status": case(
            (Notification.status == NotificationStatus.PENDING, NotificationStatus.SUPPRESSED),
            else_=Notification.status,
        ),
    }
    await _run(tx, update(Notification).where(which).values(**forgotten))


async def _redact_json(tx: Tx, table: Any, column: Any, which: ColumnElement[bool], secrets: frozenset[str]) -> None:
    """Take out of JSON what people wrote and what names him; rows that hold nothing of it are left alone."""
    for row_id, value in (await tx.execute(select(table.id, column).where(which).order_by(table.id))).all():
        clean = redact(value, secrets)
        if clean != value:
            await _run(tx, update(table).where(table.id == row_id).values({column: clean}))


async def _run(tx: Tx, change: Any) -> None:
    await tx.execute(change.execution_options(synchronize_session=False))
