"""Screens over TCP: streams and sockets that keep what they were told, and what they should have been told.

Who hears of what is said here a second time, from the events' rows alone and without the program's own table.
"""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx2
import socketio

from outpatient.models.columns import text_to_instant
from tests.makers import Persona
from tests.outside import until
from tests.races.conftest import Clinic
from tests.realtime.streams import Message, message_of

AT_ONCE = 10  # streams opened at the same time, so that servers take few connections to a store that others use too
PATIENCE = 60.0  # seconds that something may take which only a broken program does not do at once

Heard = tuple[int, str]
"""An event (streams say its position, sockets its id) and the name under which it was told."""


@dataclass(frozen=True)
class Happened:
    """A row of the event table."""

    id: int
    position: int
    name: str
    subject_id: int
    payload: dict[str, Any]
    at: datetime

    @property
    def places(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Where it is and where it was."""
        return self.payload, {**self.payload, **(self.payload.get("before") or {})}

    @property
    def is_of_a_patient(self) -> bool:
        """Whether it tells of somebody's appointment or visit."""
        return self.name.startswith(("appointment.", "visit."))


Hears = Callable[[Happened], bool]


async def last_position(clinic: Clinic) -> int:
    """The last position there is, once everything that happened has its own."""
    while (await clinic.rows("SELECT count(*) FROM events WHERE position IS NULL"))[0][0]:
        await asyncio.sleep(0.05)
    return (await clinic.rows("SELECT COALESCE(max(position), 0) FROM events"))[0][0]


async def what_happened(clinic: Clinic, after: int) -> list[Happened]:
    """What happened in the hospital after a position, in order, once everything has its position."""
    last = await last_position(clinic)
    rows = await clinic.rows(
        "SELECT id, position, name, subject_id, payload, at, hospital_id FROM events"
        f" WHERE position > {after} ORDER BY position"
    )
    assert [row[1] for row in rows] == list(range(after + 1, last + 1)), "positions stand in a row"
    happened = [
        Happened(*row[:4], *map(_typed, row[4:6], (json.loads, text_to_instant)))
        for row in rows
        if row.hospital_id == clinic.hospital.id
    ]
    told: dict[tuple[bool, int], int] = {}
    for one in happened:
        if one.is_of_a_patient:
            subject = (one.name.startswith("visit."), one.subject_id)
            assert told.get(subject, 0) < one.id, "what happened to a visit stands in the order in which it happened"
            told[subject] = one.id
    return happened


def _typed(value: Any, read: Callable[[str], Any]) -> Any:
    """SQLite answers texts."""
    return read(value) if isinstance(value, str) else value


# -- who hears of what -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class House:
    """Where the clinicians work: clinician → (centre, department)."""

    homes: dict[int, tuple[int, int]]

    def at_reception(self, *centres: int) -> Hears:
        """The reception hears of its centres' appointments and visits and of who is on duty, and of every patient."""

        def hears(one: Happened) -> bool:
            if one.name in ("patient.created", "patient.updated"):
                return True
            if one.name == "clinician.on_duty_set":
                return self.homes[one.subject_id][0] in centres
            return one.is_of_a_patient and any(place["centre_id"] in centres for place in one.places)

        return hears

    def at_doctor(self, clinician: int) -> Hears:
        """A doctor's screen hears of his patients, of those who wait for anybody of his department, and of himself."""
        department = self.homes[clinician][1]

        def is_his(place: dict[str, Any]) -> bool:
            of = place["clinician_id"]
            return of == clinician or (of is None and place.get("department_id") == department)

        def hears(one: Happened) -> bool:
            if one.name == "clinician.on_duty_set":
                return one.subject_id == clinician
            return one.is_of_a_patient and any(map(is_his, one.places))

        return hears

    def called_to(self, clinician: int) -> Hears:
        """A patient of his is called or goes in."""

        def hears(one: Happened) -> bool:
            return (
                one.name == "visit.status_changed"
                and one.payload["status"] in ("CALLED", "IN_PROGRESS")
                and any(place["clinician_id"] == clinician for place in one.places)
            )

        return hears


def in_waiting_room(department: int) -> Hears:
    """A waiting room hears of the tokens that are, or were, called there."""

    def hears(one: Happened) -> bool:
        return one.name.startswith("visit.") and any(
            place["department_id"] == department and place["token_label"] is not None for place in one.places
        )

    return hears


def by_patient(patient: int) -> Hears:
    """A patient hears of his own appointments and visits."""
    return lambda one: one.is_of_a_patient and one.payload["patient_id"] == patient


def either(*rules: Hears) -> Hears:
    return lambda one: any(hears(one) for hears in rules)


def socket_name(name: str) -> str:
    """An event's name in seed 000's Socket.IO."""
    own = {
        "visit.checked_in": "new_checkin",
        "visit.walk_in_added": "walkin_added",
        "appointment.created": "appointment_created",
        "appointment.cancelled": "appointment_cancelled",
        "appointment.expired": "appointment_cancelled",
        "patient.created": "patient_created",
        "patient.updated": "patient_updated",
        "clinician.on_duty_set": "clinician_on_duty",
        "visit.status_changed": "visit_status_changed",
        "visit.undone": "visit_status_changed",
    }
    return own.get(name) or ("visit_updated" if name.startswith("visit.") else "appointment_updated")


# -- streams -----------------------------------------------------------------------------------------------------------


@dataclass
class Screen:
    """A screen on a stream. When its server dies it goes on at the next one, after the last message that it has."""

    name: str
    persona: Persona
    path: str
    hears: Hears = lambda _: False
    heard: list[Heard] = field(default_factory=list)  # (position, event)
    ids: dict[int, int] = field(default_factory=dict)  # position → the event's id, where a message says it
    opened: int = 0  # how often
    snapshots: int = 0
    farewell: Message | None = None
    status: int = 0
    has_ended: bool = False  # by the server's own will
    is_over: bool = False  # for whatever reason
    _last: int | None = None

    def expected(self, happened: Sequence[Happened]) -> list[Heard]:
        return [(one.position, one.name) for one in happened if self.hears(one)]

    async def follow(self, clients: AsyncIterator[httpx2.AsyncClient]) -> None:
        """Read until the stream ends; after a loss, go on at the next server."""
        try:
            async for client in clients:
                with contextlib.suppress(httpx2.TransportError):
                    await self._read(client)
                    self.has_ended = True
                    return
        finally:
            self.is_over = True

    async def _read(self, client: httpx2.AsyncClient) -> None:
        headers = dict(self.persona.headers)
        if self._last is not None:
            headers["Last-Event-ID"] = str(self._last)
        async with client.stream("GET", f"/api/v1{self.path}", headers=headers) as response:
            self.status = response.status_code
            rest = b""
            async for chunk in response.aiter_raw():
                *blocks, rest = (rest + chunk).split(b"\n\n")
                for block in blocks:
                    self._take(block.decode())

    def _take(self, block: str) -> None:
        if block.startswith(":"):
            return
        message = message_of(block)
        match message.type:
            case "connected":
                self.opened += 1
            case "queue.updated":
                self.snapshots += message.id is not None  # without one it only shows waits anew, after half a minute
            case "bye":
                self.farewell = message
            case _:
                assert message.id is not None
                self.heard.append((message.id, message.type))
                if "eventId" in message.data:
                    self.ids[message.id] = message.data["eventId"]
        self._last = self._last if message.id is None else message.id


# -- sockets -----------------------------------------------------------------------------------------------------------


@dataclass
class Socket:
    """A Socket.IO client in some rooms of seed 000."""

    name: str
    persona: Persona
    rooms: tuple[tuple[str, dict[str, int]], ...] = ()  # how each is joined
    hears: Hears = lambda _: False
    called: Hears = lambda _: False  # of what of that it hears once more, as a patient who can come in
    heard: list[Heard] = field(default_factory=list)  # (event's id, name)
    boards: list[dict[str, Any]] = field(default_factory=list)
    has_ended: bool = False
    client: Any = None

    def expected(self, happened: Sequence[Happened]) -> list[Heard]:
        """An event, and after it what follows from it."""
        found = []
        for one in happened:
            if self.hears(one):
                found.append((one.id, socket_name(one.name)))
            if self.called(one):
                found.append((one.id, "current_appointment_available"))
        return found

    async def connect(self, server: httpx2.AsyncClient) -> None:
        """Connect to a server and join the rooms: a queue for each is here when this ends."""
        self.boards.clear()
        self.has_ended = False
        self.client = client = socketio.AsyncClient(reconnection=False)
        client.on("*", self._take)
        client.on("disconnect", self._end)
        token = self.persona.headers["Authorization"].removeprefix("Bearer ")
        auth = {"token": token, "hospitalId": self.persona.hospital_id}
        await client.connect(str(server.base_url), auth=auth, transports=["websocket"], wait_timeout=PATIENCE)
        for event, data in self.rooms:
            answer = await client.call(event, data, timeout=int(PATIENCE))
            assert "joined" in answer, answer
        self.heard.clear()  # until now it was not in all of its rooms
        await until(lambda: len(self.boards) >= len(self.rooms), f"{self.name} is shown the queue", PATIENCE)

    async def _take(self, name: str, data: dict[str, Any]) -> None:
        if name == "queue_updated":
            self.boards.append(data)
        elif name != "phases_updated":
            self.heard.append((data["event_id"], name))

    async def _end(self, _reason: str) -> None:
        self.has_ended = True

    def last_board(self, key: str, number: int) -> dict[str, Any]:
        """The last picture of a queue, by `clinic_id` or `doctor_id`."""
        return [board for board in self.boards if board.get(key) == number][-1]


# -- all of them -------------------------------------------------------------------------------------------------------


def differences(name: str, expected: Sequence[tuple[int, str]], heard: Sequence[tuple[int, str]]) -> list[str]:
    """In words, how what was heard is not what should have been: each once, in order, and nothing else."""
    if list(heard) == list(expected):
        return []
    lost = [one for one in expected if one not in set(heard)]
    twice = [one for one, times in Counter(heard).items() if times > 1]
    alien = [one for one in heard if one not in set(expected)]
    found = [
        f"{name} {what}: {len(which)} of {len(expected)}, such as {which[:3]}"
        for what, which in (("missed", lost), ("heard twice", twice), ("heard what is not for it", alien))
        if which
    ]
    return found or [f"{name} heard in another order"]


class Room:
    """Everybody who looks at a screen in one test."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic
        self.after = 0  # everybody should know what comes after this position
        self.screens: list[Screen] = []
        self.sockets: list[Socket] = []
        self._clients: dict[str, httpx2.AsyncClient] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Room":  # noqa: PYI034 (never subclassed)
        self.after = await last_position(self.clinic)
        return self

    async def __aexit__(self, *_failure: object) -> None:
        for socket in self.sockets:
            await socket.client.disconnect()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for client in self._clients.values():
            await client.aclose()

    async def open(self, *screens: Screen, servers: Sequence[int] = (0,)) -> None:
        """Open streams at the first of these servers, to go on at the others; all have their first picture then."""
        self.screens += screens
        for first in range(0, len(screens), AT_ONCE):
            some = screens[first : first + AT_ONCE]
            for screen in some:
                following = screen.follow(self._clients_of(servers))
                self._tasks.append(asyncio.create_task(following, name=f"screen {screen.name}"))
            await until(lambda: all(one.snapshots or one.is_over for one in some), "all have a picture", PATIENCE)  # noqa: B023 (used at once)
        without = [f"{one.name}: status {one.status}" for one in screens if not one.snapshots]
        assert not without, without

    async def connect(self, *sockets: Socket, server: int = 0) -> None:
        self.sockets += sockets
        await asyncio.gather(*(socket.connect(self.clinic.clients[server]) for socket in sockets))

    async def _clients_of(self, servers: Sequence[int]) -> AsyncIterator[httpx2.AsyncClient]:
        """Clients of these servers for streams alone; of one that is not there yet, as soon as it is."""
        for number in servers:
            while number >= len(self.clinic.clients):
                await asyncio.sleep(0.05)
            url = str(self.clinic.clients[number].base_url)
            if url not in self._clients:
                limits, timeout = httpx2.Limits(max_connections=None), httpx2.Timeout(PATIENCE, read=None)
                self._clients[url] = httpx2.AsyncClient(base_url=url, limits=limits, timeout=timeout)
            yield self._clients[url]

    async def judge(
        self, sockets: Sequence[Socket] | None = None, happened: Sequence[Happened] = (), seconds: float = PATIENCE
    ) -> list[Happened]:
        """Everybody was told what is for him, each once and in order, and nothing else; answers what happened."""
        sockets = self.sockets if sockets is None else sockets
        happened = happened or await what_happened(self.clinic, self.after)

        ids = {one.position: one.id for one in happened}
        expected = [(one, one.expected(happened)) for one in (*self.screens, *sockets)]
        with contextlib.suppress(AssertionError):  # what is wrong is said below
            await until(lambda: all(len(one.heard) >= len(all_) for one, all_ in expected), "all is heard", seconds)
        wrong = [line for one, all_ in expected for line in differences(one.name, all_, one.heard)]
        wrong += [f"{one.name} says another event's id" for one in self.screens if not one.ids.items() <= ids.items()]
        assert not wrong, "\n".join(wrong)
        return list(happened)
