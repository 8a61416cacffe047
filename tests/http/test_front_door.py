"""The front door: which app answers which path."""

import pytest

pytestmark = pytest.mark.anyio


async def test_the_root_leads_to_the_description_while_there_are_no_screens(http):
    answer = await http.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")


async def test_both_api_prefixes_are_one_app(http):
    one, other = await http.get("/api/time/now"), await http.get("/api/v1/time/now")
    assert (one.status_code, one.json()) == (200, other.json())


async def test_an_unknown_path_below_no_prefix_is_refused_in_the_envelope(http):
    answer = await http.get("/nothing-here")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
