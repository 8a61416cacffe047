"""The front door: which app answers which path."""

import asyncio
import re

import pytest

from outpatient.http.server import Server
from tests.makers import new_phone

pytestmark = pytest.mark.anyio


async def test_the_root_leads_to_the_description_while_there_are_no_screens(http):
    answer = await http.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")


@pytest.mark.parametrize("path", ["/docs", "/compat/docs"])
async def test_the_description_loads_nothing_from_elsewhere(http, path):
    page = await http.get(path)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    loaded = re.findall(r"""(?:src|href)=["']([^"']+)""", page.text)
    assert {one.rpartition(".")[2] for one in loaded} == {"css", "js", "png"}
    for one in loaded:
        assert one.startswith("/docs/files/")
        assert len((await http.get(one)).content) > 1000


@pytest.mark.parametrize(
    "path", ["/docs/files/", "/docs/files/../core.py", "/docs/files/%2e%2e/core.py", "/docs/files/x%00", "/docs/filesx"]
)
async def test_nothing_else_lies_beside_its_scripts(http, path):
    assert (await http.get(path)).status_code == 404


async def test_both_api_prefixes_are_one_app(http):
    one, other = await http.get("/api/time/now"), await http.get("/api/v1/time/now")
    assert (one.status_code, one.json()) == (200, other.json())


async def test_an_unknown_path_below_no_prefix_is_refused_in_the_envelope(http):
    answer = await http.get("/nothing-here")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


async def test_a_public_page_of_a_signed_in_caller_is_his_own_hospitals(as_patient, as_clinician, as_stranger, http):
    bearer = {"Authorization": as_patient.headers["Authorization"]}
    seen = await http.get("/api/v1/clinicians", headers=bearer)
    assert [row["id"] for row in seen.json()["data"]] == [as_clinician.clinician_id]
    path = f"/api/v1/booking/available-slots?clinicianId={as_clinician.clinician_id}&date=2026-03-03"
    assert (await http.get(path, headers=bearer)).status_code == 200
    nobody = await http.get("/api/v1/clinicians", headers={"Authorization": "Bearer stale"})
    assert list(nobody.json()["error"]["details"]) == ["hospitalId"]


async def test_many_callers_of_a_public_page_do_not_wait_for_each_other(as_nobody):
    phones = [new_phone() for _ in range(40)]
    calls = [as_nobody.post("/patient-auth/send-otp", {"phone": phone, "fullName": "Jo"}) for phone in phones]
    assert {answer.status_code for answer in await asyncio.gather(*calls)} == {200}


async def test_an_idle_line_is_kept_longer_than_proxies_and_clients_keep_theirs(outpatient):
    nginx, httpx = 60, 5
    assert Server(outpatient, asyncio.Event()).config.timeout_keep_alive > max(nginx, httpx)
