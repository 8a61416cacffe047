"""How many calls a caller may make: per user when signed in, per address when not (DESIGN §2.9).

These counters live in the process and are a courtesy to everyone else; the limits that protect sign-in are budgets in
the database (`core/budgets.py`).
"""

import math
from dataclasses import dataclass
from datetime import timedelta

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Scope

from outpatient.access.actor import Callers
from outpatient.access.tokens import InvalidToken, TokenExpired
from outpatient.core.budgets import spend
from outpatient.core.database import Database
from outpatient.core.errors import TooMany
from outpatient.settings import Settings, rate

UNLIMITED = ("/health", "/ready", "/metrics")


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a limit: `reset` is when the window ends, in epoch seconds."""

    limit: int
    remaining: int
    reset: int
    is_spent: bool = False

    def headers(self) -> list[tuple[bytes, bytes]]:
        pairs = (("limit", self.limit), ("remaining", self.remaining), ("reset", self.reset))
        return [(f"x-ratelimit-{name}".encode(), str(value).encode()) for name, value in pairs]


class CallLimits:
    """The two general limits of an app."""

    def __init__(self, settings: Settings, callers: Callers) -> None:
        self._callers = callers
        self._proxies = settings.proxies
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._user, self._address = _item(settings.rate_limit_user), _item(settings.rate_limit_general)

    async def spend(self, scope: Scope) -> Allowance | None:
        """Count one call; None where calls are not counted."""
        if scope["path"].endswith(UNLIMITED) or scope["method"] == "OPTIONS":
            return None
        item, key = self._whose(scope)
        allowed = await self._limiter.hit(item, key)
        stats = await self._limiter.get_window_stats(item, key)
        return Allowance(item.amount, stats.remaining, math.ceil(stats.reset_time), is_spent=not allowed)

    def _whose(self, scope: Scope) -> tuple[RateLimitItem, str]:
        scheme, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            try:
                return self._user, f"user:{self._callers.read(token).user_id}"
            except (InvalidToken, TokenExpired):
                pass
        return self._address, f"address:{client_address(scope, self._proxies)}"


def client_address(scope: Scope, proxies: frozenset[str]) -> str:
    """Who is really calling: the peer, or behind trusted proxies the last hop that is not one of them."""
    address: str = (scope.get("client") or ("local", 0))[0]
    if address in proxies:
        hops = [hop.strip() for hop in Headers(scope=scope).get("x-forwarded-for", "").split(",") if hop.strip()]
        address = next((hop for hop in reversed(hops) if hop not in proxies), address)
    return address


def _item(text: str) -> RateLimitItem:
    count, window = rate(text)
    return RateLimitItemPerSecond(count, int(window / timedelta(seconds=1)))


async def spend_try(request: Request, key: str, limit: str, *, message: str | None = None) -> None:
    """Use one of the tries of `key` (budgets in the database) and show what is left in the answer's headers (TooMany)."""
    database: Database = request.app.state.parts.database
    count, window = rate(limit)
    try:
        spent = await spend(database, key, (count, window), message=message)
    except TooMany as refused:
        ends = database.clock.now() + timedelta(seconds=refused.retry_after)
        request.scope["allowance"] = Allowance(count, 0, math.ceil(ends.timestamp()))
        raise
    request.scope["allowance"] = Allowance(count, spent.remaining, math.ceil(spent.reset_at.timestamp()))
