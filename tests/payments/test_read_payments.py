"""`GET /payments…`: one payment by its appointment, a patient's history, the staff's list."""

import pytest

from tests.appointments.wishes import booked, code_of, details_of
from tests.payments.paying import paid

pytestmark = pytest.mark.anyio


async def test_the_seeds_keys(as_patient, as_clinician, outpatient):
    made = (await booked(as_patient, as_clinician))["id"]
    reference = await paid(as_patient, outpatient, made)

    data = (await as_patient.get(f"/payments/{made}")).json()["data"]

    assert data["paymentMethod"] == "OTHER"  # nobody said how
    wanted = {"appointmentId": made, "amount": 1500, "status": "PAID", "transactionId": reference}
    assert {key: data[key] for key in wanted} == wanted
    assert data["paidAt"] == "2026-03-02T03:30:00Z"
    assert [receipt["transactionId"] for receipt in data["receipts"]] == [reference]
    (entry,) = (await as_patient.get("/payments/history")).json()["data"]
    wanted = {"appointmentId": made, "clinicianName": "Clinician", "amount": 1500, "status": "PAID"}
    assert {key: entry[key] for key in wanted} == wanted
    assert entry["paidAt"] == "2026-03-02T03:30:00Z"


async def test_the_history_is_a_route_of_its_own_and_ids_are_numbers(as_patient, as_clinician):
    await booked(as_patient, as_clinician)
    assert (await as_patient.get("/payments/history")).status_code == 200
    assert (await as_patient.get("/payments/abc")).status_code == 404
    assert (await as_patient.get("/payments/0")).status_code == 400


async def test_everybody_sees_his_own_only(
    as_patient, as_clinician, as_front_desk, as_admin, make, hospital, as_stranger, as_nobody
):
    made = (await booked(as_patient, as_clinician))["id"]
    other_desk = await make.staff(hospital, "FRONT_DESK", centre_id=await make.centre(hospital))
    others = (await make.patient(hospital, "Other"), await make.clinician(hospital), other_desk, as_stranger)
    for persona in (as_patient, as_clinician, as_front_desk, as_admin):
        assert (await persona.get(f"/payments/{made}")).json()["data"]["amountDue"] == 1500
        assert [one["appointmentId"] for one in (await persona.get("/payments/history")).json()["data"]] == [made]
    for persona in others:
        refused = await persona.get(f"/payments/{made}")
        assert (refused.status_code, code_of(refused)) == (404, "NOT_FOUND")
        assert (await persona.get("/payments/history")).json()["data"] == []
    for path in (f"/payments/{made}", "/payments/history", "/payments", "/refunds"):
        assert (await as_nobody.get(path)).status_code == 401


async def test_staff_find_payments(make, hospital, as_patient, as_clinician, as_front_desk, outpatient):
    first = (await booked(as_patient, as_clinician))["id"]
    second = (await booked(as_patient, as_clinician, "11:00", "2026-03-04"))["id"]
    other = await make.patient(hospital, "Other")
    third = (await booked(other, as_clinician, "12:00", "2026-03-05"))["id"]
    await paid(as_patient, outpatient, first)

    async def found(**params):
        answer = await as_front_desk.get("/payments", params=params)
        assert answer.status_code == 200, answer.text
        return [one["appointmentId"] for one in answer.json()["data"]]

    assert await found() == [third, second, first]
    assert await found(patientId=as_patient.patient_id) == [second, first]
    assert await found(status="paid") == [first]
    assert await found(startDate="2026-03-04", endDate="2026-03-04") == [second]
    assert await found(page=2, limit=2) == [first]
    meta = (await as_front_desk.get("/payments", params={"limit": 2})).json()["meta"]
    assert meta == {"page": 1, "limit": 2, "total": 3, "totalPages": 2}
    for params in ({"status": "x"}, {"limit": 101}, {"startDate": "x"}, {"patientId": 0}):
        assert list(details_of(await as_front_desk.get("/payments", params=params))) == list(params)
    upside_down = {"startDate": "2026-03-05", "endDate": "2026-03-04"}
    assert list(details_of(await as_front_desk.get("/payments", params=upside_down))) == ["endDate"]


async def test_only_staff_have_the_list(make, hospital):
    may = await make.who_may(hospital, lambda who: who.get("/payments"))
    assert may == {"ADMIN", "MANAGER", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK", "CLINICIAN"}
