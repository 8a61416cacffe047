"""Calling the cells of a row, and judging what comes of it."""

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import httpx2

from outpatient.app import Outpatient
from tests.access.matrix.places import NAMES, NEW, Clinic, Place
from tests.access.matrix.store import Rows, Watched
from tests.access.matrix.tables import FOREIGN, NOBODY, OWN, PLATFORM, PRINCIPALS, RELATIONS, SUPERADMIN, Expected, Row
from tests.access.matrix.vendors import SENT
from tests.makers import Persona
from tests.realtime.streams import opened

REFUSALS = {401, 403, 404}
NOBODY_WAITS = {"QUEUE_EMPTY", "NO_CURRENT_VISIT"}
"""What is said of a line in which nobody stands whom the caller may see."""
ENDS_CALLER = {"api POST /auth/logout", "root DELETE /doctor/account"}
"""After these the caller is nobody any more."""

Look = Callable[[str], Awaitable[Any]]


@dataclass
class Request:
    """What is sent."""

    method: str
    url: str
    given: dict[str, Any] = field(default_factory=dict)


@dataclass
class Judge:
    """Calls every cell of a row, and notes what is not as the tables say."""

    clinic: Clinic
    store: Watched
    row: Row
    wrong: list[str] = field(default_factory=list)
    called: set[tuple[str, str]] = field(default_factory=set)

    async def judge(self) -> None:
        """Refusals first, which must leave every row as it is; then what is allowed, each with a thing of its own."""
        cells = {
            (who, relation): self.row.expected(who, relation) for relation in RELATIONS.values() for who in PRINCIPALS
        }
        refused = {cell for cell, expected in cells.items() if self._changes_nothing(expected)}
        built = {
            relation: [await self._build(one) for one in self._lookups(relation)] for relation in self._relations()
        }
        before = await self.store.rows()
        for who, relation in sorted(refused):
            for number, request in enumerate(built[relation]):
                if number and cells[who, relation] is Expected.FORBIDDEN:
                    break  # whatever is named, it is not his to call
                await self._refused(who, relation, request, before, among_own=number > 0)
        await self._misled(next(iter(built.values()))[0])
        if await self.store.rows() != before:
            self.wrong.append("refused calls changed rows")
        other = self.clinic.places[FOREIGN].hospital.id
        before = await self.store.rows_of(other)
        for (who, relation), expected in cells.items():
            if expected is Expected.SERVED:
                await self._served(who, relation)
            elif expected is Expected.OUT_OF_REACH and (who, relation) not in refused:
                await self._not_shown(who, relation)
        if await self.store.rows_of(other) != before:
            self.wrong.append("calls changed rows of another hospital")

    def _changes_nothing(self, expected: Expected) -> bool:
        return expected is Expected.FORBIDDEN or (expected is Expected.OUT_OF_REACH and not self.row.shows)

    def _relations(self) -> list[str]:
        return [one for one in RELATIONS.values() if one in self.row.thing.relations]

    def _lookups(self, relation: str) -> Iterator[Look]:
        """Who knows the values: the relation's place; of another hospital also one value alone, the others our own."""
        place = self._place(relation)
        yield place.value
        named = [*self.row.target, *re.findall(r"\$(\w+)", self.row.sends)]
        names = [name for name in named if name not in NEW]
        if relation == FOREIGN and len(set(names)) > 1:
            for alone in dict.fromkeys(names):
                yield _mixed(place, self._place(OWN), alone)

    def _place(self, relation: str) -> Place:
        is_ours = self.row.thing.is_by_header or relation not in self.clinic.places
        return self.clinic.places[OWN if is_ours else relation]

    async def _build(self, look: Look) -> Request:
        """The call with real values in it."""
        row = self.row
        targets = iter([await look(name) for name in row.target])
        path = re.sub(r"\{[^}]*\}", lambda _: str(next(targets)), row.path)
        query, body = re.match(r"(\?\S*)? ?(.*)", row.sends).groups()
        request = Request(
            row.method, f"{'/api/v1' if row.surface == 'api' else ''}{path}{await _filled(query or '', look)}"
        )
        if body in SENT:
            request.given = await SENT[body](self.clinic.program, self._place(OWN), request)
        elif body:
            request.given = {"json": await _replaced(json.loads(body), look)}
        return request

    async def _send(self, who: str, relation: str, request: Request, named: Place | None = None) -> httpx2.Response:
        persona = self.clinic.people[who]
        headers = {**persona.headers, **request.given.get("headers", {})}
        if named is None:
            self.called.add((who, relation))
        if relation == FOREIGN and self.row.thing.is_by_header:
            named = self.clinic.places[FOREIGN]
        if named is not None:
            headers["X-Hospital-Id"] = str(named.hospital.id)
        if PLATFORM in self.row.who and who == SUPERADMIN:
            del headers["X-Hospital-Id"]
        if relation == FOREIGN and self.row.thing.name == "signed":
            headers |= {name: "forged" for name in request.given.get("headers", {}) if "signature" in name.lower()}
        if "/sse/" in self.row.path:
            return await _listen(self.clinic.program, Persona(self.clinic.http, 0, headers), request)
        return await self.clinic.http.request(request.method, request.url, **{**request.given, "headers": headers})

    async def _refused(self, who: str, relation: str, request: Request, before: Rows, *, among_own: bool) -> None:
        commits = self.store.commits
        answer = await self._send(who, relation, request)
        if not _is_refusal(answer, among_own=among_own):
            self._note(who, relation, answer, "should be refused")
        if self.store.commits != commits and (after := await self.store.rows()) != before:
            changed = [name for name in after if after[name] != before.get(name)]
            self._note(who, relation, answer, f"was refused, and changed {changed}")
        self._watch(who, relation, answer)

    async def _misled(self, request: Request) -> None:
        """The header chooses among one's own hospitals and opens no other, whatever else is right."""
        if NOBODY in self.row.who or self.row.thing.is_by_header or PLATFORM in self.row.who:
            return
        who = min(self.row.who - {SUPERADMIN})
        answer = await self._send(who, next(iter(self._relations())), request, self.clinic.places[FOREIGN])
        if answer.status_code not in REFUSALS:
            self._note(who, "by the header of the other hospital", answer, "should be refused")

    async def _served(self, who: str, relation: str) -> None:
        place = self._place(relation)
        if not self.row.reads:
            place.forget()
        place.caller = self.clinic.people[who]
        request = await self._build(place.value)
        shown = await _filled(self.row.shows, place.value)
        audited = await self._audited(who)
        answer = await self._send(who, relation, request)
        if not answer.is_success or not _has_data(answer):
            self._note(who, relation, answer, "should be served")
        elif shown not in answer.text:
            self._note(who, relation, answer, f"should show {shown!r}")
        if audited is not None and await self._audited(who) == audited:
            self._note(who, relation, answer, "should be in the audit")
        self._watch(who, relation, answer)
        if self.row.label in ENDS_CALLER:
            await self.clinic.hire(who)

    async def _audited(self, who: str) -> int | None:
        """What the audit says of the platform's owner: whatever he changes of a hospital must be in it."""
        if who != SUPERADMIN or self.row.reads or NOBODY in self.row.who or self.row.thing.name == "self":
            return None
        return await self.store.count_audited(self.clinic.people[who].user_id)

    async def _not_shown(self, who: str, relation: str) -> None:
        """A list without what is out of reach; or a refusal."""
        request = await self._build(self._place(relation).value)
        hidden = await _filled(self.row.shows, self._place(relation).value)
        before = None if self.row.reads else await self.store.rows()
        answer = await self._send(who, relation, request)
        is_empty = answer.status_code == 409 and answer.json()["error"]["code"] in NOBODY_WAITS
        if not (answer.is_success or is_empty or answer.status_code in REFUSALS):
            self._note(who, relation, answer, "should be refused, or show nothing")
        elif hidden in answer.text:
            self._note(who, relation, answer, f"should not show {hidden!r}")
        elif before is not None and await self.store.rows() != before:
            self._note(who, relation, answer, "was refused, and changed rows")
        self._watch(who, relation, answer)

    def _watch(self, who: str, relation: str, answer: httpx2.Response) -> None:
        if NAMES[FOREIGN] in answer.text and not self._may_know(who):
            self._note(who, relation, answer, "speaks of another hospital")

    def _may_know(self, who: str) -> bool:
        """The platform's owner may know what hospitals there are."""
        return who == SUPERADMIN and FOREIGN in self.row.thing.reached[who]

    def _note(self, who: str, relation: str, answer: httpx2.Response, what: str) -> None:
        sent = answer.request
        content = b"" if "multipart" in sent.headers.get("content-type", "") else sent.content[:200]
        said = f"{sent.method} {sent.url.raw_path.decode()} {content.decode(errors='replace')}"
        self.wrong.append(f"{who}, {relation}: {what}\n      {said}\n      {answer.status_code} {answer.text[:400]}")


