"""Photos of people on our own disk (UPLOAD_DIR): drawn anew, so that nothing of the file that came in stays."""

import io
import os
import re
import secrets
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from anyio import CapacityLimiter, to_thread

from outpatient.core.errors import AdapterFailure

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 25_000_000
TOO_WIDE = "This picture has more than 25 megapixels"
UNREADABLE = "This is not a JPEG, PNG or WebP picture that we can read"
SIDE = 1024
"""The longer side, in pixels, of a photo as we keep it."""
MEDIA_TYPE = "image/jpeg"
NAME = re.compile(r"[0-9a-f]{32}\.jpg")
"""The only names that a photo of ours can have: 128 random bits."""
AT_ONCE = 2
"""Photos drawn at the same moment: each may take a hundred megabytes while it lasts."""


class NotAPhoto(ValueError):
    """The file is no picture that we take; the text says why."""


class Photos:
    """The folder of photos."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._limiter: CapacityLimiter | None = None  # made on first use: it needs a running loop

    async def keep(self, content: bytes) -> str:
        """Draw a picture anew and keep it under a new random name, which is answered (NotAPhoto)."""
        self._limiter = self._limiter or CapacityLimiter(AT_ONCE)
        name = f"{secrets.token_hex(16)}.jpg"
        await to_thread.run_sync(partial(self._keep, name, content), limiter=self._limiter)
        return name

    def _keep(self, name: str, content: bytes) -> None:
        drawn = redraw(content)
        try:
            self._folder.mkdir(mode=0o750, parents=True, exist_ok=True)
            unfinished = self._folder / f".{name}"
            unfinished.write_bytes(drawn)
            os.replace(unfinished, self._folder / name)
        except OSError as problem:
            raise AdapterFailure(f"The folder of photos cannot be written: {problem.strerror}.") from problem

    def remove(self, name: str) -> None:
        """Remove a photo; one that is gone already is fine, and one that will not go harms nobody."""
        with suppress(OSError):
            (self._folder / name).unlink()

    def find(self, name: str) -> Path | None:
        """The file of a photo, if the name is one of ours and it is there."""
        path = self._folder / name
        return path if NAME.fullmatch(name) and path.is_file() else None


def redraw(content: bytes) -> bytes:
    """A JPEG, PNG or WebP as an upright JPEG of at most 1024 × 1024 pixels, without a word of metadata (NotAPhoto)."""
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as opened:
            if opened.width * opened.height <= MAX_PIXELS:
                opened.thumbnail((SIDE, SIDE))  # decodes; a large JPEG at a fraction of its size
                return _as_jpeg(ImageOps.exif_transpose(opened))
            why = TOO_WIDE
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        why = TOO_WIDE
    except Exception:  # noqa: BLE001 (a broken file can make the decoders raise nearly anything)
        why = UNREADABLE
    raise NotAPhoto(why)


def _as_jpeg(picture: Any) -> bytes:
    """On a canvas of its own, white where the picture is transparent: comments and profiles stay behind."""
    from PIL import Image

    shown = picture.convert("RGBA")
    canvas = Image.new("RGB", shown.size, "white")
    canvas.paste(shown, mask=shown.getchannel("A"))
    file = io.BytesIO()
    canvas.save(file, "JPEG", quality=85)
    return file.getvalue()
