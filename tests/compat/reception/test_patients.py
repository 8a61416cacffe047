"""Seed 000 `/patients`, at the root."""

import asyncio

import pytest
from sqlalchemy import select

from outpatient.models import Appointment, AuditEntry, Patient, PatientAccess, PatientNote
from tests.appointments.wishes import count, one
from tests.compat.reception.conftest import RECEPTIONIST, STAFF, at_root, code_of, good, refused
from tests.makers import new_phone

SUMMARY = {"id", "name", "phone", "email", "age", "gender", "date_of_birth", "created_at"}
RECORD = SUMMARY | {"address", "medical_history"}


async def test_a_record_is_made(reception):
    phone = new_phone()
    body = {"name": "Asha Rao", "phone": phone, "address": "12 MG Road", "age": 35, "gender": "Female"}
    made = good(await reception.desk.post("/patients", body), 201)

    assert made.keys() == {"message", "patient"}
    patient = made["patient"]
    assert patient.keys() == RECORD
    shown = {"name": "Asha Rao", "phone": phone, "address": "12 MG Road", "age": 35, "gender": "female"}
    assert {key: patient[key] for key in shown} == shown


async def test_all_that_is_documented(reception, as_manager):
    body = {
        "name": "Asha Rao",
        "phone": new_phone(),
        "email": "asha@example.com",
        "date_of_birth": "1990-05-15",
        "medical_history": "Asthma",
    }
    patient = good(await at_root(as_manager).post("/patients", body), 201)["patient"]

    assert {key: patient[key] for key in body} == body
    assert patient["age"] == 35


@pytest.mark.parametrize("field", ["name", "phone"])
async def test_each_required_field_is_named(reception, field):
    body = {"name": "Asha Rao", "phone": new_phone()}
    del body[field]

    assert refused(await reception.desk.post("/patients", body)) == {field: "This field is required"}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"phone": "12"}, "phone"),
        ({"age": 200}, "age"),
        ({"gender": "unknown"}, "gender"),
        ({"email": "nobody"}, "email"),
        ({"date_of_birth": "2030-01-01"}, "date_of_birth"),
    ],
    ids=str,
)
async def test_bad_fields_are_named(reception, given, field):
    body = {"name": "Asha Rao", "phone": new_phone(), **given}

    assert refused(await reception.desk.post("/patients", body)).keys() == {field}


async def test_the_same_phone_and_name_is_the_same_person(reception):
    body = {"name": "Asha Rao", "phone": new_phone()}
    first = good(await reception.desk.post("/patients", body), 201)["patient"]
    answer = await reception.desk.post("/patients", {**body, "name": " asha  RAO"})

    assert code_of(answer) == (409, "DUPLICATE_ENTRY")
    assert refused(answer, 409)["id"] == first["id"]


async def test_the_front_desk_neither_reads_nor_writes_the_medical_history(reception):
    body = {"name": "Asha Rao", "phone": new_phone(), "medical_history": "Asthma"}

    assert refused(await reception.desk.post("/patients", body), 403).keys() == {"medical_history"}


async def test_who_may_write(reception, stranger):
    patient_id = await reception.patient()
    path = f"/patients/{patient_id}"

    assert await reception.roles("POST", "/patients", {"name": "A B", "phone": new_phone()}) == RECEPTIONIST
    assert await reception.roles("PUT", path, {"address": "x"}) == RECEPTIONIST
    assert code_of(await stranger.put(path, {"address": "y"})) == (404, "NOT_FOUND")
    assert code_of(await stranger.delete(path)) == (404, "NOT_FOUND")
    assert await reception.roles("DELETE", path) == RECEPTIONIST


async def test_a_record_is_changed(reception):
    patient_id = await reception.patient("Ravi Kumar")
    made = good(await reception.desk.put(f"/patients/{patient_id}", {"name": "Ravi K. Kumar", "age": 40}))

    assert made.keys() == {"message", "patient"}
    assert (made["patient"]["name"], made["patient"]["age"]) == ("Ravi K. Kumar", 40)
    emptied = good(await reception.desk.put(f"/patients/{patient_id}", {"age": None}))["patient"]
    assert (emptied["name"], emptied["age"]) == ("Ravi K. Kumar", None)
    for field in ("name", "phone"):
        assert refused(await reception.desk.put(f"/patients/{patient_id}", {field: None})).keys() == {field}


