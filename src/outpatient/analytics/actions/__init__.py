"""Every write of the figures: after events in `refresh`, all of them in `rebuild`."""

from outpatient.analytics.actions.rebuild import FIGURES, count_everything, plan_rebuild, rebuild_figures
from outpatient.analytics.actions.refresh import refresh_figures
from outpatient.core.database import Database
from outpatient.core.followers import follow_inside

__all__ = ["FIGURES", "count_everything", "follow_events", "plan_rebuild", "rebuild_figures", "refresh_figures"]


async def follow_events(database: Database) -> int:
    """Bring the figures up to date with what has happened; how much there was to do (all, the first time)."""
    return await follow_inside(database, FIGURES, refresh_figures, begin=count_everything)
