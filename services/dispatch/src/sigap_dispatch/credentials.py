"""The normal form of user names and passwords. In it the same letters are equal, whichever computer wrote them.

One computer writes an accented letter as one character, another as a letter and an accent. RFC 8265 (section 4.2,
OpaqueString) compares passwords in Unicode's form NFC, with every kind of space replaced by the ordinary space.
"""

import unicodedata
from collections.abc import Iterator

from sigap_common.core.formats import is_storable


def password(typed: str) -> str:
    """The normal form of a password, which is hashed and compared."""
    spaces = "".join(" " if unicodedata.category(sign) == "Zs" else sign for sign in typed)
    return unicodedata.normalize("NFC", spaces)


def passwords(typed: str) -> Iterator[str]:
    """The texts to compare with a stored hash: the normal form and, for accounts older than this form, the text as
    typed.
    """
    yield password(typed)
    if typed != password(typed):
        yield typed


def username(typed: str) -> str:
    """The normal form of a user name, which is stored and looked up."""
    return unicodedata.normalize("NFC", typed)


def usernames(typed: str) -> Iterator[str]:
    """The names under which an account may be stored: the normal form and, for accounts older than it, the text as
    typed.
    """
    yield username(typed)
    if typed != username(typed):
        yield typed


def is_usable(text: str, longest: int) -> bool:
    """Whether `POST /v1/auth/token` and every database accept this text as a name or password."""
    return is_storable(text) and bool(text.strip()) and len(text) <= longest
