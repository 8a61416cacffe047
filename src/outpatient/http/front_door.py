"""Picks the app that answers a path. Separate apps, so that no envelope or 404 of one leaks into another."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send


class FrontDoor:
    """Prefix → app, the longest prefix first; a mounted app sees the prefix as its `root_path`."""

    def __init__(
        self, mounts: Mapping[str, ASGIApp], *, plain: Mapping[str, ASGIApp], otherwise: ASGIApp, lifespan: ASGIApp
    ) -> None:
        self._mounts = sorted(mounts.items(), key=lambda mount: -len(mount[0]))
        self._plain = dict(plain)
        self._otherwise, self._lifespan = otherwise, lifespan

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
            return
        path: str = scope["path"]
        if app := self._plain.get(path):
            await app(scope, receive, send)
            return
        for prefix, app in self._mounts:
            if path == prefix or path.startswith(prefix + "/"):
                await app({**scope, "root_path": scope.get("root_path", "") + prefix}, receive, send)
                return
        await self._otherwise(scope, receive, send)
