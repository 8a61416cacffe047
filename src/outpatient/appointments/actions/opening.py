"""Open slots as patients book them, by their id (seed 003), and the end of a clinician's work who offered them."""

from outpatient.access.actor import Actor
from outpatient.appointments.actions.book import book_appointment
from outpatient.appointments.actions.change import cancel_appointment
from outpatient.appointments.actions.wish import Booked, Booking
from outpatient.appointments.queries import get_opening
from outpatient.clinicians.actions import resign_clinician
from outpatient.clinicians.queries import list_to_come
from outpatient.core.database import Database, Tx
from outpatient.core.errors import Invalid
from outpatient.scheduling.actions import remove_every_open_slot
from outpatient.scheduling.queries import Schedules, get_clinician
from outpatient.staff.queries import lock_staff

LEFT = "The doctor sees patients here no more"


async def book_opening(
    database: Database,
    schedules: Schedules,
    *,
    actor: Actor,
    open_slot_id: int,
    route: str,
    idempotency_key: str | None = None,
    digest: str | None = None,
) -> Booked:
    """A patient books an open slot for himself (NotFound; Invalid: it is past; else as `book_appointment` refuses)."""
    async with database.reading() as tx:
        opening = await get_opening(tx, actor, open_slot_id)
    if opening.starts_at < schedules.clock.now():
        raise Invalid.field("slotId", "This slot is in the past")
    wish = Booking(
        patient_id=actor.patient_ids[0],
        clinician_id=opening.clinician_id,
        centre_id=opening.centre_id,
        starts_at=opening.starts_at,
        route=route,
        idempotency_key=idempotency_key,
        digest=digest,
    )
    return await book_appointment(database, schedules, actor=actor, wish=wish)


async def close_practice(tx: Tx, *, actor: Actor) -> None:
    """A clinician ends his work here: appointments to come are cancelled, open slots removed, his profile closed.

    What was stays as it was. ClinicianInUse: some patients are in the house; NotFound: he sees no patients here.
    """
    await lock_staff(tx, actor.hospital_id)
    clinician = await get_clinician(tx, actor, actor.clinician_id or 0, lock=True)  # no booking passes from here on
    for appointment_id in await list_to_come(tx, clinician):
        await cancel_appointment(tx, actor=actor, appointment_id=appointment_id, reason=LEFT)
    await remove_every_open_slot(tx, actor=actor, clinician=clinician)
    await resign_clinician(tx, actor=actor)
