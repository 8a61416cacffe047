"""All tables, one file per aggregate: columns, constraints, allowed moves."""

from outpatient.models.appointment import APPOINTMENT_MOVES, Appointment, Visit
from outpatient.models.clinician import AvailabilityRule, Clinician, Occupancy, OpenSlot, TimeOff
from outpatient.models.columns import Base
from outpatient.models.hospital import Centre, Department, Hospital, HospitalConfig, Service
from outpatient.models.outbox import AuditEntry, Delivery, IdempotencyKey, Notification, StoredEvent
from outpatient.models.patient import Patient, PatientAccess, PatientNote
from outpatient.models.payment import Payment, PaymentOrder
from outpatient.models.user import Budget, Membership, MembershipCentre, OtpChallenge, RefreshToken, Session, User

__all__ = [
    "APPOINTMENT_MOVES",
    "Appointment",
    "AuditEntry",
    "AvailabilityRule",
    "Base",
    "Budget",
    "Centre",
    "Clinician",
    "Delivery",
    "Department",
    "Hospital",
    "HospitalConfig",
    "IdempotencyKey",
    "Membership",
    "MembershipCentre",
    "Notification",
    "Occupancy",
    "OpenSlot",
    "OtpChallenge",
    "Patient",
    "PatientAccess",
    "PatientNote",
    "Payment",
    "PaymentOrder",
    "RefreshToken",
    "Service",
    "Session",
    "StoredEvent",
    "TimeOff",
    "User",
    "Visit",
]
