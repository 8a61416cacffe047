"""How work on video visits can be refused."""

from outpatient.core.errors import AdapterError, Conflict


class NoVideoVisit(Conflict):
    """An appointment that cannot have a meet link as it is now."""

    code, message = "NO_VIDEO_VISIT", "This appointment cannot have a meet link"


class NotOnline(NoVideoVisit):
    code, message = "NOT_ONLINE", "This appointment does not take place online (sessionType)"


class AppointmentOver(NoVideoVisit):
    code, message = "APPOINTMENT_OVER", "The appointment is over or cancelled; nobody meets any more"


class NotPaidYet(NoVideoVisit):
    code, message = "PAYMENT_REQUIRED", "This appointment is kept until it is paid; it gets its meet link then"


class VideoFailed(AdapterError):
    code, message = "VIDEO_FAILED", "The video provider made no meeting. Please try again, or enter a link by hand."
