"""What is still going on with a person, and which users are nobody any more without his record."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, or_, select

from outpatient.appointments.rules import LIVE
from outpatient.core.database import Tx
from outpatient.core.terms import PaymentStatus, RefundStatus, VisitStatus
from outpatient.models import Appointment, Membership, PatientAccess, Payment, Refund, User, Visit
from outpatient.privacy.queries.person import Person, rows_of

OVER = (VisitStatus.COMPLETED, VisitStatus.CANCELLED, VisitStatus.NO_SHOW)
OWED = (PaymentStatus.PENDING, PaymentStatus.PARTIALLY_PAID)


async def find_open(tx: Tx, person: Person) -> dict[str, Sequence[int]]:
    """What has to end before a record can: live appointments, visits in the house, money owed or on its way back."""
    his = rows_of(person)
    asked = Payment.amount_minor - Payment.discount_minor - Payment.paid_minor + Payment.refunded_minor
    open_: dict[str, tuple[Any, Any]] = {
        "appointments": (Appointment, and_(his["appointments"][1], Appointment.status.in_(LIVE))),
        "visits": (Visit, and_(his["visits"][1], Visit.status.not_in(OVER), ~_waits_for_its_appointment())),
        "payments": (Payment, and_(his["payments"][1], Payment.status.in_(OWED), asked > 0)),
        "refunds": (Refund, and_(his["refunds"][1], Refund.status == RefundStatus.PENDING)),
    }
    found = {
        kind: await tx.all(select(table.id).where(which).order_by(table.id)) for kind, (table, which) in open_.items()
    }
    return {kind: ids for kind, ids in found.items() if ids}


def _waits_for_its_appointment() -> Any:
    """A visit that is expected for an appointment is not a second thing that has to end."""
    return and_(Visit.status == VisitStatus.EXPECTED, Visit.appointment_id.is_not(None))


async def list_closing_users(tx: Tx, person: Person) -> Sequence[User]:
    """Of those who act for him, the users who have no other record and never worked anywhere; locked for a change."""
    elsewhere = select(PatientAccess.user_id).where(
        or_(PatientAccess.hospital_id != person.hospital_id, PatientAccess.patient_id != person.patient.id)
    )
    return await tx.all(
        select(User)
        .where(
            User.id.in_(person.users),
            User.is_superadmin.is_(False),
            User.id.not_in(elsewhere),
            User.id.not_in(select(Membership.user_id)),
        )
        .order_by(User.id)
        .with_for_update()
    )
