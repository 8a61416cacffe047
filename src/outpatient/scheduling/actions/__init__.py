"""Every change of a clinician's time. Each begins by locking the clinician, so no booking passes it unseen."""

from outpatient.scheduling.actions.availability import replace_availability, set_on_duty
from outpatient.scheduling.actions.open_slots import add_open_slot, remove_every_open_slot, remove_open_slot
from outpatient.scheduling.actions.time_off import Plan, plan_time_off, remove_time_off, take_time_off
from outpatient.scheduling.actions.when import When

__all__ = [
    "Plan",
    "When",
    "add_open_slot",
    "plan_time_off",
    "remove_every_open_slot",
    "remove_open_slot",
    "remove_time_off",
    "replace_availability",
    "set_on_duty",
    "take_time_off",
]
