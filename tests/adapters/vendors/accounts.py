"""Our adapters, signed in at the vendors' stand-ins."""

from typing import Any

from outpatient.adapters.email.resend import ResendEmails
from outpatient.adapters.messages.gallabox import GallaboxMessages
from outpatient.adapters.messages.twilio import TwilioMessages
from tests.adapters.vendors import gallabox, resend, twilio

CLINIC = "clinic@outpatient.example"


def by_twilio(vendor: twilio.Twilio, **given: Any) -> TwilioMessages:
    login = {"account_sid": twilio.SID, "auth_token": twilio.TOKEN, "sender": twilio.NUMBER}
    return TwilioMessages(**login | given, base_url="https://twilio.test", transport=vendor.wire)


def by_gallabox(vendor: gallabox.Gallabox, **given: Any) -> GallaboxMessages:
    login = {"api_key": gallabox.KEY, "api_secret": gallabox.SECRET, "channel_id": gallabox.CHANNEL}
    return GallaboxMessages(**login | given, base_url="https://gallabox.test", transport=vendor.wire)


def by_resend(vendor: resend.Resend, key: str = resend.KEY) -> ResendEmails:
    return ResendEmails(api_key=key, sender=CLINIC, base_url="https://resend.test", transport=vendor.wire)
