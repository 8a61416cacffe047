"""Giving a patient to another clinician."""

from typing import Any

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.core.errors import Invalid, NotFound
from outpatient.core.terms import VisitStatus
from outpatient.models import Visit
from outpatient.queue.actions.change import change_visit, refusal
from outpatient.queue.errors import AlreadyInQueue
from outpatient.queue.events import VisitReassigned
from outpatient.queue.queries import find_in_line, get_token_terms, get_visit, list_loads, lock_patient
from outpatient.queue.rules.assign import warnings_for
from outpatient.queue.rules.order import IN_LINE
from outpatient.queue.rules.tokens import token_group, token_label, token_period
from outpatient.queue.statements import TAKE_TOKEN


async def reassign_visit(
    tx: Tx, *, actor: Actor, visit_id: int, clinician_id: int, reason: str | None
) -> tuple[Visit, tuple[str, ...]]:
    """Let another clinician of the same centre see a patient; answers the visit and what speaks against it.

    He keeps his token within its group and gets a new one outside it; his place goes by the same order there. Who was
    called goes back into the line.
    """
    (chosen,) = await list_loads(tx, actor.hospital_id, clinician_id=clinician_id) or (None,)
    if chosen is None:
        raise NotFound.of("Clinician")
    visit = await get_visit(tx, actor, visit_id, lock=True)
    if visit.clinician_id == clinician_id:
        return visit, ()
    if visit.status not in (*IN_LINE, VisitStatus.CALLED, VisitStatus.ON_HOLD):
        raise refusal(visit, be="given to another clinician")
    if chosen.centre_id != visit.centre_id:
        raise Invalid.field("doctorId", "This clinician works at another centre than the one where the patient is")
    await lock_patient(tx, visit.hospital_id, visit.patient_id)
    here = await find_in_line(
        tx, visit.hospital_id, visit.patient_id, clinician_id=clinician_id, department_id=chosen.department_id
    )
    if here is not None:
        raise AlreadyInQueue(details={"visitId": here.id, "tokenLabel": here.token_label})
    values: dict[str, Any] = {"clinician_id": clinician_id, "department_id": chosen.department_id}
    if visit.status is VisitStatus.CALLED:
        values |= {"status": VisitStatus.WAITING, "called_at": None}
    group = token_group(chosen.department_id, clinician_id)
    if group != visit.token_group:
        values |= await _new_token(tx, visit, group, chosen.department_id)
    await change_visit(
        tx,
        visit,
        VisitReassigned,
        by=actor,
        values=values,
        was_clinician_id=visit.clinician_id,
        was_department_id=visit.department_id,
        reason=reason,
    )
    return visit, tuple(warnings_for(chosen.load))


async def _new_token(tx: Tx, visit: Visit, group: str, department_id: int | None) -> dict[str, Any]:
    terms = await get_token_terms(tx, visit, department_id)
    period_on = token_period(terms.today, terms.reset)
    (counted,) = await tx.run(TAKE_TOKEN, hospital_id=visit.hospital_id, token_group=group, period_on=period_on)
    number = counted["last_number"]
    return {
        "token_group": group,
        "token_period_on": period_on,
        "token_number": number,
        "token_label": token_label(terms.prefix, number),
    }
