"""`/uploads/{name}`: the photos, and nothing else that may lie in their folder."""

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from outpatient.adapters.photos import MEDIA_TYPE, Photos

PREFIX = "/uploads/"
HEADERS = {
    "Cache-Control": "private, max-age=31536000, immutable",  # another photo has another name
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


class Uploads:
    """An ASGI app that answers with a photo or 404."""

    def __init__(self, photos: Photos) -> None:
        self._photos = photos

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (await self._answer(Request(scope)))(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method not in {"GET", "HEAD"}:
            return PlainTextResponse("Method not allowed", 405, {"Allow": "GET, HEAD"})
        name = request.scope["path"].removeprefix(PREFIX)
        path = await to_thread.run_sync(self._photos.find, name)
        if path is None:
            return PlainTextResponse("Not found", 404, {"X-Content-Type-Options": "nosniff"})
        return FileResponse(path, media_type=MEDIA_TYPE, headers=HEADERS)
