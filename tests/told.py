"""The log lines of requests, caught."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

from outpatient.core.logs import _JSON_LINE, _PLAIN_LINE, requests


@contextmanager
def told_requests() -> Iterator[list[str]]:
    """What the program says of its requests inside the block, one JSON line each (there when the block has ended)."""
    stream, lines = io.StringIO(), []
    before = requests._stream
    requests.to(stream, _JSON_LINE)
    yield lines
    requests.flush()
    lines += stream.getvalue().splitlines()
    requests._stream, requests._line = before, _PLAIN_LINE
