"""What only a vendor far away can do to us: refuse our key, be down, slow or lying, lose an answer."""

import asyncio
from datetime import timedelta

import httpx2
import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from outpatient.adapters.payments.port import Customer
from outpatient.adapters.payments.razorpay import RazorpayPayments
from outpatient.core.errors import AdapterFailure
from tests.adapters.paying import AT, razorpay
from tests.adapters.vendors.razorpay import KEY_ID, KEY_SECRET, FakeRazorpay, refusal

pytestmark = pytest.mark.anyio

ID = "00000000000001"


@pytest.fixture
def fake() -> FakeRazorpay:
    return FakeRazorpay()


@pytest.fixture
async def payments(fake: FakeRazorpay):
    adapter = razorpay(fake)
    yield adapter
    await adapter.close()


def create_order(payments: RazorpayPayments):
    return payments.create_order(amount_minor=150_000, currency="INR", receipt="appointment-7", notes={"a": "b"})


def create_link(payments: RazorpayPayments, customer: Customer | None = None):
    return payments.create_link(
        amount_minor=150_000,
        currency="INR",
        reference="payment-7",
        description="A visit",
        customer=customer or Customer("Asha Rao"),
        expires_at=AT + timedelta(days=1),
        notes={},
    )


def refund(payments: RazorpayPayments, payment_id: str):
    return payments.refund(payment_id=payment_id, amount_minor=50_000, key="refund-0001", notes={})


CALLS = {
    "create_order": create_order,
    "list_captures": lambda payments: payments.list_captures(f"order_{ID}"),
    "get_capture": lambda payments: payments.get_capture(f"pay_{ID}"),
    "create_link": create_link,
    "get_link": lambda payments: payments.get_link(f"plink_{ID}"),
    "cancel_link": lambda payments: payments.cancel_link(f"plink_{ID}"),
    "refund": lambda payments: refund(payments, f"pay_{ID}"),
    "get_refund": lambda payments: payments.get_refund(f"rfnd_{ID}"),
}


@pytest.fixture(params=CALLS)
def call(request: pytest.FixtureRequest):
    return CALLS[request.param]


async def failed(call) -> AdapterFailure:
    with pytest.raises(AdapterFailure) as failure:
        await call
    assert KEY_SECRET not in repr(failure.value)
    return failure.value


async def test_without_the_right_key_every_call_is_refused_for_good(fake: FakeRazorpay, call) -> None:
    stranger = razorpay(fake, "another-secret")
    assert (await failed(call(stranger))).permanent
    await stranger.close()


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [
        (refusal("Bad request"), True),
        (refusal("Not found", 404), True),
        (refusal("Request under process", 409), False),
        (refusal("Too many requests", 429), False),
        (PlainTextResponse("Internal Server Error", 500), False),
        (PlainTextResponse("<html>Bad Gateway</html>", 502, media_type="text/html"), False),
        (Response(status_code=302, headers={"Location": "https://elsewhere.test"}), False),
    ],
)
async def test_what_it_refuses_is_final_or_worth_another_try(fake, payments, call, answer, permanent) -> None:
    fake.trouble = answer
    assert (await failed(call(payments))).permanent is permanent


@pytest.mark.parametrize("trouble", [httpx2.ReadTimeout, httpx2.ConnectTimeout, httpx2.ConnectError, httpx2.ReadError])
async def test_when_it_is_away_or_slow_another_try_may_help(call, trouble) -> None:
    def away(_request: httpx2.Request) -> httpx2.Response:
        raise trouble("away")

    payments = RazorpayPayments(KEY_ID, KEY_SECRET, "https://api.razorpay.test", httpx2.MockTransport(away))
    assert not (await failed(call(payments))).permanent
    await payments.close()


@pytest.mark.parametrize("lie", [{}, [], None, 7, "fine", {"items": None}, {"items": [{}]}, {"payment_links": [7]}])
async def test_a_lie_is_a_failure_and_no_surprise(fake, payments, call, lie) -> None:
    if call is CALLS["cancel_link"]:
        return  # its answer is not read
    fake.trouble = JSONResponse(lie)
    assert not (await failed(call(payments))).permanent


WRONG = [
    {"amount": "150000"},
    {"amount": True},
    {"amount": -1},
    {"amount": 1500.0},
    {"currency": None},
    {"currency": "rupees"},
    {"status": "magic"},
    {"status": None},
    {"id": f"order_{ID}\n"},
    {"id": "../../v1/payments"},
    {"id": 7},
    {"created_at": "yesterday"},
]


