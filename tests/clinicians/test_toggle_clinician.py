"""`PATCH /clinicians/{id}/toggle-active`."""

import pytest

from outpatient.models import Clinician

pytestmark = pytest.mark.anyio


async def toggle(persona, clinician):
    return await persona.patch(f"/clinicians/{clinician.clinician_id}/toggle-active")


async def test_a_clinician_goes_off_the_list_and_comes_back(as_admin, as_nobody, as_clinician):
    off = await toggle(as_admin, as_clinician)
    assert off.status_code == 200, off.text
    assert off.json()["data"]["isActive"] is False
    assert (await as_nobody.get("/clinicians")).json()["data"] == []

    on = await toggle(as_admin, as_clinician)
    assert on.json()["data"]["isActive"] is True
    assert len((await as_nobody.get("/clinicians")).json()["data"]) == 1


async def test_one_that_is_off_offers_no_slots_and_cannot_be_booked(as_admin, as_clinician, as_patient, book):
    """Not even on a schedule that was in use a moment ago."""
    kept = (await book(as_clinician.clinician_id)).json()["data"]["id"]
    await as_admin.delete(f"/appointments/{kept}")
    await toggle(as_admin, as_clinician)

    assert (await book(as_clinician.clinician_id)).status_code == 404
    slots = {"clinicianId": as_clinician.clinician_id, "date": "2026-03-03"}
    offered = await as_patient.get("/booking/available-slots", params=slots)
    assert offered.status_code == 404 or not offered.json()["data"]

    await toggle(as_admin, as_clinician)
    assert (await book(as_clinician.clinician_id)).status_code == 201


async def test_one_that_is_off_is_signed_out_and_disabled(as_admin, as_clinician):
    assert (await as_clinician.get("/auth/me")).status_code == 200

    await toggle(as_admin, as_clinician)

    assert (await as_clinician.get("/auth/me")).status_code == 401
    assert (await as_admin.get(f"/users/{as_clinician.user_id}")).json()["data"]["isActive"] is False


async def test_patients_to_come_must_be_moved_or_cancelled_first(as_admin, as_clinician, book):
    first = (await book(as_clinician.clinician_id)).json()["data"]["id"]
    second = (await book(as_clinician.clinician_id, appointmentTime="11:00")).json()["data"]["id"]

    refused = await toggle(as_admin, as_clinician)

    assert refused.status_code == 409
    error = refused.json()["error"]
    assert (error["code"], error["details"]) == ("CLINICIAN_IN_USE", {"appointments": 2, "patients": 0})
    assert error["message"].startswith("2 appointments are still to come")
    assert (await as_clinician.get("/auth/me")).status_code == 200

    for appointment_id in (first, second):
        await as_admin.delete(f"/appointments/{appointment_id}")
    assert (await toggle(as_admin, as_clinician)).status_code == 200


async def test_what_is_over_and_holds_that_ran_out_do_not_count(make, hospital, as_clinician, book, clock):
    await book(as_clinician.clinician_id, appointmentDate="2026-03-02")
    clock.advance(hours=2)
    wish = {"clinicianId": as_clinician.clinician_id, "appointmentDate": "2026-03-03", "appointmentTime": "12:00"}
    as_patient = await make.patient(hospital)
    assert (await as_patient.post("/booking/create", wish)).status_code == 201

    assert (await toggle(await make.staff(hospital, "ADMIN"), as_clinician)).status_code == 409
    clock.advance(minutes=16)
    assert (await toggle(await make.staff(hospital, "ADMIN"), as_clinician)).status_code == 200


async def test_an_admin_who_sees_patients_stays_admin(as_admin, make, hospital, outpatient):
    """His profile goes off, his membership stays."""
    async with outpatient.database.transaction() as tx:
        row = Clinician(
            hospital_id=hospital.id,
            user_id=as_admin.user_id,
            primary_centre_id=hospital.centre_id,
            specialization=[],
            qualification=[],
            languages=[],
            created_at=tx.now,
        )
        as_admin.clinician_id = (await tx.add(row)).id

    assert (await toggle(as_admin, as_admin)).json()["data"]["isActive"] is False
    assert (await as_admin.get("/auth/me")).status_code == 200
    manager = await make.staff(hospital, "MANAGER")
    assert (await toggle(manager, as_admin)).status_code == 403
    assert (await as_admin.delete(f"/clinicians/{as_admin.clinician_id}")).status_code == 200
    assert (await as_admin.get("/auth/me")).json()["data"]["clinicianId"] is None


async def test_a_centre_manager_toggles_those_of_his_centre(as_centre_manager, as_clinician, at_another_centre):
    assert (await toggle(as_centre_manager, as_clinician)).status_code == 200
    assert (await toggle(as_centre_manager, at_another_centre)).status_code == 404


async def test_who_may_toggle_clinicians(make, hospital, as_clinician):
    roles = await make.who_may(hospital, lambda persona: toggle(persona, as_clinician))

    assert roles == {"ADMIN", "MANAGER", "CENTRE_MANAGER"}


async def test_another_hospitals_clinician_is_not_there(as_stranger, as_clinician):
    assert (await toggle(as_stranger, as_clinician)).status_code == 404
