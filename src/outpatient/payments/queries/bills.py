"""What a payment page shows."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from outpatient.core.database import Tx
from outpatient.models import Appointment, Centre, Clinician, Hospital, HospitalConfig, Patient, Payment, User, Visit


async def find_bill(tx: Tx, payment_id: int) -> Mapping[str, Any] | None:
    """What a payment asks for, and for what: nothing in it says who the patient is, so a link may show it."""
    rows = await tx.rows(
        select(
            Payment.amount_minor,
            Payment.id.label("payment_id"),
            Payment.discount_minor,
            Payment.paid_minor,
            Payment.currency,
            Payment.status,
            Hospital.name.label("hospital_name"),
            Centre.name.label("centre_name"),
            Centre.address,
            Centre.city,
            Centre.time_zone,
            User.full_name.label("clinician_name"),
            Visit.service_on,
            Appointment.starts_at,
            Appointment.status.label("appointment_status"),
            Appointment.expires_at,
            Patient.language,
            HospitalConfig.language.label("house_language"),
        )
        .join(Hospital, Hospital.id == Payment.hospital_id)
        .join(HospitalConfig, HospitalConfig.hospital_id == Payment.hospital_id)
        .join(Visit, Visit.id == Payment.visit_id)
        .join(Patient, Patient.id == Visit.patient_id)
        .join(Centre, Centre.id == Visit.centre_id)
        .outerjoin(Clinician, Clinician.id == Visit.clinician_id)
        .outerjoin(User, User.id == Clinician.user_id)
        .outerjoin(Appointment, Appointment.id == Visit.appointment_id)
        .where(Payment.id == payment_id)
    )
    return rows[0] if rows else None
