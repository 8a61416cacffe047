"""What an invoice says: plain values, fixed on the day of issue, and the money as it stands when somebody looks."""

from collections.abc import Mapping, Sequence
from typing import Any

LABELS: dict[str, dict[str, str]] = {
    "en": {
        "invoice": "Invoice",
        "number": "Number",
        "issued_on": "Date",
        "tax_number": "Tax number",
        "patient": "Patient",
        "clinician": "Clinician",
        "service_on": "Visit on",
        "token": "Token",
        "description": "Description",
        "amount": "Amount",
        "discount": "Discount",
        "total": "Total",
        "later_discount": "Discount since",
        "received": "Received",
        "returned": "Returned",
        "due": "Still to pay",
        "settled": "Paid in full. Thank you.",
    },
    "hi": {
        "invoice": "बिल",
        "number": "संख्या",
        "issued_on": "दिनांक",
        "tax_number": "कर संख्या",
        "patient": "मरीज़",
        "clinician": "डॉक्टर",
        "service_on": "मुलाक़ात",
        "token": "टोकन",
        "description": "विवरण",
        "amount": "राशि",
        "discount": "छूट",
        "total": "कुल",
        "later_discount": "बाद में छूट",
        "received": "प्राप्त",
        "returned": "लौटाया गया",
        "due": "बाक़ी",
        "settled": "पूरा भुगतान हो गया। धन्यवाद।",
    },
}
"""Language → what the words on an invoice are; what is not here is said in English."""


def invoice_label(prefix: str, number: int) -> str:
    """`INV-000042`: the hospital's prefix and at least six digits."""
    separator = "" if prefix[-1:] in "-/" else "-"
    return f"{prefix}{separator}{number:06d}"


def labels_of(language: str | None) -> dict[str, str]:
    """The words of a language tag (`hi-IN` is Hindi)."""
    return LABELS.get((language or "en").partition("-")[0], LABELS["en"])


def charged(visit: Mapping[str, Any]) -> dict[str, Any]:
    """What stays as it was on the day of issue: who, whom, what for, how much (minor units)."""
    total = visit["amount_minor"] - visit["discount_minor"]
    return {
        "hospital": {"name": visit["hospital_name"], "tax_number": visit["tax_number"]},
        "centre": {
            "name": visit["centre_name"],
            "address": ", ".join(part for part in (visit["address"], visit["city"]) if part),
            "phone": visit["centre_phone"],
        },
        "patient": {"id": visit["patient_id"], "name": visit["patient_name"]},
        "clinician": visit["clinician_name"],
        "service_on": visit["service_on"].isoformat(),
        "token": visit["token_label"],
        "lines": [{"description": visit["service_name"] or "Consultation", "amount_minor": visit["amount_minor"]}],
        "discount_minor": visit["discount_minor"],
        "total_minor": total,
        "currency": visit["currency"],
        "language": visit["language"],
    }


def settled(
    content: Mapping[str, Any],
    receipts: Sequence[Mapping[str, Any]],
    refunds: Sequence[Mapping[str, Any]],
    *,
    discount_minor: int,
    is_asked: bool,
) -> dict[str, int]:
    """What was discounted since the day of issue, what came in, what went back and what is due, in minor units.

    Nothing is due once something went back, or when nothing is asked any more (`is_asked`): it was cancelled, say.
    """
    received, returned = (sum(one["amount_minor"] for one in rows) for rows in (receipts, refunds))
    later = discount_minor - content["discount_minor"]
    due = max(0, content["total_minor"] - later - received) if is_asked and not returned else 0
    return {"later_discount_minor": later, "received_minor": received, "returned_minor": returned, "due_minor": due}
