"""Every write of the queue, by what people do: arrive, call, order, reassign, leave, undo."""

from outpatient.queue.actions.arrive import CHECK_IN_ROUTE, WALK_IN_ROUTE, Arrived, WalkIn, add_walk_in, check_in
from outpatient.queue.actions.call import NEXT_ROUTE, call_next_patient, call_visit, start_visit
from outpatient.queue.actions.leave import cancel_visit, complete_visit, miss_visit
from outpatient.queue.actions.look import read_history, read_visit, read_visits
from outpatient.queue.actions.order import (
    delay_visit,
    hold_visit,
    prioritise_visit,
    recall_visit,
    reorder_visit,
    skip_visit,
)
from outpatient.queue.actions.pay import process_payment
from outpatient.queue.actions.phases import move_between_phases
from outpatient.queue.actions.reassign import reassign_visit
from outpatient.queue.actions.status import set_status
from outpatient.queue.actions.undo import undo_visit

__all__ = [
    "CHECK_IN_ROUTE",
    "NEXT_ROUTE",
    "WALK_IN_ROUTE",
    "Arrived",
    "WalkIn",
    "add_walk_in",
    "call_next_patient",
    "call_visit",
    "cancel_visit",
    "check_in",
    "complete_visit",
    "delay_visit",
    "hold_visit",
    "miss_visit",
    "move_between_phases",
    "prioritise_visit",
    "process_payment",
    "read_history",
    "read_visit",
    "read_visits",
    "reassign_visit",
    "recall_visit",
    "reorder_visit",
    "set_status",
    "skip_visit",
    "start_visit",
    "undo_visit",
]
