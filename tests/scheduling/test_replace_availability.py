"""The weekly hours of a clinician, set anew: `PUT /clinicians/{id}/availability`."""

import pytest

pytestmark = pytest.mark.anyio


def rule(day, start, end, **given):
    return {"dayOfWeek": day, "startTime": start, "endTime": end, "isAvailable": True, **given}


def path(clinician, **query):
    return f"/clinicians/{clinician.clinician_id}/availability" + "".join(f"?{k}={v}" for k, v in query.items())


async def put(persona, clinician, *rules, **query):
    return await persona.put(path(clinician, **query), {"availabilityRules": list(rules)})


async def test_the_answer_is_the_stored_set_in_one_form(as_admin, as_clinician, hospital, ask):
    answer = await put(
        as_admin, as_clinician, rule("TUESDAY", "14:00", "17:00:00"), rule("monday", "09:00:00", "12:00"),
        rule("TUESDAY", "09:00", "12:00"), rule("SUNDAY", "09:00", "12:00", isAvailable=False),
    )  # fmt: skip

    assert answer.status_code == 200, answer.text
    expected = [
        rule("MONDAY", "09:00:00", "12:00:00", centreId=hospital.centre_id),
        rule("TUESDAY", "09:00:00", "12:00:00", centreId=hospital.centre_id),
        rule("TUESDAY", "14:00:00", "17:00:00", centreId=hospital.centre_id),
    ]
    assert answer.json()["data"] == expected
    assert (await as_admin.get(path(as_clinician))).json()["data"] == expected
    assert await ask.free("2026-03-04") == []
    assert len(await ask.free("2026-03-03")) == 12


async def test_what_was_read_can_be_put_back(as_admin, as_clinician):
    before = (await as_admin.get(path(as_clinician))).json()["data"]
    assert (await put(as_admin, as_clinician, *before)).json()["data"] == before


async def test_the_same_hours_again_change_nothing(as_admin, as_clinician, outpatient):
    rules = [rule("MONDAY", "09:00", "17:00"), rule("FRIDAY", "09:00", "17:00")]
    await put(as_admin, as_clinician, *rules)
    version = await version_of(outpatient, as_clinician)
    assert (await put(as_admin, as_clinician, *reversed(rules))).status_code == 200
    assert await version_of(outpatient, as_clinician) == version
    assert (await put(as_admin, as_clinician, *rules[:1])).status_code == 200
    assert await version_of(outpatient, as_clinician) == version + 1


async def version_of(outpatient, clinician):
    from outpatient.models import Clinician

    async with outpatient.database.reading() as tx:
        return (await tx.session.get(Clinician, clinician.clinician_id)).schedule_version


async def test_an_empty_body_changes_nothing_and_an_empty_set_closes(as_admin, as_clinician, ask):
    assert len((await as_admin.put(path(as_clinician), {})).json()["data"]) == 5
    assert (await put(as_admin, as_clinician)).json()["data"] == []
    assert await ask.day("2026-03-03") == {}


@pytest.mark.parametrize("end", ["24:00", "24:00:00", "00:00", "00:00:00"])
async def test_hours_may_end_at_midnight(as_admin, as_clinician, ask, end):
    answer = await put(as_admin, as_clinician, rule("TUESDAY", "23:00", end))
    assert answer.json()["data"][0]["endTime"] == "24:00:00"
    assert await ask.free("2026-03-03") == ["23:00:00", "23:30:00"]


async def test_a_closed_day_needs_no_times(as_admin, as_clinician):
    answer = await put(as_admin, as_clinician, {"dayOfWeek": "SUNDAY", "isAvailable": False, "startTime": None})
    assert answer.status_code == 200
    assert answer.json()["data"] == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (rule("MONDAY", "11:00", "13:00"), "availabilityRules.1"),
        (rule("MONDAY", "09:00", "12:00"), "availabilityRules.1"),
        (rule("MONDAY", "08:00", "24:00"), "availabilityRules.1"),
        (rule("MONDAY", "17:00", "16:00"), "availabilityRules.1.endTime"),
        (rule("MONDAY", "17:00", "17:00"), "availabilityRules.1.endTime"),
        (rule("MONDAY", "24:00", "24:00"), "availabilityRules.1.startTime"),
        (rule("MONDAY", "17:00:30", "18:00"), "availabilityRules.1.startTime"),
        (rule("MONDAY", "25:00", "26:00"), "availabilityRules.1.startTime"),
        (rule("MONDAY", 17, "18:00"), "availabilityRules.1.startTime"),
        ({"dayOfWeek": "MONDAY", "startTime": "17:00"}, "availabilityRules.1.endTime"),
        (rule("SOMEDAY", "17:00", "18:00"), "availabilityRules.1.dayOfWeek"),
        (rule("MONDAY", "17:00", "18:00", centreId=10**9), "availabilityRules.1.centreId"),
    ],
)
async def test_a_wrong_rule_is_refused_by_its_place_and_nothing_is_changed(
    as_admin, as_clinician, hospital, wrong, field
):
    before = (await as_admin.get(path(as_clinician))).json()["data"]
    good = rule("MONDAY", "09:00", "12:00", centreId=hospital.centre_id)
    refused = await put(as_admin, as_clinician, good, wrong)
    assert refused.status_code == 400, refused.text
    assert field in refused.json()["error"]["details"]
    assert (await as_admin.get(path(as_clinician))).json()["data"] == before


