"""Telephone numbers as E.164."""

from re import compile as regex

_LONGEST = 40
# Nearly every caller. Asking the library costs a busy intake one part in twenty-five of its time, and is what the
# test does.
_MOBILE_OF_INDONESIA = regex(r"\+628[0-9]{8,10}")
# The library takes letters for keys of a telephone, and what follows a slip for an extension: somebody else's number.
_WRITTEN = regex(r"(tel:)?[+0-9()./\s-]+")


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

    if len(number) > _LONGEST or not _WRITTEN.fullmatch(number):
        return None
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(parsed) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None  # also one that could be dialled only beside its area code, which nobody knows
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
