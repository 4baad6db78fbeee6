"""Makes the most expensive texts for a regular expression: for each of its repeats a very long text that does not match
at its end.
"""

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

op, parser = import_module("re._constants"), import_module("re._parser")
"""What the standard library itself reads patterns with; type checkers do not know these two modules."""

_CANDIDATES = "1a .-/_:\"'\\+,=A{[("
_CATEGORIES = {
    op.CATEGORY_DIGIT: "1",
    op.CATEGORY_SPACE: " ",
    op.CATEGORY_WORD: "a",
    op.CATEGORY_NOT_SPACE: "a",
    op.CATEGORY_NOT_DIGIT: "a",
    op.CATEGORY_NOT_WORD: " ",
}
_ENDING = "\x00"
_MANY = 16


def attacks(pattern: str, length: int) -> Iterator[str]:
    """Texts of about `length` characters, made for each repeat of the pattern that has no small limit."""
    for before, unit in _repeats(list(parser.parse(pattern)), ""):
        yield before + unit * (length // len(unit)) + _ENDING
        whole = before + unit
        yield whole * (length // len(whole)) + _ENDING


def _repeats(nodes: Sequence[Any], before: str) -> Iterator[tuple[str, str]]:
    """For each repeat, the text before it and the text that is repeated."""
    for kind, value in nodes:
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            least, most, inner = value
            yield from _repeats(list(inner), before)
            if most > _MANY and (unit := _sample(list(inner))):
                yield before, unit
            before += _sample(list(inner)) * least
            continue
        for part in _parts(kind, value):
            yield from _repeats(part, before)
        before += _sample([(kind, value)])


def _parts(kind: Any, value: Any) -> list[list[Any]]:
    if kind is op.SUBPATTERN:
        return [list(value[3])]
    if kind is op.BRANCH:
        return [list(one) for one in value[1]]
    return []


def _sample(nodes: Sequence[Any]) -> str:
    """The shortest text that the nodes match."""
    return "".join(_one(kind, value) for kind, value in nodes)


def _one(kind: Any, value: Any) -> str:
    if kind is op.LITERAL:
        return chr(value)
    if kind is op.NOT_LITERAL:
        return next(one for one in _CANDIDATES if ord(one) != value)
    if kind is op.ANY:
        return "a"
    if kind is op.IN:
        return _in_class(value)
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        return _sample(list(value[2])) * int(value[0])
    parts = _parts(kind, value)
    return _sample(parts[0]) if parts else ""


def _in_class(items: Sequence[Any]) -> str:
    if items[0][0] is op.NEGATE:
        return next(one for one in _CANDIDATES if not any(_has(item, one) for item in items[1:]))
    kind, value = items[0]
    if kind is op.CATEGORY:
        return _CATEGORIES[value]
    return chr(value[0] if kind is op.RANGE else value)


def _has(item: tuple[Any, Any], one: str) -> bool:
    kind, value = item
    if kind is op.LITERAL:
        return ord(one) == int(value)
    if kind is op.RANGE:
        return int(value[0]) <= ord(one) <= int(value[1])
    digit, space = one.isdigit(), one.isspace()
    return {op.CATEGORY_DIGIT: digit, op.CATEGORY_SPACE: space, op.CATEGORY_WORD: one.isalnum()}.get(value, False)
