"""The audit, the export and erasing on the wire."""

from typing import Annotated, Any

from pydantic import Field

from outpatient.appointments.schemas import Reason
from outpatient.core.terms import Role
from outpatient.http.schema import Schema, Text, UtcInstant, shown

Rows = Annotated[list[dict[str, Any]], Field(description="rows as we keep them, by our names in camelCase")]


class AuditOut(Schema):
    """Who did, or looked at, what; `actorId` is null for the program itself, `patientId` for what is nobody's."""

    id: int
    at: UtcInstant
    actor_id: int | None
    actor_name: str | None
    actor_role: Role | None = Field(description="what he is in this hospital now")
    action: str
    subject: str
    subject_id: int
    patient_id: int | None


class Export(Schema):
    """Everything that this hospital knows about one person."""

    hospital: str
    exported_at: UtcInstant
    cut: list[str] = Field(description="sections with more rows than an answer takes: the rest is missing")
    record: dict[str, Any]
    guardians: Rows
    accounts: Rows
    consents: Rows
    appointments: Rows
    visits: Rows
    visit_history: Rows
    notes: Rows
    payments: Rows
    payment_orders: Rows
    payment_links: Rows
    receipts: Rows
    refunds: Rows
    ledger: Rows
    invoices: Rows
    video_links: Rows
    feedback: Rows
    notifications: Rows
    messages_from_patient: Rows
    opt_outs: Rows
    audit: Rows


class EraseRequest(Schema):
    """`POST /patients/{id}/erase`. `confirm` is the full name of the record, so that it is no slip of the finger."""

    model_config = shown({"reason": "Asked for it in writing", "confirm": "Asha Rao"})

    reason: Reason
    confirm: Text


class ErasedOut(Schema):
    """What is left of a record."""

    id: int
    full_name: str
    erased_at: UtcInstant = Field(validation_alias="deleted_at")
