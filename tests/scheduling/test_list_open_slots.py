"""`GET /clinicians/{id}/open-slots`: the future ones, unless a period is named."""

import pytest

pytestmark = pytest.mark.anyio


@pytest.fixture
async def slots(as_admin, as_clinician, make, hospital):
    """Open slots of three days, the last one at a second centre: path and ids."""
    path = f"/clinicians/{as_clinician.clinician_id}/open-slots"
    second = await make.centre(hospital)
    ids = []
    for on, centre_id in (("2026-03-02", None), ("2026-03-07", None), ("2026-03-08", second)):
        body = {"date": on, "startTime": "18:00", "endTime": "19:00", "centreId": centre_id}
        ids.append((await as_admin.post(path, body)).json()["data"]["id"])
    return path, ids


async def ids_of(answer):
    assert answer.status_code == 200, answer.text
    return [slot["id"] for slot in answer.json()["data"]]


async def test_the_future_ones_are_listed_in_order(slots, as_admin, make, hospital, clock):
    path, ids = slots
    assert await ids_of(await as_admin.get(path)) == ids
    clock.advance(days=1)
    later = await make.staff(hospital, "ADMIN")
    assert await ids_of(await later.get(path)) == ids[1:]
    assert await ids_of(await later.get(path, params={"from": "2026-03-02"})) == ids
    assert await ids_of(await later.get(path, params={"from": "2026-03-02", "to": "2026-03-07"})) == ids[:2]
    assert await ids_of(await later.get(path, params={"to": "2026-03-07"})) == ids[1:2]


async def test_a_removed_one_is_listed_no_more(slots, as_admin):
    path, ids = slots
    assert (await as_admin.delete(f"{path}/{ids[0]}")).status_code == 200
    assert await ids_of(await as_admin.get(path)) == ids[1:]


async def test_staff_read_those_of_their_own_centre(slots, as_front_desk, as_clinician):
    path, ids = slots
    assert await ids_of(await as_front_desk.get(path)) == ids[:2]
    assert await ids_of(await as_clinician.get(path)) == ids


async def test_who_may_read_them(slots, make, hospital, as_stranger):
    path, _ = slots

    async def call(persona):
        return await persona.get(f"/clinicians/{persona.clinician_id}/open-slots" if persona.clinician_id else path)

    assert await make.who_may(hospital, call) == {
        "ADMIN", "MANAGER", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK", "CLINICIAN",
    }  # fmt: skip
    assert (await as_stranger.get(path)).status_code == 404
    assert (await (await make.clinician(hospital)).get(path)).status_code == 404
    assert (await (await make.staff(hospital, "ADMIN")).get(path, params={"from": "x"})).status_code == 400
