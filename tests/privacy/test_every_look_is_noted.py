"""Whoever is shown what was written about a patient leaves an entry in the same transaction, or is shown nothing.

The table is held against the program's own description of itself, so that no new route is forgotten.
"""

from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from outpatient.app import create_api
from outpatient.settings import Settings
from tests.signing import client_of

pytestmark = pytest.mark.anyio

WRITTEN = {"notes", "note", "medicalHistory", "cancelReason", "holdReason", "details", "record"}
"""Keys of answers that show what somebody wrote about a patient."""

NOTED = {
    "/appointments": ("as_admin", "patient.appointments_read"),
    "/appointments/my-appointments": ("as_clinician", "patient.appointments_read"),
    "/appointments/{appointment_id}": ("as_admin", "appointment.read"),
    "/appointments/{appointment_id}/history": ("as_admin", "appointment.history_read"),
    "/booking/my-appointments": ("patient", "patient.appointments_read"),
    "/booking/{appointment_id}": ("patient", "appointment.read"),
    "/patient/export": ("patient", "patient.exported"),
    "/patients/{patient_id}": ("as_admin", "patient.read"),
    "/patients/{patient_id}/appointments": ("as_admin", "patient.appointments_read"),
    "/patients/{patient_id}/export": ("as_admin", "patient.exported"),
    "/patients/{patient_id}/notes": ("as_admin", "patient.notes_read"),
    "/visits": ("as_admin", "patient.visits_read"),
    "/visits/{visit_id}": ("as_admin", "visit.read"),
    "/visits/{visit_id}/history": ("as_admin", "visit.history_read"),
}
"""Path → who is sent there, and the entry that he leaves."""

BOARDS = {
    "/queue/appointments",
    "/queue/clinic/{centre_id}",
    "/queue/department/{department_id}",
    "/queue/doctor/{clinician_id}",
    "/queue/phases/{centre_id}",
    "/queue/upcoming",
}
"""The day's boards, which those at work have before them all day and ask for every few seconds: docs/privacy.md."""

ALSO = {"/patient/profile": ("patient", "patient.read"), "/audit": ("as_admin", "audit.read")}
"""Reads that show a person without any of those keys."""


def shown_by(document: dict) -> set[str]:
    """The paths whose good answers have a key of WRITTEN somewhere."""

    def keys(schema: object, seen: frozenset[str]) -> set[str]:
        if isinstance(schema, list):
            return {key for one in schema for key in keys(one, seen)}
        if not isinstance(schema, dict):
            return set()
        name = schema.get("$ref", "").rpartition("/")[2]
        if name and name not in seen:
            return keys(document["components"]["schemas"][name], seen | {name})
        return set(schema.get("properties", ())) | {key for one in schema.values() for key in keys(one, seen)}

    return {
        path
        for path, methods in document["paths"].items()
        if "get" in methods and keys(methods["get"]["responses"].get("200"), frozenset()) & WRITTEN
    }


def test_every_route_that_shows_what_was_written_is_known():
    assert shown_by(create_api(Settings.model_construct()).openapi()) == set(NOTED) | BOARDS


@pytest.fixture
def visitor(request, known, as_admin, as_clinician):
    """Who is sent, by the name that the tables give him."""
    people = {"as_admin": as_admin, "as_clinician": as_clinician, "patient": known.persona}
    return people.__getitem__


def url(path: str, known) -> str:
    return path.format(appointment_id=known.appointment_id, visit_id=known.visit_id, patient_id=known.patient_id)


