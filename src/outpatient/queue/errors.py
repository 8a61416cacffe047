"""How the queue can refuse."""

from outpatient.core.errors import Conflict


class QueueEmpty(Conflict):
    code, message = "QUEUE_EMPTY", "Nobody is waiting"


class NoCurrentVisit(Conflict):
    code, message = "NO_CURRENT_VISIT", "The clinician has no patient just now; name a visit by visitId"


class ConsultationRunning(Conflict):
    code, message = (
        "CONSULTATION_RUNNING",
        "The clinician is still seeing another patient. Finish or park that visit first.",
    )


class VisitMoved(Conflict):
    code, message = "INVALID_TRANSITION", "The visit cannot change in this way any more"


class PhaseChanged(Conflict):
    code, message = "PHASE_CHANGED", "The patient is not in that phase any more"


class TooEarly(Conflict):
    code, message = "TOO_EARLY", "It is too early to check in"


class DayIsOver(Conflict):
    code, message = "DAY_IS_OVER", "The day of this visit is over"


class NeedsClinician(Conflict):
    code, message = (
        "NEEDS_CLINICIAN",
        "This visit waits for anybody of the department. Reassign it to a clinician first.",
    )


class AlreadyInQueue(Conflict):
    code, message = "ALREADY_IN_QUEUE", "This patient is already in this queue"


class NothingToUndo(Conflict):
    code, message = "NOTHING_TO_UNDO", "There is nothing that could be undone"
