"""`POST /appointments` at the root, which two documents share: who names a slot is a patient, everybody else a desk."""

from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.compat.booking.book import book_slot
from outpatient.compat.booking.schemas import BookedSlot, SlotBooking
from outpatient.compat.reception.book import book_appointment as book_at_desk
from outpatient.compat.reception.schemas.appointments import AppointmentMade, BookRequest
from outpatient.compat.schema import Bare
from outpatient.http.dependencies import allow
from outpatient.http.idempotency import TAKES_KEY

router = APIRouter(tags=["Appointments"])

B = TypeVar("B", bound=Bare)


def _as_given(given: Any, _validate: ValidatorFunctionWrapHandler) -> Any:
    return given  # which document's it is depends on who sends it


@router.post("/appointments", status_code=201, openapi_extra=TAKES_KEY)
async def book_appointment(
    request: Request,
    body: Annotated[SlotBooking | BookRequest, WrapValidator(_as_given)],
    actor: Annotated[Actor, allow(P.APPOINTMENTS_BOOK)],
) -> BookedSlot | AppointmentMade:
    """With `slot_id` a patient books a doctor's open slot (seed 003), else the desk books for a patient (seed 000)."""
    given: Any = body
    named = given if isinstance(given, dict) else {}
    if "slot_id" in named or (actor.is_patient and "patient_id" not in named):
        actor.require(P.BOOKING_OWN)
        return await book_slot(request, _read(SlotBooking, given).slot_id, actor)
    return await book_at_desk(request, _read(BookRequest, given), actor)


def _read(document: type[B], given: Any) -> B:
    try:
        return document.model_validate(given)
    except ValidationError as invalid:
        raise RequestValidationError(invalid.errors()) from None
