"""A patient cancels or moves what he booked: `POST /patient/appointments/{id}/cancel`, and the move beside it."""

import pytest

from tests.appointments.wishes import booked, free_times, shown

pytestmark = pytest.mark.anyio


@pytest.fixture
async def strict(make):
    """A hospital where a patient changes nothing in the last day."""
    return await make.hospital(cancellation_notice_minutes=24 * 60)


async def test_a_cancellation_is_the_seeds(as_patient, as_clinician, outpatient):
    made = await booked(as_patient, as_clinician)

    answer = await as_patient.post(
        f"/patient/appointments/{made['id']}/cancel", {"reason": "Unable to attend due to personal reasons"}
    )

    assert answer.status_code == 200, answer.text
    assert answer.json()["message"] == "Appointment cancellation requested"
    assert answer.json()["data"]["status"] == "CANCELLED"
    assert "10:00" in await free_times(as_patient, outpatient, as_clinician)
    stored = await shown(as_clinician, made["id"])
    assert stored["cancelReason"] == "Unable to attend due to personal reasons"
    assert stored["cancelledBy"] == "PATIENT"


async def test_no_reason_is_needed_and_a_repeat_answers_the_same(as_patient, as_clinician):
    path = f"/patient/appointments/{(await booked(as_patient, as_clinician))['id']}/cancel"

    first, again = await as_patient.post(path), await as_patient.post(path, {"reason": "Once more"})

    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()


async def test_a_guardian_cancels_for_his_child(as_patient, as_clinician, child):
    made = await booked(as_patient, as_clinician, patientId=child)

    assert (await as_patient.post(f"/patient/appointments/{made['id']}/cancel")).status_code == 200


async def test_in_the_last_day_it_is_too_late(make, strict):
    patient, clinician = await make.patient(strict), await make.clinician(strict)
    made = await booked(patient, clinician, "09:00:00", "2026-03-03")
    early = await booked(patient, clinician, "09:00:00", "2026-03-04")
    make.database.clock.advance(minutes=1)

    refused = await patient.post(f"/patient/appointments/{made['id']}/cancel")

    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "TOO_LATE"
    assert (await shown(patient, made["id"]))["status"] == "PENDING"
    assert (await patient.post(f"/patient/appointments/{early['id']}/cancel")).status_code == 200


async def test_a_long_reason_is_refused(as_patient, as_clinician):
    made = await booked(as_patient, as_clinician)

    refused = await as_patient.post(f"/patient/appointments/{made['id']}/cancel", {"reason": "x" * 501})

    assert refused.status_code == 400
    assert list(refused.json()["error"]["details"]) == ["reason"]


async def test_another_persons_appointment_is_not_there(make, hospital, as_patient, as_clinician):
    other = await make.patient(hospital, "Somebody Else")
    made = await booked(other, as_clinician)

    assert (await as_patient.post(f"/patient/appointments/{made['id']}/cancel")).status_code == 404
    assert (await shown(other, made["id"]))["status"] == "PENDING"


async def test_staff_cancel_elsewhere(make, hospital, as_patient, as_clinician):
    made = await booked(as_patient, as_clinician)

    may = await make.who_may(
        hospital,
        lambda who: (
            as_patient.post(f"/patient/appointments/{made['id']}/cancel")
            if who.patient_id
            else who.post(f"/patient/appointments/{made['id']}/cancel")
        ),
    )

    assert may == {"PATIENT"}


async def test_he_moves_his_appointment_within_the_notice_and_sees_it_moved(make, strict):
    patient, clinician = await make.patient(strict), await make.clinician(strict)
    soon = await booked(patient, clinician, "09:00:00", "2026-03-03")
    later = await booked(patient, clinician, "09:00:00", "2026-03-05")
    make.database.clock.advance(minutes=1)
    to = {"appointmentDate": "2026-03-06", "appointmentTime": "11:30:00"}

    moved = await patient.patch(f"/appointments/{later['id']}/reschedule", to)
    refused = await patient.patch(f"/appointments/{soon['id']}/reschedule", to | {"appointmentTime": "12:00:00"})

    assert moved.status_code == 200, moved.text
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "TOO_LATE"
    rows = (await patient.get("/patient/appointments")).json()["data"]
    assert [(row["id"], row["appointmentDate"], row["appointmentTime"]) for row in rows] == [
        (later["id"], "2026-03-06", "11:30:00"),
        (soon["id"], "2026-03-03", "09:00:00"),
    ]
