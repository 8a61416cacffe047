"""The access matrix as data: who may call each route, what it is about, and how far each role reaches into that.

Nothing here is read from the code under test: seeds and DESIGN say who (`tests/contract/routes.tsv`, `merged.tsv`), we
say it of our own routes (`own_routes.tsv`), `reach.tsv` says whose things each role reaches, `calls.tsv` how to call.
"""

import csv
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
CONTRACT = HERE.parents[1] / "contract" / "routes.tsv"

NOBODY, SUPERADMIN, PLATFORM = "nobody", "SUPERADMIN", "PLATFORM"
WHOLE_HOSPITAL = (SUPERADMIN, "ADMIN", "MANAGER")
AT_CENTRES = ("CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK")
PRINCIPALS = (NOBODY, *WHOLE_HOSPITAL, *AT_CENTRES, "CLINICIAN", "PATIENT")
COLUMN = {
    NOBODY: "nobody",
    "CLINICIAN": "clinician",
    "PATIENT": "patient",
    **dict.fromkeys(WHOLE_HOSPITAL, "hospital"),
    SUPERADMIN: "superadmin",
    **dict.fromkeys(AT_CENTRES, "centre"),
}
"""The column of `reach.tsv` that speaks of a principal."""

OWN, NEAR, FAR, FOREIGN = "own", "same centre", "other centre", "other hospital"
RELATIONS = {"o": OWN, "n": NEAR, "f": FAR, "x": FOREIGN}
BY_HEADER = "h"
"""In `reach.tsv`: the other hospital can only be named by X-Hospital-Id, because the call names nothing else."""

NONE, AS_ADMIN = "-", "="


class Expected(StrEnum):
    """What must come of one call."""

    SERVED = "served"  # 2xx, with what was asked for
    FORBIDDEN = "forbidden"  # not a call of this role at all
    OUT_OF_REACH = "out of reach"  # a call of this role, but not for this thing
    NONE = "n/a"  # there is no such thing


@dataclass(frozen=True)
class Thing:
    """What a call is about."""

    name: str
    relations: frozenset[str]
    reached: dict[str, frozenset[str]]
    is_by_header: bool
    means: str


@dataclass(frozen=True)
class Row:
    """One route: who may call it, about what, and what is sent."""

    surface: str
    call: str
    who: frozenset[str]
    thing: Thing
    target: tuple[str, ...]
    sends: str
    shows: str

    @property
    def method(self) -> str:
        return self.call.split()[0]

    @property
    def path(self) -> str:
        return self.call.split()[1]

    @property
    def label(self) -> str:
        return f"{self.surface} {self.call}"

    @property
    def reads(self) -> bool:
        return self.method == "GET"

    def expected(self, who: str, relation: str) -> Expected:
        """What the tables say of one cell."""
        if relation not in self.thing.relations or (relation == FOREIGN and self._is_free_to_name(who)):
            return Expected.NONE
        if who not in self.who and not (who == SUPERADMIN and self.who & {"ADMIN", PLATFORM}):
            return Expected.FORBIDDEN
        return Expected.SERVED if relation in self.thing.reached[who] else Expected.OUT_OF_REACH

    def _is_free_to_name(self, who: str) -> bool:
        """The platform's owner acts in whatever hospital his header names; that is his right (DESIGN §2.2)."""
        return self.thing.is_by_header and who == SUPERADMIN


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def plain(call: str) -> str:
    """A call without the names of its parameters: `GET /users/{id}` → `GET /users/{}`."""
    return re.sub(r"\{[^}]*\}", "{}", call)


@cache
def things() -> dict[str, Thing]:
    found = {}
    for row in rows_of(HERE / "reach.tsv"):
        is_by_header = BY_HEADER in row["relations"].split()
        relations = frozenset(RELATIONS[one] for one in row["relations"].split() if one != BY_HEADER)
        row["superadmin"] = row["superadmin"].replace(AS_ADMIN, row["hospital"])
        reached = {
            who: frozenset(RELATIONS[one] for one in row[column].split() if one != NONE)
            for who, column in COLUMN.items()
        }
        found[row["thing"]] = Thing(
            row["thing"], relations | ({FOREIGN} if is_by_header else set()), reached, is_by_header, row["means"]
        )
    return found


@cache
def words() -> dict[tuple[str, str], frozenset[str]]:
    """(seed, word) → principals."""
    return {(row["seed"], row["word"]): frozenset(row["roles"].split(",")) for row in rows_of(HERE / "words.tsv")}


def principals_of(seed: str, access: str) -> frozenset[str]:
    """Whom a cell of a table names: roles, and words that stand for several."""
    found: set[str] = set()
    for word in access.split(","):
        found |= words().get((seed, word)) or words().get(("*", word)) or {word}
    assert found <= {*PRINCIPALS, PLATFORM}, f"{seed} says {access!r}: a word without a row in words.tsv"
    return frozenset(found)


@cache
def documented() -> dict[tuple[str, str], dict[str, frozenset[str]]]:
    """(surface, call) → seed → who may, as the seed documents say."""
    found: dict[tuple[str, str], dict[str, frozenset[str]]] = {}
    for row in rows_of(CONTRACT):
        path = re.sub(r"^/api(/v1)?(?=/)", "", row["path"])
        surface = "root" if path == row["path"] else "api"
        call = plain(f"{row['method']} {path}")
        found.setdefault((surface, call), {})[row["seed"]] = principals_of(row["seed"], row["access"])
    return found


@cache
def written(name: str) -> dict[tuple[str, str], frozenset[str]]:
    """A table of ours: (surface, call) → who may."""
    return {(row["surface"], row["call"]): principals_of("ours", row["who"]) for row in rows_of(HERE / name)}


def who_may(surface: str, call: str) -> frozenset[str]:
    """Who may call a route, as the tables say; several seeds must agree, or `merged.tsv` settles it."""
    key = (surface, plain(call))
    if key in written("merged.tsv"):
        return written("merged.tsv")[key]
    if key in documented():
        said = documented()[key]
        assert len(set(said.values())) == 1, f"{key}: {sorted(said)} do not agree; settle it in merged.tsv"
        return next(iter(said.values()))
    assert key in written("own_routes.tsv"), f"{key}: nobody says who may; give it a row in own_routes.tsv"
    return written("own_routes.tsv")[key]


@cache
def matrix() -> tuple[Row, ...]:
    """Every route of both surfaces."""
    return tuple(
        Row(
            surface=row["surface"],
            call=row["call"],
            who=who_may(row["surface"], row["call"]),
            thing=things()[row["thing"]],
            target=tuple(row["target"].split()) if row["target"] != "-" else (),
            sends=row["sends"],
            shows=row["shows"],
        )
        for row in rows_of(HERE / "calls.tsv")
    )
