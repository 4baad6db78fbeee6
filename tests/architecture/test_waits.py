"""A test that starts a process never waits for it without a limit: a time-out of the test could not end that wait."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import pytest

ROOT = Path(__file__).parents[2]
SERVES_UNTIL_KILLED = {
    "supervised.py": "a daemon thread waits for the process that it starts again",
    "cluster.py": "its main function serves until a signal ends it",
}
"""Files of the test kit that may wait without a limit, and why."""


def _files() -> Iterator[Path]:
    kit = (ROOT / "libs/testing/src").glob("**/*.py")
    ours = [*ROOT.glob("*/*/tests/**/*.py"), *ROOT.glob("tests/**/*.py")]
    yield from (path for path in (*kit, *ours) if path.name not in SERVES_UNTIL_KILLED)


def unbounded(source: str) -> list[int]:
    """The lines that wait for a process or a thread without a limit."""
    tree = ast.parse(source)
    # A loop's own waits end when the test's time-out cancels them, also inside of `await wait_for(event.wait(), 3)`.
    awaited = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Await) for part in ast.walk(node)}
    return sorted(
        [node.lineno for node in ast.walk(tree) if isinstance(node, ast.With) and _starts_a_process(node)]
        + [node.lineno for node in ast.walk(tree) if _waits(node) and id(node) not in awaited]
    )


def _starts_a_process(block: ast.With) -> bool:
    return any(_name_of(item.context_expr) == "Popen" for item in block.items)


def _waits(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and _name_of(node) in {"wait", "communicate"} and not (node.args or node.keywords)


def _name_of(node: ast.AST) -> str:
    called = node.func if isinstance(node, ast.Call) else None
    return called.attr if isinstance(called, ast.Attribute) else ""


def test_no_test_waits_for_a_process_without_a_limit() -> None:
    files = list(_files())
    assert {"parts.py", "test_waits.py"} <= {path.name for path in files}, "the test kit and the tests are looked at"
    found = [f"{path.relative_to(ROOT)}:{line}" for path in files for line in unbounded(path.read_text())]
    assert found == [], "use sigap_testing.parts.bounded, or give a time-out"


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("with subprocess.Popen(['a']) as a:\n    pass", [1]),
        ("process.wait()\nprocess.communicate()", [1, 2]),
        ("process.wait(3)\nprocess.communicate(timeout=3)", []),
        ("async def f():\n    await event.wait()\n    await wait_for(event.wait(), 3)", []),
    ],
)
def test_the_rule_sees_what_it_should(source: str, lines: list[int]) -> None:
    assert unbounded(source) == lines
