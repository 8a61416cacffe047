"""How long somebody will wait: from the clinician's own pace, as a range, honest about what is not known."""

from collections.abc import Sequence
from datetime import datetime
from math import ceil, sqrt
from statistics import fmean, pstdev
from typing import NamedTuple

LEAST_COUNTED = 3  # consultations before a clinician's own pace is believed
RECENT = 20  # consultations that make up a pace
TRIMMED = 0.1  # the share that is left out at either end
SHORTEST, LONGEST = 60, 4 * 3600  # seconds; what lies outside was a slip of the hand, not a consultation
CERTAINTY = 1.28  # standard deviations: four of five waits lie inside the range
LEAST_SPREAD = 0.15  # of the mean: however regular the consultations were, people walk, undress, and ask once more
UNKNOWN_SPREAD = 0.5  # of the mean, while there is no measured pace
LEAST_LEFT = 0.1  # of the mean: what a consultation still needs that already took longer than usual


class Pace(NamedTuple):
    """Seconds that a consultation takes, and how much that varies."""

    mean: int
    spread: int


class Estimate(NamedTuple):
    """Minutes from now: the likely wait, and the range in which four of five lie."""

    minutes: int
    earliest: int
    latest: int


def measured_pace(seconds: Sequence[float]) -> Pace | None:
    """The trimmed mean and spread of recent consultations; None while there are too few."""
    kept = sorted(min(max(one, SHORTEST), LONGEST) for one in seconds)
    if len(kept) < LEAST_COUNTED:
        return None
    out = int(len(kept) * TRIMMED)
    middle = kept[out : len(kept) - out]
    mean = round(fmean(middle))
    return Pace(mean, max(round(pstdev(middle)), round(mean * LEAST_SPREAD)))


def pace_or_usual(mean: int | None, spread: int | None, usual_minutes: int) -> Pace:
    """The measured pace, else what the department or hospital says is usual."""
    if mean is not None and spread is not None:
        return Pace(mean, spread)
    return Pace(usual_minutes * 60, round(usual_minutes * 60 * UNKNOWN_SPREAD))


def left_of(started_at: datetime | None, now: datetime, pace: Pace) -> int:
    """Seconds that the consultation in the room still needs (0: nobody is in the room)."""
    if started_at is None:
        return 0
    elapsed = int((now - started_at).total_seconds())
    return max(pace.mean - elapsed, ceil(pace.mean * LEAST_LEFT))


def estimate_wait(ahead: int, pace: Pace, left: int = 0, at_least: int = 0) -> Estimate:
    """The wait of somebody with `ahead` patients before him and `left` seconds to go in the room.

    `at_least` (seconds) is how long he asked to be left alone. The ranges of several consultations add up by their
    squares, so the further back somebody stands, the better his range is known in proportion.
    """
    likely = max(left + ahead * pace.mean, at_least)
    margin = int(CERTAINTY * pace.spread * sqrt(ahead + (1 if left else 0)))
    return Estimate(
        minutes=ceil(likely / 60), earliest=max(likely - margin, at_least, 0) // 60, latest=ceil((likely + margin) / 60)
    )
