"""`GET /clinicians`: what everybody may see."""

import pytest

pytestmark = pytest.mark.anyio


async def ids(persona, **params):
    answer = await persona.get("/clinicians", params=params)
    assert answer.status_code == 200, answer.text
    return {row["id"] for row in answer.json()["data"]}


async def test_anybody_sees_the_clinicians_of_a_hospital(as_nobody, as_clinician, hospital):
    answer = await as_nobody.get("/clinicians")

    assert answer.status_code == 200, answer.text
    assert answer.json()["meta"] == {"page": 1, "limit": 20, "total": 1, "totalPages": 1}
    assert answer.json()["data"] == [
        {
            "id": as_clinician.clinician_id,
            "userId": as_clinician.user_id,
            "fullName": "Clinician",
            "designation": None,
            "specialization": ["Cardiology"],
            "qualification": ["MD"],
            "yearsOfExperience": 0,
            "consultationFee": 1500,
            "languages": ["English"],
            "bio": None,
            "profilePictureUrl": None,
            "primaryCentreId": hospital.centre_id,
            "primaryCentreName": "Main centre",
            "centreIds": [hospital.centre_id],
            "departmentId": None,
            "departmentName": None,
            "defaultConsultationDurationMinutes": 30,
            "averageRating": None,
            "isActive": True,
        }
    ]
    assert as_clinician.clinician_id != as_clinician.user_id
    for secret in (as_clinician.phone, as_clinician.email):
        assert secret not in answer.text


async def test_the_hospital_is_named_by_header_or_query(make, http, hospital, as_clinician):
    await make.clinician(await make.hospital())

    unnamed = await http.get("/api/v1/clinicians")
    assert unnamed.status_code == 400
    assert unnamed.json()["error"]["details"].keys() == {"hospitalId"}
    named = await http.get("/api/v1/clinicians", params={"hospitalId": hospital.id})
    assert [row["id"] for row in named.json()["data"]] == [as_clinician.clinician_id]


async def test_clinicians_are_found_by_one_of_their_specializations_in_any_case(as_nobody, make, hospital):
    both = await make.clinician(hospital, specialization=["Clinical Psychologist", "Therapist"])
    one = await make.clinician(hospital, specialization=["therapist"])
    await make.clinician(hospital, specialization=["Physiotherapist"])

    assert await ids(as_nobody, specialization="THERAPIST ") == {both.clinician_id, one.clinician_id}
    assert await ids(as_nobody, specialization="clinical psychologist") == {both.clinician_id}
    assert await ids(as_nobody, specialization="Clinical") == set()
    assert await ids(as_nobody, specialization="%") == set()


async def test_clinicians_are_found_by_their_primary_centre_and_where_they_have_hours(
    as_nobody, as_clinician, at_another_centre, make, hospital
):
    without_hours = await make.clinician(hospital, hours=())

    assert await ids(as_nobody, centreId=hospital.centre_id) == {as_clinician.clinician_id, without_hours.clinician_id}
    second = (await as_nobody.get(f"/clinicians/{at_another_centre.clinician_id}")).json()["data"]["primaryCentreId"]
    assert await ids(as_nobody, centreId=second) == {at_another_centre.clinician_id}
    assert await ids(as_nobody, centreId=second, specialization="cardiology") == {at_another_centre.clinician_id}
    assert await ids(as_nobody, centreId=10**12) == set()


async def test_clinicians_come_in_pages(as_nobody, make, hospital):
    made = {(await make.clinician(hospital)).clinician_id for _ in range(3)}

    first, second = await ids(as_nobody, limit=2, page=1), await ids(as_nobody, limit=2, page=2)

    assert (len(first), len(second)) == (2, 1)
    assert first | second == made


async def test_inactive_ones_are_shown_to_those_who_manage_them_only(
    as_nobody, as_admin, as_front_desk, as_stranger, as_centre_manager, as_clinician, at_another_centre
):
    for clinician in (as_clinician, at_another_centre):
        await as_admin.patch(f"/clinicians/{clinician.clinician_id}/toggle-active")

    assert await ids(as_nobody) == set()
    assert await ids(as_admin) == set()
    assert await ids(as_admin, includeInactive=True) == {as_clinician.clinician_id, at_another_centre.clinician_id}
    assert await ids(as_centre_manager, includeInactive=True) == {as_clinician.clinician_id}
    asked = {"params": {"includeInactive": True}}
    assert (await as_nobody.get("/clinicians", **asked)).status_code == 401
    assert (await as_front_desk.get("/clinicians", **asked)).status_code == 403
    other = {"includeInactive": True, "hospitalId": as_admin.hospital_id}
    assert (await as_stranger.get("/clinicians", params=other)).status_code in {200, 403}
    assert as_clinician.clinician_id not in await ids(as_stranger, includeInactive=True)


async def test_another_hospitals_clinicians_are_not_listed(as_stranger, as_clinician):
    assert await ids(as_stranger) == set()


@pytest.mark.parametrize("params", [{"centreId": 0}, {"page": 0}, {"limit": 101}])
async def test_a_filter_that_cannot_be_is_refused_by_its_name(as_nobody, params):
    refused = await as_nobody.get("/clinicians", params=params)

    assert refused.status_code == 400
    assert refused.json()["error"]["details"].keys() == params.keys()
