"""`/r/{token}`: the one-tap link in a reminder."""

import re
from urllib.parse import urlsplit

import pytest

from outpatient.access.tokens import sign_value
from outpatient.models import Appointment, Hospital, HospitalConfig, Patient
from outpatient.notifications.links import reply_link
from tests.appointments.wishes import MONDAY, booked, held, later, one
from tests.signing import change, everything_stored

pytestmark = pytest.mark.anyio


async def link_of(outpatient, appointment_id: int) -> str:
    return urlsplit(reply_link(outpatient.settings, await one(outpatient, Appointment, id=appointment_id))).path


def words(answer) -> str:
    body = re.sub(r"<style>.*?</style>", "", answer.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


async def press(http, link: str, button: str):
    return await http.post(link, data={"answer": button})


@pytest.fixture
async def made(as_patient, as_clinician) -> dict:
    return await booked(as_patient, as_clinician)


@pytest.fixture
async def link(outpatient, made) -> str:
    return await link_of(outpatient, made["id"])


async def test_a_look_shows_two_buttons_and_changes_nothing(outpatient, http, link, as_patient):
    before = await everything_stored(outpatient)
    for method in ("GET", "HEAD", "GET"):
        answer = await http.request(method, link)
        assert answer.status_code == 200
    assert await everything_stored(outpatient) == before
    assert re.findall(r'<button[^>]* value="(\w+)"', answer.text) == ["confirm", "cancel"]
    said = words(answer)
    assert "Are you coming?" in said and "Tuesday 3 March 2026" in said and "10:00 (Asia/Kolkata)" in said
    assert as_patient.phone not in answer.text and "Asha" not in answer.text


async def test_nothing_but_its_own_form_may_run_in_it(http, link):
    answer = await http.get(link)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "form-action 'self'" in policy and "script" not in answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "form-action 'none'" in (await http.get("/r/x")).headers["content-security-policy"]


async def test_yes_confirms_and_no_cancels_however_often(outpatient, http, made, link):
    for _ in range(2):
        answer = await press(http, link, "confirm")
        assert answer.status_code == 200 and "is confirmed" in words(answer)
    assert (await one(outpatient, Appointment, id=made["id"])).status == "CONFIRMED"
    again = await http.get(link)
    assert re.findall(r'value="(\w+)"', again.text) == ["cancel"]
    assert "is cancelled, as you asked" in words(await press(http, link, "cancel"))
    row = await one(outpatient, Appointment, id=made["id"])
    assert (row.status, row.cancelled_by) == ("CANCELLED", "PATIENT")
    over = await http.get(link)
    assert over.status_code == 200 and "<button" not in over.text and "This appointment is cancelled" in words(over)
    assert "no such appointment" in words(await press(http, link, "confirm"))


@pytest.mark.parametrize("button", ["", "delete", "CONFIRM "])
async def test_no_button_does_nothing(outpatient, http, made, link, button):
    assert (await press(http, link, button)).status_code == 400
    assert (await http.post(link, content=b"x" * 5_000)).status_code == 400
    assert (await one(outpatient, Appointment, id=made["id"])).status == "PENDING"


async def test_once_it_has_moved_the_old_link_says_so_and_the_new_one_works(outpatient, http, made, link, as_patient):
    await as_patient.patch(f"/appointments/{made['id']}/reschedule", {"appointmentTime": "15:00"})
    for answer in (await http.get(link), await press(http, link, "cancel")):
        assert answer.status_code == 410 and "has been moved" in words(answer) and "<button" not in answer.text
    assert (await one(outpatient, Appointment, id=made["id"])).status == "PENDING"
    assert (await http.get(await link_of(outpatient, made["id"]))).status_code == 200


async def test_it_is_good_until_the_start(outpatient, http, as_patient, as_clinician, clock):
    made = await booked(as_patient, as_clinician, "10:00", MONDAY)
    link = await link_of(outpatient, made["id"])
    clock.advance(minutes=59, seconds=59)
    assert (await http.get(link)).status_code == 200
    clock.advance(seconds=1)
    answer = await press(http, link, "confirm")
    assert answer.status_code == 410 and "has begun" in words(answer)
    assert (await one(outpatient, Appointment, id=made["id"])).status == "PENDING"


async def test_who_has_arrived_is_not_asked(outpatient, http, as_patient, as_front_desk, as_clinician, clock):
    made = await booked(as_patient, as_clinician, "12:00", MONDAY)
    link = await link_of(outpatient, made["id"])
    await later(clock, as_front_desk, hours=1)
    assert (await as_front_desk.post(f"/appointments/{made['id']}/check-in")).status_code == 200
    answer = await http.get(link)
    assert "You have arrived" in words(answer) and "<button" not in answer.text
    await press(http, link, "cancel")
    assert (await one(outpatient, Appointment, id=made["id"])).status == "CHECKED_IN"


async def test_a_token_is_answered_until_its_day_is_over(
    outpatient, http, as_front_desk, as_clinician, make, hospital, clock
):
    patient = await make.record(hospital)
    made = await booked(as_front_desk, as_clinician, None, MONDAY, bookingType="TOKEN", patientId=patient)
    link = await link_of(outpatient, made["id"])
    assert "is confirmed" in words(await press(http, link, "confirm"))
    clock.advance(hours=15)
    assert (await http.get(link)).status_code == 410


async def test_an_unpaid_hold_must_be_paid_first(outpatient, http, as_patient, as_clinician):
    hold = await held(as_patient, as_clinician)
    assert "until it is paid" in words(await press(http, await link_of(outpatient, hold), "confirm"))


async def test_too_late_is_said(outpatient, http, link, made, hospital):
    notice = {"cancellation_notice_minutes": 60 * 24 * 7}
    await change(outpatient, HospitalConfig, HospitalConfig.hospital_id == hospital.id, **notice)
    assert "too late" in words(await press(http, link, "cancel"))
    assert (await one(outpatient, Appointment, id=made["id"])).status == "PENDING"


async def test_hindi_patients_read_hindi(outpatient, http, link, as_patient):
    await change(outpatient, Patient, Patient.id == as_patient.patient_id, language="hi")
    answer = await http.get(link)
    assert '<html lang="hi">' in answer.text and "क्या आप आ रहे हैं?" in words(answer)
    assert "पक्की" in words(await press(http, link, "confirm"))


async def test_names_cannot_put_anything_into_the_page(outpatient, http, link, hospital):
    await change(outpatient, Hospital, Hospital.id == hospital.id, name='<img src=x onerror="alert(1)">')
    assert "<img" not in (await http.get(link)).text


async def test_links_that_are_not_ours_do_not_exist(outpatient, http, made, link, hospital):
    secret = outpatient.settings.secret_key
    token = link.removeprefix("/r/")
    strange = [
        "x",
        "",
        token[:-1],
        token + "A",
        token.swapcase(),
        sign_value(secret, "pay", f"{made['id']}.1"),
        sign_value(secret, "reply", "x.1"),
        sign_value(secret, "reply", "999999999.1"),
        sign_value("another secret", "reply", f"{made['id']}.1"),
    ]
    for one_of_them in strange:
        assert (await http.get(f"/r/{one_of_them}")).status_code == 404
        assert (await press(http, f"/r/{one_of_them}", "cancel")).status_code == 404
    assert (await http.put(link)).status_code == 405
    await change(outpatient, Hospital, Hospital.id == hospital.id, is_active=False)
    assert (await http.get(link)).status_code == 404
