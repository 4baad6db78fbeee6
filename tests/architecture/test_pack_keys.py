"""Each key of a pack has a reader, or stands in the list of those that nothing reads, of which `apply` tells."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from sigap_common.regency import Pack
from sigap_common.regency.unread import ANY, UNREAD, unread_keys

ROOT = Path(__file__).parents[2]
NOT_READERS = {"checks.py", "plan_checks.py", "guidance_checks.py", "zone_checks.py"}
"""They check a pack's keys, which gives no key an effect."""
TOLD_TO_PEOPLE = {"assumptions", "at", "note"}
"""What is assumed is for people who read the pack."""


def models(kind: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each key with its path: of a section or of an entry."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            yield (*at, name), name
            yield from models(field.annotation, (*at, name))
        return
    inside = (*at, ANY) if getattr(kind, "__origin__", None) is tuple else at
    for part in get_args(kind):
        yield from models(part, inside)


@cache
def read_names() -> frozenset[str]:
    """The attributes that production code reads, and the fields that it shows."""
    sources = [*ROOT.glob("services/*/src/**/*.py"), *ROOT.glob("libs/common/src/**/*.py")]
    return frozenset(name for path in sources if path.name not in NOT_READERS for name in _names(path))


def _names(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            yield node.attr
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and "schemas" in str(path):
            yield node.target.id


def test_each_key_has_a_reader_or_is_told_of() -> None:
    unread = {path for path, name in models(Pack) if name not in read_names() and name not in TOLD_TO_PEOPLE}
    read_by_name = {("standard_types",)}  # a validator reads it while the pack is read
    of_others = {("service_levels", "processing_s")}  # intervals of an incident have this name, too
    assert (unread - read_by_name) | of_others == set(UNREAD)


def test_what_nothing_reads_is_found_in_a_document() -> None:
    document = {
        "population": {"2025": 1},
        "service_levels": {"promise_s": 30, "glass_open_s": 60},
        "incident_types": [{"code": "a"}, {"code": "b", "eido_value": "x"}],
    }
    assert unread_keys(document) == ["/population", "/incident_types/1/eido_value", "/service_levels/promise_s"]
    assert unread_keys({"incident_types": None, "service_levels": []}) == []


def test_the_page_on_packs_names_what_nothing_reads() -> None:
    page = (ROOT / "docs" / "packs.md").read_text("utf-8")
    section = page.split("**Keys that nothing reads yet**")[1].split("\n\n")[0]
    missing = [path[-1] for path in UNREAD if f"`{path[-1]}`" not in section]
    assert not missing
