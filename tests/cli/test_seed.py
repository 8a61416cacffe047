"""`outpatient seed`: seed 004's phase 8, through the program's own actions."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.terminal import Terminal


@pytest.fixture(scope="module")
def seeded(tmp_path_factory) -> Terminal:
    """A clinic that is seeded once for all tests of this file."""
    terminal = Terminal(tmp_path_factory.mktemp("seeded"))
    assert terminal.run("migrate").code == 0
    said = terminal.run("seed")
    assert said.code == 0, said.all
    assert "Doctor1Pass" in said.out
    return terminal


def read(seeded, name):
    return json.loads((seeded.folder / "var/seed" / name).read_text())


def rows(seeded, sql):
    store = sqlite3.connect(seeded.folder / "outpatient.db")
    try:
        return store.execute(sql).fetchall()
    finally:
        store.close()


def test_there_are_ten_clinicians_of_distinct_specialisations_who_can_sign_in(seeded):
    doctors = read(seeded, "credentials_doctors.json")

    assert [doctor["email"] for doctor in doctors] == [f"doctor{n}@clinic.com" for n in range(1, 11)]
    assert [doctor["password"] for doctor in doctors] == [f"Doctor{n}Pass" for n in range(1, 11)]
    assert len({doctor["specialization"] for doctor in doctors}) == 10


def test_clinicians_keep_morning_afternoon_and_full_day_hours(seeded):
    hours = rows(seeded, "SELECT clinician_id, min(start_minute), max(end_minute) FROM availability_rules GROUP BY 1")

    kinds = {(start < 720, end > 780) for _, start, end in hours}
    assert kinds == {(True, False), (False, True), (True, True)}


def test_its_figures_are_counted(seeded):
    by_status = "pending + confirmed + checked_in + completed + cancelled + no_show"

    assert rows(seeded, f"SELECT sum({by_status}) FROM daily_figures") == rows(
        seeded, "SELECT count(*) FROM appointments"
    )
    assert rows(seeded, "SELECT sum(patients) FROM daily_newcomers WHERE centre_id = 0") == rows(
        seeded, "SELECT count(*) FROM patients"
    )


def test_there_is_one_sign_in_per_role(seeded):
    credentials = read(seeded, "credentials.json")

    roles = {"ADMIN", "MANAGER", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK", "CLINICIAN", "PATIENT"}
    assert {one["role"] for one in credentials} == roles and len(credentials) == 7
    assert all({"email", "username", "phone", "password"} <= set(one) for one in credentials)


def test_there_are_enough_patients_and_appointments_seven_tenths_of_them_past(seeded):
    report, now = read(seeded, "report.json"), datetime.now(UTC)
    starts = [datetime.fromisoformat(at) for (at,) in rows(seeded, "SELECT starts_at FROM appointments")]

    assert report["patients"] >= 100 and report["appointments"]["total"] == len(starts) >= 500
    assert 0.68 <= sum(start < now for start in starts) / len(starts) <= 0.72
    assert min(starts) > now - timedelta(days=185) and max(starts) < now + timedelta(days=31)


def test_every_clinician_has_twenty_or_more_and_states_vary(seeded):
    report = read(seeded, "report.json")

    assert min(one["total"] for one in report["perClinician"]) >= 20
    states = {"COMPLETED", "CANCELLED", "NO_SHOW", "CONFIRMED", "PENDING"}
    assert set(report["appointments"]["byStatus"]) == states
    assert min(report["appointments"]["byStatus"].values()) >= 10


def test_nothing_conflicts_and_nothing_past_is_left_open(seeded):
    assert read(seeded, "report.json")["appointments"]["conflicts"] == 0
    open_past = "SELECT count(*) FROM appointments WHERE status IN ('PENDING', 'CONFIRMED') AND starts_at < '{}'"
    assert rows(seeded, open_past.format(datetime.now(UTC).strftime("%Y-%m-%dT%H:%M"))) == [(0,)]


def test_the_waiting_rooms_are_full(seeded):
    """Four clinicians on duty, each with one finished, one in the room, one called and three waiting."""
    states = dict(rows(seeded, "SELECT status, count(*) FROM visits WHERE token_number IS NOT NULL GROUP BY 1"))

    assert states == {"COMPLETED": 4, "IN_PROGRESS": 4, "CALLED": 4, "WAITING": 12}
    assert rows(seeded, "SELECT count(*) FROM clinicians WHERE is_on_duty") == [(4,)]


def test_nobody_is_told_about_what_was_made_up(seeded):
    assert rows(seeded, "SELECT count(*) FROM events WHERE position IS NULL") == [(0,)]
    assert rows(seeded, "SELECT count(*) FROM deliveries") == [(0,)]
    assert rows(seeded, "SELECT count(*) > 1000 FROM events") == [(1,)]


def test_every_phone_number_is_from_the_made_up_range(seeded):
    for table in ("users", "patients"):
        phones = [phone for (phone,) in rows(seeded, f"SELECT phone FROM {table}")]
        assert all(phone.startswith("+9190000") for phone in phones)


def test_a_database_with_data_stays_untouched(seeded):
    said = seeded.run("seed")

    assert said.code == 1
    assert "stays untouched" in said.err


def test_if_empty_finds_the_data_there_and_shows_the_sign_ins(seeded):
    said = seeded.run("seed", "--if-empty")

    assert said.code == 0
    assert "Doctor1Pass" in said.out


def test_production_has_no_made_up_people(seeded):
    strong = {"ENVIRONMENT": "production", "SECRET_KEY": "s" * 40, "JWT_SECRET": "j" * 40}

    said = seeded.run("seed", **strong)

    assert said.code == 1
    assert "production" in said.err
