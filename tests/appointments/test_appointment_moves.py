"""What may become of an appointment (DESIGN §4): every pair of states, and every repeat, through HTTP."""

import pytest

from outpatient.core.terms import AppointmentStatus as Status
from outpatient.models import APPOINTMENT_MOVES, AuditEntry, StoredEvent
from tests.appointments.wishes import (
    MONDAY,
    at_once,
    booked,
    bring_to,
    code_of,
    count,
    details_of,
    free_times,
    later,
    occupied,
    payment_of,
    shown,
    visit_of,
)

pytestmark = pytest.mark.anyio

BY_HAND = (Status.CONFIRMED, Status.CANCELLED, Status.COMPLETED, Status.NO_SHOW)
ROUTES = {
    Status.CONFIRMED: ("PATCH", "/appointments/{}/confirm"),
    Status.CANCELLED: ("PATCH", "/appointments/{}/cancel"),
    Status.COMPLETED: ("PATCH", "/appointments/{}/complete"),
}


@pytest.mark.parametrize("to", list(Status))
@pytest.mark.parametrize("was", list(Status))
async def test_every_pair_of_states(as_admin, as_patient, as_clinician, clock, was, to):
    made = (await booked(as_patient, as_clinician, "09:00", MONDAY))["id"]
    await later(clock, minutes=1)
    await bring_to(as_admin, made, was)

    answers = [await as_admin.put(f"/appointments/{made}", {"status": to})]
    if to in ROUTES:
        method, path = ROUTES[to]
        answers.append(await as_admin.call(method, path.format(made)))

    for answer in answers:
        if to is was or (to in BY_HAND and to in APPOINTMENT_MOVES[was]):
            assert answer.status_code == 200, answer.text
            assert answer.json()["data"]["status"] == to
        elif to in BY_HAND:
            assert (answer.status_code, code_of(answer)) == (409, "INVALID_TRANSITION")
        else:
            assert "status" in details_of(answer)
    assert (await shown(as_admin, made))["status"] == (to if answers[-1].status_code == 200 else was)


async def test_complete_of_a_pending_appointment_is_refused(as_clinician, as_patient):
    made = (await booked(as_patient, as_clinician))["id"]
    refused = await as_clinician.patch(f"/appointments/{made}/complete")
    assert (refused.status_code, code_of(refused)) == (409, "INVALID_TRANSITION")


@pytest.mark.parametrize("verb", ["confirm", "cancel", "complete"])
async def test_a_repeat_answers_the_same_and_does_nothing_more(as_admin, as_patient, as_clinician, outpatient, verb):
    made = (await booked(as_patient, as_clinician))["id"]
    if verb == "complete":
        await as_admin.patch(f"/appointments/{made}/confirm")
    event = {"confirm": "confirmed", "cancel": "cancelled", "complete": "completed"}[verb]

    answers = await at_once(*(as_admin.patch(f"/appointments/{made}/{verb}") for _ in range(6)))

    assert answers == {200: 6}
    happened = {"subject": "appointment", "subject_id": made}
    assert await count(outpatient, StoredEvent, name=f"appointment.{event}", **happened) == 1
    assert await count(outpatient, AuditEntry, action=f"appointment.{event}", **happened) == 1


async def test_confirm_and_cancel_at_once_leave_one_story(as_admin, as_patient, as_clinician, outpatient):
    made = (await booked(as_patient, as_clinician))["id"]
    await at_once(
        *(as_admin.patch(f"/appointments/{made}/{verb}") for verb in ("confirm", "cancel", "confirm", "cancel"))
    )
    assert (await shown(as_admin, made))["status"] == "CANCELLED"
    assert await count(outpatient, StoredEvent, name="appointment.cancelled", subject_id=made) == 1
    assert await occupied(outpatient, as_clinician) == 0


