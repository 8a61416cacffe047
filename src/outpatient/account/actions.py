"""What a user changes of himself."""

from typing import Any

from outpatient.access.actor import Actor
from outpatient.account.events import AccountUpdated, PhotoChanged
from outpatient.account.queries import get_own_user
from outpatient.adapters.photos import MAX_BYTES, NotAPhoto, Photos
from outpatient.core.changes import change
from outpatient.core.database import Database, Tx
from outpatient.core.errors import Invalid, TooLarge
from outpatient.models import User
from outpatient.patients.actions import birth_year_of, follow_account


async def update_account(tx: Tx, *, actor: Actor, **changes: Any) -> User:
    """Change what differs of the user; an e-mail or phone of somebody else is refused (DuplicateEntry).

    A patient's own record follows his name, e-mail, gender and age. A new phone is unproven until a code sent to it was
    entered, so it leads to no record, and the record keeps the phone that the clinic wrote down.
    """
    user = await get_own_user(tx, actor, lock=True)
    if "name" in changes:
        changes["full_name"] = changes.pop("name")
    if "age" in changes:
        changes["birth_year"] = birth_year_of(tx.now, changes.pop("age"))
    if changed := change(user, changes):
        if "phone" in changed:
            user.phone_proven_at = None
        if actor.is_patient:
            await follow_account(tx, actor=actor, **{field: changes[field] for field in changed if field != "phone"})
        event = AccountUpdated(hospital_id=actor.hospital_id or None, subject_id=user.id, fields=changed)
        await tx.record(event, by=actor)
        tx.forget_person(user.id)
    return user


async def change_photo(database: Database, photos: Photos, *, actor: Actor, content: bytes) -> str:
    """Keep a new photo and drop the old one; the new file's name (Invalid, TooLarge)."""
    if len(content) > MAX_BYTES:
        raise TooLarge(f"A photo may have {MAX_BYTES // 1024 // 1024} MB", {"file": "This file is too large"})
    try:
        name = await photos.keep(content)  # the slow part, while no transaction is open
    except NotAPhoto as refused:
        raise Invalid.field("file", str(refused)) from None
    try:
        async with database.transaction() as tx:
            user = await get_own_user(tx, actor, lock=True)
            old, user.photo_name = user.photo_name, name
            await tx.record(PhotoChanged(hospital_id=actor.hospital_id or None, subject_id=user.id), by=actor)
            if old is not None:
                tx.after_commit(lambda: photos.remove(old))
    except BaseException:
        photos.remove(name)
        raise
    return name
