"""The rules of money on plain values, and thousands of random histories against the books."""

import random
from datetime import UTC, datetime, timedelta
from itertools import permutations, product

import pytest

from outpatient.core.terms import CancelledBy, PaymentMethod, PaymentStatus
from outpatient.payments.rules import due_of, method_of, refund_share, status_of

S = PaymentStatus
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "discount", "paid", "refunded", "was", "is_now", "due"),
    [
        (1500, 0, 0, 0, S.PENDING, S.PENDING, 1500),
        (1500, 0, 0, 0, S.FAILED, S.FAILED, 1500),
        (1500, 0, 0, 0, S.CANCELLED, S.CANCELLED, 0),
        (1500, 0, 0, 0, S.EXPIRED, S.EXPIRED, 0),
        (1500, 500, 0, 0, S.PENDING, S.PENDING, 1000),
        (1500, 1500, 0, 0, S.PENDING, S.PAID, 0),
        (1500, 0, 500, 0, S.PENDING, S.PARTIALLY_PAID, 1000),
        (1500, 500, 500, 0, S.FAILED, S.PARTIALLY_PAID, 500),
        (1500, 0, 1500, 0, S.PARTIALLY_PAID, S.PAID, 0),
        (1500, 500, 1000, 0, S.FAILED, S.PAID, 0),
        (1500, 0, 1500, 1, S.PAID, S.PARTIALLY_REFUNDED, 0),
        (1500, 0, 1500, 1500, S.PAID, S.REFUNDED, 0),
        (1500, 0, 3000, 1500, S.PAID, S.PAID, 0),
        (1500, 0, 1500, 0, S.REFUNDED, S.PAID, 0),
        (1500, 0, 1500, 1500, S.CANCELLED, S.REFUNDED, 0),
        (1500, 0, 1500, 1500, S.EXPIRED, S.REFUNDED, 0),
        (0, 0, 0, 0, S.PENDING, S.PENDING, 0),
    ],
)
def test_the_status_follows_from_the_sums(amount, discount, paid, refunded, was, is_now, due):
    assert status_of(amount=amount, discount=discount, paid=paid, refunded=refunded, was=was) is is_now
    assert due_of(is_now, amount=amount, discount=discount, paid=paid) == due


def test_the_order_of_events_does_not_matter():
    steps = [("paid", 700), ("paid", 800), ("refunded", 300), ("discount", 0)]
    ends = set()
    for order in permutations(steps):
        sums, status = {"paid": 0, "refunded": 0, "discount": 0}, S.PENDING
        for name, amount in order:
            if name == "refunded" and sums["paid"] < amount:
                break  # the database refuses that
            sums[name] += amount
            status = status_of(amount=1500, was=status, **sums)
        else:
            ends.add(status)
    assert ends == {S.PARTIALLY_REFUNDED}


def test_once_money_came_in_what_was_does_not_count():
    for paid, refunded in product(range(1, 4), range(4)):
        if refunded <= paid:
            found = {status_of(amount=2, discount=0, paid=paid, refunded=refunded, was=was) for was in S}
            assert len(found) == 1


@pytest.mark.parametrize(
    ("minutes", "by", "back"),
    [
        (121, CancelledBy.PATIENT, 999),
        (120, CancelledBy.PATIENT, 999),
        (119, CancelledBy.PATIENT, 499),
        (0, CancelledBy.PATIENT, 499),
        (-1, CancelledBy.PATIENT, 0),
        (-1, CancelledBy.STAFF, 999),
        (119, CancelledBy.STAFF, 999),
        (-60, CancelledBy.SYSTEM, 999),
    ],
)
def test_how_much_goes_back(minutes, by, back):
    terms = {"full_notice": timedelta(hours=2), "late_percent": 50, "starts_at": NOON + timedelta(minutes=minutes)}
    assert refund_share(999, now=NOON, cancelled_by=by, **terms) == back


def test_the_gateways_words():
    words = {
        "card": "CARD",
        "UPI": "UPI",
        "netbanking": "NETBANKING",
        "wallet": "WALLET",
        "new": "OTHER",
        None: "OTHER",
    }
    assert {word: method_of(word) for word in words} == {word: PaymentMethod(ours) for word, ours in words.items()}


def test_a_hundred_thousand_random_histories_keep_the_books():
    """A model of the ledger: whatever happens in whatever order, the postings sum to zero and make up the sums."""
    chance = random.Random(20260302)
    for _ in range(100_000):
        amount = chance.randint(0, 20)
        sums, books, status = {"paid": 0, "refunded": 0, "discount": 0}, [], S.PENDING
        pending: list[int] = []
        for _step in range(chance.randint(1, 6)):
            due = due_of(status, amount=amount, discount=sums["discount"], paid=sums["paid"])
            what = chance.choice(("receive", "discount", "refund", "fail", "void"))
            size = chance.randint(1, 12)
            if what == "receive":
                books += [("MONEY", size), ("PATIENT", -size)]
                sums["paid"] += size
                if size > due:
                    books += [("MONEY", due - size), ("PATIENT", size - due)]
                    sums["refunded"] += size - due
                    pending.append(size - due)
            elif what == "discount" and size <= due:
                books += [("DISCOUNTS", size), ("PATIENT", -size)]
                sums["discount"] += size
            elif what == "refund" and size <= sums["paid"] - sums["refunded"]:
                books += [("MONEY", -size), ("PATIENT", size)]
                sums["refunded"] += size
                pending.append(size)
            elif what == "fail" and pending:
                back = pending.pop()
                books += [("MONEY", back), ("PATIENT", -back)]
                sums["refunded"] -= back
            elif what == "void" and sums["paid"] == 0:
                status = S.CANCELLED
            status = status_of(amount=amount, was=status, **sums)
            assert sum(entry for _, entry in books) == 0
            assert sum(entry for name, entry in books if name == "MONEY") == sums["paid"] - sums["refunded"]
            assert sum(entry for name, entry in books if name == "DISCOUNTS") == sums["discount"] <= amount
            assert 0 <= sums["refunded"] <= sums["paid"]
            assert (status is S.REFUNDED) == (sums["paid"] == sums["refunded"] > 0)
            assert (status in {S.CANCELLED, S.EXPIRED}) <= (sums["paid"] == 0)
