"""The files behind the local gateway: one JSON file per order with all its payments, one per link; on one machine.

A file is whole from its first moment and changed as a whole, so readers need no lock and a killed writer leaves the
ledger as it was. Other ids are symbolic links to the file that they are in.
"""

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

Record = dict[str, Any]


class Ledger:
    """Keeps records by id; several processes may share the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One writer at a time, whatever thread or process; a killed one holds nothing."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(self._folder / ".lock", "wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def find(self, record_id: str) -> Record | None:
        """The record that this id names or is in."""
        try:
            found: Record = json.loads(self._path(record_id).read_bytes())
        except FileNotFoundError:
            return None
        return found

    def add(self, record: Record) -> Record:
        """Keeps it unless there is one of that id; answers the one that is kept."""
        unfinished = self._written(record)
        try:
            os.link(unfinished, self._path(record["id"]))
        except FileExistsError:
            kept: Record = json.loads(self._path(record["id"]).read_bytes())
            return kept
        finally:
            os.unlink(unfinished)
        return record

    def change(self, record: Record) -> None:
        """Puts it in the place of what its id named so far (only while `locked`)."""
        os.replace(self._written(record), self._path(record["id"]))

    def also_in(self, other_id: str, record: Record) -> None:
        """From now on this id, too, finds the record; name it before the record says so (only while `locked`).

        What it named before was never kept: its writer was killed in between.
        """
        with suppress(FileNotFoundError):
            os.unlink(self._path(other_id))
        self._path(other_id).symlink_to(self._path(record["id"]).name)

    def _path(self, record_id: str) -> Path:
        return self._folder / f"{record_id}.json"

    def _written(self, record: Record) -> str:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(prefix=".", dir=self._folder)
        with open(handle, "wb") as file:
            file.write(json.dumps(record, ensure_ascii=False, indent=1).encode())
        return unfinished
