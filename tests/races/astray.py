"""`ASTRAY=… python -m tests.races.astray serve`: the same server, whose screens are led astray and must miss something.

serial: events are followed by the ids that they got, and not in the order in which they could be seen.
deaf: whoever follows the events is not woken, and does not look by himself.
"""

import os

from sqlalchemy import text

from outpatient import __main__
from outpatient.adapters.pubsub.news import News
from outpatient.core import outbox
from outpatient.realtime import tail


def follow_serial_ids() -> None:
    """Whoever commits late is behind those who look already."""
    outbox._PLACE = text(
        "UPDATE events SET position = id WHERE id IN (SELECT id FROM events WHERE position IS NULL LIMIT :batch)"
        " RETURNING id, name"
    )


def be_deaf() -> None:
    """The relay looks by itself, so events get their positions all the same."""
    tail.POLL = 86_400.0
    News._wake = lambda _: None  # type: ignore[method-assign]


if __name__ == "__main__":
    {"serial": follow_serial_ids, "deaf": be_deaf}[os.environ["ASTRAY"]]()
    __main__.main()
