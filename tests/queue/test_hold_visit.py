"""`POST /visits/{id}/hold`: parked, and called by nobody until brought back."""

import pytest


@pytest.mark.parametrize("status", ["WAITING", "CALLED", "IN_PROGRESS"])
async def test_he_is_parked_with_a_reason(morning, status):
    visit_id = await morning.brought_to(status)
    held = await morning.do(visit_id, "hold", reason="Blood test")
    assert (held["status"], held["holdReason"], held["position"]) == ("ON_HOLD", "Blood test", None)
    assert (await morning.history(visit_id))[-1]["details"]["reason"] == "Blood test"
    (shown,) = await morning.queue()
    assert (shown["id"], shown["estimatedWait"]) == (visit_id, None)


async def test_a_repeat_keeps_the_first_reason(morning):
    visit_id = (await morning.walk_in())["id"]
    await morning.do(visit_id, "hold", reason="Blood test")
    assert (await morning.do(visit_id, "hold", reason="Phone"))["holdReason"] == "Blood test"


async def test_a_reason_is_not_asked_for(morning):
    assert (await morning.do((await morning.walk_in())["id"], "hold"))["holdReason"] is None
