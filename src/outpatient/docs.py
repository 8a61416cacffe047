"""Writes the generated pages of docs/; `python -m outpatient.docs --check` only says which of them are stale."""

import csv
import difflib
import json
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic_core import PydanticUndefined

from outpatient.access.permissions import ROLES, Permission
from outpatient.app import create_api
from outpatient.compat.surface import create_compat
from outpatient.core.events import Event
from outpatient.core.terms import Role
from outpatient.http.inventory import Endpoint, list_endpoints
from outpatient.reactions import REACTIONS
from outpatient.realtime.audiences import TELLINGS, Hears
from outpatient.settings import Settings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
CONTRACT = ROOT / "tests/contract/routes.tsv"
CONTRACT_TESTS = ROOT / "tests/contract/tests.tsv"
MADE_BELOW = "<!-- From here on made by `make docs`: change the code, or what is above this line. -->"
MADE = "<!-- Made by `make docs` from the code: change the code, not this page. -->"


def shape(path: str) -> str:
    """A path without its prefix and the names of its parameters: `/api/v1/users/{id}` → `/users/{}`."""
    return re.sub(r"\{[^}]*\}", "{}", re.sub(r"^/api(/v1)?(?=/)", "", path))


def seeds_of(*, at_root: bool = False) -> dict[tuple[str, str], list[str]]:
    """(method, shape) → the seed documents that ask for it, in the API or at the root."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows_of(CONTRACT):
        if is_at_root(row) is at_root:
            found.setdefault((row["method"], shape(row["path"])), []).append(row["seed"])
    return found


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def is_at_root(row: dict[str, str]) -> bool:
    """Whether a documented endpoint is below no prefix."""
    return not row["path"].startswith("/api/")


def seeds_page(endpoints: list[Endpoint], root: list[Endpoint]) -> str:
    """The choices, which are written by hand, and below the mark every endpoint of every document."""
    lives = {
        at_root: {(one.method, shape(one.path)): f"`{one.function}`" for one in each}
        for at_root, each in ((False, endpoints), (True, root))
    }
    tests = {(row["seed"], row["method"], row["path"]): row["test"] for row in rows_of(CONTRACT_TESTS)}
    rows = [
        (
            row["seed"],
            row["method"],
            f"`{row['path']}`",
            lives[is_at_root(row)].get((row["method"], shape(row["path"])), "–"),
            link_to_test(tests.get((row["seed"], row["method"], row["path"]), "")),
        )
        for row in rows_of(CONTRACT)
    ]
    by_hand, mark, _ = (DOCS / "seeds.md").read_text(encoding="utf-8").partition(MADE_BELOW)
    return f"{by_hand}{mark}\n\n{table(('seed', '', 'path', 'function', 'test'), rows)}\n"


def link_to_test(test: str) -> str:
    file, _, name = test.partition("::")
    return f"[{name}](../{file})" if test else "–"


def endpoints_page(endpoints: list[Endpoint], root: list[Endpoint]) -> str:
    intro = "Every endpoint below `/api/v1` (and `/api`), the function that answers it, and the seed that asks for it."
    at_root = (
        "## At the root\n\n"
        "The bare paths of two of the seeds, in snake_case and without an envelope; described at `/compat/docs`."
    )
    return page(
        "Endpoints",
        intro,
        endpoints_table(endpoints, seeds_of()),
        at_root,
        endpoints_table(root, seeds_of(at_root=True)),
    )


def endpoints_table(endpoints: list[Endpoint], seeds: dict[tuple[str, str], list[str]]) -> str:
    rows = [
        (
            endpoint.method,
            f"`{endpoint.path}`",
            f"`{endpoint.function}`",
            f"`{endpoint.permission}`" if endpoint.permission else "public",
            ", ".join(seeds.get((endpoint.method, shape(endpoint.path)), [])) or "–",
        )
        for endpoint in endpoints
    ]
    return table(("", "path", "function", "permission", "seed"), rows)


def permissions_page(endpoints: list[Endpoint], root: list[Endpoint]) -> str:
    roles = list(Role)
    rows = [
        (f"`{permission}`", *("●" if role in ROLES[permission] else "" for role in roles)) for permission in Permission
    ]
    public, at_root = (
        [(endpoint.method, f"`{endpoint.path}`") for endpoint in each if endpoint.permission is None]
        for each in (endpoints, root)
    )
    intro = "Which role may do what. Within its permission a role sees its own hospital, centres or records only."
    matrix = table(("permission", *(role.value.lower().replace("_", " ") for role in roles)), rows)
    head = ("", "path")
    return page(
        "Permissions",
        intro,
        matrix,
        "## Public",
        table(head, public),
        "## Public at the root",
        table(head, at_root),
    )


def settings_page() -> str:
    rows = []
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        names = [str(choice) for choice in getattr(alias, "choices", [])] or [name.upper()]
        default = "" if field.default in ("", None, PydanticUndefined) else f"`{field.default}`"
        rows.append((", ".join(f"`{one}`" for one in names), default, field.description or ""))
    intro = "Environment variables, also read from `.env`. Spans are a number and s, m, h or d; rates a count per time."
    return page("Settings", intro, table(("variable", "default", "what it does"), rows))


def events_page() -> str:
    rows = []
    for event, react in sorted(REACTIONS.table.items(), key=lambda entry: (entry[0].name, entry[0].__name__)):
        own = [field.name for field in fields(event) if field.name not in Event.__dataclass_fields__]
        rows.append(
            (
                f"`{event.name}`",
                f"`{event.__module__.removeprefix('outpatient.')}.{event.__name__}`",
                ", ".join(own) or "–",
                ", ".join(inside.__name__ for inside in react.inside) or "–",
                ", ".join(after.__name__ for after in react.after) or "–",
            )
        )
    intro = (
        "What is said to have happened, what it carries besides hospital and subject, and what follows from it. "
        "An event's name is also its routing key on the topic exchange `clinic_events`, to which every event goes."
    )
    happens = table(("event, routing key", "class", "fields", "in its transaction", "after it"), rows)
    return page("Events", intro, happens, "## Who hears of it", HEARING, hearers_table())


HEARING = """Streams (`/sse/…`) carry the event under its own name. Socket.IO carries it under the names of seed 000, to
the rooms `clinic_{id}` (reception), `doctor_{id}` (doctor) and `user_{id}` (the patient, or the clinician himself).
`queue_updated` and `phases_updated` follow once for all the changes that were told together;
`current_appointment_available` follows a visit that was called or begun, to its doctor alone. Who loses a patient
(another doctor, another waiting room) hears of it like who gets him. What nobody hears of is not in this table."""


def hearers_table() -> str:
    """The audiences of each event that has any."""
    names = {event.name for event in REACTIONS.table}
    rows = [
        (
            f"`{name}`",
            *("●" if hears in TELLINGS[name].to else "" for hears in Hears),
            f"`{TELLINGS[name].socket}`",
            ", ".join(f"`{one}`" for one in TELLINGS[name].then) or "–",
        )
        for name in sorted(names)
        if TELLINGS[name].to
    ]
    return table(("event", *(hears.value for hears in Hears), "Socket.IO", "then"), rows)


def openapi_text(openapi: dict[str, Any]) -> str:
    return json.dumps(openapi, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def page(title: str, *parts: str) -> str:
    return "\n\n".join((f"# {title}", MADE, *parts)) + "\n"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    columns = list(head)
    lines = [columns, ["---"] * len(columns), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def generate() -> dict[str, str]:
    """File name → what it should hold. Nothing of this machine's environment is read."""
    api = create_api(Settings.model_construct())
    endpoints, root = list_endpoints(api), list_endpoints(create_compat())
    return {
        "endpoints.md": endpoints_page(endpoints, root),
        "seeds.md": seeds_page(endpoints, root),
        "permissions.md": permissions_page(endpoints, root),
        "settings.md": settings_page(),
        "events.md": events_page(),
        "openapi.json": openapi_text(api.openapi()),
    }


def stale_pages(folder: Path = DOCS) -> dict[str, list[str]]:
    """The pages that are not as they would be, each with the first lines of its difference."""
    found = {}
    for name, wanted in generate().items():
        path = folder / name
        present = path.read_text(encoding="utf-8") if path.exists() else ""
        if present != wanted:
            lines = difflib.unified_diff(present.splitlines(), wanted.splitlines(), "there", "wanted", n=0, lineterm="")
            found[name] = [line for line in lines if not line.startswith("@@")][2:8]
    return found


def main(say: Callable[[str], object] = print) -> int:
    """Write the pages, or with --check say which are stale; answers the exit code."""
    if "--check" not in sys.argv:
        for name, text in generate().items():
            (DOCS / name).write_text(text, encoding="utf-8")
        return 0
    stale = stale_pages()
    for name, lines in stale.items():
        say(f"docs/{name} is not what the code says now:")
        for line in lines:
            say(f"    {line}")
    if stale:
        say("Run: make docs")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
