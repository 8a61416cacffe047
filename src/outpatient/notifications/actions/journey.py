"""How a message's row follows its journey: it is there before the carrier is asked, and says how each try ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from outpatient.core.database import Tx
from outpatient.core.errors import AdapterFailure
from outpatient.core.terms import Channel, Purpose
from outpatient.core.terms import NotificationStatus as Status
from outpatient.models import Notification, OptOut
from outpatient.notifications.queries import find_objection

ERROR_LENGTH, BODY_LENGTH = 500, 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One message on one channel, as it is noted; `body` is None where the words are not kept."""

    hospital_id: int | None
    event_id: int
    key: str
    notification_type: str
    channel: Channel
    recipient: str
    language: str
    body: str | None
    patient_id: int | None = None
    user_id: int | None = None
    appointment_id: int | None = None


async def begin_try(tx: Tx, *, draft: Draft, purpose: Purpose | None) -> tuple[Notification, datetime | None]:
    """Note that the message is about to be given to its carrier, before it is.

    Answers the row, PENDING if it may go out, and since when nobody knows how an earlier try ended, if so. A message
    that somebody objects to becomes SUPPRESSED; one that went out or failed stays what it is.
    """
    row: Notification | None = await tx.one_or_none(
        select(Notification).where(Notification.key == draft.key).with_for_update()
    )
    if row is not None and row.status is not Status.PENDING:
        return row, None
    objection = await find_objection(
        tx, channel=draft.channel, address=draft.recipient, patient_id=draft.patient_id, purpose=purpose
    )
    if row is None:
        row = _new(draft, tx.now)
        tx.session.add(row)
    if objection is not None:
        row.status, row.last_error, row.tried_at = Status.SUPPRESSED, objection, None
        await tx.session.flush()
        return row, None
    doubtful_since = row.tried_at
    row.attempts += 1
    if doubtful_since is None:  # what may be out there already is not worded anew: carriers know it by its words
        row.tried_at = tx.now
        row.body, row.language = draft.body and draft.body[:BODY_LENGTH], draft.language
    await tx.session.flush()
    return row, doubtful_since


def _new(draft: Draft, now: datetime) -> Notification:
    return Notification(
        hospital_id=draft.hospital_id,
        event_id=draft.event_id,
        key=draft.key,
        notification_type=draft.notification_type,
        channel=draft.channel,
        recipient=draft.recipient,
        patient_id=draft.patient_id,
        user_id=draft.user_id,
        appointment_id=draft.appointment_id,
        status=Status.PENDING,
        attempts=0,
        created_at=now,
    )


async def note_sent(tx: Tx, *, notification_id: int, provider_id: str) -> None:
    """The carrier took the message and knows it by this id."""
    await tx.execute(
        update(Notification)
        .where(Notification.id == notification_id, Notification.status == Status.PENDING)
        .values(status=Status.SENT, provider_id=provider_id[:120], sent_at=tx.now, tried_at=None, last_error=None)
    )


async def note_failure(
    tx: Tx, *, notification: Notification, failure: AdapterFailure, is_final: bool, was_doubtful: bool
) -> None:
    """The carrier did not take the message. Unless that is certain, of every try, the next one is told of the doubt."""
    values: dict[str, Any] = {"last_error": str(failure)[:ERROR_LENGTH]}
    if is_final:
        values |= {"status": Status.FAILED, "tried_at": None}
    elif failure.is_certain and not was_doubtful:
        values |= {"tried_at": None}
    await tx.execute(
        update(Notification)
        .where(Notification.id == notification.id, Notification.status == Status.PENDING)
        .values(**values)
    )


async def note_unsubscribed(tx: Tx, *, notification: Notification, failure: AdapterFailure) -> None:
    """The carrier knows that this person wants no more: so do we from now on."""
    await opt_out(tx, channel=notification.channel, address=notification.recipient, source="CARRIER")
    await tx.execute(
        update(Notification)
        .where(Notification.id == notification.id, Notification.status == Status.PENDING)
        .values(status=Status.SUPPRESSED, last_error=str(failure)[:ERROR_LENGTH], tried_at=None)
    )


async def opt_out(tx: Tx, *, channel: Channel, address: str, source: str) -> None:
    """This address gets no more messages on this channel (STOP); a repeat changes nothing."""
    try:
        async with tx.session.begin_nested():
            await tx.add(OptOut(channel=channel, address=address, source=source, stopped_at=tx.now))
    except IntegrityError:
        return
