"""What the log of incoming messages shows."""

from outpatient.core.terms import Channel
from outpatient.http.schema import Schema, UtcInstant


class InboundOut(Schema):
    """A message that somebody sent, what came of it, and what he was answered."""

    id: int
    provider_id: str
    channel: Channel
    sender: str
    recipient: str
    body: str
    command: str | None
    outcome: str
    answer: str | None
    appointment_id: int | None
    received_at: UtcInstant
