"""Every write to the profiles of those who see patients. The person behind a profile is `staff`'s.

Where appointments must not be left behind, they are counted after the event: its inside reaction has raised the
schedule's version by then, so that no booking can slip in between.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, update

from outpatient.access.actor import Actor
from outpatient.centres.queries import count_present, find_first_centre
from outpatient.clinicians import queries
from outpatient.clinicians.errors import ClinicianInUse
from outpatient.clinicians.events import ClinicianCreated, ClinicianDeleted, ClinicianToggled, ClinicianUpdated
from outpatient.core.changes import change
from outpatient.core.database import Tx, Who
from outpatient.core.errors import NotFound
from outpatient.core.terms import Role
from outpatient.departments.queries import get_department
from outpatient.models import AvailabilityRule, Clinician, OpenSlot, Visit
from outpatient.staff.actions import (
    Person,
    check_centres,
    create_staff,
    delete_staff,
    leave_staff,
    place_staff,
    register_staff,
    update_staff,
)


async def create_clinician(tx: Tx, *, actor: Actor, person: Person, profile: Mapping[str, Any]) -> Clinician:
    """Take somebody on to see patients: account, role and profile (columns) together, or nothing of it."""
    primary_centre_id = profile["primary_centre_id"]
    membership = await create_staff(tx, actor=actor, role=Role.CLINICIAN, person=person, centre_ids=[primary_centre_id])
    await _check_department(tx, actor, profile)
    clinician = await queries.find_profile(tx, actor.hospital_id, membership.user_id)
    if clinician is None:
        clinician = Clinician(hospital_id=actor.hospital_id, user_id=membership.user_id, created_at=tx.now, **profile)
        await tx.add(clinician)
    else:
        await _begin_again(tx, clinician, profile)
    await tx.record(ClinicianCreated.of(clinician), by=actor)
    return clinician


async def register_clinician(tx: Tx, *, hospital_id: int, full_name: str, email: str, password_hash: str) -> Clinician:
    """An invited clinician makes his own account and profile, at the hospital's first centre (NotFound: there is none).

    He has no fee and no hours yet; DuplicateEntry: somebody has this e-mail.
    """
    centre = await find_first_centre(tx, hospital_id)
    if centre is None:
        raise NotFound.of("Centre")
    membership = await register_staff(
        tx,
        hospital_id=hospital_id,
        role=Role.CLINICIAN,
        full_name=full_name,
        email=email,
        password_hash=password_hash,
        centre_id=centre.id,
    )
    clinician = await tx.add(
        Clinician(
            hospital_id=hospital_id,
            user_id=membership.user_id,
            primary_centre_id=centre.id,
            specialization=[],
            qualification=[],
            languages=[],
            created_at=tx.now,
        )
    )
    await tx.record(ClinicianCreated.of(clinician), by=None)
    return clinician


async def _begin_again(tx: Tx, clinician: Clinician, profile: Mapping[str, Any]) -> None:
    """Fill the profile of somebody who had left. His old hours ended then; nobody is to be booked into them."""
    change(clinician, {**profile, "is_active": True, "deleted_at": None})
    mine = {"hospital_id": clinician.hospital_id, "clinician_id": clinician.id}
    await tx.execute(delete(AvailabilityRule).filter_by(**mine))
    await tx.execute(update(OpenSlot).filter_by(**mine, removed_at=None).values(removed_at=tx.now))
    await tx.session.flush()


async def _check_department(tx: Tx, actor: Actor, profile: Mapping[str, Any]) -> None:
    if (department_id := profile.get("department_id")) is not None:
        await get_department(tx, actor, department_id)


async def update_clinician(
    tx: Tx,
    *,
    actor: Actor,
    clinician_id: int,
    profile: Mapping[str, Any],
    person: Mapping[str, Any],
    is_active: bool | None = None,
) -> None:
    """Change a profile's columns, the columns of the account in `person`, and whether he can be booked."""
    clinician = await queries.get_clinician(tx, actor, clinician_id)
    await update_staff(tx, actor=actor, user_id=clinician.user_id, person=person)
    await _check_department(tx, actor, profile)
    primary_centre_id = profile.get("primary_centre_id", clinician.primary_centre_id)
    if primary_centre_id != clinician.primary_centre_id:
        membership = await queries.get_membership(tx, clinician)
        await check_centres(tx, actor, membership.role, [primary_centre_id])
        await place_staff(tx, membership, [primary_centre_id])
    if changed := change(clinician, profile):
        await tx.session.flush()
        await tx.record(ClinicianUpdated.of(clinician, fields=changed), by=actor)
    if is_active is not None:
        await _set_active(tx, actor, clinician, is_active=is_active)


