"""The contract of the message and e-mail ports; a vendor's adapter joins by one more fixture parameter."""

import asyncio
import email
import email.policy
import email.utils
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from outpatient.adapters.email.local import LocalEmails
from outpatient.adapters.email.port import Email, Emails
from outpatient.adapters.messages.local import LocalMessages
from outpatient.adapters.messages.port import Messages, TextChannel, TextMessage
from outpatient.core.errors import AdapterFailure
from outpatient.core.terms import Channel

pytestmark = pytest.mark.anyio

AT = datetime(2026, 3, 16, 3, 30, tzinfo=UTC)
HELLO = TextMessage(Channel.SMS, "+919876543210", "नमस्ते, 9:00 पर मिलते हैं 🙂\nReply 1", key="BookingMade:7:+919876543210")
LETTER = Email("asha@example.com", "Your visit on 16 मार्च", "नमस्ते Asha,\nsee you at 9.\n", key="BookingMade:7:asha")


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


@pytest.fixture(params=["local"])
def messaging(request: pytest.FixtureRequest, tmp_path: Path) -> Messaging:
    def local() -> Messaging:
        folder = tmp_path / "outbox"
        return Messaging(LocalMessages(folder), lambda: texts_in(folder))

    return {"local": local}[request.param]()


@pytest.fixture(params=["local"])
def mailing(request: pytest.FixtureRequest, tmp_path: Path) -> Mailing:
    def local() -> Mailing:
        folder = tmp_path / "outbox"
        return Mailing(
            LocalEmails(folder, "clinic@outpatient.example"), lambda: [p.read_bytes() for p in files_in(folder)]
        )

    return {"local": local}[request.param]()


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
    again = await messaging.adapter.send(message=HELLO, at=AT + timedelta(minutes=1))
    assert first == again
    assert len(messaging.arrived()) == 1


async def test_other_keys_and_other_channels_are_other_messages(messaging: Messaging) -> None:
    others = [HELLO, replace(HELLO, key="other"), replace(HELLO, channel=Channel.WHATSAPP)]
    assert len({await messaging.adapter.send(message=message, at=AT) for message in others}) == 3
    assert len(messaging.arrived()) == 3


async def test_the_same_key_at_once_is_one_message(messaging: Messaging) -> None:
    sends = (messaging.adapter.send(message=HELLO, at=AT + timedelta(seconds=second)) for second in range(50))
    assert len(set(await asyncio.gather(*sends))) == 1
    assert len(messaging.arrived()) == 1


async def test_messages_stand_in_the_order_of_time(messaging: Messaging) -> None:
    for minute in (3, 1, 2):
        await messaging.adapter.send(message=replace(HELLO, key=str(minute)), at=AT + timedelta(minutes=minute))
    assert [text["key"] for text in messaging.arrived()] == ["1", "2", "3"]


# --- every e-mail adapter ---


async def test_an_email_arrives_as_it_was_written(mailing: Mailing) -> None:
    await mailing.adapter.send(email=LETTER, at=AT)
    [raw] = mailing.arrived()
    message = parsed(raw)
    assert (message["To"], message["Subject"], message["From"]) == (
        LETTER.to,
        LETTER.subject,
        "clinic@outpatient.example",
    )
    assert message.get_content().replace("\r\n", "\n") == LETTER.text


async def test_an_email_with_html_carries_both(mailing: Mailing) -> None:
    await mailing.adapter.send(email=replace(LETTER, html="<p>नमस्ते</p>"), at=AT)
    message = parsed(mailing.arrived()[0])
    for kind, content in (("plain", LETTER.text), ("html", "<p>नमस्ते</p>\n")):
        part = message.get_body((kind,))
        assert part is not None
        assert part.get_content().replace("\r\n", "\n") == content


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
    ],
)
async def test_an_email_that_smuggles_or_cannot_go_is_refused_for_good(mailing: Mailing, bad: dict[str, str]) -> None:
    with pytest.raises(AdapterFailure) as failure:
        await mailing.adapter.send(email=replace(LETTER, **bad), at=AT)
    assert failure.value.permanent


# --- what is true of files only ---


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
    await LocalEmails(tmp_path, "clinic@outpatient.example").send(email=LETTER, at=AT + timedelta(microseconds=1))
    text, letter = (path.name for path in files_in(tmp_path))
    assert re.fullmatch(r"20260316T033000\.000000Z-[0-9a-f]{32}\.json", text)
    assert re.fullmatch(r"20260316T033000\.000001Z-[0-9a-f]{32}\.eml", letter)


async def test_an_email_file_is_dated_named_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    letter, sender = replace(LETTER, html="<p>hello</p>"), "clinic@outpatient.example"
    message_id = await LocalEmails(tmp_path / "one", sender).send(email=letter, at=AT)
    assert await LocalEmails(tmp_path / "two", sender).send(email=letter, at=AT) == message_id
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
