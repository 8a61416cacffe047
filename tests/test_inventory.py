"""What the program offers as a whole: every route with its permission, every documented endpoint, fresh docs."""

import csv
import importlib
import pkgutil
import sys
from pathlib import Path

import pytest

import outpatient
from outpatient.app import create_api
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
    ("GET", "/ready"),
    ("GET", "/time/now"),
}
"""The routes that anybody may call, named here so that none becomes public unseen."""

LATER = ("/payments", "/video", "/analytics", "/notifications", "/patient/", "/twilio", "/visits", "/queue", "/sse")
"""Beginnings of documented paths that belong to features which are not built yet."""


def test_every_route_names_a_permission_or_is_known_to_be_public():
    open_to_all = {(one.method, shape(one.path)) for one in ENDPOINTS if one.permission is None}

    assert open_to_all == PUBLIC


def test_public_routes_say_that_they_are_public():
    assert not [one.path for one in ENDPOINTS if one.permission is None and not one.is_public]


def documented() -> list[tuple[str, str]]:
    with CONTRACT.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    wanted = {(row["method"], shape(row["path"])) for row in rows if row["path"].startswith("/api/")}
    return sorted(
        (method, path)
        for method, path in wanted
        if not path.startswith(LATER) and "/stats/" not in path and not path.endswith("/check-in")
    )


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
