"""Short words for reading boards."""

from typing import Any

import httpx2

from tests.makers import Persona

GROUPS = ("expected", "waiting", "called", "inProgress", "onHold", "completed", "cancelled", "noShow")
STAFF = {"ADMIN", "MANAGER", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK", "CLINICIAN"}


async def read(persona: Persona, path: str, **params: Any) -> Any:
    """The data of a GET that must succeed; `from_` stands for `from`."""
    named = {name.rstrip("_"): value for name, value in params.items()}
    answer = await persona.get(path, params=named)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def by_id(groups: dict[str, Any]) -> dict[str, list[int]]:
    """The ids of a board's visits by group or phase; empty ones are left out."""
    return {
        name: [visit["id"] for visit in visits]
        for name, visits in groups.items()
        if isinstance(visits, list) and visits
    }


def refused(answer: httpx2.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    assert not answer.is_success, answer.text
    return answer.status_code, answer.json()["error"]["code"]


def details(answer: httpx2.Response) -> dict[str, Any]:
    """What a refusal says in detail, or field by field."""
    return answer.json()["error"]["details"]
