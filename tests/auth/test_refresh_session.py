"""New tokens for an old one: `POST /auth/refresh` and `POST /patient-auth/refresh-token`."""

import asyncio

import pytest
from sqlalchemy import func, select

from outpatient.core.terms import Role
from outpatient.models import Clinician, Membership, Patient, RefreshToken, Session, User
from tests.signing import change, everything_stored, program_like

pytestmark = pytest.mark.anyio

REFRESH = "/auth/refresh"


async def refresh(persona, token: str | None = None):
    return await persona.post(REFRESH, {"refreshToken": token or persona.refresh_token})


@pytest.mark.parametrize("path", ["/auth/refresh", "/patient-auth/refresh-token"])
async def test_a_refresh_token_gives_new_tokens(as_patient, as_front_desk, as_nobody, path):
    for persona in (as_patient, as_front_desk):
        answer = await as_nobody.post(path, {"refreshToken": persona.refresh_token})
        assert answer.status_code == 200, answer.text
        assert answer.json()["success"] is True
        data = answer.json()["data"]
        assert data["refreshToken"] != persona.refresh_token
        me = await as_nobody.get("/auth/me", headers={"Authorization": f"Bearer {data['accessToken']}"})
        assert me.json()["data"]["id"] == persona.user_id


async def test_tokens_are_nowhere_readable_in_the_store(as_patient, outpatient):
    renewed = (await refresh(as_patient)).json()["data"]
    stored = await everything_stored(outpatient)
    for token in (as_patient.refresh_token, renewed["refreshToken"], renewed["accessToken"]):
        assert token not in stored


async def test_a_token_used_twice_ends_its_whole_session_at_once(as_patient):
    newer = (await refresh(as_patient)).json()["data"]
    bearer = {"Authorization": f"Bearer {newer['accessToken']}"}
    assert (await as_patient.get("/auth/me", headers=bearer)).status_code == 200

    stolen = await refresh(as_patient)

    assert stolen.status_code == 401
    assert stolen.json()["error"]["code"] == "INVALID_TOKEN"
    assert (await refresh(as_patient, newer["refreshToken"])).status_code == 401
    assert (await as_patient.get("/auth/me", headers=bearer)).status_code == 401
    assert (await as_patient.get("/auth/me")).status_code == 401


async def test_one_sessions_theft_leaves_the_persons_other_sessions_alone(as_patient, make, outpatient):
    async with outpatient.database.transaction() as tx:
        user = await tx.session.get_one(User, as_patient.user_id)
        phone_at_home = make.nobody(type("Where", (), {"id": as_patient.hospital_id}))
        await make._sign_in(
            tx, phone_at_home, user, (await tx.one_or_none(select(Session.kind).where(Session.user_id == user.id)))
        )
    await refresh(as_patient)
    await refresh(as_patient)
    assert (await as_patient.get("/auth/me")).status_code == 401
    assert (await phone_at_home.get("/auth/me")).status_code == 200
    assert (await refresh(phone_at_home)).status_code == 200


async def test_of_fifty_parallel_refreshes_one_succeeds_and_the_session_is_dead(as_patient, outpatient):
    answers = await asyncio.gather(*(refresh(as_patient) for _ in range(50)))
    good = [answer for answer in answers if answer.status_code == 200]
    assert len(good) == 1
    assert {answer.status_code for answer in answers} == {200, 401}
    assert (await refresh(as_patient, good[0].json()["data"]["refreshToken"])).status_code == 401
    async with outpatient.database.reading() as tx:
        query = select(func.count()).select_from(RefreshToken).join(Session, Session.id == RefreshToken.session_id)
        assert await tx.one_or_none(query.where(Session.user_id == as_patient.user_id)) == 2


async def test_two_processes_never_both_accept_one_token(as_patient, outpatient):
    async with program_like(outpatient) as (_, one), program_like(outpatient) as (_, two):
        body = {"refreshToken": as_patient.refresh_token}
        answers = await asyncio.gather(
            *(client.post("/api/v1/auth/refresh", json=body) for client in (one, two) for _ in range(8))
        )
    assert [answer.status_code for answer in answers].count(200) == 1


