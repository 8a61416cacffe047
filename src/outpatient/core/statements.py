"""The form of a hot operation: one round trip to the store (DESIGN §7)."""

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Arguments = Mapping[str, Any]
Rows = Sequence[Mapping[str, Any]]

_NAME = re.compile(r"(?<![:\w]):([a-z_]+)")


@dataclass(frozen=True)
class Statement:
    """One operation for both engines, with the same named arguments and the same rows out.

    On PostgreSQL it is one prepared statement; on SQLite one function that runs in a single hop to the store's thread.
    It never commits: alone it is its own transaction, inside an open `Tx` it belongs to that.
    """

    name: str
    postgresql: str
    sqlite: Callable[[sqlite3.Connection, Arguments], Rows]
    writes: bool = True
    tells: bool = True
    """Whether what it writes is a change that an event stands for."""

    @property
    def is_change(self) -> bool:
        return self.writes and self.tells

    @cached_property
    def names(self) -> list[str]:
        """The arguments in the order of PostgreSQL's `$1, $2, …`."""
        return list(dict.fromkeys(_NAME.findall(self.postgresql)))

    @cached_property
    def numbered(self) -> str:
        """The statement with `$n` in place of `:name`."""
        order = {name: number for number, name in enumerate(self.names, 1)}
        return _NAME.sub(lambda found: f"${order[found[1]]}", self.postgresql)
