"""Moving somebody on the board of seed 000: every move is one of the queue's own commands."""

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission
from outpatient.core.database import Database, Tx
from outpatient.core.terms import Phase
from outpatient.models import Visit
from outpatient.queue.actions.arrive import check_in
from outpatient.queue.actions.call import lock_clinician, start_visit
from outpatient.queue.actions.leave import complete_visit
from outpatient.queue.actions.order import recall_visit
from outpatient.queue.actions.undo import UNDO_WITHIN, undo_visit
from outpatient.queue.errors import PhaseChanged, VisitMoved
from outpatient.queue.events import VisitUndone
from outpatient.queue.queries import find_last_change, get_visit, get_visit_named, lock_both
from outpatient.queue.rules.line import Standing
from outpatient.queue.rules.phases import ARRIVAL, Command, command_for, phase_of


async def admit_by_phase(
    database: Database, *, actor: Actor, visit_id: int | None, appointment_id: int | None
) -> Standing:
    """Move somebody from today's appointments to those waiting: his check-in (PhaseChanged; Forbidden: not the desk).

    Of several at once one lets him arrive, and the others get the same visit or learn that he is there.
    """
    actor.require(Permission.VISITS_ADMIT)
    async with database.reading() as tx:
        visit = await get_visit_named(tx, actor, visit_id=visit_id, appointment_id=appointment_id)
    _must_stand_in(visit, ARRIVAL[0])
    if visit.appointment_id is None:
        raise PhaseChanged
    return await check_in(database, actor=actor, appointment_id=visit.appointment_id)


async def move_between_phases(
    database: Database, *, actor: Actor, visit_id: int | None, appointment_id: int | None, was: Phase, to: Phase
) -> int:
    """Move somebody one phase on or back, an arrival included; answers his visit (PhaseChanged, VisitMoved)."""
    if (was, to) == ARRIVAL:
        standing = await admit_by_phase(database, actor=actor, visit_id=visit_id, appointment_id=appointment_id)
        return standing.visit.id
    async with database.transaction() as tx:
        moved = await move_phase(tx, actor=actor, visit_id=visit_id, appointment_id=appointment_id, was=was, to=to)
        return moved.id


async def move_phase(
    tx: Tx, *, actor: Actor, visit_id: int | None, appointment_id: int | None, was: Phase, to: Phase
) -> Visit:
    """Move somebody one phase on or back, by the one command that does it.

    PhaseChanged: he does not stand in `was` any more. VisitMoved: no command leads from there to `to`.
    """
    visit = await get_visit_named(tx, actor, visit_id=visit_id, appointment_id=appointment_id)
    clinician_id = visit.clinician_id or actor.clinician_id
    if clinician_id is not None:
        await lock_clinician(tx, visit.hospital_id, clinician_id)
    visit, _ = await lock_both(tx, actor, visit.id)
    _must_stand_in(visit, was)
    match await _command(tx, visit, to):
        case Command.START:
            await start_visit(tx, actor=actor, visit_id=visit.id)
        case Command.COMPLETE:
            await complete_visit(tx, actor=actor, visit_id=visit.id)
        case Command.RECALL:
            await recall_visit(tx, actor=actor, visit_id=visit.id, reason=None)
        case Command.UNDO:
            await undo_visit(tx, actor=actor, visit_id=visit.id)
        case _:
            raise VisitMoved(
                "A visit moves one phase on, or back if that was its last change within five minutes",
                {"status": visit.status, "phase": was, "to": to},
            )
    return await get_visit(tx, actor, visit.id)


async def _command(tx: Tx, visit: Visit, to: Phase) -> Command | None:
    last = await find_last_change(tx, visit, UNDO_WITHIN)
    undone = None if last is None or last.name == VisitUndone.name else last.payload["before"].get("status")
    return command_for(visit.status, to, undone)


def _must_stand_in(visit: Visit, phase: Phase) -> None:
    stands_in = phase_of(visit.status)
    if stands_in is not phase:
        raise PhaseChanged(details={"phase": stands_in, "status": visit.status})
