"""GET /video/links: where people meet, by the days of their appointments."""

import pytest

from tests.appointments.wishes import details_of
from tests.video.test_get_link import path

pytestmark = pytest.mark.anyio


@pytest.fixture
async def linked(as_admin, book_online, outpatient) -> dict[str, int]:
    """Three online appointments with links, by their time."""
    made = {time: await book_online(time) for time in ("10:00", "11:00")}
    made["other day"] = await book_online("10:00", day="2026-03-05")
    await outpatient.worker.run_once()
    answer = await as_admin.put(path(made["11:00"]), {"meetLink": "https://meet.google.com/abc-defg-hij"})
    assert answer.status_code == 200
    return made


async def ids(persona, **params) -> list[int]:
    answer = await persona.get("/video/links", params=params)
    assert answer.status_code == 200, answer.text
    return [row["appointmentId"] for row in answer.json()["data"]]


async def test_each_says_where_by_whom_and_since_when(as_manager, linked):
    answer = await as_manager.get("/video/links", params={"provider": "google_meet"})
    assert answer.json() == {
        "success": True,
        "data": [
            {
                "appointmentId": linked["11:00"],
                "meetLink": "https://meet.google.com/abc-defg-hij",
                "provider": "google_meet",
                "createdAt": "2026-03-02T03:30:00Z",
            }
        ],
        "meta": {"page": 1, "limit": 20, "total": 1, "totalPages": 1},
    }


async def test_days_and_providers_narrow_it_down(as_admin, linked):
    first, second, third = linked.values()
    assert await ids(as_admin) == [first, second, third]
    assert await ids(as_admin, startDate="2026-03-03", endDate="2026-03-03") == [first, second]
    assert await ids(as_admin, startDate="2026-03-04") == [third]
    assert await ids(as_admin, endDate="2026-03-02") == []
    assert await ids(as_admin, provider="jitsi") == [first, third]
    assert await ids(as_admin, provider="other") == []


async def test_pages(as_admin, linked):
    answer = await as_admin.get("/video/links", params={"page": 2, "limit": 2})
    assert [row["appointmentId"] for row in answer.json()["data"]] == [linked["other day"]]
    assert answer.json()["meta"] == {"page": 2, "limit": 2, "total": 3, "totalPages": 2}


async def test_who_may(make, hospital, linked):
    assert await make.who_may(hospital, lambda persona: persona.get("/video/links")) == {"ADMIN", "MANAGER"}


async def test_another_hospitals_are_not_there(as_stranger, linked):
    assert await ids(as_stranger) == []


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"startDate": "2026-03-05", "endDate": "2026-03-04"}, "endDate"),
        ({"startDate": "soon"}, "startDate"),
        ({"endDate": "9999-12-31"}, "endDate"),
        ({"provider": "zoom"}, "provider"),
        ({"limit": 101}, "limit"),
    ],
)
async def test_what_cannot_be_is_named(as_admin, params, field):
    assert list(details_of(await as_admin.get("/video/links", params=params))) == [field]
