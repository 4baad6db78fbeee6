"""Who guesses passwords is slowed down, and who knows one gets in. Histories of tries, and the same over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from services.dispatch.tests.dispatch_histories import Desk

from sigap_common.app.host import OneOrigin
from sigap_common.auth import Role
from sigap_dispatch.throttle import (
    FIRST_WAIT_SECONDS,
    FORGOTTEN_AFTER_SECONDS,
    FREE_OF_ACCOUNT,
    FREE_OF_ADDRESS,
    FREE_OF_PAIR,
    FREE_OF_PASSWORD,
    LONGEST_WAIT_OF_KNOWN_SECONDS,
    LONGEST_WAIT_SECONDS,
    PROMISES,
    REMEMBERED,
    Throttle,
)
from sigap_dispatch.use_cases.accounts import add_user
from sigap_testing.clocks import SetClock
from sigap_testing.kit import Kit

RIGHT, OFFICE, HOME = "kata sandi yang panjang", "203.0.113.1", "198.51.100.7"
ANOTHER_DAY = 24 * 3600.0


class Guard:
    """A throttle, and the one password that is right for every account."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.throttle = Throttle(self.clock.elapsed)
        self.guesses = 0

    def tries(self, account: str, address: str, password: str | None = None) -> int:
        """The wait that was told; 0: the password was looked at. None: a new wrong one."""
        self.guesses += 1
        attempt = self.throttle.attempt(account, address, password or f"salah {self.guesses}")
        if wait := self.throttle.begin(attempt):
            return wait
        (self.throttle.succeeded if password == RIGHT else self.throttle.failed)(attempt)
        self.throttle.end(attempt)
        return 0

    def gets_in(self, account: str, address: str, within: float) -> bool:
        """By doing what the answers say, for so many seconds."""
        while within >= 0:
            wait = self.tries(account, address, RIGHT)
            if not wait:
                return True
            within -= wait
            self.clock.advance(wait)
        return False


@pytest.fixture
def guard() -> Guard:
    return Guard()


def test_of_one_who_mistypes_five_are_free_then_waits_grow_to_a_minute(guard: Guard) -> None:
    assert [guard.tries("sari", OFFICE) for _ in range(FREE_OF_PAIR)] == [0] * FREE_OF_PAIR
    told = []
    for _ in range(4):
        told.append(guard.tries("sari", OFFICE))
        guard.clock.advance(told[-1])
        assert guard.tries("sari", OFFICE) == 0
    assert told == [FIRST_WAIT_SECONDS, *[LONGEST_WAIT_SECONDS] * 3]
    assert guard.gets_in("sari", OFFICE, within=LONGEST_WAIT_SECONDS)
    assert guard.tries("sari", OFFICE) == 0  # from the start again


def test_asking_before_the_wait_is_over_does_not_prolong_it(guard: Guard) -> None:
    for _ in range(FREE_OF_PAIR):
        guard.tries("sari", OFFICE)
    for left in range(FIRST_WAIT_SECONDS, 0, -1):
        assert guard.tries("sari", OFFICE) == left
        guard.clock.advance(1)
    assert guard.tries("sari", OFFICE, RIGHT) == 0


def test_a_guesser_elsewhere_does_not_hold_up_who_signed_in_here_before(guard: Guard) -> None:
    guard.tries("sari", OFFICE, RIGHT)
    checked = [guard.tries("sari", f"192.0.2.{n}") for n in range(200)]
    assert checked.count(0) == FREE_OF_ACCOUNT
    assert guard.tries("sari", OFFICE) == 0  # a slip of hers
    assert guard.tries("sari", OFFICE, RIGHT) == 0
    assert guard.tries("budi", OFFICE, RIGHT) == 0


def test_the_owner_gets_in_from_a_new_place_while_many_guess_without_pause(guard: Guard) -> None:
    for n in range(200):
        guard.tries("sari", f"192.0.2.{n}")
    told = guard.tries("sari", HOME, RIGHT)
    assert 0 < told <= LONGEST_WAIT_SECONDS
    for n in range(told):
        guard.clock.advance(1)
        guard.tries("sari", f"192.0.2.{n}")
    assert guard.tries("sari", HOME, RIGHT) == 0


