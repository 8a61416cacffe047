"""Invoices: issued when first asked for, as JSON and PDF, and sent on request."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.http.dependencies import App, Parts, Writing, allow
from outpatient.http.document import Responses
from outpatient.http.idempotency import TAKES_KEY, idempotency_of, keep_made, once
from outpatient.http.schema import Envelope, ErrorEnvelope, PathId, answer
from outpatient.invoices import actions
from outpatient.invoices.actions import ShownInvoice
from outpatient.invoices.pdf import render_pdf
from outpatient.invoices.schemas import InvoiceOut

router = APIRouter(tags=["Invoices"])

UNCHARGED: Responses = {409: {"model": ErrorEnvelope, "description": "Nothing was charged for this visit"}}
SENDING = "invoices:send"
PDF: dict[str, Any] = {
    "response_class": Response,
    "responses": {
        **UNCHARGED,
        200: {
            "description": "The invoice",
            "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
        },
    },
}


def describe(shown: ShownInvoice) -> InvoiceOut:
    invoice = shown.invoice
    return InvoiceOut.model_validate(
        {
            **{name: getattr(invoice, name) for name in ("id", "visit_id", "payment_id", "number", "issued_at")},
            **{name.removesuffix("_minor"): value for name, value in (invoice.content | dict(shown.money)).items()},
            "invoice_number": invoice.label,
            "lines": [{**line, "amount": line["amount_minor"]} for line in invoice.content["lines"]],
            "receipts": [{**one, "amount": one["amount_minor"]} for one in shown.receipts],
            "refunds": [{**one, "amount": one["amount_minor"]} for one in shown.refunds],
        }
    )


@router.get("/invoices/{visit_id:int}", responses=UNCHARGED)
async def get_invoice(
    visit_id: PathId, actor: Annotated[Actor, allow(P.INVOICES_READ)], tx: Writing
) -> Envelope[InvoiceOut]:
    return answer(describe(await actions.issue_invoice(tx, actor=actor, visit_id=visit_id)))


@router.get("/invoices/{visit_id:int}.pdf", **PDF)
async def get_invoice_pdf(visit_id: PathId, actor: Annotated[Actor, allow(P.INVOICES_READ)], app: App) -> Response:
    async with app.database.transaction() as tx:
        shown = await actions.issue_invoice(tx, actor=actor, visit_id=visit_id)
    name = shown.invoice.label.replace("/", "-")
    return Response(
        await render_pdf(shown.invoice, shown.money),
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}.pdf"'},
    )


@router.post("/invoices/{visit_id:int}/send", openapi_extra=TAKES_KEY)
async def send_invoice(
    request: Request, visit_id: PathId, actor: Annotated[Actor, allow(P.INVOICES_SEND)], app: App
) -> Envelope[InvoiceOut]:
    repeatable = await idempotency_of(request)

    async def send() -> Envelope[InvoiceOut]:
        async with app.database.transaction() as tx:
            await keep_made(tx, actor, SENDING, repeatable, visit_id)
            return _on_its_way(await actions.request_sending(tx, actor=actor, visit_id=visit_id))

    async def again(_app: Parts, _actor: Actor, sent_id: int) -> Envelope[InvoiceOut]:
        async with app.database.transaction() as tx:
            return _on_its_way(await actions.issue_invoice(tx, actor=actor, visit_id=sent_id))

    return await once(app, actor, SENDING, repeatable, send, again=again)


def _on_its_way(shown: ShownInvoice) -> Envelope[InvoiceOut]:
    return answer(describe(shown), "The invoice is on its way")
