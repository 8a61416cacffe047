"""The contract of the message and e-mail ports; a vendor's adapter joins by one more fixture parameter."""

import asyncio
import email
import email.policy
import email.utils
import json
import os
import re
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from outpatient.adapters.email.local import LocalEmails
from outpatient.adapters.email.port import Attachment, Email, Emails
from outpatient.adapters.email.smtp import SmtpEmails
from outpatient.adapters.messages.by_channel import ByChannel
from outpatient.adapters.messages.local import LocalMessages
from outpatient.adapters.messages.port import Messages, TextChannel, TextMessage
from outpatient.core.errors import AdapterFailure
from outpatient.core.terms import Channel
from tests.adapters.vendors import gallabox, resend, smtp, twilio
from tests.adapters.vendors.accounts import CLINIC, by_gallabox, by_resend, by_twilio
from tests.adapters.vendors.gallabox import Gallabox
from tests.adapters.vendors.resend import Resend
from tests.adapters.vendors.smtp import MailServer
from tests.adapters.vendors.twilio import Twilio
from tests.stand_ins import listening

pytestmark = pytest.mark.anyio

AT = datetime(2026, 3, 16, 3, 30, tzinfo=UTC)
HELLO = TextMessage(Channel.SMS, "+919876543210", "नमस्ते, 9:00 पर मिलते हैं 🙂\nReply 1", key="BookingMade:7:+919876543210")
LETTER = Email("asha@example.com", "Your visit on 16 मार्च", "नमस्ते Asha,\nsee you at 9.\n", key="BookingMade:7:asha")


PDF = Attachment("Rechnung 7 – मार्च.pdf", "application/pdf", b"%PDF-1.7\n\x00\xff\r\n.\r\nend")


@dataclass
class Messaging:
    """A messages adapter and what arrived at the other end: `{channel, to, body}` each, in the order of sending."""

    adapter: Messages
    arrived: Callable[[], list[dict[str, Any]]]


@dataclass
class Mailing:
    """An e-mail adapter and the raw e-mails that arrived at the other end, in the order of sending."""

    adapter: Emails
    arrived: Callable[[], list[bytes]]


@dataclass
class Carrier:
    """A vendor's adapter sending one message, with a switch for what can go wrong on the way to it."""

    send: Callable[..., Awaitable[str]]
    arrived: Callable[[], int]
    fail: Callable[[Any], None]
    secret: str
    can_be_asked: bool = True
    """Whether a doubtful message can be found again, by its key or by asking."""


@pytest.fixture(params=["local", "vendors"])
async def messaging(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Messaging]:
    folder, twilio, gallabox = tmp_path / "outbox", Twilio(AT), Gallabox()
    local, vendors = LocalMessages(folder), ByChannel(by_twilio(twilio), by_gallabox(gallabox))

    def arrived_at_vendors() -> list[dict[str, Any]]:
        sms = [{"channel": "sms", "to": it["to"], "body": it["body"]} for it in twilio.messages]
        return sms + [
            {"channel": "whatsapp", "to": f"+{it['recipient']['phone']}", "body": it["whatsapp"]["text"]["body"]}
            for it in gallabox.messages
        ]

    yield {
        "local": Messaging(local, lambda: texts_in(folder)),
        "vendors": Messaging(vendors, arrived_at_vendors),
    }[request.param]
    await local.close()
    await vendors.close()


@pytest.fixture(params=["local", "resend", "smtp"])
async def mailing(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Mailing]:
    folder, resend, server = tmp_path / "outbox", Resend(), MailServer()
    async with listening(server.answer, "smtp+plain://") as url:
        made = {
            "local": Mailing(LocalEmails(folder, CLINIC), lambda: [p.read_bytes() for p in files_in(folder)]),
            "resend": Mailing(by_resend(resend), resend.arrived),
            "smtp": Mailing(SmtpEmails(url, sender=CLINIC), server.mailbox),
        }
        yield made[request.param]
        for one in made.values():
            await one.adapter.close()


