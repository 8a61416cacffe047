"""What the small pages behind signed links share: how they may be asked, what was filled in, and dead links."""

from abc import ABC, abstractmethod
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from outpatient.access.tokens import InvalidToken
from outpatient.core.database import Database
from outpatient.web.page import page


class LinkPage(ABC):
    """An ASGI app for the links below one prefix. A look changes nothing; the buttons of its form do."""

    prefix: str
    methods: tuple[str, ...] = ("GET", "HEAD", "POST")
    largest_form: int = 0
    """In bytes."""

    def __init__(self, database: Database, secret: str) -> None:
        self._database, self._secret = database, secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (await self._answer_or_refuse(Request(scope, receive)))(scope, receive, send)

    @abstractmethod
    async def answer(self, token: str, form: dict[str, str] | None) -> Response:
        """The page of this link, with what was filled in (None: a look). InvalidToken: the link leads nowhere."""

    async def _answer_or_refuse(self, request: Request) -> Response:
        if request.method not in self.methods:
            allowed = {"Allow": ", ".join(self.methods)}
            return page("Method not allowed", "<h1>Please open this page in a browser</h1>", 405, allowed)
        form = await self._filled_in(request) if request.method == "POST" else None
        try:
            return await self.answer(request.scope["path"].removeprefix(self.prefix), form)
        except InvalidToken:
            please = "<h1>This link does not exist</h1><p>Please ask the clinic for a new one.</p>"
            return page("Not found", please, 404)

    async def _filled_in(self, request: Request) -> dict[str, str]:
        """The fields of the form; none for a form that is none of ours."""
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > self.largest_form:
                return {}
        return {name: values[0] for name, values in parse_qs(body.decode("latin-1")).items()}
