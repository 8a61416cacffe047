"""Arrivals: with an appointment or without one, to a clinician or to whoever of a department is free first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from outpatient.access.actor import Actor
from outpatient.appointments.errors import HoldExpired
from outpatient.core.database import Database, Tx
from outpatient.core.errors import Conflict, Invalid, NotFound
from outpatient.core.statements import Rows
from outpatient.core.terms import PaymentStatus, Priority, VisitStatus
from outpatient.models import Payment, Visit
from outpatient.patients.actions import find_or_register_patient
from outpatient.patients.queries import get_patient
from outpatient.queue.actions.pick import Line, pick_line
from outpatient.queue.errors import AlreadyInQueue, DayIsOver, TooEarly, VisitMoved
from outpatient.queue.events import VisitCheckedIn, VisitEvent, WalkInAdded
from outpatient.queue.queries import entry_of, find_in_line, get_standing, is_expected, lock_patient
from outpatient.queue.rules.line import Standing, alone
from outpatient.queue.rules.order import PRESENT, arrival_position
from outpatient.queue.statements import CHECK_IN

CHECK_IN_ROUTE = "appointments/check-in"
WALK_IN_ROUTE = "visits"
HAS_APPOINTMENT = "This patient has an appointment here today; check that in instead"


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkIn:
    """Who came without an appointment, and to whom: a clinician, or a department that picks one.

    The patient is a record (`patient_id`), or a name and phone that are found or made. A centre that is named must be
    the one where the line is.
    """

    patient_id: int | None = None
    full_name: str | None = None
    phone: str | None = None
    clinician_id: int | None = None
    department_id: int | None = None
    centre_id: int | None = None
    service_id: int | None = None
    priority: Priority = Priority.NORMAL
    notes: str | None = None
    idempotency_key: str | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A visit as it stands after the arrival, and what the desk should know about it."""

    standing: Standing
    warnings: tuple[str, ...] = ()


async def check_in(
    database: Database,
    *,
    actor: Actor,
    appointment_id: int,
    idempotency_key: str | None = None,
    digest: str | None = None,
) -> Standing:
    """Let an appointment's patient arrive: he gets a token and his place in the line (seed 002).

    Twenty desks that do it at once make one arrival; a repeat answers with the same visit. Refused before the arrival
    window opens (TooEarly), after the service day (DayIsOver), and once the visit is over (VisitMoved).
    """
    rows = await _admit(
        database,
        actor,
        VisitCheckedIn,
        CHECK_IN_ROUTE,
        appointment_id=appointment_id,
        key=idempotency_key,
        digest=digest,
    )
    if not rows:
        raise NotFound.of("Appointment")
    if rows[0]["id"] is not None:
        entry = entry_of(rows[0])
        return alone(entry, database.clock.now(), entry.estimate_on_arrival)
    async with database.reading() as tx:
        standing = await get_standing(tx, None, rows[0]["visit_id"])
    if standing.visit.status in PRESENT:
        return standing
    raise _why_not(rows[0])


async def add_walk_in(tx: Tx, *, actor: Actor, wish: WalkIn) -> Arrived:
    """Let somebody arrive who has no appointment: visit, token, place and what he owes, in one transaction.

    Capacity and queue length warn, never refuse: the desk decides. The same patient is not put into the same queue
    twice (AlreadyInQueue, naming the visit).
    """
    patient_id = await _patient(tx, actor, wish)
    line = await pick_line(
        tx, actor, clinician_id=wish.clinician_id, department_id=wish.department_id, service_id=wish.service_id
    )
    if wish.centre_id not in (None, line.centre_id):
        raise Invalid.field("centreId", "This clinician does not see patients there today")
    warnings = await _also_here(tx, actor, patient_id, wish, line)
    visit = await tx.add(
        Visit(
            hospital_id=actor.hospital_id,
            patient_id=patient_id,
            clinician_id=line.clinician_id,
            centre_id=line.centre_id,
            department_id=line.department_id,
            service_id=wish.service_id,
            service_on=line.today,
            status=VisitStatus.EXPECTED,
            priority=wish.priority,
            notes=wish.notes,
            created_at=tx.now,
        )
    )
    await tx.add(
        Payment(
            hospital_id=actor.hospital_id,
            visit_id=visit.id,
            patient_id=patient_id,
            amount_minor=line.price_minor,
            currency=line.currency,
            status=PaymentStatus.PENDING,
            created_at=tx.now,
        )
    )
    (row,) = await _admit(
        tx, actor, WalkInAdded, WALK_IN_ROUTE, visit_id=visit.id, key=wish.idempotency_key, digest=wish.digest
    )
    tx.session.expire(visit)
    entry = entry_of(row)
    return Arrived(alone(entry, tx.now, entry.estimate_on_arrival), (*line.warnings, *warnings))


