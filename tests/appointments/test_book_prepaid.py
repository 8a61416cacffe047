"""A booking that is paid online: `POST /booking/create` holds the slot until it is paid."""

import asyncio

import pytest

from outpatient.core.errors import AdapterFailure
from outpatient.core.terms import Prepayment
from outpatient.models import Appointment, IdempotencyKey, Payment, PaymentOrder
from tests.appointments.wishes import (
    Elsewhere,
    at_once,
    booked,
    code_of,
    count,
    details_of,
    free_times,
    held,
    later,
    occupied,
    one,
    payment_of,
    shown,
    visit_of,
    wish,
)
from tests.conftest import NOW

pytestmark = pytest.mark.anyio

KEY = {"Idempotency-Key": "one-booking"}


async def test_a_hold_has_its_order_and_ends_after_fifteen_minutes(as_patient, as_clinician, outpatient):
    answer = await as_patient.post("/booking/create", wish(as_clinician, sessionType="ONLINE", consultationFee=1500))

    assert answer.status_code == 201, answer.text
    made = answer.json()["data"]
    payment = await payment_of(outpatient, made["appointmentId"])
    order = await one(outpatient, PaymentOrder, payment_id=payment.id)
    assert made == {
        "appointmentId": made["appointmentId"],
        "paymentOrderId": order.provider_order_id,
        "amount": 1500,
        "currency": "INR",
        "expiresAt": "2026-03-02T03:45:00Z",
    }
    assert (order.amount_minor, order.currency, order.provider) == (150_000, "INR", "local")
    assert payment.status == "PENDING"
    seen = await shown(as_patient, made["appointmentId"])
    assert (seen["status"], seen["sessionType"], seen["expiresAt"]) == ("PENDING", "ONLINE", "2026-03-02T03:45:00Z")


async def test_the_hospital_says_how_long_a_hold_lasts(make):
    hospital = await make.hospital(hold_minutes=5)
    patient, clinician = await make.patient(hospital), await make.clinician(hospital)
    answer = await patient.post("/booking/create", wish(clinician))
    assert answer.json()["data"]["expiresAt"] == "2026-03-02T03:35:00Z"


