"""A patient books a doctor's open slot by its id."""

from fastapi import Request

from outpatient.access.actor import Actor
from outpatient.appointments.actions import book_opening
from outpatient.appointments.queries import get_described
from outpatient.appointments.routes.book import payment_link
from outpatient.compat.booking.schemas import BookedSlot
from outpatient.http.dependencies import Parts, parts_of
from outpatient.http.idempotency import idempotency_of, once

ROUTE = "slots"
BOOKED = "Appointment booked successfully"


async def book_slot(request: Request, slot_id: int, actor: Actor) -> BookedSlot:
    """Book, or answer again for what the same Idempotency-Key made before."""
    parts, repeatable = parts_of(request), await idempotency_of(request)

    async def book() -> BookedSlot:
        booked = await book_opening(
            parts.database,
            parts.schedules,
            actor=actor,
            open_slot_id=slot_id,
            route=ROUTE,
            idempotency_key=repeatable.key if repeatable else None,
            digest=repeatable.digest if repeatable else None,
        )
        link = payment_link(parts, booked.payment_id) if booked.expires_at else None
        return BookedSlot(
            message=BOOKED, appointment_id=booked.appointment_id, expires_at=booked.expires_at, payment_link=link
        )

    return await once(parts, actor, ROUTE, repeatable, book, again=_answer_again)


async def _answer_again(parts: Parts, actor: Actor, appointment_id: int) -> BookedSlot:
    async with parts.database.reading() as tx:
        known = await get_described(tx, actor, appointment_id)
    link = payment_link(parts, known["payment_id"]) if known["expires_at"] else None
    return BookedSlot(message=BOOKED, appointment_id=appointment_id, expires_at=known["expires_at"], payment_link=link)
