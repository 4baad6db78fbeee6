"""Snapshots of each event's published JSON Schema, and the check that new schemas are compatible.

    python -m sigap_cli.contract_snapshots     rewrites the files; refuses changes that are not additive

Changes are additive: fields that readers use stay, and stored events can still be read.
"""

import json
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from sigap_common.contracts.base import Event
from sigap_common.contracts.registry import event_types

FOLDER = Path(str(files("sigap_common.contracts"))) / "schemas"
Schema = dict[str, Any]


def schema_of(event: type[Event]) -> Schema:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **event.model_json_schema()}


def written(event: type[Event]) -> str:
    """The snapshot's text."""
    return json.dumps(schema_of(event), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def snapshot_of(event: type[Event]) -> Schema | None:
    """The published schema; None for a new event."""
    path = path_of(event)
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def path_of(event: type[Event]) -> Path:
    return FOLDER / f"{event.__name__}.json"


def breaches(before: Schema, now: Schema) -> list[str]:
    """The incompatible changes from `before` to `now`: a removed field, a field that is now required (stored events do
    not have it), a changed type or format, a removed value.
    """
    return list(_breaches(_Pair(before, now, before, now, ""), set()))


class _Pair:
    """A schema before and now, with the documents that their references point into."""

    def __init__(self, before_root: Schema, now_root: Schema, before: Schema, now: Schema, at: str) -> None:
        self.roots = before_root, now_root
        self.names = before.get("$ref", ""), now.get("$ref", "")
        self.before, self.now = _resolved(before, before_root), _resolved(now, now_root)
        self.at = at

    def below(self, before: Schema, now: Schema, step: str) -> "_Pair":
        return _Pair(*self.roots, before, now, f"{self.at}/{step}")


def _resolved(schema: Schema, root: Schema) -> Schema:
    name = schema.get("$ref", "").rpartition("/")[2]
    return root["$defs"][name] if name else schema


def _breaches(pair: _Pair, seen: set[tuple[str, str]]) -> Iterator[str]:
    if pair.names[0]:
        if pair.names in seen:
            return
        seen.add(pair.names)
    yield from _type_breaches(pair)
    yield from _field_breaches(pair)
    for name, before in pair.before.get("properties", {}).items():
        if name in pair.now.get("properties", {}):
            yield from _breaches(pair.below(before, pair.now["properties"][name], name), seen)
    for word in ("items", "additionalProperties"):
        if isinstance(pair.before.get(word), dict) and isinstance(pair.now.get(word), dict):
            yield from _breaches(pair.below(pair.before[word], pair.now[word], word), seen)
    for before, now in _alternatives(pair):
        yield from _breaches(pair.below(before, now, "or"), seen)


def _field_breaches(pair: _Pair) -> Iterator[str]:
    before, now = pair.before.get("properties", {}), pair.now.get("properties", {})
    for name in sorted(before.keys() - now.keys()):
        yield f"{pair.at}/{name} vanished"
    demanded = set(pair.now.get("required", ())) - set(pair.before.get("required", ()))
    for name in sorted(demanded):
        yield f"{pair.at}/{name} is newly demanded: what lies on the bus has it not"


def _type_breaches(pair: _Pair) -> Iterator[str]:
    for word in ("type", "format", "const"):
        if pair.before.get(word) != pair.now.get(word):
            yield f"{pair.at or '/'}: {word} was {pair.before.get(word)!r}, is {pair.now.get(word)!r}"
    gone = set(map(str, pair.before.get("enum", ()))) - set(map(str, pair.now.get("enum", ())))
    if "enum" in pair.now and gone:
        yield f"{pair.at or '/'}: no longer says {', '.join(sorted(gone))}"
    kinds_before, kinds_now = _kinds(pair.before, pair.roots[0]), _kinds(pair.now, pair.roots[1])
    if kinds_before - kinds_now:
        yield f"{pair.at or '/'}: can no longer be {', '.join(sorted(kinds_before - kinds_now))}"


def _kinds(schema: Schema, root: Schema) -> set[str]:
    return {_kind(_resolved(one, root)) for one in _alternatives_of(schema)}


def _alternatives_of(schema: Schema) -> list[Schema]:
    return [*schema.get("anyOf", ()), *schema.get("oneOf", ())]


def _kind(schema: Schema) -> str:
    """The key of an alternative: its title, otherwise type and format."""
    return str(schema.get("title") or f"{schema.get('type')} {schema.get('format', '')}".strip())


def _alternatives(pair: _Pair) -> Iterator[tuple[Schema, Schema]]:
    now = {_kind(_resolved(one, pair.roots[1])): one for one in _alternatives_of(pair.now)}
    for before in _alternatives_of(pair.before):
        kind = _kind(_resolved(before, pair.roots[0]))
        if kind in now:
            yield before, now[kind]


def rewrite() -> list[str]:
    """Rewrites every snapshot and removes none. Incompatible changes are not written, but returned."""
    refused: list[str] = []
    FOLDER.mkdir(exist_ok=True)
    for event in event_types():
        before = snapshot_of(event)
        found = breaches(before, schema_of(event)) if before else []
        refused += [f"{event.__name__}{breach}" for breach in found]
        if not found:
            path_of(event).write_text(written(event), "utf-8")
    return refused


if __name__ == "__main__":
    sys.exit("\n".join(rewrite()) or 0)
