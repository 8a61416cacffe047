"""`/patients/{id}/consents`: what patients agree to be written to about."""

import pytest
from sqlalchemy import select

from outpatient.models import Consent
from tests.appointments.wishes import booked, details_of
from tests.notifications.carriers import rows_of, texts_to

pytestmark = pytest.mark.anyio


def path(patient) -> str:
    return f"/patients/{patient.patient_id}/consents"


async def test_who_never_said_anything_agrees(as_front_desk, as_patient):
    answer = await as_front_desk.get(path(as_patient))
    assert answer.json()["data"] == [
        {"purpose": "CARE", "isGiven": True, "source": None, "at": None},
        {"purpose": "OTHER", "isGiven": True, "source": None, "at": None},
    ]


async def test_each_word_is_kept_and_the_last_counts(as_front_desk, as_patient, outpatient):
    for wish in ({"care": False}, {"care": False}, {}, {"care": True, "other": False}):
        assert (await as_front_desk.put(path(as_patient), wish)).status_code == 200
    shown = (await as_patient.get(path(as_patient))).json()["data"]
    assert [(row["purpose"], row["isGiven"], row["source"]) for row in shown] == [
        ("CARE", True, "DESK"),
        ("OTHER", False, "DESK"),
    ]
    assert shown[0]["at"] == "2026-03-02T03:30:00Z"
    async with outpatient.database.reading() as tx:
        query = select(Consent).where(Consent.patient_id == as_patient.patient_id).order_by(Consent.id)
        kept = [(row.purpose, row.is_given, row.actor_id) for row in await tx.all(query)]
    desk = as_front_desk.user_id
    assert kept == [("CARE", False, desk), ("CARE", True, desk), ("OTHER", False, desk)]


async def test_a_patient_speaks_for_himself_and_for_nobody_else(as_patient, make, hospital):
    answer = await as_patient.put(path(as_patient), {"other": False})
    assert answer.json()["data"][1]["source"] == "PATIENT"
    other = await make.patient(hospital, "Other")
    assert (await as_patient.get(path(other))).status_code == 404
    assert (await as_patient.put(path(other), {"care": False})).status_code == 404


async def test_who_does_not_agree_is_told_nothing_until_he_does(as_patient, as_clinician, outpatient):
    await as_patient.put(path(as_patient), {"care": False})
    made = await booked(as_patient, as_clinician)
    await outpatient.worker.run_once()
    assert texts_to(outpatient, as_patient.phone) == []
    rows = await rows_of(outpatient, appointment_id=made["id"])
    assert {(row.status, row.last_error) for row in rows} == {
        ("SUPPRESSED", "The patient does not agree to messages (CARE)")
    }
    await as_patient.put(path(as_patient), {"care": True, "other": False})
    await as_patient.patch(f"/appointments/{made['id']}/cancel")
    await outpatient.worker.run_once()
    assert [message["template"] for message in texts_to(outpatient, as_patient.phone)] == ["APPOINTMENT_CANCELLED"]


async def test_another_hospital_finds_nothing(as_stranger, as_patient):
    assert (await as_stranger.get(path(as_patient))).status_code == 404
    assert (await as_stranger.put(path(as_patient), {"care": False})).status_code == 404


@pytest.mark.parametrize("wish", [{"care": "perhaps"}, {"care": None}])
async def test_what_is_neither_yes_nor_no_is_refused(wish, as_front_desk, as_patient):
    assert "care" in details_of(await as_front_desk.put(path(as_patient), wish))


async def test_who_may_write(make, hospital, as_patient):
    async def write(persona):
        return await persona.put(path(persona if persona.patient_id else as_patient), {})

    assert await make.who_may(hospital, write) == {
        "ADMIN",
        "MANAGER",
        "CENTRE_MANAGER",
        "CARE_COORDINATOR",
        "FRONT_DESK",
        "PATIENT",
    }