def test_many_addresses_that_guess_at_one_account_have_a_try_a_wait_each(guard: Guard) -> None:
    for n in range(100):
        guard.tries("sari", f"192.0.2.{n}")
    checked = 0
    for _ in range(600):
        guard.clock.advance(1)
        checked += [guard.tries("sari", f"192.0.2.{n}") for n in range(100)].count(0)
    assert checked <= 100 * (600 / LONGEST_WAIT_SECONDS + 1)


def test_one_address_that_goes_through_many_accounts_is_slowed_down(guard: Guard) -> None:
    assert [guard.tries(f"user{n}", HOME) for n in range(1000)].count(0) == FREE_OF_ADDRESS
    checked = 0
    for _ in range(600):
        guard.clock.advance(1)
        checked += [guard.tries(f"user{n}", HOME) for n in range(100)].count(0)
    assert checked <= PROMISES * (600 / LONGEST_WAIT_SECONDS + 1)
    assert guard.tries("sari", OFFICE, RIGHT) == 0


def test_who_shares_the_guessers_address_and_signed_in_before_is_not_held_up(guard: Guard) -> None:
    guard.tries("sari", OFFICE, RIGHT)
    for n in range(1000):
        guard.tries(f"user{n}", OFFICE)
    assert guard.tries("sari", OFFICE, RIGHT) == 0


def test_who_guesses_at_the_owners_own_address_makes_the_owner_wait_seconds(guard: Guard) -> None:
    guard.tries("sari", OFFICE, RIGHT)
    for _ in range(1000):
        guard.tries("sari", OFFICE)
        guard.clock.advance(1)
    assert guard.gets_in("sari", OFFICE, within=LONGEST_WAIT_OF_KNOWN_SECONDS)


def test_one_password_at_many_accounts_from_many_addresses_is_slowed_down(guard: Guard) -> None:
    spray = [guard.tries(f"user{n}", f"192.0.2.{n % 250}", "Bengkulu-2024") for n in range(1000)]
    assert spray.count(0) == FREE_OF_PASSWORD
    assert guard.tries("user1", "192.0.2.1") == 0  # another one is not
    guard.tries("sari", OFFICE, RIGHT)
    for n in range(30):
        attempt = guard.throttle.attempt(f"user{n}", f"198.51.100.{n}", RIGHT)
        if not guard.throttle.begin(attempt):
            guard.throttle.failed(attempt)
            guard.throttle.end(attempt)
    assert guard.tries("sari", OFFICE, RIGHT) == 0  # whose it is, at the usual place
    assert guard.gets_in("sari", HOME, within=LONGEST_WAIT_SECONDS)


def test_a_guessers_own_account_does_not_let_them_begin_anew(guard: Guard) -> None:
    checked = 0
    for n in range(500):
        checked += not guard.tries(f"user{n}", HOME)
        guard.tries("guesser", HOME, RIGHT)
    assert checked == FREE_OF_ADDRESS


def test_tries_at_the_same_time_are_not_all_free(guard: Guard) -> None:
    at_once = [guard.throttle.attempt("sari", OFFICE, f"salah {n}") for n in range(50)]
    begun = [attempt for attempt in at_once if not guard.throttle.begin(attempt)]
    assert len(begun) == FREE_OF_PAIR
    for attempt in begun:
        guard.throttle.end(attempt)  # the database was away: nobody's failure
    assert guard.tries("sari", OFFICE) == 0


def test_it_is_forgotten_in_time(guard: Guard) -> None:
    for n in range(5_000):
        guard.tries(f"user{n % 50}", HOME, f"salah {n % 3}")
        guard.clock.advance(60)
    guard.clock.advance(ANOTHER_DAY)
    assert ANOTHER_DAY > FORGOTTEN_AFTER_SECONDS * (FREE_OF_ADDRESS + 10)
    assert [guard.tries("user1", HOME, "salah 1") for _ in range(FREE_OF_PAIR)] == [0] * FREE_OF_PAIR


