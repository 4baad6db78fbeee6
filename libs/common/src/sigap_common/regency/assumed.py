"""Checks that each assumption of a pack points at a value: by JSON pointer, in lists by number or by code."""

from collections.abc import Iterator
from typing import Any

from sigap_common.regency.findings import PackError, steps
from sigap_common.regency.model import Pack


def check_assumptions(pack: Pack) -> Iterator[PackError]:
    """An assumption about a place that the pack does not have is an error: the value has moved or gone."""
    if not pack.assumptions:
        return
    whole = pack.model_dump(mode="json", exclude={"zone": {"coordinates"}})
    for index, assumption in enumerate(pack.assumptions):
        if not _has(whole, assumption.at):
            yield PackError(f"/assumptions/{index}/at", "pack.assumption_nowhere", {"at": assumption.at})


def _has(value: Any, at: str) -> bool:
    for key in steps(at):
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and (entry := _entry(value, key)) is not None:
            value = entry
        else:
            return False
    return value is not None


def _entry(entries: list[Any], key: str) -> Any:
    if key.isdecimal():
        return entries[int(key)] if int(key) < len(entries) else None
    return next((entry for entry in entries if isinstance(entry, dict) and entry.get("code") == key), None)
