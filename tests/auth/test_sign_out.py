"""Signing out: `POST /auth/logout` and `POST /patient-auth/logout`."""

import pytest
from sqlalchemy import select

from outpatient.models import StoredEvent

pytestmark = pytest.mark.anyio

OUT = "/auth/logout"


async def test_signing_out_ends_access_on_the_next_call(as_front_desk, outpatient):
    assert (await as_front_desk.get("/auth/me")).status_code == 200
    answer = await as_front_desk.post(OUT, {"refreshToken": as_front_desk.refresh_token})
    assert answer.status_code == 200
    assert answer.json() == {"success": True, "message": "Logged out successfully"}
    assert (await as_front_desk.get("/auth/me")).status_code == 401
    assert (await as_front_desk.post("/auth/refresh", {"refreshToken": as_front_desk.refresh_token})).status_code == 401
    async with outpatient.database.reading() as tx:
        query = select(StoredEvent).where(StoredEvent.actor_id == as_front_desk.user_id)
        (event,) = await tx.all(query)
    assert (event.name, event.payload) == ("auth.session_revoked", {"reason": "signed out"})


async def test_a_patient_signs_out_by_his_refresh_token_alone(as_patient, as_nobody):
    body = {"refreshToken": as_patient.refresh_token}
    for _ in range(2):
        assert (await as_nobody.post("/patient-auth/logout", body)).status_code == 200
    assert (await as_patient.get("/patient-auth/me")).status_code == 401


async def test_another_persons_refresh_token_ends_nothing(as_front_desk, as_manager):
    answer = await as_front_desk.post(OUT, {"refreshToken": as_manager.refresh_token})
    assert answer.status_code == 200
    assert (await as_manager.get("/auth/me")).status_code == 200
    assert (await as_front_desk.get("/auth/me")).status_code == 200
    assert (await as_manager.post("/auth/refresh", {"refreshToken": as_manager.refresh_token})).status_code == 200


async def test_an_unknown_refresh_token_says_nothing(as_front_desk, as_nobody):
    assert (await as_front_desk.post(OUT, {"refreshToken": "unknown"})).status_code == 200
    assert (await as_nobody.post("/patient-auth/logout", {"refreshToken": "unknown"})).status_code == 200
    assert (await as_front_desk.get("/auth/me")).status_code == 200


async def test_nobody_cannot_sign_out(as_nobody, as_front_desk):
    refused = await as_nobody.post(OUT, {"refreshToken": as_front_desk.refresh_token})
    assert refused.status_code == 401
    assert (await as_front_desk.get("/auth/me")).status_code == 200


async def test_a_refresh_token_is_needed(as_front_desk, as_nobody):
    assert (await as_front_desk.post(OUT, {})).json()["error"]["details"] == {"refreshToken": "This field is required"}
    assert (await as_nobody.post("/patient-auth/logout", {})).status_code == 400
