"""A checkout that a patient's browser says is paid: believed when signed, for this order, and captured."""

from outpatient.access.actor import Actor
from outpatient.adapters.payments.port import Capture, Payments
from outpatient.adapters.payments.signatures import is_checkout_genuine
from outpatient.core.database import Database
from outpatient.core.errors import AdapterFailure, NotFound
from outpatient.payments.actions.proof import ask_capture, check_capture, close_order, receive_capture
from outpatient.payments.errors import InvalidSignature, PaymentMismatch
from outpatient.payments.queries import Asked, PatientAccount, find_asked_by_order, get_account

LOCAL = "local"


async def verify_payment(
    database: Database,
    gateway: Payments,
    *,
    secret: str,
    actor: Actor,
    appointment_id: int,
    order_id: str,
    payment_id: str,
    signature: str,
) -> PatientAccount:
    """Take in what a checkout paid, if the signature, the order, the appointment and the gateway all say so.

    InvalidSignature, NotFound, PaymentMismatch, PaymentNotCaptured; PaymentUnconfirmed: the gateway cannot say yet, and
    the sweep will find out. Repeatable: the same checkout is received once.
    """
    if not is_checkout_genuine(secret, order_id, payment_id, signature):
        raise InvalidSignature
    async with database.reading() as tx:
        account = await get_account(tx, actor, appointment_id=appointment_id)
        asked = await find_asked_by_order(tx, gateway.provider, order_id)
    if asked is None or asked.hospital_id != account.payment.hospital_id:
        raise NotFound.of("Payment order")
    if asked.payment_id != account.payment.id:
        raise PaymentMismatch
    capture = await _capture_of(gateway, asked, payment_id)
    async with database.transaction() as tx:
        account = await receive_capture(tx, asked, capture, provider=gateway.provider)
        tx.audit("payment.verified", "payment", account.payment.id, hospital_id=asked.hospital_id, by=actor)
        await close_order(tx, asked.id)
    return account


async def _capture_of(gateway: Payments, asked: Asked, payment_id: str) -> Capture:
    """The capture behind a signed checkout: what the gateway says; on one machine the signature says enough."""
    if gateway.provider == LOCAL:
        try:
            capture = await gateway.get_capture(payment_id)
        except AdapterFailure:
            return Capture(payment_id, asked.provider_id, asked.amount_minor, asked.currency, "captured")
    else:
        capture = await ask_capture(gateway, payment_id)
    check_capture(asked, capture, order_id=asked.provider_id)
    return capture
