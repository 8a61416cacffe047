"""Lists that are kept for five minutes (seed 000), and never past a change that is known."""

import pytest

from tests.appointments.wishes import Elsewhere, later
from tests.compat.reception.conftest import TODAY, AtRoot, at_root, good
from tests.makers import new_phone
from tests.realtime.streams import place

LISTS = ("/appointments", "/patients")


@pytest.fixture
async def reads(outpatient, monkeypatch):
    """How often lists were read from the store, while words travel between programs."""
    counted = []
    answers, get = outpatient.api.state.parts.list_answers, outpatient.api.state.parts.list_answers.get

    async def counting(key, read):
        async def read_and_count():
            counted.append(key)
            return await read()

        return await get(key, read_and_count)

    monkeypatch.setattr(answers, "get", counting)
    monkeypatch.setattr(outpatient.news, "is_connected", True)
    answers.forget()
    return counted


@pytest.mark.parametrize("path", LISTS)
async def test_one_read_serves_five_minutes(reception, reads, clock, path):
    await reception.book()
    first = await reception.read(path)
    clock.advance(minutes=4, seconds=59)
    assert await reception.read(path) == first
    assert len(reads) == 1

    clock.advance(seconds=1)
    assert await reception.read(path) == first
    assert len(reads) == 2


@pytest.mark.parametrize("path", LISTS)
async def test_what_changes_nothing_forgets_nothing(reception, reads, clock, outpatient, path):
    """Sweeps that find nothing, and somebody who only looks: both commit, and no event stands for it."""
    appointment = await reception.book()
    await outpatient.worker.run_once()
    await reception.read(path)
    clock.advance(minutes=1)
    for sweep in outpatient.worker.sweeps:
        await outpatient.worker._make(sweep)
    await outpatient.worker._place()
    good(await reception.desk.get(f"/patients/{appointment['patient_id']}"))

    await reception.read(path)
    assert len(reads) == 1


@pytest.mark.parametrize("path", LISTS)
async def test_clients_keep_nothing(reception, path):
    assert (await reception.desk.get(path)).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", LISTS)
async def test_while_no_words_travel_a_list_is_a_second_old_at_most(
    outpatient, reception, reads, clock, path, monkeypatch
):
    monkeypatch.setattr(outpatient.news, "is_connected", False)
    await reception.read(path)
    clock.advance(seconds=1)
    await reception.read(path)

    assert len(reads) == 2


async def test_each_question_is_answered_by_itself(reception, reads):
    await reception.book("10:00")
    await reception.book("10:30")

    assert (await reception.read("/appointments", per_page=1))["pages"] == 2
    assert (await reception.read("/appointments", per_page=2))["pages"] == 1
    assert (await reception.read("/appointments", per_page=2, status="cancelled"))["total"] == 0
    assert (await reception.read("/patients", per_page=2))["per_page"] == 2
    assert len(reads) == 4


async def test_nobody_gets_what_another_may_see(reception, reads, make, hospital, stranger, as_manager):
    await reception.book()
    elsewhere = at_root(await make.staff(hospital, "FRONT_DESK", centre_id=await make.centre(hospital)))
    colleague = at_root(await make.clinician(hospital))

    assert (await reception.read("/appointments"))["total"] == 1
    for by in (elsewhere, colleague, stranger):
        assert (await reception.read("/appointments", by))["total"] == 0
    assert (await reception.read("/appointments", reception.doctor))["total"] == 1
    assert (await reception.read("/appointments", at_root(as_manager)))["total"] == 1
    assert (await at_root(await make.patient(hospital)).get("/appointments")).status_code == 403
    assert len(reads) == 6


async def test_those_who_see_the_same_share_an_answer(reception, reads, make, hospital):
    await reception.read("/appointments")
    await reception.read("/appointments", at_root(await make.staff(hospital, "FRONT_DESK")))

    assert len(reads) == 2  # the second sign-in is an event, too
    await reception.read("/appointments")
    assert len(reads) == 2


CHANGES = {
    "book": lambda r, _: r.book("11:00"),
    "update": lambda r, one: r.desk.put(f"/appointments/{one['id']}", {"notes": "x"}),
    "cancel": lambda r, one: r.desk.delete(f"/appointments/{one['id']}"),
    "check in": lambda r, one: r.check_in(one),
    "call": lambda r, one: r.desk.post("/queue/call", {"visit_id": one["visit"]["id"]}),
    "rename": lambda r, one: r.desk.put(f"/patients/{one['patient_id']}", {"name": "Somebody Else"}),
    "confirm by the API": lambda r, one: r.desk.patch(f"/api/v1/appointments/{one['id']}/confirm"),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_is_seen_at_once(reception, reads, change):
    appointment = await reception.book()
    if change == "call":
        await reception.check_in(appointment)
    before = await reception.read("/appointments")
    await CHANGES[change](reception, appointment)

    assert await reception.read("/appointments") != before


async def test_a_new_patient_is_seen_at_once(reception, reads):
    assert (await reception.read("/patients"))["total"] == 0
    body = {"name": "Asha Rao", "phone": new_phone()}
    patient = good(await reception.desk.post("/patients", body), 201)["patient"]
    assert (await reception.read("/patients"))["total"] == 1
    good(await reception.desk.delete(f"/patients/{patient['id']}"))
    assert (await reception.read("/patients"))["total"] == 0


async def test_a_change_in_one_program_is_seen_in_the_other_after_the_news(reception, outpatient, reads):
    async with Elsewhere(outpatient) as other:
        other.program.news.is_connected = True
        there = AtRoot(**vars(other.seen_by(reception.desk)))
        assert (await reception.read("/appointments", there))["total"] == 0
        assert (await reception.read("/appointments"))["total"] == 0

        await reception.book()
        await place(outpatient)
        assert (await reception.read("/appointments", there))["total"] == 0  # nobody has told it yet
        other.program.news._heard("news from-elsewhere")
        assert (await reception.read("/appointments", there))["total"] == 1

        body = await reception.wish("11:00", TODAY)
        assert (await reception.read("/appointments"))["total"] == 1
        good(await there.post("/appointments", body), 201)
        assert (await reception.read("/appointments"))["total"] == 1
        outpatient.news._heard("news from-elsewhere")
        assert (await reception.read("/appointments"))["total"] == 2


async def test_a_person_renewed_reads_on(reception, reads, clock, as_front_desk):
    await reception.read("/appointments")
    await later(clock, as_front_desk, minutes=20)

    assert (await reception.read("/appointments", at_root(as_front_desk)))["total"] == 0