async def _listen(program: Outpatient, persona: Persona, request: Request) -> httpx2.Response:
    """What a stream says first: that it is there, and the queue as it is; or its refusal."""
    async with opened(program, persona, request.url.removeprefix("/api/v1")) as reader:
        with suppress(EOFError):  # a refusal has no messages
            await reader.until("queue.updated")
    sent = httpx2.Request("GET", f"http://clinic.test{request.url}")
    return httpx2.Response(reader.status, headers=reader.headers, content=reader.raw, request=sent)


def _is_refusal(answer: httpx2.Response, *, among_own: bool) -> bool:
    """Not known, not allowed, not there; a wrong signature; or two things that do not belong together."""
    if answer.status_code in REFUSALS:
        return True
    code = answer.json()["error"]["code"] if answer.status_code == HTTPStatus.BAD_REQUEST else None
    return code == "INVALID_SIGNATURE" or (among_own and code == "VALIDATION_ERROR")


def _mixed(other: Place, own: Place, alone: str) -> Look:
    async def look(name: str) -> Any:
        return await (other if name == alone else own).value(name)

    return look


async def _filled(text: str, look: Look) -> str:
    """A text with the values of its $names."""
    for name in dict.fromkeys(re.findall(r"\$(\w+)", text)):
        value = str(await look(name))
        text = re.sub(rf"\${name}\b", lambda _, value=value: value, text)
    return text


async def _replaced(body: Any, look: Look) -> Any:
    if isinstance(body, dict):
        return {name: await _replaced(value, look) for name, value in body.items()}
    return await look(body[1:]) if isinstance(body, str) and body.startswith("$") else body


def _has_data(answer: httpx2.Response) -> bool:
    """Whether there is something in an answer: the data of an envelope, the body of a bare one, or any content."""
    if answer.status_code == 204:
        return True
    if "json" not in answer.headers.get("content-type", ""):
        return bool(answer.content)
    body = answer.json()
    return body.get("data", body.get("message")) is not None if "success" in body else bool(body)
