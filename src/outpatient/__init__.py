"""Outpatient: the software a clinic runs its day on."""

__version__ = "0.1.0"
