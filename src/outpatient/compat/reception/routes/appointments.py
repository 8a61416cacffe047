"""Appointments: seed 000 `/appointments`."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.appointments import actions, queries
from outpatient.centres.queries import get_centre
from outpatient.clinicians.queries import get_described as get_doctor
from outpatient.compat.reception.asked import AskedId, OnDay, Paged, answer_kept
from outpatient.compat.reception.book import get_whole
from outpatient.compat.reception.schemas.appointments import (
    AppointmentChanges,
    AppointmentMade,
    AppointmentOut,
    AppointmentPage,
    CancelRequest,
    FreeSlot,
    FreeSlots,
    SlotsDoctor,
    when,
)
from outpatient.compat.schema import Lower, listing
from outpatient.core.terms import AppointmentStatus, SlotState
from outpatient.http.dependencies import App, Reading, Writing, allow
from outpatient.http.schema import MAX_ID, Day, PathId
from outpatient.queue.queries import get_clinician

router = APIRouter(tags=["Reception: appointments"])

Reads = Annotated[Actor, allow(P.DESK_READ)]
Writes = Annotated[Actor, allow(P.DESK_WRITE)]
NeededId = Annotated[int, Query(ge=1, le=MAX_ID)]


@router.get("/appointments", response_model=AppointmentPage)
async def list_appointments(
    request: Request,
    actor: Reads,
    tx: Reading,
    page: Paged,
    clinic_id: AskedId = None,
    doctor_id: AskedId = None,
    patient_id: AskedId = None,
    on: OnDay = None,
    status: Annotated[AppointmentStatus, Lower] | None = None,
) -> Response:
    async def read() -> AppointmentPage:
        rows, total = await queries.list_described(
            tx, actor, page, centre_id=clinic_id, clinician_id=doctor_id, patient_id=patient_id, on=on, status=status
        )
        shown = [AppointmentOut.of(row) for row in await queries.add_surroundings(tx, actor, rows)]
        return AppointmentPage(**listing("appointments", shown, total, page.page, page.limit))

    return await answer_kept(request, actor, read)


@router.get("/appointments/{appointment_id:int}")
async def get_appointment(appointment_id: PathId, actor: Reads, tx: Reading) -> AppointmentOut:
    return await get_whole(tx, actor, appointment_id)


@router.put("/appointments/{appointment_id:int}")
async def update_appointment(
    appointment_id: PathId, body: AppointmentChanges, actor: Writes, app: App, tx: Writing
) -> AppointmentMade:
    which: dict[str, Any] = {"actor": actor, "appointment_id": appointment_id}
    await actions.reschedule_appointment(tx, app.schedules, **which, **when(body.start_time))
    await actions.update_appointment(tx, **which, **body.details())
    if body.status is not None:
        await actions.set_status(tx, **which, status=body.status, reason=body.reason)
    await tx.session.flush()
    shown = await get_whole(tx, actor, appointment_id)
    return AppointmentMade(message="Appointment updated successfully", appointment=shown)


@router.delete("/appointments/{appointment_id:int}")
async def cancel_appointment(
    appointment_id: PathId, actor: Writes, tx: Writing, body: CancelRequest | None = None
) -> AppointmentMade:
    reason = body.reason if body else None
    await actions.cancel_appointment(tx, actor=actor, appointment_id=appointment_id, reason=reason)
    shown = await get_whole(tx, actor, appointment_id)
    return AppointmentMade(message="Appointment cancelled successfully", appointment=shown)


@router.get("/appointments/available-slots")
async def list_free_slots(
    actor: Reads,
    app: App,
    clinic_id: NeededId,
    doctor_id: NeededId,
    on: Annotated[Day, Query(alias="date")],
    service_id: AskedId = None,
) -> FreeSlots:
    """What can be booked on a day at a clinic, as `POST /appointments` takes it."""
    async with app.database.reading() as tx:  # given back before the slots are read
        await get_clinician(tx, actor, doctor_id)
        await get_centre(tx, actor, clinic_id)
        doctor = await get_doctor(tx, actor.hospital_id, doctor_id)
    days = await app.schedules.find_slots(
        actor.hospital_id,
        doctor_id,
        first_on=on,
        last_on=on,
        centre_id=clinic_id,
        service_id=service_id,
        is_staff=True,
    )
    free = [offered.slot for offered in days[on] if offered.slot.state is SlotState.AVAILABLE]
    return FreeSlots(
        available_slots=[FreeSlot(start_time=slot.starts_at, end_time=slot.ends_at, available=True) for slot in free],
        doctor=SlotsDoctor(id=doctor_id, name=doctor["full_name"], specialization=doctor["specialization"]),
        date=on.isoformat(),
    )
