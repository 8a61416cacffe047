"""pgbench running the app's own statement, the ten statements, and the lean reference."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from bench.stage import CLINICIANS, PATIENTS
from outpatient.appointments.statements import BOOK
from outpatient.core.statements import Statement
from outpatient.core.stores import ONE_PLAN, PATIENCE

HERE = Path(__file__).parent
SLOT = "(TIMESTAMPTZ '2040-01-01' + :slot * INTERVAL '30 minutes')"
ARGUMENTS = {
    "hospital_id": "1",
    "clinician_id": ":clinician",
    "version": "1",
    "patient_id": ":patient",
    "centre_id": "1",
    "department_id": "NULL",
    "service_id": "NULL",
    "service_on": SLOT,
    "starts_at": SLOT,
    "ends_at": "(TIMESTAMPTZ '2040-01-01' + (:slot + 1) * INTERVAL '30 minutes')",
    "busy_until": "(TIMESTAMPTZ '2040-01-01' + (:slot + 1) * INTERVAL '30 minutes')",
    "session_type": "'IN_PERSON'",
    "booking_source": "'FRONT_DESK'",
    "fee_minor": "150000",
    "currency": "'INR'",
    "notes": "'First consultation'",
    "expires_at": "NULL",
    "actor_id": "1",
    "now": "now()",
    "event_name": "'appointment.created'",
    "payload": """'{"patient_id": 1, "clinician_id": 1, "booking_type": "TIME_SLOT", "starts_at": "2040-01-01"}'""",
    "route": "'appointments'",
    "idempotency_key": "NULL",
    "digest": "NULL",
    "lane": "0",
}
HEAD = "\\set clinician random(1, :clinicians)\n\\set patient random(1, :patients)\n\\set slot random(0, 1000000)\n"


def is_here() -> bool:
    return shutil.which("pgbench") is not None


def own_statement(folder: Path) -> Path:
    """BOOK as a pgbench script: the very statement, with pgbench's random numbers as its arguments."""
    return script(folder, BOOK, ARGUMENTS, HEAD)


def script(folder: Path, statement: Statement, arguments: Mapping[str, str], head: str) -> Path:
    """One of the app's statements as a pgbench script; `arguments` are SQL, `head` sets pgbench's variables."""
    assert set(statement.names) == set(arguments), set(statement.names) ^ set(arguments)
    sql = re.sub(r"(?<![:\w]):([a-z_]+)", lambda found: arguments[found[1]], statement.postgresql)
    path = folder / f"{statement.name}_{len(head)}.sql"
    path.write_text(head + " ".join(sql.split()) + ";\n")
    return path


def run(script: Path, url: str, *, clients: int = 16, seconds: int = 5, **variables: int) -> float:
    """Transactions a second of a script (prepared statements, the driver's own threads)."""
    sizes = {"clinicians": CLINICIANS, "patients": PATIENTS, **variables}
    given = [word for name, value in sizes.items() for word in ("-D", f"{name}={value}")]
    ran = subprocess.run(
        [
            "pgbench",
            "-n",
            "-M",
            "prepared",
            "-c",
            str(clients),
            "-j",
            "2",
            "-T",
            str(seconds),
            "-f",
            script,
            *given,
            url,
        ],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "PGOPTIONS": " ".join(f"-c {name}={value}" for name, value in (PATIENCE | ONE_PLAN).items()),
        },
    )
    found = re.search(r"tps = ([\d.]+)", ran.stdout)
    if ran.returncode or not found:
        raise SystemExit(f"pgbench failed:\n{ran.stdout}\n{ran.stderr}")
    return float(found[1])
