"""Reading packs from files: YAML, or JSON (which is YAML). Harmful files are refused."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from sigap_common.regency.findings import InvalidPack, PackError, pointer
from sigap_common.regency.model import Pack
from sigap_common.regency.validation import validate_pack

MOST_BYTES = 8 * 1024 * 1024
DEEPEST = 32
_MOST_DIGITS = 300


class _Loader(yaml.CSafeLoader):
    """A loader with scalars as in JSON: 07:00, 2026-03-20, yes and no stay text. YAML 1.1 would convert them."""


_Loader.yaml_implicit_resolvers = {}
_NUMBER = list("-+.0123456789")
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(~|null|)$"), ["~", "n", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), ["t", "f"])
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(0|[1-9][0-9]*)$"), _NUMBER)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?([0-9]+|(0|[1-9][0-9]*)?\.[0-9]+)([eE][-+]?[0-9]+)?$"), _NUMBER
)


def _whole(text: str) -> int | str:
    """Python refuses to convert a number of very many digits. So it stays a text, which is later refused with its
    place.
    """
    return int(text) if len(text) <= _MOST_DIGITS else text


_SCALARS: dict[str, Callable[[str], object]] = {
    "tag:yaml.org,2002:null": lambda _: None,
    "tag:yaml.org,2002:bool": lambda text: text == "true",
    "tag:yaml.org,2002:int": _whole,
    "tag:yaml.org,2002:float": float,
    "tag:yaml.org,2002:str": str,
}


def load_pack(path: Path) -> Pack:
    """The pack in a file. Raises InvalidPack, its errors with line numbers, and OSError."""
    document, lines = read_document(path)
    try:
        return validate_pack(document)
    except InvalidPack as invalid:
        raise InvalidPack([replace(one, line=_line(lines, one.pointer)) for one in invalid.errors]) from None


def read_document(path: Path) -> tuple[object, dict[str, int]]:
    """A file's content, not yet checked, and the line of each JSON pointer in it.

    Refuses what is larger than MOST_BYTES, nested deeper than DEEPEST, has anchors or aliases (a few bytes of
    which can unfold into gigabytes), a key twice, or a tag. Raises InvalidPack and OSError.
    """
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise InvalidPack([PackError("", "pack.file_too_large", {"most": MOST_BYTES})])
    try:
        _refuse_harm(content)
        root = yaml.compose(content, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise _refused("pack.file_not_yaml", error.problem_mark, problem=error.problem or "-") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise InvalidPack([PackError("", "pack.file_not_utf8")]) from None
    lines: dict[str, int] = {}
    return (None if root is None else _value(root, "", lines)), lines


def _refuse_harm(content: bytes) -> None:
    depth = 0
    for event in yaml.parse(content, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _refused("pack.file_alias", event.start_mark)
        if getattr(event, "tag", None) is not None:
            raise _refused("pack.file_tag", event.start_mark)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise _refused("pack.file_too_deep", event.start_mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _refused(kind: str, mark: Any, **params: object) -> InvalidPack:
    return InvalidPack([PackError("", kind, params, mark.line + 1 if mark else None)])


def _value(node: yaml.Node, place: str, lines: dict[str, int]) -> object:
    lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, place, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_value(inner, f"{place}/{index}", lines) for index, inner in enumerate(node.value)]
    return _SCALARS[node.tag](node.value)


def _mapping(node: yaml.MappingNode, place: str, lines: dict[str, int]) -> dict[str, object]:
    values: dict[str, object] = {}
    for key, inner in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _refused("pack.file_key_not_text", key.start_mark)
        if key.value in values:
            raise _refused("pack.file_key_twice", key.start_mark, name=key.value)
        where = place + pointer(key.value)
        values[key.value] = _value(inner, where, lines)
        lines[where] = key.start_mark.line + 1
    return values


def _line(lines: dict[str, int], place: str) -> int | None:
    """The line of the place, or of the nearest one around it (a missing key has no line of its own)."""
    while place not in lines and place:
        place = place.rpartition("/")[0]
    return lines.get(place)
