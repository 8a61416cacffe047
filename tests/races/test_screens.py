"""What every screen was told, on whichever process it hangs, is what happened: each event once and in order."""

import asyncio
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from outpatient.patients.events import PatientUpdated
from tests.outside import redis_server, until
from tests.races.conftest import client_of, serve
from tests.races.screens import PATIENCE, Room, Screen, Socket, differences
from tests.races.shift import Shift, screens_of, shift_at, sockets_of

pytestmark = pytest.mark.anyio

CHANGES = 500
FEWER = 150
STREAMS, SOCKETS = 50, 10
LED_ASTRAY = ("-m", "tests.races.astray")


@pytest.fixture(scope="module")
def screens_url(new_database) -> str:
    return new_database("screens")


@pytest.fixture
def astray_url(new_database) -> str:
    """A store of which nobody else's events have the first ids."""
    return new_database("astray")


CARRIERS = ("by themselves", "through Redis")
"""How the servers carry the news to each other."""


@asynccontextmanager
async def carried(url: str, folders: Path, carrier: str) -> Any:
    """A hospital whose servers carry the news in one way or the other."""
    if carrier == "by themselves":
        async with shift_at(url, folders) as shift:
            yield shift
        return
    if url.startswith("sqlite"):
        pytest.skip("one process on SQLite has nobody to send news to")
    async with redis_server() as redis, shift_at(url, folders, {"REDIS_URL": redis}) as shift:
        yield shift


@pytest.mark.parametrize("carrier", CARRIERS)
async def test_every_screen_is_told_everything_once_and_in_order(screens_url, folders, carrier):
    async with carried(screens_url, folders, carrier) as shift, Room(shift.clinic) as room:
        for number in shift.alive:
            await room.open(*screens_of(shift, f"server {number}"), servers=[number])
            await room.connect(*sockets_of(shift, f"server {number}"), server=number)
        await shift.tour()
        await shift.work(CHANGES)
        await room.judge()
        await shift.ring()
        await room.judge()
        await every_picture_is_true(shift, room.sockets)
        assert {(one.opened, one.snapshots) for one in room.screens} == {(1, 1)}


@pytest.mark.parametrize("carrier", CARRIERS)
async def test_when_a_process_is_killed_its_screens_go_on_elsewhere(screens_url, folders, carrier):
    async with carried(screens_url, folders, carrier) as shift, Room(shift.clinic) as room, AsyncExitStack() as later:
        await room.open(*screens_of(shift, "from the dead"), servers=[0, 1])
        dead = sockets_of(shift, "of the dead")
        await room.connect(*dead)
        for number in shift.alive[1:]:
            await room.open(*screens_of(shift, "at the living"), servers=[number])
            await room.connect(*sockets_of(shift, "of the living"), server=number)
        at_living = room.sockets[len(dead) :]

        async with asyncio.TaskGroup() as together:
            together.create_task(shift.work(FEWER))
            await until(lambda: shift.changes > FEWER / 3, "work is well under way", PATIENCE)
            await kill(shift, 0)
            await until(lambda: all(one.has_ended for one in dead), "the sockets are gone", PATIENCE)
            if not shift.alive:
                url, folder = screens_url, folders
                shift.clinic.servers.append(later.enter_context(serve(url, folder)))
                shift.clinic.clients.append(client_of(shift.clinic.servers[-1]))
                shift.alive.append(1)
            await asyncio.gather(*(one.connect(shift.clinic.clients[1]) for one in dead))

        await room.judge(at_living)
        await shift.ring()
        happened = await room.judge(at_living)
        moved = [one for one in room.screens if one.name.startswith("from the dead")]
        assert {(one.opened, one.snapshots) for one in moved} == {(2, 1)}, (
            "they resumed, and were not shown it all anew"
        )
        for one in dead:  # they began anew: from then on they are told all
            expected = one.expected(happened)
            await until(lambda: one.heard[-1:] == expected[-1:], "the last is heard", PATIENCE)  # noqa: B023 (used at once)
            assert differences(one.name, expected[-len(one.heard) :], one.heard) == []
        await every_picture_is_true(shift, room.sockets)


