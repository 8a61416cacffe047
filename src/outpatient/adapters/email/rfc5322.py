"""An e-mail as the bytes that travel: built in one way, whoever carries it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from outpatient.adapters.email.port import Attachment, Email
from outpatient.adapters.outbox_folder import key_digest
from outpatient.core.errors import AdapterFailure

POLICY = SMTP.clone(cte_type="7bit")  # bytes that every mail program and relay can take
MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]*")


def digest_of(email: Email) -> str:
    """The e-mail's key as a carrier may see it."""
    return key_digest(f"email:{email.key}")


def message_id(email: Email, sender: str) -> str:
    """The Message-ID: the same for the same key, so that a mailbox can tell a repeat."""
    return f"<{digest_of(email)}@{sender.rpartition('@')[2]}>"


def refuse_impossible(email: Email, sender: str) -> None:
    """An address, subject or name of a file that no header can carry is a permanent failure."""
    with _final():
        message = _headed(email, sender)
        for attachment in email.attachments:
            _attach(message, attachment, b"")
        message.as_bytes()


def build(email: Email, *, sender: str, at: datetime) -> bytes:
    """The whole e-mail; the same e-mail is the same bytes. Raises AdapterFailure for one that cannot be."""
    with _final():
        message = _headed(email, sender)
        message["Date"] = at.astimezone(UTC)
        message["Message-ID"] = message_id(email, sender)
        message.set_content(email.text)
        if email.html is not None:
            message.add_alternative(email.html, subtype="html")
        for attachment in email.attachments:
            _attach(message, attachment, attachment.content)
        for number, part in enumerate(message.walk()):
            if part.is_multipart():
                part.set_boundary(f"{digest_of(email)}-{number}")  # else a random one
        return message.as_bytes()


def _headed(email: Email, sender: str) -> EmailMessage:
    message = EmailMessage(policy=POLICY)
    message["From"] = Address(addr_spec=sender)
    message["To"] = Address(addr_spec=email.to)
    message["Subject"] = email.subject
    return message


def _attach(message: EmailMessage, attachment: Attachment, content: bytes) -> None:
    if not MEDIA_TYPE.fullmatch(attachment.media_type):
        raise ValueError("an attachment has no media type")
    if not (attachment.name and attachment.name.isprintable()):
        raise ValueError("an attachment has no name that can be shown")
    main, _, sub = attachment.media_type.partition("/")
    message.add_attachment(content, maintype=main, subtype=sub, filename=attachment.name)


@contextmanager
def _final() -> Iterator[None]:
    try:
        yield
    except (ValueError, MessageError, IndexError) as problem:  # the three ways in which the stdlib says it
        raise AdapterFailure(f"This e-mail cannot be sent ({type(problem).__name__})", permanent=True) from problem
