"""What the clock brings to those who wait: word that their turn is near."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, or_, select, text, update

from outpatient.core.database import Database, Tx
from outpatient.models import LINE, Centre, Hospital, HospitalConfig, Visit
from outpatient.queue.events import VisitTurnNear
from outpatient.scheduling.rules import local_day

SETTLED = timedelta(minutes=5)
"""Who came a moment ago was told at the desk how short the line is."""

MOVING = "status IN ('CALLED', 'IN_PROGRESS')"


async def tell_turns(database: Database) -> None:
    """Say once of everybody who waits that he is among the next of his line (`turn_near_positions`; 0: nobody is).

    His line are those of his clinician, or those who wait for anybody of the department, in the order of ADR 7. It
    must be moving, that is, somebody of it is called or being seen; and he must have waited for five minutes.
    """
    async with database.reading() as tx:
        near = await _list_near(tx)
    if not near:
        return
    async with database.transaction() as tx:
        ahead = {row["id"]: row["number"] - 1 for row in near}
        told = await tx.all(
            update(Visit)
            .where(Visit.id.in_(ahead), text(f"visits.{LINE}"), Visit.turn_told_at.is_(None))
            .values(turn_told_at=tx.now)
            .returning(Visit)
            .execution_options(synchronize_session=False)
        )
        for visit in told:
            await tx.record(VisitTurnNear.of(visit, before={}, ahead=ahead[visit.id]), by=None)


async def _list_near(tx: Tx) -> Sequence[Mapping[str, Any]]:
    """Who is near his turn today and has not been told: `id` and his `number` in his line, from 1."""
    lines = (
        select(
            Visit.id,
            Visit.hospital_id,
            Visit.centre_id,
            Visit.clinician_id,
            Visit.department_id,
            Visit.service_on,
            Visit.checked_in_at,
            Visit.turn_told_at,
            func.row_number()
            .over(
                partition_by=(Visit.clinician_id, case((Visit.clinician_id.is_(None), Visit.department_id))),
                order_by=(Visit.queue_rank, Visit.queue_day, Visit.position, Visit.id),
            )
            .label("number"),
        )
        .where(text(f"visits.{LINE}"), or_(Visit.not_before.is_(None), Visit.not_before <= tx.now))
        .subquery()
    )
    seen = Visit.__table__.alias("seen")
    is_moving = (
        select(seen.c.id)
        .where(
            text(f"seen.{MOVING}"),
            or_(
                seen.c.clinician_id == lines.c.clinician_id,
                lines.c.clinician_id.is_(None) & (seen.c.department_id == lines.c.department_id),
            ),
        )
        .exists()
    )
    rows = await tx.rows(
        select(lines.c.id, lines.c.number, lines.c.service_on, Centre.time_zone)
        .join(HospitalConfig, HospitalConfig.hospital_id == lines.c.hospital_id)
        .join(Hospital, Hospital.id == lines.c.hospital_id)
        .join(Centre, Centre.id == lines.c.centre_id)
        .where(
            Hospital.is_active,
            lines.c.number <= HospitalConfig.turn_near_positions,
            lines.c.turn_told_at.is_(None),
            lines.c.checked_in_at <= tx.now - SETTLED,
            is_moving,
        )
    )
    return [row for row in rows if row["service_on"] == local_day(tx.now, ZoneInfo(row["time_zone"]))]