async def _admit(
    runs: Database | Tx,
    actor: Actor,
    event: type[VisitEvent],
    route: str,
    *,
    appointment_id: int | None = None,
    visit_id: int | None = None,
    key: str | None,
    digest: str | None,
) -> Rows:
    now = runs.now if isinstance(runs, Tx) else runs.clock.now()
    return await runs.run(
        CHECK_IN,
        hospital_id=actor.hospital_id,
        appointment_id=appointment_id,
        visit_id=visit_id,
        centre_ids=None if actor.centre_ids is None else list(actor.centre_ids),
        now=now,
        position=arrival_position(now),
        actor_id=actor.user_id,
        event_name=event.name,
        route=route,
        idempotency_key=key,
        digest=digest,
    )


async def _patient(tx: Tx, actor: Actor, wish: WalkIn) -> int:
    if (wish.patient_id is None) == (wish.full_name is None):
        raise Invalid.field("patientId", "Name the patient either by patientId or by patient {fullName, phone}")
    if wish.patient_id is not None:
        return (await get_patient(tx, actor, wish.patient_id, lock=True)).id
    assert wish.full_name is not None and wish.phone is not None
    found = await find_or_register_patient(
        tx, by=actor, hospital_id=actor.hospital_id, full_name=wish.full_name, phone=wish.phone
    )
    return found.id


async def _also_here(tx: Tx, actor: Actor, patient_id: int, wished: WalkIn, line: Line) -> list[str]:
    """Refuse who stands in this very queue; say it when he is expected today anyway."""
    await lock_patient(tx, actor.hospital_id, patient_id)
    where = {"clinician_id": wished.clinician_id, "department_id": line.department_id}
    here = await find_in_line(tx, actor.hospital_id, patient_id, **where)
    if here is not None:
        raise AlreadyInQueue(details={"visitId": here.id, "tokenLabel": here.token_label})
    expected = await is_expected(tx, actor.hospital_id, patient_id, on=line.today, **where)
    return [HAS_APPOINTMENT] if expected else []


def _why_not(facts: Mapping[str, Any]) -> Conflict:
    """Why somebody could not be admitted, by the facts that the statement answered."""
    if facts["was"] not in (VisitStatus.EXPECTED, VisitStatus.NO_SHOW):
        return VisitMoved(f"This visit is {facts['was'].lower()}", {"status": facts["was"]})
    if facts["is_expired"]:
        return HoldExpired()
    if facts["due_on"] < facts["today"]:
        return DayIsOver(f"This visit was for {facts['due_on']:%d %B %Y}", {"serviceDay": facts["due_on"].isoformat()})
    if facts["due_on"] > facts["today"]:
        return TooEarly(f"This visit is for {facts['due_on']:%d %B %Y}", {"serviceDay": facts["due_on"].isoformat()})
    if facts["opens_at"] is None:
        return VisitMoved(f"This appointment is {facts['appointment_status'].lower()}")
    return TooEarly(details={"opensAt": facts["opens_at"].isoformat().replace("+00:00", "Z")})
