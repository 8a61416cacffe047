"""Every kind of message, and how each travels: THE table of channels, quiet hours and consent."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from outpatient.core.terms import Channel, Purpose


class Kind(StrEnum):
    """What a message is about; each has one text in every language."""

    BOOKED = "booked"
    CONFIRMED = "confirmed"
    RESCHEDULED = "rescheduled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    MEET_LINK = "meet_link"
    REMINDER = "reminder"
    NO_SHOW = "no_show"
    NO_SHOW_TO_CLINICIAN = "no_show_to_clinician"
    NO_SHOW_PROPOSED = "no_show_proposed"
    TURN_NEAR = "turn_near"
    PAYMENT_LINK = "payment_link"
    PAYMENT_RECEIVED = "payment_received"
    REFUND = "refund"
    INVOICE = "invoice"
    FEEDBACK_REQUEST = "feedback_request"
    OTP = "otp"


@dataclass(frozen=True, slots=True)
class Manner:
    """How a kind of message travels.

    `notification_type` is its name on the wire, and with the language that of the template which WhatsApp approved.
    `channels` are tried in this order, as far as the person has an address. What `can_wait` waits for the end of the
    quiet hours. `purpose` is what the patient may refuse; None: he cannot, for he asked for it, or is no patient.
    """

    notification_type: str
    channels: tuple[Channel, ...]
    can_wait: bool = False
    purpose: Purpose | None = Purpose.CARE
    is_kept: bool = True  # whether its words are kept


CHAT_FIRST = (Channel.WHATSAPP, Channel.SMS, Channel.EMAIL)
SMS_FIRST = (Channel.SMS, Channel.WHATSAPP, Channel.EMAIL)
MAIL_FIRST = (Channel.EMAIL, Channel.WHATSAPP, Channel.SMS)
AT_ONCE = (Channel.WHATSAPP, Channel.SMS)  # an e-mail is read too late

MANNERS: Mapping[Kind, Manner] = {
    Kind.BOOKED: Manner("APPOINTMENT_CONFIRMATION", CHAT_FIRST),
    Kind.CONFIRMED: Manner("APPOINTMENT_CONFIRMATION", CHAT_FIRST),
    Kind.RESCHEDULED: Manner("APPOINTMENT_RESCHEDULED", CHAT_FIRST),
    Kind.CANCELLED: Manner("APPOINTMENT_CANCELLED", CHAT_FIRST),
    Kind.EXPIRED: Manner("APPOINTMENT_EXPIRED", CHAT_FIRST),
    Kind.MEET_LINK: Manner("APPOINTMENT_MEET_LINK", CHAT_FIRST),
    Kind.REMINDER: Manner("APPOINTMENT_REMINDER", SMS_FIRST, can_wait=True),
    Kind.NO_SHOW: Manner("APPOINTMENT_NO_SHOW", SMS_FIRST, can_wait=True),
    Kind.NO_SHOW_TO_CLINICIAN: Manner("APPOINTMENT_NO_SHOW_CLINICIAN", SMS_FIRST, can_wait=True, purpose=None),
    Kind.NO_SHOW_PROPOSED: Manner("APPOINTMENT_NO_SHOW_PROPOSED", SMS_FIRST, can_wait=True, purpose=None),
    Kind.TURN_NEAR: Manner("TURN_NEAR", AT_ONCE),
    Kind.PAYMENT_LINK: Manner("PAYMENT_LINK", CHAT_FIRST),  # somebody asked for it, and it ends
    Kind.PAYMENT_RECEIVED: Manner("PAYMENT_RECEIVED", CHAT_FIRST),
    Kind.REFUND: Manner("PAYMENT_REFUNDED", CHAT_FIRST, can_wait=True),
    Kind.INVOICE: Manner("INVOICE", MAIL_FIRST),
    Kind.FEEDBACK_REQUEST: Manner("FEEDBACK_REQUEST", CHAT_FIRST, can_wait=True, purpose=Purpose.OTHER),
    Kind.OTP: Manner("OTP", AT_ONCE, purpose=None, is_kept=False),
}


def kind_of(key: str) -> Kind | None:
    """The kind of a message by the key under which it was noted, `event:kind:channel:address` (carry.py).

    None: its patient was erased, and the key with him.
    """
    word = key.split(":")[1]
    return Kind(word) if word in MANNERS else None
