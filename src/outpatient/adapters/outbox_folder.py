"""A folder of sent messages (OUTBOX_DIR): the local e-mail, SMS and WhatsApp adapters write, `/app/outbox` reads."""

import asyncio
import hashlib
import os
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from outpatient.core.errors import AdapterFailure


async def put(folder: Path, *, key: str, at: datetime, suffix: str, content: bytes) -> None:
    """Keeps one file per key, named by time (`20260316T090000.000000Z-<digest>.json`), whole from the first moment.

    The same key never makes a second file, also when several processes send at once or one was killed half-way.
    Raises AdapterFailure when the disk will not.
    """
    name = f"{at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}-{key_digest(key)}{suffix}"
    try:
        await asyncio.to_thread(_put, folder, key_digest(key), name, content)
    except OSError as problem:
        raise AdapterFailure(f"The outbox folder cannot be written: {problem.strerror}.", permanent=False) from problem


def key_digest(key: str) -> str:
    """The key as a file name or Message-ID may show it (128 bits in hex)."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _put(folder: Path, digest: str, name: str, content: bytes) -> None:
    keys = folder / ".keys"
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        (keys / digest).symlink_to(f"../{name}")  # takes the key and fixes the file's name in one atomic step
    if (keys / digest).exists():  # follows the link: the file is there
        return
    handle, unfinished = tempfile.mkstemp(dir=keys)
    try:
        with open(handle, "wb") as file:
            file.write(content)
        os.replace(unfinished, keys / os.readlink(keys / digest))
    except BaseException:
        os.unlink(unfinished)
        raise
