"""What messages speak of, as plain values, and how a language says it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from outpatient.core.terms import SessionType
from outpatient.notifications.kinds import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """An appointment or visit as its patient knows it.

    `starts_at` is local time in the centre's zone, None for a token; `clinician` is None where a visit waits for
    whoever of the department calls first.
    """

    patient: str
    clinician: str | None
    centre: str
    service_on: date
    starts_at: datetime | None
    session_type: SessionType = SessionType.IN_PERSON
    meet_link: str | None = None

    @property
    def link(self) -> str | None:
        """Where to join; an appointment that is not online has no such place."""
        return self.meet_link if self.session_type is SessionType.ONLINE else None


@dataclass(frozen=True, slots=True)
class Language:
    """How one language says each kind of message, its subject as an e-mail, and when and where something is."""

    texts: Mapping[Kind, Callable[..., str]]
    subjects: Mapping[Kind, str]
    when: Callable[[Facts], str]
    where: Callable[[Facts], str]
    day: Callable[[date], str]
    moment: Callable[[datetime], str]


@dataclass(frozen=True, slots=True)
class Text:
    """A message in words; `values` are its parts by name, for templates with gaps."""

    subject: str
    body: str
    language: str
    values: Mapping[str, str]
