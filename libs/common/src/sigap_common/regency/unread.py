"""The keys of a pack that nothing reads yet. They are checked and kept; `sigap regency apply` says so of each."""

from collections.abc import Iterator, Mapping, Sequence

ANY = "*"
"""Stands for any entry of a list."""
UNREAD: tuple[tuple[str, ...], ...] = (
    ("population",),
    ("cctv_total",),
    ("incident_types", ANY, "eido_value"),
    ("service_levels", "answer_within_s"),
    ("service_levels", "answer_share"),
    ("service_levels", "answer_latest_s"),
    ("service_levels", "answer_latest_share"),
    ("service_levels", "promise_s"),
    ("service_levels", "processing_s"),
    ("service_levels", "processing_share"),
    ("retention", "recordings_days"),
)
"""A test compares this list with the keys that the services read."""


def unread_keys(document: Mapping[str, object]) -> list[str]:
    """The JSON pointers of the keys that the document has and that nothing reads."""
    return [pointer for path in UNREAD for pointer in _found(document, path, "")]


def _found(part: object, path: Sequence[str], at: str) -> Iterator[str]:
    if not path:
        yield at
    elif path[0] == ANY and isinstance(part, list):
        for index, entry in enumerate(part):
            yield from _found(entry, path[1:], f"{at}/{index}")
    elif isinstance(part, dict) and path[0] in part:
        yield from _found(part[path[0]], path[1:], f"{at}/{path[0]}")