async def test_hours_that_touch_do_not_overlap(as_admin, as_clinician):
    touching = [rule("MONDAY", "09:00", "12:00"), rule("MONDAY", "12:00", "15:00"), rule("TUESDAY", "09:00", "12:00")]
    assert (await put(as_admin, as_clinician, *touching)).status_code == 200


async def test_each_centre_keeps_its_own_set(as_admin, as_clinician, hospital, make, as_nobody):
    second = await make.centre(hospital)
    await put(as_admin, as_clinician, rule("MONDAY", "09:00", "12:00"))
    answer = await put(as_admin, as_clinician, rule("MONDAY", "14:00", "16:00"), centreId=second)
    assert answer.json()["data"] == [rule("MONDAY", "14:00:00", "16:00:00", centreId=second)]

    both = (await as_nobody.get(path(as_clinician))).json()["data"]
    assert [(each["startTime"], each["centreId"]) for each in both] == [
        ("09:00:00", hospital.centre_id),
        ("14:00:00", second),
    ]
    only = (await as_nobody.get(path(as_clinician, centreId=second))).json()["data"]
    assert [each["centreId"] for each in only] == [second]


async def test_nobody_is_at_two_centres_at_once(as_admin, as_clinician, hospital, make):
    second = await make.centre(hospital)
    refused = await put(
        as_admin, as_clinician, rule("SUNDAY", "09:00", "10:00"), rule("MONDAY", "16:30", "18:00"), centreId=second
    )
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "HOURS_OVERLAP"
    assert list(refused.json()["error"]["details"]) == ["availabilityRules.1"]
    assert (await put(as_admin, as_clinician, rule("MONDAY", "17:00", "18:00"), centreId=second)).status_code == 200


async def test_hours_in_another_zone_are_not_compared(as_admin, as_clinician, hospital, make):
    second = await make.centre(hospital, "Europe/London")
    assert (await put(as_admin, as_clinician, rule("MONDAY", "09:00", "12:00"), centreId=second)).status_code == 200


async def test_who_may_set_hours(make, hospital, as_clinician):
    async def call(persona):
        return await put(persona, as_clinician, rule("MONDAY", "09:00", "12:00"))

    assert await make.who_may(hospital, call) == {"ADMIN", "MANAGER", "CENTRE_MANAGER"}


async def test_a_centre_manager_sets_the_hours_at_his_centre_only(make, hospital, as_clinician, as_centre_manager):
    second = await make.centre(hospital)
    theirs = await make.staff(hospital, "CENTRE_MANAGER", centre_id=second)
    assert (
        await put(as_centre_manager, as_clinician, rule("SUNDAY", "09:00", "12:00"), centreId=second)
    ).status_code == 404
    assert (await put(theirs, as_clinician, rule("SUNDAY", "09:00", "12:00"))).status_code == 404
    assert (await put(theirs, as_clinician, rule("SUNDAY", "09:00", "12:00"), centreId=second)).status_code == 200


async def test_another_hospital_does_not_know_him(as_stranger, as_clinician, hospital):
    assert (await put(as_stranger, as_clinician, rule("MONDAY", "09:00", "12:00"))).status_code == 404


async def test_a_centre_of_another_hospital_does_not_exist(as_admin, as_clinician, make):
    other = await make.hospital()
    assert (
        await put(as_admin, as_clinician, rule("SUNDAY", "09:00", "12:00"), centreId=other.centre_id)
    ).status_code == 404


async def test_a_change_is_audited_and_told(as_admin, as_clinician, outpatient, hospital):
    from sqlalchemy import select

    from outpatient.models import AuditEntry, StoredEvent

    await put(as_admin, as_clinician, rule("MONDAY", "09:00", "12:00"))
    async with outpatient.database.reading() as tx:
        name = "clinician.availability_replaced"
        (event,) = await tx.all(
            select(StoredEvent).where(StoredEvent.hospital_id == hospital.id, StoredEvent.name == name)
        )
        (entry,) = await tx.all(
            select(AuditEntry).where(AuditEntry.hospital_id == hospital.id, AuditEntry.action == name)
        )
    assert (event.subject_id, event.payload) == (as_clinician.clinician_id, {"centre_id": hospital.centre_id})
    assert (entry.actor_id, entry.subject) == (as_admin.user_id, "clinician")
