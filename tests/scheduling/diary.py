"""Zones, hours, grids and rows as the tests of the slot engine write them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from outpatient.core.terms import SlotState
from outpatient.scheduling.rules import (
    Busy,
    Grid,
    Hours,
    Window,
    slots,
)

AVAILABLE, BOOKED, HELD, TIME_OFF = SlotState.AVAILABLE, SlotState.BOOKED, SlotState.HELD, SlotState.TIME_OFF
PAST, NOTICE, HORIZON = SlotState.PAST, SlotState.NOTICE, SlotState.HORIZON

KOLKATA = ZoneInfo("Asia/Kolkata")
KATHMANDU = ZoneInfo("Asia/Kathmandu")
LONDON = ZoneInfo("Europe/London")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
CAIRO = ZoneInfo("Africa/Cairo")
SAO_PAULO = ZoneInfo("America/Sao_Paulo")
ZONES = [KOLKATA, KATHMANDU, LONDON, NEW_YORK, LORD_HOWE, CAIRO, SAO_PAULO]

LONG_AGO = Window(datetime(2000, 1, 1, tzinfo=UTC))
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ALL_DAY = tuple(Hours(weekday, 0, 1440) for weekday in range(7))
FRIDAY = date(2026, 11, 20)


def every_date(first_on, last_on):
    return [first_on + timedelta(days=n) for n in range((last_on - first_on).days + 1)]


def at(clock, on=FRIDAY, zone=KOLKATA):
    """The instant of "HH:MM" or "HH:MM:SS" on a date in a zone."""
    return datetime.fromisoformat(f"{on}T{clock}").replace(tzinfo=zone).astimezone(UTC)


def hours(*spans, on=FRIDAY):
    """Rules for the weekday of a date, from spans such as "09:00-12:30"."""
    rules = []
    for span in spans:
        start, end = (int(hour) * 60 + int(minute) for hour, minute in (clock.split(":") for clock in span.split("-")))
        rules.append(Hours(on.weekday(), start, end))
    return tuple(rules)


def grid(*spans, on=FRIDAY, zone=KOLKATA, openings=(), duration=30, buffer=0, capacity=1):
    return Grid(zone, hours(*spans, on=on), tuple(openings), duration, buffer, capacity)


def busy(start, end, lane=0, state=BOOKED, ref=1):
    return Busy(at(start), at(end), lane, state, ref)


def day(a_grid, taken=(), *, on=FRIDAY, window=LONG_AGO):
    """The slots of one date."""
    return slots(a_grid, taken, first_on=on, last_on=on, window=window)[on]


def clocks(listed, zone=KOLKATA):
    return [slot.starts_at.astimezone(zone).strftime("%H:%M") for slot in listed]


def states(listed):
    return [slot.state for slot in listed]
