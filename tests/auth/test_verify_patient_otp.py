"""A patient signs in with a one-time code."""

import json

import pytest

from tests.makers import new_phone

pytestmark = pytest.mark.anyio


async def sent_code(outpatient, phone: str) -> str:
    """The code in the newest message to this phone."""
    await outpatient.worker.run_once()
    files = sorted(outpatient.settings.outbox_dir.glob("*.json"))
    messages = [json.loads(file.read_text()) for file in files]
    return [message for message in messages if message["to"] == phone][-1]["body"][:6]


async def test_a_new_patient_signs_in_by_a_code_sent_over_whatsapp(as_nobody, outpatient):
    phone = new_phone()
    asked = await as_nobody.post("/patient-auth/send-otp", {"phone": phone, "fullName": "Jane Smith"})
    assert asked.status_code == 200
    assert asked.json()["data"] == {"phone": phone, "expiresIn": 300}

    answer = await as_nobody.post(
        "/patient-auth/verify-otp", {"phone": phone, "otp": await sent_code(outpatient, phone)}
    )

    assert answer.status_code == 200, answer.text
    data = answer.json()["data"]
    assert data["patient"] == {
        "id": data["patient"]["id"],
        "fullName": "Jane Smith",
        "phone": phone,
        "email": None,
        "isNewUser": True,
    }
    as_nobody.headers["Authorization"] = f"Bearer {data['accessToken']}"
    me = await as_nobody.get("/patient-auth/me")
    assert me.json()["data"]["fullName"] == "Jane Smith"
    renewed = await as_nobody.post("/auth/refresh", {"refreshToken": data["refreshToken"]})
    assert renewed.status_code == 200
    again = await as_nobody.post("/auth/refresh", {"refreshToken": data["refreshToken"]})
    assert again.status_code == 401
