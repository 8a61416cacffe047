"""Who may open a stream, and by what: the header or a ticket, never a token in an address."""

import pytest
from sqlalchemy import func, select

from outpatient.access.tokens import digest
from outpatient.models import StreamTicket
from outpatient.realtime.sweeps import forget_old_tickets
from tests.makers import Persona
from tests.told import told_requests


async def ticket_of(persona: Persona) -> str:
    answer = await persona.post("/stream-tickets")
    assert answer.status_code == 201, answer.text
    ticket: str = answer.json()["data"]["ticket"]
    return ticket


async def refusal(listen, persona: Persona, path: str, **headers: str) -> tuple[int, bytes]:
    """The status and the body of a stream that is not opened."""
    async with listen(persona, path, **headers) as reader:
        with pytest.raises(EOFError):
            await reader.next()
    return reader.status, reader.raw


async def test_a_ticket_opens_one_stream(listen, make, as_admin, as_nobody, hospital):
    answer = await as_admin.post("/stream-tickets")
    ticket = answer.json()["data"]
    assert ticket["expiresAt"] == "2026-03-02T03:30:30Z"
    path = f"/sse/reception/{hospital.id}?ticket={ticket['ticket']}"

    async with listen(as_nobody, path) as reader:
        assert (await reader.next()).type == "connected"
    status, body = await refusal(listen, as_nobody, path)

    assert status == 401
    assert b"ask for a new one" in body


async def test_a_ticket_ends_after_half_a_minute(listen, as_admin, as_nobody, hospital, clock):
    ticket = await ticket_of(as_admin)
    clock.advance(seconds=30)

    assert (await refusal(listen, as_nobody, f"/sse/me?ticket={ticket}"))[0] == 401


async def test_a_ticket_is_its_users_and_no_more(listen, as_front_desk, as_nobody, as_patient, doctor, hospital):
    path = f"/sse/reception/{hospital.id}?ticket="
    assert (await refusal(listen, as_nobody, path + await ticket_of(as_patient)))[0] == 403

    async with listen(as_nobody, f"/sse/me?ticket={await ticket_of(as_patient)}") as reader:
        assert (await reader.next()).data == {"stream": "me", "userId": as_patient.user_id}


async def test_a_ticket_dies_with_its_session(listen, as_admin, as_manager, as_nobody):
    ticket = await ticket_of(as_manager)
    assert (await as_manager.post("/auth/logout", {"refreshToken": as_manager.refresh_token})).status_code == 200

    assert (await refusal(listen, as_nobody, f"/sse/me?ticket={ticket}"))[0] == 401


async def test_what_is_kept_of_a_ticket_opens_nothing(listen, make, as_admin, as_nobody):
    ticket = await ticket_of(as_admin)
    async with make.database.reading() as tx:
        kept = await tx.all(select(StreamTicket.digest).where(StreamTicket.user_id == as_admin.user_id))

    assert kept == [digest(ticket)]
    assert (await refusal(listen, as_nobody, f"/sse/me?ticket={kept[0]}"))[0] == 401


async def test_old_tickets_are_forgotten(make, as_admin, clock):
    await ticket_of(as_admin)
    clock.advance(seconds=20)
    await ticket_of(as_admin)
    clock.advance(seconds=15)
    await forget_old_tickets(make.database)

    async with make.database.reading() as tx:
        left = select(func.count()).select_from(StreamTicket).where(StreamTicket.user_id == as_admin.user_id)
        assert await tx.one_or_none(left) == 1


@pytest.mark.parametrize("name", ["ticket", "token", "access_token", "jwt", "authorization"])
async def test_a_token_in_the_address_is_refused(listen, as_admin, as_nobody, hospital, name):
    token = as_admin.headers["Authorization"].removeprefix("Bearer ")

    status, body = await refusal(listen, as_nobody, f"/sse/reception/{hospital.id}?{name}={token}")

    assert status == 401
    assert token.encode() not in body


async def test_a_good_header_does_not_excuse_a_token_in_the_address(listen, as_admin, hospital):
    token = as_admin.headers["Authorization"].removeprefix("Bearer ")

    assert (await refusal(listen, as_admin, f"/sse/reception/{hospital.id}?token={token}"))[0] == 401


async def test_no_log_line_holds_a_ticket(listen, as_admin, as_nobody):
    ticket = await ticket_of(as_admin)
    with told_requests() as lines:
        async with listen(as_nobody, f"/sse/me?ticket={ticket}") as reader:
            await reader.until("queue.updated")

    assert any("/sse/me" in line for line in lines)
    assert not any(ticket in line for line in lines)


@pytest.mark.parametrize("path", ["/sse/reception/{hospital}", "/sse/doctor/{doctor}", "/sse/me"])
async def test_streams_of_people_are_not_for_nobody(listen, as_nobody, hospital, doctor, path):
    path = path.format(hospital=hospital.id, doctor=doctor.clinician_id)

    status, body = await refusal(listen, as_nobody, path)

    assert status == 401
    assert b"UNAUTHORIZED" in body


async def test_the_reception_of_another_hospital_is_not_there(listen, as_admin, as_stranger, hospital):
    assert (await refusal(listen, as_stranger, f"/sse/reception/{hospital.id}"))[0] == 404
    assert (await refusal(listen, as_admin, f"/sse/reception/{as_stranger.hospital_id}"))[0] == 404
    assert (await refusal(listen, as_admin, "/sse/reception/0"))[0] == 400


async def test_a_doctors_stream_is_for_him_and_for_the_reception(
    listen, doctor, other_doctor, as_patient, as_stranger, as_front_desk
):
    path = f"/sse/doctor/{doctor.clinician_id}"

    assert (await refusal(listen, other_doctor, path))[0] == 404
    assert (await refusal(listen, as_stranger, path))[0] == 404
    assert (await refusal(listen, as_patient, path))[0] == 403
    for persona in (doctor, as_front_desk):
        async with listen(persona, path) as reader:
            assert (await reader.next()).data == {"stream": "doctor", "doctorId": doctor.clinician_id}


async def test_a_patient_has_no_reception(listen, as_patient, hospital):
    assert (await refusal(listen, as_patient, f"/sse/reception/{hospital.id}"))[0] == 403


async def test_a_waiting_room_that_is_not_there(listen, as_nobody, as_admin, department_id):
    assert (await refusal(listen, as_nobody, "/sse/waiting-room/999999999"))[0] == 404
    answer = await as_admin.delete(f"/departments/{department_id}")
    assert answer.status_code == 200, answer.text
    assert (await refusal(listen, as_nobody, f"/sse/waiting-room/{department_id}"))[0] == 404


async def test_the_owner_of_the_platform_listens_where_he_names_the_hospital(listen, make, hospital):
    path = f"/sse/reception/{hospital.id}"

    assert (await refusal(listen, await make.superadmin(), path))[0] == 403
    async with listen(await make.superadmin(hospital), path) as reader:
        assert (await reader.next()).type == "connected"


async def test_who_may_have_a_ticket(make, hospital):
    async def ask(persona: Persona):
        return await persona.post("/stream-tickets")

    everybody = {"ADMIN", "MANAGER", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK", "CLINICIAN", "PATIENT"}
    assert await make.who_may(hospital, ask) == everybody
