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


def in_services(pattern: str) -> dict[str, list[Path]]:
    """What is there of this name in each service's package, by the service's name."""
    found = {path: list(path.glob(f"src/*/{pattern}")) for path in ROOT.glob("services/*")}
    return {path.name: there for path, there in found.items() if there}


def services_in(text: str) -> set[str]:
    return {path.name for path in ROOT.glob("services/*") if re.search(rf"\b{path.name}\b", text)}


def test_the_folders_that_stand_in_the_place_of_files_are_named() -> None:
    files = {path.stem for there in in_services("*.py").values() for path in there} - {"__init__"}
    told = re.search(r"In\s+place of a file there may be a folder of its name: ([^.]*)\.", STEPS)
    assert told is not None
    named = {name: services_in(part) for part in told[1].split(";") for name in re.findall(r"`(\w+)/`", part)}
    folders = {path.parent.name for there in in_services("*/__init__.py").values() for path in there}
    both = {name: {*in_services(f"{name}/__init__.py")} for name in folders & files - {"api"}}  # of which it says more
    assert named == both


def test_the_lists_of_routers_are_where_the_page_says() -> None:
    told = re.search(r"`ROUTERS` of `api/routers\.py` \(([^)]*)\)", STEPS)
    assert told is not None
    assert services_in(told[1]) == {*in_services("api/routers.py")}


def test_each_way_to_make_a_partial_index_is_named() -> None:
    code = "\n".join(path.read_text() for there in in_services("models*/**/*.py").values() for path in there)
    code += "\n".join(path.read_text() for there in in_services("models.py").values() for path in there)
    makers = {one[1] for one in re.finditer(r"^def (\w+)\((?:.*\n(?=[ \n]))*.*sqlite_where=", code, re.MULTILINE)}
    assert makers
    assert makers <= names(STEPS)


def test_each_name_is_declared_in_the_file_that_the_page_names_for_it() -> None:
    told = re.findall(r"`(\w+)`\s+(?:in|of)\s+(?:[a-z-]+'s\s+)?`([\w/.-]+\.py)`", PAGE)
    assert len(told) > 10
    wrong = [
        (name, path)
        for name, path in told
        if not any(re.search(rf"\b{name}\b(:|\(| ?=)", file.read_text()) for file in places(path))
    ]
    assert wrong == []


def test_the_page_counts_its_ways() -> None:
    told = re.search(r"Here are (\w+) ways", STEPS)
    assert told is not None
    count = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"].index(told[1])
    assert count == STEPS.count("\n### ")


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
