"""The gateway's JSON, as documented; what does not look like it is an AdapterFailure, never a surprise further inside.

Razorpay leaves out, nulls or turns into `[]` what is empty, so only what we rely on is named here, and strictly.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from outpatient.adapters.payments.ids import Kind, pattern_of
from outpatient.adapters.payments.port import (
    Capture,
    CaptureStatus,
    Link,
    LinkStatus,
    Order,
    OrderStatus,
    ProviderRefund,
    RefundStatus,
)
from outpatient.core.errors import AdapterFailure


def _id(kind: Kind) -> Any:
    return StringConstraints(pattern=pattern_of(kind))


OrderId = Annotated[str, _id("order")]
PaymentId = Annotated[str, _id("pay")]
LinkId = Annotated[str, _id("plink")]
RefundId = Annotated[str, _id("rfnd")]
Minor = Annotated[int, Field(ge=0, lt=2**53)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Seconds = Annotated[int, Field(ge=0, lt=2**32)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=500)]


class _Entity(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class WireOrder(_Entity):
    """An `order` entity."""

    id: OrderId
    amount: Minor
    currency: Currency
    receipt: str | None = None
    status: OrderStatus
    created_at: Seconds

    def order(self) -> Order:
        return Order(self.id, self.amount, self.currency, self.status)


class WirePayment(_Entity):
    """A `payment` entity."""

    id: PaymentId
    amount: Minor
    currency: Currency
    status: CaptureStatus
    order_id: OrderId | None = None
    method: str | None = None
    error_code: str | None = None
    error_description: str | None = None
    created_at: Seconds

    def capture(self) -> Capture:
        error = self.error_description or self.error_code
        return Capture(self.id, self.order_id, self.amount, self.currency, self.status, self.method, error)


class WireLinkPayment(_Entity):
    """A payment as a link shows it: it says neither order nor currency, since they are the link's."""

    payment_id: PaymentId
    amount: Minor
    status: CaptureStatus
    method: str | None = None
    created_at: Seconds


class WireLink(_Entity):
    """A `payment_link` entity."""

    id: LinkId
    amount: Minor
    amount_paid: Minor
    currency: Currency
    reference_id: str | None = None
    short_url: Url
    status: LinkStatus
    expire_by: Seconds | None = None
    order_id: Annotated[OrderId | None, BeforeValidator(lambda text: text or None)] = None
    payments: Annotated[tuple[WireLinkPayment, ...], BeforeValidator(lambda items: tuple(items or ()))] = ()
    created_at: Seconds

    def link(self) -> Link:
        tries = sorted(self.payments, key=lambda one: one.created_at)
        return Link(
            id=self.id,
            url=self.short_url,
            amount_minor=self.amount,
            paid_minor=self.amount_paid,
            currency=self.currency,
            status=self.status,
            expires_at=datetime.fromtimestamp(self.expire_by, UTC) if self.expire_by else None,
            payments=tuple(
                Capture(one.payment_id, self.order_id, one.amount, self.currency, one.status, one.method)
                for one in tries
            ),
        )


class WireRefund(_Entity):
    """A `refund` entity."""

    id: RefundId
    payment_id: PaymentId
    amount: Minor
    status: RefundStatus
    receipt: str | None = None
    created_at: Seconds

    def refund(self) -> ProviderRefund:
        return ProviderRefund(self.id, self.payment_id, self.amount, self.status)


Entity = TypeVar("Entity", bound=_Entity)


def read(entity: type[Entity], body: Any) -> Entity:
    """The entity in this JSON (AdapterFailure: it is another thing)."""
    try:
        return entity.model_validate(body)
    except (ValidationError, TypeError) as problem:
        raise AdapterFailure(f"The payment gateway answered with no {entity.__name__[4:].lower()}.") from problem


def read_list(entity: type[Entity], body: Any, key: str = "items") -> list[Entity]:
    """The entities of a collection, the oldest first (ids grow with time; AdapterFailure: it is another thing)."""
    items = body.get(key) if isinstance(body, dict) else None
    if not isinstance(items, list):
        raise AdapterFailure(f"The payment gateway answered with no list of {key}.")
    return sorted((read(entity, item) for item in items), key=_age)


def _age(entity: Any) -> tuple[int, str]:
    return entity.created_at, entity.id
