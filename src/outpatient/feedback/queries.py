"""Every SELECT on feedback."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased

from outpatient.access.actor import Actor
from outpatient.access.reach import within_reach
from outpatient.core.database import Tx
from outpatient.core.errors import NotFound
from outpatient.core.paging import Page
from outpatient.models import Centre, Clinician, Feedback, Hospital, HospitalConfig, Patient, User, Visit


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The feedback that somebody may read: his hospital's, his centres', his own as the clinician or the patient."""
    return within_reach(actor, Feedback)


async def lock_visit(tx: Tx, actor: Actor, *, visit_id: int | None, appointment_id: int | None) -> Visit:
    """The patient's own visit, so that nobody else rates it, or takes its end back, meanwhile (NotFound)."""
    which = Visit.id == visit_id if visit_id is not None else Visit.appointment_id == appointment_id
    query = select(Visit).where(Visit.hospital_id == actor.hospital_id, Visit.patient_id.in_(actor.patient_ids), which)
    found: Visit | None = await tx.one_or_none(query.with_for_update(key_share=True))
    if found is None:
        raise NotFound.of("Visit" if visit_id is not None else "Appointment")
    return found


async def find_feedback(tx: Tx, visit: Visit) -> Feedback | None:
    """What was said of a visit."""
    found: Feedback | None = await tx.one_or_none(
        select(Feedback).where(Feedback.hospital_id == visit.hospital_id, Feedback.visit_id == visit.id)
    )
    return found


async def find_rated(tx: Tx, visit_id: int) -> Mapping[str, Any] | None:
    """A visit for whoever holds the link that asks how it was: what the page shows of it, and the last comment.

    None when its patient's record is closed, or the hospital.
    """
    rows = await tx.rows(
        select(
            Visit.hospital_id,
            Visit.patient_id,
            Visit.status,
            Visit.service_on,
            Visit.completed_at,
            Patient.full_name,
            Patient.language,
            HospitalConfig.language.label("house_language"),
            Hospital.name.label("hospital_name"),
            Centre.name.label("centre_name"),
            User.full_name.label("clinician_name"),
            Feedback.comment,
        )
        .join(Patient, Patient.id == Visit.patient_id)
        .join(Hospital, Hospital.id == Visit.hospital_id)
        .join(HospitalConfig, HospitalConfig.hospital_id == Visit.hospital_id)
        .join(Centre, Centre.id == Visit.centre_id)
        .outerjoin(Clinician, Clinician.id == Visit.clinician_id)
        .outerjoin(User, User.id == Clinician.user_id)
        .outerjoin(Feedback, Feedback.visit_id == Visit.id)
        .where(Visit.id == visit_id, Patient.deleted_at.is_(None), Hospital.is_active)
    )
    return rows[0] if rows else None


async def get_described(tx: Tx, actor: Actor, feedback_id: int) -> Mapping[str, Any]:
    """One feedback with the names around it (NotFound)."""
    rows = await tx.rows(_described().where(Feedback.id == feedback_id, visible_to(actor)))
    if not rows:
        raise NotFound.of("Feedback")
    return rows[0]


async def list_described(
    tx: Tx, actor: Actor, page: Page, *, clinician_id: int | None
) -> tuple[Sequence[Mapping[str, Any]], int]:
    """A page of the feedback that the actor may read, the newest first, and how much there is (NotFound: clinician)."""
    terms = [visible_to(actor)]
    if clinician_id is not None:
        await _find_clinician(tx, actor, clinician_id)
        terms.append(Feedback.clinician_id == clinician_id)
    total = await tx.one_or_none(select(func.count()).select_from(Feedback).where(*terms))
    query = _described().where(*terms).order_by(Feedback.given_at.desc(), Feedback.id.desc())
    return await tx.rows(query.limit(page.limit).offset(page.offset)), total or 0


async def _find_clinician(tx: Tx, actor: Actor, clinician_id: int) -> None:
    own = actor.clinician_id if actor.is_clinician else clinician_id
    known = select(Clinician.id).where(
        Clinician.hospital_id == actor.hospital_id, Clinician.id == clinician_id, Clinician.id == own
    )
    if await tx.one_or_none(known) is None:
        raise NotFound.of("Clinician")


def _described() -> Select[*tuple[Any, ...]]:
    doctor = aliased(User)
    return (
        select(
            *Feedback.__table__.c,
            Visit.appointment_id,
            Patient.full_name.label("patient_name"),
            doctor.full_name.label("clinician_name"),
        )
        .join(Visit, Visit.id == Feedback.visit_id)
        .join(Patient, Patient.id == Feedback.patient_id)
        .outerjoin(Clinician, Clinician.id == Feedback.clinician_id)
        .outerjoin(doctor, doctor.id == Clinician.user_id)
    )
