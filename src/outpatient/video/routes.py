"""Video visits: seed 001 `/video`."""

from typing import Annotated

from fastapi import APIRouter

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.core.terms import VideoProvider
from outpatient.http.days import Between
from outpatient.http.dependencies import App, Paged, Reading, Writing, allow
from outpatient.http.schema import Done, Envelope, ErrorEnvelope, PathId, answer
from outpatient.video import actions, queries
from outpatient.video.schemas import GeneratedOut, GenerateRequest, LinkListed, MeetLinkOut, MeetLinkRequest

router = APIRouter(prefix="/video", tags=["Video"])


@router.post("/generate-meet-link", responses={502: {"model": ErrorEnvelope}})
async def generate_link(
    body: GenerateRequest, actor: Annotated[Actor, allow(P.VIDEO_GENERATE)], app: App
) -> Envelope[GeneratedOut]:
    link = await actions.generate_link(
        app.database,
        app.adapters.video,
        actor=actor,
        appointment_id=body.appointment_id,
        summary=body.summary,
        starts_at=body.start_time,
        ends_at=body.end_time,
    )
    return answer(GeneratedOut.model_validate(link))


@router.get("/appointment/{appointment_id:int}/meet-link")
async def get_link(
    appointment_id: PathId, actor: Annotated[Actor, allow(P.VIDEO_READ)], tx: Reading
) -> Envelope[MeetLinkOut]:
    return answer(MeetLinkOut.model_validate(await queries.get_link(tx, actor, appointment_id)))


@router.put("/appointment/{appointment_id:int}/meet-link")
async def set_link(
    appointment_id: PathId, body: MeetLinkRequest, actor: Annotated[Actor, allow(P.VIDEO_MANAGE)], tx: Writing
) -> Envelope[MeetLinkOut]:
    link = await actions.set_link(tx, actor=actor, appointment_id=appointment_id, url=body.meet_link)
    return answer(MeetLinkOut.model_validate(link), "Meet link updated successfully")


@router.delete("/appointment/{appointment_id:int}/meet-link")
async def remove_link(appointment_id: PathId, actor: Annotated[Actor, allow(P.VIDEO_MANAGE)], tx: Writing) -> Done:
    await actions.remove_link(tx, actor=actor, appointment_id=appointment_id)
    return Done(message="Meet link deleted successfully")


@router.get("/links")
async def list_links(
    actor: Annotated[Actor, allow(P.VIDEO_LIST)],
    tx: Reading,
    page: Paged,
    days: Between,
    provider: VideoProvider | None = None,
) -> Envelope[list[LinkListed]]:
    rows, total = await queries.list_links(tx, actor, page, days=days, provider=provider)
    return answer([LinkListed.model_validate(row) for row in rows], meta=page.meta(total))
