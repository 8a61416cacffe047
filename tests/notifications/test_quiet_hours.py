"""The quiet hours of a centre: what can wait is put off to their end, without a try being counted."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from outpatient.core.terms import RefundStatus
from outpatient.models import Delivery, Receipt, Refund, StoredEvent
from outpatient.notifications.handlers import send_refund
from outpatient.notifications.rules import QuietHours
from tests.appointments.wishes import booked, payment_of
from tests.notifications.carriers import rows_of

pytestmark = pytest.mark.anyio

KOLKATA, LONDON = ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("local", "end"),
    [
        ("2026-03-02T20:59:59", None),
        ("2026-03-02T21:00:00", "2026-03-03T08:00:00"),
        ("2026-03-02T23:59:59", "2026-03-03T08:00:00"),
        ("2026-03-03T00:00:00", "2026-03-03T08:00:00"),
        ("2026-03-03T07:59:59", "2026-03-03T08:00:00"),
        ("2026-03-03T08:00:00", None),
    ],
)
def test_a_night_ends_in_the_morning_by_the_centres_clock(local, end):
    night = QuietHours(time(21), time(8), KOLKATA)
    ends = night.end(datetime.fromisoformat(local).replace(tzinfo=KOLKATA).astimezone(UTC))
    assert ends == (datetime.fromisoformat(end).replace(tzinfo=KOLKATA) if end else None)


def test_a_rest_at_noon_ends_on_its_day():
    rest = QuietHours(time(13), time(15), KOLKATA)
    assert rest.end(datetime(2026, 3, 2, 14, tzinfo=KOLKATA)) == datetime(2026, 3, 2, 15, tzinfo=KOLKATA)
    assert rest.end(datetime(2026, 3, 2, 15, tzinfo=KOLKATA)) is None


def test_the_same_time_twice_is_no_rest():
    none = QuietHours(time(0), time(0), KOLKATA)
    assert not [hour for hour in range(24) if none.end(datetime(2026, 3, 2, hour, tzinfo=KOLKATA))]


def test_the_end_lies_ahead_through_every_change_of_the_clocks():
    night = QuietHours(time(21), time(1, 30), LONDON)  # an end that summer time skips, and winter time has twice
    for day in (datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)):
        for minutes in range(0, 2880, 5):
            now = day + timedelta(minutes=minutes)
            end = night.end(now)
            assert end is None or now < end <= now + timedelta(hours=6)


async def refund_event(outpatient, as_patient, as_clinician) -> StoredEvent:
    """Money went back to a patient."""
    made = await booked(as_patient, as_clinician)
    payment = await payment_of(outpatient, made["id"])
    async with outpatient.database.transaction() as tx:
        receipt = await tx.add(
            Receipt(
                hospital_id=payment.hospital_id,
                payment_id=payment.id,
                provider="desk",
                reference=f"R-{payment.id}",
                amount_minor=150_000,
                currency="INR",
                method="CASH",
                received_at=tx.now,
            )
        )
        refund = await tx.add(
            Refund(
                hospital_id=payment.hospital_id,
                payment_id=payment.id,
                receipt_id=receipt.id,
                amount_minor=150_000,
                currency="INR",
                reason="cancelled",
                status=RefundStatus.PROCESSED,
                requested_at=tx.now,
            )
        )
        return await tx.add(
            StoredEvent(
                hospital_id=payment.hospital_id,
                name="refund.processed_elsewhere",  # the table has no reaction to it: the delivery is made below
                subject="refund",
                subject_id=refund.id,
                payload={"refund_id": refund.id},
                at=tx.now,
                position=None,
            )
        )


async def test_what_can_wait_waits_for_the_morning(as_patient, as_clinician, outpatient, clock):
    await outpatient.worker.run_once()
    event = await refund_event(outpatient, as_patient, as_clinician)
    await outpatient.worker.run_once()
    async with outpatient.database.transaction() as tx:
        waiting = await tx.add(
            Delivery(event_id=event.id, reaction="send_refund", status="PENDING", attempts=0, due_at=tx.now)
        )
    outpatient.worker.reactions.handlers.setdefault("send_refund", send_refund)
    evening = datetime(2026, 3, 2, 21, 30, tzinfo=KOLKATA)
    clock.set(evening)
    await outpatient.worker.run_once()
    async with outpatient.database.reading() as tx:
        (put_off,) = await tx.all(select(Delivery).where(Delivery.id == waiting.id))
    assert (put_off.status, put_off.attempts) == ("PENDING", 0)
    assert put_off.due_at == datetime(2026, 3, 3, 8, tzinfo=KOLKATA)
    assert await rows_of(outpatient, event_id=event.id) == []

    clock.set(datetime(2026, 3, 3, 8, tzinfo=KOLKATA))
    await outpatient.worker.run_once()
    (row,) = await rows_of(outpatient, event_id=event.id)
    assert (row.status, row.notification_type) == ("SENT", "PAYMENT_REFUNDED")
    assert "₹1,500 for your visit" in row.body