async def test_a_change_into_somebody_else_is_refused(reception):
    patient_id, phone = await reception.patient(), new_phone()
    good(await reception.desk.post("/patients", {"name": "Asha Rao", "phone": phone}), 201)

    answer = await reception.desk.put(f"/patients/{patient_id}", {"name": "Asha Rao", "phone": phone})
    assert code_of(answer) == (409, "DUPLICATE_ENTRY")


async def test_a_record_with_its_latest_appointments_and_visits(reception, outpatient):
    appointment = await reception.book()
    visit = await reception.check_in(appointment)
    patient_id = appointment["patient_id"]
    shown = await reception.read(f"/patients/{patient_id}")

    assert shown.keys() == RECORD | {"recent_appointments", "recent_visits"}
    assert shown["id"] == patient_id
    assert shown["medical_history"] is None
    assert shown["recent_appointments"] == [await reception.read(f"/appointments/{appointment['id']}")]
    assert shown["recent_visits"] == [visit]
    async with outpatient.database.reading() as tx:
        about = select(AuditEntry).where(AuditEntry.subject == "patient", AuditEntry.subject_id == patient_id)
        looks = [(entry.action, entry.actor_id) for entry in await tx.all(about)]
    assert looks == [("patient.read", reception.desk.user_id)]


async def test_ten_of_the_latest_the_newest_first(reception):
    patient_id = await reception.patient()
    times = [f"{hour:02}:{minute}" for hour in range(10, 16) for minute in ("00", "30")]
    made = [(await reception.book(at, patient_id=patient_id))["id"] for at in times]
    shown = await reception.read(f"/patients/{patient_id}")

    assert [one["id"] for one in shown["recent_appointments"]] == made[:1:-1]
    assert len(shown["recent_visits"]) == 10


async def test_whose_records_a_doctor_reads(reception, make, hospital, stranger):
    appointment = await reception.book()
    other = await reception.patient("Somebody Else")
    walked_in = await reception.walk_in(patient_id=await reception.patient("Walker"))
    colleague = at_root(await make.clinician(hospital))

    assert (await reception.read(f"/patients/{appointment['patient_id']}", reception.doctor))["id"]
    assert code_of(await reception.doctor.get(f"/patients/{other}")) == (404, "NOT_FOUND")
    assert code_of(await colleague.get(f"/patients/{appointment['patient_id']}")) == (404, "NOT_FOUND")
    assert code_of(await stranger.get(f"/patients/{other}")) == (404, "NOT_FOUND")
    listed = await reception.read("/patients", reception.doctor)
    assert {one["id"] for one in listed["patients"]} == {appointment["patient_id"], walked_in["patient_id"]}
    assert (await reception.read("/patients", colleague))["total"] == 0
    assert (await reception.read("/patients/search", colleague, q="Somebody"))["patients"] == []
    assert await reception.roles("GET", f"/patients/{other}") == STAFF


async def test_the_list_by_phone_or_name(reception, stranger):
    ravi, asha = await reception.patient("Ravi Kumar"), await reception.patient("Asha Rao")
    phone = (await reception.read(f"/patients/{asha}"))["phone"]

    async def ids(**params):
        page = await reception.read("/patients", **params)
        assert page.keys() == {"patients", "total", "pages", "current_page", "per_page"}
        assert all(one.keys() == SUMMARY for one in page["patients"])
        return [one["id"] for one in page["patients"]]

    assert await ids() == [asha, ravi]
    assert await ids(name="kumar rav") == [ravi]
    assert await ids(phone=phone) == [asha]
    assert await ids(search=phone[-6:]) == [asha]
    assert await ids(search="ravi") == [ravi]
    assert await ids(search="nobody") == []
    assert await ids(per_page=1, page=2) == [ravi]
    assert (await reception.read("/patients", stranger))["total"] == 0
    assert refused(await reception.desk.get("/patients", params={"per_page": 101})).keys() == {"per_page"}
    assert refused(await reception.desk.get("/patients", params={"phone": "1"})).keys() == {"phone"}
    assert await reception.roles("GET", "/patients") == STAFF


