"""Programs in Node: where they are, and a reader of what they print."""

import asyncio
import contextlib
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PACKAGES = HERE / "node_modules"
PATIENCE = 30.0  # seconds; only a broken program takes that long

LOST = {"transport close", "transport error"}
"""Why a Socket.IO client was disconnected, when it comes back by itself."""


def named(name: str) -> Callable[[list[Any]], bool]:
    """`await told.until(named("queue_updated"))`."""
    return lambda told: told[0] == name


def of(kind: str, *paths: str) -> list[tuple[str, str]]:
    """`await told.each(*of("bye", path, other))`: a message of this kind on each of these streams."""
    return [(path, kind) for path in paths]


def why_not() -> str:
    """Why no client can run here; empty when they can."""
    if shutil.which("node") is None:
        return "Node is not installed"
    if not (PACKAGES / ".package-lock.json").exists():  # npm writes it when it has installed everything
        return "the npm packages of tests/clients are not installed (make test does it, if it can reach them)"
    return ""


class Told:
    """What a running program prints, one line of JSON for each thing it was told."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.heard: list[Any] = []

    async def next(self) -> list[Any]:
        assert self.process.stdout is not None
        try:
            line = await asyncio.wait_for(self.process.stdout.readline(), PATIENCE)
        except TimeoutError:
            raise AssertionError(f"Nothing more was told in {PATIENCE} s after {self.heard}") from None
        if not line:
            raise EOFError(self.heard)
        told: list[Any] = json.loads(line)
        self.heard.append(told)
        return told

    async def until(self, is_it: Callable[[list[Any]], bool]) -> list[Any]:
        """The next thing of a kind."""
        while not is_it(told := await self.next()):
            pass
        return told

    async def each(self, *beginnings: tuple[str, ...]) -> list[list[Any]]:
        """The next thing that begins so, for each of these beginnings, in whatever order they come; what follows it."""
        found: dict[tuple[str, ...], list[Any]] = {}
        while len(found) < len(beginnings):
            told = await self.next()
            for beginning in beginnings:
                if tuple(told[: len(beginning)]) == beginning:
                    found.setdefault(beginning, told[len(beginning) :])
        return [found[beginning] for beginning in beginnings]

    async def end(self) -> int:
        """Wait until the program ends by itself; its exit code."""
        with contextlib.suppress(EOFError):
            await self.until(lambda _: False)
        return await asyncio.wait_for(self.process.wait(), PATIENCE)


@asynccontextmanager
async def running(script: str, given: dict[str, Any]) -> AsyncIterator[Told]:
    """A script of this folder for the length of a block."""
    process = await asyncio.create_subprocess_exec(
        "node", str(HERE / script), json.dumps(given), stdout=subprocess.PIPE, limit=1_000_000
    )
    try:
        yield Told(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await asyncio.wait_for(process.wait(), PATIENCE)
