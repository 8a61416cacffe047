"""The servers under measurement: ours and the peer, each one process on loopback, ended by pid."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.stage import JWT_SECRET, Stage

EXPRESS = Path(__file__).parent / "peers" / "express"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Server:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int

    def cpu_seconds(self) -> float:
        """CPU time that the process has used so far."""
        if not sys.platform.startswith("linux"):
            return 0.0
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def started(command: list[str], port: int, environment: dict[str, str]) -> Iterator[Server]:
    """A server for the length of a block; its output is shown only when it does not come up."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=log, stderr=log)
        try:
            if not _comes_up(process, port):
                log.seek(0)
                raise SystemExit(f"The server did not start:\n{log.read().decode()}")
            yield Server(process, port)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _comes_up(process: subprocess.Popen[bytes], port: int) -> bool:
    for _ in range(300):
        if process.poll() is not None:
            return False
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return True
    return False


def outpatient(stage: Stage) -> Any:
    """Our server: one process, durable, full features, worker included; its log goes nowhere but is written."""
    port = free_port()
    environment = {
        "DATABASE_URL": stage.url,
        "JWT_SECRET": JWT_SECRET,
        "SECRET_KEY": JWT_SECRET[::-1],
        "ENVIRONMENT": "production",
        "PORT": str(port),
        "RATE_LIMIT_USER": "100000000/15 minutes",
        "RATE_LIMIT_GENERAL": "100000000/15 minutes",
    }
    return started([sys.executable, "-m", "outpatient", "serve"], port, environment)


def express(stage: Stage) -> Any:
    """The Express peer."""
    port = free_port()
    return started(
        ["node", str(EXPRESS / "server.js"), str(port), stage.url, JWT_SECRET], port, {"NODE_ENV": "production"}
    )


def has_express() -> str:
    """Why the Express peer cannot run here; empty when it can (its packages are installed from its lock)."""
    if not shutil.which("node") or not shutil.which("npm"):
        return "Node is not installed"
    if not (EXPRESS / "node_modules").exists():
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=EXPRESS, capture_output=True, check=False
        )
        if done.returncode:
            return "its npm packages could not be installed"
    return ""


def load(server: Server, token: str, *, kind: str, connections: int, seconds: float, first: int) -> dict[str, Any]:
    """Answers a second over HTTP, with latencies and CPU per request."""
    before = server.cpu_seconds()
    command = ["bench.load", kind, server.port, token, connections, seconds, first]
    ran = subprocess.run(
        [sys.executable, "-m", *map(str, command)],
        capture_output=True,
        text=True,
        check=True,
    )
    result: dict[str, Any] = json.loads(ran.stdout)
    answers = sum(result["statuses"].values())
    result["cpu_us"] = (server.cpu_seconds() - before) / answers * 1e6
    return result
