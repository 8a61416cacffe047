"""GET /video/appointment/{id}/meet-link: where to meet, for whoever may see the appointment."""

import pytest

from tests.appointments.wishes import booked, code_of

pytestmark = pytest.mark.anyio


def path(appointment_id: int) -> str:
    return f"/video/appointment/{appointment_id}/meet-link"


async def test_both_who_meet_find_it(as_admin, as_patient, as_clinician, book_online, outpatient):
    appointment_id = await book_online()
    await outpatient.worker.run_once()
    for persona in (as_admin, as_patient, as_clinician):
        answer = await persona.get(path(appointment_id))
        assert answer.status_code == 200
        data = answer.json()["data"]
        assert data["meetLink"].startswith("https://meet.jit.si/visit-")
        assert data == {"meetLink": data["meetLink"], "provider": "jitsi"}


async def test_where_there_is_none_it_is_not_found(as_admin, as_patient, as_clinician):
    made = await booked(as_patient, as_clinician)
    answer = await as_admin.get(path(made["id"]))
    assert (answer.status_code, code_of(answer)) == (404, "NOT_FOUND")
    assert (await as_admin.get(path(10**9))).status_code == 404
    assert (await as_admin.get("/video/appointment/0/meet-link")).status_code == 400


async def test_nobody_else_finds_it(as_nobody, as_stranger, make, hospital, book_online, outpatient):
    appointment_id = await book_online()
    await outpatient.worker.run_once()
    others = (
        as_stranger,
        await make.patient(hospital),
        await make.clinician(hospital),
        await make.staff(hospital, "FRONT_DESK", centre_id=await make.centre(hospital)),
    )
    for persona in others:
        assert (await persona.get(path(appointment_id))).status_code == 404
    assert (await as_nobody.get(path(appointment_id))).status_code == 401
