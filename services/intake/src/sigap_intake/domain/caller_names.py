"""The words of a caller's name by which a call is found, in whatever way the name was written."""

import unicodedata
from re import compile as regex

_WORD = regex(r"[^\W_]+")
_TITLES = frozenset(
    {
        "bang",
        "bapak",
        "bpk",
        "bu",
        "h",
        "haji",
        "hj",
        "ibu",
        "kak",
        "mas",
        "mba",
        "mbak",
        "ny",
        "pak",
        "sdr",
        "sdri",
        "tn",
    }
)
MOST_WORDS = 10


def words(name: str) -> tuple[str, ...]:
    """The words without accents, in small letters, each once, at most MOST_WORDS. Titles such as `Ibu` are left out,
    unless there is nothing else.
    """
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    found = tuple(dict.fromkeys(_WORD.findall(plain.casefold())))
    return (tuple(word for word in found if word not in _TITLES) or found)[:MOST_WORDS]
