"""Every write to hospitals and their rules."""

from typing import Any

from outpatient.access.actor import Actor
from outpatient.core.changes import change
from outpatient.core.database import Tx
from outpatient.core.errors import Forbidden
from outpatient.hospitals import queries
from outpatient.hospitals.errors import CurrencyInUse
from outpatient.hospitals.events import HospitalConfigured, HospitalCreated, HospitalUpdated
from outpatient.hospitals.rules import free_slug, slug_of
from outpatient.models import Hospital, HospitalConfig


async def create_hospital(
    tx: Tx, *, actor: Actor, name: str, slug: str | None, time_zone: str | None, currency: str | None
) -> Hospital:
    """Make a hospital and its rules; without a short name it gets one from its name (DuplicateEntry: it is taken)."""
    if slug is None:
        wanted = slug_of(name)
        slug = free_slug(wanted, await queries.list_slugs(tx, wanted))
    hospital = await tx.add(
        Hospital(name=name, slug=slug, created_at=tx.now, **({"currency": currency} if currency else {}))
    )
    await tx.add(HospitalConfig(hospital_id=hospital.id, **({"time_zone": time_zone} if time_zone else {})))
    await tx.record(HospitalCreated(hospital_id=hospital.id, subject_id=hospital.id), by=actor)
    return hospital


async def update_hospital(tx: Tx, *, actor: Actor, hospital_id: int, changes: dict[str, Any]) -> Hospital:
    """Change name, short name, currency (CurrencyInUse: amounts were charged), time zone or standing (Forbidden).

    Only the platform's owner opens and closes a hospital: whoever closed his own could not come back.
    """
    hospital = await queries.get_hospital(tx, actor, hospital_id)
    own = {name: value for name, value in changes.items() if name != "time_zone"}
    if "is_active" in own and own["is_active"] != hospital.is_active and not actor.is_superadmin:
        raise Forbidden("Only the owner of the platform opens or closes a hospital")
    if changed := change(hospital, own):
        if "currency" in changed and await queries.has_charged(tx, hospital_id):
            raise CurrencyInUse
        await tx.session.flush()
        await tx.record(HospitalUpdated(hospital_id=hospital_id, subject_id=hospital_id, fields=changed), by=actor)
    if "time_zone" in changes:
        zone = {"time_zone": changes["time_zone"]}
        await configure_hospital(tx, actor=actor, hospital_id=hospital_id, changes=zone)
    return hospital


async def configure_hospital(tx: Tx, *, actor: Actor, hospital_id: int, changes: dict[str, Any]) -> HospitalConfig:
    """Change the rules by which a hospital books, queues and charges; they hold from the next booking on."""
    config = await queries.get_config(tx, actor, hospital_id, lock=True)
    if changed := change(config, changes):
        await tx.session.flush()
        await tx.record(HospitalConfigured(hospital_id=hospital_id, subject_id=hospital_id, fields=changed), by=actor)
    return config
