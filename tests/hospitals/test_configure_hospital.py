"""`PUT` and `PATCH /hospitals/{id}/config`."""

import pytest

pytestmark = pytest.mark.anyio

OTHERWISE = {
    "timeZone": "Europe/Berlin",
    "language": "hi",
    "bookingMode": "TIME_SLOT_ONLY",
    "prepayment": "NONE",
    "holdMinutes": 20,
    "defaultDurationMinutes": 45,
    "bufferMinutes": 5,
    "minimumNoticeMinutes": 60,
    "bookingHorizonDays": 30,
    "cancellationNoticeMinutes": 120,
    "maxUnpaidHolds": 1,
    "dailyPatientLimit": 40,
    "maxQueueLength": 12,
    "earlyArrivalMinutes": 60,
    "skipPositions": 3,
    "defaultConsultationMinutes": 20,
    "tokenResetFrequency": "WEEKLY",
    "tokenPrefix": "MB",
    "reminderMinutes": 90,
    "noShowAfterMinutes": 25,
    "noShowMode": "PROPOSE",
    "turnNearPositions": 3,
    "feedbackAfterMinutes": 90,
    "quietFrom": "22:30:00",
    "quietUntil": "07:00:00",
    "fullRefundNoticeMinutes": 1440,
    "lateRefundPercent": 50,
    "paymentLinkHours": 48,
    "invoicePrefix": "BLR/26-",
    "taxNumber": "29ABCDE1234F1Z5",
}


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_every_rule_can_be_changed(as_admin, hospital, method):
    path = f"/hospitals/{hospital.id}/config"

    answer = await as_admin.call(method, path, json=OTHERWISE)

    assert answer.status_code == 200, answer.text
    assert answer.json()["data"] == {"hospitalId": hospital.id, **OTHERWISE}
    assert (await as_admin.get(path)).json()["data"] == {"hospitalId": hospital.id, **OTHERWISE}


async def test_what_is_not_named_stays_and_limits_can_be_lifted(as_admin, hospital):
    path = f"/hospitals/{hospital.id}/config"
    await as_admin.put(path, OTHERWISE)

    lifted = (await as_admin.patch(path, {"dailyPatientLimit": None, "prepayment": "all"})).json()["data"]

    assert lifted == {"hospitalId": hospital.id, **OTHERWISE, "dailyPatientLimit": None, "prepayment": "ALL"}
    assert (await as_admin.patch(path, {})).json()["data"] == lifted


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("holdMinutes", 0, "Must be a whole number from 1 to 1440 (minutes)"),
        ("holdMinutes", 1441, "Must be a whole number from 1 to 1440 (minutes)"),
        ("holdMinutes", True, "Must be a whole number from 1 to 1440 (minutes)"),
        ("holdMinutes", "15", "Must be a whole number from 1 to 1440 (minutes)"),
        ("holdMinutes", None, "This field cannot be empty"),
        ("defaultDurationMinutes", 0, "Must be a whole number from 1 to 1440 (minutes)"),
        ("bufferMinutes", -1, "Must be a whole number from 0 to 240 (minutes)"),
        ("minimumNoticeMinutes", 43_201, "Must be a whole number from 0 to 43200 (minutes)"),
        ("bookingHorizonDays", 731, "Must be a whole number from 1 to 730 (days)"),
        ("cancellationNoticeMinutes", -5, "Must be a whole number from 0 to 43200 (minutes)"),
        ("maxUnpaidHolds", 0, "Must be a whole number from 1 to 50 (bookings)"),
        ("dailyPatientLimit", 0, "Must be a whole number from 1 to 1000 (patients)"),
        ("maxQueueLength", 10**30, "Must be a whole number from 1 to 1000 (patients)"),
        ("earlyArrivalMinutes", 2000, "Must be a whole number from 0 to 1440 (minutes)"),
        ("lateRefundPercent", 101, "Must be a whole number from 0 to 100 (percent)"),
        ("quietFrom", "22:00:00+05:30", "Must be wall-clock time in the centre's zone, without an offset"),
        ("invoicePrefix", "INVOICE NUMBER", "Must be 1 to 12 letters, digits, hyphens or slashes"),
        ("skipPositions", 0, "Must be a whole number from 1 to 50 (places in the queue)"),
        ("defaultConsultationMinutes", 481, "Must be a whole number from 1 to 480 (minutes)"),
        ("reminderMinutes", 0, "Must be a whole number from 1 to 10080 (minutes)"),
        ("noShowAfterMinutes", 1.5, "Must be a whole number from 1 to 1440 (minutes)"),
        ("tokenPrefix", "TOO-LONG-1", "Must be 1 to 8 letters, digits or hyphens"),
        ("tokenPrefix", "", "Must be 1 to 8 letters, digits or hyphens"),
        ("language", "klingon", "Must be a language tag, such as en, hi or en-IN"),
        ("timeZone", "IST", "Must be an IANA time zone, such as Asia/Kolkata"),
    ],
)
async def test_a_value_out_of_range_is_refused_with_a_sentence(as_admin, hospital, field, value, sentence):
    refused = await as_admin.patch(f"/hospitals/{hospital.id}/config", {field: value})

    assert refused.status_code == 400
    assert refused.json()["error"]["details"] == {field: sentence}


@pytest.mark.parametrize("field", ["bookingMode", "prepayment", "tokenResetFrequency"])
async def test_a_word_that_we_do_not_know_is_refused(as_admin, hospital, field):
    refused = await as_admin.patch(f"/hospitals/{hospital.id}/config", {field: "SOMETIMES"})

    assert refused.status_code == 400
    assert list(refused.json()["error"]["details"]) == [field]


async def test_a_rule_holds_from_the_next_booking_on(as_admin, as_patient, as_clinician, hospital):
    """Also for schedules that were in use before: the change outdates them."""
    wish = {"clinicianId": as_clinician.clinician_id, "appointmentDate": "2026-03-03"}
    path = f"/hospitals/{hospital.id}/config"
    assert (await as_patient.post("/appointments", {**wish, "appointmentTime": "10:00"})).status_code == 201

    assert (await as_admin.patch(path, {"defaultDurationMinutes": 60})).status_code == 200

    off_the_grid = await as_patient.post("/appointments", {**wish, "appointmentTime": "11:30"})
    on_the_grid = await as_patient.post("/appointments", {**wish, "appointmentTime": "11:00"})
    assert off_the_grid.status_code == 409
    assert on_the_grid.json()["data"]["end"] == "2026-03-03T06:30:00Z"


async def test_only_admins_change_the_rules(make, hospital, as_stranger):
    path = f"/hospitals/{hospital.id}/config"

    assert await make.who_may(hospital, lambda persona: persona.put(path, {"holdMinutes": 20})) == {"ADMIN"}
    assert (await as_stranger.put(path, {"holdMinutes": 20})).status_code == 404


async def test_the_platforms_owner_changes_the_rules_of_the_hospital_that_he_names(make, hospital):
    for owner in (await make.superadmin(), await make.superadmin(hospital)):
        answer = await owner.patch(f"/hospitals/{hospital.id}/config", {"holdMinutes": 25})
        assert answer.status_code == 200
        assert answer.json()["data"]["holdMinutes"] == 25
