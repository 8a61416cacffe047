"""Seed 000 `/appointments`, at the root."""

import pytest

from outpatient.models import Payment, Visit
from tests.appointments.wishes import at_once, count, later, one
from tests.compat.reception.conftest import RECEPTIONIST, STAFF, TODAY, TOMORROW, at_root, code_of, good, refused

SHOWN = {
    *("id", "clinic_id", "doctor_id", "patient_id", "service_id", "start_time", "end_time", "date", "status"),
    *("booking_source", "session_type", "notes", "cancel_reason", "created_at", "updated_at"),
    *("patient", "doctor", "clinic", "service", "visit", "payment"),
}


async def test_booking_makes_appointment_visit_and_pending_payment(reception, outpatient):
    body = await reception.wish(notes="Brings reports")
    made = good(await reception.desk.post("/appointments", body), 201)

    assert made.keys() == {"message", "appointment"}
    appointment = made["appointment"]
    assert appointment.keys() == SHOWN
    assert appointment["start_time"] == "2026-03-02T04:30:00Z"  # ten in Kolkata, because no offset was said
    assert appointment["end_time"] == "2026-03-02T05:00:00Z"
    assert (appointment["status"], appointment["booking_source"], appointment["notes"]) == (
        "pending",
        "phone",
        "Brings reports",
    )
    assert appointment["patient"]["id"] == body["patient_id"]
    assert appointment["doctor"] == {"id": reception.doctor.clinician_id, "name": "Clinician"}
    assert appointment["clinic"] == {"id": reception.clinic_id, "name": "Main centre", "time_zone": "Asia/Kolkata"}
    assert appointment["service"] == {
        "id": reception.service_id,
        "name": "Consultation",
        "duration_minutes": 30,
        "price": 800,
    }
    assert appointment["visit"]["status"] == "expected"
    assert appointment["visit"]["queue_number"] is None
    assert appointment["payment"] == {
        "id": appointment["payment"]["id"],
        "amount": 800,
        "amount_paid": 0,
        "currency": "INR",
        "status": "pending",
    }
    assert await count(outpatient, Visit, appointment_id=appointment["id"]) == 1
    assert await count(outpatient, Payment, appointment_id=appointment["id"]) == 1


@pytest.mark.parametrize("start_time", ["2026-03-02T10:00:00+05:30", "2026-03-02T04:30:00Z", "2026-03-02T10:00"])
async def test_a_time_with_an_offset_is_that_instant(reception, start_time):
    assert (await reception.book(start_time=start_time))["start_time"] == "2026-03-02T04:30:00Z"


@pytest.mark.parametrize(
    "field", ["clinic_id", "doctor_id", "patient_id", "service_id", "start_time", "booking_source"]
)
async def test_each_required_field_is_named(reception, field):
    body = await reception.wish()
    del body[field]

    assert refused(await reception.desk.post("/appointments", body)) == {field: "This field is required"}


async def test_all_required_fields_are_named_at_once(reception):
    details = refused(await reception.desk.post("/appointments", {}))

    assert details.keys() == {"clinic_id", "doctor_id", "patient_id", "service_id", "start_time", "booking_source"}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"start_time": "yesterday"}, "start_time"),
        ({"start_time": "0001-01-01T00:00:00"}, "start_time"),
        ({"start_time": "2026-02-27T10:00:00"}, "start_time"),
        ({"start_time": "2026-03-01T10:00:00Z"}, "start_time"),
        ({"booking_source": "pigeon"}, "booking_source"),
        ({"doctor_id": 0}, "doctor_id"),
    ],
    ids=str,
)
async def test_bad_fields_are_named(reception, given, field):
    assert refused(await reception.desk.post("/appointments", await reception.wish(**given))).keys() == {field}


@pytest.mark.parametrize("what", ["clinic_id", "doctor_id", "patient_id", "service_id"])
async def test_what_does_not_exist_is_not_found(reception, what):
    answer = await reception.desk.post("/appointments", await reception.wish(**{what: 9_999_999}))

    assert code_of(answer) == (404, "NOT_FOUND")
    assert not {"centre", "Clinician"} & set(answer.json()["error"]["message"].split())


