"""An invoice as PDF: one page, in its patient's language, the same bytes each time."""

import asyncio
import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import typst

from outpatient.core.money import show_money
from outpatient.invoices.rules import labels_of
from outpatient.models import Invoice

TEMPLATE = Path(__file__).with_name("invoice.typ")


async def render_pdf(invoice: Invoice, money: Mapping[str, int]) -> bytes:
    """The page; it takes some 15 ms of a thread, in which the loop goes on."""
    return await asyncio.to_thread(_compile, json.dumps(_shown(invoice, money), ensure_ascii=False))


def _compile(data: str) -> bytes:
    page = typst.Compiler(TEMPLATE, font_paths=_fonts(), sys_inputs={"data": data}).compile()
    assert isinstance(page, bytes)
    return page


@cache
def _fonts() -> Any:
    """The packaged fonts know the rupee sign and Devanagari; the system's, where it has any, set the latter better."""
    return typst.Fonts()


def _shown(invoice: Invoice, money: Mapping[str, int]) -> dict[str, Any]:
    """Everything as text, so that the template decides nothing; what people typed stays text there, never markup."""
    content, words = invoice.content, labels_of(invoice.content["language"])

    def amount(minor: int) -> str:
        return show_money(minor, content["currency"])

    facts = {
        words["number"]: invoice.label,
        words["issued_on"]: _day(content["issued_on"]),
        words["patient"]: content["patient"]["name"],
        words["clinician"]: content["clinician"],
        words["service_on"]: _day(content["service_on"]),
        words["token"]: content["token"],
    }
    sums = {
        words["discount"]: content["discount_minor"] and f"−{amount(content['discount_minor'])}",
        words["total"]: amount(content["total_minor"]),
        words["later_discount"]: money["later_discount_minor"] and f"−{amount(money['later_discount_minor'])}",
        words["received"]: money["received_minor"] and amount(money["received_minor"]),
        words["returned"]: money["returned_minor"] and amount(money["returned_minor"]),
        words["due"]: money["due_minor"] and amount(money["due_minor"]),
    }
    hospital, centre = content["hospital"], content["centre"]
    is_paid = money["received_minor"] + money["later_discount_minor"] >= content["total_minor"]
    is_settled = is_paid and not money["returned_minor"]
    return {
        "language": content["language"],
        "title": words["invoice"],
        "hospital": hospital["name"],
        "place": [text for text in (centre["name"], centre["address"], centre["phone"]) if text],
        "tax": f"{words['tax_number']}: {hospital['tax_number']}" if hospital["tax_number"] else "",
        "facts": [[name, value] for name, value in facts.items() if value],
        "head": [words["description"], words["amount"]],
        "lines": [[line["description"], amount(line["amount_minor"])] for line in content["lines"]],
        "sums": [[name, value] for name, value in sums.items() if value],
        "closing": words["settled"] if is_settled else "",
    }


def _day(text: str) -> str:
    return f"{date.fromisoformat(text):%d.%m.%Y}"
