"""Which adapter stands behind each port, as the settings choose."""

from outpatient.adapters.email.local import LocalEmails
from outpatient.adapters.email.port import Emails
from outpatient.adapters.email.resend import ResendEmails
from outpatient.adapters.email.smtp import SmtpEmails
from outpatient.adapters.messages.by_channel import ByChannel
from outpatient.adapters.messages.gallabox import GallaboxMessages
from outpatient.adapters.messages.local import LocalMessages
from outpatient.adapters.messages.port import Messages
from outpatient.adapters.messages.twilio import TwilioMessages
from outpatient.adapters.payments.local import LocalPayments
from outpatient.adapters.payments.port import Payments
from outpatient.adapters.payments.razorpay import RazorpayPayments
from outpatient.adapters.video.google_meet import GoogleMeetVideo
from outpatient.adapters.video.google_tokens import Grant, RefreshGrant, ServiceGrant
from outpatient.adapters.video.local import JitsiVideo
from outpatient.adapters.video.port import Video
from outpatient.core.clock import Clock
from outpatient.settings import Settings


def choose_payments(settings: Settings, clock: Clock) -> Payments:
    """Who takes the payments (PAYMENTS_ADAPTER)."""
    if settings.payments_adapter == "razorpay":
        return RazorpayPayments(settings.razorpay_key_id, settings.razorpay_key_secret, settings.razorpay_base_url)
    return LocalPayments(
        settings.outbox_dir / "payments",
        key_id=settings.razorpay_key_id,
        checkout_secret=settings.checkout_secret,
        webhook_secret=settings.webhook_secret,
        base_url=settings.base_url,
        clock=clock,
    )


def choose_messages(settings: Settings) -> Messages:
    """SMS and WhatsApp, each by its own adapter; the local one writes both into OUTBOX_DIR."""
    local = LocalMessages(settings.outbox_dir)
    return ByChannel(
        sms=_twilio(settings) if settings.sms_adapter == "twilio" else local,
        whatsapp=_gallabox(settings) if settings.whatsapp_adapter == "gallabox" else local,
    )


def choose_emails(settings: Settings) -> Emails:
    """Resend, an SMTP server, or files in OUTBOX_DIR."""
    if settings.email_adapter == "resend":
        return ResendEmails(
            api_key=settings.resend_api_key, sender=settings.from_email, base_url=settings.resend_base_url
        )
    if settings.email_adapter == "smtp":
        return SmtpEmails(settings.smtp_url, sender=settings.from_email)
    return LocalEmails(settings.outbox_dir, settings.from_email)


def _twilio(settings: Settings) -> Messages:
    return TwilioMessages(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token,
        sender=settings.twilio_phone_number,
        base_url=settings.twilio_base_url,
        public_url=settings.public_url,
    )


def _gallabox(settings: Settings) -> Messages:
    return GallaboxMessages(
        api_key=settings.gallabox_api_key,
        api_secret=settings.gallabox_api_secret,
        channel_id=settings.gallabox_channel_id,
        base_url=settings.gallabox_base_url,
    )


def choose_video(settings: Settings, clock: Clock) -> Video:
    """Who makes video links. A service account's key that cannot be read stops the start (SystemExit)."""
    if settings.video_adapter == "local":
        return JitsiVideo(settings.jitsi_base_url, settings.secret_key)
    return GoogleMeetVideo(
        grant=_google_grant(settings),
        secret=settings.secret_key,
        calendar_id=settings.google_calendar_id,
        base_url=settings.google_base_url,
        token_url=settings.google_token_url,
        clock=clock,
    )


def _google_grant(settings: Settings) -> Grant:
    if not settings.google_service_account_file:
        return RefreshGrant(settings.google_client_id, settings.google_client_secret, settings.google_refresh_token)
    try:
        return ServiceGrant.read(settings.google_service_account_file, settings.google_acts_for)
    except ValueError as broken:
        raise SystemExit(f"Outpatient does not start like this:\n- {broken}") from broken
