"""`/appointments`: a patient books a slot, both see it, either gives it up, and the patient is told by e-mail."""

import asyncio
from collections import Counter

import pytest

from tests.compat.booking.conftest import TUESDAY, at_root, letters_to, written_to

pytestmark = pytest.mark.anyio


async def test_twelve_at_one_slot_make_one_appointment(doctor, join):
    slot = await doctor.slot()
    patients = [await join("patient", f"Patient {n}") for n in range(12)]
    answers = await asyncio.gather(*(each.post("/appointments", {"slot_id": slot}) for each in patients))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 11}
    refused = next(answer for answer in answers if answer.status_code == 409).json()["error"]
    assert refused["code"] == "SLOT_UNAVAILABLE"
    assert list(refused["details"]) == ["nearest_slots"]
    assert len((await doctor.get("/appointments/doctor")).json()["data"]) == 1


async def test_the_nearest_free_slots_are_told_in_the_roots_words(doctor, patient, join):
    slot, _ = await doctor.slot(), await doctor.slot("11:00", "11:30")
    await patient.book(slot)
    refused = await (await join("patient", "Late")).post("/appointments", {"slot_id": slot})
    (nearest,) = refused.json()["error"]["details"]["nearest_slots"]
    assert nearest == {
        "start_time": "2026-03-03T05:30:00Z",
        "date": TUESDAY,
        "time": "11:00:00",
    }


async def test_the_same_key_books_once(doctor, patient):
    slot = await doctor.slot()
    answers = await asyncio.gather(
        *(patient.post("/appointments", {"slot_id": slot}, headers={"Idempotency-Key": "once"}) for _ in range(4))
    )
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.text for answer in answers}) == 1
    other = await doctor.slot("11:00", "11:30")
    mismatch = await patient.post("/appointments", {"slot_id": other}, headers={"Idempotency-Key": "once"})
    assert (mismatch.status_code, mismatch.json()["error"]["code"]) == (422, "IDEMPOTENCY_MISMATCH")


async def test_who_books_by_slot_is_a_patient(nobody, doctor, as_front_desk, as_admin):
    slot = await doctor.slot()
    assert (await nobody.post("/appointments", {"slot_id": slot})).status_code == 401
    for caller in (doctor, at_root(as_front_desk), at_root(as_admin)):
        assert (await caller.post("/appointments", {"slot_id": slot})).status_code == 403


@pytest.mark.parametrize(
    "body", [{}, {"slot_id": None}, {"slot_id": 0}, {"slot_id": "x"}, {"slot_id": True}, {"slot_id": 2**53}]
)
async def test_a_slot_that_cannot_be_is_refused_by_name(patient, body):
    refused = await patient.post("/appointments", body)
    assert (refused.status_code, list(refused.json()["error"]["details"])) == (400, ["slot_id"])


async def test_a_slot_that_is_not_there_is_not_found(patient):
    assert (await patient.post("/appointments", {"slot_id": 999_999_999})).status_code == 404


async def test_a_slot_that_is_past_is_refused_by_name(doctor, patient, clock):
    slot = await doctor.slot("10:00", "10:30", "2026-03-02")
    clock.advance(hours=2)
    await patient.sign_in()
    refused = await patient.post("/appointments", {"slot_id": slot})
    assert (refused.status_code, list(refused.json()["error"]["details"])) == (400, ["slot_id"])


async def test_a_hospital_that_wants_its_money_first_says_where_to_pay(join, make, as_admin, hospital, doctor, patient):
    config = await as_admin.put(f"/hospitals/{hospital.id}/config", {"prepayment": "ALL"})
    assert config.status_code == 200, config.text
    await as_admin.put(f"/clinicians/{doctor.id}", {"consultationFee": 500})
    made = await patient.post("/appointments", {"slot_id": await doctor.slot()})
    assert made.status_code == 201, made.text
    assert made.json().keys() == {"message", "appointment_id", "expires_at", "payment_link"}
    assert "/pay/" in made.json()["payment_link"]


async def test_both_see_it_and_nobody_else_does(doctor, patient, join, make):
    made = await patient.book(await doctor.slot())
    row = {
        "appointment_id": made,
        "doctor_id": doctor.id,
        "doctor_name": "Dr. Smith",
        "patient_name": "John Doe",
        "date": TUESDAY,
        "start_time": "10:00",
        "end_time": "10:30",
        "status": "pending",
    }
    page = {"page": 1, "total_pages": 1, "total": 1}
    assert (await patient.get("/appointments/my")).json() == {"data": [row], **page}
    assert (await doctor.get("/appointments/doctor")).json() == {"data": [row], **page}
    assert (await (await join("patient", "Other")).get("/appointments/my")).json()["data"] == []
    assert (await (await join("doctor", "Dr. Other")).get("/appointments/doctor")).json()["data"] == []
    assert (await patient.get("/appointments/doctor")).status_code == 403
    assert (await doctor.get("/appointments/my")).status_code == 403


