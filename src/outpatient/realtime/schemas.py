"""Stream tickets on the wire."""

from outpatient.http.schema import Schema, UtcInstant


class StreamTicketOut(Schema):
    """Good for one stream: `GET /sse/…?ticket=…`."""

    ticket: str
    expires_at: UtcInstant
