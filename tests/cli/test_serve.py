"""`outpatient serve`: it starts, answers, and ends politely; what stops it from starting is a sentence."""

import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from outpatient.__main__ import cli
from outpatient.asking import Trouble

STRONG = {"ENVIRONMENT": "production", "SECRET_KEY": "s" * 40, "JWT_SECRET": "j" * 40}


def test_it_serves_until_it_is_told_to_stop_and_stops_without_complaint(terminal):
    server = subprocess.Popen(
        [sys.executable, "-u", "-m", "outpatient", "serve", "--port", "0"],
        cwd=terminal.folder,
        env=terminal.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        address = server.stdout.readline().split("at ")[1].split(" ")[0]
        with urllib.request.urlopen(f"{address}/api/v1/ready", timeout=30) as answer:
            assert answer.status == 200
    finally:
        server.send_signal(signal.SIGTERM)
        out, err = server.communicate(timeout=60)
    assert server.returncode == 0, err
    assert "has stopped" in out
    assert "Traceback" not in err


def test_links_lead_to_where_it_listens(monkeypatch, database_url):
    def create_app(settings):
        raise Trouble(settings.base_url)  # far enough

    monkeypatch.setattr("outpatient.app.create_app", create_app)
    monkeypatch.setenv("DATABASE_URL", database_url)
    with pytest.raises(Trouble) as said:
        cli(["serve", "--port", "8123", "--host", "localhost"], standalone_mode=False)
    assert str(said.value) == "http://localhost:8123"


@pytest.mark.enough_on("sqlite")
def test_a_taken_port_is_said_with_what_to_do(terminal):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = terminal.run("serve", "--port", str(taken.getsockname()[1]))

    assert said.code == 1
    assert "is taken" in said.err and "PORT=" in said.err


def test_a_database_that_is_away_is_said(bare_terminal):
    said = bare_terminal.run("serve", DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")

    assert said.code == 1
    assert "cannot be reached" in said.err


def test_a_database_without_tables_is_said(bare_terminal):
    said = bare_terminal.run("serve")

    assert said.code == 1
    assert "outpatient migrate" in said.err


@pytest.mark.enough_on("sqlite")
def test_an_outbox_that_cannot_be_written_is_said(terminal):
    (terminal.folder / "file").write_text("not a folder")

    said = terminal.run("serve", OUTBOX_DIR="file/outbox")

    assert said.code == 1
    assert "OUTBOX_DIR" in said.err


def test_settings_that_make_no_sense_are_named(bare_terminal):
    said = bare_terminal.run("serve", PORT="eighty")

    assert said.code == 1
    assert "PORT" in said.err


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("REDIS_URL", "localhost:6379", "redis://"),
        ("REDIS_URL", "http://:hidden-word@localhost", "rediss://"),
        ("RABBITMQ_URL", "localhost", "amqp://"),
        ("RABBITMQ_URL", "amqp://", "amqps://"),
    ],
)
def test_an_address_of_another_kind_is_said_with_what_to_write(bare_terminal, name, wrong, right):
    said = bare_terminal.run("serve", **{name: wrong})

    assert said.code == 1
    assert name in said.err and right in said.err and "leave it empty" in said.err
    assert "hidden-word" not in said.all


@pytest.mark.parametrize("name", ["SECRET_KEY", "JWT_SECRET"])
@pytest.mark.parametrize(
    "weak", [None, "development-only-secret-never-use-it-in-production", "your_jwt_secret", "short"]
)
def test_production_refuses_a_secret_that_is_unset_documented_or_short(bare_terminal, name, weak):
    environment = {key: value for key, value in STRONG.items() if key != name} | ({} if weak is None else {name: weak})

    said = bare_terminal.run("serve", **environment)

    assert said.code != 0
    assert name in said.err


@pytest.mark.parametrize("weak", ["DOC2024SECRET", "short"])
def test_production_refuses_a_documented_or_short_invitation_code(bare_terminal, weak):
    said = bare_terminal.run("serve", **STRONG, DOCTOR_INVITATION_CODE=weak)

    assert said.code != 0
    assert "DOCTOR_INVITATION_CODE" in said.err


def test_production_with_secrets_of_its_own_gets_past_them(bare_terminal):
    said = bare_terminal.run("serve", **STRONG)

    assert "outpatient migrate" in said.err
