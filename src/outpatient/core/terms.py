"""Every closed vocabulary of the system, defined once (docs/glossary.md has the seeds' and FHIR's names)."""

from enum import StrEnum


class Role(StrEnum):
    """What a person is in one hospital. The number that seed 001 gives each role is `number`."""

    SUPERADMIN = "SUPERADMIN"
    ADMIN = "ADMIN"
    MANAGER = "MANAGER"
    CLINICIAN = "CLINICIAN"
    CENTRE_MANAGER = "CENTRE_MANAGER"
    CARE_COORDINATOR = "CARE_COORDINATOR"
    FRONT_DESK = "FRONT_DESK"
    PATIENT = "PATIENT"

    @property
    def number(self) -> int:
        """The role id on the wire (seed 001): ADMIN 1 … PATIENT 7, SUPERADMIN 0."""
        return list(Role).index(self)

    @property
    def word(self) -> str:
        """What seed 003 calls them: doctor and patient; everybody else has his own name in small letters."""
        return "doctor" if self is Role.CLINICIAN else self.value.lower()

    @classmethod
    def from_number(cls, number: int) -> "Role":
        """The role behind a seed 001 `roleId`; raises ValueError for an unknown one."""
        try:
            return list(cls)[number]
        except IndexError:
            raise ValueError(number) from None


class Weekday(StrEnum):
    """Days in ISO order; `number` is 0 for Monday, as in `date.weekday()`."""

    MONDAY = "MONDAY"
    TUESDAY = "TUESDAY"
    WEDNESDAY = "WEDNESDAY"
    THURSDAY = "THURSDAY"
    FRIDAY = "FRIDAY"
    SATURDAY = "SATURDAY"
    SUNDAY = "SUNDAY"

    @property
    def number(self) -> int:
        return list(Weekday).index(self)


class SlotState(StrEnum):
    """Why a slot can or cannot be booked. Staff see it; the public sees only free or not."""

    AVAILABLE = "AVAILABLE"
    BOOKED = "BOOKED"
    HELD = "HELD"
    TIME_OFF = "TIME_OFF"
    PAST = "PAST"
    NOTICE = "NOTICE"
    HORIZON = "HORIZON"


class AppointmentStatus(StrEnum):
    PENDING = "PENDING"
    CONFIRMED = "CONFIRMED"
    CHECKED_IN = "CHECKED_IN"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    NO_SHOW = "NO_SHOW"


class VisitStatus(StrEnum):
    EXPECTED = "EXPECTED"
    WAITING = "WAITING"
    CALLED = "CALLED"
    IN_PROGRESS = "IN_PROGRESS"
    ON_HOLD = "ON_HOLD"
    SKIPPED = "SKIPPED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    NO_SHOW = "NO_SHOW"


class VisitType(StrEnum):
    """How a patient came: with an appointment or without one."""

    APPOINTMENT = "APPOINTMENT"
    WALK_IN = "WALK_IN"


class Phase(StrEnum):
    """The four columns of the board (seed 000), in the order in which a patient goes through them."""

    APPOINTMENTS_TODAY = "appointmentsToday"
    WAITING = "waiting"
    WITH_DOCTOR = "withDoctor"
    COMPLETED = "completed"


class Priority(StrEnum):
    """How urgently a patient must be seen. URGENT and VIP stand before everybody else, side by side (seed 002)."""

    NORMAL = "NORMAL"
    URGENT = "URGENT"
    VIP = "VIP"


class PaymentStatus(StrEnum):
    PENDING = "PENDING"
    PARTIALLY_PAID = "PARTIALLY_PAID"
    PAID = "PAID"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"
    REFUNDED = "REFUNDED"


class PaymentMethod(StrEnum):
    """How money came in; the last three are a gateway's."""

    CASH = "CASH"
    CARD = "CARD"
    UPI = "UPI"
    BANK_TRANSFER = "BANK_TRANSFER"
    NETBANKING = "NETBANKING"
    WALLET = "WALLET"
    OTHER = "OTHER"


class RefundStatus(StrEnum):
    """Money that goes back: promised, given back, or it could not be given back."""

    PENDING = "PENDING"
    PROCESSED = "PROCESSED"
    FAILED = "FAILED"


