"""How feedback can be refused."""

from outpatient.core.errors import Conflict


class NotSeenYet(Conflict):
    code, message = "VISIT_NOT_COMPLETED", "You can rate a visit once you have been seen"


class FeedbackClosed(Conflict):
    code, message = "FEEDBACK_CLOSED", "You rated this visit more than seven days ago; that can no longer be changed"
