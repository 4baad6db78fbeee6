"""Personal data (UU 27/2022): sealed values and the ring of keys that seals and opens them."""

from sigap_common.personal_data.erasing import HASHES, erase_values
from sigap_common.personal_data.sealed import (
    LOOKUP,
    MASK,
    CannotOpen,
    CannotSeal,
    InvalidKeyRing,
    KeyRing,
    Opaque,
    SealContext,
    Sealed,
    is_token,
)

__all__ = [
    "HASHES",
    "LOOKUP",
    "MASK",
    "CannotOpen",
    "CannotSeal",
    "InvalidKeyRing",
    "KeyRing",
    "Opaque",
    "SealContext",
    "Sealed",
    "erase_values",
    "is_token",
]
