"""What came of the calls: answers by operation and status, and what was wrong with them."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

from schemathesis import Case, checks
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.fuzz.conftest import CANARY

SLOW = 30
"""Seconds after which a call counts as hanging, on however busy a machine."""
CHECKS = [
    checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


class Tally:
    """Every call is counted and looked at here."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.answers: dict[str, Counter[int]] = defaultdict(Counter)
        self.offenders: dict[str, list[str]] = defaultdict(list)

    def look_at(self, guess: Case, send: Callable[[], tuple[str, Any]]) -> Any:
        """Send, judge and answer the answer."""
        label = guess.operation.label
        began = time.perf_counter()
        who, answer = send()
        seconds = time.perf_counter() - began
        self.answers[label][answer.status_code] += 1
        self.seconds[label] += seconds
        if seconds > SLOW:
            self._offend(label, f"took {seconds:.1f} s", who, answer)
        if CANARY in answer.text and who != "SUPERADMIN":
            self._offend(label, "speaks of another hospital", who, answer)
        try:
            guess.validate_response(answer, checks=CHECKS)
        except FailureGroup as wrong:
            what = "; ".join(f"{one.title}: {one.message}" for one in wrong.exceptions)
            self._offend(label, what[:600], who, answer)
        return answer

    def _offend(self, label: str, what: str, who: str, answer: Any) -> None:
        sent = f"{who}: {answer.request.method} {answer.request.url}\n      {answer.request.content[:300]!r}"
        self.offenders[label].append(f"{sent}\n      {answer.status_code} {answer.text[:300]}\n      {what}")

    @property
    def total(self) -> int:
        return sum(sum(counted.values()) for counted in self.answers.values())

    @property
    def share(self) -> float:
        """How many calls of a hundred were good ones, as a part of 1."""
        good = sum(count for counted in self.answers.values() for status, count in counted.items() if status < 300)
        return good / self.total

    @property
    def failures(self) -> int:
        """Answers that say that the server failed."""
        return sum(count for counted in self.answers.values() for status, count in counted.items() if status >= 500)

    def never_good(self) -> dict[str, dict[int, int]]:
        return {label: dict(counted) for label, counted in self.answers.items() if not any(s < 300 for s in counted)}

    def table(self) -> str:
        """Every operation with its answers and seconds, and the sum."""
        rows = [
            f"{label}: {dict(sorted(counted.items()))}, {self.seconds[label]:.1f} s"
            for label, counted in self.answers.items()
        ]
        return "\n".join([*rows, self.summary()])

    def summary(self) -> str:
        seconds = sum(self.seconds.values())
        return f"{self.total:,} calls, {self.share:.0%} good, {self.failures} × 5xx, {seconds:.0f} s"

    def report(self) -> str:
        lines = []
        for label, found in self.offenders.items():
            lines.append(f"{label} ({len(found)})")
            lines += [f"    {one}" for one in found[:2]]
        return "\n".join(lines)
