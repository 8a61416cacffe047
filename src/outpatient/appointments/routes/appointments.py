"""Appointments for staff, clinicians and patients: seed 001 `/appointments`, seeds 002 and 004 on the same paths."""

import calendar
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.appointments import actions
from outpatient.appointments.schemas import (
    AppointmentOut,
    CancelRequest,
    HistoryEntry,
    OwnDay,
    RescheduleRequest,
    UpdateRequest,
)
from outpatient.core.database import Tx
from outpatient.core.errors import Invalid
from outpatient.core.terms import AppointmentStatus
from outpatient.http.dependencies import App, Paged, Parts, Writing, allow, id_named
from outpatient.http.schema import AnyCase, Envelope, PathId, answer

router = APIRouter(tags=["Appointments"])


@router.get("/appointments")
async def list_appointments(
    actor: Annotated[Actor, allow(P.APPOINTMENTS_LIST)],
    tx: Writing,
    page: Paged,
    centre_id: Annotated[int | None, id_named("centreId")] = None,
    clinician_id: Annotated[int | None, id_named("clinicianId")] = None,
    doctor_id: Annotated[int | None, id_named("doctorId")] = None,
    patient_id: Annotated[int | None, id_named("patientId")] = None,
    department_id: Annotated[int | None, id_named("departmentId")] = None,
    on: Annotated[date | None, Query(alias="date")] = None,
    month: Annotated[str | None, Query(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")] = None,
    status: Annotated[AppointmentStatus | None, AnyCase] = None,
) -> Envelope[list[AppointmentOut]]:
    rows, total = await actions.read_appointments(
        tx,
        actor=actor,
        page=page,
        centre_id=centre_id,
        clinician_id=clinician_id or doctor_id,
        patient_id=patient_id,
        department_id=department_id,
        on=on,
        month=month_days(month),
        status=status,
    )
    return answer([AppointmentOut.model_validate(row) for row in rows], meta=page.meta(total))


def month_days(text: str | None) -> tuple[date, date] | None:
    """`2024-03` → its first and last day."""
    if text is None:
        return None
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise Invalid.field("month", "Must be a month, such as 2024-03") from None
    return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])


@router.get("/appointments/my-appointments")
async def list_own_day(actor: Annotated[Actor, allow(P.APPOINTMENTS_OWN_DAY)], tx: Writing) -> Envelope[OwnDay]:
    return answer(OwnDay.model_validate(await actions.read_own_day(tx, actor=actor)))


@router.get("/appointments/{appointment_id:int}")
async def get_appointment(
    appointment_id: PathId, actor: Annotated[Actor, allow(P.APPOINTMENTS_READ)], tx: Writing
) -> Envelope[AppointmentOut]:
    return await _show(tx, actor, appointment_id)


async def _show(tx: Tx, actor: Actor, appointment_id: int, message: str | None = None) -> Envelope[AppointmentOut]:
    shown = await actions.read_appointment(tx, actor=actor, appointment_id=appointment_id)
    return answer(AppointmentOut.model_validate(shown), message)


@router.put("/appointments/{appointment_id:int}")
async def update_appointment(
    appointment_id: PathId,
    body: UpdateRequest,
    actor: Annotated[Actor, allow(P.APPOINTMENTS_UPDATE)],
    app: App,
    tx: Writing,
) -> Envelope[AppointmentOut]:
    await _reschedule(tx, app, actor, appointment_id, body)
    await actions.update_appointment(tx, actor=actor, appointment_id=appointment_id, **body.details())
    if body.status is not None:
        await actions.set_status(tx, actor=actor, appointment_id=appointment_id, status=body.status, reason=body.reason)
    return await _show(tx, actor, appointment_id, "Appointment updated successfully")


@router.patch("/appointments/{appointment_id:int}/reschedule")
async def reschedule_appointment(
    appointment_id: PathId,
    body: RescheduleRequest,
    actor: Annotated[Actor, allow(P.APPOINTMENTS_RESCHEDULE)],
    app: App,
    tx: Writing,
) -> Envelope[AppointmentOut]:
    if (body.start, body.appointment_date, body.appointment_time) == (None, None, None):
        raise Invalid.field("start", "Give start, or appointmentDate and appointmentTime")
    await _reschedule(tx, app, actor, appointment_id, body)
    return await _show(tx, actor, appointment_id, "Appointment rescheduled successfully")


async def _reschedule(
    tx: Tx, app: Parts, actor: Actor, appointment_id: int, body: UpdateRequest | RescheduleRequest
) -> None:
    await actions.reschedule_appointment(
        tx,
        app.schedules,
        actor=actor,
        appointment_id=appointment_id,
        starts_at=body.start,
        on=body.appointment_date,
        at=body.appointment_time,
    )


@router.delete("/appointments/{appointment_id:int}")
async def cancel_appointment(
    appointment_id: PathId,
    actor: Annotated[Actor, allow(P.APPOINTMENTS_CANCEL)],
    tx: Writing,
    body: CancelRequest | None = None,
) -> Envelope[AppointmentOut]:
    return await _cancel(tx, actor, appointment_id, body)


async def _cancel(tx: Tx, actor: Actor, appointment_id: int, body: CancelRequest | None) -> Envelope[AppointmentOut]:
    reason = body.reason if body else None
    await actions.cancel_appointment(tx, actor=actor, appointment_id=appointment_id, reason=reason)
    return await _show(tx, actor, appointment_id, "Appointment cancelled successfully")


@router.patch("/appointments/{appointment_id:int}/confirm")
async def confirm_appointment(
    appointment_id: PathId, actor: Annotated[Actor, allow(P.APPOINTMENTS_RESPOND)], tx: Writing
) -> Envelope[AppointmentOut]:
    await actions.confirm_appointment(tx, actor=actor, appointment_id=appointment_id)
    return await _show(tx, actor, appointment_id, "Appointment confirmed successfully")


@router.patch("/appointments/{appointment_id:int}/cancel")
async def respond_cancel(
    appointment_id: PathId,
    actor: Annotated[Actor, allow(P.APPOINTMENTS_RESPOND)],
    tx: Writing,
    body: CancelRequest | None = None,
) -> Envelope[AppointmentOut]:
    return await _cancel(tx, actor, appointment_id, body)


@router.patch("/appointments/{appointment_id:int}/complete")
async def complete_appointment(
    appointment_id: PathId, actor: Annotated[Actor, allow(P.APPOINTMENTS_COMPLETE)], tx: Writing
) -> Envelope[AppointmentOut]:
    await actions.complete_appointment(tx, actor=actor, appointment_id=appointment_id)
    return await _show(tx, actor, appointment_id, "Appointment completed successfully")


@router.get("/appointments/{appointment_id:int}/history")
async def list_history(
    appointment_id: PathId, actor: Annotated[Actor, allow(P.APPOINTMENTS_READ)], tx: Writing
) -> Envelope[list[HistoryEntry]]:
    happened = await actions.read_history(tx, actor=actor, appointment_id=appointment_id)
    return answer([HistoryEntry.model_validate(dict(row)) for row in happened])
