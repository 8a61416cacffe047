"""E-mail on one machine: `.eml` files in the outbox folder that any mail program opens."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from outpatient.adapters import outbox_folder
from outpatient.adapters.email.port import Email
from outpatient.core.errors import AdapterFailure


@dataclass(frozen=True, slots=True)
class LocalEmails:
    """Writes e-mails into a folder, from the address `sender`."""

    folder: Path
    sender: str

    async def send(self, *, email: Email, at: datetime) -> str:
        """Writes the e-mail once per key; an address or subject that no header can carry is a permanent failure."""
        digest = outbox_folder.key_digest(f"email:{email.key}")
        message_id = f"<{digest}@{self.sender.rpartition('@')[2]}>"
        try:
            content = _rfc5322(email, sender=self.sender, message_id=message_id, boundary=digest, at=at)
        except (ValueError, MessageError, IndexError) as problem:  # the three ways in which the stdlib says it
            raise AdapterFailure(f"This e-mail cannot be sent: {problem}", permanent=True) from problem
        await outbox_folder.put(self.folder, key=f"email:{email.key}", at=at, suffix=".eml", content=content)
        return message_id


def _rfc5322(email: Email, *, sender: str, message_id: str, boundary: str, at: datetime) -> bytes:
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))  # bytes that every mail program and relay can take
    message["From"] = Address(addr_spec=sender)
    message["To"] = Address(addr_spec=email.to)
    message["Subject"] = email.subject
    message["Date"] = at.astimezone(UTC)
    message["Message-ID"] = message_id
    message.set_content(email.text)
    if email.html is not None:
        message.add_alternative(email.html, subtype="html")
        message.set_boundary(boundary)  # else a random one, and the same e-mail would not be the same bytes
    return message.as_bytes()
