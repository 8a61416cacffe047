"""What is on an invoice, as plain values."""

import pytest

from outpatient.invoices.rules import LABELS, invoice_label, labels_of, settled


@pytest.mark.parametrize(
    ("prefix", "number", "label"),
    [("INV", 1, "INV-000001"), ("BLR/26-", 42, "BLR/26-000042"), ("A/", 1_234_567, "A/1234567")],
)
def test_the_number_stands_behind_its_prefix(prefix, number, label):
    assert invoice_label(prefix, number) == label


def test_every_language_has_every_word():
    assert {frozenset(words) for words in LABELS.values()} == {frozenset(LABELS["en"])}


@pytest.mark.parametrize(
    ("tag", "word"), [("hi-IN", "बिल"), ("en-IN", "Invoice"), ("ta", "Invoice"), (None, "Invoice")]
)
def test_an_unknown_language_is_english(tag, word):
    assert labels_of(tag)["invoice"] == word


@pytest.mark.parametrize(
    ("received", "returned", "due"),
    [([], [], 100), ([40], [], 60), ([40, 60], [], 0), ([120], [], 0), ([100], [30], 0), ([40], [40], 0)],
)
def test_what_is_due(received, returned, due):
    content = {"total_minor": 100, "discount_minor": 0}
    rows = ([{"amount_minor": amount} for amount in amounts] for amounts in (received, returned))
    assert settled(content, *rows, discount_minor=0, is_asked=True)["due_minor"] == due


@pytest.mark.parametrize(("is_asked", "due"), [(True, 70), (False, 0)])
def test_what_was_discounted_since_is_not_due_nor_is_what_nobody_asks(is_asked, due):
    content = {"total_minor": 100, "discount_minor": 20}
    money = settled(content, [{"amount_minor": 5}], [], discount_minor=45, is_asked=is_asked)
    assert (money["later_discount_minor"], money["due_minor"]) == (25, due)