class EntryKind(StrEnum):
    """What a posting in the ledger is."""

    RECEIPT = "RECEIPT"
    DISCOUNT = "DISCOUNT"
    REFUND = "REFUND"
    REFUND_FAILED = "REFUND_FAILED"


class Account(StrEnum):
    """Where money stands in the ledger. A posting moves it from one account to another, so all sum to zero."""

    PATIENT = "PATIENT"
    DESK = "DESK"
    GATEWAY = "GATEWAY"
    DISCOUNTS = "DISCOUNTS"


class SessionType(StrEnum):
    IN_PERSON = "IN_PERSON"
    ONLINE = "ONLINE"
    PHONE = "PHONE"


class VideoProvider(StrEnum):
    """Whose server a video visit takes place on; OTHER is any that staff typed in."""

    GOOGLE_MEET = "google_meet"
    JITSI = "jitsi"
    OTHER = "other"


class BookingType(StrEnum):
    """TIME_SLOT takes an interval; TOKEN takes a place in the queue of a service day."""

    TIME_SLOT = "TIME_SLOT"
    TOKEN = "TOKEN"


class BookingMode(StrEnum):
    """Which booking types a hospital or department offers."""

    TOKEN_ONLY = "TOKEN_ONLY"
    TIME_SLOT_ONLY = "TIME_SLOT_ONLY"
    BOTH = "BOTH"


class BookingSource(StrEnum):
    WEBSITE = "WEBSITE"
    WHATSAPP = "WHATSAPP"
    PHONE = "PHONE"
    WALK_IN = "WALK_IN"
    FRONT_DESK = "FRONT_DESK"
    REFERRAL = "REFERRAL"
    OTHER = "OTHER"


class Prepayment(StrEnum):
    """When money must come before the visit: never, for `/booking/create` only, or always."""

    NONE = "NONE"
    BOOKING = "BOOKING"
    ALL = "ALL"


class TokenReset(StrEnum):
    """How often token numbers start again at 1."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    NEVER = "NEVER"


class CancelledBy(StrEnum):
    PATIENT = "PATIENT"
    STAFF = "STAFF"
    SYSTEM = "SYSTEM"


class Gender(StrEnum):
    MALE = "MALE"
    FEMALE = "FEMALE"
    OTHER = "OTHER"
    UNDISCLOSED = "UNDISCLOSED"


class BloodGroup(StrEnum):
    A_POSITIVE = "A+"
    A_NEGATIVE = "A-"
    B_POSITIVE = "B+"
    B_NEGATIVE = "B-"
    AB_POSITIVE = "AB+"
    AB_NEGATIVE = "AB-"
    O_POSITIVE = "O+"
    O_NEGATIVE = "O-"


class Channel(StrEnum):
    """How a message travels."""

    SMS = "SMS"
    WHATSAPP = "WHATSAPP"
    EMAIL = "EMAIL"


class NotificationStatus(StrEnum):
    """One message on its way; DELIVERED and READ are what the carrier reports, SUPPRESSED was not to be sent."""

    PENDING = "PENDING"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    READ = "READ"
    FAILED = "FAILED"
    SUPPRESSED = "SUPPRESSED"


class Purpose(StrEnum):
    """What a patient may be written to for: his care, or anything else (feedback, news)."""

    CARE = "CARE"
    OTHER = "OTHER"


class NoShowMode(StrEnum):
    """What becomes of a patient who does not come: marked by itself, or proposed to the desk."""

    MARK = "MARK"
    PROPOSE = "PROPOSE"


class Kinship(StrEnum):
    """How a user stands to a patient record he may act for."""

    SELF = "SELF"
    GUARDIAN = "GUARDIAN"


class SessionKind(StrEnum):
    """Which door a session came through; a patient session never carries a staff role."""

    STAFF = "STAFF"
    PATIENT = "PATIENT"


class DeliveryStatus(StrEnum):
    """One after-reaction of one event: waiting, done, or parked for a person to look at."""

    PENDING = "PENDING"
    DONE = "DONE"
    PARKED = "PARKED"
