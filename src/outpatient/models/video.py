"""Where video visits take place."""

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outpatient.core.terms import VideoProvider
from outpatient.models.columns import HospitalRow, belongs_to, in_hospital, term


class VideoLink(HospitalRow):
    """The address at which an appointment's people meet; `appointments.meet_link` shows the same in lists.

    `event_id` is the meeting at its provider, None for an address that staff typed in. `told_at` is when a message
    first carried this very address to the patient.
    """

    __tablename__ = "video_links"
    __table_args__ = in_hospital(
        belongs_to("appointments", "appointment_id"), UniqueConstraint("hospital_id", "appointment_id")
    )

    appointment_id: Mapped[int]
    provider: Mapped[VideoProvider] = mapped_column(term(VideoProvider))
    url: Mapped[str] = mapped_column(String(500))
    event_id: Mapped[str | None] = mapped_column(String(200))
    told_at: Mapped[datetime | None]
    created_by: Mapped[int | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
