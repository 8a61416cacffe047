"""Signing in, staying signed in, signing out.

A wrong code or password is counted in a transaction of its own before it is looked at, so a refusal never undoes the
count, and any number of parallel guesses gets exactly the tries that the limit allows.
"""

from outpatient.auth.actions.otp import (
    OTP_LIFE,
    OTP_TRIES,
    request_patient_otp,
    request_staff_otp,
    sign_in_patient_by_otp,
    sign_in_staff_by_otp,
)
from outpatient.auth.actions.passwords import (
    sign_in_by_password,
    sign_in_patient_by_password,
    sign_in_staff_by_password,
    sign_up_patient,
)
from outpatient.auth.actions.registration import check_invitation, register_account
from outpatient.auth.actions.sessions import (
    Opened,
    SignIn,
    Tokens,
    end_every_session,
    end_staff_sessions,
    open_session,
    refresh_session,
    revoke_session,
    sign_out,
)

__all__ = [
    "OTP_LIFE",
    "OTP_TRIES",
    "Opened",
    "SignIn",
    "Tokens",
    "check_invitation",
    "end_every_session",
    "end_staff_sessions",
    "open_session",
    "refresh_session",
    "register_account",
    "request_patient_otp",
    "request_staff_otp",
    "revoke_session",
    "sign_in_by_password",
    "sign_in_patient_by_otp",
    "sign_in_patient_by_password",
    "sign_in_staff_by_otp",
    "sign_in_staff_by_password",
    "sign_out",
    "sign_up_patient",
]
