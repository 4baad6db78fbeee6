"""The words of names and places by which an incident is found, in whatever way they were written."""

import unicodedata
from re import compile as regex

_WORD = regex(r"[^\W_]+")
_OF_EVERY_PLACE = frozenset({"dan", "dekat", "depan", "di", "gang", "gg", "jalan", "jl", "jln", "no", "nomor"})
_TITLES = frozenset({"bang", "bapak", "bpk", "bu", "haji", "hj", "ibu", "kak", "mas", "mba", "mbak", "pak", "tn"})
MOST_WORDS = 12


def words(text: str) -> tuple[str, ...]:
    """The words without accents, in small letters, each once, at most MOST_WORDS. Words that stand in nearly every
    place or before a name, such as `Jalan` and `Ibu`, are left out, unless there is nothing else.
    """
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    found = tuple(dict.fromkeys(_WORD.findall(plain.casefold())))
    return (tuple(word for word in found if word not in _OF_EVERY_PLACE | _TITLES) or found)[:MOST_WORDS]
