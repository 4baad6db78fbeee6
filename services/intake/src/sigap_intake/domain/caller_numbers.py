"""Reads the caller's number from the text that an exchange, an app or a person put into the number field.

One subscriber is one caller, however the number is written. A placeholder for a withheld number is not a caller:
otherwise all callers who withhold their number would share one history, one block and one incident.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from re import IGNORECASE
from re import compile as regex
from urllib.parse import unquote

from sigap_intake.domain.phone_numbers import normalise, plain_signs

PLACEHOLDER = "number_placeholder"
SEVERAL = "number_several"
UNREADABLE = "number_unreadable"

# Nearly every number has this form, so it is tested first and saves the other steps.
_MOBILE_OF_INDONESIA = regex(r"\+628[0-9]{8,10}")
# RFC 3261 and RFC 3966: the number stands between the scheme and a host or parameters.
_IN_URI = regex(r"(?:sips?|tel):([^@;>,\s]*)", IGNORECASE)
_IN_BRACKETS = regex(r"<([^<>]*)>")
_BETWEEN_TWO = regex(r"[;,|&\n]|\s(?:atau|dan|or|and)\s|(?<=[0-9])\s*(?=\+)")
_BETWEEN_PARTS = regex(r"\s{0,4}/\s{0,4}|\s{1,4}-\s{1,4}")
_WITH_COUNTRY = regex(r"^0*62")
_NO_DIGIT = regex(r"[^0-9]")
_NO_LETTER = regex(r"[\W\d_]")
_QUOTES = "\"'`\u2018\u2019\u201c\u201d \t"

# fmt: off
WITHHELD = frozenset({
    "anonymous", "anonymouscaller", "anonim", "blocked", "blockedcaller", "callerunknown", "confidential",
    "disembunyikan", "hidden", "na", "nan", "nil", "nocallerid", "nomorpribadi", "nomorrahasia",
    "nomortersembunyi", "none", "nonumber", "notavailable", "notprovided", "null", "o", "outofarea", "p",
    "payphone", "pribadi", "private", "privatecaller", "privatenumber", "rahasia", "restricted", "tanpanomor",
    "tidakada", "tidakdikenal", "tidakdiketahui", "tidaktersedia", "tnp", "u", "unavailable", "undefined",
    "unknown", "unknowncaller", "unknownnumber", "withheld",
})
# fmt: on
"""Words that exchanges send instead of a withheld number, without spaces and signs."""
_DIALLED_WORDS = ("anonymous", "blocked", "private", "restricted", "unavailable", "unknown")
_KEYS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
_UP, _DOWN = "012345678901234567890", "098765432109876543210"
_LEAST_IN_A_ROW = 6
_LEAST_OF_A_LANDLINE, _LEAST_OF_A_MOBILE = 8, 9
_MOST_PARTS = 8


@dataclass(frozen=True, slots=True)
class CallerNumber:
    """`e164` is the subscriber's number; None if the text has no number that can be called back. `complaint` is the
    code of a complaint about the text; None if the text is in order.
    """

    e164: str | None
    complaint: str | None = None


def read(written: str) -> CallerNumber:
    """The caller's number in a text. If the text has several numbers, the first that can be read counts."""
    # If all digits after +628 are the same, the number may be a placeholder; the steps below decide that.
    if _MOBILE_OF_INDONESIA.fullmatch(written) and written[4:].strip(written[-1]):
        return CallerNumber(written)
    if _stands_for_nobody(written):
        return CallerNumber(None, PLACEHOLDER)
    found = [e164 for part in _parts(written) if (e164 := normalise(part))]
    people = [e164 for e164 in found if not _is_placeholder(e164)]
    if not people:
        return CallerNumber(None, PLACEHOLDER if found else UNREADABLE)
    return CallerNumber(people[0], SEVERAL if len(set(people)) > 1 else None)


def _stands_for_nobody(written: str) -> bool:
    """Whether the text is a word such as `anonymous`, has signs only, or is a row of digits that no subscriber has."""
    digits = _NO_DIGIT.sub("", plain_signs(written))
    if digits:
        known = digits in _words_as_dialled() or _is_row(digits) or _is_row(_WITH_COUNTRY.sub("", digits))
        return known and not _NO_LETTER.sub("", written)
    user = next(iter(_IN_URI.findall(written)), written).partition("@")[0]
    letters = _NO_LETTER.sub("", user).casefold()
    return not letters or letters in WITHHELD


def _is_placeholder(e164: str) -> bool:
    import phonenumbers  # imported here because nearly no number needs it

    return _is_row(str(phonenumbers.parse(e164).national_number))


def _is_row(digits: str) -> bool:
    """Whether the digits are all the same (0000000000), one and zeros (8000000), or go up or down one by one."""
    if len(set(digits)) == 1:
        return True
    zeros_alone = not digits.lstrip("0")[1:].strip("0")
    return len(digits) >= _LEAST_IN_A_ROW and (zeros_alone or digits in _UP or digits in _DOWN)


@cache
def _words_as_dialled() -> frozenset[str]:
    """The words as digits. VoIP gateways write a word by the keys of a telephone: +266696687 is ANONYMOUS."""
    return frozenset(word.translate(_KEYS) for word in _DIALLED_WORDS)


def _parts(written: str) -> Iterator[str]:
    """The parts of the text that may each be a number, in order. Two parts are never joined: the result could be the
    number of a third person.
    """
    told = _IN_URI.findall(written) or _IN_BRACKETS.findall(written) or _BETWEEN_TWO.split(written)
    for part in told[:_MOST_PARTS]:
        yield from _apart(unquote(part).partition("@")[0].strip(_QUOTES))


def _apart(part: str) -> Iterator[str]:
    """The numbers in one part. `0736/52004` is one number, `0736-52004/52005` is two: a slash ends a number if enough
    digits stand before it.
    """
    pieces = _BETWEEN_PARTS.split(plain_signs(part))
    if len(pieces) > 1:
        whole = next((n for n, so_far in enumerate(accumulate(pieces), 1) if _is_enough(so_far)), len(pieces))
        yield "".join(pieces[:whole])
        yield from pieces[whole:][:_MOST_PARTS]
        return
    words = pieces[0].split()
    if len(words) > 1 and all(map(_is_enough, words)):
        yield from words[:_MOST_PARTS]
        return
    yield pieces[0]


def _is_enough(digits: str) -> bool:
    """Whether there are enough digits for the whole number of a subscriber."""
    subscriber = _NO_DIGIT.sub("", digits).removeprefix("62").lstrip("0").removeprefix("62")
    return len(subscriber) >= (_LEAST_OF_A_MOBILE if subscriber.startswith("8") else _LEAST_OF_A_LANDLINE)
