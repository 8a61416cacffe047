"""A user's own account: seed 004 `/users/me`."""

from typing import Annotated

from fastapi import APIRouter, UploadFile

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.account import actions, queries
from outpatient.account.schemas import AccountChanges, AccountOut, PhotoOut
from outpatient.adapters.photos import MAX_BYTES
from outpatient.core.database import Tx
from outpatient.http.dependencies import App, Parts, Reading, Writing, allow
from outpatient.http.schema import Envelope, answer

router = APIRouter(tags=["Account"])


@router.get("/users/me")
async def get_account(actor: Annotated[Actor, allow(P.ACCOUNT_OWN)], app: App, tx: Reading) -> Envelope[AccountOut]:
    return await _show(tx, app, actor)


@router.patch("/users/me")
async def update_account(
    body: AccountChanges, actor: Annotated[Actor, allow(P.ACCOUNT_OWN)], app: App, tx: Writing
) -> Envelope[AccountOut]:
    await actions.update_account(tx, actor=actor, **body.given())
    return await _show(tx, app, actor, "Profile updated successfully")


async def _show(tx: Tx, app: Parts, actor: Actor, message: str | None = None) -> Envelope[AccountOut]:
    who = await queries.describe_account(tx, actor)
    photo_url = app.photo_url(who["photo_name"]) if who["photo_name"] else None
    return answer(AccountOut.model_validate({**who, "photo_url": photo_url}), message)


@router.post("/users/me/photo", status_code=201, operation_id="change_photo")
async def change_photo(file: UploadFile, actor: Annotated[Actor, allow(P.ACCOUNT_OWN)], app: App) -> Envelope[PhotoOut]:
    content = await file.read(MAX_BYTES + 1)
    name = await actions.change_photo(app.database, app.adapters.photos, actor=actor, content=content)
    return answer(PhotoOut(photo_url=app.photo_url(name)), "Photo uploaded successfully")
