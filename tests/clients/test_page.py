"""docs/clients.md shows what really runs here."""

import re
from pathlib import Path

import pytest

from tests.clients.node import HERE


@pytest.fixture(scope="session", autouse=True)
def node() -> None:
    """Reading needs no Node."""


def test_every_snippet_is_a_piece_of_a_program_of_ours():
    page = (Path(__file__).parents[2] / "docs/clients.md").read_text(encoding="utf-8")
    programs = "\n".join(file.read_text(encoding="utf-8") for file in [*HERE.glob("*.mjs"), *HERE.glob("*.ts")])

    snippets = re.findall(r"```[jt]s\n(.*?)```", page, re.DOTALL)

    assert len(snippets) == 5
    for snippet in snippets:
        assert snippet in programs, snippet
