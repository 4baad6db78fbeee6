"""Slows down the guessing of passwords, and never locks out a person who knows the password (ADR 0013).

Failed tries are counted in four ways: by account and address together, by account, by address, and by password, because
an attacker may try one password at many accounts. After some failures a try has to wait, at most LONGEST_WAIT_SECONDS.

- If an address has signed in to an account before, only failures of this address count at that account, so that an
  attacker elsewhere does not hold up the owner.
- A client that has waited as long as it was told is let through once, whatever others did in the meantime.

The counts are in memory, so each process counts for itself. Waits are measured by a monotonic clock. By the wall clock
a wait of 30 s would last an hour if the clock were put back by an hour.
"""

from collections import Counter, OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from hashlib import blake2b
from math import ceil
from secrets import token_bytes
from typing import Any, Generic, TypeVar

from sigap_common.core.clock import Elapsed

FREE_OF_PAIR = 5
"""So many failures of one address at one account cause no wait."""
FREE_OF_ACCOUNT = 20
FREE_OF_ADDRESS = 30
"""So many failures of one address cause no wait: a whole call centre may share one address."""
FREE_OF_PASSWORD = 10
FIRST_WAIT_SECONDS = 30
LONGEST_WAIT_SECONDS = 60
LONGEST_WAIT_OF_KNOWN_SECONDS = 10
FORGOTTEN_AFTER_SECONDS = 120
"""After so long one failure is forgotten, after the same time again the next one."""
MOST_OVER = 10
"""The most failures beyond the free ones that are counted, so that the waits end soon after a long attack."""
BUSY_SECONDS = 1
"""The wait while so many tries are being checked that, if all failed, no free failure would be left."""
REMEMBERED = 10_000
"""The most entries of each kind. If there are more, the oldest entries are forgotten."""
PROMISES = 10
"""The most promises to one address at once. Otherwise it could collect one at each account and use all of them
together.
"""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to sign in. `address`: the client's address in the form of `counted_as`. `password`: a keyed hash; only
    this process has the key.
    """

    account: str
    address: str
    password: bytes

    @property
    def pair(self) -> Pair:
        return (self.account, self.address)


class Throttle:
    def __init__(self, elapsed: Elapsed) -> None:
        self._elapsed, self._key = elapsed, token_bytes(32)
        self._pairs = _Failures[Pair](FREE_OF_PAIR)
        self._accounts = _Failures[str](FREE_OF_ACCOUNT)
        self._addresses = _Failures[str](FREE_OF_ADDRESS)
        self._passwords = _Failures[bytes](FREE_OF_PASSWORD)
        self._known: OrderedDict[Pair, None] = OrderedDict()
        self._promised: OrderedDict[str, dict[str, float]] = OrderedDict()
        """The promises: for each address and account the time from which its next try is let through."""

    def attempt(self, account: str, address: str, password: str) -> Attempt:
        hashed = blake2b(password.encode("utf-8", "surrogatepass"), key=self._key, digest_size=16).digest()
        return Attempt(account, address, hashed)

    def begin(self, attempt: Attempt) -> int:
        """Seconds to wait before this try may be made. 0: it may be made now, and `end` must be called afterwards."""
        now = self._elapsed()
        due = self._promised.get(attempt.address, {}).get(attempt.account)
        if due is None:
            if wait := self._wait(attempt, now):
                return ceil(wait)
        elif now < due:
            return ceil(due - now)
        else:
            self._promised[attempt.address].pop(attempt.account)
        for failures, key in self._counts(attempt):
            failures.checking[key] += 1
        return 0

    def failed(self, attempt: Attempt) -> None:
        for failures, key in self._counts(attempt):
            failures.add(key, self._elapsed())

    def succeeded(self, attempt: Attempt) -> None:
        # The other counts stay. Otherwise an attacker who also has an account could reset them by signing in to it.
        self._pairs.forget(attempt.pair)
        self._known.pop(attempt.pair, None)
        self._known[attempt.pair] = None
        _keep_newest(self._known)

    def end(self, attempt: Attempt) -> None:
        """Records the end of a try. If it could not be checked, because the database is away, it is not a failure."""
        for failures, key in self._counts(attempt):
            failures.checked(key)

    def _counts(self, attempt: Attempt) -> "tuple[tuple[_Failures[Any], Hashable], ...]":
        return (
            (self._pairs, attempt.pair),
            (self._accounts, attempt.account),
            (self._addresses, attempt.address),
            (self._passwords, attempt.password),
        )

    def _wait(self, attempt: Attempt, now: float) -> float:
        known = attempt.pair in self._known
        counts = self._counts(attempt)[:1] if known else self._counts(attempt)
        longest = LONGEST_WAIT_OF_KNOWN_SECONDS if known else LONGEST_WAIT_SECONDS
        wait = max(failures.wait(key, now, longest) for failures, key in counts)
        if wait > 0:
            self._promise(attempt, now, now + wait)
            return wait
        return BUSY_SECONDS if any(failures.are_used_up(key) for failures, key in counts) else 0

    def _promise(self, attempt: Attempt, now: float, due: float) -> None:
        promises = self._promised.pop(attempt.address, {})
        promises = {account: at for account, at in promises.items() if now < at + LONGEST_WAIT_SECONDS}
        if len(promises) < PROMISES:
            promises[attempt.account] = due
        self._promised[attempt.address] = promises
        _keep_newest(self._promised)


class _Failures(Generic[K]):
    """The failures of one kind, by key."""

    def __init__(self, free: int) -> None:
        self._free = free
        self._counted: OrderedDict[K, tuple[float, float]] = OrderedDict()
        """The number of failures after the last failure, and the time of that failure."""
        self.checking = Counter[K]()

    def wait(self, key: K, now: float, longest: float) -> float:
        count, last = self._counted.get(key, (0.0, now))
        over = ceil(count) - self._free
        return max(0.0, last + min(FIRST_WAIT_SECONDS * 2.0**over, longest) - now) if over >= 0 else 0.0

    def are_used_up(self, key: K) -> bool:
        """Whether no free failure would be left if all tries that are being checked failed."""
        count, _ = self._counted.get(key, (0.0, 0.0))
        return bool(self.checking[key]) and ceil(count) + self.checking[key] >= self._free > ceil(count)

    def add(self, key: K, now: float) -> None:
        count, last = self._counted.pop(key, (0.0, now))
        left = max(0.0, count - (now - last) / FORGOTTEN_AFTER_SECONDS)
        self._counted[key] = (min(left + 1, self._free + MOST_OVER), now)
        _keep_newest(self._counted)

    def forget(self, key: K) -> None:
        self._counted.pop(key, None)

    def checked(self, key: K) -> None:
        self.checking[key] -= 1
        if not self.checking[key]:
            del self.checking[key]


def _keep_newest(kept: "OrderedDict[K, V]") -> None:
    if len(kept) > REMEMBERED:
        kept.popitem(last=False)
