"""How many calls a caller may make: per user when signed in, per address when not (DESIGN §2.9).

These counters live in the process and are a courtesy to everyone else; the limits that protect sign-in are budgets in
the database (`core/budgets.py`).
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_network

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Scope

from outpatient.access.actor import Callers
from outpatient.access.tokens import InvalidToken, TokenExpired
from outpatient.core.budgets import spend
from outpatient.core.clock import Clock
from outpatient.core.database import Database
from outpatient.core.errors import TooMany
from outpatient.settings import Settings, rate

UNLIMITED = frozenset({"/health", "/ready", "/metrics"})
SIGNED = ("/payments/webhook", "/twilio/", "/gallabox/webhook/", "/resend/webhook")
"""Beginnings of paths at which vendors report, many at once from one address; their signature is the limit."""
DISPLAYS = "/sse/waiting-room/"
"""Public screens have a limit of their own: a clinic's all hang behind one address, and come back together."""
MOST_KEYS = 200_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a limit: `reset` is when its window ends, in epoch seconds; `wait` is how far away that is."""

    limit: int
    remaining: int
    reset: int
    wait: int
    is_spent: bool = False

    def headers(self) -> list[tuple[bytes, bytes]]:
        return [
            (b"x-ratelimit-limit", b"%d" % self.limit),
            (b"x-ratelimit-remaining", b"%d" % self.remaining),
            (b"x-ratelimit-reset", b"%d" % self.reset),
        ]


class Windows:
    """Counts per key. All windows of a limit begin together, and what one counted is forgotten as a whole."""

    def __init__(self, text: str) -> None:
        count, window = rate(text)
        self._limit, self._seconds = count, window.total_seconds()
        self._ends = 0.0
        self._used: dict[str, int] = {}

    def hit(self, key: str, now: float) -> Allowance:
        """Count one call of `key` at `now`, in epoch seconds."""
        if not self._ends - self._seconds <= now < self._ends or len(self._used) > MOST_KEYS:
            self._ends = (now // self._seconds + 1) * self._seconds
            self._used = {}
        used = self._used[key] = self._used.get(key, 0) + 1
        wait = math.ceil(self._ends - now)
        return Allowance(self._limit, max(0, self._limit - used), int(self._ends), wait, used > self._limit)


class CallLimits:
    """The general limits of an app: of its users, of anonymous addresses, and of the public displays behind one."""

    def __init__(self, settings: Settings, callers: Callers, clock: Clock) -> None:
        self._callers, self._clock, self._proxies = callers, clock, settings.proxies
        self._users, self._addresses = Windows(settings.rate_limit_user), Windows(settings.rate_limit_general)
        self._displays = Windows(settings.rate_limit_displays)

    def now(self) -> datetime:
        """The program's time, which the limits follow."""
        return self._clock.now()

    def spend(self, scope: Scope) -> Allowance | None:
        """Count one call; None where calls are not counted."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if scope["method"] == "OPTIONS" or path in UNLIMITED or path.startswith(SIGNED):
            return None
        now = self._clock.now().timestamp()
        scheme, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            try:
                return self._users.hit(str(self._callers.read(token).user_id), now)
            except (InvalidToken, TokenExpired):
                pass
        anonymous = self._displays if path.startswith(DISPLAYS) else self._addresses
        return anonymous.hit(client_address(scope, self._proxies), now)


def client_address(scope: Scope, proxies: frozenset[str]) -> str:
    """Who is really calling: the peer, or behind trusted proxies the last hop that is not one of them.

    One household or attacker has a whole IPv6 /64, so that is the address there.
    """
    address: str = (scope.get("client") or ("local", 0))[0]
    if address in proxies:
        headers = Headers(scope=scope).getlist("x-forwarded-for")
        hops = [hop.strip() for hop in ",".join(headers).split(",") if hop.strip()]
        address = next((hop for hop in reversed(hops) if hop not in proxies), address)
    return _network(address) if ":" in address else address


def _network(address: str) -> str:
    try:
        mapped = IPv6Address(address).ipv4_mapped
        return str(mapped or ip_network((address, 64), strict=False))
    except ValueError:
        return address


async def spend_try(request: Request, key: str, limit: str, *, message: str | None = None) -> None:
    """Use one try of `key` (a budget in the database) and show what is left in the answer's headers (TooMany)."""
    database: Database = request.app.state.parts.database
    count, window = rate(limit)
    try:
        spent = await spend(database, key, (count, window), message=message)
    except TooMany as refused:
        ends = database.clock.now() + timedelta(seconds=refused.retry_after)
        request.scope["allowance"] = Allowance(count, 0, int(ends.timestamp()), refused.retry_after)
        raise
    wait = math.ceil((spent.reset_at - database.clock.now()).total_seconds())
    request.scope["allowance"] = Allowance(count, spent.remaining, int(spent.reset_at.timestamp()), wait)
