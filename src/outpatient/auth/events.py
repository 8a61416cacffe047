"""What happens around signing in."""

from dataclasses import dataclass

from outpatient.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class OtpRequested(Event):
    """Somebody asked for a one-time code; `subject_id` is the challenge. The code is in no event."""

    name = "auth.otp_requested"
    subject = "otp_challenge"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn(Event):
    """A user opened a session; `subject_id` is the user."""

    name = "auth.signed_in"
    subject = "user"

    session_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRevoked(Event):
    """A session ended before its time; `subject_id` is the session."""

    name = "auth.session_revoked"
    subject = "session"

    reason: str
