"""Plugins found by entry point: services, channels, commands. If one cannot be loaded, the start fails and names it."""

from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any


class CannotLoad(Exception):
    """A plugin cannot be loaded. The error stops the start and names the plugin."""


def loaded(group: str, names: Sequence[str] | None = None) -> dict[str, Any]:
    """The objects of an entry point group by name. Raises CannotLoad."""
    found = {point.name: point for point in entry_points(group=group)}
    for missing in set(names or ()) - found.keys():
        raise CannotLoad(f"nothing called {missing!r} in {group}; there are {', '.join(sorted(found))}")
    return {name: _load(point) for name, point in sorted(found.items()) if names is None or name in names}


def installed_names(group: str) -> frozenset[str]:
    """The names in an entry point group; nothing is loaded."""
    return frozenset(point.name for point in entry_points(group=group))


def _load(point: EntryPoint) -> Any:
    try:
        return point.load()
    except Exception as error:
        raise CannotLoad(f"{point.name} ({point.value}) does not load: {error}") from error
