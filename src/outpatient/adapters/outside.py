"""The outside world as reactions reach it."""

from dataclasses import dataclass

from outpatient.adapters.email.port import Emails
from outpatient.adapters.messages.port import Messages
from outpatient.adapters.payments.port import Payments
from outpatient.adapters.video.port import Video
from outpatient.core.database import Database
from outpatient.settings import Settings


@dataclass(frozen=True)
class Outside:
    """What an outside reaction works with."""

    database: Database
    settings: Settings
    messages: Messages
    emails: Emails
    video: Video
    payments: Payments
