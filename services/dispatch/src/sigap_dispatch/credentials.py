"""User names and passwords as they are compared: the same letters are the same, whatever keyboard wrote them.

One computer writes an accented letter as one sign, another as a letter and an accent. RFC 8265 (section 4.2,
OpaqueString) compares passwords in Unicode's form NFC, with every kind of space as the ordinary one.
"""

import unicodedata
from collections.abc import Iterator

from sigap_common.core.formats import is_storable


def password(typed: str) -> str:
    """The password as it is hashed and compared."""
    spaces = "".join(" " if unicodedata.category(sign) == "Zs" else sign for sign in typed)
    return unicodedata.normalize("NFC", spaces)


def passwords(typed: str) -> Iterator[str]:
    """What to compare with a kept hash: the password, and what was typed, for an account of before this form."""
    yield password(typed)
    if typed != password(typed):
        yield typed


def username(typed: str) -> str:
    """The name as it is kept and looked up."""
    return unicodedata.normalize("NFC", typed)


def usernames(typed: str) -> Iterator[str]:
    """Under what an account may be kept: the name, and what was typed, for an account of before this form."""
    yield username(typed)
    if typed != username(typed):
        yield typed


def is_usable(text: str, longest: int) -> bool:
    """Whether one can sign in with it: `POST /v1/auth/token` takes it, and so does every database."""
    return is_storable(text) and bool(text.strip()) and len(text) <= longest
