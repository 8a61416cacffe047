"""What sign-in leaves behind is dropped a day after it ended, and not before."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from outpatient.auth.sweeps import forget_dead_sign_ins
from outpatient.core.budgets import forget_old_budgets
from outpatient.models import Budget, OtpChallenge, RefreshToken, Session
from tests.makers import new_phone

pytestmark = pytest.mark.anyio


async def count(outpatient, table, *which) -> int:
    async with outpatient.database.reading() as tx:
        return await tx.one_or_none(select(func.count()).select_from(table).where(*which))


async def test_a_code_is_forgotten_a_day_after_it_expired(as_nobody, outpatient, clock):
    phone = new_phone()
    await as_nobody.post("/patient-auth/send-otp", {"phone": phone})
    clock.advance(days=1, minutes=5)
    await forget_dead_sign_ins(outpatient.database)
    assert await count(outpatient, OtpChallenge, OtpChallenge.phone == phone) == 1
    clock.advance(seconds=1)
    await forget_dead_sign_ins(outpatient.database)
    assert await count(outpatient, OtpChallenge, OtpChallenge.phone == phone) == 0


async def test_a_session_is_forgotten_a_day_after_it_ended(as_patient, as_manager, outpatient, clock):
    await as_manager.post("/auth/logout", {"refreshToken": as_manager.refresh_token})
    clock.advance(days=1, seconds=1)
    await forget_dead_sign_ins(outpatient.database)
    assert await count(outpatient, Session, Session.user_id == as_manager.user_id) == 0
    assert await count(outpatient, Session, Session.user_id == as_patient.user_id) == 1
    assert (await as_patient.post("/auth/refresh", {"refreshToken": as_patient.refresh_token})).status_code == 200
    assert (await as_manager.post("/auth/refresh", {"refreshToken": as_manager.refresh_token})).status_code == 401
    clock.advance(days=7)
    await forget_dead_sign_ins(outpatient.database)
    assert await count(outpatient, Session, Session.user_id == as_patient.user_id) == 0
    mine = RefreshToken.session_id.in_(select(Session.id).where(Session.user_id == as_patient.user_id))
    assert await count(outpatient, RefreshToken, mine) == 0


async def test_budgets_are_forgotten_when_no_limit_looks_back_that_far(as_nobody, outpatient, clock):
    await as_nobody.post("/patient-auth/send-otp", {"phone": new_phone()})
    clock.advance(days=2, hours=1)
    old = Budget.window_starts_at < clock.now() - timedelta(days=2)
    assert await count(outpatient, Budget, old) > 0
    await forget_old_budgets(outpatient.database)
    assert await count(outpatient, Budget, old) == 0
