"""Reading and writing large JSON documents in a thread, so that all other threads get their turn.

The readers and writers in C hold the interpreter from the beginning of a document to its end: 60 ms for a zone of
100,000 corners, three times as much for the largest pack. The functions here take ten times as long, but in steps of
microseconds.
"""

from json import JSONDecoder, JSONEncoder
from json.scanner import py_make_scanner  # type: ignore[attr-defined]
from typing import Any

LARGE = 1024 * 1024
"""Bytes. A smaller document is read in C within 20 ms."""


class _Decoder(JSONDecoder):
    def __init__(self) -> None:
        super().__init__()
        self.scan_once = py_make_scanner(self)  # JSONDecoder's own is the one in C


_decoder = _Decoder()
_encoder = JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def read_large(document: str | bytes) -> Any:
    """The value of a document. Raises ValueError if it is not JSON in UTF-8, RecursionError if it is nested about 300
    deep.
    """
    return _decoder.decode(document if isinstance(document, str) else document.decode())


def write_large(value: object) -> bytes:
    """The value as JSON in UTF-8. Raises ValueError for NaN or infinity."""
    return "".join(_encoder.iterencode(value)).encode()
