"""All tables, one file per aggregate: columns, constraints, allowed moves."""

from outpatient.models.appointment import APPOINTMENT_MOVES, Appointment
from outpatient.models.clinician import AvailabilityRule, Clinician, Occupancy, OpenSlot, TimeOff
from outpatient.models.columns import Base
from outpatient.models.feedback import ClinicianRating, Feedback
from outpatient.models.figures import NO_SOURCE, DailyFigures, DailyNewcomers, Newcomer
from outpatient.models.hospital import Centre, Department, Hospital, HospitalConfig, Service
from outpatient.models.message import Consent, InboundMessage, Notification, OptOut
from outpatient.models.outbox import AuditEntry, Delivery, Follower, IdempotencyKey, StoredEvent
from outpatient.models.patient import Patient, PatientAccess, PatientNote
from outpatient.models.payment import (
    Invoice,
    InvoiceCounter,
    LedgerEntry,
    Payment,
    PaymentLink,
    PaymentOrder,
    Receipt,
    Refund,
    WebhookEvent,
)
from outpatient.models.user import (
    Budget,
    Membership,
    MembershipCentre,
    OtpChallenge,
    RefreshToken,
    Session,
    StreamTicket,
    User,
)
from outpatient.models.video import VideoLink
from outpatient.models.visit import LINE, PRESENT, ROOM, UNASKED, VISIT_MOVES, Pace, TokenCounter, Visit, VisitRecord

__all__ = [
    "APPOINTMENT_MOVES",
    "LINE",
    "NO_SOURCE",
    "PRESENT",
    "ROOM",
    "UNASKED",
    "VISIT_MOVES",
    "Appointment",
    "AuditEntry",
    "AvailabilityRule",
    "Base",
    "Budget",
    "Centre",
    "Clinician",
    "ClinicianRating",
    "Consent",
    "DailyFigures",
    "DailyNewcomers",
    "Delivery",
    "Department",
    "Feedback",
    "Follower",
    "Hospital",
    "HospitalConfig",
    "IdempotencyKey",
    "InboundMessage",
    "Invoice",
    "InvoiceCounter",
    "LedgerEntry",
    "Membership",
    "MembershipCentre",
    "Newcomer",
    "Notification",
    "Occupancy",
    "OpenSlot",
    "OptOut",
    "OtpChallenge",
    "Pace",
    "Patient",
    "PatientAccess",
    "PatientNote",
    "Payment",
    "PaymentLink",
    "PaymentOrder",
    "Receipt",
    "RefreshToken",
    "Refund",
    "Service",
    "Session",
    "StoredEvent",
    "StreamTicket",
    "TimeOff",
    "TokenCounter",
    "User",
    "VideoLink",
    "Visit",
    "VisitRecord",
    "WebhookEvent",
]
