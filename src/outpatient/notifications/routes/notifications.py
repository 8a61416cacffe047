"""Telling patients by hand, and what was told to whom: seed 001 `/notifications`."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.core.terms import NotificationStatus
from outpatient.http.days import Between
from outpatient.http.dependencies import App, Paged, Parts, Reading, Writing, allow, id_named
from outpatient.http.idempotency import TAKES_KEY, idempotency_of, keep_made, once
from outpatient.http.schema import AnyCase, Done, Envelope, PathId, answer
from outpatient.notifications import actions, queries
from outpatient.notifications.kinds import Kind
from outpatient.notifications.queries import Filters
from outpatient.notifications.schemas import (
    NotificationOut,
    NotificationStats,
    NotificationSummary,
    NotificationTypeIn,
    TellRequest,
)

router = APIRouter(tags=["Notifications"])


@router.post("/notifications/appointment-confirmation", openapi_extra=TAKES_KEY)
async def send_confirmation(
    request: Request, body: TellRequest, actor: Annotated[Actor, allow(P.NOTIFICATIONS_CONFIRM)], app: App
) -> Done:
    """Tell the patient that his appointment is booked or confirmed. It is sent once this has been answered."""
    return await _request(request, app, actor, body, Kind.CONFIRMED, "Appointment confirmation sent successfully")


@router.post("/notifications/appointment-reminder", openapi_extra=TAKES_KEY)
async def send_reminder(
    request: Request, body: TellRequest, actor: Annotated[Actor, allow(P.NOTIFICATIONS_REMIND)], app: App
) -> Done:
    """Remind the patient of his appointment now, whatever the hour. It is sent once this has been answered."""
    return await _request(request, app, actor, body, Kind.REMINDER, "Appointment reminder sent successfully")


async def _request(request: Request, app: Parts, actor: Actor, body: TellRequest, kind: Kind, said: str) -> Done:
    route, repeatable = f"notifications:{kind}", await idempotency_of(request)

    async def make() -> Done:
        async with app.database.transaction() as tx:
            await keep_made(tx, actor, route, repeatable, body.appointment_id)
            await actions.request_notification(tx, actor=actor, appointment_id=body.appointment_id, kind=kind)
        return Done(message=said)

    async def again(_app: Parts, _actor: Actor, _appointment_id: int) -> Done:
        return Done(message=said)

    return await once(app, actor, route, repeatable, make, again=again)


@router.get("/notifications/history")
async def list_notifications(
    actor: Annotated[Actor, allow(P.NOTIFICATIONS_LIST)],
    tx: Reading,
    page: Paged,
    days: Between,
    patient_id: Annotated[int | None, id_named("patientId")] = None,
    appointment_id: Annotated[int | None, id_named("appointmentId")] = None,
    notification_type: Annotated[NotificationTypeIn | None, Query(alias="notificationType")] = None,
    status: Annotated[NotificationStatus | None, AnyCase] = None,
) -> Envelope[list[NotificationSummary]]:
    """Messages, the newest first; the days are the hospital's."""
    filters = Filters(
        patient_id=patient_id,
        appointment_id=appointment_id,
        notification_type=notification_type,
        status=status,
        since=days.first_on,
        until=days.last_on,
    )
    rows, total = await queries.list_notifications(tx, actor, page, filters)
    return answer([NotificationSummary.model_validate(row) for row in rows], meta=page.meta(total))


@router.get("/notifications/stats")
async def get_stats(
    actor: Annotated[Actor, allow(P.NOTIFICATIONS_LIST)], tx: Reading, days: Between
) -> Envelope[NotificationStats]:
    """How many messages left the house and how many could not; the days are the hospital's."""
    filters = Filters(since=days.first_on, until=days.last_on)
    return answer(NotificationStats.model_validate(await queries.get_stats(tx, actor, filters)))


@router.get("/notifications/{notification_id:int}")
async def get_notification(
    notification_id: PathId, actor: Annotated[Actor, allow(P.NOTIFICATIONS_READ)], tx: Reading
) -> Envelope[NotificationOut]:
    """One message; a centre's manager sees those about his centres' appointments."""
    return answer(NotificationOut.model_validate(await queries.get_notification(tx, actor, notification_id)))


@router.post("/notifications/{notification_id:int}/retry")
async def retry_notification(
    notification_id: PathId, actor: Annotated[Actor, allow(P.NOTIFICATIONS_READ)], tx: Writing
) -> Done:
    """Send again what failed, as it would be said now; the history shows it as a message of its own."""
    await actions.retry_notification(tx, actor=actor, notification_id=notification_id)
    return Done(message="The message is being sent again")
