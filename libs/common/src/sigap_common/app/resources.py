"""What a running service holds beside its tables."""

from typing import TYPE_CHECKING

from sigap_common.regency import Pack

if TYPE_CHECKING:
    from sigap_common.app.runtime import Runtime


class Resources:
    """What a running service holds beside its tables, such as an index or an HTTP client. One a process."""

    def __init__(self, runtime: "Runtime") -> None:
        self.runtime = runtime

    async def start(self) -> None:
        """Before the first request."""

    async def stop(self) -> None:
        """After the last one."""

    def pack_changed(self, pack: Pack) -> None:
        """A pack, zone included, was loaded or replaced in this process."""
