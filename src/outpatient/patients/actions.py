"""Every write to patient records."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.models import Patient
from outpatient.patients.errors import PatientExists
from outpatient.patients.events import PatientRegistered
from outpatient.patients.rules import name_key


def birth_year_of(now: datetime, age: int | None) -> int | None:
    """The year a person of that age (in years) was born in, give or take one."""
    return None if age is None else now.year - age


async def register_patient(
    tx: Tx, *, by: Actor | None, hospital_id: int, full_name: str, phone: str | None, **details: Any
) -> Patient:
    """Make a record. The same phone and name in the same hospital is the same person (PatientExists)."""
    key = name_key(full_name)
    if phone is not None:
        known = await tx.one_or_none(
            select(Patient.id).where(
                Patient.hospital_id == hospital_id, Patient.phone == phone, Patient.name_key == key
            )
        )
        if known is not None:
            raise PatientExists(known)
    patient = await tx.add(
        Patient(hospital_id=hospital_id, full_name=full_name, name_key=key, phone=phone, created_at=tx.now, **details)
    )
    await tx.record(PatientRegistered(hospital_id=hospital_id, subject_id=patient.id), by=by)
    return patient


async def find_or_register_patient(
    tx: Tx, *, by: Actor | None, hospital_id: int, full_name: str, phone: str
) -> Patient:
    """The record with this phone and name, made if there is none."""
    known: Patient | None = await tx.one_or_none(
        select(Patient).where(
            Patient.hospital_id == hospital_id, Patient.phone == phone, Patient.name_key == name_key(full_name)
        )
    )
    return known or await register_patient(tx, by=by, hospital_id=hospital_id, full_name=full_name, phone=phone)
