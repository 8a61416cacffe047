"""Reading the notes on a patient: `GET /patients/{id}/notes`."""

import pytest

pytestmark = pytest.mark.anyio


async def test_notes_come_in_pages_the_newest_first(as_clinician, as_admin, make, hospital, clock):
    record = await make.record(hospital)
    for text in ("first", "second", "third"):
        await as_clinician.post(f"/patients/{record}/notes", {"note": text})
        clock.advance(minutes=1)

    answer = await as_admin.get(f"/patients/{record}/notes", params={"limit": 2})

    assert [one["note"] for one in answer.json()["data"]] == ["third", "second"]
    assert [one["createdAt"] for one in answer.json()["data"]] == ["2026-03-02T03:32:00Z", "2026-03-02T03:31:00Z"]
    assert answer.json()["meta"] == {"page": 1, "limit": 2, "total": 3, "totalPages": 2}


async def test_another_patients_notes_are_not_among_them(as_clinician, make, hospital):
    mine, other = await make.record(hospital), await make.record(hospital, "Somebody Else")
    await as_clinician.post(f"/patients/{other}/notes", {"note": "not yours"})

    assert (await as_clinician.get(f"/patients/{mine}/notes")).json()["data"] == []


async def test_a_refused_look_leaves_no_trace(as_front_desk, as_stranger, make, hospital, audited):
    record = await make.record(hospital)

    assert (await as_front_desk.get(f"/patients/{record}/notes")).status_code == 403
    assert (await as_stranger.get(f"/patients/{record}/notes")).status_code == 404

    assert await audited(record) == []


async def test_who_may_read(answers_by_role, make, hospital, audited):
    record = await make.record(hospital)

    assert await answers_by_role("GET", f"/patients/{record}/notes") == {
        "NOBODY": 401,
        "STRANGER": 404,
        "PATIENT": 403,
        "ADMIN": 200,
        "MANAGER": 200,
        "CENTRE_MANAGER": 200,
        "CARE_COORDINATOR": 200,
        "FRONT_DESK": 403,
        "CLINICIAN": 200,
    }
    assert [action for action, _ in await audited(record)] == ["patient.notes_read"] * 5
