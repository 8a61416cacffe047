"""Messages that follow events, sent after the deed is safe. Each is rendered from the state at the time of sending."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from outpatient.access.tokens import otp_code
from outpatient.adapters.email.port import Email, Emails
from outpatient.adapters.messages.port import Messages, TextChannel, TextMessage
from outpatient.core.database import Database
from outpatient.core.events import plain
from outpatient.core.terms import AppointmentStatus, CancelledBy, Channel, SessionKind
from outpatient.models import Notification, OtpChallenge, StoredEvent
from outpatient.notifications import texts
from outpatient.notifications.queries import Told, find_told
from outpatient.settings import Settings

TYPES = {
    "send_booking": "APPOINTMENT_CONFIRMATION",
    "send_confirmation": "APPOINTMENT_CONFIRMATION",
    "send_new_time": "APPOINTMENT_RESCHEDULED",
    "send_cancellation": "APPOINTMENT_CANCELLED",
    "send_expiry": "APPOINTMENT_EXPIRED",
}
"""Reaction → the type of its notification, which is also the template's name at the vendor."""


@dataclass(frozen=True)
class Outside:
    """What an outside reaction works with."""

    database: Database
    settings: Settings
    messages: Messages
    emails: Emails


async def send_otp(outside: Outside, event: StoredEvent) -> None:
    """Send a one-time code: WhatsApp for patients, SMS for staff. Nothing is sent for a code that is already dead."""
    async with outside.database.reading() as tx:
        challenge = await tx.session.get(OtpChallenge, event.subject_id)
    if challenge is None or challenge.used_at is not None or challenge.expires_at <= outside.database.clock.now():
        return
    channel: TextChannel = Channel.WHATSAPP if challenge.kind is SessionKind.PATIENT else Channel.SMS
    code = otp_code(outside.settings.secret_key, challenge.nonce)
    minutes = int((challenge.expires_at - challenge.created_at) / timedelta(minutes=1))
    await deliver(
        outside,
        event,
        TextMessage(
            channel=channel,
            to=challenge.phone,
            body=f"{code} is your sign-in code. It is valid for {minutes} minutes. Do not share it with anyone.",
            key=f"{event.id}:send_otp:{challenge.phone}",
            template="OTP",
        ),
        notification_type="OTP",
    )


EXPECTED = (AppointmentStatus.PENDING, AppointmentStatus.CONFIRMED)
"""Appointments that their patients still look forward to."""


async def send_booking(outside: Outside, event: StoredEvent) -> None:
    """Say what was booked. An unpaid hold is no booking yet, and what is over or cancelled meanwhile none any more."""
    told = await _find_expected(outside, event)
    if told is not None:
        await _tell(outside, event, told, "send_booking", texts.appointment_booked(told.facts))


async def send_confirmation(outside: Outside, event: StoredEvent) -> None:
    """Say that the appointment is confirmed, if it still is."""
    told = await _find_expected(outside, event)
    if told is not None and told.appointment.status is AppointmentStatus.CONFIRMED:
        await _tell(outside, event, told, "send_confirmation", texts.appointment_confirmed(told.facts))


async def send_new_time(outside: Outside, event: StoredEvent) -> None:
    """Say where the appointment moved to, unless it moved on: then the later move tells it."""
    told = await _find_expected(outside, event)
    if told is None:
        return
    now_at = (plain(told.appointment.starts_at), plain(told.appointment.service_on))
    if now_at == (event.payload["starts_at"], event.payload["service_on"]):
        await _tell(outside, event, told, "send_new_time", texts.appointment_rescheduled(told.facts))


async def send_cancellation(outside: Outside, event: StoredEvent) -> None:
    """Say that the appointment was cancelled, and by whom; not for a hold whose maker saw its payment fail."""
    told = await _find(outside, event)
    if told is None or told.appointment.status is not AppointmentStatus.CANCELLED:
        return
    by = told.appointment.cancelled_by or CancelledBy.SYSTEM
    if not (event.payload["was_hold"] and by is CancelledBy.SYSTEM):
        text = texts.appointment_cancelled(told.facts, by)
        await _tell(outside, event, told, "send_cancellation", text)


async def send_expiry(outside: Outside, event: StoredEvent) -> None:
    """Say that a hold was not paid in time."""
    told = await _find(outside, event)
    if told is not None and told.appointment.status is AppointmentStatus.CANCELLED:
        await _tell(outside, event, told, "send_expiry", texts.appointment_expired(told.facts))


async def _find(outside: Outside, event: StoredEvent) -> Told | None:
    async with outside.database.reading() as tx:
        return await find_told(tx, event.hospital_id, event.subject_id)


async def _find_expected(outside: Outside, event: StoredEvent) -> Told | None:
    told = await _find(outside, event)
    if told is None or told.appointment.status not in EXPECTED or told.appointment.expires_at is not None:
        return None
    starts_at = told.appointment.starts_at
    return told if starts_at is None or starts_at > outside.database.clock.now() else None


async def _tell(outside: Outside, event: StoredEvent, told: Told, reaction: str, text: str) -> None:
    kind, to = TYPES[reaction], told.phone or told.email
    if to is None:
        return
    key = f"{event.id}:{reaction}:{to}"
    message = (
        TextMessage(channel=Channel.WHATSAPP, to=to, body=text, key=key, template=kind)
        if told.phone
        else Email(to=to, subject=texts.SUBJECTS[reaction], text=text, key=key)
    )
    await deliver(
        outside,
        event,
        message,
        notification_type=kind,
        patient_id=told.appointment.patient_id,
        appointment_id=told.appointment.id,
    )


async def deliver(
    outside: Outside,
    event: StoredEvent,
    message: TextMessage | Email,
    *,
    notification_type: str,
    patient_id: int | None = None,
    appointment_id: int | None = None,
) -> None:
    """Hand one message to its adapter and log it; a repeat of the same key sends and logs nothing more."""
    now = outside.database.clock.now()
    if isinstance(message, TextMessage):
        channel: Channel = message.channel
        await outside.messages.send(message=message, at=now)
    else:
        channel = Channel.EMAIL
        await outside.emails.send(email=message, at=now)
    async with outside.database.transaction() as tx:
        if await tx.one_or_none(select(Notification.id).where(Notification.key == message.key)):
            return
        await tx.add(
            Notification(
                hospital_id=event.hospital_id,
                event_id=event.id,
                key=message.key,
                notification_type=notification_type,
                channel=channel,
                recipient=message.to,
                patient_id=patient_id,
                appointment_id=appointment_id,
                status="SENT",
                sent_at=now,
                created_at=now,
            )
        )
