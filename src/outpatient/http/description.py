"""The page that shows an app's OpenAPI document. Its scripts come from this server: a clinic may reach no other."""

from pathlib import Path

import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

FILES_AT = "/docs/files"
"""Where the page looks for its scripts, whichever app it describes."""

FILES = Starlette(routes=[Mount("/", StaticFiles(directory=Path(fastapi_offline.__file__).parent / "static"))])


def describe_at(app: FastAPI, path: str) -> None:
    """Show the app's document on a page at this path."""
    assert app.openapi_url is not None
    page = get_swagger_ui_html(
        openapi_url=app.openapi_url,
        title=app.title,
        swagger_js_url=f"{FILES_AT}/swagger-ui-bundle.js",
        swagger_css_url=f"{FILES_AT}/swagger-ui.css",
        swagger_favicon_url=f"{FILES_AT}/favicon.png",
    )

    async def show(_request: Request) -> Response:
        return page

    app.add_route(path, show, include_in_schema=False)
