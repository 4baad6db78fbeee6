"""How the entries of timelines are hashed, for the audit chain.

An entry's *link* is the SHA-256 of the link before it in its timeline and of the entry in its canonical form. The
canonical form is JSON with sorted keys, without spaces, in UTF-8; numbers are written as Python writes them. In it a
personal value is null, and its digest stands in a list of its own. So the value can be erased when its period is over,
and the link stays provable by the digest.

The digest of a sealed value is salted by the random nonce in its token. A keyed hash of a telephone number has no
nonce, so its digest has a salt of its own, which is deleted with the hash: without it, nobody can try out numbers.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sigap_common.personal_data import HASHES, is_token

NO_LINK = "0" * 64
"""What the first entry of a timeline, and the first block of a regency, is chained to."""
SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """An entry as the timeline keeps it."""

    subject: str
    sequence: int
    type: str
    at: datetime
    data: str


def entry_of(row: Any) -> TimelineEntry:
    """The entry of a row that has the timeline's columns."""
    return TimelineEntry(row.subject, row.sequence, row.type, row.at, row.data)


@dataclass(frozen=True, slots=True)
class Linked:
    """An entry's link, the digests of its personal values by JSON pointer, and which of these values are erased."""

    link: str
    digests: Mapping[str, str]
    erased: tuple[str, ...]


def linked(entry: TimelineEntry, before: str, salt: bytes, known: Mapping[str, str] | None = None) -> Linked:
    """The link of an entry after the link `before`. `known`: the digests that were kept of it, for values that are
    erased since. Raises ValueError if the data is not JSON.
    """
    walk = _Walk(salt, known or {})
    data = walk.without_personal("", "", json.loads(entry.data))
    head = [entry.subject, entry.sequence, entry.type, _written(entry.at)]
    text = canonical([before, *head, data, walk.digests])
    return Linked(_sha256(text), walk.digests, tuple(walk.erased))


def needs_salt(data: str) -> bool:
    """Whether the data may hold a value without a nonce of its own."""
    return any(name in data for name in HASHES)


def block_digest(
    before: str, regency: str, number: int, sealed_at: datetime, beginning: bool, links: Sequence[str]
) -> str:
    """The digest of a block of a regency's chain; `before`: that of the block before."""
    return _sha256(canonical([before, regency, number, _written(sealed_at), beginning, list(links)]))


def canonical(value: Any) -> bytes:
    """The canonical form of a JSON value."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


class _Walk:
    """Goes through an entry's data once."""

    def __init__(self, salt: bytes, known: Mapping[str, str]) -> None:
        self._salt, self._known = salt, known
        self.digests: dict[str, str] = {}
        self.erased: list[str] = []

    def without_personal(self, pointer: str, name: str, value: Any) -> Any:
        """The value with null for each personal value. A list's items have the name of the list."""
        if isinstance(value, dict):
            return {key: self.without_personal(f"{pointer}/{key}", key, inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.without_personal(f"{pointer}/{n}", name, inner) for n, inner in enumerate(value)]
        if value is None and pointer in self._known:
            self.digests[pointer] = self._known[pointer]
            self.erased.append(pointer)
        digest = self._digest(name, value)
        if digest is None:
            return value
        self.digests[pointer] = digest
        return None

    def _digest(self, name: str, value: Any) -> str | None:
        if not isinstance(value, str):
            return None
        if is_token(value):
            return _sha256(value.encode())
        return _sha256(self._salt + value.encode("utf-8", "surrogatepass")) if name in HASHES else None


def _sha256(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
