"""`python -m tests.notifications.hurried worker`: the same worker, with less patience than a test has time."""

from datetime import timedelta

from outpatient import __main__
from outpatient.core import outbox

outbox.LEASE, outbox.PATIENCE, outbox.FIRST_PAUSE = timedelta(seconds=5), 3, timedelta(seconds=0.3)

if __name__ == "__main__":
    __main__.main()
