"""Who hears of what: one row per domain event, and the rooms in which its audiences sit.

A room is the smallest audience: whoever listens sits in one or more, and an event goes to some. Streams and Socket.IO
share them. `docs/events.md` shows the table.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NewType

from outpatient.access.actor import Actor

Room = NewType("Room", str)


class Hears(StrEnum):
    """A kind of audience."""

    HOSPITAL = "everybody at the reception of the hospital"
    RECEPTION = "the reception of the centre"
    DOCTOR = "the doctor"
    WAITING_ROOM = "the waiting room of the department"
    PATIENT = "the patient, and who may act for him"


@dataclass(frozen=True, slots=True)
class Telling:
    """Who hears of an event, its name in seed 000's Socket.IO, and the names of what follows from it there."""

    to: frozenset[Hears] = frozenset()
    socket: str = ""
    then: tuple[str, ...] = ()


NOBODY = Telling()
_BOOKING = frozenset({Hears.RECEPTION, Hears.DOCTOR, Hears.PATIENT})
_VISIT = _BOOKING | {Hears.WAITING_ROOM}
_RECORD = frozenset({Hears.HOSPITAL})
_DUTY = frozenset({Hears.RECEPTION, Hears.DOCTOR})
_MONEY = frozenset({Hears.RECEPTION, Hears.PATIENT})

QUEUE_UPDATED, PHASES_UPDATED, PATIENT_AVAILABLE = "queue_updated", "phases_updated", "current_appointment_available"
_MOVED = (QUEUE_UPDATED, PHASES_UPDATED)

TELLINGS: Mapping[str, Telling] = {
    "account.photo_changed": NOBODY,
    "account.updated": NOBODY,
    "appointment.cancelled": Telling(_BOOKING, "appointment_cancelled", _MOVED),
    "appointment.completed": Telling(_BOOKING, "appointment_updated", _MOVED),
    "appointment.confirmed": Telling(_BOOKING, "appointment_updated", _MOVED),
    "appointment.created": Telling(_BOOKING, "appointment_created", _MOVED),
    "appointment.expired": Telling(_BOOKING, "appointment_cancelled", _MOVED),
    "appointment.no_show": Telling(_BOOKING, "appointment_updated", _MOVED),
    "appointment.no_show_proposed": Telling(_DUTY, "appointment_updated"),
    "appointment.reminder_due": NOBODY,
    "appointment.reopened": Telling(_BOOKING, "appointment_updated", _MOVED),
    "appointment.rescheduled": Telling(_BOOKING, "appointment_updated", _MOVED),
    "appointment.updated": Telling(_BOOKING, "appointment_updated", _MOVED),
    "auth.otp_requested": NOBODY,
    "auth.session_revoked": NOBODY,
    "auth.signed_in": NOBODY,
    "centre.created": NOBODY,
    "centre.deleted": NOBODY,
    "centre.toggled": NOBODY,
    "centre.updated": NOBODY,
    "clinician.availability_replaced": NOBODY,
    "clinician.created": NOBODY,
    "clinician.deleted": NOBODY,
    "clinician.on_duty_set": Telling(_DUTY, "clinician_on_duty"),
    "clinician.toggled": NOBODY,
    "clinician.updated": NOBODY,
    "department.configured": NOBODY,
    "department.created": NOBODY,
    "department.deactivated": NOBODY,
    "department.updated": NOBODY,
    "feedback.given": NOBODY,
    "hospital.configured": NOBODY,
    "hospital.created": NOBODY,
    "hospital.updated": NOBODY,
    "notification.failed": NOBODY,
    "notification.requested": NOBODY,
    "notification.retried": NOBODY,
    "invoice.issued": NOBODY,
    "invoice.sending_requested": NOBODY,
    "open_slot.added": NOBODY,
    "open_slot.removed": NOBODY,
    "payment.discounted": Telling(_MONEY, "payment_updated", (QUEUE_UPDATED,)),
    "payment.failed": Telling(_MONEY, "payment_updated"),
    "payment.link_created": Telling(_MONEY, "payment_link_created"),
    "payment.received": Telling(_MONEY, "payment_processed", (QUEUE_UPDATED,)),
    "refund.failed": Telling(frozenset({Hears.RECEPTION}), "refund_failed", (QUEUE_UPDATED,)),
    "refund.processed": Telling(_MONEY, "refund_processed", (QUEUE_UPDATED,)),
    "refund.requested": Telling(_MONEY, "refund_requested", (QUEUE_UPDATED,)),
    "patient.consent_changed": NOBODY,
    "patient.created": Telling(_RECORD, "patient_created"),
    "patient.deleted": Telling(_RECORD, "patient_deleted"),
    "patient.erased": NOBODY,
    "patient.note_added": NOBODY,
    "patient.updated": Telling(_RECORD, "patient_updated"),
    "service.created": NOBODY,
    "service.deactivated": NOBODY,
    "service.updated": NOBODY,
    "staff.created": NOBODY,
    "staff.deleted": NOBODY,
    "staff.toggled": NOBODY,
    "staff.updated": NOBODY,
    "time_off.removed": NOBODY,
    "time_off.taken": NOBODY,
    "video.link_changed": Telling(_BOOKING, "appointment_updated"),
    "video.link_created": Telling(_BOOKING, "appointment_updated"),
    "video.link_removed": Telling(_BOOKING, "appointment_updated"),
    "video.meeting_abandoned": NOBODY,
    "visit.checked_in": Telling(_VISIT, "new_checkin", _MOVED),
    "visit.delayed": Telling(_VISIT, "visit_updated", _MOVED),
    "visit.feedback_due": NOBODY,
    "visit.prioritised": Telling(_VISIT, "visit_updated", _MOVED),
    "visit.reassigned": Telling(_VISIT, "visit_updated", _MOVED),
    "visit.reordered": Telling(_VISIT, "visit_updated", _MOVED),
    "visit.status_changed": Telling(_VISIT, "visit_status_changed", (*_MOVED, PATIENT_AVAILABLE)),
    "visit.turn_near": NOBODY,
    "visit.undone": Telling(_VISIT, "visit_status_changed", _MOVED),
    "visit.walk_in_added": Telling(_VISIT, "walkin_added", _MOVED),
}
"""Event name → who is told. A test demands a row for every event there is."""

