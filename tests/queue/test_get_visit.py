"""`GET /visits/{id}` and its history: where somebody stands, why, and what happened to him."""

from tests.queue.conftest import TODAY


async def test_a_visit_says_everything_about_itself(morning):
    visit_id = await morning.brought_to("WAITING")
    visit = await morning.visit(visit_id)
    assert set(visit) == {
        *("id", "appointmentId", "patientId", "patientName", "clinicianId", "departmentId", "centreId", "serviceId"),
        *(
            "tokenNumber",
            "tokenLabel",
            "status",
            "priority",
            "isCarryover",
            "serviceDay",
            "notes",
            "room",
            "holdReason",
        ),
        *("checkedInAt", "calledAt", "startedAt", "completedAt", "notBefore", "position", "estimatedWait"),
        "explanation",
    }
    assert (visit["serviceDay"], visit["position"], visit["room"]) == (TODAY, 1, "Room 4")


async def test_it_says_why_somebody_stands_where_he_stands(morning, clock):
    left = (await morning.walk_in())["id"]
    await morning.pass_time(clock, days=1)
    one, two = await morning.walk_ins(2)
    await morning.walk_in(priority="URGENT")
    expected = {
        left: ["Number 2 in line", "Behind 1 patient who must be seen first"],
        one: [
            "Number 3 in line",
            "Behind 1 patient who must be seen first",
            "Behind 1 patient left over from an earlier day",
        ],
        two: [
            "Number 4 in line",
            "Behind 1 patient who must be seen first",
            "Behind 1 patient left over from an earlier day",
            "Behind 1 patient who came before or was placed before",
        ],
    }
    assert {visit_id: (await morning.visit(visit_id))["explanation"] for visit_id in expected} == expected


async def test_whoever_is_not_in_line_has_nothing_to_explain(morning):
    for status in ("EXPECTED", "CALLED", "COMPLETED"):
        visit = await morning.visit(await morning.brought_to(status))
        assert (visit["position"], visit["explanation"], visit["estimatedWait"]) == (None, [], None)


async def test_a_history_tells_who_did_what_and_why(morning, clock):
    visit_id = await morning.brought_to("WAITING")
    await morning.do(visit_id, "priority", priority="URGENT", reason="Chest pain")
    clock.advance(minutes=1)
    await morning.do(visit_id, "call", by=morning.doctor)
    await morning.do(visit_id, "skip", by=morning.doctor, reason="Did not answer")

    history = await morning.history(visit_id)

    assert [entry["event"] for entry in history] == [
        "visit.checked_in",
        "visit.prioritised",
        *["visit.status_changed"] * 2,
    ]
    assert [entry["at"] for entry in history] == ["2026-03-02T03:30:00Z"] * 2 + ["2026-03-02T03:31:00Z"] * 2
    assert [entry["by"] for entry in history] == ["Front Desk", "Front Desk", "Clinician", "Clinician"]
    assert [entry["details"].get("reason") for entry in history] == [None, "Chest pain", None, "Did not answer"]
    assert [entry["details"]["status"] for entry in history] == ["WAITING", "WAITING", "CALLED", "SKIPPED"]
    assert not [entry for entry in history if "before" in entry["details"]]


async def test_a_patient_is_not_shown_what_is_written_about_him(morning, as_patient):
    visit = await morning.walk_in(patientId=as_patient.patient_id, notes="Difficult")
    await morning.do(visit["id"], "hold", reason="Quarrel")
    mine = (await as_patient.get(f"/visits/{visit['id']}")).json()["data"]
    assert (mine["status"], mine["notes"], mine["holdReason"]) == ("ON_HOLD", None, None)
    staffs = await morning.visit(visit["id"])
    assert (staffs["notes"], staffs["holdReason"]) == ("Difficult", "Quarrel")