async def test_a_clinic_that_is_not_the_doctors_takes_no_booking(reception, make, hospital):
    other = await make.centre(hospital)
    answer = await at_root(await make.staff(hospital, "ADMIN")).post(
        "/appointments", await reception.wish(clinic_id=other)
    )

    assert code_of(answer) == (409, "SLOT_UNAVAILABLE")


@pytest.mark.parametrize("at", ["10:10", "08:00", "17:00"])
async def test_off_the_grid_and_outside_the_hours_nothing_is_booked(reception, at):
    assert code_of(await reception.desk.post("/appointments", await reception.wish(at))) == (409, "SLOT_UNAVAILABLE")


async def test_refusals_speak_the_words_of_the_document(reception):
    wrong = refused(await reception.desk.get("/appointments", params={"status": "gone"}))
    assert "'checked_in'" in wrong["status"] and "CHECKED_IN" not in wrong["status"]
    answer = await reception.desk.post("/appointments", await reception.wish(doctor_id=9_999_999))
    assert answer.json()["error"]["message"] == "Doctor not found"
    by_hand = await reception.desk.put(f"/appointments/{(await reception.book())['id']}", {"status": "checked_in"})
    assert "CHECKED_IN" not in by_hand.text


async def test_a_taken_time_is_a_conflict_that_names_the_nearest_free_ones(reception):
    await reception.book()
    details = refused(await reception.desk.post("/appointments", await reception.wish()), 409)

    assert details["nearest_slots"][0].keys() == {"start_time", "date", "time"}


async def test_many_at_once_get_one_appointment(reception):
    bodies = [await reception.wish() for _ in range(8)]
    answers = await at_once(*(reception.desk.post("/appointments", body) for body in bodies))

    assert answers == {201: 1, 409: 7}


async def test_the_same_key_books_once(reception):
    body, headers = await reception.wish(), {"Idempotency-Key": "one"}
    first = good(await reception.desk.post("/appointments", body, headers=headers), 201)
    again = good(await reception.desk.post("/appointments", body, headers=headers), 201)
    other = await reception.desk.post("/appointments", {**body, "notes": "x"}, headers=headers)

    assert first == again
    assert code_of(other) == (422, "IDEMPOTENCY_MISMATCH")


async def test_who_may_book(reception):
    body = await reception.wish()
    patient = at_root(await reception.make.patient(reception.hospital))

    assert await reception.roles("POST", "/appointments", body) == RECEPTIONIST
    del body["patient_id"]
    assert refused(await patient.post("/appointments", body)) == {"slot_id": "This field is required"}
    assert code_of(await reception.desk.post("/appointments", {"slot_id": 1})) == (403, "FORBIDDEN")
    assert refused(await reception.desk.post("/appointments", [])).keys() == {"body"}


async def test_one_appointment(reception, stranger):
    appointment = await reception.book()

    assert await reception.read(f"/appointments/{appointment['id']}") == appointment
    assert await reception.read(f"/appointments/{appointment['id']}", by=reception.doctor) == appointment
    assert code_of(await stranger.get(f"/appointments/{appointment['id']}")) == (404, "NOT_FOUND")
    colleague = at_root(await reception.make.clinician(reception.hospital))
    assert code_of(await colleague.get(f"/appointments/{appointment['id']}")) == (404, "NOT_FOUND")
    assert await reception.roles("GET", f"/appointments/{appointment['id']}") == STAFF


async def test_the_list_and_its_filters(reception, make, hospital, stranger):
    one = await reception.book("10:00")
    two = await reception.book("11:00", TOMORROW)
    colleague = at_root(await make.clinician(hospital))
    three = await reception.book("12:00", doctor_id=colleague.clinician_id)

    async def ids(by=None, **params):
        page = await reception.read("/appointments", by, **params)
        assert page.keys() == {"appointments", "total", "pages", "current_page", "per_page"}
        assert page["total"] == len(page["appointments"])
        return [appointment["id"] for appointment in page["appointments"]]

    assert await ids() == [one["id"], three["id"], two["id"]]
    assert await ids(date=TODAY) == [one["id"], three["id"]]
    assert await ids(doctor_id=colleague.clinician_id) == [three["id"]]
    assert await ids(patient_id=two["patient_id"]) == [two["id"]]
    assert await ids(clinic_id=reception.clinic_id, status="pending") == [one["id"], three["id"], two["id"]]
    assert await ids(status="CANCELLED") == []
    assert await ids(reception.doctor) == [one["id"], two["id"]]
    assert await ids(colleague) == [three["id"]]
    assert await ids(stranger) == []
    assert (await reception.read("/appointments"))["appointments"][0] == one
    assert await reception.roles("GET", "/appointments") == STAFF


