"""How far somebody sees into a table whose rows say of which hospital, patient, clinician and centre they are."""

from typing import Any

from sqlalchemy import ColumnElement, and_, false, true

from outpatient.access.actor import Actor


def within_reach(actor: Actor | None, table: Any) -> ColumnElement[bool]:
    """A patient's own rows and those he may act for; a clinician's own; those of one's centres, or of one's hospital.

    `actor` None is the system, which sees everything.
    """
    if actor is None:
        return true()
    mine: ColumnElement[bool] = table.hospital_id == actor.hospital_id
    if actor.is_patient:
        return and_(mine, table.patient_id.in_(actor.patient_ids))
    if actor.is_clinician:
        return and_(mine, table.clinician_id == actor.clinician_id) if actor.clinician_id else false()
    if actor.centre_ids is not None:
        return and_(mine, table.centre_id.in_(actor.centre_ids))
    return mine