@pytest.mark.parametrize(("path", "who", "action"), [(path, *rest) for path, rest in {**NOTED, **ALSO}.items()])
async def test_a_look_is_noted_and_nothing_is_shown_when_it_cannot_be(
    visitor, known, hospital, outpatient, audited, newest, path, who, action
):
    person, after = visitor(who), await newest()

    answer = await person.get(url(path, known))

    assert answer.status_code == 200, answer.text
    noted = {(done, by) for done, _, _, by in await audited(hospital.id, after)}
    assert noted == {(action, person.user_id)}

    async with broken_audit(outpatient, hospital.id), client_of(outpatient) as client:
        failed = await client.get(f"/api/v1{url(path, known)}", headers=person.headers)
    assert failed.status_code == 500
    assert "Canary" not in failed.text
    assert (await person.get(url(path, known))).status_code == 200


CHANGES = [
    ("as_admin", "PUT", "/patients/{patient_id}", {"bloodGroup": "A-"}),
    ("as_admin", "POST", "/patients/{patient_id}/erase", {"reason": "Asked for it", "confirm": "Canary Rao"}),
    ("as_clinician", "POST", "/patients/{patient_id}/notes", {"note": "Once more"}),
    ("patient", "PUT", "/patient/profile", {"bloodGroup": "A-"}),
    ("as_admin", "PUT", "/appointments/{appointment_id}", {"notes": "Another"}),
]


@pytest.mark.parametrize(("who", "method", "path", "body"), CHANGES)
async def test_a_change_that_cannot_be_noted_does_not_happen(
    visitor, known, hospital, outpatient, who, method, path, body
):
    before = (await known.persona.get("/patient/export")).json()["data"]

    async with broken_audit(outpatient, hospital.id), client_of(outpatient) as client:
        person = visitor(who)
        failed = await client.request(method, f"/api/v1{url(path, known)}", headers=person.headers, json=body)

    assert failed.status_code == 500
    after = (await known.persona.get("/patient/export")).json()["data"]
    for name in ("record", "notes", "appointments"):
        assert after[name] == before[name]


async def test_a_repeat_that_changes_nothing_is_a_look(as_admin, known, audited, newest, hospital):
    after = await newest()

    repeated = await as_admin.delete(f"/appointments/{known.appointment_id}")

    assert repeated.status_code == 200
    assert await audited(hospital.id, after) == [
        ("appointment.read", "appointment", known.appointment_id, as_admin.user_id)
    ]


async def test_a_page_leaves_one_entry_for_each_patient_on_it(
    as_admin, known, as_patient, as_clinician, audited, newest, hospital
):
    from tests.appointments.wishes import booked

    for time in ("14:00:00", "15:00:00"):
        await booked(as_patient, as_clinician, time)
    after = await newest()

    await as_admin.get("/appointments")

    me = as_admin.user_id
    assert await audited(hospital.id, after) == [
        ("patient.appointments_read", "patient", one, me) for one in sorted((known.patient_id, as_patient.patient_id))
    ]


@asynccontextmanager
async def broken_audit(outpatient, hospital_id: int):
    """The audit of one hospital cannot be written: the store meets a trigger that leads nowhere."""
    if outpatient.database.store.dialect == "postgresql":
        begin = [
            (
                "CREATE FUNCTION break_audit() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN PERFORM 1 FROM no_such_table; RETURN NEW; END $$"
            ),
            (
                "CREATE TRIGGER broken BEFORE INSERT ON audit_entries FOR EACH ROW"
                f" WHEN (NEW.hospital_id = {hospital_id}) EXECUTE FUNCTION break_audit()"
            ),
        ]
        end = ["DROP TRIGGER broken ON audit_entries", "DROP FUNCTION break_audit"]
    else:
        begin = [
            (
                f"CREATE TRIGGER broken BEFORE INSERT ON audit_entries WHEN NEW.hospital_id = {hospital_id}"
                " BEGIN INSERT INTO no_such_table VALUES (1); END"
            )
        ]
        end = ["DROP TRIGGER broken"]
    await _run(outpatient, begin)
    try:
        yield
    finally:
        await _run(outpatient, end)


async def _run(outpatient, statements: list[str]) -> None:
    async with outpatient.database.transaction() as tx:
        for statement in statements:
            await tx.execute(text(statement))
