"""A terminal for each test, on the store of this run."""

import pytest

from tests.cli.terminal import Terminal


@pytest.fixture
def terminal(tmp_path, new_database) -> Terminal:
    """A terminal whose database has its tables and nothing else."""
    return Terminal(tmp_path, new_database("cli"))


@pytest.fixture
def bare_terminal(tmp_path) -> Terminal:
    """A terminal whose database (SQLite, beside it) has never been touched."""
    return Terminal(tmp_path)
