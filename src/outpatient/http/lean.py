"""Routes of the hot operations: declared like every other, run without the framework's dependency machinery.

A lean endpoint takes `request`, and `actor` and `body` if it wants them, in FastAPI's own notation, so OpenAPI and the
permission table see nothing special. The caller is identified, the body validated and the answer rendered here, each
in one step (DESIGN §7).
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel

from outpatient.access.permissions import Permission
from outpatient.core.errors import Invalid
from outpatient.http.dependencies import Allow, authenticate

JSON = "application/json"


class LeanRoute(APIRoute):
    """A route class for `APIRouter(route_class=LeanRoute)`."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:
        endpoint, status = self.endpoint, self.status_code or 200
        hints = get_type_hints(endpoint, include_extras=True)
        body_type: type[BaseModel] | None = hints.get("body")
        permission = _permission(hints.get("actor"))

        async def handle(request: Request) -> Response:
            given: dict[str, Any] = {"request": request}
            if permission is not None:
                actor = given["actor"] = await authenticate(request)
                actor.require(permission)
            if body_type is not None:
                if not request.headers.get("content-type", "").startswith(JSON):
                    raise Invalid.field("body", "Must be JSON (Content-Type: application/json)")
                given["body"] = body_type.model_validate_json(await request.body())
            answer: BaseModel = await endpoint(**given)
            return Response(answer.__pydantic_serializer__.to_json(answer, by_alias=True), status, media_type=JSON)

        return handle


def _permission(hint: Any) -> Permission | None:
    if get_origin(hint) is not Annotated:
        return None
    allow = get_args(hint)[1].dependency
    assert isinstance(allow, Allow)
    return allow.permission