async def update_own_profile(tx: Tx, *, actor: Actor, profile: Mapping[str, Any]) -> None:
    """Change columns of one's own profile (NotFound: he sees no patients here)."""
    clinician = await queries.get_own_profile(tx, actor)
    if changed := change(clinician, profile):
        await tx.session.flush()
        await tx.record(ClinicianUpdated.of(clinician, fields=changed), by=actor)


async def toggle_clinician(tx: Tx, *, actor: Actor, clinician_id: int) -> None:
    """Make a clinician bookable no more (ClinicianInUse: patients are still to come), or bookable again."""
    clinician = await queries.get_clinician(tx, actor, clinician_id)
    await _set_active(tx, actor, clinician, is_active=not clinician.is_active)


async def _set_active(tx: Tx, actor: Actor, clinician: Clinician, *, is_active: bool) -> None:
    """Who works here as a clinician and nothing else comes and goes with his profile."""
    is_only_clinician = (await queries.get_membership(tx, clinician)).role is Role.CLINICIAN
    state = is_active if is_only_clinician else None
    await update_staff(tx, actor=actor, user_id=clinician.user_id, person={}, is_active=state)
    await switch_profile(tx, clinician, is_active=is_active, by=actor)


async def switch_profile(tx: Tx, clinician: Clinician, *, is_active: bool, by: Who | None) -> None:
    """Set whether a clinician can be booked; nothing happens if he is as wanted already (ClinicianInUse)."""
    if clinician.is_active is is_active:
        return
    clinician.is_active = is_active
    await tx.session.flush()
    await tx.record(ClinicianToggled.of(clinician, is_active=is_active), by=by)
    if not is_active:
        await _expect_nobody(tx, clinician)


async def delete_clinician(tx: Tx, *, actor: Actor, clinician_id: int) -> None:
    """End a clinician's work here, and his sign-in with it unless he has another role (ClinicianInUse)."""
    clinician = await queries.get_clinician(tx, actor, clinician_id)
    if (await queries.get_membership(tx, clinician)).role is Role.CLINICIAN:
        await delete_staff(tx, actor=actor, user_id=clinician.user_id)
    else:
        await update_staff(tx, actor=actor, user_id=clinician.user_id, person={})
    await close_profile(tx, clinician, by=actor)
    tx.forget_person(clinician.user_id)


async def resign_clinician(tx: Tx, *, actor: Actor) -> None:
    """End one's own work as a clinician here, and the sign-in with it unless he has another role (ClinicianInUse)."""
    clinician = await queries.get_own_profile(tx, actor)
    if (await queries.get_membership(tx, clinician)).role is Role.CLINICIAN:
        await leave_staff(tx, actor=actor)
    await close_profile(tx, clinician, by=actor)
    tx.forget_person(actor.user_id)


async def close_profile(tx: Tx, clinician: Clinician, *, by: Who | None) -> None:
    """Take a profile off the list; nothing happens if it is closed already (ClinicianInUse)."""
    if clinician.deleted_at is not None:
        return
    clinician.is_active, clinician.deleted_at = False, tx.now
    await tx.session.flush()
    await tx.record(ClinicianDeleted.of(clinician), by=by)
    await _expect_nobody(tx, clinician)


async def _expect_nobody(tx: Tx, clinician: Clinician) -> None:
    appointments = await queries.count_to_come(tx, clinician)
    present = await count_present(tx, Visit.clinician_id == clinician.id)
    if appointments or present:
        raise ClinicianInUse(appointments, present)