async def test_a_session_ends_seven_days_after_signing_in_however_often_it_was_refreshed(as_patient, clock):
    token = as_patient.refresh_token
    for _ in range(6):
        clock.advance(days=1)
        answer = await refresh(as_patient, token)
        assert answer.status_code == 200
        token = answer.json()["data"]["refreshToken"]
    clock.advance(hours=23, minutes=59, seconds=59)
    answer = await refresh(as_patient, token)
    assert answer.status_code == 200
    clock.advance(seconds=1)
    assert (await refresh(as_patient, answer.json()["data"]["refreshToken"])).status_code == 401
    bearer = {"Authorization": f"Bearer {answer.json()['data']['accessToken']}"}
    assert (await as_patient.get("/auth/me", headers=bearer)).status_code == 401


async def test_an_access_token_lives_fifteen_minutes(as_patient, clock):
    clock.advance(minutes=14, seconds=59)
    assert (await as_patient.get("/auth/me")).status_code == 200
    clock.advance(seconds=1)
    late = await as_patient.get("/auth/me")
    assert late.status_code == 401
    assert late.json()["error"]["code"] == "TOKEN_EXPIRED"
    assert late.headers["www-authenticate"] == "Bearer"


async def test_who_somebody_is_is_read_anew(as_front_desk, outpatient, hospital):
    await change(outpatient, Membership, Membership.user_id == as_front_desk.user_id, role=Role.CLINICIAN)
    async with outpatient.database.transaction() as tx:
        profile = {"specialization": [], "qualification": [], "languages": []}
        row = {"hospital_id": hospital.id, "user_id": as_front_desk.user_id, "primary_centre_id": hospital.centre_id}
        clinician = await tx.add(Clinician(**row, **profile, consultation_fee_minor=100, created_at=tx.now))
    data = (await refresh(as_front_desk)).json()["data"]
    me = await as_front_desk.get("/auth/me", headers={"Authorization": f"Bearer {data['accessToken']}"})
    assert me.json()["data"]["roleName"] == "CLINICIAN"
    assert me.json()["data"]["clinicianId"] == clinician.id


async def test_nobody_refreshes_who_may_no_longer_come_in(as_manager, as_front_desk, as_patient, outpatient, clock):
    await change(outpatient, User, User.id == as_manager.user_id, is_active=False)
    await change(outpatient, Membership, Membership.user_id == as_front_desk.user_id, deleted_at=clock.now())
    await change(outpatient, Patient, Patient.id == as_patient.patient_id, deleted_at=clock.now())
    for persona in (as_manager, as_front_desk, as_patient):
        assert (await refresh(persona)).status_code == 401


@pytest.mark.parametrize("token", ["unknown", "\x00", "é", "x" * 4096])
async def test_an_unknown_token_is_refused(as_nobody, token):
    refused = await refresh(as_nobody, token)
    assert refused.status_code == 401
    assert refused.json()["error"]["code"] == "INVALID_TOKEN"


@pytest.mark.parametrize("body", [{}, {"refreshToken": ""}, {"refreshToken": 5}, {"refreshToken": "x" * 4097}])
async def test_what_is_no_token_is_refused_by_name(as_nobody, body):
    refused = await as_nobody.post(REFRESH, body)
    assert refused.status_code == 400
    assert list(refused.json()["error"]["details"]) == ["refreshToken"]


async def test_an_access_token_is_no_refresh_token_nor_the_other_way(as_patient):
    access = as_patient.headers["Authorization"].removeprefix("Bearer ")
    assert (await refresh(as_patient, access)).status_code == 401
    swapped = await as_patient.get("/auth/me", headers={"Authorization": f"Bearer {as_patient.refresh_token}"})
    assert swapped.status_code == 401
    assert swapped.json()["error"]["code"] == "INVALID_TOKEN"
