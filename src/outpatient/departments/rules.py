"""Which rules a department goes by."""

from collections.abc import Mapping
from typing import Any

OWN_RULES = (
    "booking_mode",
    "token_prefix",
    "token_reset_frequency",
    "daily_patient_limit",
    "max_queue_length",
    "default_consultation_minutes",
)
"""What a department may settle for itself."""


def effective_rules(own: Mapping[str, Any], hospital: Mapping[str, Any]) -> dict[str, Any]:
    """The department's own rules, the hospital's where it has none."""
    return {name: hospital[name] if own[name] is None else own[name] for name in OWN_RULES}
