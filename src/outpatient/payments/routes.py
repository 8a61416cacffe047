"""Money: seed 001 `/payments`, where `{id}` is an appointment's, and the desk's receipts, discounts and refunds."""

from collections.abc import Collection
from typing import Annotated, Any

from fastapi import APIRouter, Request

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.core.database import Tx
from outpatient.core.errors import NotFound, TooLarge
from outpatient.core.paging import Page
from outpatient.core.terms import PaymentStatus, RefundStatus
from outpatient.http.days import Between
from outpatient.http.dependencies import App, Paged, Parts, Public, Reading, allow, id_named
from outpatient.http.idempotency import TAKES_KEY, idempotency_of, keep_made, once
from outpatient.http.schema import AnyCase, Envelope, ErrorEnvelope, PathId, answer
from outpatient.payments import actions, queries
from outpatient.payments.schemas import (
    DiscountRequest,
    LinkOut,
    LinkRequest,
    LinkStateOut,
    OrderOut,
    OrderRequest,
    PaymentDetails,
    PaymentOut,
    ReceiptOut,
    ReceiptRequest,
    ReceivedOut,
    RefundedOut,
    RefundOut,
    RefundRequest,
    VerifiedOut,
    VerifyRequest,
    WebhookOut,
)

router = APIRouter(tags=["Payments"])

PROVIDER: dict[int | str, dict[str, Any]] = {502: {"model": ErrorEnvelope}}
FORGED: dict[int | str, dict[str, Any]] = {400: {"model": ErrorEnvelope}, 413: {"model": ErrorEnvelope}}
RECEIPTS, DISCOUNTS, REFUNDS = "receipts", "discounts", "refunds"
MAX_WEBHOOK = 256 * 1024  # bytes
ONE = Page(1, 1)


@router.post("/payments/create-order", responses=PROVIDER)
async def create_order(
    body: OrderRequest, actor: Annotated[Actor, allow(P.PAYMENTS_PAY)], app: App
) -> Envelope[OrderOut]:
    gateway = app.adapters.payments
    order = await actions.create_order(
        app.database, gateway, actor=actor, appointment_id=body.appointment_id, amount_minor=body.amount
    )
    made = OrderOut(
        order_id=order.provider_order_id,
        amount=order.amount_minor,
        currency=order.currency,
        razorpay_key_id=gateway.key_id,
    )
    return answer(made)


@router.post("/payments/verify", responses=PROVIDER)
async def verify_payment(
    body: VerifyRequest, actor: Annotated[Actor, allow(P.PAYMENTS_PAY)], app: App
) -> Envelope[VerifiedOut]:
    account = await actions.verify_payment(
        app.database,
        app.adapters.payments,
        secret=app.settings.checkout_secret,
        actor=actor,
        appointment_id=body.appointment_id,
        order_id=body.razorpay_order_id,
        payment_id=body.razorpay_payment_id,
        signature=body.razorpay_signature,
    )
    payment = account.payment
    verified = VerifiedOut(
        payment_id=body.razorpay_payment_id, status=payment.status, amount_refunded=payment.refunded_minor
    )
    if payment.status is PaymentStatus.REFUNDED:
        return answer(verified, "Payment verified, but nothing was to be paid any more: your money goes back")
    return answer(verified, "Payment verified successfully")


@router.post("/payments/webhook", dependencies=[Public], responses=FORGED)
async def take_webhook(request: Request, app: App) -> Envelope[WebhookOut]:
    """The payment provider's own call: signed over its very bytes (`X-Razorpay-Signature`), no sign-in."""
    body = await request.body()
    if len(body) > MAX_WEBHOOK:
        raise TooLarge
    outcome = await actions.take_webhook(
        app.database,
        provider=app.adapters.payments.provider,
        secret=app.settings.webhook_secret,
        body=body,
        event_id=request.headers.get("x-razorpay-event-id"),
        signature=request.headers.get("x-razorpay-signature", ""),
    )
    return answer(WebhookOut(outcome=outcome))


