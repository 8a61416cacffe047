"""Routes of the hot operations: declared like every other, run without the framework's dependency machinery.

A lean endpoint takes `request`, and if it wants them `actor`, `body`, `query` (a model of the query string) and the ids
in its path, in FastAPI's own notation, so OpenAPI and the permission table see nothing special. The caller is
identified, the input validated and the answer rendered here, each in one step (DESIGN §7). A long list may be
answered as bytes; what it declares is then its `response_model`.
"""

import re
from collections.abc import Callable, Coroutine, Iterable
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from outpatient.access.permissions import Permission
from outpatient.core.errors import Invalid, NotFound, Problem
from outpatient.http.dependencies import Allow, authenticate
from outpatient.http.errors import ENVELOPED
from outpatient.http.schema import MAX_ID

JSON = "application/json"
_PARAMETER = re.compile(r"\{\w+:int\}")
_ID = re.compile(r"(?<=/)[0-9]+(?=/|$)")


class LeanRoute(APIRoute):
    """A route class for `APIRouter(route_class=LeanRoute)`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        endpoint, status = self.endpoint, self.status_code or 200
        hints = get_type_hints(endpoint, include_extras=True)
        body_type: type[BaseModel] | None = hints.get("body")
        query_type: type[BaseModel] | None = get_args(hints["query"])[0] if "query" in hints else None
        permission = _permission(hints.get("actor"))

        async def handle(request: Request) -> Response:
            given: dict[str, Any] = {"request": request, **request.path_params}
            if any(number > MAX_ID for number in request.path_params.values()):
                raise NotFound
            if permission is not None:
                actor = given["actor"] = await authenticate(request)
                actor.require(permission)
            try:
                if query_type is not None:
                    given["query"] = query_type.model_validate(dict(request.query_params))
                if body_type is not None:
                    if not request.headers.get("content-type", "").startswith(JSON):
                        raise Invalid.field("body", "Must be JSON (Content-Type: application/json)")
                    given["body"] = body_type.model_validate_json(await request.body())
            except ValidationError as invalid:  # here it is the caller's mistake; further on it would be ours
                raise RequestValidationError(invalid.errors()) from None
            answer: BaseModel | bytes = await endpoint(**given)
            if isinstance(answer, BaseModel):
                answer = answer.__pydantic_serializer__.to_json(answer, by_alias=True)
            return Response(answer, status, media_type=JSON)

        return handle


def answer_json(data: Any, message: str | None = None) -> bytes:
    """The envelope around what is in the wire's own keys already."""
    return to_json({"success": True, "message": message, "data": data} if message else {"success": True, "data": data})


class LeanApp:
    """Answers the lean routes without the framework's router, and leaves the rest to the API.

    A path is looked up by its shape: `/queue/doctor/7` is `/queue/doctor/{}`. The parameters of lean paths are ids.
    """

    def __init__(self, api: FastAPI, routers: Iterable[APIRouter]) -> None:
        self._api = api
        self._lean = {
            (method, _PARAMETER.sub("{}", route.path)): (
                route,
                tuple(route.param_convertors),
                route.get_route_handler(),
            )
            for router in routers
            for route in router.routes
            if isinstance(route, LeanRoute)
            for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", "")) if scope["type"] == "http" else ""
        ids = _ID.findall(path)
        found = self._lean.get((scope.get("method", ""), _ID.sub("{}", path) if ids else path))
        if found is None:
            await self._api(scope, receive, send)
            return
        scope["route"], names, handle = found
        scope["app"], scope["path_params"] = self._api, dict(zip(names, map(int, ids), strict=True))
        try:
            response = await handle(Request(scope, receive))
        except (Problem, RequestValidationError, HTTPException) as refused:
            response = ENVELOPED.of(refused)
        await response(scope, receive, send)


def _permission(hint: Any) -> Permission | None:
    if get_origin(hint) is not Annotated:
        return None
    allow = get_args(hint)[1].dependency
    assert isinstance(allow, Allow)
    return allow.permission
