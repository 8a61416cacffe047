"""Schedules are kept in the process, and no reader ever answers from hours that have changed."""

from datetime import date

import pytest
from sqlalchemy import select

from outpatient.core.errors import NotFound
from outpatient.core.terms import SlotState
from outpatient.scheduling.queries import Schedules

pytestmark = pytest.mark.anyio

TUESDAY = date(2026, 3, 3)


@pytest.fixture
def other_process(outpatient) -> Schedules:
    """What another process on the same store keeps in mind."""
    return Schedules(outpatient.database)


@pytest.fixture
def free(hospital, as_clinician):
    async def free(schedules: Schedules, on: date = TUESDAY) -> list[str]:
        days = await schedules.find_slots(hospital.id, as_clinician.clinician_id, first_on=on, last_on=on)
        return [
            offered.slot.starts_at.astimezone(offered.zone).strftime("%H:%M")
            for offered in days[on]
            if offered.slot.state is SlotState.AVAILABLE
        ]

    return free


async def test_a_reader_sees_at_once_what_another_process_changed(other_process, free, as_admin, as_clinician):
    assert len(await free(other_process)) == 16
    path = f"/clinicians/{as_clinician.clinician_id}"
    rules = [{"dayOfWeek": "TUESDAY", "startTime": "10:00", "endTime": "11:00"}]
    assert (await as_admin.put(f"{path}/availability", {"availabilityRules": rules})).status_code == 200
    assert await free(other_process) == ["10:00", "10:30"]

    slot = {"date": "2026-03-03", "startTime": "18:00", "endTime": "18:40"}
    added = (await as_admin.post(f"{path}/open-slots", slot)).json()["data"]["id"]
    assert await free(other_process) == ["10:00", "10:30", "18:00"]

    off = (await as_admin.post(f"{path}/time-off", {"date": "2026-03-03"})).json()["data"]["timeOff"]["id"]
    assert await free(other_process) == []

    assert (await as_admin.delete(f"{path}/time-off/{off}")).status_code == 200
    assert (await as_admin.delete(f"{path}/open-slots/{added}")).status_code == 200
    assert await free(other_process) == ["10:00", "10:30"]


async def test_a_booking_on_hours_that_another_process_changed_is_refused(
    as_patient, as_clinician, free, outpatient, hospital
):
    """The app has the old hours in mind; the change is written behind its back."""
    from outpatient.models import AvailabilityRule, Clinician

    assert "10:00" in await free(outpatient.api.state.parts.schedules)
    async with outpatient.database.transaction() as tx:
        for rule in await tx.all(
            select(AvailabilityRule).where(AvailabilityRule.clinician_id == as_clinician.clinician_id)
        ):
            await tx.session.delete(rule)
        clinician = await tx.session.get(Clinician, as_clinician.clinician_id)
        clinician.schedule_version += 1

    wish = {"clinicianId": as_clinician.clinician_id, "appointmentDate": "2026-03-03", "appointmentTime": "10:00"}
    assert (await as_patient.post("/appointments", wish)).status_code == 409


async def test_a_clinician_who_left_is_not_found_though_he_is_known(other_process, free, outpatient, as_clinician):
    from outpatient.models import Clinician

    assert await free(other_process)
    async with outpatient.database.transaction() as tx:
        clinician = await tx.session.get(Clinician, as_clinician.clinician_id)
        clinician.is_active, clinician.schedule_version = False, clinician.schedule_version + 1
    with pytest.raises(NotFound):
        await free(other_process)
