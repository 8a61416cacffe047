"""Payments on one machine: a sandbox ledger that behaves as the gateway does."""

import hashlib
import string
from collections.abc import Mapping

from outpatient.adapters.payments.port import Order
from outpatient.core.errors import AdapterFailure

ALPHANUMERICS = string.digits + string.ascii_letters


class LocalPayments:
    """Keeps the orders in memory; their ids follow from the receipts, so a restart forgets nothing that matters."""

    provider = "local"

    def __init__(self) -> None:
        self._orders: dict[str, Order] = {}

    async def create_order(self, *, amount_minor: int, currency: str, receipt: str, notes: Mapping[str, str]) -> Order:
        """The order of this receipt, made if there is none; refuses what the gateway would refuse."""
        if amount_minor <= 0 or not 1 <= len(receipt) <= 40:
            raise AdapterFailure("An order needs an amount and a receipt of at most 40 characters.", permanent=True)
        order = Order(order_id(receipt), amount_minor, currency, "created")
        known = self._orders.setdefault(order.id, order)
        if (known.amount_minor, known.currency) != (amount_minor, currency):
            raise AdapterFailure(f"Receipt {receipt} already stands for another amount.", permanent=True)
        return known


def order_id(receipt: str) -> str:
    """`order_` and 14 letters or digits, always the same for a receipt."""
    number = int.from_bytes(hashlib.sha256(receipt.encode()).digest())
    letters = []
    for _ in range(14):
        number, index = divmod(number, len(ALPHANUMERICS))
        letters.append(ALPHANUMERICS[index])
    return "order_" + "".join(letters)
