"""Use cases of the built-in issuer's accounts: adding and changing them, and signing in."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from re import compile as regex
from typing import TypeVar

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from sigap_common.auth import EVERYWHERE, Access, Role, TokenIssuer
from sigap_common.core.errors import Forbidden, NotAuthenticated, Problem, TooManyRequests
from sigap_common.core.formats import FORMATS
from sigap_common.core.networks import counted_as
from sigap_common.core.published import is_published
from sigap_common.core.workers import PASSWORDS
from sigap_dispatch import credentials
from sigap_dispatch.models import Account
from sigap_dispatch.repository import DispatchService, DispatchTransaction
from sigap_dispatch.resources import DispatchResources
from sigap_dispatch.use_cases.regencies import shown

T = TypeVar("T")

TOKEN_LIFETIME = timedelta(hours=12)
"""Long enough for a shift with some overtime."""
LONGEST_SESSION = timedelta(hours=24)
"""From signing in to the end of the last renewed token."""
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 1000
LONGEST_NAME = 200

log = logging.getLogger(__name__)

_HASHER = PasswordHasher()
_REGENCY = regex(FORMATS["regency_code"])


class LoginFailed(Problem):
    status, slug = 401, "login-failed"


class AccountExists(ValueError):
    """The user name is taken."""


async def add_user(
    tx: DispatchTransaction,
    username: str,
    password: str,
    roles: Iterable[Role],
    regencies: Iterable[str],
    agency: str | None = None,
    name: str | None = None,
) -> Account:
    """Adds an account. Raises AccountExists; ValueError for a name or password that sign-in would refuse, a short
    password, or an agency that does not fit roles and regencies.
    """
    roles, regencies = sorted(roles), tuple(sorted(regencies))
    if slips := [code for code in regencies if code != EVERYWHERE and not _REGENCY.fullmatch(code)]:
        raise ValueError(f"not a regency's code, such as 17.71: {', '.join(slips)}; give --regency once for each")
    username = credentials.username(username)
    if not credentials.is_usable(username, LONGEST_NAME) or not username.isprintable():
        raise ValueError(f"a user name is one line of 1 to {LONGEST_NAME} characters")
    if name is not None and not credentials.is_usable(name, LONGEST_NAME):
        raise ValueError(f"a person's name has 1 to {LONGEST_NAME} characters")
    password = _usable_password(tx, password)
    if Role.agency in roles and agency is None:
        raise ValueError("an account with the role agency must name its agency")
    if agency is not None and Role.agency not in roles:
        raise ValueError(f"{agency}: only an account with the role agency, and no other role, has an agency")
    if agency is not None and not {EVERYWHERE, agency.partition("/")[0]} & set(regencies):
        raise ValueError(f"{agency} is in none of the account's regencies: {', '.join(regencies)}")
    hashed = await PASSWORDS.run(_HASHER.hash, password)
    account = Account(
        username=username,
        password_hash=hashed,
        name=name,
        roles=[role.value for role in roles],
        regencies=list(regencies),
        agency=agency,
        disabled=False,
        created_at=tx.now(),
    )
    if not await tx.accounts.add(account):
        raise AccountExists(f"the user name {username!r} is taken")
    return account


async def give_password(tx: DispatchTransaction, username: str, password: str) -> None:
    """Gives an account another password. Tokens issued before stay valid until they end. Raises ValueError for an
    unknown name, and for a password that sign-in would refuse.
    """
    hashed = await PASSWORDS.run(_HASHER.hash, _usable_password(tx, password))
    if not await _first(lambda name: tx.accounts.give_password(name, hashed), username):
        raise ValueError(f"there is no account {username!r}")


def _usable_password(tx: DispatchTransaction, typed: str) -> str:
    """The normal form of a password. Raises ValueError if sign-in would refuse it, or if it is short or published."""
    password = credentials.password(typed)
    if len(password) < SHORTEST_PASSWORD:
        raise ValueError(f"a password has at least {SHORTEST_PASSWORD} characters")
    if _refused(tx.resources, password):
        raise ValueError("Sigap's own documents contain this password: choose another")
    if not credentials.is_usable(password, LONGEST_PASSWORD):
        raise ValueError(f"a password has at most {LONGEST_PASSWORD} characters, not only spaces, and no NUL")
    return password


async def let_sign_in(tx: DispatchTransaction, username: str, *, may: bool) -> None:
    """Disables or enables an account. Tokens issued before stay valid. Raises ValueError for an unknown name."""
    if not await _first(lambda name: tx.accounts.disable(name, disabled=not may), username):
        raise ValueError(f"there is no account {username!r}")


async def remove_user(tx: DispatchTransaction, username: str) -> None:
    """Deletes an account. Raises ValueError for an unknown name."""
    if not await _first(tx.accounts.remove, username):
        raise ValueError(f"there is no account {username!r}")


async def without_pack(tx: DispatchTransaction, regencies: Iterable[str], agency: str | None) -> list[str]:
    """The regencies and the agency that no pack in force has: a typing mistake, or a pack that is not applied yet."""
    named = [code for code in regencies if code != EVERYWHERE]
    missing = [code for code in named if await tx.configurations.find(code) is None]
    if agency is None:
        return missing
    regency, _, code = agency.partition("/")
    known = await tx.configurations.find(regency)
    pack = await shown(await tx.configurations.pack(regency, known.version), endpoints=False) if known else {}
    return missing if any(one["code"] == code for one in pack.get("agencies", [])) else [*missing, agency]


async def sign_in(dispatch: DispatchService, address: str, username: str, password: str) -> Account:
    """The account that signs in. It takes the same time whether the name is known or not. Raises LoginFailed (401),
    TooManyRequests (429).
    """
    throttle = dispatch.resources.throttle
    attempt = throttle.attempt(credentials.username(username), counted_as(address), credentials.password(password))
    if wait := throttle.begin(attempt):
        raise TooManyRequests("too-many-failures", retry_after=wait)
    try:
        account = await _account_of(dispatch, username, password)
        if account is None:
            throttle.failed(attempt)
            raise LoginFailed(headers={"WWW-Authenticate": "Bearer"})
        throttle.succeeded(attempt)
    finally:
        throttle.end(attempt)
    return account


async def _account_of(dispatch: DispatchService, username: str, password: str) -> Account | None:
    """The account of the name; None if the password is wrong or the account may not sign in."""
    async with dispatch.view() as view:
        account: Account | None = await _first(view.accounts.find, username)
    fits = await PASSWORDS.run(_fits, account.password_hash if account else None, password)
    if fits and _refused(dispatch.resources, password):
        # The account was made in a demonstration. Anybody may know its password, so production does not accept it.
        log.warning("an account could not sign in: Sigap's own documents contain its password")
        fits = False
    return account if account and fits and not account.disabled else None


async def renewed(dispatch: DispatchService, access: Access, token: str) -> tuple[str, timedelta]:
    """A new token for the person of `token`, which was verified as `access`, and its lifetime. Raises LoginFailed (401)
    if the account may not sign in any more, NotAuthenticated (401) if the person signed in LONGEST_SESSION ago,
    Forbidden (403) for a token of another issuer.
    """
    claims = jwt.decode(token, options={"verify_signature": False})
    demonstration = dispatch.common.demo and claims["iss"] == demo_issuer_of(dispatch).issuer
    if not demonstration and claims["iss"] != issuer_of(dispatch).issuer:
        raise Forbidden("token-of-another-issuer")
    signed_in_at = datetime.fromtimestamp(claims.get("auth_time", claims["iat"]), UTC)
    lifetime = min(TOKEN_LIFETIME, signed_in_at + LONGEST_SESSION - dispatch.clock())
    if lifetime <= timedelta(0):
        raise NotAuthenticated("session-over")
    if demonstration:
        rights = access.roles, access.regencies, access.agency
        return demo_issuer_of(dispatch).issue(access.subject, *rights, lifetime, access.name, signed_in_at), lifetime
    async with dispatch.view() as view:
        account: Account | None = await view.accounts.find(access.subject)
    if account is None or account.disabled:
        raise LoginFailed(headers={"WWW-Authenticate": "Bearer"})
    return token_of(dispatch, account, lifetime, signed_in_at), lifetime


def token_of(
    dispatch: DispatchService,
    account: Account,
    lifetime: timedelta = TOKEN_LIFETIME,
    signed_in_at: datetime | None = None,
) -> str:
    """A token with the account's present rights."""
    rights = [Role(role) for role in account.roles], account.regencies, account.agency
    return issuer_of(dispatch).issue(account.username, *rights, lifetime, account.name, signed_in_at)


def issuer_of(dispatch: DispatchService) -> TokenIssuer:
    return dispatch.resources.issuer


def demo_issuer_of(dispatch: DispatchService) -> TokenIssuer:
    return dispatch.resources.demo_issuer


def _refused(resources: DispatchResources, password: str) -> bool:
    return resources.production and is_published(password)


def _fits(hashed: str | None, password: str) -> bool:
    """Whether the password fits the hash. If the name is unknown, a hash is computed as well, so that both answers take
    the same time.
    """
    kept = hashed or _nobodys_hash()
    return any(_is(kept, form) for form in credentials.passwords(password)) and hashed is not None


def _is(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


async def _first(look: Callable[[str], Awaitable[T]], username: str) -> T:
    """Tries each form of the name, and returns the first result that is true; otherwise the last."""
    for name in credentials.usernames(username):
        if found := await look(name):
            break
    return found


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash("nobody has this password")
