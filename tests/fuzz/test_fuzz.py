"""Whatever is sent, by whomever: no failure of ours, no undocumented answer, nothing lost, nothing of another hospital.

`FUZZ_EXAMPLES=500 pytest tests/fuzz` sends more; the run is the same every time.
"""

import os
import time
from collections import Counter, defaultdict
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import text

from outpatient.access.permissions import ROLES as TABLE
from outpatient.app import create_api
from outpatient.http.inventory import list_endpoints
from outpatient.settings import Settings
from tests.fuzz.calls import Caller, guesses_of, schema_of
from tests.fuzz.conftest import CANARY
from tests.fuzz.world import ROLES, World

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "24"))
SLOW = 10  # seconds
LEAST_SHARE = 0.3
CHECKS = [
    checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


class Tally:
    """Answers by operation and status, and what was wrong with them."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.answers: dict[str, Counter[int]] = defaultdict(Counter)
        self.offenders: dict[str, list[str]] = defaultdict(list)

    def count(self, label: str, status: int) -> None:
        self.answers[label][status] += 1

    def offend(self, label: str, what: str, who: str, answer: Any) -> None:
        sent = f"{who}: {answer.request.method} {answer.request.url}\n      {answer.request.content[:300]!r}"
        self.offenders[label].append(f"{sent}\n      {answer.status_code} {answer.text[:300]}\n      {what}")

    @property
    def total(self) -> int:
        return sum(sum(counted.values()) for counted in self.answers.values())

    @property
    def share(self) -> float:
        good = sum(count for counted in self.answers.values() for status, count in counted.items() if status < 300)
        return good / self.total

    def never_good(self) -> dict[str, dict[int, int]]:
        return {label: dict(counted) for label, counted in self.answers.items() if not any(s < 300 for s in counted)}

    def table(self) -> str:
        """Every operation with its answers and seconds."""
        rows = [
            f"{label}: {dict(sorted(counted.items()))}, {self.seconds[label]:.1f} s"
            for label, counted in self.answers.items()
        ]
        return "\n".join([*rows, f"{self.total} calls, {self.share:.0%} good, {sum(self.seconds.values()):.0f} s"])

    def report(self) -> str:
        lines = []
        for label, found in self.offenders.items():
            lines.append(f"{label} ({len(found)})")
            lines += [f"    {one}" for one in found[:2]]
        return "\n".join(lines)


def fuzz_everything(fuzz: Any) -> Tally:
    """Every operation of the document, none left out."""
    api = fuzz.program.api
    permitted = {f"{one.method} {one.path}".replace(":int}", "}"): one.permission for one in list_endpoints(api)}
    schema = schemathesis.openapi.from_dict(api.openapi())
    tally = Tally()
    for found in schema.get_all_operations():
        operation = found.ok()
        permission = permitted[operation.label]
        allowed = frozenset(role.value for role in TABLE[permission]) if permission else frozenset(ROLES)
        fuzz_operation(fuzz, operation, allowed, tally)
    return tally


def fuzz_operation(fuzz: Any, operation: Any, allowed: frozenset[str], tally: Tally) -> None:
    """Send one operation its share of calls, in a hospital of its own."""
    world: World = fuzz.world
    fuzz.run(world.renew)
    caller = Caller(world, operation, allowed)

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(guess=guesses_of(operation))
    def send(guess: Any) -> None:
        began = time.perf_counter()
        who, answer = fuzz.run(caller.send, guess)
        seconds = time.perf_counter() - began
        tally.count(operation.label, answer.status_code)
        tally.seconds[operation.label] += seconds
        if seconds > SLOW:
            tally.offend(operation.label, f"took {seconds:.1f} s", who, answer)
        if CANARY in answer.text and who != "SUPERADMIN":
            tally.offend(operation.label, "speaks of another hospital", who, answer)
        try:
            guess.validate_response(answer, checks=CHECKS)
        except FailureGroup as wrong:
            what = "; ".join(f"{one.title}: {one.message}" for one in wrong.exceptions)
            tally.offend(operation.label, what[:600], who, answer)

    send()


INVARIANTS = {
    "live appointments of a clinician who sees one patient at a time overlap": """
        SELECT count(*) FROM appointments a JOIN appointments b
          ON a.hospital_id = b.hospital_id AND a.clinician_id = b.clinician_id AND a.id < b.id
         AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
        JOIN clinicians c ON c.hospital_id = a.hospital_id AND c.id = a.clinician_id
        WHERE c.capacity = 1 AND a.status IN ('PENDING', 'CONFIRMED', 'CHECKED_IN')
          AND b.status IN ('PENDING', 'CONFIRMED', 'CHECKED_IN')""",
    "an appointment has not exactly one visit": """
        SELECT count(*) FROM appointments a WHERE
          (SELECT count(*) FROM visits v WHERE v.hospital_id = a.hospital_id AND v.appointment_id = a.id) <> 1""",
    "an appointment has not exactly one payment": """
        SELECT count(*) FROM appointments a WHERE
          (SELECT count(*) FROM payments p WHERE p.hospital_id = a.hospital_id AND p.appointment_id = a.id) <> 1""",
    "an event is not in the audit": """
        SELECT count(*) FROM events e WHERE NOT EXISTS (
          SELECT 1 FROM audit_entries x WHERE x.action = e.name AND x.subject = e.subject
             AND x.subject_id = e.subject_id AND x.at = e.at)""",
    "an appointment's people or places are another hospital's": """
        SELECT count(*) FROM appointments a
        JOIN patients p ON p.id = a.patient_id JOIN clinicians c ON c.id = a.clinician_id
        JOIN centres k ON k.id = a.centre_id
        WHERE p.hospital_id <> a.hospital_id OR c.hospital_id <> a.hospital_id OR k.hospital_id <> a.hospital_id""",
}
"""What is wrong → how many rows are."""


def test_whatever_is_sent_by_whomever(fuzz):
    """One test, because all of it is one run, which several workers would make several times."""
    tally = fuzz_everything(fuzz)
    print(tally.table())  # `pytest -rP` shows it
    assert not tally.offenders, "\n" + tally.report()
    assert tally.never_good() == {}
    assert tally.share >= LEAST_SHARE
    assert fuzz.run(fuzz.world.canary_rows) == fuzz.world.before
    found = {wrong: fuzz.run(count_rows, fuzz.program, query) for wrong, query in INVARIANTS.items()}
    assert found == dict.fromkeys(INVARIANTS, 0)


async def count_rows(program: Any, query: str) -> int:
    async with program.database.reading() as tx:
        return int(await tx.one_or_none(text(query)))


def test_every_documented_body_shows_an_example():
    """A reader copies something that works; the calls above start from the same examples."""
    document = create_api(Settings(_env_file=None)).openapi()
    operations = [found.ok() for found in schemathesis.openapi.from_dict(document).get_all_operations()]
    uploads = {"POST /users/me/photo"}
    bare = {one.label for one in operations if one.body and "examples" not in schema_of(one)}
    assert bare == uploads
