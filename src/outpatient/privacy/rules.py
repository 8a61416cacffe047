"""THE map of personal data: which tables say something about a person, where the export shows it, what erasing does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from outpatient.patients.rules import name_key

GONE = "erased"
"""Stands where words stood."""
LEAST_SECRET = 3
"""Characters; anything shorter is in too many words to look for."""
FREE_TEXT = frozenset({"reason", "notes", "note", "hold_reason", "cancel_reason", "comment", "text", "body"})
"""Keys under which people write what they like, in events and invoices."""
OWN_WORDS = frozenset({"kind", "label", "old_meeting_id", "token_label", "what"})
"""Text in events that is always the program's own; a test demands every field of text to be here or in FREE_TEXT."""


@dataclass(frozen=True, slots=True)
class Treated:
    """What is done with a table: `export` is its section in the export (None: it is not shown, and why not).

    `erased` is what erasing does to it, or why it stays as it is.
    """

    export: str | None
    erased: str
    why_not: str = ""


_MONEY = "kept: money is accounted for, and nothing in it says who paid"

PERSONAL: Mapping[str, Treated] = {
    "patients": Treated("record", "every field emptied, the name replaced, the record removed"),
    "patient_access": Treated("guardians", "deleted"),
    "patient_notes": Treated("notes", "the text is replaced; that somebody wrote a note stays"),
    "consents": Treated("consents", "kept: terms, ids and times, so that it can be shown what was agreed to"),
    "appointments": Treated("appointments", "notes, reason and meeting link emptied; times and states stay"),
    "occupancy": Treated(None, "kept: times", "the appointment says it"),
    "visits": Treated("visits", "notes and the reason of a hold emptied; times and states stay"),
    "visit_history": Treated("visitHistory", "kept: times and ids, from which figures are made"),
    "payments": Treated("payments", _MONEY),
    "payment_orders": Treated("paymentOrders", _MONEY),
    "payment_links": Treated("paymentLinks", _MONEY),
    "receipts": Treated("receipts", "what the slip says emptied; amounts, ids and times stay"),
    "refunds": Treated("refunds", "the reason is replaced; amounts stay"),
    "ledger_entries": Treated("ledger", "kept: it only grows, and holds amounts, ids and times, never a word"),
    "invoices": Treated("invoices", "everything about the patient in it is replaced; number and amounts stay"),
    "notifications": Treated("notifications", "address and text replaced; what is still to be sent is not sent"),
    "inbound_messages": Treated("messagesFromPatient", "sender, text and answer replaced"),
    "opt_outs": Treated("optOuts", "deleted, unless somebody else has the same address"),
    "video_links": Treated("videoLinks", "deleted: nobody meets there any more"),
    "feedback": Treated("feedback", "the comment emptied; the rating stays"),
    "newcomers": Treated(None, "kept: a day and how he came, from which figures are made", "the appointments say it"),
    "audit_entries": Treated("audit", "kept: it only grows, and holds ids and names of actions, never a value"),
    "events": Treated(None, "what people wrote is replaced; ids, times and states stay", "the audit names them all"),
    "deliveries": Treated(None, "the last error emptied", "the notifications say what was sent"),
    "users": Treated("accounts", "emptied and closed, unless the user has another record or ever worked anywhere"),
    "sessions": Treated(None, "ended with the account; deleted a day later", "times of signing in: the audit has them"),
    "refresh_tokens": Treated(None, "useless with the session's end; deleted a day later", "digests of secrets"),
    "stream_tickets": Treated(None, "kept: digests that live for a minute", "digests of secrets"),
    "otp_challenges": Treated(None, "deleted, unless somebody else has the same phone", "secrets"),
    "idempotency_keys": Treated(None, "kept for a day: digests and ids", "digests"),
    "budgets": Treated(None, "kept for two days: digests and counts", "digests"),
}
"""Table → how it is treated. A test fails on any table with patients' data that has no row here."""


def erased_name(patient_id: int) -> str:
    """What a record is called once it is nobody's."""
    return f"Erased patient #{patient_id}"


def is_confirmed(full_name: str, confirm: str) -> bool:
    """Whether somebody wrote the name of the record that he is about to erase."""
    return name_key(full_name) == name_key(confirm)


def redact(value: Any, secrets: frozenset[str]) -> Any:
    """A JSON value without what people wrote, without what is said of a patient, and without any of the secrets."""
    if isinstance(value, dict):
        return {key: _redact_under(key, one, secrets) for key, one in value.items()}
    if isinstance(value, list):
        return [redact(one, secrets) for one in value]
    return without(value, secrets) if isinstance(value, str) else value


def _redact_under(key: str, value: Any, secrets: frozenset[str]) -> Any:
    if key.lower().startswith("patient"):
        return _wordless(value)
    return GONE if key in FREE_TEXT and isinstance(value, str) else redact(value, secrets)


def _wordless(value: Any) -> Any:
    """What is said of a patient, without a word: numbers stay, so that it is known which record it was."""
    if isinstance(value, dict):
        return {key: _wordless(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_wordless(one) for one in value]
    return GONE if isinstance(value, str) else value


def without(text: str, secrets: frozenset[str]) -> str:
    """A text in which each of the secrets is replaced, whatever its case; the longest first."""
    for secret in sorted(secrets, key=len, reverse=True):
        start = text.casefold().find(secret.casefold())
        while start >= 0:
            text = f"{text[:start]}{GONE}{text[start + len(secret) :]}"
            start = text.casefold().find(secret.casefold(), start + len(GONE))
    return text


def secrets_of(*values: str | None) -> frozenset[str]:
    """What has to disappear from texts, as far as it can be looked for."""
    return frozenset(value for value in values if value and len(value) >= LEAST_SECRET)
