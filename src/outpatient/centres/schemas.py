"""Centres on the wire (seed 001)."""

from typing import Annotated, ClassVar

from outpatient.http.schema import Changes, Email, Phone, Schema, Text, TimeZone, UpTo, UtcInstant, shown

City = Annotated[str, UpTo(120)]
Address = Annotated[str, UpTo(500)]


class CentreRequest(Schema):
    """`POST /centres`; without a time zone, the hospital's."""

    model_config = shown(
        {"name": "Main centre", "city": "Bengaluru", "phone": "+918012345678", "timeZone": "Asia/Kolkata"}
    )

    name: Text
    city: City
    address: Address | None = None
    phone: Phone | None = None
    email: Email | None = None
    time_zone: TimeZone | None = None


class CentreChanges(Changes):
    """`PUT /centres/{id}`: keys that are absent stay as they are."""

    model_config = shown({"name": "Main centre", "address": "12 MG Road"})

    may_be_null: ClassVar[frozenset[str]] = frozenset({"address", "phone", "email"})

    name: Text | None = None
    city: City | None = None
    address: Address | None = None
    phone: Phone | None = None
    email: Email | None = None
    time_zone: TimeZone | None = None


class CentreOut(Schema):
    id: int
    name: str
    city: str
    address: str | None
    phone: str | None
    email: str | None
    time_zone: str
    is_active: bool
    created_at: UtcInstant