def test_memory_is_bounded(guard: Guard) -> None:
    for n in range(REMEMBERED * 3):
        guard.tries(f"user{n}", f"2001:db8:{n:x}::/64")
        guard.tries(f"user{n}", f"2001:db8:{n:x}::/64", RIGHT)
    kept = guard.throttle
    parts = (kept._known, kept._promised, *(f._counted for f in (kept._pairs, kept._accounts, kept._addresses)))
    assert max(len(part) for part in parts) <= REMEMBERED
    assert not kept._accounts.checking


@pytest.fixture
async def sari(desk: Desk) -> Desk:
    async with desk.kit.runtime.transaction() as tx:
        for name in ("sari", "ani"):
            await add_user(tx, name, RIGHT, [Role.operator], ["99.01"])
    return desk


@contextmanager
def behind(kit: Kit, proxies: str) -> Iterator[httpx.ASGITransport]:
    """The service's origin, as the proxy at 10.20.0.5 reaches it."""
    settings = kit.runtime.common.model_copy(update={"trusted_proxies": (proxies,)})
    kit.runtime.common = settings
    yield httpx.ASGITransport(OneOrigin([kit.app]), client=("10.20.0.5", 1))


async def sign_in(client: httpx.AsyncClient, address: str, username: str, password: str) -> httpx.Response:
    headers = {"X-Forwarded-For": f"192.0.2.250, {address}", "Accept-Language": "en"}
    body = {"username": username, "password": password}
    return await client.post("/v1/auth/token", json=body, headers=headers)


async def test_over_http_a_guesser_waits_and_the_owner_gets_in(sari: Desk) -> None:
    with behind(sari.kit, "10.20.0.0/24") as proxy:
        async with httpx.AsyncClient(transport=proxy, base_url="http://test") as client:
            assert (await sign_in(client, OFFICE, "sari", RIGHT)).status_code == 200
            guesses = [await sign_in(client, f"192.0.2.{n}", "sari", f"salah {n}") for n in range(FREE_OF_ACCOUNT + 5)]
            assert [g.status_code for g in guesses] == [401] * FREE_OF_ACCOUNT + [429] * 5
            refused = guesses[-1]
            assert refused.headers["Retry-After"] == str(FIRST_WAIT_SECONDS)
            assert refused.json()["detail"] == "Too many failed attempts to sign in. Retry in 30 seconds."
            assert (await sign_in(client, OFFICE, "sari", RIGHT)).status_code == 200
            assert (await sign_in(client, HOME, "sari", RIGHT)).status_code == 429
            sari.kit.clock.advance(FIRST_WAIT_SECONDS)
            assert (await sign_in(client, HOME, "sari", RIGHT)).status_code == 200


async def test_over_http_an_address_that_nobody_vouches_for_does_not_count(sari: Desk) -> None:
    with behind(sari.kit, "10.99.0.0/24") as stranger:
        async with httpx.AsyncClient(transport=stranger, base_url="http://test") as client:
            guesses = [await sign_in(client, f"192.0.2.{n}", "sari", "salah") for n in range(FREE_OF_PAIR + 1)]
    assert [guess.status_code for guess in guesses] == [401] * FREE_OF_PAIR + [429]


async def test_over_http_one_password_at_many_accounts_is_slowed_down(sari: Desk) -> None:
    with behind(sari.kit, "10.20.0.0/24") as proxy:
        async with httpx.AsyncClient(transport=proxy, base_url="http://test") as client:
            tries = [await sign_in(client, f"192.0.2.{n}", f"user{n}", RIGHT) for n in range(FREE_OF_PASSWORD + 3)]
            assert [one.status_code for one in tries] == [401] * FREE_OF_PASSWORD + [429] * 3
            assert (await sign_in(client, HOME, "sari", RIGHT)).status_code == 429
            sari.kit.clock.advance(LONGEST_WAIT_SECONDS)
            assert (await sign_in(client, HOME, "sari", RIGHT)).status_code == 200