async def test_pages(reception):
    made = [await reception.book(at) for at in ("10:00", "10:30", "11:00")]
    page = await reception.read("/appointments", page=2, per_page=2)

    assert [appointment["id"] for appointment in page.pop("appointments")] == [made[2]["id"]]
    assert page == {"total": 3, "pages": 2, "current_page": 2, "per_page": 2}


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"page": 0}, "page"),
        ({"page": "x"}, "page"),
        ({"per_page": 0}, "per_page"),
        ({"per_page": 101}, "per_page"),
        ({"clinic_id": "x"}, "clinic_id"),
        ({"date": "today"}, "date"),
        ({"status": "lost"}, "status"),
    ],
    ids=str,
)
async def test_what_was_asked_wrongly_is_named(reception, params, field):
    assert refused(await reception.desk.get("/appointments", params=params)).keys() == {field}


async def test_another_time_status_and_note(reception):
    appointment = await reception.book()
    path = f"/appointments/{appointment['id']}"
    changes = {"start_time": f"{TODAY}T11:30:00", "notes": "Later", "status": "confirmed"}
    made = good(await reception.desk.put(path, changes))

    assert made.keys() == {"message", "appointment"}
    changed = made["appointment"]
    assert changed.keys() == SHOWN
    assert (changed["start_time"], changed["notes"], changed["status"]) == (
        "2026-03-02T06:00:00Z",
        "Later",
        "confirmed",
    )
    same = good(await reception.desk.put(path, {}))["appointment"]
    assert same == changed
    emptied = good(await reception.desk.put(path, {"notes": None}))["appointment"]
    assert emptied["notes"] is None


async def test_an_update_is_refused_whole(reception):
    await reception.book("11:00")
    appointment = await reception.book("10:00")
    path = f"/appointments/{appointment['id']}"
    taken = await reception.desk.put(path, {"start_time": f"{TODAY}T11:00:00", "notes": "Later"})

    assert code_of(taken) == (409, "SLOT_UNAVAILABLE")
    assert refused(await reception.desk.put(path, {"start_time": "2026-02-27T11:00:00"})).keys() == {"start_time"}
    assert refused(await reception.desk.put(path, {"status": "checked_in"})).keys() == {"status"}
    assert refused(await reception.desk.put(path, {"status": "lost"})).keys() == {"status"}
    assert await reception.read(path) == appointment


async def test_who_may_update(reception, stranger):
    appointment = await reception.book()
    path = f"/appointments/{appointment['id']}"

    assert await reception.roles("PUT", path, {"notes": "x"}) == RECEPTIONIST
    assert code_of(await stranger.put(path, {"notes": "y"})) == (404, "NOT_FOUND")


@pytest.mark.parametrize("body", [None, {}, {"reason": "Feeling better"}], ids=str)
async def test_cancelling_ends_visit_and_payment_and_frees_the_time(reception, outpatient, body):
    appointment = await reception.book()
    made = good(await reception.desk.delete(f"/appointments/{appointment['id']}", body))

    assert made["message"]
    cancelled = made["appointment"]
    assert (cancelled["status"], cancelled["cancel_reason"]) == ("cancelled", (body or {}).get("reason"))
    assert (cancelled["visit"]["status"], cancelled["payment"]["status"]) == ("cancelled", "cancelled")
    again = good(await reception.desk.delete(f"/appointments/{appointment['id']}"))
    assert again["appointment"] == cancelled
    await reception.book()  # the same time
    assert await one(outpatient, Visit, id=appointment["visit"]["id"]) is not None


async def test_who_may_cancel(reception, stranger):
    appointment = await reception.book()
    path = f"/appointments/{appointment['id']}"

    assert code_of(await stranger.delete(path)) == (404, "NOT_FOUND")
    assert await reception.roles("DELETE", path) == RECEPTIONIST


