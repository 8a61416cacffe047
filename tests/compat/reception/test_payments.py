"""Seed 000 `/payments`, at the root."""

import pytest

from tests.appointments.wishes import at_once
from tests.compat.reception.conftest import RECEPTIONIST, STAFF, TODAY, TOMORROW, at_root, code_of, good, refused

SHOWN = {
    *("id", "appointment_id", "visit_id", "patient_id", "patient_name", "doctor_id", "doctor_name", "clinic_id"),
    *("date", "amount", "discount_amount", "amount_paid", "amount_refunded", "amount_due", "currency", "status"),
    *("payment_method", "transaction_id", "paid_at"),
}


async def process(reception, payment_id, **body):
    return await reception.desk.put(f"/payments/{payment_id}/process", {"payment_method": "cash", **body})


async def status_of(reception, visit) -> str:
    return (await reception.read(f"/visits/{visit['id']}"))["status"]


async def test_the_money_ends_a_consultation_that_has_begun(reception):
    appointment = await reception.book()
    visit = await reception.do("start", await reception.check_in(appointment))
    made = good(await process(reception, appointment["payment"]["id"]))

    assert made.keys() == {"message", "payment"}
    payment = made["payment"]
    assert payment.keys() == SHOWN
    assert (payment["status"], payment["amount"], payment["amount_paid"], payment["amount_due"]) == (
        "paid",
        800,
        800,
        0,
    )
    assert payment["payment_method"] == "cash"
    assert await status_of(reception, visit) == "completed"
    assert (await reception.read(f"/appointments/{appointment['id']}"))["status"] == "completed"


@pytest.mark.parametrize("arrival", ["expected", "waiting", "called"])
async def test_who_pays_in_advance_stays_in_the_queue(reception, arrival):
    appointment = await reception.book()
    visit = appointment["visit"]
    if arrival != "expected":
        visit = await reception.check_in(appointment)
    if arrival == "called":
        await reception.do("call", visit)
    payment = good(await process(reception, appointment["payment"]["id"]))["payment"]

    assert payment["status"] == "paid"
    assert await status_of(reception, visit) == arrival


async def test_one_payment(reception):
    appointment = await reception.book()
    one = await reception.read(f"/payments/{appointment['payment']['id']}")

    assert one.keys() == SHOWN
    assert (one["status"], one["amount"], one["amount_paid"], one["payment_method"]) == ("pending", 800, 0, None)
    assert (one["appointment_id"], one["patient_id"]) == (appointment["id"], appointment["patient_id"])


async def test_a_range_that_ends_before_it_begins_is_refused(reception):
    asked = {"start_date": "2026-12-01", "end_date": "2026-01-01"}
    assert refused(await reception.desk.get("/payments", params=asked)).keys() == {"end_date"}


async def test_receipts_add_up(reception):
    appointment = await reception.book()
    visit = await reception.do("start", await reception.check_in(appointment))
    first = good(await process(reception, appointment["payment"]["id"], amount_paid=300))["payment"]
    assert (first["status"], first["amount_paid"], first["amount_due"]) == ("partially_paid", 300, 500)
    assert await status_of(reception, visit) == "in_progress"
    rest = good(await process(reception, appointment["payment"]["id"]))["payment"]
    assert (rest["status"], rest["amount_paid"]) == ("paid", 800)
    assert await status_of(reception, visit) == "completed"


@pytest.mark.parametrize(("discount", "paid"), [(200, 600), (800, 0)])
async def test_a_discount_is_asked_less(reception, discount, paid):
    appointment = await reception.book()
    visit = await reception.do("start", await reception.check_in(appointment))
    payment = good(await process(reception, appointment["payment"]["id"], discount_amount=discount))["payment"]

    assert (payment["status"], payment["discount_amount"], payment["amount_paid"]) == ("paid", discount, paid)
    assert await status_of(reception, visit) == "completed"


