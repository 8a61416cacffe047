"""How an incoming message can be refused."""

from outpatient.core.errors import Forbidden


class BadSignature(Forbidden):
    code, message = "INVALID_SIGNATURE", "This call is not signed by the carrier of our messages"
