"""`GET /clinicians/{id}`: public."""

from io import BytesIO

import pytest
from PIL import Image

pytestmark = pytest.mark.anyio


async def test_anybody_sees_a_clinician_by_his_own_id(as_nobody, as_clinician):
    answer = await as_nobody.get(f"/clinicians/{as_clinician.clinician_id}")

    assert answer.status_code == 200, answer.text
    seen = answer.json()["data"]
    assert (seen["id"], seen["userId"]) == (as_clinician.clinician_id, as_clinician.user_id)
    assert seen["id"] != seen["userId"]
    assert "phone" not in seen
    assert "email" not in seen


async def test_a_users_id_finds_no_clinician(as_nobody, make, hospital):
    """Even where the numbers would let it: never look an id up in a second table."""
    clinicians = [await make.clinician(hospital) for _ in range(2)]
    known = {clinician.clinician_id for clinician in clinicians}
    for clinician in clinicians:
        answer = await as_nobody.get(f"/clinicians/{clinician.user_id}")
        assert answer.status_code == 404 or answer.json()["data"]["id"] in known - {clinician.clinician_id}


async def test_an_inactive_one_says_so_and_a_deleted_one_is_not_there(as_nobody, as_admin, as_clinician):
    path = f"/clinicians/{as_clinician.clinician_id}"

    await as_admin.patch(f"{path}/toggle-active")
    assert (await as_nobody.get(path)).json()["data"]["isActive"] is False

    await as_admin.delete(path)
    assert (await as_nobody.get(path)).status_code == 404


async def test_his_length_is_the_hospitals_unless_he_has_his_own(as_nobody, make):
    hospital = await make.hospital(default_duration_minutes=20)
    usual, own = await make.clinician(hospital), await make.clinician(hospital, default_duration_minutes=45)
    persona = make.nobody(hospital)

    async def minutes(clinician):
        answer = await persona.get(f"/clinicians/{clinician.clinician_id}")
        return answer.json()["data"]["defaultConsultationDurationMinutes"]

    assert await minutes(usual) == 20
    assert await minutes(own) == 45


async def test_his_own_photo_stands_in_until_staff_give_a_picture(as_nobody, as_admin, as_clinician):
    path = f"/clinicians/{as_clinician.clinician_id}"
    picture = BytesIO()
    Image.new("RGB", (4, 4), "teal").save(picture, "PNG")
    sent = await as_clinician.post("/users/me/photo", files={"file": ("me.png", picture.getvalue(), "image/png")})
    assert sent.status_code == 201, sent.text

    assert (await as_nobody.get(path)).json()["data"]["profilePictureUrl"] == sent.json()["data"]["photoUrl"]

    await as_admin.put(path, {"profilePictureUrl": "https://example.com/dr.jpg"})
    assert (await as_nobody.get(path)).json()["data"]["profilePictureUrl"] == "https://example.com/dr.jpg"


async def test_another_hospitals_clinician_is_not_there(as_stranger, as_clinician):
    assert (await as_stranger.get(f"/clinicians/{as_clinician.clinician_id}")).status_code == 404


@pytest.mark.parametrize("clinician_id", [0, 2**53, 10**30])
async def test_an_id_that_nobody_can_have_is_refused(as_nobody, clinician_id):
    assert (await as_nobody.get(f"/clinicians/{clinician_id}")).status_code in {400, 404}