async def test_a_cancelled_slot_is_free_again_and_the_first_appointment_stays(
    as_patient, as_clinician, make, hospital, outpatient
):
    made = (await booked(as_patient, as_clinician))["id"]
    assert "10:00" not in await free_times(as_patient, outpatient, as_clinician)

    answer = await as_patient.post(f"/booking/{made}/cancel", {"reason": "Unable to attend"})

    assert answer.status_code == 200
    seen = answer.json()["data"]
    assert (seen["status"], seen["cancelledBy"], seen["cancelReason"]) == ("CANCELLED", "PATIENT", "Unable to attend")
    assert "10:00" in await free_times(as_patient, outpatient, as_clinician)
    assert (await visit_of(outpatient, made)).status == "CANCELLED"
    assert (await payment_of(outpatient, made)).status == "CANCELLED"
    assert (await booked(await make.patient(hospital, "Other"), as_clinician))["id"] != made
    assert (await shown(as_patient, made))["status"] == "CANCELLED"


async def test_delete_works_with_a_body_and_without(as_front_desk, as_patient, as_clinician):
    with_body = (await booked(as_patient, as_clinician))["id"]
    without = (await booked(as_patient, as_clinician, "11:00"))["id"]
    reason = "Patient requested cancellation"
    first = await as_front_desk.delete(f"/appointments/{with_body}", {"reason": reason})
    second = await as_front_desk.delete(f"/appointments/{without}")
    assert (first.json()["data"]["cancelReason"], first.json()["data"]["cancelledBy"]) == (reason, "STAFF")
    assert (second.status_code, second.json()["data"]["cancelReason"]) == (200, None)
    assert second.json()["message"] == "Appointment cancelled successfully"


async def test_a_reason_has_an_end(as_front_desk, as_patient, as_clinician):
    made = (await booked(as_patient, as_clinician))["id"]
    for reason in ("x" * 501, "a\x00b"):
        assert "reason" in details_of(await as_front_desk.delete(f"/appointments/{made}", {"reason": reason}))
    changed = await as_front_desk.patch(f"/appointments/{made}/cancel", {"reason": "x" * 500})
    assert changed.status_code == 200


async def test_nothing_is_cancelled_or_missed_while_the_clinician_sees_the_patient(
    as_admin, as_manager, as_patient, as_clinician
):
    made = (await booked(as_patient, as_clinician, day=MONDAY))["id"]
    await bring_to(as_admin, made, "CHECKED_IN", "IN_PROGRESS")
    for answer in (
        await as_manager.delete(f"/appointments/{made}"),
        await as_manager.put(f"/appointments/{made}", {"status": "NO_SHOW"}),
    ):
        assert (answer.status_code, code_of(answer)) == (409, "INVALID_TRANSITION")
    done = await as_clinician.patch(f"/appointments/{made}/complete")
    assert done.json()["data"]["status"] == "COMPLETED"


async def test_completing_ends_the_visit_and_leaves_the_money_alone(as_clinician, as_patient, outpatient):
    made = (await booked(as_patient, as_clinician))["id"]
    await as_patient.patch(f"/appointments/{made}/confirm")
    await as_clinician.patch(f"/appointments/{made}/complete")
    visit = await visit_of(outpatient, made)
    assert visit.status == "COMPLETED"
    assert visit.started_at <= visit.completed_at
    assert (await payment_of(outpatient, made)).status == "PENDING"


async def test_a_clinician_completes_his_own_only(as_clinician, as_patient, make, hospital):
    other = await make.clinician(hospital)
    made = (await booked(as_patient, as_clinician))["id"]
    await as_patient.patch(f"/appointments/{made}/confirm")
    for verb in ("confirm", "cancel", "complete"):
        assert (await other.patch(f"/appointments/{made}/{verb}")).status_code == 404
    assert (await as_clinician.patch(f"/appointments/{made}/complete")).status_code == 200


async def test_nobody_is_missed_before_it_begins(as_manager, as_patient, as_clinician):
    made = (await booked(as_patient, as_clinician))["id"]
    refused = await as_manager.put(f"/appointments/{made}", {"status": "NO_SHOW"})
    assert code_of(refused) == "INVALID_TRANSITION"
    token = (await booked(as_patient, as_clinician, None, bookingType="TOKEN"))["id"]
    refused = await as_manager.put(f"/appointments/{token}", {"status": "NO_SHOW"})
    assert code_of(refused) == "INVALID_TRANSITION"


