"""`Idempotency-Key` on the three bookings: one key, one request, one row, one answer."""

import asyncio

import pytest
from sqlalchemy import update

from outpatient.models import Appointment, Clinician, PaymentOrder
from tests.appointments.wishes import at_once, code_of, count, occupied, payment_of, wish
from tests.makers import new_phone

pytestmark = pytest.mark.anyio

KEY = {"Idempotency-Key": "9f1c-once"}


def requests(as_patient, as_front_desk, clinician):
    """Route → (who, body)."""
    caller = {"patientPhone": new_phone(), "patientName": "Jane Smith"}
    return {
        "/appointments": (as_patient, wish(clinician)),
        "/booking/create": (as_patient, wish(clinician)),
        "/booking/front-desk": (as_front_desk, wish(clinician, **caller)),
    }


@pytest.fixture(params=["/appointments", "/booking/create", "/booking/front-desk"])
def route(request):
    return request.param


@pytest.mark.parametrize("capacity", [1, 3])
async def test_twenty_at_once_make_one_booking_and_get_one_answer(
    as_patient, as_front_desk, as_clinician, outpatient, route, capacity
):
    await _set(outpatient, as_clinician, capacity=capacity)
    who, body = requests(as_patient, as_front_desk, as_clinician)[route]

    answers = await asyncio.gather(*(who.post(route, body, headers=KEY) for _ in range(20)))

    assert {answer.status_code for answer in answers} == {201}, [answer.text for answer in answers]
    assert len({answer.text for answer in answers}) == 1
    assert await count(outpatient, Appointment, clinician_id=as_clinician.clinician_id) == 1
    assert await occupied(outpatient, as_clinician) == 1
    if route == "/booking/create":
        payment = await payment_of(outpatient, answers[0].json()["data"]["appointmentId"])
        assert await count(outpatient, PaymentOrder, payment_id=payment.id) == 1
        assert answers[0].json()["data"]["paymentOrderId"]


async def _set(outpatient, clinician, **values):
    async with outpatient.database.transaction() as tx:
        await tx.execute(
            update(Clinician)
            .where(Clinician.id == clinician.clinician_id)
            .values(schedule_version=Clinician.schedule_version + 1, **values)
        )


@pytest.mark.parametrize("kind", ["TOKEN", "TIME_SLOT"])
async def test_twenty_at_once_on_a_day_with_one_place(as_patient, as_clinician, outpatient, kind):
    await _set(outpatient, as_clinician, daily_patient_limit=1)
    body = wish(as_clinician, None if kind == "TOKEN" else "10:00", bookingType=kind)
    assert await at_once(*(as_patient.post("/appointments", body, headers=KEY) for _ in range(20))) == {201: 20}
    assert await count(outpatient, Appointment, clinician_id=as_clinician.clinician_id) == 1


async def test_another_body_with_the_same_key_is_refused(as_patient, as_front_desk, as_clinician, route):
    who, body = requests(as_patient, as_front_desk, as_clinician)[route]
    assert (await who.post(route, body, headers=KEY)).status_code == 201
    refused = await who.post(route, {**body, "appointmentTime": "11:00"}, headers=KEY)
    assert (refused.status_code, code_of(refused)) == (422, "IDEMPOTENCY_MISMATCH")


async def test_a_refusal_is_not_kept(as_patient, as_front_desk, as_clinician, make, hospital, route):
    other = await make.patient(hospital, "Other")
    blocking = (await other.post("/appointments", wish(as_clinician))).json()["data"]["id"]
    who, body = requests(as_patient, as_front_desk, as_clinician)[route]
    assert (await who.post(route, body, headers=KEY)).status_code == 409
    await other.patch(f"/appointments/{blocking}/cancel")
    assert (await who.post(route, body, headers=KEY)).status_code == 201


async def test_a_key_belongs_to_its_user_and_its_route(as_patient, as_clinician, make, hospital):
    other = await make.patient(hospital, "Other")
    answers = [
        await as_patient.post("/appointments", wish(as_clinician, "10:00"), headers=KEY),
        await other.post("/appointments", wish(as_clinician, "11:00"), headers=KEY),
        await as_patient.post("/booking/create", wish(as_clinician, "12:00"), headers=KEY),
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 201]


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there"])
async def test_a_key_has_a_form(as_patient, as_clinician, route, key):
    answer = await as_patient.post("/appointments", wish(as_clinician), headers={"Idempotency-Key": key})
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["error"]["details"]
