"""What signing in has to do, in the same transaction, when the staff of a hospital change."""

from outpatient.auth import queries
from outpatient.auth.actions import end_every_session, end_staff_sessions
from outpatient.core.database import Tx, Who
from outpatient.staff.events import StaffDeleted, StaffToggled, StaffUpdated


async def end_sessions_of(tx: Tx, event: StaffUpdated | StaffToggled | StaffDeleted, by: Who | None) -> None:
    """A new password ends all sessions of its owner; another role, or none, those as staff of that hospital."""
    if isinstance(event, StaffUpdated) and "password" in event.fields:
        user = await queries.get_user(tx, event.subject_id)
        await end_every_session(tx, user=user, reason="password changed", by=by)
    elif (reason := _why(event)) is not None:
        assert event.hospital_id is not None
        await end_staff_sessions(tx, user_id=event.subject_id, hospital_id=event.hospital_id, reason=reason, by=by)


def _why(event: StaffUpdated | StaffToggled | StaffDeleted) -> str | None:
    if isinstance(event, StaffUpdated):
        return "role changed" if "role" in event.fields else None
    if isinstance(event, StaffToggled):
        return None if event.is_active else "disabled"
    return "works here no more"
