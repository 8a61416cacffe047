"""Changing a row: only what differs, and which fields that were."""

from collections.abc import Mapping
from typing import Any


def change(row: object, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Set what differs on a row; the names of what changed, sorted. Nothing different: empty."""
    changed = tuple(sorted(name for name, value in values.items() if getattr(row, name) != value))
    for name in changed:
        setattr(row, name, values[name])
    return changed
