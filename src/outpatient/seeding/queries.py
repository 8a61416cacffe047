"""What there is after the seeding, for the report."""

from collections import Counter

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from outpatient.core.database import Tx
from outpatient.models import Appointment, Occupancy, Patient


async def count_by_state(tx: Tx, hospital_id: int) -> dict[int, Counter[str]]:
    """Appointments by clinician and status."""
    rows = await tx.rows(
        select(Appointment.clinician_id, Appointment.status, func.count().label("count"))
        .where(Appointment.hospital_id == hospital_id)
        .group_by(Appointment.clinician_id, Appointment.status)
    )
    found: dict[int, Counter[str]] = {}
    for row in rows:
        found.setdefault(row["clinician_id"], Counter())[row["status"]] = row["count"]
    return found


async def count_past(tx: Tx, hospital_id: int) -> int:
    """Appointments that have begun."""
    count: int = await tx.one_or_none(
        select(func.count())
        .select_from(Appointment)
        .where(Appointment.hospital_id == hospital_id, Appointment.starts_at <= tx.now)
    )
    return count


async def count_patients(tx: Tx, hospital_id: int) -> int:
    count: int = await tx.one_or_none(
        select(func.count()).select_from(Patient).where(Patient.hospital_id == hospital_id)
    )
    return count


async def count_conflicts(tx: Tx, hospital_id: int) -> int:
    """Pairs of occupied times of one clinician that meet: none, or the database's guard is gone."""
    one, other = aliased(Occupancy), aliased(Occupancy)
    count: int = await tx.one_or_none(
        select(func.count())
        .select_from(one)
        .join(other, (other.clinician_id == one.clinician_id) & (other.id > one.id))
        .where(
            one.hospital_id == hospital_id,
            other.hospital_id == hospital_id,
            one.lane == other.lane,
            one.starts_at < other.ends_at,
            other.starts_at < one.ends_at,
        )
    )
    return count