async def test_a_patient_cancels_and_moves_within_the_notice_only(make, clock):
    hospital = await make.hospital(cancellation_notice_minutes=120)
    clinician, patient = await make.clinician(hospital), await make.patient(hospital)
    desk = await make.staff(hospital, "FRONT_DESK", centre_id=hospital.centre_id)
    soon = (await booked(patient, clinician, "10:30", MONDAY))["id"]
    late = (await booked(patient, clinician, "11:00", MONDAY))["id"]
    for refused in (
        await patient.patch(f"/appointments/{soon}/cancel"),
        await patient.post(f"/booking/{soon}/cancel"),
        await patient.patch(f"/appointments/{soon}/reschedule", {"appointmentTime": "15:00"}),
    ):
        assert (refused.status_code, code_of(refused)) == (409, "TOO_LATE")
    assert (await patient.patch(f"/appointments/{late}/cancel")).status_code == 200
    assert (await desk.delete(f"/appointments/{soon}")).status_code == 200


async def test_a_patient_cannot_cancel_what_is_over(as_patient, as_clinician, clock):
    timed = (await booked(as_patient, as_clinician, "09:00", MONDAY))["id"]
    token = (await booked(as_patient, as_clinician, None, MONDAY, bookingType="TOKEN"))["id"]
    await later(clock, as_patient, days=1)
    for made in (timed, token):
        assert code_of(await as_patient.patch(f"/appointments/{made}/cancel")) == "TOO_LATE"


async def _answers(make, hospital, as_clinician, as_patient, call):
    times = iter(f"{hour:02}:{minute}" for hour in range(9, 17) for minute in ("00", "30"))

    async def on_a_new_one(persona):
        made = await booked(as_patient, as_clinician, next(times))
        await as_patient.patch(f"/appointments/{made['id']}/confirm")
        answer = await call(persona, made["id"])
        if answer.status_code == 404:  # allowed to ask, but not to see this one
            assert persona.clinician_id or persona.patient_id
            answer.status_code = 200
        return answer

    return await make.who_may(hospital, on_a_new_one)


STAFF = {"ADMIN", "MANAGER", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK"}


@pytest.mark.parametrize(
    ("method", "path", "body", "roles"),
    [
        ("PUT", "/appointments/{}", {"notes": "Called"}, STAFF - {"FRONT_DESK"}),
        ("PATCH", "/appointments/{}/reschedule", {"appointmentDate": "2026-03-03"}, STAFF | {"PATIENT"}),
        ("DELETE", "/appointments/{}", None, STAFF),
        ("PATCH", "/appointments/{}/confirm", None, STAFF | {"PATIENT", "CLINICIAN"}),
        ("PATCH", "/appointments/{}/cancel", None, STAFF | {"PATIENT", "CLINICIAN"}),
        ("PATCH", "/appointments/{}/complete", None, {"ADMIN", "CLINICIAN"}),
        ("POST", "/booking/{}/cancel", None, {"PATIENT"}),
        ("GET", "/booking/{}", None, {"PATIENT"}),
        ("GET", "/appointments/{}/history", None, STAFF | {"PATIENT", "CLINICIAN"}),
    ],
)
async def test_the_roles_of_each_change(
    make, hospital, as_clinician, as_patient, as_stranger, method, path, body, roles
):
    async def call(persona, appointment_id):
        return await persona.call(method, path.format(appointment_id), json=body)

    assert await _answers(make, hospital, as_clinician, as_patient, call) == roles
    made = await booked(as_patient, as_clinician, "16:30")
    if "ADMIN" in roles:
        assert (await call(as_stranger, made["id"])).status_code == 404


async def test_a_patient_who_was_seen_early_gives_his_time_back(as_patient, as_admin, as_clinician, make, hospital):
    made = await booked(as_patient, as_clinician)
    await as_patient.patch(f"/appointments/{made['id']}/confirm")
    assert (await as_clinician.patch(f"/appointments/{made['id']}/complete")).status_code == 200

    again = await booked(await make.patient(hospital, "Next One"), as_clinician)

    assert again["start"] == made["start"]


async def test_the_fee_of_what_is_over_stays(as_patient, as_admin, as_clinician):
    made = await booked(as_patient, as_clinician)
    await as_patient.patch(f"/appointments/{made['id']}/cancel")
    refused = await as_admin.put(f"/appointments/{made['id']}", {"consultationFee": 1})
    assert (refused.status_code, list(refused.json()["error"]["details"])) == (400, ["consultationFee"])
