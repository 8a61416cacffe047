"""Appointments with what stands around them: the service, the visit and its account."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.models import Payment, Service, Visit


async def add_surroundings(tx: Tx, actor: Actor, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Described appointments, each with its `service`, `visit` and `payment`; one query for each kind."""
    services = await _by_id(tx, actor, Service, (row["service_id"] for row in rows))
    visits = await _by_id(tx, actor, Visit, (row["visit_id"] for row in rows))
    payments = await _by_id(tx, actor, Payment, (row["payment_id"] for row in rows))
    return [
        {
            **row,
            "service": services.get(row["service_id"]),
            "visit": visits.get(row["visit_id"]),
            "payment": payments.get(row["payment_id"]),
        }
        for row in rows
    ]


async def _by_id(tx: Tx, actor: Actor, table: Any, ids: Iterable[int | None]) -> dict[int, Any]:
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    found = await tx.all(select(table).where(table.hospital_id == actor.hospital_id, table.id.in_(wanted)))
    return {row.id: row for row in found}
