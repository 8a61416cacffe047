"""One-time codes."""

from datetime import timedelta

from outpatient.access.tokens import otp_code
from outpatient.adapters.outside import Outside
from outpatient.core.terms import Channel, SessionKind
from outpatient.models import OtpChallenge, StoredEvent
from outpatient.notifications.carry import Letter, send
from outpatient.notifications.kinds import Kind
from outpatient.notifications.queries import Person, find_code_language
from outpatient.notifications.texts import write


async def send_otp(outside: Outside, event: StoredEvent) -> None:
    """Send a one-time code: WhatsApp first for patients, SMS for staff. Nothing is sent for a code that is dead."""
    async with outside.database.reading() as tx:
        challenge = await tx.session.get(OtpChallenge, event.subject_id)
        if challenge is None or challenge.used_at is not None or challenge.expires_at <= tx.now:
            return
        language = await find_code_language(tx, event.hospital_id, challenge.phone)
    code = otp_code(outside.settings.secret_key, challenge.nonce)
    minutes = int((challenge.expires_at - challenge.created_at) / timedelta(minutes=1))
    letter = Letter(
        event=event,
        kind=Kind.OTP,
        person=Person(phone=challenge.phone, language=language),
        text=write(Kind.OTP, language, code=code, minutes=minutes),
        channels=() if challenge.kind is SessionKind.PATIENT else (Channel.SMS,),
    )
    await send(outside, letter)
