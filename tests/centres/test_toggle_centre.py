"""`PATCH /centres/{id}/toggle-active`."""

import asyncio

import pytest

pytestmark = pytest.mark.anyio


async def test_a_centre_is_closed_and_opened_again(as_admin, hospital):
    path = f"/centres/{hospital.centre_id}"

    closed = await as_admin.patch(f"{path}/toggle-active")
    assert closed.status_code == 200, closed.text
    assert closed.json()["data"]["isActive"] is False
    assert (await as_admin.get(path)).json()["data"]["isActive"] is False

    opened = await as_admin.patch(f"{path}/toggle-active")
    assert opened.json()["data"]["isActive"] is True
    assert (await as_admin.get(path)).json()["data"]["isActive"] is True


async def test_a_closed_centre_offers_nothing_until_it_opens_again(as_admin, hospital, book):
    """Also to schedules that were in use before: the change outdates them."""
    first = (await book()).json()["data"]["id"]
    await as_admin.delete(f"/appointments/{first}")

    await as_admin.patch(f"/centres/{hospital.centre_id}/toggle-active")
    assert (await book()).status_code in {404, 409}

    await as_admin.patch(f"/centres/{hospital.centre_id}/toggle-active")
    assert (await book()).status_code == 201


async def test_a_centre_where_patients_are_still_to_come_stays_open(as_admin, hospital, book, clock, make):
    await book()
    await book(appointmentTime="11:00")

    refused = await as_admin.patch(f"/centres/{hospital.centre_id}/toggle-active")

    assert refused.status_code == 409
    error = refused.json()["error"]
    assert error["code"] == "CENTRE_IN_USE"
    assert error["details"] == {"appointments": 2, "patients": 0}
    assert error["message"].startswith("2 appointments are still to come")
    assert (await as_admin.get(f"/centres/{hospital.centre_id}")).json()["data"]["isActive"] is True

    clock.advance(days=2)
    signed_in_anew = await make.staff(hospital, "ADMIN")
    assert (await signed_in_anew.patch(f"/centres/{hospital.centre_id}/toggle-active")).status_code == 200


async def test_an_unpaid_hold_counts_until_it_runs_out(as_admin, as_patient, as_clinician, hospital, clock, make):
    wish = {
        "clinicianId": as_clinician.clinician_id,
        "centreId": hospital.centre_id,
        "appointmentDate": "2026-03-03",
        "appointmentTime": "10:00",
    }
    assert (await as_patient.post("/booking/create", wish)).status_code == 201

    assert (await as_admin.patch(f"/centres/{hospital.centre_id}/toggle-active")).status_code == 409
    clock.advance(minutes=16)
    signed_in_anew = await make.staff(hospital, "ADMIN")
    assert (await signed_in_anew.patch(f"/centres/{hospital.centre_id}/toggle-active")).status_code == 200


async def test_a_place_in_todays_queue_counts(as_admin, hospital, book):
    await book(bookingType="TOKEN", appointmentDate="2026-03-02", appointmentTime=None)

    assert (await as_admin.patch(f"/centres/{hospital.centre_id}/toggle-active")).status_code == 409


async def test_only_admins_and_managers_toggle(make, hospital):
    async def toggle(persona):
        return await persona.patch(f"/centres/{hospital.centre_id}/toggle-active")

    assert await make.who_may(hospital, toggle) == {"ADMIN", "MANAGER"}


async def test_another_hospitals_centre_is_not_there(hospital, as_stranger):
    assert (await as_stranger.patch(f"/centres/{hospital.centre_id}/toggle-active")).status_code == 404


async def test_no_booking_slips_in_while_a_centre_closes(as_admin, as_clinician, make, hospital):
    """Whoever comes first wins: the patients, and the centre stays open; or the closing, and nobody is booked."""
    patients = [await make.patient(hospital) for _ in range(6)]
    wishes = [
        patient.post(
            "/appointments",
            {
                "clinicianId": as_clinician.clinician_id,
                "appointmentDate": "2026-03-03",
                "appointmentTime": f"{10 + hour}:00",
            },
        )
        for hour, patient in enumerate(patients)
    ]

    closing = as_admin.patch(f"/centres/{hospital.centre_id}/toggle-active")
    first, closed, *rest = await asyncio.gather(wishes[0], closing, *wishes[1:])
    bookings = [first, *rest]

    booked = sum(booking.status_code == 201 for booking in bookings)
    assert {booking.status_code for booking in bookings} <= {201, 404, 409}
    assert (closed.status_code, booked > 0) in {(200, False), (409, True)}
    assert (await as_admin.get(f"/centres/{hospital.centre_id}")).json()["data"]["isActive"] is (booked > 0)
