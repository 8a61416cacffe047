"""Messages that follow events, sent after the deed is safe. Each is rendered from the state at the time of sending."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from outpatient.access.tokens import otp_code
from outpatient.adapters.messages.port import Messages, TextMessage
from outpatient.core.database import Database
from outpatient.core.terms import Channel, SessionKind
from outpatient.models import Notification, OtpChallenge, StoredEvent
from outpatient.settings import Settings


@dataclass(frozen=True)
class Outside:
    """What an outside reaction works with."""

    database: Database
    settings: Settings
    messages: Messages


async def send_otp(outside: Outside, event: StoredEvent) -> None:
    """Send a one-time code: WhatsApp for patients, SMS for staff. Nothing is sent for a code that is already dead."""
    async with outside.database.reading() as tx:
        challenge = await tx.session.get(OtpChallenge, event.subject_id)
    if challenge is None or challenge.used_at is not None or challenge.expires_at <= outside.database.clock.now():
        return
    channel = Channel.WHATSAPP if challenge.kind is SessionKind.PATIENT else Channel.SMS
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


async def deliver(
    outside: Outside,
    event: StoredEvent,
    message: TextMessage,
    *,
    notification_type: str,
    patient_id: int | None = None,
    appointment_id: int | None = None,
) -> None:
    """Hand one message to its adapter and log it; a repeat of the same key sends and logs nothing more."""
    now = outside.database.clock.now()
    await outside.messages.send(message=message, at=now)
    async with outside.database.transaction() as tx:
        if await tx.one_or_none(select(Notification.id).where(Notification.key == message.key)):
            return
        await tx.add(
            Notification(
                hospital_id=event.hospital_id,
                event_id=event.id,
                key=message.key,
                notification_type=notification_type,
                channel=message.channel,
                recipient=message.to,
                patient_id=patient_id,
                appointment_id=appointment_id,
                status="SENT",
                sent_at=now,
                created_at=now,
            )
        )
