"""Which rows are about one person: by his record, by what hangs on it, by his addresses where they are his alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select

from outpatient.core.database import Tx
from outpatient.core.errors import NotFound
from outpatient.core.terms import Kinship
from outpatient.models import (
    Appointment,
    AuditEntry,
    Consent,
    Delivery,
    Feedback,
    InboundMessage,
    Invoice,
    LedgerEntry,
    Notification,
    Occupancy,
    OptOut,
    OtpChallenge,
    Patient,
    PatientAccess,
    PatientNote,
    Payment,
    PaymentLink,
    PaymentOrder,
    Receipt,
    Refund,
    StoredEvent,
    User,
    VideoLink,
    Visit,
    VisitRecord,
)

OWNERS: Mapping[str, tuple[Any, Any]] = {
    "patient": (Patient, Patient.id),
    "appointment": (Appointment, Appointment.patient_id),
    "visit": (Visit, Visit.patient_id),
    "payment": (Payment, Payment.patient_id),
    "consent": (Consent, Consent.patient_id),
    "feedback": (Feedback, Feedback.patient_id),
    "notification": (Notification, Notification.patient_id),
    "payment_link": (PaymentLink, None),
    "payment_order": (PaymentOrder, None),
    "receipt": (Receipt, None),
    "refund": (Refund, None),
    "invoice": (Invoice, None),
}
"""Subject of events and audit entries → its table, and where that says whose it is (None: its payment does)."""


def owned(hospital_id: int, subject: str) -> tuple[Select[int, int | None], Any, Any]:
    """The ids of a kind of subject with the patient they belong to, in one hospital; and both columns, to ask by."""
    table, patient_id = OWNERS[subject]
    query = select(table.id, patient_id if patient_id is not None else Payment.patient_id)
    if patient_id is None:
        query = query.join(Payment, and_(Payment.hospital_id == table.hospital_id, Payment.id == table.payment_id))
    return query.where(table.hospital_id == hospital_id), table.id, patient_id or Payment.patient_id


async def find_subjects(tx: Tx, hospital_id: int, patient_id: int) -> dict[str, list[int]]:
    """Everything of a patient that events and audit entries speak of: subject → ids."""
    found = {}
    for subject in OWNERS:
        query, _, whose = owned(hospital_id, subject)
        ids = [row[0] for row in await tx.execute(query.where(whose == patient_id))]
        if ids:
            found[subject] = ids
    return found


async def find_patients_of(tx: Tx, hospital_id: int, subject: str, ids: Sequence[int]) -> dict[int, int | None]:
    """Whose these subjects are: id → patient."""
    query, own_id, _ = owned(hospital_id, subject)
    return {row[0]: row[1] for row in await tx.execute(query.where(own_id.in_(ids)))}


def about(table: type[AuditEntry] | type[StoredEvent], subjects: Mapping[str, Sequence[int]]) -> ColumnElement[bool]:
    """The entries, or events, that speak of one of these subjects."""
    return or_(
        false(), *(and_(table.subject == subject, table.subject_id.in_(ids)) for subject, ids in subjects.items())
    )


@dataclass(frozen=True, slots=True)
class Person:
    """One record, and what else leads to rows about it.

    `addresses` are his phone and e-mail as far as no other record of the hospital has them; `own_users` are those who
    are him, `users` all who act for him.
    """

    patient: Patient
    subjects: Mapping[str, Sequence[int]]
    addresses: tuple[str, ...]
    own_users: tuple[int, ...]
    users: tuple[int, ...]

    @property
    def hospital_id(self) -> int:
        return self.patient.hospital_id


async def get_person(tx: Tx, hospital_id: int, patient_id: int, *, lock: bool = False) -> Person:
    """A record of this hospital, removed or not (NotFound); locked for a change, also against new bookings."""
    query = select(Patient).where(Patient.hospital_id == hospital_id, Patient.id == patient_id)
    patient: Patient | None = await tx.one_or_none(query.with_for_update() if lock else query)
    if patient is None:
        raise NotFound.of("Patient")
    access = await tx.all(
        select(PatientAccess).where(PatientAccess.hospital_id == hospital_id, PatientAccess.patient_id == patient_id)
    )
    addresses = [
        address
        for address, column in ((patient.phone, Patient.phone), (patient.email, Patient.email))
        if address and not await _is_anothers(tx, patient, column == address)
    ]
    subjects = await find_subjects(tx, hospital_id, patient_id)
    own = tuple(one.user_id for one in access if one.kinship is Kinship.SELF)
    return Person(patient, subjects, tuple(addresses), own, tuple(one.user_id for one in access))


async def _is_anothers(tx: Tx, patient: Patient, same: ColumnElement[bool]) -> bool:
    others = select(func.count()).select_from(Patient)
    others = others.where(Patient.hospital_id == patient.hospital_id, Patient.id != patient.id, same)
    return bool(await tx.one_or_none(others))


def rows_of(person: Person) -> dict[str, tuple[Any, ColumnElement[bool]]]:
    """Table name → the table, and which of its rows are about this person."""
    hospital_id, patient_id = person.hospital_id, person.patient.id
    his: dict[str, tuple[Any, ColumnElement[bool]]] = {
        "patients": (Patient, and_(Patient.hospital_id == hospital_id, Patient.id == patient_id))
    }
    for table in (PatientAccess, PatientNote, Consent, Appointment, Visit, VisitRecord, Payment, Feedback):
        his[table.__tablename__] = (table, and_(table.hospital_id == hospital_id, table.patient_id == patient_id))
    payments = person.subjects.get("payment", ())
    for kind in (PaymentOrder, PaymentLink, Receipt, Refund, LedgerEntry, Invoice):
        his[kind.__tablename__] = (kind, and_(kind.hospital_id == hospital_id, kind.payment_id.in_(payments)))
    appointments = person.subjects.get("appointment", ())
    for held in (Occupancy, VideoLink):
        his[held.__tablename__] = (held, and_(held.hospital_id == hospital_id, held.appointment_id.in_(appointments)))
    his["notifications"] = (Notification, _notifications(person))
    his["inbound_messages"] = (InboundMessage, _inbound(person, appointments))
    his["opt_outs"] = (OptOut, and_(OptOut.address.in_(person.addresses), _nobody_elses(OptOut.address, patient_id)))
    his["otp_challenges"] = (
        OtpChallenge,
        and_(OtpChallenge.hospital_id == hospital_id, OtpChallenge.phone.in_(person.addresses)),
    )
    events = and_(StoredEvent.hospital_id == hospital_id, about(StoredEvent, person.subjects))
    his["events"] = (StoredEvent, events)
    his["deliveries"] = (Delivery, Delivery.event_id.in_(select(StoredEvent.id).where(events)))
    his["audit_entries"] = (AuditEntry, and_(AuditEntry.hospital_id == hospital_id, about(AuditEntry, person.subjects)))
    his["users"] = (User, User.id.in_(person.own_users))
    return his


def _notifications(person: Person) -> ColumnElement[bool]:
    """What was written to him, and codes and the like to an address that is his alone."""
    to_address = and_(Notification.patient_id.is_(None), Notification.recipient.in_(person.addresses))
    return and_(
        Notification.hospital_id == person.hospital_id,
        or_(Notification.patient_id == person.patient.id, to_address),
    )


def _inbound(person: Person, appointments: Sequence[int]) -> ColumnElement[bool]:
    """What he wrote about his appointments, and whatever else came from a phone that is his alone."""
    from_phone = and_(InboundMessage.appointment_id.is_(None), InboundMessage.sender.in_(person.addresses))
    ours = or_(InboundMessage.hospital_id == person.hospital_id, InboundMessage.hospital_id.is_(None))
    return and_(ours, or_(InboundMessage.appointment_id.in_(appointments), from_phone))


def _nobody_elses(address: Any, patient_id: int) -> ColumnElement[bool]:
    """An address that no other record has, in whatever hospital: a wish to hear nothing may be anothers', too."""
    others = select(Patient.id).where(Patient.id != patient_id, or_(Patient.phone == address, Patient.email == address))
    return ~others.exists()
