"""What an event says to each of its audiences: rendered from the stored event and what things are called now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from outpatient.core.events import plain
from outpatient.core.money import to_major
from outpatient.core.terms import VisitStatus
from outpatient.models import StoredEvent
from outpatient.queue.rules.order import IN_LINE
from outpatient.realtime.audiences import (
    NOBODY,
    TELLINGS,
    Hears,
    Place,
    Room,
    Telling,
    patient,
    places_of,
    staff_rooms,
    waiting_room,
)

_SUBJECT_KEY = {
    "visit": "visit_id",
    "appointment": "appointment_id",
    "patient": "patient_id",
    "clinician": "clinician_id",
}
_KNOWN = frozenset(
    {
        *("appointment_id", "patient_id", "clinician_id", "department_id", "centre_id", "status", "token_label"),
        *("priority", "before"),
    }
)
"""What every message says in its own place, so it is not among an event's own fields; `before` is for undo alone."""
_FOR_PATIENTS = frozenset(
    {
        *("booking_type", "starts_at", "service_on", "expires_at", "was_at", "was_on", "cancelled_by", "was"),
        *("not_before", "new_position", "was_clinician_id", "amount", "surplus", "method"),
    }
)
"""Own fields that a patient may read; what staff wrote to each other is not among them."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rows behind some events say now, by id; `minutes` are the waits of the visits that stand in line."""

    visits: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    appointments: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    patients: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    clinicians: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    minutes: Mapping[int, int] = field(default_factory=dict)


NOTHING: Mapping[str, Any] = {}


class OnDisplay(BaseModel):
    """A visit as a waiting room shows it: this and nothing else, whatever an event holds.

    `status` is null when the patient waits elsewhere now: the display forgets the token.
    """

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True)

    token_label: str
    room: str | None
    status: VisitStatus | None
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Letter:
    """One wording of an event, for everybody in these rooms."""

    rooms: frozenset[Room]
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """An event as its audiences hear it: the letters go to different people."""

    event: StoredEvent
    position: int
    telling: Telling
    places: frozenset[Place] = frozenset()
    letters: tuple[Letter, ...] = ()


def tell(event: StoredEvent, facts: Facts) -> Told:
    """What there is to say of an event that has its position."""
    assert event.position is not None
    telling = TELLINGS.get(event.name, NOBODY)
    if not telling.to:
        return Told(event, event.position, telling)
    places = _places(event, facts)
    said = _said(event, facts)
    own = dict(_on_wire(name, value) for name, value in event.payload.items() if name not in _KNOWN)
    letters = [Letter(staff_rooms(telling.to, event.hospital_id, places), {**said, **own})]
    if Hears.PATIENT in telling.to and said["patient_id"] is not None:
        theirs = {name: value for name, value in own.items() if name in _FOR_PATIENTS}
        letters.append(Letter(frozenset({patient(said["patient_id"])}), {**said, **theirs}))
    if Hears.WAITING_ROOM in telling.to:
        letters.extend(_on_display(event, said))
    return Told(event, event.position, telling, frozenset(places), tuple(letters))


def _on_wire(name: str, value: Any) -> tuple[str, Any]:
    """Money is in major units there."""
    return (name.removesuffix("_minor"), to_major(value)) if name.endswith("_minor") else (name, value)


def _places(event: StoredEvent, facts: Facts) -> set[Place]:
    if event.subject == "clinician":
        at = facts.clinicians.get(event.subject_id, NOTHING)
        return {Place(at.get("primary_centre_id"), event.subject_id, at.get("department_id"))}
    return places_of(event.payload)


def _said(event: StoredEvent, facts: Facts) -> dict[str, Any]:
    """What every message to staff and patients says, by our names."""
    payload = event.payload
    ids = {name: payload.get(name) for name in _SUBJECT_KEY.values()}
    ids[_SUBJECT_KEY.get(event.subject, f"{event.subject}_id")] = event.subject_id
    visit = facts.visits.get(ids["visit_id"] or 0, NOTHING)
    appointment = facts.appointments.get(ids["appointment_id"] or 0, NOTHING) if event.subject == "appointment" else {}
    who = facts.patients.get(ids["patient_id"] or 0, NOTHING)
    clinician = facts.clinicians.get(ids["clinician_id"] or 0, NOTHING)
    status = payload.get("status", appointment.get("status"))
    in_line = event.subject == "visit" and status in IN_LINE
    return {
        "event_id": event.id,
        **ids,
        "patient_name": who.get("full_name"),
        "department_id": payload.get("department_id", appointment.get("department_id", clinician.get("department_id"))),
        "centre_id": payload.get("centre_id", clinician.get("primary_centre_id")),
        "status": status,
        "token_label": payload.get("token_label"),
        "priority": payload.get("priority", visit.get("priority")),
        "room": clinician.get("room"),
        "minutes": facts.minutes.get(event.subject_id) if in_line else None,
        "at": plain(event.at),
    }


def _on_display(event: StoredEvent, said: Mapping[str, Any]) -> list[Letter]:
    """To the waiting room where the patient is, and to the one where his token is not called any more."""
    now = {**said, **event.payload}
    was = {**now, **(event.payload.get("before") or {})}
    letters = {}
    if was["department_id"] is not None and was["token_label"] is not None:
        letters[was["department_id"]] = _letter(was["department_id"], was["token_label"], None, None, None)
    if now["department_id"] is not None and now["token_label"] is not None:
        letters[now["department_id"]] = _letter(
            now["department_id"], now["token_label"], said["room"], said["status"], said["minutes"]
        )
    return list(letters.values())


def _letter(department_id: int, label: str, room: str | None, status: str | None, minutes: int | None) -> Letter:
    display = OnDisplay(token_label=label, room=room, status=VisitStatus(status) if status else None, minutes=minutes)
    return Letter(frozenset({waiting_room(department_id)}), display.model_dump(mode="json"))