@pytest.mark.parametrize(("who", "words"), [("patient", "as you asked"), ("doctor", "by the clinic")])
async def test_booking_and_cancelling_are_told_by_email(doctor, patient, outpatient, who, words):
    made = await patient.book(await doctor.slot())
    assert written_to(outpatient, patient.email) == []  # the caller waits for no mail
    (letter,) = await letters_to(outpatient, patient.email)
    assert letter["Subject"] == "Your appointment is booked"
    assert "Dr. Smith is booked for Tuesday 3 March 2026 at 10:00 am" in " ".join(letter.get_content().split())

    caller = {"patient": patient, "doctor": doctor}[who]
    cancelled = await caller.post(f"/appointments/{made}/cancel")

    assert (cancelled.status_code, list(cancelled.json())) == (200, ["message"])
    _, letter = await letters_to(outpatient, patient.email)
    assert letter["Subject"] == "Your appointment is cancelled"
    assert words in " ".join(letter.get_content().split())
    assert (await patient.get("/appointments/my")).json()["data"][0]["status"] == "cancelled"


async def test_six_cancellations_at_once_are_one(doctor, patient, outpatient):
    made = await patient.book(await doctor.slot())
    answers = await asyncio.gather(
        *(caller.post(f"/appointments/{made}/cancel") for caller in (doctor, patient) for _ in range(3))
    )
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 5}
    again = await patient.post(f"/appointments/{made}/cancel")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "INVALID_TRANSITION")
    letters = [letter["Subject"] for letter in await letters_to(outpatient, patient.email)]
    assert letters.count("Your appointment is cancelled") == 1


async def test_a_repeatable_cancellation_would_lose_that_race(doctor, patient, monkeypatch):
    """The counter-proof: as the API cancels, every one of the six is told that it did it."""
    from outpatient.appointments import actions

    plain = actions.cancel_appointment

    async def repeatable(tx, **given):
        return await plain(tx, **{**given, "is_repeatable": True})

    monkeypatch.setattr(actions, "cancel_appointment", repeatable)
    made = await patient.book(await doctor.slot())
    answers = await asyncio.gather(*(patient.post(f"/appointments/{made}/cancel") for _ in range(6)))
    assert Counter(answer.status_code for answer in answers) == {200: 6}


async def test_a_cancelled_slot_can_be_booked_again_and_the_first_appointment_stays(doctor, patient, join):
    slot = await doctor.slot()
    first = await patient.book(slot)
    await patient.post(f"/appointments/{first}/cancel")
    second = await (await join("patient", "Next")).book(slot)
    assert second != first
    rows = (await doctor.get("/appointments/doctor")).json()["data"]
    assert {row["appointment_id"]: row["status"] for row in rows} == {first: "cancelled", second: "pending"}


async def test_nobody_elses_appointment_can_be_cancelled(nobody, doctor, patient, join, make, as_front_desk):
    made = await patient.book(await doctor.slot())
    path = f"/appointments/{made}/cancel"
    elsewhere = await make.hospital()
    strangers = [await join(role, "Other") for role in ("patient", "doctor")]
    strangers += [await join(role, "Far", elsewhere) for role in ("patient", "doctor")]
    for caller in strangers:
        assert (await caller.post(path)).status_code == 404
    assert (await nobody.post(path)).status_code == 401
    assert (await at_root(as_front_desk).post(path)).status_code == 403
    assert (await patient.get("/appointments/my")).json()["data"][0]["status"] == "pending"


async def test_a_patient_who_is_late_is_refused_and_his_doctor_is_not(doctor, patient, as_admin, hospital):
    await as_admin.put(f"/hospitals/{hospital.id}/config", {"cancellationNoticeMinutes": 6000})
    made = await patient.book(await doctor.slot())
    refused = await patient.post(f"/appointments/{made}/cancel")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "TOO_LATE")
    assert (await doctor.post(f"/appointments/{made}/cancel")).status_code == 200


async def test_lists_come_in_pages_the_latest_first(doctor, patient):
    ids = [await patient.book(await doctor.slot(f"{hour}:00", f"{hour}:30")) for hour in (10, 11, 12)]
    shown = (await patient.get("/appointments/my?page=2&limit=2")).json()
    assert [row["appointment_id"] for row in shown.pop("data")] == [ids[0]]
    assert shown == {"page": 2, "total_pages": 2, "total": 3}
