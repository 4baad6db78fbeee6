"""No regular expression of the project takes the square of a text's length."""

import ast
import re
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from sigap_common.core.formats import FORMATS
from sigap_testing.patterns import attacks

ROOT = Path(__file__).parents[2]
LENGTH = 16 * 1024
"""Characters. A square of them is 50 ms of work or more; what is linear takes a few milliseconds at most."""
SQUARE = "input_value=.*?, input_type="
"""It takes the square of a text's length."""
USES = {"compile", "match", "fullmatch", "search", "sub", "split", "findall", "finditer", "regex"}


def patterns() -> dict[str, str]:
    """Every pattern that stands in the sources as a text, by the place where it is used."""
    found = {f"formats.{name}": pattern for name, pattern in FORMATS.items()}
    for path in sorted(path for part in ("libs", "services") for path in (ROOT / part).glob("*/src/**/*.py")):
        text = path.read_text("utf-8")
        if re.search(r"\bre\b", text):
            found |= {f"{path.stem}:{line}": pattern for line, pattern in _in(ast.parse(text))}
    return found


def _in(module: ast.Module) -> Iterator[tuple[int, str]]:
    named = {
        node.targets[0].id: node.value
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and node.args and _is_use(node.func):
            first = node.args[0]
            first = named.get(first.id, first) if isinstance(first, ast.Name) else first
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield node.lineno, first.value


def _is_use(called: ast.expr) -> bool:
    if isinstance(called, ast.Attribute):
        return isinstance(called.value, ast.Name) and called.value.id == "re" and called.attr in USES
    return isinstance(called, ast.Name) and called.id in USES


def longest(pattern: str, length: int = LENGTH) -> float:
    """Processor seconds that the pattern takes for what it likes best."""
    compiled, taken = re.compile(pattern, re.DOTALL), 0.0
    for text in attacks(pattern, length):
        for look in (compiled.fullmatch, lambda told: compiled.sub("", told)):
            best = min(_seconds(look, text) for _ in range(2))
            taken = max(taken, best)
    return taken


@cache
def most_seconds() -> float:
    """What a cheap square costs on this machine, so that a fast machine notices it too."""
    return longest(SQUARE)


def _seconds(look: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    look(text)
    return time.process_time() - began


def test_the_patterns_are_found() -> None:
    assert len(patterns()) > 25


def test_what_is_bad_is_noticed() -> None:
    assert longest(r"\s*[+-]?\d*\.?\d*\s*", 4096) > most_seconds()  # even the cube
    assert longest(r"\s+$") > most_seconds()


@pytest.mark.parametrize("place", patterns())
def test_no_pattern_takes_the_square_of_a_text_s_length(place: str) -> None:
    assert longest(patterns()[place]) <= most_seconds()
