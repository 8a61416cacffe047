"""Reading the audit, giving somebody what is known about him, and forgetting it."""

from outpatient.privacy.actions.erase import erase_patient
from outpatient.privacy.actions.read import export_patient, read_audit

__all__ = ["erase_patient", "export_patient", "read_audit"]
