"""Bodies that cost much: floods of faults and values, tables, and the largest packs that are right."""

import json
import math
from collections.abc import Iterator
from itertools import islice, product
from string import ascii_lowercase
from typing import Any

from sigap_common.http.request_limits import MOST_VALUES

MIB = 1024 * 1024
FEW = MOST_VALUES * 9 // 10
"""Values of a flood that is let in."""
CORNERS = 100_000
"""Of an official coastline."""


def names(count: int) -> list[str]:
    return ["".join(letters) for letters in islice(product(ascii_lowercase, repeat=4), count)]


def _members(count: int, length: int = 1) -> str:
    return "{" + ",".join(f'"{name * length}":1' for name in names(count)) + "}"


def _floods() -> Iterator[tuple[str, bytes]]:
    """Up to a mebibyte each of what makes many faults or many values; the largest that are let in, and larger ones."""
    yield "unknown members", _members(FEW, 4).encode()
    yield "more unknown members", _members(115_000).encode()
    yield "one long name", b'{"' + b"a" * (MIB - 10) + b'":1}'
    yield "empty rows", b"[" + b"{}," * 4999 + b"{}]"
    yield "rows of unknown members", ("[" + ",".join([_members(22)] * (FEW // 23)) + "]").encode()
    yield "more rows of unknown members", ("[" + ",".join([_members(22)] * 4900) + "]").encode()
    yield "numbers", b"[" + b"123456789.123456," * FEW + b"1]"
    yield "more numbers", b"[" + b"1," * 500_000 + b"1]"
    yield "lists", b"[" + b"[]," * (FEW // 2) + b"[]]"
    yield "deep lists", b"[" * (MIB - 1)
    yield "deep objects", b'{"a":' * 200_000
    yield "digits", b"9" * (MIB - 1)
    yield "many long numbers", b"[" + b"9" * 4300 + (b"," + b"9" * 4300) * 242 + b"]"
    yield "a long fraction", b"0." + b"3" * (MIB - 3)
    yield "a mebibyte of quotes", b'"' * (MIB - 1)


FLOODS = dict(_floods())

TABLES = {
    "commas": b"," * (MIB - 1),
    "lines": b"\n" * (MIB - 1),
    "a header of one column": b"day," * (MIB // 4 - 1),
    "one long cell": b"staff_number,day,shift\n" + "\u0301\u0316".encode() * 30_000 + b",2099-03-01,malam\n",
    "quotes": b'"' * (MIB - 1),
    "spaces": b" " * (MIB - 1),
    "rows without cells": b"staff_number,day,shift\n" + b"x,,\n" * 5000,
    "rows of unknown people": b"staff_number,day,shift\n" + b"x,y,z\n" * 5000,
    "rows of unknown shifts": b"staff_number,day,shift\n" + b"OP-07,2099-03-01,z\n" * 5000,
}


def coast(corners: int = CORNERS, *, lat: float = -3.8, lon: float = 102.3) -> list[tuple[float, float]]:
    """A ring with so many corners, around a place, that does not cross itself."""
    turns = [2 * math.pi * corner / corners for corner in range(corners)]
    reach = [0.1 + 0.001 * math.sin(50 * turn) for turn in turns]
    ring = [
        (round(lon + r * math.cos(turn), 7), round(lat + r * math.sin(turn), 7))
        for r, turn in zip(reach, turns, strict=True)
    ]
    return [*ring, ring[0]]


def zone(ring: list[tuple[float, float]]) -> dict[str, Any]:
    return {"zone": {"type": "Polygon", "coordinates": [ring]}}


def crossing() -> list[tuple[float, float]]:
    """A coast of which two corners are in each other's place."""
    ring = coast()
    ring[100], ring[50_000] = ring[50_000], ring[100]
    return ring


def places(count: int = 50_000) -> dict[str, Any]:
    """A gazetteer as long as one may be."""
    one = {"kind": "landmark", "lat": -3.79, "lon": 102.26}
    return {"gazetteer": [one | {"name": f"Tempat {number}"} for number in range(count)]}


def not_json() -> bytes:
    """The largest body that is read: a pack whose last brace is missing."""
    return json.dumps(zone(coast(130_000))).encode()[:-1]
