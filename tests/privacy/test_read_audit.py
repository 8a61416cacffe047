"""Who did, or looked at, what: `GET /audit`, and that nobody changes it."""

import pytest
from sqlalchemy import text

from outpatient.core.errors import Invalid
from tests.appointments.wishes import booked

pytestmark = pytest.mark.anyio


async def audit(who, **params) -> list[dict]:
    answer = await who.get("/audit", params={"limit": 100, **params})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def test_an_entry_says_who_did_what_to_whom(as_admin, as_clinician, known):
    await as_clinician.get(f"/patients/{known.patient_id}")

    entry = (await audit(as_admin))[0]

    assert entry.pop("id") > 0
    assert entry == {
        "at": "2026-03-02T03:30:00Z",
        "actorId": as_clinician.user_id,
        "actorName": "Clinician",
        "actorRole": "CLINICIAN",
        "action": "patient.read",
        "subject": "patient",
        "subjectId": known.patient_id,
        "patientId": known.patient_id,
    }


async def test_everything_about_a_patient_is_found_by_his_number(as_admin, as_clinician, known, as_patient):
    await booked(as_patient, as_clinician, "16:00:00")
    await known.persona.get("/patient/profile")

    entries = await audit(as_admin, patientId=known.patient_id)

    assert {entry["patientId"] for entry in entries} == {known.patient_id}
    assert {"patient", "appointment", "visit", "feedback"} == {entry["subject"] for entry in entries}
    assert {"patient.read", "patient.note_added", "appointment.created", "visit.walk_in_added"} <= {
        entry["action"] for entry in entries
    }
    roles = {entry["action"]: entry["actorRole"] for entry in entries}
    assert roles["patient.read"] == roles["appointment.created"] == "PATIENT"


async def test_the_newest_come_first_a_page_at_a_time(as_admin, known):
    first = (await as_admin.get("/audit", params={"limit": 3})).json()

    ids = [entry["id"] for entry in first["data"]]
    assert len(ids) == 3 and ids == sorted(ids, reverse=True)
    assert first["meta"]["total"] > 3 and first["meta"]["limit"] == 3
    second = (await as_admin.get("/audit", params={"limit": 3, "page": 2})).json()["data"]
    assert second[0]["id"] == ids[2] or second[0]["id"] > ids[2] - 2  # the look at the first page is an entry, too


async def test_entries_are_found_by_who_what_and_when(as_admin, as_clinician, as_front_desk, known, clock):
    clock.advance(minutes=5)
    await as_front_desk.get(f"/patients/{known.patient_id}")
    clock.advance(minutes=5)
    await as_clinician.get(f"/patients/{known.patient_id}")

    by_desk = await audit(as_admin, actorId=as_front_desk.user_id)
    assert {entry["actorId"] for entry in by_desk} == {as_front_desk.user_id}
    looks = await audit(as_admin, action="patient.read")
    assert [entry["actorId"] for entry in looks] == [as_clinician.user_id, as_front_desk.user_id]
    assert {entry["subject"] for entry in await audit(as_admin, subject="visit")} == {"visit"}
    window = {"from": "2026-03-02T09:05:00+05:30", "to": "2026-03-02T09:10:00+05:30"}
    assert [entry["actorId"] for entry in await audit(as_admin, **window)] == [as_front_desk.user_id]


async def test_reading_the_audit_is_an_entry_itself(as_admin, known, audited, newest, hospital):
    after = await newest()

    assert "audit.read" not in {entry["action"] for entry in await audit(as_admin)}
    await audit(as_admin, patientId=known.patient_id)

    assert await audited(hospital.id, after) == [
        ("audit.read", "hospital", hospital.id, as_admin.user_id),
        ("audit.read", "patient", known.patient_id, as_admin.user_id),
    ]


async def test_another_hospital_sees_its_own_only(as_stranger, known):
    assert await audit(as_stranger, patientId=known.patient_id) == []
    entries = await audit(as_stranger)
    assert {entry["actorId"] for entry in entries} <= {as_stranger.user_id, None}  # None: his signing in


@pytest.mark.parametrize(
    "params",
    [{"patientId": "x"}, {"actorId": 0}, {"from": "2026-03-02"}, {"to": "yesterday"}, {"action": "x" * 65}],
)
async def test_a_filter_that_cannot_be_is_refused_by_its_name(as_admin, params):
    refused = await as_admin.get("/audit", params=params)

    assert refused.status_code == 400
    assert list(refused.json()["error"]["details"]) == list(params)


async def test_only_the_owner_reads_it(make, hospital):
    assert await make.who_may(hospital, lambda who: who.get("/audit")) == {"ADMIN"}


async def test_the_platforms_owner_reads_it_where_he_names_the_hospital(make, hospital, known):
    assert await audit(await make.superadmin(hospital)) != []
    assert (await (await make.superadmin()).get("/audit")).status_code == 403


@pytest.mark.parametrize("table", ["audit_entries", "ledger_entries"])
@pytest.mark.parametrize("change", ["UPDATE {} SET hospital_id = 0", "DELETE FROM {}"])
async def test_the_store_itself_refuses_every_change(known, outpatient, table, change):
    with pytest.raises(Invalid) as refused:
        async with outpatient.database.transaction() as tx:
            await tx.execute(text(change.format(table)))
    assert "append_only" in str(refused.value.__cause__)
