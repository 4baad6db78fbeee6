"""Packs in force without a service that loads them."""

from sigap_common.regency import Pack
from sigap_common.regency.by_section import split
from sigap_common.regency.in_force import PacksInForce
from sigap_common.regency.model import SECTIONS


def in_force(*packs: Pack) -> PacksInForce:
    """These packs, with all their sections."""
    kept = PacksInForce(SECTIONS)
    for pack in packs:
        kept.keep(1, pack.code, split(pack))
    return kept
