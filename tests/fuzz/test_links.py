"""One call after the other, each with what an earlier answer gave: walks along the links between operations.

Schemathesis chooses the walk; the calls are made as everywhere here, by people of all roles, and every answer is looked
at in the same way.
"""

from collections import Counter
from copy import deepcopy
from typing import Any

import pytest
import schemathesis
from hypothesis import Phase, settings
from schemathesis.core.transport import Response
from schemathesis.generation.stateful.state_machine import StepInput, StepOutput

from tests.fuzz.calls import Caller
from tests.fuzz.links import with_links
from tests.fuzz.surfaces import API, FLOWS, ROOT, STEPS
from tests.fuzz.tally import Tally

LEAST_FOLLOWED = 0.3


@pytest.mark.parametrize("surface", [API, ROOT], ids=str)
def test_whatever_follows_from_whatever(fuzz, surface):
    document, links = with_links(deepcopy(surface.app.openapi()))
    schema, allowed, tally = schemathesis.openapi.from_dict(document), surface.allowed(), Tally()
    schema.config.phases.stateful.inference.algorithms = []  # ours are enough
    callers = {
        (operation := found.ok()).label: Caller(fuzz.world, surface, operation, allowed[operation.label])
        for found in schema.get_all_operations()
    }
    followed: Counter[str] = Counter()

    def follow(caller: Caller, given: StepInput) -> tuple[str, Any]:
        try:
            return fuzz.run(caller.follow, given.case, given.applied_parameters)
        except AssertionError:  # an earlier step took away what others are made with: the hospital's patient, say
            fuzz.run(fuzz.world.renew)
            return fuzz.run(caller.follow, given.case, given.applied_parameters)

    class Walk(schema.as_state_machine()):
        def setup(self) -> None:
            """Every walk begins in a new hospital with the same dice, so that hypothesis finds the same again."""
            fuzz.run(fuzz.world.renew)
            for caller in callers.values():
                caller.sent = 0

        def step(self, given: StepInput) -> StepOutput:
            label = given.case.operation.label
            followed[label] += bool(given.applied_parameters)
            caller = callers[label]
            answer = tally.look_at(given.case, lambda: follow(caller, given))
            return StepOutput(Response.from_any(answer), given.case)

    Walk.run(
        settings=settings(
            max_examples=FLOWS,
            stateful_step_count=STEPS,
            phases=[Phase.generate],
        )
    )
    print(f"{surface}: {links:,} links, {followed.total():,} followed, {tally.summary()}")  # `pytest -rP` shows it
    assert not tally.offenders, "\n" + tally.report()
    assert followed.total() / tally.total >= LEAST_FOLLOWED
    assert fuzz.run(fuzz.world.canary_rows) == fuzz.world.before
