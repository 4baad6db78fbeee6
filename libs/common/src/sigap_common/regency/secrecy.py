"""Finds secrets where none is allowed: in the URL and the options of an endpoint.

Many people read a pack, and it is kept for ever; every proxy writes URLs into its logs. So only `secret_ref` may refer
to a secret.
"""

from collections.abc import Iterator, Mapping
from re import IGNORECASE
from re import compile as regex
from urllib.parse import parse_qsl, unquote, urlsplit

from sigap_common.regency.findings import pointer

_WORDS = ("secret", "password", "passwd", "token", "api_key", "apikey", "private_key", "authorization")
# In a URL a parameter `key` is a secret; in options it may be anything. A signature (`sig`) is allowed: some receivers
# have no other way, and it opens one address only.
_PARAMETER = regex(r"(^|_)(key|auth|pwd|credentials?|jwt|bearer)($|_)")
_BEGINNINGS = (
    *("whsec_", "whsk_", "bearer ", "basic ", "bearer:", "sk_live_", "sk_test_", "rk_live_"),
    *("ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "xapp-"),
)
_BOT = regex(r"(bot)?[0-9]{6,12}:[A-Za-z0-9_-]{20,200}", IGNORECASE)
_LETTERS_AND_DIGITS = regex(r"[A-Za-z0-9+=]{20,}")
_STEPS = regex(r"[/;=]")
_JWT = regex(r"eyJ[A-Za-z0-9_-]{10,300}\..*")
_BETWEEN = regex(r"[-_.~,;:!@()' ]")


def secret_in_url(url: str) -> bool:
    """Whether a URL contains a user name, a password, a key or a token. Raises ValueError if it is not a URL."""
    parts = urlsplit(url)
    if parts.username is not None or parts.password is not None:
        return True
    named = [*parse_qsl(parts.query), *parse_qsl(parts.fragment)]
    if any(value and (names_secret(name) or _PARAMETER.search(_word(name))) for name, value in named):
        return True
    steps = [*_STEPS.split(parts.path), *(parts.hostname or "").split(".")]
    alone = [] if named else [parts.query, parts.fragment]
    return any(map(_looks_secret, [*steps, *alone, *(value for _, value in named)]))


def secret_places(value: object, where: str = "") -> Iterator[str]:
    """JSON pointers to the secrets in an endpoint's options. A secret is recognised by its key's name or by its
    beginning.
    """
    if isinstance(value, Mapping):
        for key, inner in value.items():
            place = where + pointer(str(key))
            if names_secret(str(key)) and inner is not None:
                yield place
            else:
                yield from secret_places(inner, place)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from secret_places(inner, f"{where}/{index}")
    elif isinstance(value, str) and (value.lower().startswith(_BEGINNINGS[:4]) or _is_url_with_secret(value)):
        yield where


def names_secret(key: str) -> bool:
    """Whether a value with this key is a secret. A key that ends in `_ref` only refers to one."""
    word = _word(key)
    return any(secret in word for secret in _WORDS) and not word.endswith("_ref")


def _word(name: str) -> str:
    return name.lower().replace("-", "_")


def _is_url_with_secret(text: str) -> bool:
    try:
        return "://" in text and secret_in_url(text)
    except ValueError:
        return False


def _looks_secret(step: str) -> bool:
    """Whether it begins like a token, or mixes letters and digits in 20 characters or more. No word does so, and the
    parts of a UUID are shorter.
    """
    text = unquote(step)
    if text.lower().startswith(_BEGINNINGS) or _BOT.fullmatch(text) or _JWT.fullmatch(text):
        return True
    return any(map(_is_random, _BETWEEN.split(text)))


def _is_random(piece: str) -> bool:
    mixed = any(map(str.isdigit, piece)) and any(map(str.isalpha, piece))
    return mixed and _LETTERS_AND_DIGITS.fullmatch(piece) is not None
