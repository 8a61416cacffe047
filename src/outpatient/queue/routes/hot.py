"""The queue's hot routes (DESIGN §7): check in, call the next patient, read a clinician's queue."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Request

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.core.errors import NotFound
from outpatient.http.dependencies import Parts, allow, parts_of
from outpatient.http.idempotency import TAKES_KEY, idempotency_of, once
from outpatient.http.lean import LeanRoute, answer_json
from outpatient.http.schema import Envelope, answer
from outpatient.queue import actions, queries
from outpatient.queue.rules.line import alone
from outpatient.queue.schemas import ClinicianQueue, VisitOut, visit_keys
from outpatient.scheduling.rules import local_day

lean = APIRouter(route_class=LeanRoute)

Shown = Envelope[VisitOut]
CHECKED_IN = "Patient checked in"
CALLED = "Patient called"


@lean.post(
    "/appointments/{appointment_id:int}/check-in", tags=["Visits"], response_model=Shown, openapi_extra=TAKES_KEY
)
async def check_in(
    request: Request, appointment_id: int, actor: Annotated[Actor, allow(P.VISITS_ADMIT)]
) -> Shown | bytes:
    parts, repeatable = parts_of(request), await idempotency_of(request)

    async def admit() -> Shown | bytes:
        standing = await actions.check_in(
            parts.database,
            actor=actor,
            appointment_id=appointment_id,
            idempotency_key=repeatable.key if repeatable else None,
            digest=repeatable.digest if repeatable else None,
        )
        return answer_json(visit_keys(standing), CHECKED_IN)

    return await once(parts, actor, actions.CHECK_IN_ROUTE, repeatable, admit, again=show_again(CHECKED_IN))


@lean.post("/queue/doctor/{clinician_id:int}/next", tags=["Queue"], response_model=Shown, openapi_extra=TAKES_KEY)
async def call_next_patient(
    request: Request, clinician_id: int, actor: Annotated[Actor, allow(P.QUEUE_RUN)]
) -> Shown | bytes:
    parts, repeatable = parts_of(request), await idempotency_of(request)

    async def call() -> Shown | bytes:
        called = await actions.call_next_patient(
            parts.database,
            actor=actor,
            clinician_id=clinician_id,
            idempotency_key=repeatable.key if repeatable else None,
            digest=repeatable.digest if repeatable else None,
        )
        return answer_json(visit_keys(alone(called, parts.database.clock.now())), CALLED)

    return await once(parts, actor, actions.NEXT_ROUTE, repeatable, call, again=show_again(CALLED))


@lean.get("/queue/doctor/{clinician_id:int}", tags=["Queue"], response_model=Envelope[ClinicianQueue])
async def get_clinician_queue(
    request: Request, clinician_id: int, actor: Annotated[Actor, allow(P.QUEUE_READ)]
) -> bytes:
    database = parts_of(request).database
    if actor.is_clinician and actor.clinician_id != clinician_id:
        raise NotFound.of("Clinician")

    async def read() -> bytes:
        zone, queue = await queries.see_clinician_queue(database, actor, clinician_id)
        shown = {
            "doctorId": clinician_id,
            "serviceDay": local_day(database.clock.now(), zone),
            "queue": [visit_keys(standing) for standing in queue],
            "totalCount": len(queue),
        }
        return answer_json(shown)

    seen = (actor.hospital_id, clinician_id, actor.centre_ids)
    return await parts_of(request).queue_answers.get(seen, read)


def show_again(message: str) -> Callable[[Parts, Actor, int], Awaitable[Shown]]:
    """Answers with the visit that an earlier request with the same key made or called, as it is now."""

    async def show(parts: Parts, actor: Actor, visit_id: int) -> Shown:
        async with parts.database.reading() as tx:
            return answer(VisitOut.of(await queries.get_standing(tx, actor, visit_id)), message)

    return show
