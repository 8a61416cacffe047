"""`GET /notifications/history`, `/stats` and `/{id}`: seed 001."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from outpatient.models import Notification
from tests.appointments.wishes import booked, details_of
from tests.notifications.carriers import rows_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def history(as_patient, as_manager, as_clinician, make, hospital, outpatient) -> dict:
    """A booking, its confirmation and a reminder for one patient, a booking for another."""
    mine, other = await booked(as_patient, as_clinician), await make.patient(hospital, "Other")
    theirs = await booked(other, as_clinician, "11:00")
    await outpatient.worker.run_once()
    await as_manager.patch(f"/appointments/{mine['id']}/confirm")
    await as_manager.post("/notifications/appointment-reminder", {"appointmentId": mine["id"]})
    await outpatient.worker.run_once()
    return {"mine": mine["id"], "theirs": theirs["id"], "other": other.patient_id}


async def listed(persona, **asked) -> list[dict]:
    answer = await persona.get("/notifications/history", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def set_status(outpatient, appointment_id: int, kind: str, **values) -> None:
    async with outpatient.database.transaction() as tx:
        await tx.execute(
            update(Notification)
            .where(Notification.appointment_id == appointment_id, Notification.notification_type == kind)
            .values(**values)
        )


async def test_the_newest_come_first_in_the_documented_form(history, as_admin, as_patient):
    found = await listed(as_admin)
    assert [row["notificationType"] for row in found] == [
        "APPOINTMENT_REMINDER",
        "APPOINTMENT_CONFIRMATION",
        "APPOINTMENT_CONFIRMATION",
        "APPOINTMENT_CONFIRMATION",
    ]
    assert found[0] == {
        "id": found[0]["id"],
        "patientId": as_patient.patient_id,
        "userId": None,
        "appointmentId": history["mine"],
        "notificationType": "APPOINTMENT_REMINDER",
        "channel": "SMS",
        "recipient": as_patient.phone,
        "status": "SENT",
        "sentAt": "2026-03-02T03:30:00Z",
        "deliveredAt": None,
        "createdAt": "2026-03-02T03:30:00Z",
    }


async def test_the_filters(history, as_manager, as_patient, outpatient):
    await set_status(outpatient, history["mine"], "APPOINTMENT_REMINDER", status="DELIVERED")
    assert len(await listed(as_manager, patientId=as_patient.patient_id)) == 3
    assert [row["appointmentId"] for row in await listed(as_manager, appointmentId=history["theirs"])] == [
        history["theirs"]
    ]
    assert len(await listed(as_manager, notificationType="appointment_reminder")) == 1
    assert len(await listed(as_manager, notificationType="PAYMENT_LINK")) == 0
    assert len(await listed(as_manager, status="SENT")) == 3
    assert len(await listed(as_manager, status="delivered")) == 1
    both = {"patientId": history["other"], "notificationType": "APPOINTMENT_CONFIRMATION", "status": "SENT"}
    assert len(await listed(as_manager, **both)) == 1


async def test_the_days_are_the_hospitals(history, as_manager, outpatient):
    late = datetime(2026, 3, 1, 18, 29, 59, tzinfo=UTC)  # the last second of the first of March in Kolkata
    await set_status(outpatient, history["theirs"], "APPOINTMENT_CONFIRMATION", created_at=late)
    assert len(await listed(as_manager, endDate="2026-03-01")) == 1
    assert len(await listed(as_manager, startDate="2026-03-02")) == 3
    assert len(await listed(as_manager, startDate="2026-03-01", endDate="2026-03-02")) == 4
    assert await listed(as_manager, startDate="2026-03-03") == []


async def test_pages(history, as_manager):
    answer = (await as_manager.get("/notifications/history", params={"limit": 3, "page": 2})).json()
    assert answer["meta"] == {"page": 2, "limit": 3, "total": 4, "totalPages": 2}
    assert len(answer["data"]) == 1


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"status": "GONE"}, "status"),
        ({"notificationType": "NEWS"}, "notificationType"),
        ({"patientId": "x"}, "patientId"),
        ({"limit": 101}, "limit"),
        ({"startDate": "yesterday"}, "startDate"),
        ({"startDate": "0001-01-01"}, "startDate"),
        ({"endDate": "9999-12-31"}, "endDate"),
        ({"startDate": "2026-03-02", "endDate": "2026-03-01"}, "endDate"),
    ],
)
async def test_a_filter_that_cannot_be_names_its_field(asked, field, as_manager):
    assert field in details_of(await as_manager.get("/notifications/history", params=asked))


async def test_another_hospital_sees_nothing_of_it(history, as_stranger, outpatient):
    assert await listed(as_stranger) == []
    (row,) = await rows_of(outpatient, appointment_id=history["theirs"])
    assert (await as_stranger.get(f"/notifications/{row.id}")).status_code == 404
    assert (await as_stranger.post(f"/notifications/{row.id}/retry")).status_code == 404


async def test_the_figures(history, as_manager, outpatient):
    await set_status(outpatient, history["mine"], "APPOINTMENT_REMINDER", status="READ")
    await set_status(outpatient, history["theirs"], "APPOINTMENT_CONFIRMATION", status="FAILED")
    answer = await as_manager.get("/notifications/stats", params={"startDate": "2026-03-01", "endDate": "2026-03-31"})
    assert answer.json()["data"] == {
        "totalSent": 3,
        "totalFailed": 1,
        "totalPending": 0,
        "totalSuppressed": 0,
        "totalDelivered": 1,
        "successRate": 75.0,
        "byType": {"APPOINTMENT_CONFIRMATION": 2, "APPOINTMENT_REMINDER": 1},
    }


async def test_the_figures_of_days_on_which_nothing_was_sent(history, as_manager):
    figures = (await as_manager.get("/notifications/stats", params={"startDate": "2026-04-01"})).json()["data"]
    assert (figures["totalSent"], figures["successRate"], figures["byType"]) == (0, None, {})
    assert "endDate" in details_of(
        await as_manager.get("/notifications/stats", params={"startDate": "2026-03-02", "endDate": "2026-03-01"})
    )


async def test_one_message_with_its_words(history, as_centre_manager, outpatient):
    (row,) = await rows_of(outpatient, appointment_id=history["theirs"])
    shown = (await as_centre_manager.get(f"/notifications/{row.id}")).json()["data"]
    assert shown["body"].startswith("Dear Other, your appointment")
    assert (shown["attempts"], shown["language"], shown["lastError"]) == (1, "en", None)
    assert (await as_centre_manager.get(f"/notifications/{2**50}")).status_code == 404


async def test_a_centres_manager_sees_those_of_his_centres_appointments(history, make, hospital, outpatient):
    (row,) = await rows_of(outpatient, appointment_id=history["theirs"])
    elsewhere = await make.staff(hospital, "CENTRE_MANAGER", centre_id=await make.centre(hospital))
    assert (await elsewhere.get(f"/notifications/{row.id}")).status_code == 404
    assert (await elsewhere.post(f"/notifications/{row.id}/retry")).status_code == 404


async def test_the_roles_are_the_documented_ones(history, make, hospital, outpatient):
    (row,) = await rows_of(outpatient, appointment_id=history["theirs"])
    managers = {"ADMIN", "MANAGER"}
    assert await make.who_may(hospital, lambda persona: persona.get("/notifications/history")) == managers
    assert await make.who_may(hospital, lambda persona: persona.get("/notifications/stats")) == managers
    assert await make.who_may(hospital, lambda persona: persona.get(f"/notifications/{row.id}")) == managers | {
        "CENTRE_MANAGER"
    }
