"""What a user sees of himself."""

from typing import Any

from sqlalchemy import func, select

from outpatient.access.actor import Actor
from outpatient.account.rules import weekly_schedule
from outpatient.auth.queries import get_own_patient
from outpatient.core.database import Tx
from outpatient.core.errors import NotFound
from outpatient.models import AvailabilityRule, Clinician, HospitalConfig, User
from outpatient.patients.queries import get_today
from outpatient.patients.rules import age_on


async def get_own_user(tx: Tx, actor: Actor, *, lock: bool = False) -> User:
    """The user behind the session (NotFound); locked for a change."""
    query = select(User).where(User.id == actor.user_id)
    found: User | None = await tx.one_or_none(query.with_for_update(key_share=True) if lock else query)
    if found is None:
        raise NotFound.of("User")
    return found


async def describe_account(tx: Tx, actor: Actor) -> dict[str, Any]:
    """The user, with his profile as a clinician or a patient of the hospital that he is signed in to."""
    user = await get_own_user(tx, actor)
    return {
        **{column.key: getattr(user, column.key) for column in User.__mapper__.column_attrs},
        "name": user.full_name,
        "is_phone_proven": user.phone_proven_at is not None,
        "role": actor.role,
        "role_id": actor.role.number,
        "age": age_on(await get_today(tx, actor.hospital_id), None, user.birth_year),
        "hospital_id": actor.hospital_id or None,
        "doctor_profile": await _describe_clinician(tx, actor) if actor.clinician_id else None,
        "patient_profile": await _describe_patient(tx, actor) if actor.is_patient else None,
    }


async def _describe_clinician(tx: Tx, actor: Actor) -> dict[str, Any]:
    his = (Clinician.hospital_id == actor.hospital_id, Clinician.id == actor.clinician_id)
    [profile] = await tx.rows(
        select(
            Clinician.id.label("clinician_id"),
            Clinician.specialization,
            func.coalesce(Clinician.default_duration_minutes, HospitalConfig.default_duration_minutes).label(
                "slot_duration_min"
            ),
        )
        .join(HospitalConfig, HospitalConfig.hospital_id == Clinician.hospital_id)
        .where(*his)
    )
    rules = await tx.execute(
        select(AvailabilityRule.weekday, AvailabilityRule.start_minute, AvailabilityRule.end_minute).where(
            AvailabilityRule.hospital_id == actor.hospital_id, AvailabilityRule.clinician_id == actor.clinician_id
        )
    )
    return {**profile, "weekly_schedule": weekly_schedule((day, start, end) for day, start, end in rules)}


async def _describe_patient(tx: Tx, actor: Actor) -> dict[str, Any]:
    record = await get_own_patient(tx, actor)
    fields = ("full_name", "phone", "email", "date_of_birth", "gender", "blood_group")
    contact = ("emergency_contact_name", "emergency_contact_phone")
    return {"patient_id": record.id, **{field: getattr(record, field) for field in (*fields, *contact)}}
