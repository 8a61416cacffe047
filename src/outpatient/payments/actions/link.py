"""Payment links: pages of the provider's where a patient pays what is due."""

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import update

from outpatient.access.actor import Actor
from outpatient.adapters.payments.port import Customer, Link, Payments
from outpatient.core.database import Database, Tx
from outpatient.core.errors import AdapterFailure, DuplicateEntry, NotFound
from outpatient.models import Payment, PaymentLink
from outpatient.payments.actions.due import exactly_due
from outpatient.payments.actions.order import PROVIDER_SECONDS, notes_of
from outpatient.payments.actions.proof import MONEY_IS_IN, check_capture, close_link, receive_capture
from outpatient.payments.errors import PaymentMismatch, PaymentUnconfirmed, ProviderUnavailable
from outpatient.payments.events import PaymentLinkCreated
from outpatient.payments.queries import (
    Asked,
    PatientAccount,
    count_links,
    find_asked_by_link,
    find_open_link,
    find_payer,
    get_account,
    get_refund_terms,
)

NO_LONGER = frozenset({"paid", "cancelled", "expired"})


async def create_link(
    database: Database,
    gateway: Payments,
    *,
    actor: Actor | None,
    appointment_id: int | None = None,
    payment_id: int | None = None,
    amount_minor: int | None = None,
    name: str | None = None,
    phone: str | None = None,
    email: str | None = None,
) -> PaymentLink:
    """A link by which what is due can be paid: one that is still open, else a new one. Refuses as `create_order` does.

    The provider shows the payer's name, phone and e-mail (else the patient's) to whoever opens it; it sends nothing.
    """
    async with database.reading() as tx:
        account = await get_account(tx, actor, appointment_id=appointment_id, payment_id=payment_id)
        due = exactly_due(account, amount_minor)
        number = await count_links(tx, account.payment)  # first, so that a link made meanwhile is found, not doubled
        known = await find_open_link(tx, account.payment, gateway.provider, due)
        hours = (await get_refund_terms(tx, account.payment.hospital_id)).payment_link_hours
        patient = await find_payer(tx, account.payment)
        expires_at = tx.now + timedelta(hours=hours)
    if known is not None:
        return await _wanted_by(database, known, actor)
    payment = account.payment
    customer = Customer(
        name=name or (patient.full_name if patient else "Patient"),
        phone=phone or (patient.phone if patient else None),
        email=email or (patient.email if patient else None),
    )
    try:
        async with asyncio.timeout(PROVIDER_SECONDS):
            link = await gateway.create_link(
                amount_minor=due,
                currency=payment.currency,
                reference=f"link-{payment.id}-{number}-{int(payment.created_at.timestamp())}",
                description="Clinic appointment",
                customer=customer,
                expires_at=expires_at,
                notes=notes_of(payment),
            )
    except (AdapterFailure, TimeoutError) as failure:
        raise ProviderUnavailable from failure
    if (link.amount_minor, link.currency) != (due, payment.currency):
        raise ProviderUnavailable("The payment provider answered with another link than it was asked for")
    try:
        async with database.transaction() as tx:
            return await _keep_link(
                tx, payment, gateway.provider, link, expires_at=link.expires_at or expires_at, by=actor
            )
    except DuplicateEntry:  # somebody else asked for the same at this moment
        async with database.reading() as tx:
            known = await find_open_link(tx, payment, gateway.provider, due)
        if known is None:
            raise ProviderUnavailable("The payment provider answered with somebody else's link") from None
        return await _wanted_by(database, known, actor)


async def _keep_link(
    tx: Tx, payment: Payment, provider: str, link: Link, *, expires_at: datetime, by: Actor | None
) -> PaymentLink:
    account = await get_account(tx, None, payment_id=payment.id, lock=True)
    kept = await tx.add(
        PaymentLink(
            hospital_id=payment.hospital_id,
            payment_id=payment.id,
            provider=provider,
            provider_link_id=link.id,
            url=link.url,
            amount_minor=link.amount_minor,
            currency=link.currency,
            expires_at=expires_at,
            created_by=by.user_id if by else None,
            created_at=tx.now,
        )
    )
    await _tell_of(tx, account, kept, by=by)
    return kept


async def _wanted_by(database: Database, known: PaymentLink, actor: Actor | None) -> PaymentLink:
    """A link that is there already. One that a payer had asked for is sent when staff want it, once."""
    if actor is None or known.created_by is not None:
        return known
    async with database.transaction() as tx:
        account = await get_account(tx, None, payment_id=known.payment_id, lock=True)
        taken_up = await tx.all(
            update(PaymentLink)
            .where(PaymentLink.id == known.id, PaymentLink.created_by.is_(None))
            .values(created_by=actor.user_id)
            .returning(PaymentLink.id)
            .execution_options(synchronize_session=False)
        )
        if taken_up:
            await _tell_of(tx, account, known, by=actor)
    return known


async def _tell_of(tx: Tx, account: PatientAccount, link: PaymentLink, *, by: Actor | None) -> None:
    told = PaymentLinkCreated.of(
        account.payment,
        account.visit,
        link_id=link.id,
        amount_minor=link.amount_minor,
        is_to_send=by is not None,  # else the payer asked for it himself, on our own page
    )
    await tx.record(told, by=by)


async def check_link(database: Database, gateway: Payments, *, actor: Actor | None, link_id: str) -> Link:
    """How a link of ours stands by the provider's word; what was paid on it is taken in, once.

    NotFound, PaymentMismatch; PaymentUnconfirmed: the provider does not answer.
    """
    async with database.reading() as tx:
        asked = await find_asked_by_link(tx, gateway.provider, link_id)
        if asked is None:
            raise NotFound.of("Payment link")
        try:
            await get_account(tx, actor, payment_id=asked.payment_id)
        except NotFound:
            raise NotFound.of("Payment link") from None
    try:
        async with asyncio.timeout(PROVIDER_SECONDS):
            link = await gateway.get_link(link_id)
    except (AdapterFailure, TimeoutError) as failure:
        raise PaymentUnconfirmed from failure
    await take_link(database, asked, link, provider=gateway.provider)
    return link


async def take_link(database: Database, asked: Asked, link: Link, *, provider: str) -> None:
    """Take in what the provider says was paid on a link of ours, and close it when it cannot be paid any more."""
    if (link.id, link.amount_minor, link.currency) != (asked.provider_id, asked.amount_minor, asked.currency):
        raise PaymentMismatch
    captures = [capture for capture in link.payments if capture.status in MONEY_IS_IN]
    for capture in captures:
        check_capture(asked, capture, order_id=None)
    if not captures and link.status not in NO_LONGER:
        return
    async with database.transaction() as tx:
        for capture in captures:
            await receive_capture(tx, asked, capture, provider=provider)
        if captures or link.status != "paid":  # paid, but it does not say by what: ask again
            await close_link(tx, asked.id)
