"""Erasing: sealed values in a stored JSON document become null. No key is needed, since nothing is opened."""

import json
from collections.abc import Callable
from typing import Any

from sigap_common.personal_data.sealed import is_token

HASHES = frozenset({"caller_hash", "number_hash"})
"""Keyed hashes of telephone numbers. With the key they identify a person, so they are erased with the number."""


def erase_values(text: str, over: Callable[[str], bool]) -> str:
    """The JSON text with null for each personal value for whose field name `over` returns true. The same text if there
    is none.
    """
    if '"s1.' not in text and not any(name in text for name in HASHES):
        return text
    erased, changed = _erased("", json.loads(text), over)
    return json.dumps(erased, separators=(",", ":"), ensure_ascii=False) if changed else text


def _erased(name: str, value: Any, over: Callable[[str], bool]) -> tuple[Any, bool]:
    if isinstance(value, dict):
        pairs = {inner: _erased(inner, kept, over) for inner, kept in value.items()}
        return {inner: pair[0] for inner, pair in pairs.items()}, any(pair[1] for pair in pairs.values())
    if isinstance(value, list):
        found = [_erased(name, inner, over) for inner in value]
        return [one for one, _ in found], any(changed for _, changed in found)
    is_personal = isinstance(value, str) and (name in HASHES or is_token(value))
    return (None, True) if is_personal and over(name) else (value, False)
