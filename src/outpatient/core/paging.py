"""Pages of lists: what was asked for, and what the answer's `meta` says."""

from dataclasses import dataclass
from math import ceil

MAX_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Page:
    """Page `page` (from 1) of `limit` rows (1 to 100)."""

    page: int = 1
    limit: int = 20

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.limit

    def meta(self, total: int) -> dict[str, int]:
        return {"page": self.page, "limit": self.limit, "total": total, "totalPages": ceil(total / self.limit)}