async def test_only_patients_hold_slots(make, hospital, as_clinician):
    times = iter(["09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "12:00", "12:30"])
    may = await make.who_may(hospital, lambda who: who.post("/booking/create", wish(as_clinician, next(times))))
    assert may == {"PATIENT"}


async def test_the_amount_must_be_the_price(as_patient, as_clinician, outpatient):
    refused = await as_patient.post("/booking/create", wish(as_clinician, consultationFee=1))
    assert details_of(refused) == {"consultationFee": "The fee is 1500"}
    assert await occupied(outpatient, as_clinician) == 0


async def test_a_held_slot_is_taken(as_patient, as_clinician, make, hospital):
    await held(as_patient, as_clinician)
    other = await make.patient(hospital, "Other")
    assert code_of(await other.post("/booking/create", wish(as_clinician))) == "SLOT_UNAVAILABLE"


async def test_a_stale_hold_gives_way_to_the_next_booker(as_patient, as_clinician, clock, make, hospital, outpatient):
    stale = await held(as_patient, as_clinician)
    await later(clock, minutes=15)
    other = await make.patient(hospital, "Other")

    await booked(other, as_clinician)

    row = await one(outpatient, Appointment, id=stale)
    assert (row.status, row.cancelled_by, row.expires_at) == ("CANCELLED", "SYSTEM", None)
    assert (await payment_of(outpatient, stale)).status == "EXPIRED"
    assert (await visit_of(outpatient, stale)).status == "CANCELLED"


async def test_a_sweep_ends_stale_holds_once(as_patient, as_clinician, clock, outpatient):
    stale = await held(as_patient, as_clinician)
    await later(clock, as_patient, minutes=14, seconds=59)
    await outpatient.worker.run_once()
    assert "10:00" not in await free_times(as_patient, outpatient, as_clinician)
    await later(clock, as_patient, minutes=1)
    assert "10:00" in await free_times(as_patient, outpatient, as_clinician)
    await outpatient.worker.run_once()
    await outpatient.worker.run_once()
    assert (await one(outpatient, Appointment, id=stale)).status == "CANCELLED"
    history = (await as_patient.get(f"/appointments/{stale}/history")).json()["data"]
    assert [entry["event"] for entry in history] == ["appointment.created", "appointment.expired"]


async def test_an_unpaid_hold_is_not_confirmed_by_its_patient_nor_a_stale_one_by_anybody(
    as_patient, as_front_desk, as_manager, as_clinician, clock
):
    hold = await held(as_patient, as_clinician)
    for persona in (as_patient, as_front_desk, as_clinician):
        refused = await persona.patch(f"/appointments/{hold}/confirm")
        assert (refused.status_code, code_of(refused)) == (409, "PAYMENT_REQUIRED")
    await later(clock, as_patient, as_manager, minutes=16)
    for persona in (as_patient, as_manager):
        refused = await persona.patch(f"/appointments/{hold}/confirm")
        assert (refused.status_code, code_of(refused)) == (409, "HOLD_EXPIRED")
    moved = await as_patient.patch(f"/appointments/{hold}/reschedule", {"appointmentTime": "11:00"})
    assert code_of(moved) == "HOLD_EXPIRED"


async def test_a_manager_may_waive_the_payment(as_patient, as_manager, as_clinician, clock, outpatient):
    hold = await held(as_patient, as_clinician)
    waived = await as_manager.patch(f"/appointments/{hold}/confirm")
    assert (waived.json()["data"]["status"], waived.json()["data"]["expiresAt"]) == ("CONFIRMED", None)
    await later(clock, as_patient, minutes=20)
    await outpatient.worker.run_once()
    assert (await shown(as_patient, hold))["status"] == "CONFIRMED"


class Refuses:
    provider = "local"

    async def create_order(self, **_order):
        raise AdapterFailure("The gateway is away.")


class Hangs:
    provider = "local"

    async def create_order(self, **_order):
        await asyncio.Event().wait()


class Hears:
    provider = "local"

    def __init__(self):
        self.receipts = []

    async def create_order(self, *, receipt, **_order):
        self.receipts.append(receipt)
        raise AdapterFailure("The gateway is away.")


async def test_a_receipt_names_the_payment_and_its_moment(as_patient, as_clinician, outpatient):
    """A database that begins anew has the same ids again, and must not find the orders of the one before."""
    gateway = Hears()
    async with Elsewhere(outpatient, payments=gateway) as elsewhere:
        await elsewhere.seen_by(as_patient).post("/booking/create", wish(as_clinician))
    payment = await one(outpatient, Payment, patient_id=as_patient.patient_id)
    assert gateway.receipts == [f"pay-{payment.id}-150000-{int(NOW.timestamp())}"]
    assert len(gateway.receipts[0]) <= 40


@pytest.mark.parametrize("payments", [Refuses, Hangs])
async def test_without_the_provider_the_slot_is_free_again(as_patient, as_clinician, outpatient, payments):
    async with Elsewhere(outpatient, payments=payments()) as elsewhere, asyncio.timeout(60):
        refused = await elsewhere.seen_by(as_patient).post("/booking/create", wish(as_clinician), headers=KEY)
    assert (refused.status_code, code_of(refused)) == (502, "PAYMENT_FAILED")
    assert await occupied(outpatient, as_clinician) == 0
    assert await count(outpatient, IdempotencyKey, user_id=as_patient.user_id) == 0
    failed = await one(outpatient, Appointment, patient_id=as_patient.patient_id)
    assert (failed.status, failed.cancelled_by) == ("CANCELLED", "SYSTEM")
    again = await as_patient.post("/booking/create", wish(as_clinician), headers=KEY)
    assert again.status_code == 201
    assert again.json()["data"]["appointmentId"] != failed.id


async def test_nothing_is_held_or_ordered_for_a_visit_that_is_free(as_patient, make, hospital, outpatient):
    clinician = await make.clinician(hospital, fee_minor=0)
    answer = await as_patient.post("/booking/create", wish(clinician))
    made = answer.json()["data"]
    assert (made["paymentOrderId"], made["amount"], made["expiresAt"]) == (None, 0, None)
    assert (await as_patient.patch(f"/appointments/{made['appointmentId']}/confirm")).status_code == 200


@pytest.mark.parametrize(
    ("prepayment", "is_plain_hold", "is_prepaid_hold"),
    [(Prepayment.NONE, False, False), (Prepayment.BOOKING, False, True), (Prepayment.ALL, True, True)],
)
async def test_the_hospital_says_what_must_be_paid_first(make, prepayment, is_plain_hold, is_prepaid_hold):
    hospital = await make.hospital(prepayment=prepayment)
    patient, clinician = await make.patient(hospital), await make.clinician(hospital)
    desk = await make.staff(hospital, "FRONT_DESK", centre_id=hospital.centre_id)

    plain = await booked(patient, clinician)
    prepaid = (await patient.post("/booking/create", wish(clinician, "11:00"))).json()["data"]
    by_staff = await booked(desk, clinician, "12:00", patientId=patient.patient_id)

    assert (plain["expiresAt"] is not None) is is_plain_hold
    assert (prepaid["expiresAt"] is not None) is is_prepaid_hold
    assert (prepaid["paymentOrderId"] is not None) is is_prepaid_hold
    assert by_staff["expiresAt"] is None


async def test_nobody_keeps_more_than_two_slots_unpaid(as_patient, as_clinician, outpatient, clock):
    times = [f"{hour}:{minute}" for hour in range(10, 15) for minute in ("00", "30")]

    answers = await at_once(*(as_patient.post("/booking/create", wish(as_clinician, time)) for time in times))

    assert answers == {201: 2, 409: 8}
    assert await occupied(outpatient, as_clinician) == 2
    refused = await as_patient.post("/booking/create", wish(as_clinician, "16:00"))
    assert code_of(refused) == "TOO_MANY_HOLDS"
    await later(clock, as_patient, minutes=16)
    await held(as_patient, as_clinician, "16:00")


async def test_under_prepayment_all_every_booking_counts_as_a_hold(make):
    hospital = await make.hospital(prepayment=Prepayment.ALL, max_unpaid_holds=1)
    patient, clinician = await make.patient(hospital), await make.clinician(hospital)
    times = ("10:00", "11:00", "12:00", "13:00")
    answers = await at_once(*(patient.post("/appointments", wish(clinician, time)) for time in times))
    assert answers == {201: 1, 409: 3}


async def test_the_fee_of_an_order_stays(as_patient, as_admin, as_clinician):
    made = await held(as_patient, as_clinician)
    refused = await as_admin.put(f"/appointments/{made}", {"consultationFee": 2000})
    assert (refused.status_code, list(refused.json()["error"]["details"])) == (400, ["consultationFee"])


async def test_slots_and_tokens_held_at_once_never_stand_in_each_others_way(make):
    hospital = await make.hospital(max_unpaid_holds=50)
    clinician, patient = await make.clinician(hospital), await make.patient(hospital)
    day = {"clinicianId": clinician.clinician_id, "appointmentDate": "2026-03-03"}
    wishes = [{**day, "appointmentTime": f"{hour:02}:00"} for hour in (9, 10, 11, 12)]
    wishes += [{**day, "bookingType": "TOKEN"}] * 4

    answers = await asyncio.gather(*(patient.post("/booking/create", wish) for wish in wishes))

    assert {answer.status_code for answer in answers} == {201}
