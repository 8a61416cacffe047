"""`outpatient init`: the first hospital and its ADMIN, or the owner of the platform."""

import pytest

from tests.system.programs import client_of, program_on

OWNER = ("--name", "Meera Nair", "--phone", "+91 90000 55555", "--email", "meera@cityclinic.in")
HOSPITAL = ("--hospital", "City Clinic", "--time-zone", "Asia/Kolkata")


def test_a_hospital_is_opened_and_a_password_is_made_up_and_shown_once(terminal):
    said = terminal.run("init", *HOSPITAL, *OWNER)

    assert said.code == 0, said.all
    assert "ADMIN of City Clinic" in said.out
    assert "The password is" in said.out


@pytest.mark.enough_on("sqlite")
def test_a_given_password_is_not_shown(terminal):
    said = terminal.run("init", *HOSPITAL, *OWNER, OUTPATIENT_PASSWORD="canary-password-1")

    assert said.code == 0, said.all
    assert "canary-password-1" not in said.all


@pytest.mark.anyio
async def test_the_admin_can_sign_in_and_run_his_hospital(terminal, clock, folders):
    assert terminal.run("init", *HOSPITAL, *OWNER, OUTPATIENT_PASSWORD="canary-password-1").code == 0
    by_username = {"username": "meera", "password": "canary-password-1"}

    async with client_of(program_on(terminal.database_url, clock, folders)) as http:
        signed_in = await http.post("/api/v1/auth/login/username-password", json=by_username)
        token = signed_in.json()["data"]["accessToken"]
        hospitals = await http.get("/api/v1/hospitals", headers={"Authorization": f"Bearer {token}"})
        staff = await http.get("/api/v1/users", headers={"Authorization": f"Bearer {token}"})

    assert signed_in.json()["data"]["user"]["roleName"] == "ADMIN"
    (hospital,) = hospitals.json()["data"]
    assert (hospital["name"], hospital["timeZone"]) == ("City Clinic", "Asia/Kolkata")
    assert staff.status_code == 200


def test_a_second_hospital_is_refused_politely(terminal):
    assert terminal.run("init", *HOSPITAL, *OWNER).code == 0

    said = terminal.run("init", "--hospital", "Other", *OWNER)

    assert said.code == 1
    assert "City Clinic is open already" in said.err


def test_a_platform_has_one_superadmin_made_here(terminal):
    first = terminal.run("init", "--superadmin", *OWNER)
    second = terminal.run("init", "--superadmin", *OWNER)

    assert first.code == 0 and "SUPERADMIN" in first.out, first.all
    assert second.code == 1 and "already" in second.err


def test_without_tables_it_says_what_to_do_first(bare_terminal):
    said = bare_terminal.run("init", *HOSPITAL, *OWNER)

    assert said.code == 1
    assert "outpatient migrate" in said.err


@pytest.mark.enough_on("sqlite")
@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (("--phone", "abc"), "phone number"),
        (("--email", "meera"), "e-mail"),
        (("--time-zone", "Mars/Base"), "time zone"),
        (("--name", ""), "--name"),
    ],
)
def test_what_cannot_be_used_is_named(terminal, wrong, named):
    said = terminal.run("init", *HOSPITAL, *OWNER, *wrong)

    assert said.code == 1
    assert named in said.err


@pytest.mark.enough_on("sqlite")
def test_a_guessable_password_is_refused(terminal):
    said = terminal.run("init", *HOSPITAL, *OWNER, OUTPATIENT_PASSWORD="password1")

    assert said.code == 1
    assert "guess" in said.err
