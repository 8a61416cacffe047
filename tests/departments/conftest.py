"""What the tests of departments share."""

import pytest


@pytest.fixture
async def cardiology(as_admin, hospital):
    """A department at the main centre; its id."""
    made = await as_admin.post("/departments", {"name": "Cardiology", "centreId": hospital.centre_id})
    assert made.status_code == 201, made.text
    return made.json()["data"]["id"]
