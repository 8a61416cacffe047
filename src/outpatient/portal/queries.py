"""What a patient sees of himself, and of those on his phone: his money, and whose records he may choose from."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.core.errors import NotFound
from outpatient.core.paging import Page
from outpatient.core.terms import Kinship
from outpatient.models import Centre, Clinician, PatientAccess, Payment, User, Visit


def choose(actor: Actor, patient_id: int | None) -> int | None:
    """The record that is meant, if one is (NotFound: he may not act for it); None means all of his."""
    if patient_id is not None and patient_id not in actor.patient_ids:
        raise NotFound.of("Patient")
    return patient_id


def visible_to(actor: Actor, patient_id: int | None) -> ColumnElement[bool]:
    """The payments of his own records, or of the one he chose."""
    whose = actor.patient_ids if patient_id is None else (patient_id,)
    return and_(Payment.hospital_id == actor.hospital_id, Payment.patient_id.in_(whose))


def _described() -> Select[*tuple[Any, ...]]:
    """A payment with the names around it; a discount is not asked for."""
    return (
        select(
            Payment.id,
            Payment.appointment_id,
            Payment.visit_id,
            Payment.patient_id,
            (Payment.amount_minor - Payment.discount_minor).label("amount"),
            Payment.paid_minor.label("paid_amount"),
            Payment.refunded_minor.label("refunded_amount"),
            Payment.currency,
            Payment.status,
            Payment.method.label("payment_method"),
            Payment.paid_at,
            Visit.service_on,
            User.full_name.label("clinician_name"),
            Centre.name.label("centre_name"),
        )
        .join(Visit, and_(Visit.hospital_id == Payment.hospital_id, Visit.id == Payment.visit_id))
        .join(Centre, Centre.id == Visit.centre_id)
        .outerjoin(Clinician, and_(Clinician.hospital_id == Visit.hospital_id, Clinician.id == Visit.clinician_id))
        .outerjoin(User, User.id == Clinician.user_id)
    )


async def list_payments(
    tx: Tx, actor: Actor, page: Page, *, patient_id: int | None
) -> tuple[Sequence[Mapping[str, Any]], int]:
    """A page of the payments, the newest first, and how many there are in all."""
    mine = visible_to(actor, patient_id)
    total = await tx.one_or_none(select(func.count()).select_from(Payment).where(mine))
    newest = _described().where(mine).order_by(Payment.id.desc()).limit(page.limit).offset(page.offset)
    return await tx.rows(newest), total or 0


async def list_recent_payments(
    tx: Tx, actor: Actor, *, patient_id: int | None, most: int
) -> Sequence[Mapping[str, Any]]:
    """The latest payments that money came in for."""
    latest = (func.coalesce(Payment.paid_at, Payment.created_at).desc(), Payment.id.desc())
    came_in = and_(visible_to(actor, patient_id), Payment.paid_minor > 0)
    return await tx.rows(_described().where(came_in).order_by(*latest).limit(most))


async def count_spent(tx: Tx, actor: Actor, *, patient_id: int | None) -> int:
    """What was paid and not given back, in minor units."""
    spent = select(func.sum(Payment.paid_minor - Payment.refunded_minor)).where(visible_to(actor, patient_id))
    return int(await tx.one_or_none(spent) or 0)


async def is_himself(tx: Tx, actor: Actor, patient_id: int) -> bool:
    """Whether this record is the user's own, and not one he acts for as a guardian."""
    kinship = await tx.one_or_none(
        select(PatientAccess.kinship).where(
            PatientAccess.hospital_id == actor.hospital_id,
            PatientAccess.user_id == actor.user_id,
            PatientAccess.patient_id == patient_id,
        )
    )
    return kinship is Kinship.SELF and patient_id == actor.patient_ids[0]