@pytest.mark.parametrize("lie", WRONG, ids=str)
async def test_a_value_of_another_kind_is_a_lie(fake, payments, lie) -> None:
    made = await create_order(payments)
    link = await create_link(payments)
    payment_id = fake.pay(made.id)
    fake.lies = lie
    for call in (
        create_order(payments),
        payments.list_captures(made.id),
        payments.get_capture(payment_id),
        payments.get_link(link.id),
    ):
        await failed(call)


@pytest.mark.parametrize(
    "lie",
    [
        {"short_url": "javascript:alert(1)"},
        {"payments": 7},
        {"payments": [{}]},
        {"payments": {"a": 1}},
        {"expire_by": -1},
    ],
)
async def test_a_link_may_lie_as_well(fake, payments, lie) -> None:
    link = await create_link(payments)
    fake.lies = lie
    await failed(payments.get_link(link.id))


async def test_it_may_not_answer_about_something_else(fake, payments) -> None:
    first = fake.pay((await create_order(payments)).id)
    given = await refund(payments, first)
    link = await create_link(payments)
    fake.lies = {"id": "pay_99999999999999"}
    await failed(payments.get_capture(first))
    fake.lies = {"id": "rfnd_99999999999999"}
    await failed(payments.get_refund(given.id))
    fake.lies = {"id": "plink_99999999999999"}
    await failed(payments.get_link(link.id))
    fake.lies = {"payment_id": "pay_99999999999999"}
    await failed(refund(payments, first))


async def test_an_order_that_is_there_is_not_made_again(fake, payments) -> None:
    for _ in range(3):
        await create_order(payments)
    assert fake.count("POST", "/v1/orders") == 1


async def test_orders_made_at_once_end_as_the_oldest(fake, payments) -> None:
    made = await asyncio.gather(*(create_order(payments) for _ in range(10)))
    assert fake.count("POST", "/v1/orders") > 1  # Razorpay itself takes a receipt twice
    assert {one.id for one in made} == {min(fake.orders)}


async def test_a_filter_that_is_ignored_finds_nobody_elses(fake, payments) -> None:
    fake.honours_filters = False
    others = await payments.create_order(amount_minor=150_000, currency="INR", receipt="another", notes={})
    assert (await create_order(payments)).id != others.id
    first = await create_link(payments)
    fake.links[first.id]["reference_id"] = "another"
    assert (await create_link(payments)).id != first.id


@pytest.mark.parametrize("name", ["create_order", "create_link", "refund"])
async def test_a_lost_answer_makes_nothing_twice(fake, payments, name) -> None:
    payment_id = fake.pay((await payments.create_order(amount_minor=90_000, currency="INR", receipt="x", notes={})).id)
    call = {"refund": lambda: refund(payments, payment_id)}.get(name, lambda: CALLS[name](payments))
    fake.forgets_answer_of = "POST"
    assert not (await failed(call())).permanent
    fake.forgets_answer_of = None
    made = await call()
    assert made == await call()
    assert (len(fake.orders), len(fake.links), len(fake.refunds)) == {
        "create_order": (2, 0, 0),
        "create_link": (1, 1, 0),
        "refund": (1, 0, 1),
    }[name]


async def test_without_idempotency_at_the_vendor_the_receipt_still_finds_the_refund(fake, payments) -> None:
    payment_id = fake.pay((await create_order(payments)).id)
    first = await refund(payments, payment_id)
    fake.refund_requests.clear()  # as its test mode may do
    assert await refund(payments, payment_id) == first


async def test_a_link_tells_only_what_is_known_of_the_customer(fake, payments) -> None:
    link = await create_link(payments, Customer("Asha Rao", phone="+919876543210"))
    assert fake.links[link.id]["customer"] == {"name": "Asha Rao", "contact": "+919876543210"}
    assert fake.links[link.id]["expire_by"] == int((AT + timedelta(days=1)).timestamp())


async def test_a_link_that_ran_out_needs_no_cancelling(fake, payments) -> None:
    link = await create_link(payments)
    fake.links[link.id]["status"] = "expired"
    await payments.cancel_link(link.id)
    assert (await payments.get_link(link.id)).status == "expired"
    fake.links[link.id]["status"] = "partially_paid"
    assert (await failed(payments.cancel_link(link.id))).permanent
