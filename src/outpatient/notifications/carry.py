"""How a message travels: noted first, then given to a carrier with no transaction open, then noted how that ended.

Whoever dies on the way leaves a row that tells the next where he stood, so that each message goes out once.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from outpatient.adapters.email.port import Email
from outpatient.adapters.messages.port import TextChannel, TextMessage, Unsubscribed
from outpatient.adapters.outside import Outside
from outpatient.core.errors import AdapterFailure
from outpatient.core.outbox import Later, is_last_try
from outpatient.core.terms import Channel
from outpatient.core.terms import NotificationStatus as Status
from outpatient.models import Notification, StoredEvent
from outpatient.notifications.actions import Draft, begin_try, note_failure, note_sent, note_unsubscribed
from outpatient.notifications.kinds import MANNERS, Kind, Manner
from outpatient.notifications.queries import Person, Told
from outpatient.notifications.rules import QuietHours
from outpatient.notifications.texts import Text, write
from outpatient.video.actions import note_told

ENOUGH = 3  # tries on one channel that fail without being final, while there is another channel
LONGEST_ADDRESS = 100  # in a key; a longer one stands there as its digest
NOT_BY = "not_by"  # in an event's payload: channels that are not tried (again)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message to one person, whatever way it goes; `meet_link` is the address of a video visit that it carries."""

    event: StoredEvent
    kind: Kind
    person: Person
    text: Text
    appointment_id: int | None = None
    channels: tuple[Channel, ...] = field(default=())
    meet_link: str | None = None

    @property
    def manner(self) -> Manner:
        return MANNERS[self.kind]

    def ways(self) -> list[tuple[Channel, str]]:
        """The channels on which the person can be reached, in the order in which they are tried."""
        not_by = self.event.payload.get(NOT_BY, ())
        addresses = {Channel.EMAIL: self.person.email}
        found = [
            (channel, addresses.get(channel, self.person.phone)) for channel in self.channels or self.manner.channels
        ]
        return [(channel, address) for channel, address in found if address and channel not in not_by]

    def draft(self, channel: Channel, address: str) -> Draft:
        """The message as it is noted. The same event, kind, channel and address is the same message."""
        known_as = address if len(address) <= LONGEST_ADDRESS else hashlib.sha256(address.encode()).hexdigest()
        return Draft(
            hospital_id=self.event.hospital_id,
            event_id=self.event.id,
            key=f"{self.event.id}:{self.kind}:{channel.lower()}:{known_as}",
            notification_type=self.manner.notification_type,
            channel=channel,
            recipient=address,
            language=self.text.language,
            body=self.text.body if self.manner.is_kept else None,
            patient_id=self.person.patient_id,
            user_id=self.person.user_id,
            appointment_id=self.appointment_id,
        )


async def tell(
    outside: Outside,
    event: StoredEvent,
    kind: Kind,
    told: Told,
    *,
    to: Person | None = None,
    can_wait: bool = True,
    **more: Any,
) -> None:
    """Tell the patient (or `to`) of a visit; `more` is what the text of this kind wants beside the facts.

    In the quiet hours, what can wait is put off to their end (Later), unless a person asked for it just now.
    """
    if can_wait and MANNERS[kind].can_wait:
        wait_for_morning(outside, told.quiet)
    person = to or told.patient
    letter = Letter(
        event=event,
        kind=kind,
        person=person,
        text=write(kind, person.language, told.facts, **more),
        appointment_id=told.appointment_id,
        meet_link=told.facts.link,
    )
    await send(outside, letter)


def wait_for_morning(outside: Outside, quiet: QuietHours) -> None:
    """Not now, if these are quiet hours (Later)."""
    if (until := quiet.end(outside.database.clock.now())) is not None:
        raise Later(until)


async def send(outside: Outside, letter: Letter) -> None:
    """Send a message on the first channel that takes it; nobody who can be reached at all: nothing happens.

    Raises AdapterFailure: a permanent one when every channel failed for good, else one that time may cure.
    """
    refused: AdapterFailure | None = None
    ways = letter.ways()
    for number, (channel, address) in enumerate(ways, start=1):
        try:
            if await _carry(outside, letter, channel, address, is_last_way=number == len(ways)):
                return
        except AdapterFailure as failure:
            if not failure.permanent:
                raise
            refused = failure
    if refused is not None:
        raise refused


async def _carry(outside: Outside, letter: Letter, channel: Channel, address: str, *, is_last_way: bool) -> bool:
    """Whether the person is told by this way now; not if he wants nothing by it (AdapterFailure: it did not work)."""
    draft = letter.draft(channel, address)
    async with outside.database.transaction() as tx:
        row, doubtful_since = await begin_try(tx, draft=draft, purpose=letter.manner.purpose)
    if row.status is Status.FAILED:
        raise AdapterFailure(row.last_error or "The message could not be sent", permanent=True)
    if row.status is not Status.PENDING:
        return row.status is not Status.SUPPRESSED
    try:
        provider_id = await _hand_over(outside, letter, draft, row, doubtful_since)
    except Unsubscribed as failure:
        async with outside.database.transaction() as tx:
            await note_unsubscribed(tx, notification=row, failure=failure)
        return False
    except AdapterFailure as failure:
        # what may have gone out already, and can wait, is rather looked for again than said twice by two ways
        is_sure = (failure.is_certain and doubtful_since is None) or not letter.manner.can_wait
        gives_way = row.attempts >= ENOUGH and not is_last_way and is_sure
        is_final = failure.permanent or is_last_try() or gives_way
        async with outside.database.transaction() as tx:
            was_doubtful = doubtful_since is not None
            await note_failure(tx, notification=row, failure=failure, is_final=is_final, was_doubtful=was_doubtful)
        if is_final and not failure.permanent:
            raise AdapterFailure(str(failure), permanent=True) from failure
        raise
    async with outside.database.transaction() as tx:
        await note_sent(tx, notification_id=row.id, provider_id=provider_id)
        if letter.meet_link and letter.appointment_id and letter.meet_link in (row.body or ""):
            about = letter.appointment_id
            await note_told(tx, hospital_id=draft.hospital_id, appointment_id=about, url=letter.meet_link)
    return True


async def _hand_over(outside: Outside, letter: Letter, draft: Draft, row: Notification, since: Any) -> str:
    """Give it to the carrier; no transaction is open here."""
    body, now = row.body or letter.text.body, outside.database.clock.now()
    if draft.channel is Channel.EMAIL:
        email = Email(to=draft.recipient, subject=letter.text.subject, text=body, key=draft.key)
        return await outside.emails.send(email=email, at=now, doubtful_since=since)
    channel: TextChannel = draft.channel
    message = TextMessage(
        channel=channel,
        to=draft.recipient,
        body=body,
        key=draft.key,
        template=template_of(letter.manner, letter.text.language),
        values=letter.text.values,
    )
    return await outside.messages.send(message=message, at=now, doubtful_since=since)


def template_of(manner: Manner, language: str) -> str:
    """The template that WhatsApp approved for it: its type, in another language than English with that behind it."""
    return manner.notification_type if language == "en" else f"{manner.notification_type}_{language.upper()}"
