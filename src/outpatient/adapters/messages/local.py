"""Texts on one machine: a JSON file per message in the outbox folder, read at `/app/outbox`."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from outpatient.adapters import outbox_folder
from outpatient.adapters.messages.port import TextMessage


@dataclass(frozen=True, slots=True)
class LocalMessages:
    """Writes SMS and WhatsApp messages into a folder."""

    folder: Path

    async def send(self, *, message: TextMessage, at: datetime, doubtful_since: datetime | None = None) -> str:
        """Writes `{channel, to, body, createdAt, key, template?}` once per key and channel."""
        content = {
            "channel": message.channel.lower(),
            "to": message.to,
            "body": message.body,
            "createdAt": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "key": message.key,
        }
        if message.template:
            content["template"] = message.template
        key = f"{message.channel.lower()}:{message.key}"
        text = json.dumps(content, ensure_ascii=False, indent=2)
        await outbox_folder.put(self.folder, key=key, at=at, suffix=".json", content=text.encode())
        return f"local_{outbox_folder.key_digest(key)}"

    async def close(self) -> None:
        """Nothing is held open."""
