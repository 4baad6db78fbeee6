"""Published secrets: values that a file of the repository contains, so that everybody can know them.

An installed program does not have the repository. It has `published_secrets.txt` instead: the SHA-256 digest of each
such value, written by `python -m sigap_cli.published_search` (`make docs` runs it; a test holds it against the
files). The digests hide nothing, since the values are public; they keep the values themselves from being copied.
"""

import hashlib
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from re import IGNORECASE, findall
from re import compile as regex
from urllib.parse import parse_qsl, unquote, urlsplit

LIST = "published_secrets.txt"
WEBHOOK_PREFIX = "whsec_"
PEM = r"-----BEGIN [A-Z ]*PRIVATE KEY-----[A-Za-z0-9+/=\\\s]+-----END [A-Z ]*PRIVATE KEY-----"

_SECRET_NAME = regex(r"PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|(?<![A-Z])KEYS?(?![A-Z])", IGNORECASE)
_NAMES_A_PLACE = regex(r"(DIR|FILE|PATH|SECRETS|CLAIMS?|URL)$", IGNORECASE)
_SHORTEST_KEY = 16


def is_published(value: str) -> bool:
    """Whether a file of the repository contains this secret, in this encoding or in another."""
    return any(_digest(form) in _published() for form in _forms(value))


def digests(value: str) -> frozenset[str]:
    """What the list holds for a value: one digest for each form of it."""
    return frozenset(_digest(form) for form in _forms(value))


def secrets_in(name: str, value: str) -> Iterator[str]:
    """The secrets that a variable of this name holds: itself, the keys of a ring, the password in a URL."""
    if "://" in value:
        yield from _passwords_of_url(value)
    if not _SECRET_NAME.search(name) or _NAMES_A_PLACE.search(name):
        return
    yield value
    for entry in value.split(","):
        if ":" in entry:
            yield entry.partition(":")[2]
    yield from findall(PEM, value)


def published_among(values: Mapping[str, str]) -> list[str]:
    """The names of the variables that hold a published secret."""
    return [name for name, value in values.items() if any(map(is_published, secrets_in(name, value)))]


def _passwords_of_url(url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
        if parts.password:
            yield unquote(parts.password)
        yield from (value for name, value in parse_qsl(parts.query) if _SECRET_NAME.search(name))
    except ValueError:  # such as a JSON document with URLs in it
        return


def _forms(value: str) -> set[bytes]:
    """The value as bytes, and the bytes that it encodes: one key has many spellings in base64."""
    text = value.strip()
    if not text:
        return set()
    encoded = text.removeprefix(WEBHOOK_PREFIX)
    found = {text.encode("utf-8", "surrogateescape")}
    if "PRIVATE KEY-----" in text:
        found.add("".join(text.split()).encode())
    for decode in (b64decode, urlsafe_b64decode):
        try:
            decoded = decode(encoded + "=" * (-len(encoded) % 4))
        except ValueError:
            continue
        if len(decoded) >= _SHORTEST_KEY:
            found.add(decoded)
    return found


def _digest(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()


@cache
def _published() -> frozenset[str]:
    text = (resources.files("sigap_common.core") / LIST).read_text("ascii")
    return frozenset(line.split()[0] for line in text.splitlines() if line and not line.startswith("#"))
