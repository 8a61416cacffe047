"""Appointments over HTTP. `lean` holds the hot route and is registered first."""

from outpatient.appointments.routes.appointments import router as appointments
from outpatient.appointments.routes.book import lean
from outpatient.appointments.routes.booking import router as booking
from outpatient.appointments.routes.of_patient import router as of_patient

__all__ = ["appointments", "booking", "lean", "of_patient"]
