"""What a stored list entry is made of, so that a test notices a change of it."""

import json
from hashlib import sha256
from typing import Any

from pydantic import BaseModel

_WORDS = {"description", "title", "example", "examples"}


def form_of(model: type[BaseModel]) -> str:
    """A digest of the fields that the model answers with, and of those within them. Words about them do not count."""
    schema = model.model_json_schema(mode="serialization")
    fields = [_bare(one.get("properties")) for one in (schema, *schema.get("$defs", {}).values())]
    return sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:16]


def _bare(node: Any) -> Any:
    if isinstance(node, dict):
        return {name: _bare(part) for name, part in node.items() if name not in _WORDS or isinstance(part, dict)}
    return [_bare(part) for part in node] if isinstance(node, list) else node
