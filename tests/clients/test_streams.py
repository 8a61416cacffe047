"""EventSource, the browsers' own reader of streams: by header, by ticket, and where nobody is asked who he is."""

import pytest

from tests.clients.node import of, running
from tests.outside import Wire
from tests.realtime.sockets import token_of


@pytest.fixture
def paths(hospital, doctor, department_id):
    return [
        f"/sse/reception/{hospital.id}",
        f"/sse/doctor/{doctor.clinician_id}",
        f"/sse/waiting-room/{department_id}",
    ]


def screens(paths, persona):
    """A screen for each path: one shows the header, one a ticket, one nothing."""
    ways = [
        {"by": "header", "token": token_of(persona)},
        {"by": "ticket", "token": token_of(persona)},
        {"by": "nothing"},
    ]
    return [{"path": path, **way} for path, way in zip(paths, ways, strict=True)]


def ids_of(told, path, kind):
    """The ids of the messages of a kind on a stream, in the order in which they came."""
    return [int(message[1]) for at, heard, *message in told.heard if (at, heard) == (path, kind)]


async def test_each_stream_says_what_it_is_shows_the_queue_and_goes_on(address, placed, walk_in, as_front_desk, paths):
    given = {"api": f"{address}/api/v1", "streams": screens(paths, as_front_desk)}
    async with running("streams.mjs", given) as told:
        await told.each(*of("queue.updated", *paths))
        first = {path: [kind for at, kind, *_ in told.heard if at == path] for path in paths}
        assert list(first.values()) == [["connected", "queue.updated"]] * 3

        visit = await walk_in()
        await placed()
        *staff, (shown, _) = await told.each(*of("visit.walk_in_added", *paths))

    assert [data["visitId"] for data, _ in staff] == [visit["id"]] * 2
    assert shown == {"tokenLabel": visit["tokenLabel"], "room": "12", "status": "WAITING", "minutes": 0}


async def test_whoever_is_cut_off_goes_on_where_he_was(address, placed, walk_in, as_front_desk, paths):
    async with (
        Wire(address) as wire,
        running("streams.mjs", {"api": f"{wire.url}/api/v1", "streams": screens(paths, as_front_desk)}) as told,
    ):
        await told.each(*of("queue.updated", *paths))
        await walk_in()
        await placed()
        await told.each(*of("visit.walk_in_added", *paths))
        await wire.cut()
        for _ in range(2):
            await walk_in()
        await placed()
        await wire.mend()
        await told.each(*of("visit.walk_in_added", *paths))
        await walk_in()
        await placed()
        while min(len(ids_of(told, path, "visit.walk_in_added")) for path in paths) < 4:
            await told.next()

    for path in paths:
        heard = ids_of(told, path, "visit.walk_in_added")
        assert heard == list(range(heard[0], heard[0] + 4)), "nothing is missing, nothing came twice"
        assert len(ids_of(told, path, "queue.updated")) == 1, "he was told what he missed, and not shown all of it anew"


async def test_whoever_is_told_that_it_is_over_comes_no_more(
    outpatient, address, placed, as_admin, as_manager, hospital, department_id
):
    paths = [f"/sse/reception/{hospital.id}", "/sse/me", f"/sse/waiting-room/{department_id}"]
    given = {"api": f"{address}/api/v1", "streams": screens(paths, as_manager)}
    async with running("streams.mjs", given) as told:
        await told.each(*of("queue.updated", *paths))
        await as_manager.post("/auth/logout", {"refreshToken": as_manager.refresh_token})
        await as_admin.delete(f"/departments/{department_id}")
        await placed()
        await outpatient.live.check_sessions()

        farewells = await told.each(*of("bye", *paths))
        assert await told.end() == 0, "no screen tries again"

    assert [data["reason"] for data, _ in farewells] == ["SIGNED_OUT", "SIGNED_OUT", "CLOSED"]
    assert [kind for _, kind, *_ in told.heard][-3:] == ["bye"] * 3


async def test_whoever_may_not_listen_hears_nothing(address, as_stranger, as_patient, hospital):
    streams = [
        {"path": f"/sse/reception/{hospital.id}", "by": "header", "token": token}
        for token in (token_of(as_stranger), token_of(as_patient), "nonsense")
    ]
    async with running("streams.mjs", {"api": f"{address}/api/v1", "streams": streams}) as told:
        assert await told.end() == 0

    assert told.heard == []
