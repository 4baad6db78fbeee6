"""Telephone numbers as E.164."""

_LONGEST = 40


def normalise(number: str, region: str = "ID") -> str | None:
    """`number` as people or exchanges write it, in E.164 (`+628123456789`); None if it cannot be a
    subscriber's.

    `region` (ISO 3166 alpha-2) is where a number without a country code belongs. A number that is possible by
    its length is taken even if its prefix is not assigned: numbering plans grow faster than their copies.
    """
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
