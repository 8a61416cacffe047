"""What messages are made of, as it is at the time of sending."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select

from outpatient.core.database import Tx
from outpatient.models import Appointment, Centre, Clinician, Patient, User
from outpatient.notifications.texts import Facts


@dataclass(frozen=True, slots=True)
class Told:
    """An appointment, what is said of it, and where its patient hears it: by phone, else by e-mail."""

    appointment: Appointment
    facts: Facts
    phone: str | None
    email: str | None


async def find_told(tx: Tx, hospital_id: int | None, appointment_id: int) -> Told | None:
    """An appointment for a message to its patient; None when it or its patient is gone."""
    rows = await tx.rows(
        select(
            Appointment,
            Patient.full_name.label("patient"),
            Patient.phone,
            Patient.email,
            User.full_name.label("clinician"),
            Centre.name.label("centre"),
            Centre.time_zone,
        )
        .join(Patient, Patient.id == Appointment.patient_id)
        .join(Clinician, Clinician.id == Appointment.clinician_id)
        .join(User, User.id == Clinician.user_id)
        .join(Centre, Centre.id == Appointment.centre_id)
        .where(
            Appointment.hospital_id == hospital_id,
            Appointment.id == appointment_id,
            Patient.deleted_at.is_(None),
        )
    )
    if not rows:
        return None
    row, appointment = rows[0], rows[0]["Appointment"]
    starts_at = appointment.starts_at
    facts = Facts(
        patient=row["patient"],
        clinician=row["clinician"],
        centre=row["centre"],
        service_on=appointment.service_on,
        starts_at=starts_at.astimezone(ZoneInfo(row["time_zone"])) if starts_at else None,
        session_type=appointment.session_type,
        meet_link=appointment.meet_link,
    )
    return Told(appointment, facts, row["phone"], row["email"])
