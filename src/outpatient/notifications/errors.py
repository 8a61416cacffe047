"""What can be refused about messages."""

from outpatient.core.errors import Conflict


class NothingToTell(Conflict):
    """The appointment is over, cancelled or not booked yet: the message would not be true."""

    code, message = "NOTHING_TO_TELL", "There is nothing to tell of this appointment"


class NobodyToTell(Conflict):
    """The patient has no address, or wants no messages."""

    code, message = "NOBODY_TO_TELL", "The patient cannot be written to"


class NotToRetry(Conflict):
    """Only what failed can be sent again, and once."""

    code, message = "NOT_TO_RETRY", "This message cannot be sent again"
