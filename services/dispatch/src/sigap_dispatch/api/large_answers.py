"""Answers that hold a whole pack, which may have megabytes."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Response

from sigap_common.core.large_json import LARGE, write_large
from sigap_common.core.workers import PACKS


def is_large(contents: Sequence[str]) -> bool:
    """Whether the stored sections of a pack are too long to be written while requests wait."""
    return sum(map(len, contents)) > LARGE


async def in_a_thread(told: Any, headers: Mapping[str, str] | None = None) -> Response:
    """The answer, written as JSON in a thread: requests go on meanwhile. Raises Unavailable if too much waits there."""
    return Response(await PACKS.run(write_large, told), media_type="application/json", headers=headers)
