"""Messages that did not arrive: sent again because somebody asks, or on another channel because a carrier says so.

The handler that sent them first does it, so that what is said is true now. It is given the first event under the
number of the new one, under which the message is a new one, too.
"""

from collections.abc import Mapping, Sequence

from outpatient.adapters.outside import Outside
from outpatient.core.outbox import After
from outpatient.core.terms import Channel
from outpatient.models import StoredEvent
from outpatient.notifications.carry import NOT_BY
from outpatient.notifications.events import NotificationRequested
from outpatient.notifications.handlers import appointments, attendance, codes, feedback, money
from outpatient.notifications.kinds import MANNERS, Kind, kind_of
from outpatient.notifications.queries import find_event, find_notification

SENDERS: Mapping[Kind, After] = {
    Kind.BOOKED: appointments.send_booking,
    Kind.CONFIRMED: appointments.send_confirmation,
    Kind.RESCHEDULED: appointments.send_new_time,
    Kind.CANCELLED: appointments.send_cancellation,
    Kind.EXPIRED: appointments.send_expiry,
    Kind.MEET_LINK: appointments.send_meet_link,
    Kind.REMINDER: attendance.send_reminder,
    Kind.NO_SHOW: attendance.send_no_show,
    Kind.NO_SHOW_TO_CLINICIAN: attendance.send_no_show_to_clinician,
    Kind.NO_SHOW_PROPOSED: attendance.send_no_show_proposal,
    Kind.TURN_NEAR: attendance.send_turn_near,
    Kind.PAYMENT_LINK: money.send_payment_link,
    Kind.PAYMENT_RECEIVED: money.send_payment_received,
    Kind.REFUND: money.send_refund,
    Kind.INVOICE: money.send_invoice,
    Kind.FEEDBACK_REQUEST: feedback.send_feedback_request,
    Kind.OTP: codes.send_otp,
}
"""Who sends a message of each kind; what staff asked for by hand, whatever its kind, `send_requested` sends."""


async def send_again(outside: Outside, event: StoredEvent) -> None:
    """Send anew what failed, on every channel that its kind has."""
    await _send(outside, event, is_reported=False)


async def send_otherwise(outside: Outside, event: StoredEvent) -> None:
    """Send on the next channels what its carrier could not bring after all."""
    await _send(outside, event, is_reported=True)


async def _send(outside: Outside, event: StoredEvent, *, is_reported: bool) -> None:
    async with outside.database.reading() as tx:
        failed = await find_notification(tx, event.subject_id)
        first = await find_event(tx, event.payload["original_id"])
    kind = kind_of(failed.key) if failed is not None else None
    if failed is None or first is None or kind is None:
        return
    anew = StoredEvent(
        id=event.id,
        hospital_id=first.hospital_id,
        name=first.name,
        subject=first.subject,
        subject_id=first.subject_id,
        actor_id=first.actor_id,
        payload={**first.payload, NOT_BY: _up_to(MANNERS[kind].channels, failed.channel) if is_reported else []},
        at=event.at,
    )
    was_asked_for = first.name == NotificationRequested.name
    send = appointments.send_requested if was_asked_for else SENDERS[kind]
    await send(outside, anew)


def _up_to(channels: Sequence[Channel], failed: Channel) -> list[Channel]:
    """The channels that come before the one that failed, and that one."""
    return list(channels[: channels.index(failed) + 1] if failed in channels else channels)
