"""Centres: seed 001 `/centres`."""

from typing import Annotated

from fastapi import APIRouter, Query

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.centres import actions, queries
from outpatient.centres.schemas import CentreChanges, CentreOut, CentreRequest
from outpatient.http.dependencies import Reading, Writing, allow
from outpatient.http.schema import Done, Envelope, PathId, answer

router = APIRouter(tags=["Centres"])


@router.get("/centres")
async def list_centres(
    actor: Annotated[Actor, allow(P.CENTRES_READ)],
    tx: Reading,
    city: Annotated[str | None, Query(max_length=120)] = None,
) -> Envelope[list[CentreOut]]:
    centres = await queries.list_centres(tx, actor, city=city)
    return answer([CentreOut.model_validate(centre) for centre in centres])


@router.get("/centres/{centre_id:int}")
async def get_centre(
    centre_id: PathId, actor: Annotated[Actor, allow(P.CENTRES_READ)], tx: Reading
) -> Envelope[CentreOut]:
    return answer(CentreOut.model_validate(await queries.get_centre(tx, actor, centre_id)))


@router.post("/centres", status_code=201)
async def create_centre(
    body: CentreRequest, actor: Annotated[Actor, allow(P.CENTRES_CREATE)], tx: Writing
) -> Envelope[CentreOut]:
    centre = await actions.create_centre(tx, actor=actor, **body.model_dump())
    return answer(CentreOut.model_validate(centre), "Centre created successfully")


@router.put("/centres/{centre_id:int}")
async def update_centre(
    centre_id: PathId, body: CentreChanges, actor: Annotated[Actor, allow(P.CENTRES_UPDATE)], tx: Writing
) -> Envelope[CentreOut]:
    centre = await actions.update_centre(tx, actor=actor, centre_id=centre_id, changes=body.given())
    return answer(CentreOut.model_validate(centre), "Centre updated successfully")


@router.delete("/centres/{centre_id:int}")
async def delete_centre(centre_id: PathId, actor: Annotated[Actor, allow(P.CENTRES_DELETE)], tx: Writing) -> Done:
    await actions.delete_centre(tx, actor=actor, centre_id=centre_id)
    return Done(message="Centre deleted successfully")


@router.patch("/centres/{centre_id:int}/toggle-active")
async def toggle_centre(
    centre_id: PathId, actor: Annotated[Actor, allow(P.CENTRES_TOGGLE)], tx: Writing
) -> Envelope[CentreOut]:
    centre = await actions.toggle_centre(tx, actor=actor, centre_id=centre_id)
    return answer(
        CentreOut.model_validate(centre), f"Centre {'activated' if centre.is_active else 'deactivated'} successfully"
    )
