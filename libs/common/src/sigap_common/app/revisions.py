"""A service's newest revision, told without loading Alembic.

A revision's file is named `<revision>_<what>.py`; revisions are numbered, the highest is the newest.
"""

from importlib import resources

from sigap_common.app.manifest import AnyService


def newest(service: AnyService) -> str:
    """The newest revision of a service."""
    versions = resources.files(service.migrations) / "versions"
    return max(entry.name.partition("_")[0] for entry in versions.iterdir() if entry.name.endswith(".py"))
