"""What patients are told of their money: links to pay, receipts, refunds, invoices. Amounts are read anew."""

from sqlalchemy import select

from outpatient.adapters.outside import Outside
from outpatient.core.money import show_money
from outpatient.core.terms import RefundStatus
from outpatient.models import Invoice, Payment, PaymentLink, Receipt, Refund, StoredEvent
from outpatient.notifications.carry import tell
from outpatient.notifications.kinds import Kind
from outpatient.notifications.links import invoice_link
from outpatient.notifications.queries import find_told_of_payment, get_owed


async def send_payment_link(outside: Outside, event: StoredEvent) -> None:
    """Send a link to pay by (`link_id`), if that was asked for (`is_to_send`) and while it is open."""
    if not event.payload.get("is_to_send", True):
        return
    async with outside.database.reading() as tx:
        link: PaymentLink | None = await tx.one_or_none(
            select(PaymentLink).where(
                PaymentLink.hospital_id == event.hospital_id, PaymentLink.id == event.payload["link_id"]
            )
        )
        if link is None or link.closed_at is not None or link.expires_at <= tx.now:
            return
        told = await find_told_of_payment(tx, event.hospital_id, link.payment_id)
    if told is not None:
        amount = show_money(link.amount_minor, link.currency)
        until = link.expires_at.astimezone(told.quiet.zone)
        await tell(outside, event, Kind.PAYMENT_LINK, told, amount=amount, until=until, link=link.url)


async def send_payment_received(outside: Outside, event: StoredEvent) -> None:
    """Acknowledge money that came in (`receipt_id`), and say what remains to be paid."""
    async with outside.database.reading() as tx:
        receipt: Receipt | None = await tx.one_or_none(
            select(Receipt).where(Receipt.hospital_id == event.hospital_id, Receipt.id == event.payload["receipt_id"])
        )
        if receipt is None:
            return
        told = await find_told_of_payment(tx, event.hospital_id, receipt.payment_id)
        owed = await get_owed(tx, event.hospital_id, receipt.payment_id)
    if told is not None:
        amount = show_money(receipt.amount_minor, receipt.currency)
        due = show_money(owed, receipt.currency) if owed > 0 else None
        await tell(outside, event, Kind.PAYMENT_RECEIVED, told, amount=amount, reference=receipt.known_as, due=due)


async def send_refund(outside: Outside, event: StoredEvent) -> None:
    """Say that money went back (`refund_id`), once it has."""
    async with outside.database.reading() as tx:
        refund: Refund | None = await tx.one_or_none(
            select(Refund).where(Refund.hospital_id == event.hospital_id, Refund.id == event.payload["refund_id"])
        )
        if refund is None or refund.status is not RefundStatus.PROCESSED:
            return
        told = await find_told_of_payment(tx, event.hospital_id, refund.payment_id)
    if told is not None:
        await tell(outside, event, Kind.REFUND, told, amount=show_money(refund.amount_minor, refund.currency))


async def send_invoice(outside: Outside, event: StoredEvent) -> None:
    """Send an invoice that somebody asked to be sent, as a link to its PDF."""
    async with outside.database.reading() as tx:
        rows = await tx.rows(
            select(Invoice.label, Invoice.payment_id, Payment.amount_minor, Payment.discount_minor, Payment.currency)
            .join(Payment, Payment.id == Invoice.payment_id)
            .where(Invoice.hospital_id == event.hospital_id, Invoice.id == event.subject_id)
        )
        if not rows:
            return
        told = await find_told_of_payment(tx, event.hospital_id, rows[0]["payment_id"])
    if told is not None:
        charged = rows[0]["amount_minor"] - rows[0]["discount_minor"]
        amount = show_money(charged, rows[0]["currency"])
        link = invoice_link(outside.settings, event.subject_id)
        await tell(outside, event, Kind.INVOICE, told, label=rows[0]["label"], amount=amount, link=link)
