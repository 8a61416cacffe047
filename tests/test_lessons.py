"""docs/lessons.md names tests that exist, so that no lesson loses its guard unseen."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LESSONS = (ROOT / "docs" / "lessons.md").read_text()
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", LESSONS)


def test_lessons_name_tests() -> None:
    assert len(NAMED) > 50
    assert len(NAMED) == LESSONS.count("`tests/") - LESSONS.count("`tests/test_lessons.py`")  # none but whole names


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED)))
def test_the_test_is_there(file: str, name: str) -> None:
    assert re.search(rf"def {name}\(", (ROOT / file).read_text())
