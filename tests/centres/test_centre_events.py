"""What centres leave in the record: who did what, by id and never by name."""

import pytest
from sqlalchemy import select

from outpatient.models import AuditEntry, StoredEvent

pytestmark = pytest.mark.anyio


async def test_every_change_is_told_once_and_audited(make, hospital, outpatient):
    owner = await make.superadmin(hospital)
    centre = {"name": "Mibo Pune", "city": "Pune", "phone": "+918012345678"}
    path = f"/centres/{(await owner.post('/centres', centre)).json()['data']['id']}"
    await owner.put(path, {"name": "Mibo Pune West", "phone": "+918012345679", "city": "Pune"})
    await owner.put(path, {"city": "Pune"})
    await owner.patch(f"{path}/toggle-active")
    await owner.delete(path)

    async with outpatient.database.reading() as tx:
        told = await tx.all(select(StoredEvent).where(StoredEvent.hospital_id == hospital.id).order_by(StoredEvent.id))
        audited = await tx.all(select(AuditEntry.action).where(AuditEntry.actor_id == owner.user_id))

    assert [(event.name, event.payload) for event in told] == [
        ("centre.created", {}),
        ("centre.updated", {"fields": ["name", "phone"]}),
        ("centre.toggled", {"is_active": False}),
        ("centre.deleted", {}),
    ]
    assert {event.actor_id for event in told} == {owner.user_id}
    assert sorted(audited) == sorted(event.name for event in told)