async def test_the_quick_search(reception, stranger):
    made = [await reception.patient(f"Ravi {number}") for number in range(12)]
    phone = (await reception.read(f"/patients/{made[3]}"))["phone"]

    found = await reception.read("/patients/search", q="ra")
    assert found.keys() == {"patients"}
    assert [one["id"] for one in found["patients"]] == made[:1:-1]
    assert [one["id"] for one in (await reception.read("/patients/search", q=phone))["patients"]] == [made[3]]
    assert (await reception.read("/patients/search", stranger, q="ravi"))["patients"] == []
    assert await reception.roles("GET", "/patients/search?q=ravi") == STAFF


@pytest.mark.parametrize("q", ["", "r", " r "])
async def test_a_search_needs_two_letters(reception, q):
    assert refused(await reception.desk.get("/patients/search", params={"q": q})).keys() == {"q"}


async def test_a_search_needs_its_question(reception):
    assert refused(await reception.desk.get("/patients/search")) == {"q": "This field is required"}


async def test_a_record_without_history_is_deleted(reception, outpatient):
    phone = new_phone()
    body = {"name": "Asha Rao", "phone": phone}
    patient = good(await reception.desk.post("/patients", body), 201)["patient"]
    path = f"/patients/{patient['id']}"

    assert good(await reception.desk.delete(path)).keys() == {"message"}
    assert code_of(await reception.desk.get(path)) == (404, "NOT_FOUND")
    assert code_of(await reception.desk.delete(path)) == (404, "NOT_FOUND")
    assert (await reception.read("/patients"))["total"] == 0
    answer = await reception.desk.post("/appointments", await reception.wish(patient_id=patient["id"]))
    assert code_of(answer) == (404, "NOT_FOUND")
    answer = await reception.desk.post("/visits/walk-in", await reception.walk_in_body(patient_id=patient["id"]))
    assert code_of(answer) == (404, "NOT_FOUND")
    row = await one(outpatient, Patient, id=patient["id"])
    assert (row.full_name, row.phone) == ("Asha Rao", None)
    assert row.deleted_at is not None
    again = good(await reception.desk.post("/patients", body), 201)["patient"]  # entered by mistake, he may come back
    assert again["id"] != patient["id"]


async def test_who_acted_for_a_deleted_record_does_no_more(reception, outpatient, as_patient):
    good(await reception.desk.delete(f"/patients/{as_patient.patient_id}"))

    assert await count(outpatient, PatientAccess, patient_id=as_patient.patient_id) == 0
    assert (await as_patient.get("/booking/my-appointments")).status_code == 403


@pytest.mark.parametrize("what", ["appointment", "cancelled", "walk-in", "note"])
async def test_a_record_with_history_stays(reception, outpatient, what):
    patient_id = await reception.patient()
    if what in {"appointment", "cancelled"}:
        appointment = await reception.book(patient_id=patient_id)
        if what == "cancelled":
            good(await reception.desk.delete(f"/appointments/{appointment['id']}"))
    elif what == "walk-in":
        await reception.walk_in(patient_id=patient_id)
    else:
        async with outpatient.database.transaction() as tx:
            note = {"author_id": reception.doctor.user_id, "note": "x", "created_at": tx.now}
            await tx.add(PatientNote(hospital_id=reception.hospital.id, patient_id=patient_id, **note))

    assert code_of(await reception.desk.delete(f"/patients/{patient_id}")) == (409, "PATIENT_HAS_HISTORY")
    assert (await reception.read(f"/patients/{patient_id}"))["id"] == patient_id


async def test_a_booking_and_a_deletion_at_once_do_not_both_succeed(reception, outpatient):
    for at in ("10:00", "10:30", "11:00", "11:30", "12:00"):
        patient_id = await reception.patient()
        booked, deleted = await asyncio.gather(
            reception.desk.post("/appointments", await reception.wish(at, patient_id=patient_id)),
            reception.desk.delete(f"/patients/{patient_id}"),
        )

        assert (booked.status_code, deleted.status_code) in {(201, 409), (404, 200)}
        assert await count(outpatient, Appointment, patient_id=patient_id) == booked.is_success
