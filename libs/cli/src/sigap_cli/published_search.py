"""Finds every value in the repository's files that looks like a secret.

python -m sigap_cli.published_search            writes the list that production refuses
"""

import json
import subprocess
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from re import IGNORECASE, MULTILINE, Pattern
from re import compile as regex

from sigap_common.core.published import LIST, PEM, digests, secrets_in

HEAD = """\
# SHA-256 of each secret that a file of the repository contains, and where it is. Production refuses them.
# Made by `make docs`; do not edit.
"""

# Keys are searched in every file. Passwords are searched in every file except tests: nobody is told to use the
# passwords of tests.
_KEYS: tuple[Pattern[str], ...] = (
    regex(r"(?<![A-Za-z0-9+/_=-])([A-Za-z0-9+/_-]{43}=)(?![A-Za-z0-9+/_=-])"),
    regex(r"(whsec_[A-Za-z0-9+/_-]{16,}={0,2})"),
    regex(f"({PEM})"),
)
_NAMED = (
    regex(r"\$\{(\w{1,100}):-([^}]{0,500})\}"),
    regex(r"^(?:ENV )?([A-Z][A-Z0-9_]*)=(\S+)$", MULTILINE),
)
_TEXTS: tuple[Pattern[str], ...] = (
    regex(r"""\b\w*(?:password|passwd|secret)["']?\s*[:=]\s*["']([^"'$<>{}\n]+)["']""", IGNORECASE),
    regex(r"""\bpasswords?[ =:`]+([\w.-]*\d[\w-]*)""", IGNORECASE),
    regex(r"://[^/\s:@]+:([^/\s@{}$]+)@"),
)
_PLACEHOLDER = regex(r"\$\{\w{1,100}(?::-?([^}]{0,500}))?\}")
_STANDS_FOR_ANOTHER = regex(r"[$…]|^[./]*/")
_NOT_READ = {"uv.lock", LIST}


def repository_files(root: Path) -> list[Path]:
    """The files under version control, and new ones that are not ignored: never somebody's own `.env`."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, check=True).stdout.decode()  # noqa: S603
    paths = [root / name for name in sorted(set(listed.split("\0"))) if name]
    return [path for path in paths if path.is_file() and path.name not in _NOT_READ]


def secrets_of_file(path: Path, root: Path) -> set[str]:
    """The secret-looking values of one file; none of a file that is not text."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        return set()
    found = {value for pattern in _KEYS for value in pattern.findall(text)}
    if "tests" not in path.relative_to(root).parts:
        found.update(_texts_in(text))
        if path.suffix == ".json":
            found.update(_texts_in_json(json.loads(text)))
    return {value for value in found if value.strip() and not _STANDS_FOR_ANOTHER.search(value)}


def published(root: Path) -> dict[str, str]:
    """For each digest the first file that contains the value."""
    return {
        digest: str(path.relative_to(root))
        for path in reversed(repository_files(root))
        for value in secrets_of_file(path, root)
        for digest in digests(value)
    }


def written(root: Path) -> str:
    """The text of the list."""
    return HEAD + "".join(f"{digest}  {where}\n" for digest, where in sorted(published(root).items()))


def _texts_in(text: str) -> Iterator[str]:
    for pattern in _NAMED:
        for name, value in pattern.findall(text):
            yield from secrets_in(name, value)
    for pattern in _TEXTS:
        yield from pattern.findall(text)


def _texts_in_json(node: object, name: str = "") -> Iterator[str]:
    """Strings whose name is a secret's, and the values of Keycloak's credentials."""
    if isinstance(node, dict):
        credential = node.get("type") == "password"
        for key, value in node.items():
            yield from _texts_in_json(value, "password" if credential and key == "value" else key)
    elif isinstance(node, list):
        for item in node:
            yield from _texts_in_json(item, name)
    elif isinstance(node, str) and name.lower() in {"password", "secret", "clientsecret"}:
        yield _PLACEHOLDER.sub(lambda match: match[1] or "", node)


def main() -> None:
    root = Path(__file__).parents[4]
    (Path(str(files("sigap_common.core"))) / LIST).write_text(written(root), "ascii")


if __name__ == "__main__":
    main()
