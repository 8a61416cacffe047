"""What is sent: schemathesis' guesses, the document's examples with real values in them, and mixtures of the two."""

import json
from collections.abc import Mapping
from copy import deepcopy
from io import BytesIO
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import reject
from hypothesis import strategies as st
from PIL import Image
from schemathesis import Case, GenerationMode
from schemathesis.core import NOT_SET
from schemathesis.core.parameters import ParameterLocation

from outpatient.core.terms import SessionKind
from tests.fuzz.real import INSTEAD, REAL
from tests.fuzz.surfaces import Surface
from tests.fuzz.world import ROLES, SLOT, World

WORKING, MIXED, NASTY, RAW, VALID, BROKEN = "working", "mixed", "nasty", "raw", "valid", "broken"
KINDS = (WORKING,) * 8 + (MIXED,) * 4 + (NASTY,) * 4 + (RAW,) + (VALID,) * 2
"""What a valid guess becomes, and how often; a guess that is meant to be broken is sent as it is."""

LONGEST = 8_000
"""What a client may put into one value of a query; servers cut addresses off."""

DEEP: Any = "x"
for _ in range(60):
    DEEP = [DEEP]

NASTIES: tuple[Any, ...] = (
    *(
        "\x00",
        "a\x00b",
        "\ud800",
        "\udfff tail",
        "x" * 100_000,
        "",
        " ",
        "'; DROP TABLE users; --",
        "%",
        "_",
        "é\u0301\u202e",
    ),
    *(0, -1, 2**31, 2**53, 2**63 - 1, 2**63, -(2**63) - 1, 10**400, 0.1, 1e308, -1e308, 1e-320),
    *(float("inf"), float("-inf"), float("nan"), None, True, [], {}, [None], {"a": {"b": 1}}, DEEP),
    *(
        "9999-12-31",
        "0001-01-01",
        "1582-10-10",
        "2026-02-29",
        "9999-12",
        "0000-01",
        "24:00:00",
        "23:59:60",
        "10:00+23:59",
    ),
    *("9999-12-31T23:59:59.999999+00:00", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"),
    *(
        "2026-03-03T10:00:00+14:00",
        "2026-03-03T10:00:00-12:00",
        "1e9999",
        "9" * 400,
        "+99999999999999999999",
        "Mars/Base",
    ),
)
"""What engines, calendars and encoders stumble over."""

WRONG_TYPES = (
    "text/plain",
    "application/xml",
    "application/json; charset=utf-16",
    "multipart/form-data",
    "",
    "nonsense",
)


RAWS = (
    *(b"", b"{", b"null", b"[]", b'"text"', b"\xff\xfe", b"\x00", b'{"a": 1, "a": 2}', b'{"phone": 1e99999}', b"NaN"),
    *(b'{"notes": "\xed\xa0\x80"}', b"[" * 20_000, b'{"a":' * 20_000, b" " * (7 * 1024 * 1024), b"9" * 10_000),
)
"""Bodies that are no JSON, or only just."""


def photo() -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (64, 64), "teal").save(buffer, "PNG")
    return buffer.getvalue()


def guesses_of(operation: Any) -> st.SearchStrategy[Case]:
    """What schemathesis would send: four times what the document allows, once what it does not."""
    valid = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if not (operation.body or operation.query or operation.path_parameters):
        return st.integers().flatmap(lambda _: valid)  # one call says it all, but everybody should make it
    return st.sampled_from([GenerationMode.POSITIVE] * 4 + [GenerationMode.NEGATIVE]).flatmap(
        lambda mode: operation.as_strategy(generation_mode=mode)
    )


