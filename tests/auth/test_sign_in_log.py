"""What the log says of a sign-in: that it happened, and nothing about the person."""

import logging

import pytest
import structlog

from tests.makers import new_phone
from tests.signing import PASSWORD, sent_code, set_password, wrong
from tests.told import told_requests

pytestmark = pytest.mark.anyio

CANARY = "Canaria Zwitscher"


async def test_no_phone_name_code_password_or_token_is_ever_logged(
    as_nobody, as_manager, make, hospital, outpatient, caplog
):
    caplog.set_level(logging.INFO)
    phone, email = new_phone(), f"canary-{new_phone()[1:]}@example.com"
    secrets = [phone, phone[3:], email, CANARY, PASSWORD, "canary-wrong-password", as_manager.phone, as_manager.email]
    with structlog.testing.capture_logs() as lines, told_requests() as told:
        await as_nobody.post("/patient-auth/send-otp", {"phone": phone, "fullName": CANARY})
        otp = await sent_code(outpatient, phone)
        secrets += [otp, wrong(otp)]
        await as_nobody.post("/patient-auth/verify-otp", {"phone": phone, "otp": wrong(otp)})
        data = (await as_nobody.post("/patient-auth/verify-otp", {"phone": phone, "otp": otp})).json()["data"]
        renewed = (await as_nobody.post("/auth/refresh", {"refreshToken": data["refreshToken"]})).json()["data"]
        secrets += [token for pair in (data, renewed) for name, token in pair.items() if name.endswith("Token")]
        bearer = {"Authorization": f"Bearer {renewed['accessToken']}"}
        assert (await as_nobody.get("/patient-auth/me", headers=bearer)).json()["data"]["fullName"] == CANARY
        await as_nobody.post("/auth/logout", {"refreshToken": renewed["refreshToken"]}, headers=bearer)
        await set_password(outpatient, as_manager.user_id)
        for password in ("canary-wrong-password", PASSWORD):
            await as_nobody.post("/auth/login/phone-password", {"phone": as_manager.phone, "password": password})
        account = {"name": CANARY, "email": email, "phone": phone, "password": PASSWORD}
        await as_nobody.post("/auth/patient/signup", account)
        await as_nobody.get(f"/patients/{phone}", params={"name": CANARY, "token": renewed["accessToken"]})
        await as_nobody.post("/auth/send-otp", {"phone": phone + CANARY})
    assert len(told) >= 11
    assert [secret for secret in secrets if secret in str(told)] == []
    assert [secret for secret in secrets if secret in str(lines)] == []
    own = [record.getMessage() for record in caplog.records if record.name.startswith("outpatient")]
    assert [secret for secret in secrets if secret in str(own)] == []
