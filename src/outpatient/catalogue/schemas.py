"""Services on the wire."""

from typing import Annotated, ClassVar

from pydantic import Field

from outpatient.http.schema import Changes, Id, MoneyIn, MoneyOut, Schema, UpTo, UtcInstant, Whole, shown

Name = Annotated[str, UpTo(120)]
Description = Annotated[str, UpTo(500)]
Minutes = Annotated[int, Whole(1, 1440, "minutes")]


class ServiceRequest(Schema):
    """`POST /services`; without a price, each clinician's own fee."""

    model_config = shown({"name": "ECG", "durationMinutes": 20, "price": 800})

    name: Name
    duration_minutes: Minutes
    price_minor: MoneyIn | None = Field(None, validation_alias="price")
    department_id: Id | None = None
    description: Description | None = None


class ServiceChanges(Changes):
    """`PUT` and `PATCH /services/{id}`: keys that are absent stay as they are."""

    model_config = shown({"durationMinutes": 30, "price": 900})

    may_be_null: ClassVar[frozenset[str]] = frozenset({"price_minor", "department_id", "description"})

    name: Name | None = None
    duration_minutes: Minutes | None = None
    price_minor: MoneyIn | None = Field(None, validation_alias="price")
    department_id: Id | None = None
    description: Description | None = None
    is_active: bool | None = None


class ServiceOut(Schema):
    id: int
    name: str
    description: str | None
    duration_minutes: int
    price: MoneyOut | None = Field(validation_alias="price_minor")
    department_id: int | None
    is_active: bool
    created_at: UtcInstant
