"""After a visit its patient is asked once how it was, where the hospital wants it, and answers with one tap."""

import asyncio
from urllib.parse import urlsplit

import pytest

from outpatient.access.tokens import sign_value
from outpatient.feedback.sweeps import ask_for_feedback
from outpatient.models import ClinicianRating, Feedback, StoredEvent
from outpatient.notifications.links import feedback_link
from tests.appointments.wishes import MONDAY, booked, bring_to, count, one, visit_of
from tests.notifications.carriers import texts_to

pytestmark = pytest.mark.anyio

WANTED = {"feedbackAfterMinutes": 60, "quietFrom": "00:00", "quietUntil": "00:00"}


@pytest.fixture
async def seen(as_patient, as_clinician, as_admin, hospital, outpatient) -> int:
    """A visit that is over, at a hospital that wants to hear; answers the visit's id."""
    assert (await as_admin.patch(f"/hospitals/{hospital.id}/config", WANTED)).status_code == 200
    made = await booked(as_patient, as_clinician, "09:00", MONDAY)
    await bring_to(as_admin, made["id"], "COMPLETED")
    return (await visit_of(outpatient, made["id"])).id


def requests_to(outpatient, phone: str) -> list[dict]:
    return [message for message in texts_to(outpatient, phone) if message["template"] == "FEEDBACK_REQUEST"]


async def worked(outpatient) -> None:
    for _ in range(2):
        await outpatient.worker.run_once()


async def test_he_is_asked_once_an_hour_after(seen, as_patient, outpatient, clock):
    clock.advance(minutes=59)
    await worked(outpatient)
    assert requests_to(outpatient, as_patient.phone) == []
    for _ in range(2):
        clock.advance(minutes=2)
        await worked(outpatient)
    (message,) = requests_to(outpatient, as_patient.phone)
    assert (message["channel"], message["body"].split()[-1]) == (
        "whatsapp",
        feedback_link(outpatient.settings, seen),
    )


async def test_four_workers_ask_once(seen, outpatient, clock):
    clock.advance(minutes=61)
    await asyncio.gather(*(ask_for_feedback(outpatient.database) for _ in range(4)))
    visit = {"subject": "visit", "subject_id": seen}
    assert await count(outpatient, StoredEvent, name="visit.feedback_due", **visit) == 1


@pytest.mark.parametrize("why", ["nobody wants it", "he said it", "he wants no such messages", "it is long ago"])
async def test_who_is_not_asked(seen, as_patient, as_admin, hospital, outpatient, clock, why):
    if why == "nobody wants it":
        await as_admin.patch(f"/hospitals/{hospital.id}/config", {"feedbackAfterMinutes": 0})
    elif why == "he said it":
        assert (await as_patient.post("/feedback", {"visitId": seen, "rating": 4})).status_code == 201
    elif why == "he wants no such messages":
        assert (await as_patient.put(f"/patients/{as_patient.patient_id}/consents", {"other": False})).is_success
    clock.advance(hours=26 if why == "it is long ago" else 2)
    await worked(outpatient)
    assert requests_to(outpatient, as_patient.phone) == []


async def test_one_tap_rates_the_visit_and_a_look_does_not(seen, as_clinician, http, outpatient):
    page = urlsplit(feedback_link(outpatient.settings, seen)).path
    look = await http.get(page)
    assert look.status_code == 200 and look.text.count('name="rating"') == 5
    assert await count(outpatient, Feedback, visit_id=seen) == 0

    for rating, comment in (("4", "<b>Kind & quick</b>"), ("5", "")):
        answer = await http.post(page, data={"rating": rating, "comment": comment})
        assert answer.status_code == 200 and "Thank you" in answer.text

    given = await one(outpatient, Feedback, visit_id=seen)
    assert (given.rating, given.comment) == (5, "<b>Kind & quick</b>")
    stars = await one(outpatient, ClinicianRating, clinician_id=as_clinician.clinician_id)
    assert (stars.ratings, stars.stars) == (1, 5)


@pytest.mark.parametrize("form", [{}, {"rating": "6"}, {"rating": "x"}, {"comment": "only words"}, {"rating": ""}])
async def test_what_is_no_rating_is_asked_again(seen, http, outpatient, form):
    answer = await http.post(urlsplit(feedback_link(outpatient.settings, seen)).path, data=form)
    assert answer.status_code == 400 and 'name="rating"' in answer.text
    assert await count(outpatient, Feedback, visit_id=seen) == 0


async def test_a_link_that_is_old_or_nobodys(seen, http, outpatient, clock):
    page = urlsplit(feedback_link(outpatient.settings, seen)).path
    secret = outpatient.settings.secret_key
    for token in ("x", sign_value(secret, "reply", str(seen)), sign_value(secret, "feedback", "99999999")):
        assert (await http.get(f"/f/{token}")).status_code == 404
    assert (await http.put(page)).status_code == 405
    clock.advance(days=31)
    assert (await http.post(page, data={"rating": "1"})).status_code == 410
    assert await count(outpatient, Feedback, visit_id=seen) == 0


async def test_the_question_does_not_keep_an_end_from_being_taken_back(seen, as_admin, hospital, outpatient, clock):
    await as_admin.patch(f"/hospitals/{hospital.id}/config", {"feedbackAfterMinutes": 1})
    clock.advance(minutes=2)
    await ask_for_feedback(outpatient.database)
    undone = await as_admin.post(f"/visits/{seen}/undo")
    assert undone.status_code == 200, undone.text
    await worked(outpatient)
