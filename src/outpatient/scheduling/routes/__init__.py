"""Scheduling over HTTP. `lean` holds the hot reads of slots and is registered first."""

from outpatient.scheduling.routes.clinicians import router as scheduling
from outpatient.scheduling.routes.slots import lean

__all__ = ["lean", "scheduling"]
