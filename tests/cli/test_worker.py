"""`outpatient worker`: it works beside `serve` until it is told to stop."""

import signal
import subprocess
import sys


def test_it_runs_until_it_is_told_to_stop_and_stops_without_complaint(terminal):
    worker = subprocess.Popen(
        [sys.executable, "-u", "-m", "outpatient", "worker"],
        cwd=terminal.folder,
        env=terminal.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert "The worker runs" in worker.stdout.readline()

    worker.send_signal(signal.SIGTERM)
    out, err = worker.communicate(timeout=60)

    assert worker.returncode == 0, err
    assert "has stopped" in out
    assert "Traceback" not in err


def test_a_database_that_is_away_is_said(bare_terminal):
    said = bare_terminal.run("worker", DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")

    assert said.code == 1
    assert "cannot be reached" in said.err
