"""`DELETE /centres/{id}`."""

import pytest
from sqlalchemy import select

from outpatient.models import Centre

pytestmark = pytest.mark.anyio


async def test_a_deleted_centre_is_on_no_list_but_its_row_stays(as_admin, make, hospital, outpatient):
    other = await make.centre(hospital)

    answer = await as_admin.delete(f"/centres/{other}")

    assert answer.status_code == 200, answer.text
    assert answer.json()["success"] is True
    assert (await as_admin.get(f"/centres/{other}")).status_code == 404
    assert [centre["id"] for centre in (await as_admin.get("/centres")).json()["data"]] == [hospital.centre_id]
    async with outpatient.database.reading() as tx:
        row = await tx.one_or_none(select(Centre).where(Centre.id == other))
    assert row.deleted_at is not None and not row.is_active


async def test_what_happened_at_a_deleted_centre_can_still_be_read(as_admin, hospital, book):
    booked = (await book()).json()["data"]["id"]
    await as_admin.delete(f"/appointments/{booked}")

    assert (await as_admin.delete(f"/centres/{hospital.centre_id}")).status_code == 200
    assert (await as_admin.get(f"/appointments/{booked}")).json()["data"]["centreName"] == "Main centre"


async def test_a_centre_where_a_patient_is_still_to_come_is_not_deleted(as_admin, hospital, book):
    await book()

    refused = await as_admin.delete(f"/centres/{hospital.centre_id}")

    assert refused.status_code == 409
    error = refused.json()["error"]
    assert (error["code"], error["details"]) == ("CENTRE_IN_USE", {"appointments": 1, "patients": 0})
    assert error["message"].startswith("1 appointment is still to come")
    assert (await as_admin.get(f"/centres/{hospital.centre_id}")).status_code == 200


async def test_a_deleted_centre_offers_nothing(as_admin, hospital, book):
    booked = (await book()).json()["data"]["id"]
    await as_admin.delete(f"/appointments/{booked}")

    await as_admin.delete(f"/centres/{hospital.centre_id}")

    assert (await book()).status_code in {404, 409}


async def test_a_centre_is_deleted_once(as_admin, make, hospital):
    other = await make.centre(hospital)

    assert (await as_admin.delete(f"/centres/{other}")).status_code == 200
    assert (await as_admin.delete(f"/centres/{other}")).status_code == 404


async def test_only_admins_delete_centres(make, hospital):
    async def delete(persona):
        return await persona.delete(f"/centres/{await make.centre(hospital)}")

    assert await make.who_may(hospital, delete) == {"ADMIN"}


async def test_another_hospitals_centre_is_not_there(hospital, as_stranger):
    assert (await as_stranger.delete(f"/centres/{hospital.centre_id}")).status_code == 404
