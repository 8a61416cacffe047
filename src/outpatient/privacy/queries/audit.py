"""Who did, or looked at, what: the audit, as the owner of a hospital reads it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select

from outpatient.core.database import Tx
from outpatient.core.paging import Page
from outpatient.core.terms import Role
from outpatient.models import AuditEntry, Membership, User
from outpatient.privacy.queries.person import OWNERS, about, find_patients_of, find_subjects


async def list_audit(
    tx: Tx,
    hospital_id: int,
    page: Page,
    *,
    patient_id: int | None = None,
    actor_id: int | None = None,
    action: str | None = None,
    subject: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[list[dict[str, Any]], int]:
    """A page of a hospital's entries, the newest first, and how many there are; `until` is not included."""
    wanted = {AuditEntry.actor_id: actor_id, AuditEntry.action: action, AuditEntry.subject: subject}
    terms = [AuditEntry.hospital_id == hospital_id]
    terms += [column == value for column, value in wanted.items() if value is not None]
    if patient_id is not None:
        terms.append(about(AuditEntry, await find_subjects(tx, hospital_id, patient_id)))
    if since is not None:
        terms.append(AuditEntry.at >= since)
    if until is not None:
        terms.append(AuditEntry.at < until)
    total = await tx.one_or_none(select(func.count()).select_from(AuditEntry).where(*terms))
    return await described(tx, hospital_id, and_(*terms), page.limit, page.offset), total or 0


async def described(
    tx: Tx, hospital_id: int, which: ColumnElement[bool], most: int, offset: int = 0
) -> list[dict[str, Any]]:
    """Entries with the names around them, the newest first."""
    rows = await tx.rows(
        select(
            AuditEntry.id,
            AuditEntry.at,
            AuditEntry.actor_id,
            User.full_name.label("actor_name"),
            _role().label("actor_role"),
            AuditEntry.action,
            AuditEntry.subject,
            AuditEntry.subject_id,
        )
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .outerjoin(
            Membership,
            and_(Membership.hospital_id == AuditEntry.hospital_id, Membership.user_id == AuditEntry.actor_id),
        )
        .where(which)
        .order_by(AuditEntry.id.desc())
        .limit(most)
        .offset(offset)
    )
    patients = await _patients_of(tx, hospital_id, rows)
    return [{**row, "patient_id": patients.get((row["subject"], row["subject_id"]))} for row in rows]


def _role() -> Any:
    """What he is in this hospital now; who acts and works nowhere is a patient, and nobody is the system."""
    return case(
        (Membership.role.is_not(None), Membership.role),
        (User.is_superadmin, Role.SUPERADMIN),
        (User.id.is_not(None), Role.PATIENT),
    )


async def _patients_of(
    tx: Tx, hospital_id: int, rows: Sequence[Mapping[str, Any]]
) -> dict[tuple[str, int], int | None]:
    ids = defaultdict(set)
    for row in rows:
        if row["subject"] in OWNERS:
            ids[row["subject"]].add(row["subject_id"])
    return {
        (subject, subject_id): patient_id
        for subject, wanted in ids.items()
        for subject_id, patient_id in (await find_patients_of(tx, hospital_id, subject, sorted(wanted))).items()
    }
