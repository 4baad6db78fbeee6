"""Parses the messages of a live stream."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """One message of Server-Sent Events; `data` is its JSON."""

    event: str
    id: str | None
    data: Any


def messages(body: bytes) -> list[Message]:
    """The messages in the bytes of a stream, without comments."""
    parts = [dict(_fields(part)) for part in body.decode().split("\n\n")]
    return [Message(part["event"], part.get("id"), json.loads(part["data"])) for part in parts if "event" in part]


def _fields(part: str) -> list[tuple[str, str]]:
    lines = [line.partition(": ") for line in part.split("\n")]
    return [(name, value) for name, _, value in lines]