@router.get("/payments")
async def list_payments(
    actor: Annotated[Actor, allow(P.PAYMENTS_LIST)],
    tx: Reading,
    page: Paged,
    days: Between,
    patient_id: Annotated[int | None, id_named("patientId")] = None,
    status: Annotated[PaymentStatus | None, AnyCase] = None,
) -> Envelope[list[PaymentOut]]:
    rows, total = await queries.list_payments(tx, actor, page, patient_id=patient_id, status=status, days=days)
    return answer([PaymentOut.model_validate(row) for row in rows], meta=page.meta(total))


@router.get("/payments/history")
async def list_own_payments(
    actor: Annotated[Actor, allow(P.PAYMENTS_READ)], tx: Reading, page: Paged
) -> Envelope[list[PaymentOut]]:
    rows, total = await queries.list_payments(tx, actor, page)
    return answer([PaymentOut.model_validate(row) for row in rows], meta=page.meta(total))


@router.get("/payments/{appointment_id:int}")
async def get_payment(
    appointment_id: PathId, actor: Annotated[Actor, allow(P.PAYMENTS_READ)], tx: Reading
) -> Envelope[PaymentDetails]:
    return answer(PaymentDetails.model_validate(await _details(tx, actor, appointment_id=appointment_id)))


@router.post("/payments/create-link", responses=PROVIDER)
async def create_link(
    body: LinkRequest, actor: Annotated[Actor, allow(P.PAYMENTS_LINK)], app: App
) -> Envelope[LinkOut]:
    link = await actions.create_link(
        app.database,
        app.adapters.payments,
        actor=actor,
        appointment_id=body.appointment_id,
        amount_minor=body.amount,
        name=body.customer_name,
        phone=body.customer_phone,
        email=body.customer_email,
    )
    made = LinkOut(payment_link_id=link.provider_link_id, short_url=link.url, expires_at=link.expires_at)
    return answer(made, "Payment link created and sent via WhatsApp")


@router.get("/payments/verify/{link_id}", responses=PROVIDER)
async def check_link(link_id: str, actor: Annotated[Actor, allow(P.PAYMENTS_READ)], app: App) -> Envelope[LinkStateOut]:
    link = await actions.check_link(app.database, app.adapters.payments, actor=actor, link_id=link_id)
    return answer(LinkStateOut(payment_link_id=link.id, status=link.status, amount_paid=link.paid_minor))


@router.post("/receipts", status_code=201, openapi_extra=TAKES_KEY)
async def take_payment(
    request: Request, body: ReceiptRequest, actor: Annotated[Actor, allow(P.PAYMENTS_TAKE)], app: App
) -> Envelope[ReceivedOut]:
    repeatable = await idempotency_of(request)

    async def take() -> Envelope[ReceivedOut]:
        async with app.database.transaction() as tx:
            account = await queries.get_account(tx, actor, **body.which())
            receipt = await actions.take_payment(
                tx,
                actor=actor,
                payment_id=account.payment.id,
                amount_minor=body.amount,
                method=body.method,
                reference=body.reference,
            )
            await keep_made(tx, actor, RECEIPTS, repeatable, receipt.id)
        return await _show_receipt(app, actor, receipt.id)

    return await once(app, actor, RECEIPTS, repeatable, take, again=_show_receipt)


async def _show_receipt(app: Parts, actor: Actor, receipt_id: int) -> Envelope[ReceivedOut]:
    async with app.database.reading() as tx:
        receipt = await queries.get_receipt(tx, actor, receipt_id)
        details = await _details(tx, actor, payment_id=receipt.payment_id)
    shown = ReceivedOut.model_validate({**details, "receipt": ReceiptOut.model_validate(receipt)})
    return answer(shown, "Payment received")