@asynccontextmanager
async def twilio_carrier() -> AsyncIterator[Carrier]:
    vendor = Twilio(AT)
    adapter = by_twilio(vendor)
    yield Carrier(partial(adapter.send, message=HELLO), lambda: len(vendor.messages), vendor.wire.fail, twilio.TOKEN)
    await adapter.close()


@asynccontextmanager
async def gallabox_carrier() -> AsyncIterator[Carrier]:
    vendor, message = Gallabox(), replace(HELLO, channel=Channel.WHATSAPP)
    adapter = by_gallabox(vendor)
    send = partial(adapter.send, message=message)
    yield Carrier(send, lambda: len(vendor.messages), vendor.wire.fail, gallabox.SECRET, can_be_asked=False)
    await adapter.close()


@asynccontextmanager
async def resend_carrier() -> AsyncIterator[Carrier]:
    vendor = Resend()
    adapter = by_resend(vendor)
    yield Carrier(partial(adapter.send, email=LETTER), lambda: len(vendor.wishes), vendor.wire.fail, resend.KEY)
    await adapter.close()


@asynccontextmanager
async def smtp_carrier() -> AsyncIterator[Carrier]:
    server = MailServer(asks_login=True)
    async with listening(server.answer, f"smtp+plain://{smtp.LOGIN}@") as url:
        adapter = SmtpEmails(url, sender=CLINIC)
        send = partial(adapter.send, email=LETTER)
        yield Carrier(send, lambda: len(server.mailbox()), server.fail, smtp.PASSWORD)


@pytest.fixture(params=[twilio_carrier, gallabox_carrier, resend_carrier, smtp_carrier])
async def carrier(request: pytest.FixtureRequest) -> AsyncIterator[Carrier]:
    async with request.param() as made:
        yield made


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def texts_in(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text("utf-8")) for path in files_in(folder)]


def parsed(raw: bytes) -> email.message.EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


# --- every messages adapter ---


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.WHATSAPP])
async def test_a_text_arrives_as_it_was_written(messaging: Messaging, channel: TextChannel) -> None:
    assert await messaging.adapter.send(message=replace(HELLO, channel=channel), at=AT)
    [text] = messaging.arrived()
    assert (text["channel"], text["to"], text["body"]) == (channel.lower(), HELLO.to, HELLO.body)


async def test_the_same_key_is_the_same_message(messaging: Messaging) -> None:
    first = await messaging.adapter.send(message=HELLO, at=AT)
    again = await messaging.adapter.send(message=HELLO, at=AT + timedelta(minutes=1), doubtful_since=AT)
    assert first == again
    assert len(messaging.arrived()) == 1


async def test_other_keys_and_other_channels_are_other_messages(messaging: Messaging) -> None:
    others = [HELLO, replace(HELLO, key="other"), replace(HELLO, channel=Channel.WHATSAPP)]
    assert len({await messaging.adapter.send(message=message, at=AT) for message in others}) == 3
    assert len(messaging.arrived()) == 3


# --- every e-mail adapter ---


async def test_an_email_arrives_as_it_was_written(mailing: Mailing) -> None:
    await mailing.adapter.send(email=LETTER, at=AT)
    [raw] = mailing.arrived()
    message = parsed(raw)
    assert (message["To"], message["Subject"], message["From"]) == (
        LETTER.to,
        LETTER.subject,
        CLINIC,
    )
    assert message.get_content().replace("\r\n", "\n") == LETTER.text


async def test_an_email_with_html_carries_both(mailing: Mailing) -> None:
    await mailing.adapter.send(email=replace(LETTER, html="<p>नमस्ते</p>"), at=AT)
    message = parsed(mailing.arrived()[0])
    for kind, content in (("plain", LETTER.text), ("html", "<p>नमस्ते</p>\n")):
        part = message.get_body((kind,))
        assert part is not None
        assert part.get_content().replace("\r\n", "\n") == content


