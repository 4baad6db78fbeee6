"""Telephone numbers as E.164."""

from re import compile as regex

_LONGEST = 40
# Nearly every caller. Asking the library costs a busy intake one part in twenty-five of its time, and is what the
# test does.
_MOBILE_OF_INDONESIA = regex(r"\+628[0-9]{8,10}")


def normalise(number: str, region: str = "ID") -> str | None:
    """`number` as people or exchanges write it, in E.164 (`+628123456789`); None if it cannot be a
    subscriber's.

    `region` (ISO 3166 alpha-2) is where a number without a country code belongs. A number that is possible by
    its length is taken even if its prefix is not assigned: numbering plans grow faster than their copies.
    """
    if _MOBILE_OF_INDONESIA.fullmatch(number):
        return number
    # The metadata of all countries takes some megabytes; a process that normalises nothing does not load it.
    import phonenumbers

    if len(number) > _LONGEST:
        return None
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
