"""What the program offers as a whole: every route with its permission, every documented endpoint, fresh docs."""

import csv
import importlib
import pkgutil
import sys
from pathlib import Path

import pytest

import outpatient
from outpatient.app import create_api
from outpatient.compat.surface import create_compat
from outpatient.core.events import Event
from outpatient.docs import CONTRACT, shape, stale_pages
from outpatient.http.inventory import list_endpoints
from outpatient.reactions import REACTIONS
from outpatient.settings import Settings

SOURCE = Path(outpatient.__file__).parent
ENDPOINTS = list_endpoints(create_api(Settings.model_construct()))
PUBLIC = {
    ("POST", "/auth/doctor/login"),
    ("POST", "/auth/login/phone-otp"),
    ("POST", "/auth/login/phone-password"),
    ("POST", "/auth/login/username-password"),
    ("POST", "/auth/patient/login"),
    ("POST", "/auth/patient/signup"),
    ("POST", "/auth/refresh"),
    ("POST", "/auth/send-otp"),
    ("POST", "/gallabox/webhook/{}"),
    ("POST", "/resend/webhook"),
    ("POST", "/twilio/status"),
    ("GET", "/booking/available-slots"),
    ("GET", "/booking/slots-range"),
    ("GET", "/clinicians"),
    ("GET", "/clinicians/{}"),
    ("GET", "/clinicians/{}/availability"),
    ("GET", "/doctors/{}/slots"),
    ("GET", "/health"),
    ("GET", "/metrics"),
    ("POST", "/patient-auth/logout"),
    ("POST", "/patient-auth/refresh-token"),
    ("POST", "/patient-auth/send-otp"),
    ("POST", "/patient-auth/verify-otp"),
    ("POST", "/payments/webhook"),
    ("GET", "/ready"),
    ("GET", "/sse/waiting-room/{}"),
    ("GET", "/time/now"),
    ("POST", "/twilio/webhook"),
}
"""The routes that anybody may call, named here so that none becomes public unseen."""

ROOT = list_endpoints(create_compat())
PUBLIC_AT_ROOT = {("POST", "/auth/login"), ("POST", "/auth/register")}


def test_every_route_names_a_permission_or_is_known_to_be_public():
    open_to_all = {(one.method, shape(one.path)) for one in ENDPOINTS if one.permission is None}

    assert open_to_all == PUBLIC


def test_every_route_at_the_root_names_a_permission_or_is_known_to_be_public():
    open_to_all = {(one.method, shape(one.path)) for one in ROOT if one.permission is None}

    assert open_to_all == PUBLIC_AT_ROOT


def test_public_routes_say_that_they_are_public():
    assert not [one.path for one in (*ENDPOINTS, *ROOT) if one.permission is None and not one.is_public]


def contract() -> list[dict[str, str]]:
    with CONTRACT.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def documented() -> list[tuple[str, str]]:
    rows = contract()
    wanted = {(row["method"], shape(row["path"])) for row in rows if row["path"].startswith("/api/")}
    return sorted(wanted)


def documented_at_root() -> list[tuple[str, str]]:
    rows = [row for row in contract() if not row["path"].startswith("/api/")]
    return sorted({(row["method"], shape(row["path"])) for row in rows})


@pytest.mark.parametrize(("method", "path"), documented_at_root())
def test_every_documented_endpoint_is_there_at_the_root(method, path):
    assert (method, path) in {(one.method, shape(one.path)) for one in ROOT}


@pytest.mark.parametrize(("method", "path"), documented())
def test_every_documented_endpoint_is_there(method, path):
    assert (method, path) in {(one.method, shape(one.path)) for one in ENDPOINTS}


def test_every_event_has_its_row_in_the_table_of_reactions():
    for module in pkgutil.walk_packages(outpatient.__path__, "outpatient."):
        if module.name.endswith(".events"):
            importlib.import_module(module.name)

    assert set(_all_events(Event)) == set(REACTIONS.table)


def _all_events(event: type[Event]) -> list[type[Event]]:
    """The events that can happen: those with a name of their own (slots leave a shadow of each class behind)."""
    is_real = getattr(sys.modules[event.__module__], event.__name__) is event
    found = [event] if is_real and "name" in vars(event) else []
    return found + [one for below in event.__subclasses__() for one in _all_events(below)]


def test_the_generated_docs_are_what_the_code_says():
    assert stale_pages() == {}, "run: make docs"


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_file_outgrows_a_screenful_of_thought(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


RARELY_SET = frozenset(
    {
        *("JWT_REFRESH_SECRET", "GOOGLE_REDIRECT_URI", "NODE_ENV", "JWT_SECRET_KEY"),  # other names, for compatibility
        *("RAZORPAY_BASE_URL", "RESEND_BASE_URL", "TWILIO_BASE_URL", "GALLABOX_BASE_URL"),  # for tests of a vendor
        *("GOOGLE_BASE_URL", "GOOGLE_TOKEN_URL"),
    }
)


def test_the_example_of_an_environment_names_every_setting():
    text = (SOURCE.parents[1] / ".env.example").read_text(encoding="utf-8")
    names = {
        str(name)
        for field_name, field in Settings.model_fields.items()
        for name in getattr(field.validation_alias, "choices", [field_name.upper()])
    }

    assert {name for name in names - RARELY_SET if f"{name}=" not in text} == set()
