"""What follows for a profile when the person behind it is disabled, enabled or leaves."""

from outpatient.clinicians.actions import close_profile, switch_profile
from outpatient.clinicians.queries import find_profile
from outpatient.core.database import Tx, Who
from outpatient.staff.events import StaffDeleted, StaffToggled


async def switch_profile_of(tx: Tx, event: StaffToggled, by: Who | None) -> None:
    """A disabled person cannot be booked (ClinicianInUse: move his patients first); an enabled one can again."""
    profile = await find_profile(tx, event.hospital_id, event.subject_id)
    if profile is not None and profile.deleted_at is None:
        await switch_profile(tx, profile, is_active=event.is_active, by=by)


async def close_profile_of(tx: Tx, event: StaffDeleted, by: Who | None) -> None:
    """Who leaves sees patients no more (ClinicianInUse)."""
    profile = await find_profile(tx, event.hospital_id, event.subject_id)
    if profile is not None:
        await close_profile(tx, profile, by=by)
