"""Which adapters the settings choose."""

import pytest

from outpatient.adapters.choice import choose_emails, choose_messages
from outpatient.adapters.email.local import LocalEmails
from outpatient.adapters.email.resend import ResendEmails
from outpatient.adapters.email.smtp import SmtpEmails
from outpatient.adapters.messages.gallabox import GallaboxMessages
from outpatient.adapters.messages.local import LocalMessages
from outpatient.adapters.messages.twilio import TwilioMessages
from outpatient.settings import Settings, load_settings
from tests.system.programs import program_on

pytestmark = pytest.mark.anyio

TWILIO = {"twilio_account_sid": "AC1", "twilio_auth_token": "t", "twilio_phone_number": "+14155550100"}
GALLABOX = {"gallabox_api_key": "k", "gallabox_api_secret": "s", "gallabox_channel_id": "c"}


@pytest.mark.parametrize(
    ("chosen", "sms", "whatsapp"),
    [
        ({}, LocalMessages, LocalMessages),
        ({"sms_adapter": "twilio", **TWILIO}, TwilioMessages, LocalMessages),
        ({"whatsapp_adapter": "gallabox", **GALLABOX}, LocalMessages, GallaboxMessages),
    ],
)
async def test_each_channel_has_the_carrier_of_the_settings(chosen, sms, whatsapp):
    messages = choose_messages(Settings(_env_file=None, **chosen))
    assert (type(messages.sms), type(messages.whatsapp)) == (sms, whatsapp)
    await messages.close()


@pytest.mark.parametrize(
    ("chosen", "kind"),
    [
        ({}, LocalEmails),
        ({"email_adapter": "resend", "resend_api_key": "re_1"}, ResendEmails),
        ({"email_adapter": "smtp", "smtp_url": "smtps://mail.example"}, SmtpEmails),
    ],
)
async def test_e_mail_has_the_carrier_of_the_settings(chosen, kind):
    emails = choose_emails(Settings(_env_file=None, **chosen))
    assert type(emails) is kind
    await emails.close()


async def test_the_program_sends_by_them_and_hangs_up_at_its_end(database_url, clock, tmp_path):
    chosen = {"sms_adapter": "twilio", "email_adapter": "resend", "resend_api_key": "re_1", **TWILIO}
    program = program_on(database_url, clock, tmp_path, **chosen)
    outside, adapters = program.worker.outside, program.adapters
    assert (outside.messages, outside.emails) == (adapters.messages, adapters.emails)
    clients = [adapter._vendor._client for adapter in (adapters.messages.sms, adapters.emails)]
    assert not any(client.is_closed for client in clients)
    async with program.open(run_worker=False):
        pass
    assert all(client.is_closed for client in clients)


def test_a_webhook_secret_that_is_none_stops_the_start():
    with pytest.raises(SystemExit, match="RESEND_WEBHOOK_SECRET"):
        load_settings(_env_file=None, resend_webhook_secret="secret")
