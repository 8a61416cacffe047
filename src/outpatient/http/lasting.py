"""Answers that last for hours leave the app that began them, so that nothing of the call is held for so long."""

from starlette.types import ASGIApp, Receive, Scope, Send


class Lasting:
    """Runs what an answer left in `scope["lasting"]` once the app has returned, with nothing between it and the socket.

    By then the answer's head is out, its log line is written, and what the app held for the call is given back.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)
        if (last := scope.get("lasting")) is not None:
            for name in scope.keys() - ASGI:  # a scope lives as long as the connection, with all that was put there
                del scope[name]
            await last(receive, send)


ASGI = frozenset(
    {
        *("type", "asgi", "http_version", "method", "scheme", "path", "raw_path", "query_string", "root_path"),
        *("headers", "client", "server", "state", "extensions"),
    }
)
"""What the server itself put into a scope, and still reads."""
