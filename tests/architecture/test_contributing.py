"""The places, targets and names that CONTRIBUTING.md sends people to are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
STEPS = PAGE.partition("## Step by step\n")[2].partition("\n## ")[0]
FROM_ROOT = ("docs/", "tests/", "libs/", "services/", "deploy/")
PATH = re.compile(r"[\w<>./-]+/[\w<>.-]*|[\w.]+\.(?:py|yaml|md)")


def written_as_code(text: str) -> list[str]:
    """What stands between backticks, and the words of commands."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return [*re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL)), *" ".join(blocks).split()]


def paths(text: str) -> set[str]:
    linked = re.findall(r"\]\((docs/[^)#]+)", text)
    plain = re.findall(r"\bdocs/[\w/.-]+\.(?:md|yaml)\b", text)
    files = (code.partition("::")[0] for code in written_as_code(text))
    return {code for code in files if PATH.fullmatch(code)} | {*linked, *plain}


def places(path: str) -> list[Path]:
    """Where a path may lie: it is the page's rule that decides, with any service for the one that is meant."""
    path = re.sub(r"<(service|publisher|reader)>", "*", path)
    if path.startswith("sigap_common/"):
        return list((ROOT / "libs/common/src").glob(path))
    if path.startswith(FROM_ROOT) and (found := list(ROOT.glob(path))):
        return found
    inside = [*ROOT.glob(f"services/*/src/**/{path}"), *ROOT.glob(f"services/*/tests/{path}")]
    return inside or list(ROOT.glob(f"libs/common/src/sigap_common/**/{path}"))


def test_the_page_names_many_places() -> None:
    assert len(paths(STEPS)) > 40


def test_each_place_that_the_page_names_is_there() -> None:
    named = {path for path in paths(PAGE) if not path.startswith((".venv/", ".ci/", "/v1", "/tmp/"))}
    assert sorted(path for path in named if not places(path)) == []


def test_the_targets_that_the_page_names_are_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {word for line in re.findall(r"`make ([a-z -]+)", PAGE) for word in line.split()}
    assert named
    assert named - targets == set()


NOT_OURS = {"make", "sigap", "and", "await", "GET", "EXPLAIN", "BaseModel", "Query"}
"""Words of commands and protocols, and names of libraries."""


def names(text: str) -> set[str]:
    """What the text calls by a name of the code: a class, a function, a constant, an argument."""
    told = [
        code for code in written_as_code(re.sub(r"```.*?```", "", text, flags=re.DOTALL)) if not PATH.fullmatch(code)
    ]
    found = {match.group() for code in told if (match := re.match(r"[A-Za-z_]\w*", code))}
    return found - NOT_OURS | set(re.findall(r"::(\w+)", text))


def declared() -> set[str]:
    code = "\n".join(path.read_text() for path in [*ROOT.glob("*/*/src/**/*.py"), *ROOT.glob("**/tests/**/*.py")])
    return set(re.findall(r"\b(?:class|def) (\w+)", code)) | set(re.findall(r"\b(\w+)(?:: | ?=)", code))


def test_each_name_that_the_steps_use_is_declared_somewhere() -> None:
    used = names(STEPS)
    assert len(used) > 30
    assert sorted(used - declared()) == []
