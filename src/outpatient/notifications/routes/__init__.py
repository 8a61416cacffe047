"""Messages over HTTP: what staff ask and see, what patients agree to, what carriers report."""

from outpatient.notifications.routes.callbacks import router as callbacks
from outpatient.notifications.routes.consents import router as consents
from outpatient.notifications.routes.notifications import router as notifications

__all__ = ["callbacks", "consents", "notifications"]
