"""Brings a store to the newest schema."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

FOLDER = Path(__file__).parents[3] / "migrations"


def configuration(url: str) -> Config:
    """Alembic's configuration for one store; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def migrate(url: str) -> None:
    """Apply every migration that is missing. Call it outside of any event loop."""
    command.upgrade(configuration(url), "head")


@cache
def newest_migration() -> str | None:
    """The migration that this program needs its database to be at."""
    return ScriptDirectory.from_config(configuration("")).get_current_head()
