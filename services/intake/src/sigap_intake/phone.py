"""Telephone numbers as E.164."""

import unicodedata
from re import compile as regex

_LONGEST = 40
# Nearly every caller. Asking the library costs a busy intake one part in twenty-five of its time, and is what the
# test does.
_MOBILE_OF_INDONESIA = regex(r"\+628[0-9]{8,10}")
# The library takes letters for keys of a telephone, and what follows a slip for an extension: somebody else's number.
_WRITTEN = regex(r"(tel:)?[+0-9()./\s-]+")
# A spreadsheet that took the number for an amount adds a fraction, whose zero would become one more digit.
_FRACTION = regex(r"\.0+$")
_NOT_DIALLED = regex(r"[^+0-9]")
_COUNTRY = "62"
# Exchanges leave out the plus sign, or write what one dials to reach another country (ITU 00; Indonesia 001, 007, 008,
# 009, 010xx). Of 62 without any of these at least eight digits must follow: a shorter one is an area code of Sumatra.
_TO_INDONESIA = regex(r"(?:\+?00[1789]?|\+?010[0-9]{2}|\+0?|0(?=628))?62(?=[0-9]{8,})")
_TO_ELSEWHERE = regex(r"\+?00(?=[1-9])")


def normalise(number: str, region: str = "ID") -> str | None:
    """`number` as people or exchanges write it, in E.164 (`+628123456789`); None if it cannot be a
    subscriber's.

    `region` (ISO 3166 alpha-2) is where a number without a country code belongs. A number that is possible by
    its length is taken even if its prefix is not assigned: numbering plans grow faster than their copies.
    """
    if _MOBILE_OF_INDONESIA.fullmatch(number):
        return number
    plain = plain_signs(number)
    if len(plain) > _LONGEST or not _WRITTEN.fullmatch(plain):
        return None
    dialled = _NOT_DIALLED.sub("", _FRACTION.sub("", plain))
    found = (_possible(way, region) for way in (_ways(dialled) if region == "ID" else [dialled]))
    return next(filter(None, found), None)


def plain_signs(text: str) -> str:
    """The text with ordinary digits, dashes, plus signs and spaces, and without signs that nobody sees.

    Telephones and messengers copy numbers with direction marks, zero-width spaces, non-breaking hyphens, full-width
    or Arabic digits. All of them would make two callers of one.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    return "".join(_plain(sign) for sign in unicodedata.normalize("NFKC", text)).strip()


def _plain(sign: str) -> str:
    category = unicodedata.category(sign)
    if category == "Nd":
        return str(unicodedata.digit(sign))
    if category == "Pd" or sign == "\N{MINUS SIGN}":
        return "-"
    if sign.isspace():
        return " "
    return "" if category[0] in "CM" else sign


def _ways(dialled: str) -> list[str]:
    """How the digits can be meant, the likeliest first."""
    to_indonesia = _TO_INDONESIA.match(dialled)
    if to_indonesia:
        return [f"+{_COUNTRY}{_without_second_country(dialled[to_indonesia.end() :])}", dialled]
    if to_elsewhere := _TO_ELSEWHERE.match(dialled):
        return [f"+{dialled[to_elsewhere.end() :]}", dialled]
    return [dialled.removeprefix("+") if dialled.startswith("+0") else dialled]


def _without_second_country(subscriber: str) -> str:
    """Some exchanges put 62 before a number that has it already. No number within Indonesia that begins with 62 (an
    area of Sumatra) is as long as that.
    """
    rest = subscriber.removeprefix(_COUNTRY)
    longest_of_sumatra = 10 if rest.startswith("8") else 11
    return rest if rest != subscriber and len(subscriber) > longest_of_sumatra else subscriber


def _possible(dialled: str, region: str) -> str | None:
    # The metadata of all countries takes some megabytes; a process that normalises nothing does not load it.
    import phonenumbers

    try:
        parsed = phonenumbers.parse(dialled, region)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(parsed) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None  # also one that could be dialled only beside its area code, which nobody knows
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
