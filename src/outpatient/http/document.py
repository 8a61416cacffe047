"""The OpenAPI document says of each operation what is true of it: who may call, and which refusals can come back."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from outpatient.http.idempotency import KEY
from outpatient.http.inventory import Endpoint, list_endpoints
from outpatient.http.limits import UNLIMITED
from outpatient.http.schema import MAX_ID, ErrorEnvelope

REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorEnvelope, "description": "Something in the request is wrong; `details` names it"},
    401: {"model": ErrorEnvelope, "description": "Nobody is signed in, or no longer"},
    403: {"model": ErrorEnvelope, "description": "Not for this role"},
    404: {"model": ErrorEnvelope, "description": "Not there, or not for this caller's eyes"},
    409: {"model": ErrorEnvelope, "description": "Not in this state of things"},
    413: {"model": ErrorEnvelope, "description": "Too large"},
    422: {"model": ErrorEnvelope, "description": "The Idempotency-Key was used for another request"},
    429: {"model": ErrorEnvelope, "description": "Too many calls; `retryAfter` seconds from now there are more"},
}
"""Refusals that any route may give; `describe` strikes those that one route cannot."""

BEARER = {"bearer": {"type": "http", "scheme": "bearer", "description": "The `accessToken` that signing in answers"}}
HOSPITAL = {
    "name": "X-Hospital-Id",
    "in": "header",
    "required": False,
    "description": "Which of the caller's hospitals is meant, or whose public pages",
    "schema": {"type": "integer", "minimum": 1, "maximum": MAX_ID, "examples": [1]},
}
SIGN_IN = ("/auth/", "/patient-auth/")


def describe(api: FastAPI) -> Callable[[], dict[str, Any]]:
    """What `api.openapi` is to be."""
    plain = api.openapi

    def openapi() -> dict[str, Any]:
        if api.openapi_schema is None:
            document = plain()
            document.setdefault("components", {})["securitySchemes"] = BEARER
            document["components"]["parameters"] = {"HospitalId": HOSPITAL}
            for endpoint in list_endpoints(api):
                path = document["paths"][endpoint.path.replace(":int}", "}")]
                _describe(endpoint, path[endpoint.method.lower()])
        assert api.openapi_schema is not None
        return api.openapi_schema

    return openapi


def _describe(endpoint: Endpoint, operation: dict[str, Any]) -> None:
    possible = _possible(endpoint, operation)
    answers = operation["responses"]
    for status, common in REFUSALS.items():
        is_own = answers[str(status)]["description"] != common["description"]  # in the route's own words: it knows
        if int(status) not in possible and not is_own:
            del answers[str(status)]
    if endpoint.permission is not None:
        operation["security"] = [{"bearer": []}]
    if possible - {429}:
        operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/HospitalId"})


def _possible(endpoint: Endpoint, operation: dict[str, Any]) -> set[int]:
    """The refusals of `REFUSALS` that an operation can answer."""
    places = {parameter["in"] for parameter in operation.get("parameters", ())}
    is_asked = endpoint.permission is not None or endpoint.path.startswith(SIGN_IN)
    is_write = endpoint.method != "GET"
    possible = set() if endpoint.path in UNLIMITED else {429}
    if is_asked:
        possible |= {401, 403}
    if is_asked or places or "requestBody" in operation:
        possible.add(400)
    if places or "requestBody" in operation:
        possible.add(404)
    if is_write and is_asked:
        possible.add(409)
    if "requestBody" in operation:
        possible.add(413)
    if any(parameter.get("name") == KEY for parameter in operation.get("parameters", ())):
        possible.add(422)
    return possible
