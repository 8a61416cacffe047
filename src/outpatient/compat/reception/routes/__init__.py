"""Seed 000 at the root: the reception."""

from outpatient.compat.reception.routes.appointments import router as appointments
from outpatient.compat.reception.routes.patients import router as patients
from outpatient.compat.reception.routes.payments import router as payments
from outpatient.compat.reception.routes.queue import router as queue
from outpatient.compat.reception.routes.visits import router as visits

RECEPTION = (appointments, patients, visits, queue, payments)
