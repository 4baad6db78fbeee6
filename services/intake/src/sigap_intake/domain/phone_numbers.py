"""Converts telephone numbers to E.164."""

import unicodedata
from re import compile as regex

_LONGEST = 40
# Nearly every number has this form. To ask the library for each of them took 4 % of a busy intake's time; a test
# compares this pattern with the library.
_MOBILE_OF_INDONESIA = regex(r"\+628[0-9]{8,10}")
# The library reads letters as the keys of a telephone, and text after a typing error as an extension. Either could give
# another person's number, so only these characters are accepted.
_WRITTEN = regex(r"(tel:)?[+0-9()./\s-]+")
# A spreadsheet that reads the number as an amount adds a fraction (`.0`). Its zero would become one more digit.
_FRACTION = regex(r"\.0+$")
_NOT_DIALLED = regex(r"[^+0-9]")
_COUNTRY = "62"
# Exchanges leave out the plus sign, or write an international prefix (ITU 00; Indonesia 001, 007, 008, 009, 010xx). At
# least eight digits must follow 62: in a shorter number 62 is an area code of Sumatra.
_TO_INDONESIA = regex(r"(?:\+?00[1789]?|\+?010[0-9]{2}|\+0?|0(?=628))?62(?=[0-9]{8,})")
_TO_ELSEWHERE = regex(r"\+?00(?=[1-9])")


def normalise(number: str, region: str = "ID") -> str | None:
    """The number in E.164 (`+628123456789`), from the form in which a person or an exchange wrote it; None if it cannot
    be a subscriber's number.

    `region` (ISO 3166 alpha-2) is the country of a number without a country code. A number of a possible length is
    accepted even if its prefix is not assigned: the library knows new prefixes only later.
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
    """The text with ordinary digits, dashes, plus signs and spaces, and without invisible characters.

    Telephones and messengers copy numbers with direction marks, zero-width spaces, non-breaking hyphens, full-width
    or Arabic digits. Without this step one caller would become two.
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
    """The possible meanings of the digits, the most likely first."""
    to_indonesia = _TO_INDONESIA.match(dialled)
    if to_indonesia:
        return [f"+{_COUNTRY}{_without_second_country(dialled[to_indonesia.end() :])}", dialled]
    if to_elsewhere := _TO_ELSEWHERE.match(dialled):
        return [f"+{dialled[to_elsewhere.end() :]}", dialled]
    return [dialled.removeprefix("+") if dialled.startswith("+0") else dialled]


def _without_second_country(subscriber: str) -> str:
    """The subscriber's number without a second 62. Some exchanges put 62 before a number that has it already. A number
    of Sumatra that really begins with 62 is shorter.
    """
    rest = subscriber.removeprefix(_COUNTRY)
    longest_of_sumatra = 10 if rest.startswith("8") else 11
    return rest if rest != subscriber and len(subscriber) > longest_of_sumatra else subscriber


def _possible(dialled: str, region: str) -> str | None:
    # The library's metadata takes some megabytes. A process that normalises no numbers must not load it.
    import phonenumbers

    try:
        parsed = phonenumbers.parse(dialled, region)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(parsed) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None  # also a local number without its area code, because the area is unknown
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
