"""`/invoice/{token}`: the invoice behind a signed link in a message, as PDF."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from outpatient.access.tokens import InvalidToken, read_signed
from outpatient.core.database import Database
from outpatient.invoices.pdf import render_pdf
from outpatient.invoices.queries import find_signed_invoice

PREFIX = "/invoice/"
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


class InvoicePages:
    """An ASGI app that answers with the PDF of a signed invoice, or 404."""

    def __init__(self, database: Database, secret: str) -> None:
        self._database, self._secret = database, secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (await self._answer(Request(scope)))(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method not in {"GET", "HEAD"}:
            return PlainTextResponse("Method not allowed", 405, {"Allow": "GET, HEAD"})
        try:
            invoice_id = int(read_signed(self._secret, "invoice", request.scope["path"].removeprefix(PREFIX)))
        except InvalidToken:
            return _not_found()
        async with self._database.reading() as tx:
            found = await find_signed_invoice(tx, invoice_id)
        if found is None:
            return _not_found()
        invoice, money = found
        name = invoice.label.replace("/", "-")
        return Response(
            await render_pdf(invoice, money),
            media_type="application/pdf",
            headers={**HEADERS, "Content-Disposition": f'inline; filename="{name}.pdf"'},
        )


def _not_found() -> Response:
    return PlainTextResponse("This invoice does not exist. Please ask the clinic for a new link.", 404, HEADERS)