@pytest.mark.parametrize("html", [None, "<p>नमस्ते</p>"])
async def test_an_email_carries_files_of_any_name_and_bytes(mailing: Mailing, html: str | None) -> None:
    other = Attachment("notes.txt", "text/plain", b"plain\r\n")
    await mailing.adapter.send(email=replace(LETTER, html=html, attachments=(PDF, other)), at=AT)
    message = parsed(mailing.arrived()[0])
    text, *files = message.get_body(("plain",)), *message.iter_attachments()
    assert text is not None and text.get_content().replace("\r\n", "\n") == LETTER.text
    assert (message.get_body(("html",)) is not None) is (html is not None)
    assert [(it.get_filename(), it.get_content_type(), it.get_payload(decode=True)) for it in files] == [
        (it.name, it.media_type, it.content) for it in (PDF, other)
    ]


async def test_the_same_key_is_the_same_email(mailing: Mailing) -> None:
    sends = (mailing.adapter.send(email=LETTER, at=AT + timedelta(seconds=second)) for second in range(20))
    assert len(set(await asyncio.gather(*sends))) == 1
    assert len(mailing.arrived()) == 1
    await mailing.adapter.send(email=replace(LETTER, key="other"), at=AT)
    assert len(mailing.arrived()) == 2


@pytest.mark.parametrize(
    "bad",
    [
        {"to": ""},
        {"to": "asha"},
        {"to": "asha@example.com, eve@evil.example"},
        {"to": "asha@example.com\r\nBcc: eve@evil.example"},
        {"subject": "Hello\r\nBcc: eve@evil.example"},
        {"attachments": (replace(PDF, name="a.pdf\r\nBcc: eve@evil.example"),)},
        {"attachments": (replace(PDF, name=""),)},
        {"attachments": (replace(PDF, media_type="application/pdf\r\nBcc: eve@evil.example"),)},
        {"attachments": (replace(PDF, media_type="pdf"),)},
    ],
)
async def test_an_email_that_smuggles_or_cannot_go_is_refused_for_good(mailing: Mailing, bad: dict[str, Any]) -> None:
    with pytest.raises(AdapterFailure) as failure:
        await mailing.adapter.send(email=replace(LETTER, **bad), at=AT)
    assert failure.value.permanent
    assert "evil" not in str(failure.value)


# --- every vendor ---


async def test_what_a_vendor_took_arrived(carrier: Carrier) -> None:
    assert await carrier.send(at=AT)
    assert carrier.arrived() == 1


@pytest.mark.parametrize(("fault", "final"), [("slow down", False), ("broken", False), ("never", True)])
async def test_a_refusal_is_final_or_not_and_quotes_nothing(carrier: Carrier, fault: str, final: bool) -> None:
    carrier.fail(fault)
    with pytest.raises(AdapterFailure) as failure:
        await carrier.send(at=AT)
    assert failure.value.permanent is final
    assert carrier.arrived() == 0
    shown = "".join(traceback.format_exception(failure.value)) + repr(failure.value)
    for hidden in (carrier.secret, HELLO.body, HELLO.to, LETTER.text, LETTER.to, "नमस्ते"):
        assert hidden not in str(failure.value)
    assert carrier.secret not in shown

    carrier.fail(None)
    assert await carrier.send(at=AT)


async def test_a_vendor_that_is_not_there_may_come_back(carrier: Carrier) -> None:
    carrier.fail("down")
    with pytest.raises(AdapterFailure) as failure:
        await carrier.send(at=AT)
    assert not failure.value.permanent
    carrier.fail(None)
    assert await carrier.send(at=AT, doubtful_since=AT)
    assert carrier.arrived() == 1


async def test_a_message_whose_answer_was_lost_arrives_once(carrier: Carrier) -> None:
    carrier.fail("silent")
    with pytest.raises(AdapterFailure) as failure:
        await carrier.send(at=AT)
    assert not failure.value.permanent
    assert carrier.arrived() == 1
    carrier.fail(None)
    assert await carrier.send(at=AT + timedelta(minutes=1), doubtful_since=AT)
    assert carrier.arrived() == (1 if carrier.can_be_asked else 2)  # the one exception, which its adapter explains


# --- what is true of files only ---


