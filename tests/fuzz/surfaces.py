"""The two surfaces as the fuzzer sees them: what their documents offer, to whom, and how often each is called."""

import os
from dataclasses import dataclass
from typing import Any

import schemathesis
from fastapi import FastAPI

from outpatient.access.permissions import ROLES as TABLE
from outpatient.app import create_api
from outpatient.compat.surface import create_compat
from outpatient.http.inventory import list_endpoints
from outpatient.settings import Settings
from tests.fuzz.world import ROLES

SOAK = os.environ.get("SOAK") == "1"
"""`make soak`: as much as a night has room for, instead of what a change can wait for."""
CALLS = 21_000
"""To each surface in a soak, of which some guesses cannot be sent; at least 20,000 must be."""
EACH = int(os.environ.get("FUZZ_EXAMPLES", "8"))
"""Calls to each operation in `make test`."""
FLOWS, STEPS = (200, 40) if SOAK else (6, 24)
"""Walks along the links of a surface, and calls in each."""


@dataclass(frozen=True)
class Surface:
    """A surface: where it begins, its app (for the document only), and what only a carrier or a provider calls well."""

    name: str
    prefix: str
    app: FastAPI
    only_signed: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.name

    @property
    def schema(self) -> Any:
        return schemathesis.openapi.from_dict(self.app.openapi())

    def allowed(self) -> dict[str, frozenset[str]]:
        """Operation → the roles that the permission table lets in: who calls it most."""
        return {
            f"{one.method} {one.path}".replace(":int}", "}"): frozenset(role.value for role in TABLE[one.permission])
            if one.permission
            else frozenset(ROLES)
            for one in list_endpoints(self.app)
        }

    def calls_each(self) -> int:
        return CALLS // len(self.allowed()) + 1 if SOAK else EACH


API = Surface(
    "api",
    "/api/v1",
    create_api(Settings(_env_file=None)),
    frozenset(
        {
            *("POST /gallabox/webhook/{token}", "POST /payments/webhook", "POST /resend/webhook"),
            *("POST /twilio/status", "POST /twilio/webhook"),
        }
    ),
)
ROOT = Surface("root", "", create_compat())
