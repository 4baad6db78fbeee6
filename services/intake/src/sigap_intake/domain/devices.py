"""Reads the IMEI that an exchange tells of the caller's telephone.

A call without a SIM card has no number, but its telephone has an IMEI. By that alone several such calls are one
caller's, so an IMEI that may be anybody's is not taken.
"""

from dataclasses import dataclass
from re import IGNORECASE
from re import compile as regex

CHECK_DIGIT = "imei_check_digit"
PLACEHOLDER = "imei_placeholder"
UNREADABLE = "imei_unreadable"

_WRITTEN = regex(r"(?:imei[:= ]\s{0,4})?([0-9]{2}[0-9 ./-]{12,20})", IGNORECASE)
# RFC 7254: type allocation code, serial number, and a digit that is no check digit.
_URN = regex(r"<?urn:gsma:imei:([0-9]{8})-([0-9]{6})-[0-9](?:;[^<>]*)?>?", IGNORECASE)
_BETWEEN = str.maketrans("", "", " ./-")
_LENGTH = 15
_ROW = "0123456789" * 3
_OF_TESTS = "00"
"""Telephones that are made for tests begin so, and a network that does not know the IMEI tells zeros."""


@dataclass(frozen=True, slots=True)
class Device:
    """`imei`: its 15 digits; None if the text names no single telephone. `complaint`: the code of a complaint then."""

    imei: str | None
    complaint: str = ""


def read(written: str) -> Device:
    """The telephone that a text names: an IMEI of 15 digits with usual signs between them, or its URN."""
    if urn := _URN.fullmatch(written):
        body = urn[1] + urn[2]
        return _unless_anybodys(body + check_digit(body))
    told = _WRITTEN.fullmatch(written)
    digits = told[1].translate(_BETWEEN) if told else ""
    if len(digits) != _LENGTH:
        return Device(None, UNREADABLE)
    return _unless_anybodys(digits) if digits[-1] == check_digit(digits[:-1]) else Device(None, CHECK_DIGIT)


def check_digit(body: str) -> str:
    """The last digit of an IMEI by its first 14 (Luhn's formula; 3GPP TS 23.003, annex B)."""
    doubled = (2 * int(digit) for digit in body[1::2])
    total = sum(int(digit) for digit in body[0::2]) + sum(two // 10 + two % 10 for two in doubled)
    return str(-total % 10)


def _unless_anybodys(imei: str) -> Device:
    body = imei[:-1]
    anybodys = imei.startswith(_OF_TESTS) or len(set(body)) == 1 or body in _ROW
    return Device(None, PLACEHOLDER) if anybodys else Device(imei)