async def test_the_same_key_at_once_is_one_file(tmp_path: Path) -> None:
    adapter = LocalMessages(tmp_path)
    sends = (adapter.send(message=HELLO, at=AT + timedelta(seconds=second)) for second in range(50))
    assert len(set(await asyncio.gather(*sends))) == 1
    assert len(texts_in(tmp_path)) == 1


async def test_messages_stand_in_the_order_of_time(tmp_path: Path) -> None:
    for minute in (3, 1, 2):
        await LocalMessages(tmp_path).send(message=replace(HELLO, key=str(minute)), at=AT + timedelta(minutes=minute))
    assert [text["key"] for text in texts_in(tmp_path)] == ["1", "2", "3"]


async def test_the_json_file_has_the_agreed_members(tmp_path: Path) -> None:
    adapter = LocalMessages(tmp_path)
    india = timezone(timedelta(hours=5, minutes=30))
    await adapter.send(message=HELLO, at=AT.astimezone(india))
    await adapter.send(message=replace(HELLO, channel=Channel.WHATSAPP, template="visit_reminder"), at=AT)
    plain, with_template = sorted(texts_in(tmp_path), key=lambda text: text["channel"])
    common = {"to": HELLO.to, "body": HELLO.body, "createdAt": "2026-03-16T03:30:00.000Z", "key": HELLO.key}
    assert plain == {"channel": "sms", **common}
    assert with_template == {"channel": "whatsapp", **common, "template": "visit_reminder"}


async def test_file_names_tell_the_time_and_nothing_about_the_person(tmp_path: Path) -> None:
    await LocalMessages(tmp_path).send(message=HELLO, at=AT)
    await LocalEmails(tmp_path, CLINIC).send(email=LETTER, at=AT + timedelta(microseconds=1))
    text, letter = (path.name for path in files_in(tmp_path))
    assert re.fullmatch(r"20260316T033000\.000000Z-[0-9a-f]{32}\.json", text)
    assert re.fullmatch(r"20260316T033000\.000001Z-[0-9a-f]{32}\.eml", letter)


async def test_an_email_file_is_dated_named_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    letter = replace(LETTER, html="<p>hello</p>", attachments=(PDF,))
    message_id = await LocalEmails(tmp_path / "one", CLINIC).send(email=letter, at=AT)
    assert await LocalEmails(tmp_path / "two", CLINIC).send(email=letter, at=AT) == message_id
    [content], [again] = ([path.read_bytes() for path in files_in(tmp_path / name)] for name in ("one", "two"))
    assert content == again
    message = parsed(content)
    assert email.utils.parsedate_to_datetime(message["Date"]) == AT
    assert message["Message-ID"] == message_id
    assert re.fullmatch(r"<[0-9a-f]{32}@outpatient\.example>", message_id)
    assert content.isascii()  # any mail program, however old


async def test_a_reader_never_sees_half_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[Path]] = []
    real = os.replace

    def look_first(source: str, target: Path) -> None:
        seen.append(files_in(tmp_path))
        assert json.loads(Path(source).read_bytes())["key"] == HELLO.key  # whole before it gets its name
        real(source, target)

    monkeypatch.setattr(os, "replace", look_first)
    await LocalMessages(tmp_path).send(message=HELLO, at=AT)
    assert seen == [[]]
    assert len(files_in(tmp_path)) == 1


async def test_a_send_that_died_half_way_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: str, target: Path) -> None:
        raise OSError(28, "No space left on device")

    adapter = LocalMessages(tmp_path)
    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", full)
        with pytest.raises(AdapterFailure, match="No space left") as failure:
            await adapter.send(message=HELLO, at=AT)
    assert not failure.value.permanent
    assert files_in(tmp_path) == []

    await adapter.send(message=HELLO, at=AT + timedelta(minutes=1))
    await adapter.send(message=HELLO, at=AT + timedelta(minutes=2))
    [text] = texts_in(tmp_path)
    assert text["body"] == HELLO.body
    assert len(list((tmp_path / ".keys").iterdir())) == 1  # nothing unfinished is left behind