@pytest.mark.parametrize("method", ["cash", "CASH", "Visa", "card", "upi", "BANK_TRANSFER", "bank transfer"])
async def test_methods_in_any_case(reception, method):
    appointment = await reception.book()
    good(await process(reception, appointment["payment"]["id"], payment_method=method))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"payment_method": "shells"}, "payment_method"),
        ({"payment_method": None}, "payment_method"),
        ({"amount_paid": 900}, "amount_paid"),
        ({"amount_paid": 0}, "amount_paid"),
        ({"amount_paid": -1}, "amount_paid"),
        ({"discount_amount": 900}, "discount_amount"),
        ({"discount_amount": -1}, "discount_amount"),
        ({"discount_amount": 300, "amount_paid": 600}, "amount_paid"),
    ],
    ids=str,
)
async def test_what_is_wrong_is_named_and_nothing_is_taken(reception, body, field):
    appointment = await reception.book()
    payment_id = appointment["payment"]["id"]

    assert refused(await process(reception, payment_id, **body)).keys() == {field}
    payment = await reception.read(f"/payments/{payment_id}")
    assert (payment["amount_paid"], payment["discount_amount"], payment["status"]) == (0, 0, "pending")


async def test_it_is_paid_once(reception):
    appointment = await reception.book()
    visit = await reception.do("start", await reception.check_in(appointment))
    answers = await at_once(*(process(reception, appointment["payment"]["id"]) for _ in range(6)))

    assert answers == {200: 1, 409: 5}
    assert await status_of(reception, visit) == "completed"
    assert code_of(await process(reception, appointment["payment"]["id"])) == (409, "NOTHING_DUE")


async def test_nothing_is_asked_for_what_was_cancelled(reception):
    appointment = await reception.book()
    good(await reception.desk.delete(f"/appointments/{appointment['id']}"))

    assert code_of(await process(reception, appointment["payment"]["id"])) == (409, "PAYMENT_CLOSED")


async def test_a_payment_for_a_visit(reception):
    visit = await reception.walk_in()
    body = {"visit_id": visit["id"], "payment_method": "VISA", "amount_paid": 800}
    made = good(await reception.desk.post("/payments", body), 201)

    assert made["payment"].keys() == SHOWN
    assert (made["payment"]["status"], made["payment"]["visit_id"]) == ("paid", visit["id"])
    assert await status_of(reception, visit) == "waiting"
    assert code_of(await reception.desk.post("/payments", body)) == (409, "NOTHING_DUE")
    details = refused(await reception.desk.post("/payments", {}))
    assert details.keys() == {"visit_id", "payment_method", "amount_paid"}


async def test_the_same_key_takes_and_gives_back_once(reception):
    visit = await reception.walk_in()
    body, headers = {"visit_id": visit["id"], "payment_method": "cash", "amount_paid": 300}, {"Idempotency-Key": "k"}
    for _ in range(2):
        payment = good(await reception.desk.post("/payments", body, headers=headers), 201)["payment"]
        assert payment["amount_paid"] == 300
    too_much = await reception.desk.post("/payments", {**body, "amount_paid": 900})
    assert refused(too_much).keys() == {"amount_paid"}
    for _ in range(2):
        path = f"/payments/refund/{payment['id']}"
        again = good(await reception.desk.post(path, {"amount": 100}, headers=headers))["payment"]
        assert again["amount_refunded"] == 100


@pytest.mark.parametrize("body", [None, {}, {"reason": "Charged twice"}], ids=str)
async def test_all_goes_back(reception, body):
    appointment = await reception.book()
    payment_id = appointment["payment"]["id"]
    good(await process(reception, payment_id))
    made = good(await reception.desk.post(f"/payments/refund/{payment_id}", body))

    assert made.keys() == {"message", "payment"}
    assert (made["payment"]["status"], made["payment"]["amount_refunded"]) == ("refunded", 800)
    answer = await reception.desk.post(f"/payments/refund/{payment_id}", body)
    assert code_of(answer) == (409, "NOTHING_TO_REFUND")


