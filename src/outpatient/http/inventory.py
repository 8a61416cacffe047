"""What an API offers: every endpoint with its function and permission, as the docs, the CLI and the tests read it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from outpatient.access.permissions import Permission
from outpatient.http.dependencies import Allow, is_public, public_hospital


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one path; without a `permission` it should be `is_public`, else somebody forgot to say."""

    method: str
    path: str
    function: str
    permission: Permission | None
    is_public: bool
    summary: str


def list_endpoints(api: FastAPI) -> list[Endpoint]:
    """Every documented endpoint of an API, by path and method."""
    found = [
        Endpoint(
            method=method,
            path=context.path_format or "",
            function=f"{context.endpoint.__module__.removeprefix('outpatient.')}:{context.endpoint.__name__}",
            permission=_permission(context.dependant),
            is_public=_is_public(context.dependant),
            summary=context.summary or (context.description or "").partition("\n")[0],
        )
        for context in iter_route_contexts(api.routes)
        if context.endpoint is not None and isinstance(context.original_route, APIRoute) and context.include_in_schema
        for method in sorted(context.methods or ())
    ]
    return sorted(found, key=lambda endpoint: (endpoint.path, endpoint.method))


def _permission(dependant: Dependant) -> Permission | None:
    return next((call.permission for call in _calls(dependant) if isinstance(call, Allow)), None)


def _is_public(dependant: Dependant) -> bool:
    return any(call is is_public or call is public_hospital for call in _calls(dependant))


def _calls(dependant: Dependant) -> Iterator[Any]:
    """The functions behind an endpoint's dependencies, nested ones included."""
    for needed in dependant.dependencies:
        yield needed.call
        yield from _calls(needed)
