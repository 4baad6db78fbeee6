"""No HTTP client of the product keeps a cookie: what one receiver sets is never sent to another one."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = sorted(ROOT.glob("*/*/src/**/*.py"))
BETWEEN_MANY = [ROOT / "tests/faults/client.py", ROOT / "tests/load/life.py"]


def keeping(source: str) -> Iterator[int]:
    """The lines that open a client of httpx without saying that it keeps no cookies."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) not in {"httpx.AsyncClient", "httpx.Client"}:
            continue
        if "cookies=no_cookies()" not in ast.unparse(node):
            yield node.lineno


def test_every_client_is_opened_without_cookies() -> None:
    served_in_memory = "kit.py"  # its client reaches one application in this process
    files = [path for path in [*PRODUCT, *BETWEEN_MANY] if path.name != served_in_memory]
    assert [f"{path.relative_to(ROOT)}:{line}" for path in files for line in keeping(path.read_text())] == []
