"""Whoever is out is cut off, on whichever process he hangs."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tests.makers import Persona
from tests.outside import until
from tests.races.screens import PATIENCE, Room, Screen, Socket, by_patient
from tests.races.shift import Shift, screens_of, shift_at, sockets_of

pytestmark = pytest.mark.anyio

Way = Callable[[Shift, Persona], Awaitable[Any]]


@pytest.fixture(scope="module")
def endings_url(new_database) -> str:
    return new_database("endings")


@pytest.fixture(scope="module")
async def shift(anyio_backend: str, endings_url: str, folders) -> AsyncIterator[Shift]:
    async with shift_at(endings_url, folders) as shift:
        yield shift


async def at_first(shift: Shift, persona: Persona, method: str, path: str, body: Any = None) -> None:
    """A call at the first server."""
    answer = await shift.clinic.call(persona, method, path, body, server=0)
    assert answer.is_success, answer.text


async def signs_out(shift: Shift, who: Persona) -> None:
    await at_first(shift, who, "POST", "/auth/logout", {"refreshToken": who.refresh_token})


async def is_disabled(shift: Shift, who: Persona) -> None:
    await at_first(shift, shift.admin, "PATCH", f"/users/{who.user_id}/toggle-active")


async def is_dismissed(shift: Shift, who: Persona) -> None:
    await at_first(shift, shift.admin, "DELETE", f"/users/{who.user_id}")


async def gets_another_role(shift: Shift, who: Persona) -> None:
    await at_first(shift, shift.admin, "PUT", f"/users/{who.user_id}", {"roleId": 5})


async def gets_another_password(shift: Shift, who: Persona) -> None:
    await at_first(shift, shift.admin, "PUT", f"/users/{who.user_id}", {"password": "Quite-another-1"})


@pytest.mark.parametrize("way", [signs_out, is_disabled, is_dismissed, gets_another_role, gets_another_password])
async def test_who_is_out_by_one_process_is_cut_off_by_the_other(shift, way: Way):
    who, last = await shift.clinic.make.staff(shift.clinic.hospital, "FRONT_DESK"), shift.alive[-1]
    room_of = ("join_queue_room", {"clinic_id": shift.centres[0]})
    reception = f"/sse/reception/{shift.clinic.hospital.id}"
    screen, socket = Screen("his screen", who, reception), Socket("his socket", who, (room_of,))
    async with Room(shift.clinic) as his, Room(shift.clinic) as others:
        await his.open(screen, servers=[last])
        await his.connect(socket, server=last)
        await others.open(*screens_of(shift, "others"), servers=[last])
        await others.connect(*sockets_of(shift, "others"), server=last)

        await way(shift, who)
        await until(lambda: screen.has_ended, "his stream ended", PATIENCE)
        await until(lambda: socket.has_ended, "his socket ended", PATIENCE)
        assert screen.farewell.data["reason"] in {"SIGNED_OUT", "MOVED"}

        await shift.ring()
        await others.judge()
        assert not any(one.has_ended for one in (*others.screens, *others.sockets)), "and nobody else's"


async def test_a_patient_who_signs_out_is_cut_off_too(shift):
    who = await shift.clinic.make.patient(shift.clinic.hospital)
    screen = Screen("his screen", who, "/sse/me", by_patient(who.patient_id))
    async with Room(shift.clinic) as room:
        await room.open(screen, servers=[shift.alive[-1]])
        await at_first(shift, who, "POST", "/patient-auth/logout", {"refreshToken": who.refresh_token})
        await until(lambda: screen.has_ended, "his stream ended", PATIENCE)
        assert screen.farewell.data == {"reason": "SIGNED_OUT"}
