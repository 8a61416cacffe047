"""How weekly hours are shown."""

from collections.abc import Iterable

from outpatient.core.terms import Weekday


def wall_clock(minute: int) -> str:
    """Minutes from midnight as `HH:MM`; the end of a day is 24:00."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def weekly_schedule(rules: Iterable[tuple[int, int, int]]) -> dict[str, list[dict[str, str]]]:
    """(weekday from Monday 0, start minute, end minute) → the hours of each of the seven days, in order."""
    week: dict[str, list[dict[str, str]]] = {day.value: [] for day in Weekday}
    for weekday, start, end in sorted(rules):
        week[list(Weekday)[weekday].value].append({"start": wall_clock(start), "end": wall_clock(end)})
    return week
