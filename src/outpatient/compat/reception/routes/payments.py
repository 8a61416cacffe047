"""Money at the desk: seed 000 `/payments`, where `{id}` is a payment's own."""

from typing import Annotated

from fastapi import APIRouter, Request

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.compat.reception.asked import AskedDay, AskedId, Paged
from outpatient.compat.reception.schemas.payments import (
    InvoiceOut,
    PaymentInvoiced,
    PaymentMade,
    PaymentOut,
    PaymentPage,
    PaymentRequest,
    ProcessRequest,
    RefundRequest,
)
from outpatient.compat.schema import Lower, listing
from outpatient.compat.words import named
from outpatient.core.database import Tx
from outpatient.core.days import Days
from outpatient.core.errors import NotFound
from outpatient.core.paging import Page
from outpatient.core.terms import PaymentStatus
from outpatient.http.days import in_order
from outpatient.http.dependencies import App, Parts, Reading, Writing, allow
from outpatient.http.document import Responses
from outpatient.http.idempotency import TAKES_KEY, idempotency_of, keep_made, once
from outpatient.http.schema import BareError, PathId
from outpatient.invoices.actions import ShownInvoice, issue_invoice
from outpatient.payments import actions, queries
from outpatient.queue.actions import process_payment as take_and_complete

router = APIRouter(tags=["Reception: payments"])

Reads = Annotated[Actor, allow(P.PAYMENTS_LIST)]
Takes = Annotated[Actor, allow(P.PAYMENTS_TAKE)]

ONE = Page(1, 1)
RECEIVED, REFUNDED = "Payment processed successfully", "Payment refunded successfully"
UNCHARGED: Responses = {409: {"model": BareError, "description": "Nothing was charged for this visit"}}
UNEXPLAINED = "Given back at the desk"


@router.get("/payments")
async def list_payments(
    actor: Reads,
    tx: Reading,
    page: Paged,
    patient_id: AskedId = None,
    status: Annotated[PaymentStatus, Lower] | None = None,
    start_date: AskedDay = None,
    end_date: AskedDay = None,
) -> PaymentPage:
    days = in_order(Days(start_date, end_date), "start_date", "end_date")
    rows, total = await queries.list_payments(tx, actor, page, patient_id=patient_id, status=status, days=days)
    shown = [PaymentOut.model_validate(row) for row in rows]
    return PaymentPage(**listing("payments", shown, total, page.page, page.limit))


@router.get("/payments/invoice/{visit_id:int}", responses=UNCHARGED)
async def get_invoice(visit_id: PathId, actor: Reads, tx: Writing) -> InvoiceOut:
    return describe(await issue_invoice(tx, actor=actor, visit_id=visit_id))


def describe(shown: ShownInvoice) -> InvoiceOut:
    invoice = shown.invoice
    own = {name: getattr(invoice, name) for name in ("id", "visit_id", "payment_id", "issued_at")}
    return InvoiceOut.model_validate({**invoice.content, **shown.money, **own, "invoice_number": invoice.label})


@router.get("/payments/{payment_id:int}")
async def get_payment(payment_id: PathId, actor: Reads, tx: Reading) -> PaymentOut:
    return await show(tx, actor, payment_id)


async def show(tx: Tx, actor: Actor, payment_id: int) -> PaymentOut:
    """A payment as it is now (NotFound)."""
    await tx.session.flush()
    rows, _ = await queries.list_payments(tx, actor, ONE, payment_id=payment_id)
    if not rows:
        raise NotFound.of("Payment")
    return PaymentOut.model_validate(rows[0])


@router.put("/payments/{payment_id:int}/process")
async def process_payment(payment_id: PathId, body: ProcessRequest, actor: Takes, tx: Writing) -> PaymentMade:
    with named(amount="amount_paid"):
        await take_and_complete(
            tx,
            actor=actor,
            payment_id=payment_id,
            amount_minor=body.amount_paid,
            method=body.payment_method,
            discount_minor=body.discount_amount,
        )
    return PaymentMade(message=RECEIVED, payment=await show(tx, actor, payment_id))


@router.post("/payments", status_code=201, openapi_extra=TAKES_KEY)
async def take_payment(request: Request, body: PaymentRequest, actor: Takes, app: App) -> PaymentInvoiced:
    repeatable = await idempotency_of(request)

    async def take() -> PaymentInvoiced:
        async with app.database.transaction() as tx:
            account = await queries.get_account(tx, actor, visit_id=body.visit_id)
            payment_id = account.payment.id
            with named(amount="amount_paid"):
                await actions.take_payment(
                    tx,
                    actor=actor,
                    payment_id=payment_id,
                    amount_minor=body.amount_paid,
                    method=body.payment_method,
                    reference=None,
                )
            await keep_made(tx, actor, "reception/payments", repeatable, payment_id)
            return await show_invoiced(tx, actor, payment_id)

    return await once(app, actor, "reception/payments", repeatable, take, again=answer_received)


async def answer_received(app: Parts, actor: Actor, payment_id: int) -> PaymentInvoiced:
    async with app.database.transaction() as tx:
        return await show_invoiced(tx, actor, payment_id)


async def show_invoiced(tx: Tx, actor: Actor, payment_id: int) -> PaymentInvoiced:
    """A payment with its invoice, which gets its number here if it has none."""
    payment = await show(tx, actor, payment_id)
    invoice = await issue_invoice(tx, actor=actor, visit_id=payment.visit_id)
    return PaymentInvoiced(message=RECEIVED, payment=payment, invoice=describe(invoice))


@router.post("/payments/refund/{payment_id:int}", openapi_extra=TAKES_KEY)
async def refund_payment(
    request: Request,
    payment_id: PathId,
    actor: Annotated[Actor, allow(P.PAYMENTS_REFUND)],
    app: App,
    body: RefundRequest | None = None,
) -> PaymentMade:
    repeatable, wish = await idempotency_of(request), body or RefundRequest()

    async def refund() -> PaymentMade:
        async with app.database.transaction() as tx:
            await actions.refund_payment(
                tx, actor=actor, payment_id=payment_id, amount_minor=wish.amount, reason=wish.reason or UNEXPLAINED
            )
            await keep_made(tx, actor, "reception/refunds", repeatable, payment_id)
        return await answer_refunded(app, actor, payment_id)

    return await once(app, actor, "reception/refunds", repeatable, refund, again=answer_refunded)


async def answer_refunded(app: Parts, actor: Actor, payment_id: int) -> PaymentMade:
    async with app.database.reading() as tx:
        return PaymentMade(message=REFUNDED, payment=await show(tx, actor, payment_id))
