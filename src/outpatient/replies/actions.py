"""What people's answers do: confirm, cancel, and wish for no more messages."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from outpatient.appointments.actions import cancel_appointment, confirm_appointment
from outpatient.appointments.errors import HoldExpired, InvalidTransition, PaymentRequired, TooLateToCancel
from outpatient.core.database import Tx
from outpatient.core.terms import Channel
from outpatient.models import Appointment, InboundMessage, OptOut, Patient
from outpatient.notifications.texts import language_of
from outpatient.replies.queries import Answered, find_answered, find_inbound, find_only_reminded, find_sender
from outpatient.replies.rules import Asked, Command, Outcome, is_hindi, read_answer
from outpatient.replies.texts import ANSWERS

REASON = "The patient cancelled from his phone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A message as the carrier brought it: phones in E.164, and the id by which a repeat is known."""

    provider_id: str
    channel: Channel
    sender: str
    recipient: str
    body: str


async def receive_message(tx: Tx, *, incoming: Incoming) -> str:
    """Do what a message asks for and answer it in the sender's language; both are logged with it.

    A repeat (the same carrier's id), even one that comes while the first is under way, does nothing and is answered
    with the very same words.
    """
    if not await _is_new(tx, incoming):
        return (await _get_inbound(tx, incoming)).answer or ""
    asked = read_answer(incoming.body)
    answered = await _find_answered(tx, incoming.sender, asked)
    outcome = await _follow(tx, incoming, asked, answered)
    hospital_id, language = await find_sender(tx, incoming.sender)
    if answered is not None:
        hospital_id, language = answered.hospital_id, answered.language
    spoken = language_of("hi" if is_hindi(incoming.body) else language)
    row = await _get_inbound(tx, incoming)
    row.hospital_id, row.command, row.outcome = hospital_id, asked.command, outcome
    row.appointment_id = answered.appointment_id if answered else None
    row.answer = ANSWERS[spoken][outcome]
    return row.answer


async def _is_new(tx: Tx, incoming: Incoming) -> bool:
    """Take the carrier's id: whoever else has it at this moment is waited for, and was first."""
    new = postgresql.insert if tx.store.dialect == "postgresql" else sqlite.insert
    row: dict[str, Any] = {
        "provider_id": incoming.provider_id,
        "channel": incoming.channel,
        "sender": incoming.sender,
        "recipient": incoming.recipient,
        "body": incoming.body,
        "outcome": "",
        "received_at": tx.now,
    }
    return bool(await tx.all(new(InboundMessage).values(row).on_conflict_do_nothing().returning(InboundMessage.id)))


async def _get_inbound(tx: Tx, incoming: Incoming) -> InboundMessage:
    found = await find_inbound(tx, incoming.provider_id)
    assert found is not None
    return found


async def _find_answered(tx: Tx, sender: str, asked: Asked) -> Answered | None:
    """The appointment that is meant: the one named, else the only one of which the sender was reminded."""
    if asked.command not in (Command.CONFIRM, Command.CANCEL):
        return None
    appointment_id = asked.appointment_id or await find_only_reminded(tx, sender)
    return None if appointment_id is None else await find_answered(tx, appointment_id, Patient.phone == sender)


async def _follow(tx: Tx, incoming: Incoming, asked: Asked, answered: Answered | None) -> Outcome:
    if asked.command is Command.STOP:
        return await _stop(tx, incoming)
    if asked.command is Command.START:
        return await _start(tx, incoming)
    if asked.command not in (Command.CONFIRM, Command.CANCEL):
        return Outcome.HELPED
    if answered is None:
        return Outcome.HELPED if asked.appointment_id is None else Outcome.NOT_FOUND
    return await answer_invitation(tx, answered=answered, command=asked.command, way=incoming.channel.lower())


async def answer_invitation(tx: Tx, *, answered: Answered, command: Command, way: str) -> Outcome:
    """The patient says that he comes, or that he does not; `way` (sms, whatsapp, link) is kept in the audit."""
    patient, appointment_id = answered.patient, answered.appointment_id
    try:
        if command is Command.CONFIRM:
            await confirm_appointment(tx, actor=patient, appointment_id=appointment_id)
        else:
            await cancel_appointment(tx, actor=patient, appointment_id=appointment_id, reason=REASON)
    except PaymentRequired:
        return Outcome.PAYMENT_REQUIRED
    except TooLateToCancel:
        return Outcome.TOO_LATE
    except (HoldExpired, InvalidTransition):  # it began, or ended, a moment ago
        return Outcome.NOT_FOUND
    tx.audit(
        f"appointment.answered_by_{way}", "appointment", appointment_id, hospital_id=patient.hospital_id, by=patient
    )
    return Outcome.CONFIRMED if command is Command.CONFIRM else Outcome.CANCELLED


async def answer_by_link(
    tx: Tx, *, appointment_id: int, starts_at: datetime | None, service_on: date, command: Command
) -> Outcome:
    """The same by the link in a reminder, as long as the appointment is where its page says."""
    when = (Appointment.starts_at.is_not_distinct_from(starts_at), Appointment.service_on == service_on)
    answered = await find_answered(tx, appointment_id, *when)
    if answered is None:
        return Outcome.NOT_FOUND
    return await answer_invitation(tx, answered=answered, command=command, way="link")


async def _stop(tx: Tx, incoming: Incoming) -> Outcome:
    new = postgresql.insert if tx.store.dialect == "postgresql" else sqlite.insert
    row = {"channel": incoming.channel, "address": incoming.sender, "source": "reply", "stopped_at": tx.now}
    await tx.execute(new(OptOut).values(row).on_conflict_do_nothing())
    return Outcome.STOPPED


async def _start(tx: Tx, incoming: Incoming) -> Outcome:
    await tx.execute(delete(OptOut).where(OptOut.channel == incoming.channel, OptOut.address == incoming.sender))
    return Outcome.STARTED