async def test_a_part_goes_back_and_never_more_than_came_in(reception):
    appointment = await reception.book()
    payment_id = appointment["payment"]["id"]
    path = f"/payments/refund/{payment_id}"
    assert code_of(await reception.desk.post(path)) == (409, "NOTHING_TO_REFUND")
    good(await process(reception, payment_id))

    part = good(await reception.desk.post(path, {"amount": 300}))["payment"]
    assert (part["status"], part["amount_refunded"]) == ("partially_refunded", 300)
    assert refused(await reception.desk.post(path, {"amount": 501})).keys() == {"amount"}
    assert refused(await reception.desk.post(path, {"amount": 0})).keys() == {"amount"}


async def test_eight_refunds_at_once_give_back_once(reception):
    appointment = await reception.book()
    payment_id = appointment["payment"]["id"]
    good(await process(reception, payment_id))
    answers = await at_once(*(reception.desk.post(f"/payments/refund/{payment_id}") for _ in range(8)))

    assert answers == {200: 1, 409: 7}
    assert (await reception.read(f"/payments/{payment_id}"))["amount_refunded"] == 800


async def test_the_list_and_its_filters(reception, make, hospital, stranger):
    paid, open_one = await reception.book(), await reception.book(on=TOMORROW)
    good(await process(reception, paid["payment"]["id"]))

    async def ids(by=None, **params):
        page = await reception.read("/payments", by, **params)
        assert page.keys() == {"payments", "total", "pages", "current_page", "per_page"}
        assert all(payment.keys() == SHOWN for payment in page["payments"])
        return [payment["id"] for payment in page["payments"]]

    both = [open_one["payment"]["id"], paid["payment"]["id"]]
    assert await ids() == both
    assert await ids(status="paid") == both[1:]
    assert await ids(patient_id=open_one["patient_id"]) == both[:1]
    assert await ids(start_date=TOMORROW) == both[:1]
    assert await ids(end_date=TODAY) == both[1:]
    assert await ids(per_page=1, page=2) == both[1:]
    assert await ids(reception.doctor) == both
    assert await ids(at_root(await make.clinician(hospital))) == []
    assert await ids(stranger) == []
    assert refused(await reception.desk.get("/payments", params={"status": "lost"})).keys() == {"status"}
    assert refused(await reception.desk.get("/payments", params={"per_page": 101})).keys() == {"per_page"}
    assert await reception.roles("GET", "/payments") == STAFF


async def test_who_may_do_what(reception, stranger):
    appointment = await reception.book()
    payment_id = appointment["payment"]["id"]
    take = {"visit_id": appointment["visit"]["id"], "payment_method": "cash", "amount_paid": 100}
    for method, path, body in (
        ("PUT", f"/payments/{payment_id}/process", {"payment_method": "cash"}),
        ("POST", "/payments", take),
        ("POST", f"/payments/refund/{payment_id}", {}),
    ):
        assert code_of(await stranger.call(method, path, json=body)) == (404, "NOT_FOUND")
        assert await reception.roles(method, path, body) == RECEPTIONIST
    assert code_of(await stranger.get(f"/payments/{payment_id}")) == (404, "NOT_FOUND")
    assert await reception.roles("GET", f"/payments/{payment_id}") == STAFF


async def test_a_visits_invoice(reception, stranger):
    visit = (await reception.book())["visit"]["id"]
    receipt = {"visit_id": visit, "payment_method": "cash", "amount_paid": 300}
    paid = good(await reception.desk.post("/payments", receipt), 201)

    invoice = await reception.read(f"/payments/invoice/{visit}")

    assert invoice == paid["invoice"]
    assert (invoice["visit_id"], invoice["invoice_number"]) == (visit, "INV-000001")
    assert (invoice["total_amount"], invoice["amount_paid"], invoice["amount_due"]) == (800, 300, 500)
    assert invoice["lines"][0]["amount"] == 800
    assert (await stranger.get(f"/payments/invoice/{visit}")).status_code == 404
