"""What the tests of privacy share: a person of whom everything is known, and what the audit says."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from outpatient.core.terms import (
    Account,
    Channel,
    EntryKind,
    Kinship,
    NotificationStatus,
    PaymentMethod,
    PaymentStatus,
    Purpose,
    RefundStatus,
    SessionKind,
    VideoProvider,
)
from outpatient.models import (
    AuditEntry,
    Consent,
    InboundMessage,
    Invoice,
    LedgerEntry,
    Notification,
    OptOut,
    OtpChallenge,
    Patient,
    PatientAccess,
    Payment,
    PaymentLink,
    PaymentOrder,
    Receipt,
    Refund,
    StoredEvent,
    User,
    VideoLink,
    Visit,
)
from tests.appointments.wishes import booked
from tests.makers import Persona, new_phone


@pytest.fixture
def audited(outpatient):
    """The newest entries of a hospital, the oldest of them first: (action, subject, subject id, who)."""

    async def read(hospital_id: int, after: int = 0) -> list[tuple[str, str, int, int | None]]:
        async with outpatient.database.reading() as tx:
            entries = await tx.all(
                select(AuditEntry)
                .where(AuditEntry.hospital_id == hospital_id, AuditEntry.id > after)
                .order_by(AuditEntry.id)
            )
        return [(entry.action, entry.subject, entry.subject_id, entry.actor_id) for entry in entries]

    return read


@pytest.fixture
def newest(outpatient):
    """The id of the newest entry of all."""

    async def read() -> int:
        async with outpatient.database.reading() as tx:
            return await tx.one_or_none(select(func.max(AuditEntry.id))) or 0

    return read


@dataclass
class Known:
    """A person of whom everything is known."""

    persona: Persona
    patient_id: int
    name: str
    appointment_id: int
    visit_id: int
    payment_id: int


@pytest.fixture
async def known(make, outpatient, hospital, as_front_desk, as_clinician) -> Known:
    """A patient who booked, cancelled, came, was seen, paid, got some back, wrote and was written to; all is over."""
    persona = await make.patient(
        hospital,
        "Canary Rao",
        email=f"canary{new_phone()[1:]}@example.com",
        birth_year=1990,
        blood_group="O+",
        address="Canary House, 12 MG Road",
        emergency_contact_name="Canary Friend",
        emergency_contact_phone="+919800000001",
        medical_history="Canary allergy",
        language="en",
    )
    cancelled = (await booked(persona, as_clinician, "10:00:00", notes="Canary wish"))["id"]
    await as_front_desk.delete(f"/appointments/{cancelled}", {"reason": "Canary reason"})
    walk_in = {"patientId": persona.patient_id, "clinicianId": as_clinician.clinician_id, "notes": "Canary walks in"}
    visit_id = (await as_front_desk.post("/visits", walk_in)).json()["data"]["id"]
    for step, body in (("hold", {"reason": "Canary waits"}), ("recall", {"reason": "Canary is back"})):
        assert (await as_front_desk.post(f"/visits/{visit_id}/{step}", body)).status_code == 200
    for step in ("start", "complete"):
        assert (await as_clinician.post(f"/visits/{visit_id}/{step}")).status_code == 200
    note = {"note": "Canary is well"}
    assert (await as_clinician.post(f"/patients/{persona.patient_id}/notes", note)).status_code == 201
    praise = {"visitId": visit_id, "rating": 5, "comment": "Canary was well looked after"}
    assert (await persona.post("/feedback", praise)).status_code == 201
    async with outpatient.database.transaction() as tx:
        await tx.add(
            VideoLink(
                hospital_id=hospital.id,
                appointment_id=cancelled,
                provider=VideoProvider.OTHER,
                url="https://meet.example/canary",
                created_at=tx.now,
                updated_at=tx.now,
            )
        )
        payment_id = await _money_and_messages(tx, hospital, persona, cancelled, visit_id)
    await outpatient.worker.run_once()
    return Known(persona, persona.patient_id, "Canary Rao", cancelled, visit_id, payment_id)


async def _money_and_messages(tx: Any, hospital: Any, persona: Persona, appointment_id: int, visit_id: int) -> int:
    own = {"hospital_id": hospital.id}
    paid = {"paid_minor": 150_000, "refunded_minor": 50_000, "status": PaymentStatus.PARTIALLY_REFUNDED}
    await tx.execute(update(Payment).where(Payment.visit_id == visit_id).values(**paid, paid_at=tx.now))
    payment = await tx.one_or_none(select(Payment).where(Payment.visit_id == visit_id))
    money = {**own, "payment_id": payment.id, "amount_minor": 150_000}
    rupees, provider = {"currency": "INR"}, {"provider": "local"}
    tag = f"{hospital.id}-{payment.id}"
    receipt = await tx.add(
        Receipt(
            **{**money, "returned_minor": 50_000},
            **rupees,
            **provider,
            reference=f"r-{tag}",
            method=PaymentMethod.CASH,
            received_at=tx.now,
        )
    )
    await tx.add(PaymentOrder(**money, **rupees, **provider, provider_order_id=f"o-{tag}", created_at=tx.now))
    await tx.add(
        PaymentLink(
            **money,
            **rupees,
            **provider,
            provider_link_id=f"l-{tag}",
            url="https://pay.example/l",
            expires_at=tx.now,
            created_at=tx.now,
        )
    )
    await tx.add(
        Refund(
            **{**money, "amount_minor": 50_000},
            **rupees,
            receipt_id=receipt.id,
            reason="Canary could not stay",
            status=RefundStatus.PROCESSED,
            requested_at=tx.now,
        )
    )
    await tx.add(
        LedgerEntry(
            **money,
            centre_id=hospital.centre_id,
            kind=EntryKind.RECEIPT,
            account=Account.DESK,
            reference=f"r-{tag}",
            entered_on=tx.now.date(),
            at=tx.now,
        )
    )
    content = {
        "patient": {"id": persona.patient_id, "name": "Canary Rao", "address": {"line": "Canary House"}},
        "patientPhone": persona.phone,
        "lines": [{"what": "Consultation for Canary Rao", "amount": 1500}],
    }
    await tx.add(
        Invoice(
            **own, payment_id=payment.id, visit_id=visit_id, number=1, label="INV-1", content=content, issued_at=tx.now
        )
    )
    record = await tx.session.get_one(Patient, persona.patient_id)
    event = (
        await tx.all(select(StoredEvent.id).where(StoredEvent.subject == "visit", StoredEvent.subject_id == visit_id))
    )[0]
    for number, (to, whose) in enumerate(((persona.phone, persona.patient_id), (record.email, None))):
        await tx.add(
            Notification(
                **own,
                event_id=event,
                key=f"{event}:{number}:{to}",
                notification_type="REMINDER",
                channel=Channel.WHATSAPP,
                recipient=to,
                patient_id=whose,
                status=NotificationStatus.PENDING,
                body="Dear Canary Rao",
                last_error=f"{to} did not answer",
                created_at=tx.now,
            )
        )
    for number, appointment in enumerate((appointment_id, None)):
        await tx.add(
            InboundMessage(
                **own,
                provider_id=f"in-{tag}-{number}",
                channel=Channel.WHATSAPP,
                sender=persona.phone,
                recipient="+910000000000",
                body="Canary says yes",
                outcome="understood",
                answer="Thank you, Canary Rao",
                appointment_id=appointment,
                received_at=tx.now,
            )
        )
    await tx.add(OptOut(channel=Channel.SMS, address=persona.phone, source="STOP", stopped_at=tx.now))
    await tx.add(
        OtpChallenge(
            nonce=f"n-{tag}",
            kind=SessionKind.PATIENT,
            phone=persona.phone,
            hospital_id=hospital.id,
            full_name="Canary Rao",
            created_at=tx.now,
            expires_at=tx.now + timedelta(minutes=5),
        )
    )
    await tx.add(
        Consent(**own, patient_id=persona.patient_id, purpose=Purpose.CARE, is_given=True, source="DESK", at=tx.now)
    )
    return payment.id


@pytest.fixture
async def guardian(make, outpatient, hospital, known) -> Persona:
    """Somebody with a record of his own, who acts for the known patient, too."""
    persona = await make.patient(hospital, "Guardian Rao")
    async with outpatient.database.transaction() as tx:
        tx.session.add(
            PatientAccess(
                hospital_id=hospital.id,
                user_id=persona.user_id,
                patient_id=known.patient_id,
                kinship=Kinship.GUARDIAN,
            )
        )
    outpatient.callers.forget(persona.user_id)
    return persona


@pytest.fixture
def user_of(outpatient):
    """The row of a user."""

    async def read(user_id: int) -> User:
        async with outpatient.database.reading() as tx:
            return await tx.session.get_one(User, user_id)

    return read


@pytest.fixture
def visits_of(outpatient):
    """The rows of a patient's visits."""

    async def read(patient_id: int) -> list[Visit]:
        async with outpatient.database.reading() as tx:
            return list(await tx.all(select(Visit).where(Visit.patient_id == patient_id).order_by(Visit.id)))

    return read
