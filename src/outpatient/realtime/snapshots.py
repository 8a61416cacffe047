"""The queue as a whole: what every audience sees first, before the first event."""

from collections.abc import Awaitable, Callable
from typing import Any

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.core.events import plain
from outpatient.core.paging import MAX_LIMIT, Page
from outpatient.core.terms import VisitStatus
from outpatient.queue.queries import (
    Board,
    Days,
    get_standing,
    get_today,
    list_clinician_queue,
    list_department_queue,
    list_in_house,
    list_visits,
    list_visits_of_days,
    see_clinician_day,
)
from outpatient.queue.rules.board import OnBoard, on_board
from outpatient.queue.rules.line import Standing, arrange
from outpatient.queue.rules.order import PRESENT
from outpatient.queue.schemas import VisitOut
from outpatient.realtime.projections import OnDisplay

Snapshot = Callable[[Tx], Awaitable[dict[str, Any]]]
_NOT_FOR_PATIENTS = {"notes", "hold_reason"}


def reception_snapshot(actor: Actor) -> Snapshot:
    """Everybody who is in the house, as far as somebody at the reception sees them."""

    async def read(tx: Tx) -> dict[str, Any]:
        here = await list_in_house(tx, actor)
        return {"hospital_id": actor.hospital_id, **_queue(arrange((row.visit for row in here), tx.now))}

    return read


def doctor_snapshot(actor: Actor, clinician_id: int) -> Snapshot:
    """A clinician's queue."""

    async def read(tx: Tx) -> dict[str, Any]:
        queue = await list_clinician_queue(tx, actor, hospital_id=actor.hospital_id, clinician_id=clinician_id)
        return {"doctor_id": clinician_id, **_queue(queue)}

    return read


def waiting_room_snapshot(hospital_id: int, department_id: int) -> Snapshot:
    """The tokens of a department, and nothing else about whose they are."""

    async def read(tx: Tx) -> dict[str, Any]:
        queue = await list_department_queue(tx, None, hospital_id=hospital_id, department_id=department_id)
        return {"queue": [on_display(standing) for standing in queue if standing.visit.token_label]}

    return read


def own_snapshot(actor: Actor) -> Snapshot:
    """A patient's own visits of now; a clinician's queue."""
    if not actor.is_patient:
        return doctor_snapshot(actor, actor.clinician_id) if actor.clinician_id else _nothing

    async def read(tx: Tx) -> dict[str, Any]:
        mine, _ = await list_visits(tx, actor, Page(1, MAX_LIMIT))
        here = sorted(row.visit.id for row in mine if row.visit.status in PRESENT)
        queue = _queue([await get_standing(tx, actor, visit_id) for visit_id in here])
        queue["queue"] = [
            visit.model_dump(mode="json", by_alias=True, exclude=_NOT_FOR_PATIENTS) for visit in queue["queue"]
        ]
        return queue

    return read


async def _nothing(_tx: Tx) -> dict[str, Any]:
    return _queue([])


def _queue(queue: list[Standing]) -> dict[str, Any]:
    return {"queue": [VisitOut.of(standing) for standing in queue], "total_count": len(queue)}


def on_display(standing: Standing) -> OnDisplay:
    """A visit as a waiting room shows it."""
    visit, wait = standing.visit, standing.wait
    return OnDisplay(
        token_label=visit.token_label or "",
        room=visit.room,
        status=VisitStatus(visit.status),
        minutes=wait.minutes if wait else None,
    )


async def clinic_board(tx: Tx, actor: Actor, centre_id: int) -> dict[str, Any]:
    """A centre's day in seed 000's words: who waits, is called, is being seen, is done."""
    today = await get_today(tx, centre_id)
    days = Days(centre_id=centre_id, first_on=today, last_on=today, today=today)
    board = Board(on_board(await list_visits_of_days(tx, actor, days, None), tx.now))
    return {**_columns(board), "clinic_id": centre_id}


async def doctor_board(tx: Tx, actor: Actor, clinician_id: int) -> dict[str, Any]:
    """A clinician's day in seed 000's words, at all his centres, with those who wait for anybody of his department."""
    return {**_columns(await see_clinician_day(tx, actor, clinician_id)), "doctor_id": clinician_id}


def _columns(board: Board) -> dict[str, Any]:
    columns = {name: [_item(one) for one in places] for name, places in board.by_column().items()}
    return {**columns, "total": sum(map(len, columns.values()))}


def _item(one: OnBoard) -> dict[str, Any]:
    visit = one.standing.visit
    return {
        "id": visit.id,
        "queue_number": visit.token_number,
        "token_label": visit.token_label,
        "patient_name": visit.patient_name,
        "patient_phone": visit.patient_phone,
        "doctor_name": visit.clinician_name,
        "service_name": visit.service_name,
        "visit_type": one.visit_type.lower(),
        "check_in_time": plain(visit.checked_in_at),
        "start_time": plain(visit.started_at),
        "end_time": plain(visit.completed_at),
        "status": one.status.lower(),
    }
