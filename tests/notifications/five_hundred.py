"""A morning with five hundred reminders, and the check that each patient got his."""

from collections import Counter
from datetime import datetime, time, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import DeclarativeBase

from outpatient.core.terms import AppointmentStatus, BookingSource, BookingType, SessionType, VisitStatus
from outpatient.models import Appointment, Notification, Patient, Visit
from tests.makers import MadeHospital, Make, new_phone

MANY = 500


async def due_reminders(make: Make, starts_at: datetime, booked_at: datetime) -> tuple[MadeHospital, set[str]]:
    """A hospital whose reminders are due; the phones of its patients."""
    hospital = await make.hospital(quiet_from=time(0), quiet_until=time(0))
    clinician = (await make.clinician(hospital)).clinician_id
    numbers = [new_phone() for _ in range(MANY)]
    mine = {"hospital_id": hospital.id, "created_at": booked_at}
    kept = {**mine, "clinician_id": clinician, "centre_id": hospital.centre_id, "service_on": starts_at.date()}
    of_appointment = {
        **kept,
        "booking_type": BookingType.TIME_SLOT,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=30),
        "session_type": SessionType.IN_PERSON,
        "status": AppointmentStatus.PENDING,
        "booking_source": BookingSource.WEBSITE,
        "fee_minor": 0,
        "updated_at": booked_at,
    }
    async with make.database.transaction() as tx:

        async def add(table: type[DeclarativeBase], rows: list[dict]) -> list[int]:
            return list((await tx.session.execute(insert(table).returning(table.id), rows)).scalars())

        people = [{**mine, "full_name": "Asha", "name_key": f"asha {n}", "phone": n} for n in numbers]
        patients = await add(Patient, people)
        booked = await add(Appointment, [{**of_appointment, "patient_id": one} for one in patients])
        visits = [
            {**kept, "patient_id": patient, "appointment_id": appointment, "status": VisitStatus.EXPECTED}
            for patient, appointment in zip(patients, booked, strict=True)
        ]
        await add(Visit, visits)
    return hospital, set(numbers)


async def reminders_noted(make: Make, hospital: MadeHospital) -> Counter[str]:
    """The reminders of a hospital in the log, by their state."""
    async with make.database.reading() as tx:
        mine = (Notification.hospital_id == hospital.id, Notification.notification_type == "APPOINTMENT_REMINDER")
        return Counter(row.value for row in await tx.all(select(Notification.status).where(*mine)))
