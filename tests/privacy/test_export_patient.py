"""Everything about one person: `GET /patients/{id}/export` and `GET /patient/export`."""

import json

import pytest

from outpatient.privacy.queries import export
from outpatient.privacy.rules import PERSONAL

pytestmark = pytest.mark.anyio


async def test_everything_about_him_is_in_it(as_manager, known):
    answer = await as_manager.get(f"/patients/{known.patient_id}/export")

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"] == f'attachment; filename="patient-{known.patient_id}.json"'
    data = answer.json()["data"]
    sections = {treated.export for treated in PERSONAL.values() if treated.export}
    assert [name for name in sorted(sections) if not data[name]] == []
    assert data["cut"] == []
    assert data["record"]["medicalHistory"] == "Canary allergy"
    assert data["record"]["phone"] == known.persona.phone
    assert [row["kinship"] for row in data["guardians"]] == ["SELF"]
    assert {row["notes"] for row in data["appointments"]} == {"Canary wish"}
    assert data["appointments"][0]["clinicianName"] == "Clinician"
    assert [row["note"] for row in data["notes"]] == ["Canary is well"]
    paid = next(row for row in data["payments"] if row["id"] == known.payment_id)
    assert (paid["paid"], paid["refunded"], paid["currency"]) == (1500, 500, "INR")
    assert data["refunds"][0]["reason"] == "Canary could not stay"
    assert {row["body"] for row in data["messagesFromPatient"]} == {"Canary says yes"}
    assert "Dear Canary Rao" in {row["body"] for row in data["notifications"]}
    assert "patient.note_added" in {row["action"] for row in data["audit"]}


async def test_no_secret_and_no_code_is_in_it(as_manager, known, user_of):
    text = (await as_manager.get(f"/patients/{known.patient_id}/export")).text

    for secret in ("passwordHash", "password_hash", "digest", "nonce", "nameKey"):
        assert secret not in text


async def test_he_gets_his_own_and_a_guardian_the_childs(known, guardian, as_patient):
    own = await known.persona.get("/patient/export")
    childs = await guardian.get("/patient/export", params={"patientId": known.patient_id})
    guardians = await guardian.get("/patient/export")

    assert own.json()["data"]["record"]["id"] == known.patient_id
    assert childs.json()["data"]["record"]["id"] == known.patient_id
    assert guardians.json()["data"]["record"]["id"] == guardian.patient_id
    assert "Canary" not in guardians.text
    assert guardian.phone not in own.text
    assert (await as_patient.get("/patient/export", params={"patientId": known.patient_id})).status_code == 404


async def test_an_export_is_an_entry_in_the_audit(as_admin, known, audited, newest, hospital):
    after = await newest()
    await as_admin.get(f"/patients/{known.patient_id}/export")
    await known.persona.get("/patient/export")

    assert await audited(hospital.id, after) == [
        ("patient.exported", "patient", known.patient_id, as_admin.user_id),
        ("patient.exported", "patient", known.patient_id, known.persona.user_id),
    ]


async def test_what_a_family_shares_is_not_given_to_one(as_admin, known, make, hospital):
    """Messages that only the phone ties to somebody may be anybody's who has that phone."""
    await make.record(hospital, "Mira Rao", known.persona.phone)

    data = (await as_admin.get(f"/patients/{known.patient_id}/export")).json()["data"]

    assert [row["appointmentId"] for row in data["messagesFromPatient"]] == [known.appointment_id]
    assert data["optOuts"] == []


async def test_a_section_that_is_too_long_says_so(as_admin, known, monkeypatch):
    monkeypatch.setattr(export, "MOST", 1)

    data = (await as_admin.get(f"/patients/{known.patient_id}/export")).json()["data"]

    assert len(data["audit"]) == 1 and "audit" in data["cut"] and "notes" not in data["cut"]


async def test_another_hospital_gets_nothing(as_stranger, known):
    answer = await as_stranger.get(f"/patients/{known.patient_id}/export")

    assert answer.status_code == 404
    assert "Canary" not in json.dumps(answer.json())


async def test_who_may_export(make, hospital):
    record = await make.record(hospital)

    assert await make.who_may(hospital, lambda who: who.get(f"/patients/{record}/export")) == {"ADMIN", "MANAGER"}
    assert await make.who_may(hospital, lambda who: who.get("/patient/export")) == {"PATIENT"}
