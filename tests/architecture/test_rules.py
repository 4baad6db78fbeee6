"""What holds everywhere in the house, proven from the code itself."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest
import yaml

from sigap_common.app.application import create_app
from sigap_common.app.host import runtimes
from sigap_common.app.manifest import AnyService, services
from sigap_common.bus import open_bus
from sigap_common.contracts.registry import event_types
from sigap_common.core.errors import declared
from sigap_common.core.formats import FORMATS, name_of
from sigap_common.core.settings import CommonSettings
from sigap_common.core.texts import Texts
from sigap_common.http.etags import DESCRIPTION as IF_MATCH_DESCRIPTION
from sigap_common.http.guards import guarded_routes
from sigap_common.regency.in_force import PacksInForce
from sigap_common.regency.validation import pack_schema
from sigap_testing.patience import patience

ROOT = Path(__file__).parents[2]
SOURCES = sorted(p for p in ROOT.glob("*/*/src/**/*.py") if "sigap_testing" not in p.parts)
DOCS = "\n".join(p.read_text() for p in sorted((ROOT / "docs").glob("*.md")))
ALL = services()
NAMES = [service.name for service in ALL]


@pytest.fixture(params=ALL, ids=NAMES)
def service(request: pytest.FixtureRequest) -> AnyService:
    found: AnyService = request.param
    return found


def test_imports_keep_to_the_floors() -> None:
    linted = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert linted.returncode == 0, linted.stdout


@pytest.mark.parametrize("service", NAMES)
def test_a_domain_loads_neither_web_framework_nor_database(service: str) -> None:
    """A domain that needs a second and 90 MB to load is not tested often."""
    domain = f"sigap_{service.replace('-', '_')}.domain"
    heavy = ("fastapi", "starlette", "sqlalchemy", "sqlmodel", "httpx", "asyncpg", "aiokafka")
    program = f"import importlib, sys; importlib.import_module({domain!r}); print(*set(sys.modules) & set({heavy!r}))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=patience(60)
    )
    assert loaded.stdout.split() == []


def test_no_type_checking_block_names_the_runtime() -> None:
    """A mechanism takes what it uses; one that must name the runtime takes too much."""
    hidden = re.compile(r"^if TYPE_CHECKING:\n(?:    .*\n|\n)+", re.MULTILINE)
    blocks = {path: "".join(hidden.findall(path.read_text())) for path in SOURCES}
    assert [str(path.relative_to(ROOT)) for path, block in blocks.items() if "runtime" in block.lower()] == []


def test_there_are_the_five_services() -> None:
    assert NAMES == ["agency-gateway", "analytics", "dispatch", "intake", "roster"]


def test_every_route_declares_whom_it_lets_in(service: AnyService, tmp_path: Path) -> None:
    common = CommonSettings(data_dir=tmp_path)
    (runtime,) = runtimes([service], common, open_bus("embedded://", data_dir=tmp_path))
    routes = list(guarded_routes(create_app(runtime)))
    assert routes
    assert [path for path, _, guards in routes if not guards] == []


def test_if_match_is_declared_in_one_way(service: AnyService, tmp_path: Path) -> None:
    common = CommonSettings(data_dir=tmp_path)
    (runtime,) = runtimes([service], common, open_bus("embedded://", data_dir=tmp_path))
    for path, operations in create_app(runtime).openapi()["paths"].items():
        for method, operation in operations.items():
            headers = [one for one in operation.get("parameters", []) if one["name"].lower() == "if-match"]
            assert all(one["description"] == IF_MATCH_DESCRIPTION for one in headers), (method, path)
            assert bool(headers) == ("412" in operation["responses"]), (method, path)


def test_no_path_belongs_to_two_services() -> None:
    owned = [path for service in ALL for path in service.paths()]
    assert len(owned) == len(set(owned))


def test_a_manifest_reads_as_a_sentence(service: AnyService) -> None:
    module = service.transaction.__module__.partition(".")[0]
    (path,) = ROOT.glob(f"services/*/src/{module}/main.py")
    assert len(path.read_text().splitlines()) < 80


def _names_of_regencies_and_agencies() -> set[str]:
    names = set()
    for path in (ROOT / "regencies").glob("*.yaml"):
        pack = yaml.safe_load(path.read_text())
        names |= {word for word in pack["name"].split() if word not in {"Kota", "Kabupaten"}}
        names |= {agency["code"] for agency in pack["agencies"]}
    return names - {"rsud"}  # also a word that callers use for the public hospital of any regency


def _words(path: Path) -> Iterator[tuple[int, str]]:
    """Names and strings of the code; docstrings are for people."""
    tree = ast.parse(path.read_text())
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value
        elif isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr


def test_no_code_names_a_regency_or_an_agency() -> None:
    """Only examples in the OpenAPI may; they are documentation, and lie in modules or folders of that name."""
    names = re.compile(rf"\b({'|'.join(map(re.escape, sorted(_names_of_regencies_and_agencies())))})\b", re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}:{line}: {word}"
        for path in SOURCES
        if "example" not in path.stem and path.parent.name != "examples"
        for line, word in _words(path)
        if names.search(word)
    ]
    assert found == []


def _settings(service: AnyService) -> Iterator[str]:
    for settings in (CommonSettings, service.settings):
        prefix = settings.model_config.get("env_prefix", "")
        yield from (f"{prefix}{name}".upper() for name in settings.model_fields)


def test_every_setting_is_documented(service: AnyService) -> None:
    missing = [name for name in _settings(service) if f"`{name}`" not in DOCS]
    assert missing == [], "docs/platform.md lacks a row"


def test_every_metric_is_documented(service: AnyService, tmp_path: Path) -> None:
    common = CommonSettings(data_dir=tmp_path)
    (runtime,) = runtimes([service], common, open_bus("embedded://", data_dir=tmp_path))
    missing = [m.name for m in runtime.metrics.registry.collect() if f"`{m.name}" not in DOCS]
    assert missing == [], "docs/platform.md lacks a row"


def test_every_sweep_of_a_service_is_documented(service: AnyService) -> None:
    own = [make(PacksInForce()).name for make in service.sweeps]
    erasing = [f"retention/{erasable.table.name}" for erasable in service.erasables]
    missing = [name for name in (*own, *erasing) if f"`{name}`" not in DOCS]
    assert missing == [], "docs/platform.md, Jobs and retention, lacks a row"


def test_every_event_is_documented() -> None:
    missing = [event.__name__ for event in event_types() if f"| {event.__name__} |" not in DOCS]
    assert missing == [], "`make docs` writes docs/events.md"


def test_every_problem_type_is_documented() -> None:
    assert [slug for slug in declared() if f"`{slug}`" not in DOCS] == []


def test_every_catalogue_has_both_languages(service: AnyService) -> None:
    package = service.transaction.__module__.partition(".")[0]
    assert Texts.load(package).differences() == []
    assert Texts.load("sigap_common").differences() == []


def test_a_state_is_told_in_words(service: AnyService) -> None:
    """In a refusal nobody reads `on_scene`."""
    package = service.transaction.__module__.partition(".")[0]
    texts, found = Texts.load(package), _states(StrEnum, package)
    assert [str(one) for one in found if f"words.{one.value}" not in texts] == []


def _states(kind: type[StrEnum], package: str) -> list[StrEnum]:
    inner = [one for below in kind.__subclasses__() for one in _states(below, package)]
    ours = kind.__module__.startswith(package) and kind.__name__.endswith("State")
    return [*kind, *inner] if ours else inner


def test_a_format_is_told_by_its_name_and_an_example(service: AnyService, tmp_path: Path) -> None:
    """In a refusal nobody reads a regular expression."""
    common = CommonSettings(data_dir=tmp_path)
    (runtime,) = runtimes([service], common, open_bus("embedded://", data_dir=tmp_path))
    used = set(_patterns([create_app(runtime).openapi(), pack_schema()]))
    assert used
    unnamed = [pattern for pattern in used if name_of(pattern) == "other"]
    assert unnamed == [], "give it a name in FORMATS (sigap_common/core/formats.py)"
    without_text = [name for name in FORMATS if f"formats.{name}" not in Texts.load("sigap_common")]
    assert without_text == [], "sigap_common/texts/id.yaml and en.yaml lack these, under `formats`"


def _patterns(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            yield node["pattern"]
        for inner in node.values():
            yield from _patterns(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _patterns(inner)


REASON = re.compile(r'(?:NotAllowed|NotFound|Conflict|Forbidden|BadRequest|Invalid|Unavailable)\(\s*"([a-z0-9-]+)"')


def test_every_reason_has_its_text() -> None:
    """A refusal that the catalogue does not know would tell nobody anything."""
    missing = []
    for path in SOURCES:
        package = path.relative_to(ROOT).parts[3]
        catalogues = [Texts.load(package), Texts.load("sigap_common")]
        for reason in REASON.findall(path.read_text()):
            if not any(f"reasons.{reason}" in texts for texts in catalogues):
                missing.append(f"{path.relative_to(ROOT)}: {reason}")
    assert missing == [], "texts/id.yaml and en.yaml lack these, under `reasons`"


KIND_AT = {"Fault": 1, "PackError": 1, "PydanticCustomError": 0, "Finding": 2, "Complaint": 1}
"""What says that a value is wrong, and which of its arguments is the kind of that."""


def kinds_named(source: str) -> Iterator[str]:
    """The kinds of faults that stand in a source as texts."""
    for node in ast.walk(ast.parse(source)):
        place = KIND_AT.get(ast.unparse(node.func)) if isinstance(node, ast.Call) else None
        if place is not None and isinstance(node, ast.Call) and len(node.args) > place:
            yield from _texts(node.args[place])


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))


NEVER_SHOWN = {"sealed"}
"""Of what lies in a table or an event, not of what somebody sent."""


def test_every_kind_of_fault_has_its_text() -> None:
    """Without one, people read `validation.other`: that the value is not valid, and not why."""
    missing = []
    for path in SOURCES:
        texts = [Texts.load(package) for package in (path.relative_to(ROOT).parts[3], "sigap_common")]
        for kind in set(kinds_named(path.read_text())) - NEVER_SHOWN:
            if not any(f"validation.{kind}" in catalogue for catalogue in texts):
                missing.append(f"{path.relative_to(ROOT)}: {kind}")
    assert missing == [], "texts/id.yaml and en.yaml lack these, under `validation`"


def test_the_kinds_of_faults_are_found() -> None:
    source = 'Fault(("body", "a"), "x" if b else "y", {})\nPackError(place, "pack.z")\nFault(place, kind)'
    assert set(kinds_named(source)) == {"x", "y", "pack.z"}
    assert sum(1 for path in SOURCES for _ in kinds_named(path.read_text())) > 50
