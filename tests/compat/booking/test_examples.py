"""Every example of seed 003, as it stands there, on a fresh installation with its documented settings."""

import json
import shlex

import httpx2
import jwt
import pytest

from outpatient.app import create_app
from outpatient.core.clock import SetClock
from outpatient.settings import Settings
from tests.conftest import NOW
from tests.makers import Make

pytestmark = pytest.mark.anyio

REGISTER_A_PATIENT = r"""
curl -X POST http://localhost:5000/auth/register \
  -H "Content-Type: application/json" \
  -d '{
    "name": "John Doe",
    "email": "john@example.com",
    "password": "password123",
    "role": "patient"
  }'
"""
REGISTER_A_DOCTOR = r"""
curl -X POST http://localhost:5000/auth/register \
  -H "Content-Type: application/json" \
  -d '{
    "name": "Dr. Smith",
    "email": "smith@example.com",
    "password": "password123",
    "role": "doctor",
    "invitation_code": "DOC2024SECRET"
  }'
"""
LOGIN = r"""
curl -X POST http://localhost:5000/auth/login \
  -H "Content-Type: application/json" \
  -d '{
    "email": "john@example.com",
    "password": "password123"
  }'
"""
BOOK_APPOINTMENT = r"""
curl -X POST http://localhost:5000/appointments \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer <token>" \
  -d '{
    "slot_id": 1
  }'
"""


@pytest.fixture
def fresh_url(new_database) -> str:
    return new_database("examples")


@pytest.fixture
async def fresh(fresh_url, folders):
    """A new installation with one hospital, and a client that names none."""
    settings = Settings(
        _env_file=None,
        database_url=fresh_url,
        redis_url="",
        rabbitmq_url="",
        outbox_dir=folders / "examples-outbox",
        upload_dir=folders / "examples-uploads",
    )
    program = create_app(settings, SetClock(NOW), with_worker=False)
    transport = httpx2.ASGITransport(app=program, client=("203.0.113.7", 40000))
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:5000") as client:
        await Make(program, client).hospital()
        yield client
    await program.database.close()


async def replay(client: httpx2.AsyncClient, example: str, token: str = "") -> httpx2.Response:
    """What a shell would make of the example."""
    words = shlex.split(example.replace("\\\n", " ").replace("<token>", token))
    assert words[:3] == ["curl", "-X", "POST"]
    headers = [words[n + 1].split(": ", 1) for n, word in enumerate(words) if word == "-H"]
    return await client.post(words[3], content=words[words.index("-d") + 1], headers=dict(headers))


async def test_the_examples_work_word_for_word(fresh):
    for example in (REGISTER_A_PATIENT, REGISTER_A_DOCTOR):
        registered = await replay(fresh, example)
        assert registered.status_code == 201, registered.text
        assert list(registered.json()) == ["message"]

    signed_in = await replay(fresh, LOGIN)
    assert signed_in.status_code == 200, signed_in.text
    token = signed_in.json()["access_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    me = (await fresh.get("/auth/me", headers={"Authorization": f"Bearer {token}"})).json()
    assert me == {"id": int(claims["sub"]), "name": "John Doe", "email": "john@example.com", "role": "patient"}
    assert claims["role"] == "patient"

    smith = (await replay(fresh, LOGIN.replace("john@", "smith@"))).json()["access_token"]
    assert jwt.decode(smith, options={"verify_signature": False})["role"] == "doctor"
    offered = await fresh.post(
        "/doctor/availability",
        json={"date": "2026-03-03", "start_time": "10:00", "end_time": "10:30"},
        headers={"Authorization": f"Bearer {smith}"},
    )
    assert (offered.status_code, offered.json()["slot_id"]) == (201, 1), offered.text

    booked = await replay(fresh, BOOK_APPOINTMENT, token)
    assert booked.status_code == 201, booked.text
    assert {key: type(value) for key, value in booked.json().items()} == {"message": str, "appointment_id": int}


async def test_a_refused_example_is_refused_in_the_documented_form(fresh):
    refused = await replay(fresh, BOOK_APPOINTMENT, "nonsense")
    assert refused.status_code == 401
    assert list(refused.json()) == ["error"]
    assert list(refused.json()["error"]) == ["code", "message", "details"]
    again = [await replay(fresh, REGISTER_A_PATIENT) for _ in range(2)]
    assert [answer.status_code for answer in again] == [201, 409]
    assert json.loads(again[1].text)["error"]["details"].keys() == {"email"}
