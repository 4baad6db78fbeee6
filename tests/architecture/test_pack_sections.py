"""docs/architecture.md says which service keeps which section of a pack."""

import re
from pathlib import Path

from sigap_common.app.manifest import services
from sigap_common.regency.in_force import EVERY_SERVICE
from sigap_common.regency.model import SECTIONS, Pack

DOCS = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text("utf-8")


def rows() -> dict[str, tuple[list[str], list[str]]]:
    """Keys and services by section, as the table has them."""
    table = DOCS.partition("| section | keys | kept by |\n|---|---|---|\n")[2].partition("\n\n")[0]
    cells = [line.strip("|").split("|") for line in table.splitlines()]
    return {
        section.strip(" `"): (re.findall(r"`(\w+)`", keys), [name.strip() for name in kept.split(",") if name.strip()])
        for section, keys, kept in cells
    }


def test_the_table_has_the_keys_of_every_section() -> None:
    told = {name: keys for name, (keys, _) in rows().items()}
    in_code = {name: list(section.model_fields) for name, section in SECTIONS.items()}
    assert told == in_code, "docs/architecture.md, the table of sections"


def test_a_pack_has_the_keys_of_its_sections_in_their_order() -> None:
    in_sections = [key for section in SECTIONS.values() for key in section.model_fields]
    assert list(Pack.model_fields) == in_sections, "regency/model.py: SECTIONS and the bases of Pack, in opposite order"


def test_the_table_has_the_services_that_name_a_section() -> None:
    named = {service.name: set(service.sections) for service in services()}
    assert not [name for name, sections in named.items() if sections - SECTIONS.keys()]
    for section, (_, kept) in rows().items():
        if section in EVERY_SERVICE:
            assert kept == ["every service"]
        else:
            assert sorted(kept) == sorted(name for name, sections in named.items() if section in sections)