class Caller:
    """Turns a guess into a request, and sends it as somebody."""

    def __init__(self, world: World, surface: Surface, operation: Any, allowed: frozenset[str]) -> None:
        self.world, self.surface, self.operation, self.allowed = world, surface, operation, sorted(allowed)
        self.sent = 0

    async def send(self, guess: Case) -> tuple[str, Any]:
        """The role that called, and the answer."""
        self.sent += 1
        dice = Random(f"{self.operation.label} {self.sent}")
        is_broken = guess.meta is not None and guess.meta.generation.mode.is_negative
        kind = BROKEN if is_broken else dice.choice(KINDS)
        who = dice.choice(self.allowed if dice.random() < (0.9 if kind == WORKING else 0.7) else ROLES)
        path, query, body = dict(guess.path_parameters or {}), dict(guess.query or {}), deepcopy(guess.body)
        if kind in {WORKING, MIXED, NASTY, RAW}:
            path, query, body = await self._working(dice, path, query, body, who)
        elif kind == VALID and dice.random() < 0.6:
            path = {name: await self._real(name, dice) for name in path}
        if kind == MIXED:
            query = _mix(dice, query, dict(guess.query or {}))
            body = _mix(dice, body, guess.body)
        elif kind == NASTY:
            path, query, body = self._spoil(dice, path, query, body)
        return who, await self._request(dice, kind, who, guess, path, query, body)

    async def follow(self, case: Case, linked: list[tuple[Any, str | None]]) -> tuple[str, Any]:
        """Send what an earlier answer led to: the values that it gave (`linked`), and for all others what works."""
        self.sent += 1
        dice = Random(f"{self.operation.label} follows {self.sent}")
        who = dice.choice(self.allowed if dice.random() < 0.9 else ROLES)
        path, query, body = await self._working(
            dice, dict(case.path_parameters or {}), dict(case.query or {}), deepcopy(case.body), who
        )
        for location, name in linked:
            if location is ParameterLocation.PATH:
                path[name] = case.path_parameters[name]
            elif location is ParameterLocation.QUERY:
                query[name] = case.query[name]
            elif location is ParameterLocation.BODY and isinstance(body, dict) and name in (case.body or {}):
                body[name] = case.body[name]
        return who, await self._request(dice, WORKING, who, case, path, query, body)

    async def _real(self, name: str, dice: Random) -> Any:
        value = INSTEAD.get((self.operation.label, name)) or REAL.get(name)
        return None if value is None else await value(self.world, dice)

    async def _working(self, dice: Random, path: Any, query: Any, body: Any, who: str) -> tuple[Any, Any, Any]:
        path = {name: await self._real(name, dice) for name in path}
        if "open_slot_id" in path or "time_off_id" in path:
            path["clinician_id"] = self.world.away
        start, shown = self.world.next_start(), {}
        for parameter in self.operation.query or ():
            name, is_needed = parameter.name, parameter.is_required
            if (self.operation.label, name) in INSTEAD:
                shown[name] = await self._real(name, dice)
            elif name in {"date", "from", "to"}:
                shown[name] = start.date().isoformat()
            elif name in {"clinicianId", "doctorId", "doctor_id"} or is_needed:
                real = await self._real(name, dice)
                shown[name] = query.get(name) if real is None else real
            elif name in query and dice.random() < 0.3 and name not in REAL:
                shown[name] = query[name]
        if self.operation.body:
            body = await self._example(dice, start, who)
        return path, shown, body

    async def _example(self, dice: Random, start: Any, who: str) -> Any:
        """The documented body, with what is true here and now."""
        label = self.operation.label
        if label == "POST /users/me/photo":
            return {"file": photo()}
        if (known := await self._secret(who)) is not None:
            return known
        body = deepcopy(example_of(self.operation, who))
        for name in body:
            if name in {"appointmentDate", "date"}:
                body[name] = start.date().isoformat()
            elif name == "appointmentTime":
                body[name] = start.time().isoformat()
            elif name == "start_time":
                body[name] = start.isoformat() if "T" in body[name] else f"{start:%H:%M}"
            elif name == "end_time":
                body[name] = f"{start + SLOT:%H:%M}"
            else:
                real = await self._real(name, dice)
                body[name] = body[name] if real is None else real
        if label == "POST /booking/create" or (label == "POST /appointments" and who == "PATIENT"):
            body.pop("patientId", None)
        return body

    async def _secret(self, who: str) -> Any:
        """Bodies with what only the right person knows: codes, passwords, refresh tokens."""
        label, world = self.operation.label, self.world
        manager, patient = world.people["MANAGER"], world.patient
        match label:
            case "POST /auth/send-otp":
                return {"phone": manager.phone}
            case "POST /auth/login/phone-otp":
                return {"phone": manager.phone, "otp": await world.code(manager, "/auth/send-otp")}
            case "POST /patient-auth/verify-otp":
                return {"phone": patient.phone, "otp": await world.code(patient, "/patient-auth/send-otp")}
            case "POST /auth/login/phone-password":
                return {"phone": manager.phone, "password": await world.with_password(manager)}
            case "POST /auth/login/username-password":
                return {"username": await world.username(manager), "password": await world.with_password(manager)}
            case "POST /auth/doctor/login":
                return {"email": world.clinician.email, "password": await world.with_password(world.clinician)}
            case "POST /auth/login":
                return {"email": world.clinician.email, "password": await world.with_password(world.clinician)}
            case "POST /auth/patient/login":
                return {"email": patient.email, "password": await world.with_password(patient)}
            case "POST /auth/refresh" | "POST /auth/logout":
                return {"refreshToken": await world.session(SessionKind.STAFF)}
            case "POST /patient-auth/refresh-token" | "POST /patient-auth/logout":
                return {"refreshToken": await world.session(SessionKind.PATIENT)}
        return None

    def _spoil(self, dice: Random, path: Any, query: Any, body: Any) -> tuple[Any, Any, Any]:
        """A working call, one value of which is nasty."""
        names = {parameter.name for parameter in self.operation.query or ()}
        places = [
            name for name, there in (("path", path), ("query", names), ("body", body)) if there and there != NOT_SET
        ]
        nasty = dice.choice(NASTIES)
        match dice.choice(places or ["none"]):
            case "path":
                path[dice.choice(sorted(path))] = dice.choice([0, 2**53, 2**63, 10**30])
            case "query":
                query[dice.choice(sorted(names))] = nasty
            case "body" if isinstance(body, dict):
                body[dice.choice(sorted(set(body) | properties_of(self.operation)))] = deepcopy(nasty)
        if self.operation.body and dice.random() < 0.1:
            body = deepcopy(nasty)
        return path, query, body

    async def _request(self, dice: Random, kind: str, who: str, guess: Case, path: Any, query: Any, body: Any) -> Any:
        segments = {name: _text(value) for name, value in path.items()}
        if any(text in {"", ".", ".."} or "/" in text for text in segments.values()):
            reject()  # another path, perhaps of another operation
        url = self.surface.prefix + self.operation.path.format_map(
            {name: _quoted(text) for name, text in segments.items()}
        )
        if query:
            pairs = [
                (name, one) for name, value in query.items() for one in (value if isinstance(value, list) else [value])
            ]
            url += "?" + urlencode([(name, _text(one)[:LONGEST]) for name, one in pairs], errors="surrogatepass")
        headers = dict(self.world.people[who].headers)
        if who == "SUPERADMIN" and (self.allowed == [who] or dice.random() < 0.5):
            headers.pop("X-Hospital-Id")  # as the owner of the platform, in no hospital
        if dice.random() < 0.1:
            headers["Idempotency-Key"] = dice.choice(["again", "x" * 300])
        if kind in {NASTY, BROKEN} and dice.random() < 0.03:
            headers["X-Hospital-Id"] = dice.choice(["0", "-1", "9" * 30, "one", str(2**53 - 1)])
        given: dict[str, Any] = {"headers": headers}
        if body is not NOT_SET and self.operation.body:
            if guess.media_type == "multipart/form-data":
                given |= _multipart(body)
            else:
                given["content"] = dice.choice(RAWS) if kind == RAW else json.dumps(body, default=str).encode()
                is_wrong = kind in {BROKEN, RAW} and dice.random() < 0.2
                headers["Content-Type"] = dice.choice(WRONG_TYPES) if is_wrong else "application/json"
        request = self.world.http.build_request(guess.method, url, **given)
        await request.aread()  # a form streams otherwise, and a report could not show what was sent
        return await self.world.http.send(request)