ENDS_SESSIONS = frozenset({"auth.session_revoked", "staff.deleted", "staff.toggled"})
"""After these, whoever is connected is looked up at once, and not only at the next round."""
MOVES_STAFF, MOVES_CLINICIAN, MOVES_PATIENT = "staff.updated", "clinician.updated", "patient.updated"
"""After these somebody's rooms may be others: his streams end, and are resumed in the right ones."""
CLOSES_WAITING_ROOM = "department.deactivated"
ENDS_PATIENT = "patient.erased"
"""After this nobody hears of a record any more."""


def everybody_at(hospital_id: int) -> Room:
    """All who work at the reception, whatever centre they are bound to."""
    return Room(f"hospital:{hospital_id}")


def desk(hospital_id: int) -> Room:
    """Those at the reception who see every centre."""
    return Room(f"desk:{hospital_id}")


def centre(centre_id: int) -> Room:
    """Those at the reception who are bound to this centre."""
    return Room(f"centre:{centre_id}")


def doctor(clinician_id: int, centre_id: int | None = None) -> Room:
    """A clinician's screen; with a centre, what of it somebody sees who is bound to that centre."""
    return Room(f"doctor:{clinician_id}" if centre_id is None else f"doctor:{clinician_id}@{centre_id}")


def unassigned(department_id: int) -> Room:
    """The screens of a department's clinicians, for patients who wait for any of them."""
    return Room(f"unassigned:{department_id}")


def waiting_room(department_id: int) -> Room:
    """The display in a department's waiting room."""
    return Room(f"waiting-room:{department_id}")


def patient(patient_id: int) -> Room:
    """The patient himself, and who may act for him."""
    return Room(f"patient:{patient_id}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something happened, as far as it says so."""

    centre_id: int | None
    clinician_id: int | None
    department_id: int | None


def places_of(payload: Mapping[str, Any]) -> set[Place]:
    """Where a subject is and where it was: who loses it has to hear of it, too."""
    before = payload.get("before") or {}
    return {
        Place(*(source.get(key) for key in ("centre_id", "clinician_id", "department_id")))
        for source in (payload, {**payload, **before})
    }


def staff_rooms(to: frozenset[Hears], hospital_id: int | None, places: set[Place]) -> frozenset[Room]:
    """The rooms of the staff who hear of something that happened at these places."""
    rooms: set[Room] = set()
    if hospital_id is not None and Hears.HOSPITAL in to:
        rooms.add(everybody_at(hospital_id))
    for place in places:
        if hospital_id is not None and Hears.RECEPTION in to and place.centre_id is not None:
            rooms |= {desk(hospital_id), centre(place.centre_id)}
        if Hears.DOCTOR in to:
            rooms.update(_doctor_rooms(place))
    return frozenset(rooms)


def _doctor_rooms(place: Place) -> Iterator[Room]:
    if place.clinician_id is not None:
        yield doctor(place.clinician_id)
        if place.centre_id is not None:
            yield doctor(place.clinician_id, place.centre_id)
    elif place.department_id is not None:
        yield unassigned(place.department_id)


@dataclass(frozen=True, slots=True)
class Department:
    """A department and the centre that it is part of."""

    id: int
    centre_id: int


def reception_of(actor: Actor, own: Department | None) -> frozenset[Room]:
    """The reception's rooms for somebody: his hospital, his centres; a clinician has his own screen there."""
    if actor.is_clinician:
        return doctor_of(actor, actor.clinician_id, own) if actor.clinician_id else frozenset()
    if actor.centre_ids is None:
        return frozenset({everybody_at(actor.hospital_id), desk(actor.hospital_id)})
    return frozenset({everybody_at(actor.hospital_id), *(centre(centre_id) for centre_id in actor.centre_ids)})


def centre_of(actor: Actor, centre_id: int) -> frozenset[Room]:
    """The rooms of one centre's reception (Socket.IO's `clinic_{id}`)."""
    return frozenset({everybody_at(actor.hospital_id), centre(centre_id)})


def doctor_of(actor: Actor, clinician_id: int, department: Department | None) -> frozenset[Room]:
    """A clinician's rooms for somebody who may watch him; `department` is the clinician's."""
    if actor.centre_ids is None:
        rooms = {doctor(clinician_id)}
    else:
        rooms = {doctor(clinician_id, centre_id) for centre_id in actor.centre_ids}
    if department is not None and actor.sees_centre(department.centre_id):
        rooms.add(unassigned(department.id))
    return frozenset(rooms)


def own_of(actor: Actor, department: Department | None) -> frozenset[Room]:
    """What happens to somebody himself: to his own records as a patient, to his own patients as a clinician."""
    if actor.is_patient:
        return frozenset(patient(patient_id) for patient_id in actor.patient_ids)
    return doctor_of(actor, actor.clinician_id, department) if actor.clinician_id else frozenset()
