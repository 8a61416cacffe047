"""`GET /analytics/export.csv`: what spreadsheets open, and nothing in it that they would run."""

import csv
import io

import pytest
from sqlalchemy import select, update

from outpatient.models import AuditEntry, Centre, User
from tests.analytics.test_figures import TODAY, morning  # noqa: F401 (a fixture)

pytestmark = pytest.mark.anyio

EVIL = '=HYPERLINK("http://evil.example","Dr")'


async def table(persona, **params) -> list[list[str]]:
    answer = await persona.get("/analytics/export.csv", params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    text = answer.content.decode("utf-8")
    assert text.startswith("\ufeff") and text.endswith("\r\n")
    return list(csv.reader(io.StringIO(text[1:], newline="")))


async def test_no_cell_is_a_formula(morning, as_admin, ledger, counted, outpatient):  # noqa: F811
    async with outpatient.database.transaction() as tx:
        await tx.execute(update(User).where(User.id == morning.doctor.user_id).values(full_name=EVIL))
        await tx.execute(update(Centre).where(Centre.id == morning.hospital.centre_id).values(name="@Main, “west”"))
    payment_id = await ledger.of_appointment(await morning.book("10:00", bookingSource="WHATSAPP"))
    await ledger.post(payment_id, -12_050, TODAY)
    await counted()

    assert await table(as_admin, report="revenue") == [
        ["Date", "Centre", "Clinician", "Revenue"],
        ["2026-03-02", "'@Main, “west”", f"'{EVIL}", "-120.5"],  # our own number is one
    ]
    appointments = await table(as_admin, report="appointments")
    assert appointments[1] == ["2026-03-02", "'@Main, “west”", f"'{EVIL}", "1", *["0"] * 7]
    leads = await table(as_admin, report="leads", centreId=morning.hospital.centre_id)
    assert leads == [["Date", "Centre", "Source", "Patients"], ["2026-03-02", "'@Main, “west”", "WhatsApp", "1"]]
    assert (await table(as_admin, report="leads"))[1] == ["2026-03-02", "", "WhatsApp", "1"]
    nothing = await table(as_admin, report="revenue", **{"from": "2025-03-02", "to": "2026-03-01"})
    assert nothing == [["Date", "Centre", "Clinician", "Revenue"]]


async def test_the_audit_says_who_took_it(hospital, as_manager, outpatient):
    await table(as_manager, report="leads")

    async with outpatient.database.reading() as tx:
        found = await tx.all(
            select(AuditEntry).where(AuditEntry.hospital_id == hospital.id, AuditEntry.action.like("analytics.%"))
        )
    assert [(one.action, one.actor_id) for one in found] == [("analytics.exported_leads", as_manager.user_id)]


async def test_the_file_has_a_name(as_admin):
    answer = await as_admin.get("/analytics/export.csv", params={"report": "revenue"})

    assert answer.headers["content-disposition"] == 'attachment; filename="revenue-2026-03-01-2026-03-02.csv"'
