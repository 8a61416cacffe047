"""`GET /hospitals`, `GET /hospitals/{id}`, `GET /hospitals/{id}/config`."""

import pytest
from pydantic.alias_generators import to_camel

from outpatient.models import HospitalConfig

pytestmark = pytest.mark.anyio

STAFF = {"ADMIN", "MANAGER", "CLINICIAN", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK"}


async def test_one_sees_the_hospital_that_one_works_in_or_is_a_patient_of(make, hospital, as_front_desk, as_patient):
    await make.hospital()

    for persona in (as_front_desk, as_patient):
        answer = (await persona.get("/hospitals")).json()
        assert [row["id"] for row in answer["data"]] == [hospital.id]
        assert answer["meta"] == {"page": 1, "limit": 20, "total": 1, "totalPages": 1}


async def test_the_platforms_owner_sees_all_of_them_by_page(make, hospital, as_stranger):
    owner = await make.superadmin()

    total = (await owner.get("/hospitals", params={"limit": 1})).json()["meta"]["total"]
    last = (await owner.get("/hospitals", params={"limit": 1, "page": total - 1})).json()["data"]

    assert total >= 2
    assert [row["id"] for row in last] == [hospital.id]
    assert (await owner.get(f"/hospitals/{as_stranger.hospital_id}")).status_code == 200


async def test_everybody_reads_his_hospital_and_no_other(make, hospital, as_stranger):
    path = f"/hospitals/{hospital.id}"

    assert await make.who_may(hospital, lambda persona: persona.get(path)) == STAFF | {"PATIENT"}
    assert (await as_stranger.get(path)).status_code == 404
    assert (await as_stranger.get("/hospitals/99999999999999999999")).status_code in {400, 404}


async def test_the_config_shows_every_rule_there_is(as_front_desk, hospital):
    config = (await as_front_desk.get(f"/hospitals/{hospital.id}/config")).json()["data"]

    assert set(config) == {to_camel(column.key) for column in HospitalConfig.__table__.columns}
    assert (config["holdMinutes"], config["prepayment"], config["dailyPatientLimit"]) == (15, "BOOKING", None)


async def test_staff_read_the_config_and_patients_do_not(make, hospital, as_stranger):
    path = f"/hospitals/{hospital.id}/config"

    assert await make.who_may(hospital, lambda persona: persona.get(path)) == STAFF
    assert (await as_stranger.get(path)).status_code == 404