async def test_a_process_that_is_told_to_stop_says_goodbye_to_all(screens_url, folders):
    async with shift_at(screens_url, folders, servers=1) as shift, Room(shift.clinic) as room:
        screens = [one for _ in range(STREAMS // 7 + 1) for one in screens_of(shift, "many")][:STREAMS]
        await room.open(*screens)
        for _ in range(SOCKETS // 2):
            await room.connect(*sockets_of(shift, "many")[:2])
        await shift.work(10)
        await room.judge()

        process = shift.clinic.servers[0].process
        process.send_signal(signal.SIGTERM)
        await until(lambda: all(one.has_ended for one in (*screens, *room.sockets)), "all have ended", PATIENCE)
        assert [one.farewell.data for one in screens] == [{"reason": "RESTART"}] * STREAMS
        assert all(one.farewell.retry >= 1_000 for one in screens), "they are told when to come again"
        assert await asyncio.to_thread(process.wait, PATIENCE) == 0


# -- a transaction that ends late --------------------------------------------------------------------------------------


async def one_ends_late(shift: Shift, room: Room) -> None:
    """An event is written before another and can be seen after it."""
    hospital, (early, late) = shift.clinic.hospital.id, shift.patients[:2]
    screen = Screen("reception", shift.admin, f"/sse/reception/{hospital}", shift.house.at_reception(*shift.centres))
    await room.open(screen)
    async with shift.clinic.program.database.transaction() as tx:
        await tx.record(PatientUpdated(hospital_id=hospital, subject_id=late, fields=("full_name",)), by=None)
        await tx.session.flush()
        answer = await shift.call(shift.admin, "PUT", f"/patients/{early}", {"fullName": "Overtakes"})
        assert answer.is_success
        await until(lambda: screen.heard, "the other was told", PATIENCE)
    await shift.ring()
    await until(lambda: "appointment.created" in {name for _, name in screen.heard}, "so was the last", PATIENCE)


async def a_little_work(shift: Shift, room: Room) -> None:
    await room.open(*screens_of(shift, "server 0"))
    await room.connect(*sockets_of(shift, "server 0"))
    await shift.work(20)


def only_where_some_end_late(url: str) -> None:
    if url.startswith("sqlite"):
        pytest.skip("on SQLite one writes after the other")


async def test_who_ends_late_is_told_late(screens_url, folders):
    only_where_some_end_late(screens_url)
    async with shift_at(screens_url, folders, servers=1) as shift, Room(shift.clinic) as room:
        await one_ends_late(shift, room)
        await room.judge()


# -- the comparison can fail -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("astray", "story", "what"),
    [
        ("serial", one_ends_late, r"reception missed: 1 of \d+, such as \[\(\d+, 'patient.updated'\)\]"),
        ("deaf", a_little_work, r"hospital's reception missed: (\d+) of \1,"),
    ],
    ids=["serial", "deaf"],
)
async def test_screens_that_are_led_astray_fail_the_comparison(astray_url, folders, astray, story, what):
    if story is one_ends_late:
        only_where_some_end_late(astray_url)
    async with (
        shift_at(astray_url, folders, {"ASTRAY": astray}, LED_ASTRAY, servers=1) as shift,
        Room(shift.clinic) as room,
    ):
        await story(shift, room)
        with pytest.raises(AssertionError, match=what):
            await room.judge(seconds=1)


@pytest.mark.parametrize(
    ("heard", "what"),
    [
        ("abc", ""),
        ("ab", "missed: 1 of 3"),
        ("abbc", "heard twice: 1 of 3"),
        ("acb", "heard in another order"),
        ("abcd", "heard what is not for it: 1 of 3"),
    ],
)
def test_the_comparison_says_what_is_wrong(heard, what):
    expected, found = [[(ord(one), one) for one in word] for word in ("abc", heard)]
    assert " ".join(differences("It", expected, found)).startswith(f"It {what}" if what else "")
    assert bool(differences("It", expected, found)) is bool(what)


# -- what the tests above need -----------------------------------------------------------------------------------------


async def kill(shift: Shift, number: int) -> None:
    """End a server as a power cut does."""
    shift.alive.remove(number)
    process = shift.clinic.servers[number].process
    process.kill()
    await asyncio.to_thread(process.wait)


async def every_picture_is_true(shift: Shift, sockets: Sequence[Socket]) -> None:
    """The queue that each socket was shown last is the queue as anybody reads it now."""
    for socket in sockets:
        for _, which in socket.rooms:
            ((key, number),) = which.items()
            true = await (the_clinic if key == "clinic_id" else the_doctor)(shift, number)
            await until(lambda: picture(socket, key, number) == true, f"{socket.name}: {key} {number}", PATIENCE)  # noqa: B023 (used at once)


def picture(socket: Socket, key: str, number: int) -> dict[str, list[Any]]:
    """What a socket was shown last: who stands where, in order, with his token."""
    shown = socket.last_board(key, number)
    lines = {group: [(one["id"], one["token_label"], one["status"]) for one in shown[group]] for group in COLUMNS}
    return {
        **{group: [one for one in line if one[2] != "on_hold"] for group, line in lines.items()},
        "on_hold": [one for one in lines["waiting"] if one[2] == "on_hold"],
    }


async def the_clinic(shift: Shift, number: int) -> dict[str, list[Any]]:
    queue = (await shift.call(shift.admin, "GET", f"/queue/clinic/{number}")).json()["data"]["queue"]
    names = {**{name: name for name in COLUMNS}, "in_progress": "inProgress", "on_hold": "onHold"}
    return {name: [_shown(one) for one in queue[theirs]] for name, theirs in names.items()}


async def the_doctor(shift: Shift, number: int) -> dict[str, list[Any]]:
    queue = (await shift.call(shift.admin, "GET", f"/queue/doctor/{number}")).json()["data"]["queue"]
    visits = (await shift.call(shift.admin, "GET", f"/visits?doctorId={number}&status=COMPLETED&limit=100")).json()
    done = sorted(visits["data"], key=lambda one: (one["completedAt"], one["id"]))
    found: dict[str, list[Any]] = {name: [] for name in (*COLUMNS, "on_hold")}
    for one in [*queue, *done]:
        found["waiting" if one["status"] == "SKIPPED" else one["status"].lower()].append(_shown(one))
    return found


COLUMNS = ("waiting", "called", "in_progress", "completed")


def _shown(visit: dict[str, Any]) -> tuple[int, str, str]:
    return visit["id"], visit["tokenLabel"], visit["status"].lower()
