"""What seed 000 says is emitted, for each change at the root: by Socket.IO, to `clinic_{id}` and `doctor_{id}`."""

import pytest

from tests.compat.reception.conftest import TODAY, at_root, good
from tests.makers import new_phone

DOCUMENTED = {
    "POST /appointments": ({"appointment_created", "queue_updated"}, lambda r, _: r.book("12:00")),
    "PUT /appointments/{id}": (
        {"appointment_updated", "queue_updated"},
        lambda r, s: r.desk.put(f"/appointments/{s['booked']['id']}", {"start_time": f"{TODAY}T12:30:00"}),
    ),
    "PUT /appointments/{id}, notes": (
        {"appointment_updated", "queue_updated"},
        lambda r, s: r.desk.put(f"/appointments/{s['booked']['id']}", {"notes": "x"}),
    ),
    "DELETE /appointments/{id}": (
        {"appointment_cancelled", "queue_updated"},
        lambda r, s: r.desk.delete(f"/appointments/{s['booked']['id']}"),
    ),
    "POST /visits/check-in": ({"queue_updated"}, lambda r, s: r.check_in(s["booked"])),
    "POST /queue/checkin": (
        {"queue_updated", "new_checkin"},
        lambda r, s: r.desk.post("/queue/checkin", {"appointment_id": s["booked"]["id"]}),
    ),
    "POST /visits/walk-in": ({"queue_updated"}, lambda r, _: r.walk_in()),
    "POST /queue/walkin": ({"queue_updated", "walkin_added"}, lambda r, _: walk_in_by_queue(r)),
    "PUT /visits/{id}/status": (
        {"queue_updated", "visit_status_changed"},
        lambda r, s: r.doctor.put(f"/visits/{s['waiting']['id']}/status", {"status": "called"}),
    ),
    "POST /visits/{id}/call": (
        {"queue_updated", "visit_status_changed"},
        lambda r, s: r.doctor.post(f"/visits/{s['waiting']['id']}/call"),
    ),
    "POST /queue/call": ({"queue_updated"}, lambda r, s: r.do("call", s["waiting"])),
    "POST /queue/start": ({"queue_updated"}, lambda r, s: r.do("start", s["waiting"])),
    "POST /queue/complete": ({"queue_updated"}, lambda r, s: r.do("complete", s["called"])),
    "POST /queue/skip": ({"queue_updated"}, lambda r, s: r.do("skip", s["waiting"])),
    "POST /queue/cancel": ({"queue_updated"}, lambda r, s: r.do("cancel", s["waiting"])),
    "PUT /queue/reorder": (
        {"queue_updated"},
        lambda r, s: r.desk.put("/queue/reorder", {"visit_id": s["waiting"]["id"], "new_position": 2}),
    ),
    "POST /queue/phases/move": (
        {"queue_updated", "new_checkin", "phases_updated"},
        lambda r, s: r.desk.post(
            "/queue/phases/move",
            {"appointment_id": s["booked"]["id"], "from_phase": "appointments_today", "to_phase": "waiting"},
        ),
    ),
}


async def walk_in_by_queue(reception):
    return await reception.desk.post("/queue/walkin", await reception.walk_in_body())


@pytest.fixture
async def stage(reception):
    """A booked patient, one who waits, another in line, and one who is called."""
    called = await reception.walk_in()
    await reception.do("call", called)
    return {
        "booked": await reception.book("10:00"),
        "waiting": await reception.walk_in(),
        "other": await reception.walk_in(),
        "called": called,
    }


@pytest.mark.parametrize("call", DOCUMENTED)
async def test_both_rooms_hear_what_is_documented(reception, stage, connect, placed, call):
    names, make_change = DOCUMENTED[call]
    await placed()
    async with connect(reception.desk) as desk, connect(reception.doctor) as doctor:
        await desk.join("join_queue_room", clinic_id=reception.clinic_id)
        await doctor.join("join_doctor_room", doctor_id=reception.doctor.clinician_id)
        made = await make_change(reception, stage)
        assert getattr(made, "is_success", True), made.text
        await placed()

        for client in (desk, doctor):
            heard: set[str] = set()
            while not names <= heard:  # the queue comes once, after all that was told together
                heard.add((await client.next())[0])


async def test_a_new_place_in_the_line_is_no_new_status(reception, stage, connect, placed):
    await placed()
    async with connect(reception.desk) as desk:
        await desk.join("join_queue_room", clinic_id=reception.clinic_id)
        good(await reception.desk.put("/queue/reorder", {"visit_id": stage["waiting"]["id"], "new_position": 2}))
        await placed()

        assert [name for name, _ in await desk.barrier() if name.startswith("visit")] == ["visit_updated"]


async def test_a_processed_payment_is_told_to_the_clinic(reception, stage, connect, placed):
    await placed()
    async with connect(reception.desk) as desk:
        await desk.join("join_queue_room", clinic_id=reception.clinic_id)
        path = f"/payments/{stage['booked']['payment']['id']}/process"
        good(await reception.desk.put(path, {"payment_method": "cash"}))
        await placed()

        told = (await desk.next("payment_processed"))[1]
        assert (told["visit_id"], told["method"]) == (stage["booked"]["visit"]["id"], "cash")
        await desk.next("queue_updated")


async def test_new_changed_and_deleted_patients_are_told_to_the_receptions_alone(
    reception,
    connect,
    placed,
    stranger,
    make,
    hospital,
):
    elsewhere = at_root(await make.staff(hospital, "FRONT_DESK"))
    await placed()
    async with connect(elsewhere) as desk, connect(reception.doctor) as doctor, connect(stranger) as other:
        await desk.join("join_queue_room", clinic_id=reception.clinic_id)
        await doctor.join("join_doctor_room", doctor_id=reception.doctor.clinician_id)
        body = {"name": "Asha Rao", "phone": new_phone()}
        patient = good(await reception.desk.post("/patients", body), 201)["patient"]
        good(await reception.desk.put(f"/patients/{patient['id']}", {"address": "x"}))
        good(await reception.desk.delete(f"/patients/{patient['id']}"))
        await placed()

        heard = [(name, data["patient_id"]) for name, data in await desk.barrier()]
        assert heard == [(name, patient["id"]) for name in ("patient_created", "patient_updated", "patient_deleted")]
        assert await doctor.barrier() == []
        assert await other.barrier() == []
