"""Looking at a visit, with what was written about it: each look leaves an entry in the audit."""

from collections.abc import Mapping, Sequence
from typing import Any

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.core.paging import Page
from outpatient.patients.actions import note_looks
from outpatient.queue import queries
from outpatient.queue.rules.line import Standing


async def read_visit(tx: Tx, *, actor: Actor, visit_id: int) -> tuple[Standing, list[Standing]]:
    """A visit, and the queue around it if it stands in line (NotFound)."""
    standing = await queries.get_standing(tx, actor, visit_id)
    around = (
        await queries.list_queue_around(tx, await queries.get_visit(tx, actor, visit_id)) if standing.number else []
    )
    tx.look("visit.read", "visit", visit_id, hospital_id=actor.hospital_id, by=actor)
    return standing, around


async def read_history(tx: Tx, *, actor: Actor, visit_id: int) -> Sequence[Mapping[str, Any]]:
    """What happened to a visit, and why (NotFound)."""
    happened = await queries.list_history(tx, await queries.get_visit(tx, actor, visit_id))
    tx.look("visit.history_read", "visit", visit_id, hospital_id=actor.hospital_id, by=actor)
    return happened


async def read_visits(tx: Tx, *, actor: Actor, page: Page, **wanted: Any) -> tuple[Sequence[Any], int]:
    """A page of visits, as `list_visits` finds them, and how many there are in all."""
    rows, total = await queries.list_visits(tx, actor, page, **wanted)
    note_looks(tx, actor=actor, patient_ids=(row.visit.patient_id for row in rows), action="patient.visits_read")
    return rows, total