@router.post("/discounts", status_code=201, openapi_extra=TAKES_KEY)
async def discount_payment(
    request: Request, body: DiscountRequest, actor: Annotated[Actor, allow(P.PAYMENTS_DISCOUNT)], app: App
) -> Envelope[PaymentDetails]:
    repeatable = await idempotency_of(request)

    async def discount() -> Envelope[PaymentDetails]:
        async with app.database.transaction() as tx:
            account = await queries.get_account(tx, actor, **body.which())
            payment = account.payment
            await actions.discount_payment(
                tx, actor=actor, payment_id=payment.id, amount_minor=body.amount, reason=body.reason
            )
            await keep_made(tx, actor, DISCOUNTS, repeatable, payment.id)
        return await _show_discounted(app, actor, payment.id)

    return await once(app, actor, DISCOUNTS, repeatable, discount, again=_show_discounted)


async def _show_discounted(app: Parts, actor: Actor, payment_id: int) -> Envelope[PaymentDetails]:
    async with app.database.reading() as tx:
        details = await _details(tx, actor, payment_id=payment_id)
    return answer(PaymentDetails.model_validate(details), "Discount given")


@router.post("/refunds", status_code=201, openapi_extra=TAKES_KEY)
async def refund_payment(
    request: Request, body: RefundRequest, actor: Annotated[Actor, allow(P.PAYMENTS_REFUND)], app: App
) -> Envelope[RefundedOut]:
    repeatable = await idempotency_of(request)

    async def refund() -> Envelope[RefundedOut]:
        async with app.database.transaction() as tx:
            account = await queries.get_account(tx, actor, **body.which())
            refunds = await actions.refund_payment(
                tx, actor=actor, payment_id=account.payment.id, amount_minor=body.amount, reason=body.reason
            )
            await keep_made(tx, actor, REFUNDS, repeatable, refunds[0].id)
        return await _show_refund(app, actor, refunds[0].id, together={refund.id for refund in refunds})

    return await once(app, actor, REFUNDS, repeatable, refund, again=_show_refund)


async def _show_refund(
    app: Parts, actor: Actor, refund_id: int, *, together: Collection[int] = ()
) -> Envelope[RefundedOut]:
    """The payment after a refund, with those that were made `together` with it: by the same person at one moment."""
    async with app.database.reading() as tx:
        refund = await queries.get_refund(tx, actor, refund_id)
        details = await _details(tx, actor, payment_id=refund.payment_id)
    asked = (refund.requested_at, refund.requested_by, refund.reason)
    refunded = [
        one
        for one in details["refunds"]
        if (one.id in together if together else (one.requested_at, one.requested_by, one.reason) == asked)
    ]
    return answer(RefundedOut.model_validate({**details, "refunded": refunded}), "Refund requested")


@router.get("/refunds")
async def list_refunds(
    actor: Annotated[Actor, allow(P.PAYMENTS_LIST)],
    tx: Reading,
    page: Paged,
    payment_id: Annotated[int | None, id_named("paymentId")] = None,
    status: Annotated[RefundStatus | None, AnyCase] = None,
) -> Envelope[list[RefundOut]]:
    rows, total = await queries.list_refunds(tx, actor, page, payment_id=payment_id, status=status)
    return answer([RefundOut.model_validate(row) for row in rows], meta=page.meta(total))


async def _details(
    tx: Tx, actor: Actor, *, payment_id: int | None = None, appointment_id: int | None = None
) -> dict[str, Any]:
    """One payment with its receipts and refunds (NotFound)."""
    rows, _ = await queries.list_payments(tx, actor, ONE, payment_id=payment_id, appointment_id=appointment_id)
    if not rows:
        raise NotFound.of("Payment")
    payment = rows[0]
    ids = [payment["payment_id"]]
    return {
        **payment,
        "receipts": await queries.list_receipts_of(tx, ids),
        "refunds": await queries.list_refunds_of(tx, ids),
    }
