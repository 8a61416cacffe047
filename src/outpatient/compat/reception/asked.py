"""What clients of seed 000 ask for in a query string, and answers that are kept for them."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel

from outpatient.access.actor import Actor
from outpatient.core.paging import MAX_LIMIT, Page
from outpatient.http.dependencies import parts_of
from outpatient.http.lean import JSON
from outpatient.http.schema import MAX_ID, Day

AskedId = Annotated[int | None, Query(ge=1, le=MAX_ID)]
AskedDay = Annotated[Day | None, Query()]
OnDay = Annotated[Day | None, Query(alias="date")]


def asked_page(
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1, per_page: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 20
) -> Page:
    return Page(page, per_page)


Paged = Annotated[Page, Depends(asked_page)]


async def answer_kept(request: Request, actor: Actor, read: Callable[[], Awaitable[BaseModel]]) -> Response:
    """A list from memory if nothing has changed since it was read for somebody who may see exactly the same (ADR 9)."""

    async def read_json() -> bytes:
        return (await read()).model_dump_json(by_alias=True).encode()

    sees = (actor.hospital_id, actor.role, actor.centre_ids, actor.clinician_id)
    asked = (request.url.path, *sorted(request.query_params.multi_items()))
    return Response(await parts_of(request).list_answers.get((sees, asked), read_json), media_type=JSON)
