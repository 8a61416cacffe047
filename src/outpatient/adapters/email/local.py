"""E-mail on one machine: `.eml` files in the outbox folder that any mail program opens."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from outpatient.adapters import outbox_folder
from outpatient.adapters.email import rfc5322
from outpatient.adapters.email.port import Email


@dataclass(frozen=True, slots=True)
class LocalEmails:
    """Writes e-mails into a folder, from the address `sender`."""

    folder: Path
    sender: str

    async def send(self, *, email: Email, at: datetime, doubtful_since: datetime | None = None) -> str:
        """Writes the e-mail once per key."""
        content = rfc5322.build(email, sender=self.sender, at=at)
        await outbox_folder.put(self.folder, key=f"email:{email.key}", at=at, suffix=".eml", content=content)
        return rfc5322.message_id(email, self.sender)

    async def close(self) -> None:
        """Nothing is held open."""
