"""What carriers report of the messages that they took."""

from collections.abc import Mapping

from sqlalchemy import func, literal, update

from outpatient.adapters.messages.port import StatusReport
from outpatient.core.database import Tx
from outpatient.core.terms import Channel
from outpatient.core.terms import NotificationStatus as Status
from outpatient.models import Notification
from outpatient.models.columns import Instant
from outpatient.notifications.events import NotificationFailed
from outpatient.notifications.queries import find_event

BEFORE: Mapping[Status, tuple[Status, ...]] = {
    Status.DELIVERED: (Status.PENDING, Status.SENT),
    Status.READ: (Status.PENDING, Status.SENT, Status.DELIVERED),
    Status.FAILED: (Status.PENDING, Status.SENT),
}
"""A report → the states that it carries on from. Reports come late, twice and in any order; none leads backwards."""


async def take_report(tx: Tx, *, channel: Channel, report: StatusReport) -> None:
    """Note what became of a message. One that we do not know, or know more of, stays as it is.

    A failure is an event: another channel may still bring the message.
    """
    status = Status(report.status)
    if status not in BEFORE:
        return
    values: dict[Notification | object, object] = {Notification.status: status}
    if status is Status.FAILED:
        values[Notification.last_error] = f"Not delivered ({report.error})"[:500] if report.error else "Not delivered"
    else:
        values[Notification.delivered_at] = func.coalesce(Notification.delivered_at, literal(tx.now, Instant()))
    rows = await tx.all(
        update(Notification)
        .where(
            Notification.provider_id == report.provider_id,
            Notification.channel == channel,
            Notification.status.in_(BEFORE[status]),
        )
        .values(values)
        .returning(Notification)
    )
    for failed in rows if status is Status.FAILED else ():
        await _say_that_it_failed(tx, failed)


async def _say_that_it_failed(tx: Tx, failed: Notification) -> None:
    event = await find_event(tx, failed.event_id)
    original_id = int(event.payload.get("original_id", event.id)) if event else failed.event_id
    await tx.record(
        NotificationFailed(hospital_id=failed.hospital_id, subject_id=failed.id, original_id=original_id), by=None
    )
