"""Where a patient without an appointment will stand: with the clinician named, or the least loaded of a department."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.core.errors import Forbidden, Invalid, NotFound
from outpatient.queue.queries import ClinicianLoad, Place, find_place, get_service_price, list_loads
from outpatient.queue.rules.assign import ALL_FULL, NOBODY_ON_DUTY, least_loaded, queue_warnings, warnings_for


@dataclass(frozen=True, slots=True)
class Line:
    """A line to stand in: whose, where, on which day, for how much (minor units), and what speaks against it."""

    clinician_id: int | None
    department_id: int | None
    centre_id: int
    today: date
    price_minor: int
    currency: str
    warnings: tuple[str, ...]


async def pick_line(
    tx: Tx, actor: Actor, *, clinician_id: int | None, department_id: int | None, service_id: int | None
) -> Line:
    """The line for a patient who came to a clinician, or to a department that has one to give (Invalid, NotFound)."""
    if clinician_id is None and department_id is None:
        raise Invalid.field("doctorId", "Name a clinician (doctorId) or a department (departmentId)")
    if clinician_id is not None:
        (chosen,) = await list_loads(tx, actor.hospital_id, clinician_id=clinician_id) or (None,)
        if chosen is None:
            raise NotFound.of("Clinician")
        if department_id not in (None, chosen.department_id):
            raise Invalid.field("departmentId", "This clinician works in another department")
        place, warnings = await _place(tx, actor, chosen.department_id, chosen.centre_id), warnings_for(chosen.load)
        return await _line(tx, place, chosen, service_id, warnings)
    place = await _place(tx, actor, department_id, None)
    loads = await list_loads(tx, actor.hospital_id, department_id=department_id)
    best = least_loaded(one.load for one in loads)
    if best is not None:
        chosen = next(one for one in loads if one.load is best)
        return await _line(tx, place, chosen, service_id, warnings_for(best))
    return await _line(tx, place, None, service_id, _nobody(loads, place))


def _nobody(loads: Sequence[ClinicianLoad], place: Place) -> list[str]:
    why = ALL_FULL if any(one.load.is_on_duty for one in loads) else NOBODY_ON_DUTY
    return [why, *queue_warnings(place.unassigned, place.queue_limit)]


async def _place(tx: Tx, actor: Actor, department_id: int | None, centre_id: int | None) -> Place:
    place = await find_place(tx, actor.hospital_id, department_id=department_id, centre_id=centre_id)
    if place is None:
        raise NotFound.of("Department")
    if not actor.sees_centre(place.centre_id):
        raise Forbidden("You may take walk-ins for your own centres only")
    return place


async def _line(
    tx: Tx, place: Place, chosen: ClinicianLoad | None, service_id: int | None, warnings: list[str]
) -> Line:
    price = chosen.fee_minor if chosen else 0
    if service_id is not None:
        of_service = await get_service_price(tx, place.hospital_id, service_id)
        price = price if of_service is None else of_service
    return Line(
        chosen.load.clinician_id if chosen else None,
        place.department_id,
        place.centre_id,
        place.today,
        price,
        place.currency,
        tuple(warnings),
    )
