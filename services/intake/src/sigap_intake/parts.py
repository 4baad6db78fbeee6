"""What a running intake holds beside its tables: the zones."""

from typing import TYPE_CHECKING

from sigap_common.pack import Pack
from sigap_common.service import Parts
from sigap_intake.zoning import Zoning

if TYPE_CHECKING:
    from sigap_common.runtime import Runtime


class IntakeParts(Parts):
    def __init__(self, runtime: "Runtime") -> None:
        super().__init__(runtime)
        self.zoning = Zoning()

    def pack_changed(self, pack: Pack) -> None:
        self.zoning.update(pack)
