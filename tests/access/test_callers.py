"""Who is calling, as of now: the cache behind every signed-in call."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from outpatient.access.permissions import CENTRE_BOUND
from outpatient.access.tokens import AccessTokens
from outpatient.core.terms import Role
from outpatient.models import Hospital, Membership, MembershipCentre, Session, User
from tests.signing import change, program_like

pytestmark = pytest.mark.anyio


async def test_a_change_elsewhere_is_known_within_five_seconds(as_manager, outpatient, clock):
    async with program_like(outpatient) as (_, client):

        async def seen() -> int:
            return (await client.get("/api/v1/auth/me", headers=as_manager.headers)).status_code

        assert await seen() == 200
        await change(outpatient, User, User.id == as_manager.user_id, is_active=False)
        clock.advance(seconds=4.999)
        assert await seen() == 200
        clock.advance(seconds=0.001)
        assert await seen() == 401


async def test_signing_out_elsewhere_ends_access_here_within_five_seconds(as_manager, outpatient, clock):
    async with program_like(outpatient) as (_, client):
        assert (await client.get("/api/v1/auth/me", headers=as_manager.headers)).status_code == 200
        await as_manager.post("/auth/logout", {"refreshToken": as_manager.refresh_token})
        assert (await as_manager.get("/auth/me")).status_code == 401
        clock.advance(seconds=5)
        assert (await client.get("/api/v1/auth/me", headers=as_manager.headers)).status_code == 401


async def test_a_change_told_to_the_transaction_is_known_here_at_once(as_manager, outpatient):
    assert (await as_manager.get("/auth/me")).json()["data"]["roleName"] == "MANAGER"
    async with outpatient.database.transaction() as tx:
        tx.forget_person(as_manager.user_id)
        mine = update(Membership).where(Membership.user_id == as_manager.user_id)
        await tx.execute(mine.values(role=Role.FRONT_DESK))
    assert (await as_manager.get("/auth/me")).json()["data"]["roleName"] == "FRONT_DESK"


async def test_a_change_that_was_undone_forgets_nobody_wrongly(as_manager, outpatient):
    async def change_and_fail() -> None:
        async with outpatient.database.transaction() as tx:
            tx.forget_person(as_manager.user_id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await change_and_fail()
    assert (await as_manager.get("/auth/me")).status_code == 200


async def test_a_raised_version_ends_every_token_given_out_so_far(as_manager, outpatient, clock):
    await change(outpatient, User, User.id == as_manager.user_id, version=User.version + 1)
    clock.advance(seconds=5)
    assert (await as_manager.get("/auth/me")).status_code == 401


async def test_another_hospitals_number_is_403_and_garbage_is_400(as_manager, as_patient, as_stranger):
    elsewhere = {"X-Hospital-Id": str(as_stranger.hospital_id)}
    for persona in (as_manager, as_patient):
        assert (await persona.get("/auth/me", headers=elsewhere)).status_code == 403
        assert (await persona.get("/auth/me", headers={"X-Hospital-Id": str(2**53 - 1)})).status_code == 403
        for garbage in ("0", "-1", "abc", "1.0", "", " ", "9" * 16, "9" * 5000, "1 OR 1=1"):
            refused = await persona.get("/auth/me", headers={"X-Hospital-Id": garbage})
            assert refused.status_code == 400, garbage
            assert list(refused.json()["error"]["details"]) == ["X-Hospital-Id"]
        refused = await persona.get("/auth/me", headers={"X-Hospital-Id": "²".encode("latin-1")})
        assert refused.status_code == 400


async def test_the_header_chooses_among_the_hospitals_one_works_in(as_manager, make, outpatient):
    second = await make.hospital()
    async with outpatient.database.transaction() as tx:
        row = {"hospital_id": second.id, "user_id": as_manager.user_id, "role": Role.FRONT_DESK, "created_at": tx.now}
        await tx.add(Membership(**row))
    there = (await as_manager.get("/auth/me", headers={"X-Hospital-Id": str(second.id)})).json()["data"]
    here = (await as_manager.get("/auth/me")).json()["data"]
    assert (there["hospitalId"], there["roleName"]) == (second.id, "FRONT_DESK")
    assert (here["hospitalId"], here["roleName"]) == (as_manager.hospital_id, "MANAGER")
    del as_manager.headers["X-Hospital-Id"]
    assert (await as_manager.get("/auth/me")).json()["data"]["hospitalId"] == here["hospitalId"]


async def test_a_closed_hospital_lets_nobody_in(as_manager, as_patient, hospital, outpatient):
    await change(outpatient, Hospital, Hospital.id == hospital.id, is_active=False)
    assert (await as_manager.get("/auth/me")).status_code == 401
    assert (await as_patient.get("/auth/me")).status_code == 403


async def test_a_superadmin_acts_as_admin_of_the_hospital_that_he_names(make, hospital, outpatient):
    persona = await make.staff(hospital, "MANAGER")
    await change(outpatient, User, User.id == persona.user_id, is_superadmin=True)
    await change(
        outpatient, Membership, Membership.user_id == persona.user_id, deleted_at=outpatient.database.clock.now()
    )
    assert (await persona.get("/auth/me")).json()["data"]["roleName"] == "ADMIN"
    assert (await persona.get("/auth/me", headers={"X-Hospital-Id": str(2**53 - 1)})).status_code == 403


async def test_a_session_of_another_user_is_refused(as_manager, as_patient, outpatient, settings, clock):
    mine = outpatient.tokens.read(as_manager.headers["Authorization"][7:], clock.now())
    forged = outpatient.tokens.issue(
        user_id=as_patient.user_id,
        session_id=mine.session_id,
        kind=mine.kind,
        hospital_id=mine.hospital_id,
        version=1,
        now=clock.now(),
    )
    assert (await as_patient.get("/auth/me", headers={"Authorization": f"Bearer {forged}"})).status_code == 401
    stranger = AccessTokens("another secret of at least 32 bytes!!", timedelta(minutes=15))
    foreign = stranger.issue(
        user_id=mine.user_id,
        session_id=mine.session_id,
        kind=mine.kind,
        hospital_id=mine.hospital_id,
        version=mine.version,
        now=clock.now(),
    )
    assert (await as_manager.get("/auth/me", headers={"Authorization": f"Bearer {foreign}"})).status_code == 401


async def test_sessions_of_different_people_never_mix(as_manager, as_patient, as_clinician, as_stranger):
    people = [as_manager, as_patient, as_clinician, as_stranger]
    calls = [people[number % 4] for number in range(100)]
    answers = await asyncio.gather(*(persona.get("/auth/me") for persona in calls))
    for persona, answer in zip(calls, answers, strict=True):
        me = answer.json()["data"]
        assert (me["id"], me["hospitalId"]) == (persona.user_id, persona.hospital_id)


async def test_what_was_read_before_a_change_is_not_remembered_after_it(as_manager, outpatient, clock):
    callers = outpatient.callers
    claims = callers.read(as_manager.headers["Authorization"][7:])
    callers.forget(as_manager.user_id)
    asked = asyncio.ensure_future(callers.identify(claims, None))
    await asyncio.sleep(0)
    callers.forget(as_manager.user_id)
    await asked
    assert as_manager.user_id not in callers._known


async def test_a_session_that_ran_out_is_over(as_manager, outpatient, clock):
    await change(outpatient, Session, Session.user_id == as_manager.user_id, expires_at=clock.now())
    refused = await as_manager.get("/auth/me")
    assert refused.status_code == 401
    assert refused.json()["error"]["message"] == "This session has ended. Please sign in again."


@pytest.mark.parametrize("role", sorted(CENTRE_BOUND))
async def test_centre_staff_without_a_centre_see_no_centre(make, hospital, outpatient, role):
    persona = await make.staff(hospital, role)
    assert len((await persona.get("/centres")).json()["data"]) == 1
    async with outpatient.database.transaction() as tx:
        await tx.execute(delete(MembershipCentre).where(MembershipCentre.hospital_id == hospital.id))
        tx.forget_person(persona.user_id)
    assert (await persona.get("/centres")).json()["data"] == []
