"""docs/lessons.md names tests that exist, so that no lesson loses its guard unseen."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAMED = re.findall(r"`(tests/[\w/]+\.py)::([\w*]+)`", (ROOT / "docs" / "lessons.md").read_text())


def test_lessons_name_tests() -> None:
    assert len(NAMED) > 50


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED)))
def test_the_test_is_there(file: str, name: str) -> None:
    text = (ROOT / file).read_text()
    assert re.search(r"def test_" if name == "*" else rf"def {name}\(", text)
