"""Sites: services without tables and without an API, such as pages for browsers. They share the others' origin."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.types import ASGIApp

from sigap_common.app.plugins import installed_names, loaded
from sigap_common.core.settings import CommonSettings

SERVICES, SITES = "sigap.services", "sigap.sites"
"""The groups of entry points."""


@dataclass(frozen=True, slots=True)
class Site:
    """The manifest of a service without tables."""

    name: str
    prefix: str
    """The path below which everything is the site's, such as `/console`."""
    application: Callable[[CommonSettings], ASGIApp]
    """Makes the application, which gets the whole path."""
    entrance: bool = False
    """Whether `/` of the origin leads to it."""

    def owns(self, path: str) -> bool:
        return path == self.prefix or path.startswith(f"{self.prefix}/")


def sites(names: Sequence[str] | None = None) -> list[Site]:
    """The installed sites, or the named ones. Raises CannotLoad."""
    return list(loaded(SITES, names).values())


def apart(names: Sequence[str] | None) -> tuple[list[str] | None, list[str] | None]:
    """Parts the names into those of services and those of sites. An unknown name counts as a service's."""
    if not names:
        return None, None
    of_sites = installed_names(SITES)
    return [name for name in names if name not in of_sites], [name for name in names if name in of_sites]