def _multipart(body: Any) -> dict[str, Any]:
    if not isinstance(body, Mapping):
        return {"content": str(body).encode(errors="surrogatepass")}
    parts = {
        str(name): value if isinstance(value, bytes) else _text(value).encode(errors="surrogatepass")
        for name, value in body.items()
    }
    return {"files": {name.encode("ascii", "replace").decode(): ("me.png", content) for name, content in parts.items()}}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="surrogatepass")


def _mix(dice: Random, working: Any, guessed: Any) -> Any:
    """A working object with one or two of its values guessed, or one missing."""
    if not isinstance(working, dict) or not isinstance(guessed, dict):
        return working
    mixed = dict(working)
    for name in dice.sample(sorted(guessed), min(len(guessed), dice.choice([1, 1, 2]))):
        mixed[name] = guessed[name]
    if mixed and dice.random() < 0.15:
        mixed.pop(dice.choice(sorted(mixed)))
    return mixed


def schemas_of(operation: Any) -> list[dict[str, Any]]:
    """The shapes of the body that an operation takes: one, or a patient's and then a desk's."""
    raw = operation.schema.raw_schema
    ((_, media),) = raw["paths"][operation.path][operation.method]["requestBody"]["content"].items()
    schema = media["schema"]
    shapes = [one for one in schema.get("anyOf", []) if "$ref" in one] or [schema]
    return [raw["components"]["schemas"][one["$ref"].rsplit("/", 1)[1]] if "$ref" in one else one for one in shapes]


def properties_of(operation: Any) -> set[str]:
    return {name for shape in schemas_of(operation) for name in shape.get("properties", ())}


def example_of(operation: Any, who: str) -> dict[str, Any]:
    """The body that the document shows; every operation with a body has one."""
    shapes = schemas_of(operation)
    shown: dict[str, Any] = shapes[0 if who == "PATIENT" else -1]["examples"][0]
    return shown
