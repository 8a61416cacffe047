"""The OpenAPI document says of each operation what is true of it: who may call, and which refusals can come back."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from outpatient.http.idempotency import KEY
from outpatient.http.inventory import Endpoint, list_endpoints
from outpatient.http.limits import UNLIMITED
from outpatient.http.schema import MAX_ID, BareError, ErrorEnvelope, never_null

Responses = dict[int | str, dict[str, Any]]


def _refusals(model: type[BaseModel], wait: str) -> Responses:
    """Refusals that any route may give; `describe` strikes those that one route cannot."""
    sentences = {
        400: "Something in the request is wrong; `details` names it",
        401: "Nobody is signed in, or no longer",
        403: "Not for this role",
        404: "Not there, or not for this caller's eyes",
        409: "Not in this state of things",
        413: "Too large",
        422: "The Idempotency-Key was used for another request",
        429: f"Too many calls; `{wait}` seconds from now there are more",
    }
    return {status: {"model": model, "description": text} for status, text in sentences.items()}


REFUSALS, BARE_REFUSALS = _refusals(ErrorEnvelope, "retryAfter"), _refusals(BareError, "retry_after")

BEARER = {"bearer": {"type": "http", "scheme": "bearer", "description": "The access token that signing in answers"}}
HOSPITAL = {
    "name": "X-Hospital-Id",
    "in": "header",
    "required": False,
    "description": "Which of the caller's hospitals is meant, or whose public pages",
    "schema": {"type": "integer", "minimum": 1, "maximum": MAX_ID, "examples": [1]},
}
SIGN_IN = ("/auth/", "/patient-auth/")


def describe(api: FastAPI, refusals: Responses) -> Callable[[], dict[str, Any]]:
    """What `api.openapi` is to be; `refusals` are those that each of its routes was declared with."""
    plain = api.openapi

    def openapi() -> dict[str, Any]:
        if api.openapi_schema is None:
            document = plain()
            document.setdefault("components", {})["securitySchemes"] = BEARER
            document["components"]["parameters"] = {"HospitalId": HOSPITAL}
            endpoints = list_endpoints(api)
            for endpoint, name in zip(endpoints, name_operations(endpoints), strict=True):
                operation = document["paths"][endpoint.path.replace(":int}", "}")][endpoint.method.lower()]
                operation["operationId"] = name
                _describe(endpoint, operation, refusals)
        assert api.openapi_schema is not None
        return api.openapi_schema

    return openapi


def name_operations(endpoints: Sequence[Endpoint]) -> list[str]:
    """What generated clients call each operation: as its function is called, or as little longer as tells it apart."""
    functions = [endpoint.function.rpartition(":")[2] for endpoint in endpoints]
    candidates = [
        (function, f"{function}_{endpoint.method.lower()}", f"{function}_{_words(endpoint.path)}")
        for function, endpoint in zip(functions, endpoints, strict=True)
    ]
    known = Counter(name for names in candidates for name in names)
    return [next(name for name in names if known[name] == 1) for names in candidates]


def _words(path: str) -> str:
    """`/visits/{visit_id:int}/check-in` → `visits_check_in`."""
    return "_".join(re.findall(r"[a-z]+", re.sub(r"\{.*?\}", "", path)))


def _describe(endpoint: Endpoint, operation: dict[str, Any], refusals: Responses) -> None:
    possible = _possible(endpoint, operation)
    answers = operation["responses"]
    for parameter in operation.get("parameters", ()):
        never_null(parameter["schema"])  # (what is not said is left out: an address knows no null)
    for status, common in refusals.items():
        is_own = answers[str(status)]["description"] != common["description"]  # in the route's own words: it knows
        if int(status) not in possible and not is_own:
            del answers[str(status)]
    if endpoint.permission is not None:
        operation["security"] = [{"bearer": []}]
    if possible - {429}:
        operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/HospitalId"})


def _possible(endpoint: Endpoint, operation: dict[str, Any]) -> set[int]:
    """The common refusals that an operation can answer."""
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