async def test_nobody_is_cancelled_while_he_is_seen(reception):
    appointment = await reception.book()
    await reception.do("start", await reception.check_in(appointment))

    answer = await reception.desk.delete(f"/appointments/{appointment['id']}")
    assert code_of(answer) == (409, "INVALID_TRANSITION")


async def test_free_slots_are_those_that_can_be_booked(reception, stranger):
    asked = {"clinic_id": reception.clinic_id, "doctor_id": reception.doctor.clinician_id, "date": TOMORROW}
    await reception.book("09:30", TOMORROW)
    free = await reception.read("/appointments/available-slots", **asked)

    assert free.keys() == {"available_slots", "doctor", "date"}
    assert free["doctor"] == {
        "id": reception.doctor.clinician_id,
        "name": "Clinician",
        "specialization": ["Cardiology"],
    }
    assert free["date"] == TOMORROW
    assert len(free["available_slots"]) == 15
    assert free["available_slots"][:2] == [
        {"start_time": "2026-03-03T03:30:00Z", "end_time": "2026-03-03T04:00:00Z", "available": True},
        {"start_time": "2026-03-03T04:30:00Z", "end_time": "2026-03-03T05:00:00Z", "available": True},
    ]
    await reception.book(start_time=free["available_slots"][1]["start_time"])
    assert len((await reception.read("/appointments/available-slots", **asked))["available_slots"]) == 14
    assert code_of(await stranger.get("/appointments/available-slots", params=asked)) == (404, "NOT_FOUND")


async def test_free_slots_of_whom_one_may_see(reception, make, hospital):
    asked = {"clinic_id": reception.clinic_id, "doctor_id": reception.doctor.clinician_id, "date": TOMORROW}
    path = "/appointments/available-slots"
    elsewhere = at_root(await make.staff(hospital, "FRONT_DESK", centre_id=await make.centre(hospital)))

    assert (await reception.doctor.get(path, params=asked)).status_code == 200
    assert code_of(await at_root(await make.clinician(hospital)).get(path, params=asked)) == (404, "NOT_FOUND")
    assert code_of(await elsewhere.get(path, params=asked)) == (404, "NOT_FOUND")
    assert (await at_root(await make.patient(hospital)).get(path, params=asked)).status_code == 403
    assert refused(await reception.desk.get(path)).keys() == {"clinic_id", "doctor_id", "date"}


async def test_a_desk_sees_its_own_clinic(reception, make, hospital, clock):
    appointment = await reception.book()
    elsewhere = at_root(await make.staff(hospital, "FRONT_DESK", centre_id=await make.centre(hospital)))

    assert (await elsewhere.get("/appointments")).json()["total"] == 0
    assert code_of(await elsewhere.delete(f"/appointments/{appointment['id']}")) == (404, "NOT_FOUND")
    assert code_of(await elsewhere.post("/appointments", await reception.wish("11:00"))) == (403, "FORBIDDEN")


async def test_what_is_not_there_is_said_in_the_same_form(reception):
    assert code_of(await reception.desk.get("/appointments/9999999")) == (404, "NOT_FOUND")
    assert code_of(await reception.desk.get("/appointments/x")) == (404, "NOT_FOUND")
    assert code_of(await reception.desk.patch("/appointments")) == (405, "METHOD_NOT_ALLOWED")


async def test_a_sign_in_that_ran_out_is_401(reception, clock):
    clock.advance(minutes=16)

    assert code_of(await reception.desk.get("/appointments")) == (401, "TOKEN_EXPIRED")


async def test_missed_and_completed_by_status(reception, clock, as_front_desk):
    missed, seen = await reception.book("10:00"), await reception.book("10:30")
    await reception.check_in(seen)
    early = await reception.desk.put(f"/appointments/{missed['id']}", {"status": "no_show"})
    assert code_of(early) == (409, "INVALID_TRANSITION")
    await later(clock, as_front_desk, hours=2)
    reception.desk = at_root(as_front_desk)

    for appointment, status in ((missed, "no_show"), (seen, "completed")):
        made = good(await reception.desk.put(f"/appointments/{appointment['id']}", {"status": status}))
        assert (made["appointment"]["status"], made["appointment"]["visit"]["status"]) == (status, status)
