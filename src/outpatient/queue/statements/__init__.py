"""The queue's hot operations: check in, call the next patient, read a queue. Each is one round trip on both engines."""

from outpatient.queue.statements.call_next import CALL_NEXT
from outpatient.queue.statements.check_in import CHECK_IN, TAKE_TOKEN
from outpatient.queue.statements.read import CLINICIAN_QUEUE, DEPARTMENT_QUEUE, ONE_VISIT

__all__ = ["CALL_NEXT", "CHECK_IN", "CLINICIAN_QUEUE", "DEPARTMENT_QUEUE", "ONE_VISIT", "TAKE_TOKEN"]
