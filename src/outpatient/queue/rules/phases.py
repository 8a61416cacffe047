"""The board of seed 000: four columns, and which one command moves a patient from one to another."""

from enum import Enum, auto

from outpatient.core.terms import Phase, VisitStatus

PHASES = {
    VisitStatus.EXPECTED: Phase.APPOINTMENTS_TODAY,
    VisitStatus.WAITING: Phase.WAITING,
    VisitStatus.SKIPPED: Phase.WAITING,
    VisitStatus.ON_HOLD: Phase.WAITING,
    VisitStatus.CALLED: Phase.WITH_DOCTOR,
    VisitStatus.IN_PROGRESS: Phase.WITH_DOCTOR,
    VisitStatus.COMPLETED: Phase.COMPLETED,
}
"""Where a visit is shown. Whoever is called is on his way to the clinician; who was cancelled or missed is nowhere."""


class Command(Enum):
    """The commands of the queue that move somebody on the board."""

    CHECK_IN = auto()
    START = auto()
    COMPLETE = auto()
    RECALL = auto()
    UNDO = auto()


ARRIVAL = (Phase.APPOINTMENTS_TODAY, Phase.WAITING)
FORWARD = {
    ARRIVAL: Command.CHECK_IN,
    (Phase.WAITING, Phase.WITH_DOCTOR): Command.START,
    (Phase.WITH_DOCTOR, Phase.COMPLETED): Command.COMPLETE,
}


def phase_of(status: VisitStatus) -> Phase | None:
    """The column in which a visit of that status stands (None: in no column)."""
    return PHASES.get(status)


def command_for(status: VisitStatus, to: Phase, undone: VisitStatus | None) -> Command | None:
    """What moves a visit one column on or back; None: nothing does.

    `undone` is what the visit would be if its last change were taken back (None: it cannot be).
    """
    phase = phase_of(status)
    if phase is None:
        return None
    if (forward := FORWARD.get((phase, to))) is not None:
        return forward
    if (status, to) == (VisitStatus.CALLED, Phase.WAITING):
        return Command.RECALL
    goes_back = list(Phase).index(to) < list(Phase).index(phase)
    return Command.UNDO if goes_back and undone is not None and phase_of(undone) is to else None
