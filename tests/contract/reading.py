"""How the documents' examples are written down here, and read.

ROLE METHOD /path?query      who calls; `$name` stands for what is there in our made-up world
@ name …                     what must have happened before
> {…}                        the body of the document
< 201 {…}                    the status and the body that the document shows, or as much of it as it says
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from outpatient.docs import shape


@dataclass(frozen=True)
class Example:
    """One call of a document, and its documented answer."""

    seed: str
    who: str
    method: str
    url: str
    given: tuple[str, ...]
    body: Any
    status: int
    answer: Any

    @property
    def key(self) -> tuple[str, str, str]:
        """Seed, method and the shape of the path."""
        return self.seed, self.method, shape(re.sub(r"\$\w+", "{}", self.url.partition("?")[0]))

    def __str__(self) -> str:
        return f"{self.seed} {self.method} {self.url}"


PARTS = re.compile(
    r"^(?P<head>[A-Z_a-z]+ [A-Z]+ \S+)(\n@ (?P<given>[^\n]+))?(\n> (?P<body>.*?))?\n< (?P<answer>.*)$", re.DOTALL
)


def read(seed: str, text: str) -> list[Example]:
    return [_read(seed, block) for block in text.strip().split("\n\n")]


def _read(seed: str, block: str) -> Example:
    parts = PARTS.match(block)
    assert parts, block
    who, method, url = parts["head"].split(" ")
    status, _, answer = parts["answer"].partition(" ")
    given = tuple((parts["given"] or "").split())
    body = json.loads(parts["body"]) if parts["body"] else None
    return Example(seed, who, method, url, given, body, int(status), json.loads(answer or '{"success": true}'))
