"""A call's reference: how people name a call to each other, eight signs such as `2NQ7-K4XD`.

It is read off the call's id: the millisecond at which intake recorded the call. So an arriving call costs nothing for
it, whereas a counter per regency and day would be one more statement, on one row that all calls of a regency change. It
also leads back to the id without an index. Two calls of one regency have the same reference only if they were recorded
in the same millisecond; then both are found.
"""

from base64 import b32decode, b32encode
from datetime import UTC, datetime
from uuid import UUID

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's Base32: none that looks like another
_RFC_4648 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_TO_OURS = str.maketrans(_RFC_4648, _SIGNS)
_TO_THEIRS = str.maketrans(_SIGNS + "OIL", _RFC_4648 + "ABB", "- ")
_BEGIN_MS = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp() * 1000)
_BITS = 40  # until 2058
_BELOW_THE_TIME = 80  # of a UUIDv7 (RFC 9562, 5.7)


def reference_of(call_id: UUID) -> str:
    """The reference of a call."""
    number = ((call_id.int >> _BELOW_THE_TIME) - _BEGIN_MS) % (1 << _BITS)
    signs = b32encode(number.to_bytes(_BITS // 8)).decode().translate(_TO_OURS)
    return f"{signs[:4]}-{signs[4:]}"


def ids_of(reference: str) -> tuple[UUID, UUID]:
    """The first and the last id that a call of this reference can have. Small letters, and letters that look like a
    digit, are read as what is meant. Raises ValueError.
    """
    signs = reference.upper().translate(_TO_THEIRS)
    if "U" in reference.upper() or len(signs) != _BITS // 5:
        raise ValueError("a reference has eight signs, and no U")
    number = int.from_bytes(b32decode(signs))
    first = (number + _BEGIN_MS) << _BELOW_THE_TIME
    return UUID(int=first), UUID(int=first + (1 << _BELOW_THE_TIME) - 1)
