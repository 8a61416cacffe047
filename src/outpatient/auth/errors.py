"""How a sign-in can fail."""

from outpatient.core.errors import Conflict, Forbidden, Unauthenticated


class InvalidCredentials(Unauthenticated):
    code, message = "INVALID_CREDENTIALS", "Invalid login credentials"


class InvalidOtp(Unauthenticated):
    code, message = "INVALID_OTP", "Incorrect OTP"


class OtpExpired(Unauthenticated):
    code, message = "OTP_EXPIRED", "OTP has expired. Please ask for a new one."


class RefreshRefused(Unauthenticated):
    code, message = "INVALID_TOKEN", "This refresh token is not valid. Please sign in again."


class PhoneKnown(Conflict):
    code = "DUPLICATE_ENTRY"
    message = "This phone is already known here. Please sign in with a code sent to it."


class RegistrationClosed(Forbidden):
    code, message = "REGISTRATION_CLOSED", "Doctors cannot register themselves here. Please ask the clinic."


class InvitationRefused(Forbidden):
    code, message = "INVALID_INVITATION_CODE", "This invitation code is not valid"
