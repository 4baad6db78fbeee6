"""A command never retires on the way to something else: it says what would go, asks, and the pack before comes back."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from sigap_cli.console import DONE, NOT_ACHIEVED, REFUSED
from sigap_cli.regency.retiring import LISTS, PARTS, retired
from sigap_cli.up import bring_in
from sigap_common.regency import Pack
from sigap_testing.cluster import SingleHost
from sigap_testing.patience import patience

from .conftest import Sigap

PACK = """\
code: "{code}"
name: Kota Tetap
prefix: TT{digits}
time_zone: Asia/Jakarta
zone: {{type: Polygon, coordinates: [[[{west}, 20], [{east}, 20], [{east}, 21], [{west}, 21], [{west}, 20]]]}}
agencies:
  - {{code: damkar, name: Damkar, kind: fire, endpoints: [{{channel: desk, name: meja}}]}}
  - {{code: psc, name: PSC 119, kind: ambulance}}
response_plans:
  - {{incident_type: fire, agencies: [damkar, psc]}}
  - {{incident_type: medical, agencies: [psc]}}
retention: {{calls_days: 400}}
"""


class City:
    """A regency of the test's own, east of all others, with its pack in force."""

    def __init__(self, sigap: Sigap, folder: Path, code: str) -> None:
        self.sigap, self.folder, self.code = sigap, folder, code
        self.west = 100 + int(code[-2:]) / 4
        self.text = PACK.format(code=code, digits=code[-2:], west=self.west, east=self.west + 0.2)
        assert self.apply(self.text)[0] == DONE

    def write(self, text: str) -> str:
        path = self.folder / "pack.yaml"
        path.write_text(text)
        return str(path)

    def apply(self, text: str, *more: str) -> tuple[int, str, str]:
        return self.sigap("regency", "apply", self.write(text), *more)

    @property
    def now(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.sigap("regency", "show", self.code)[1])
        return found


@pytest.fixture
def city(request: pytest.FixtureRequest, sigap: Sigap, tmp_path: Path) -> City:
    number = [name for name in globals() if name.startswith("test_")].index(request.node.originalname)
    return City(sigap, tmp_path, f"96.{10 + number}")


def minimal(city: City) -> str:
    return f'code: "{city.code}"\nname: Kota Tetap\nprefix: TT{city.code[-2:]}\ntime_zone: Asia/Jakarta\n'


def test_what_a_pack_would_retire_is_said_and_nothing_is_applied_without_a_yes(city: City) -> None:
    code, out, err = city.apply(minimal(city))
    assert (code, out) == (NOT_ACHIEVED, "")
    for phrase in (
        "2 agencies: Damkar, PSC 119",
        "2 response plans: fire to damkar, psc, medical to psc",
        "the zone",
        "retention",
        "Nothing was applied",
    ):
        assert phrase in err
    assert (city.now["version"], len(city.now["pack"]["agencies"])) == (1, 2)
    code, out, err = city.apply(minimal(city), "--yes")
    assert (code, "2 agencies" in err) == (DONE, True)
    assert city.now["version"] == 2


def test_of_several_packs_none_is_applied_if_one_retires_something(city: City, sigap: Sigap) -> None:
    other = city.folder / "other.yaml"
    other.write_text(city.text.replace(city.code, "96.90").replace("prefix: TT", "prefix: UU").replace("20]", "22]"))
    assert sigap("regency", "apply", str(other), city.write(minimal(city)))[0] == NOT_ACHIEVED
    assert sigap("regency", "show", "96.90")[0] == REFUSED


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("answer", "code", "version"), [("n", NOT_ACHIEVED, 1), ("y", DONE, 2)])
def test_a_person_at_a_terminal_is_asked(host: SingleHost, city: City, answer: str, code: int, version: int) -> None:
    if city.now["version"] != 1:
        assert city.sigap("regency", "revert", city.code, "--to", "1", "--yes")[0] == DONE
    before = city.now["version"]
    command = [sys.executable, "-m", "sigap_cli.main", "regency", "apply", city.write(minimal(city))]
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    done = subprocess.run(
        command,
        stdin=theirs,
        capture_output=True,
        text=True,
        timeout=patience(90),
        env={**os.environ, "SIGAP_URL": host.url},
    )
    os.close(ours)
    os.close(theirs)
    assert "Apply all the same?" in done.stderr
    assert (done.returncode, city.now["version"] - before) == (code, version - 1)


def test_the_pack_before_is_brought_back(city: City, sigap: Sigap) -> None:
    before = city.now["pack"]
    assert city.apply(minimal(city), "--yes")[0] == DONE
    code, _, err = sigap("regency", "revert", city.code)
    assert (code, err) == (DONE, "")
    assert (city.now["version"], city.now["pack"]) == (3, before)
    listed = json.loads(sigap("regency", "history", city.code, "--json")[1])
    assert [(one["version"], one["in_force"]) for one in listed] == [(3, True), (2, False), (1, False)]
    assert "in force" in sigap("regency", "history", city.code)[1]
    code, _, err = sigap("regency", "revert", city.code, "--to", "2")
    assert (code, "2 agencies" in err, city.now["version"]) == (NOT_ACHIEVED, True, 3)
    assert sigap("regency", "revert", city.code, "--to", "9")[0] == REFUSED
    assert sigap("regency", "revert", "96.99")[0] == REFUSED


def test_there_is_nothing_before_the_first_pack(city: City, sigap: Sigap) -> None:
    code, _, err = sigap("regency", "revert", city.code)
    assert (code, "there is none before it" in err) == (NOT_ACHIEVED, True)


def test_a_regency_is_retired_and_comes_back(city: City, sigap: Sigap, api: httpx.Client) -> None:
    code, _, err = sigap("regency", "retire", city.code)
    assert (code, "the regency itself" in err, city.now["retired"]) == (NOT_ACHIEVED, True, False)
    assert sigap("regency", "retire", city.code, "--yes")[0] == DONE
    assert city.now["retired"]
    assert "Kota Tetap (retired)" in sigap("regency", "list")[1]
    place = {"lat": 20.5, "lon": city.west + 0.1}
    assert api.get("/v1/zones", params=place).json()["owner"] is None
    assert sigap("regency", "revert", city.code)[0] == DONE
    assert not city.now["retired"]
    assert api.get("/v1/zones", params=place).json()["owner"] == city.code


def boundaries(city: City, shift: float) -> list[str]:
    west, east = city.west + shift, city.west + shift + 0.2
    zone = {"type": "Polygon", "coordinates": [[[west, 20], [east, 20], [east, 21], [west, 21], [west, 20]]]}
    shapes, rows = city.folder / "b.geojson", city.folder / "r.csv"
    features = [{"type": "Feature", "id": city.code, "geometry": zone}]
    shapes.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    rows.write_text(f"code,name,timezone\n{city.code},Nama Lain,Asia/Makassar\n")
    return [str(shapes), "--csv", str(rows)]


def test_boundaries_replace_the_zone_of_a_regency_and_nothing_else(city: City, sigap: Sigap) -> None:
    before = city.now["pack"]
    code, out, err = sigap("regency", "import-boundaries", *boundaries(city, 0.01), "--apply")
    assert (code, err) == (DONE, "")
    assert f"{city.code} Kota Tetap keeps its pack; only its zone is replaced" in out
    after = city.now["pack"]
    assert after.pop("zone") != before.pop("zone")
    assert after == before


def test_a_key_that_nothing_reads_is_told_of(city: City) -> None:
    code, _, err = city.apply(city.text + 'population: {"2025": 1000}\n')
    assert code == DONE
    assert f"! {city.code} Kota Tetap: nothing reads this yet, it is only kept: line 13, /population" in err


def test_a_capability_without_words_is_told_of(city: City) -> None:
    code, _, err = city.apply(city.text.replace("kind: fire,", "kind: fire, capabilities: [rubber_boat],"))
    assert code == DONE
    told = "people read these codes, write words under `capabilities`: rubber_boat"
    assert f"! {city.code} Kota Tetap: {told}" in err


def test_a_zone_that_overlaps_another_is_complained_of(city: City, sigap: Sigap) -> None:
    other = city.folder / "other.yaml"
    text = city.text.replace(city.code, "96.91").replace("prefix: TT", "prefix: VV").replace("Tetap", "Tetangga")
    other.write_text(text)
    code, _, err = sigap("regency", "apply", str(other))
    assert code == DONE
    assert f"96.91 Kota Tetangga: its zone overlaps that of {city.code} Kota Tetap by" in err


def test_endpoints_of_agencies_that_stay_and_agencies_of_plans_that_stay_are_named_too() -> None:
    agency = {"code": "a", "name": "Damkar", "kind": "fire", "endpoints": [{"channel": "desk", "name": "meja"}]}
    plan = {"incident_type": "fire", "agencies": ["a", "b"]}
    shifts = {"shifts": [{"code": "p", "name": "Pagi"}, {"code": "m", "name": "Malam"}]}
    before = {"agencies": [agency], "response_plans": [plan], "shifts": shifts, "duty_telephones": ["112"]}
    after = {
        "agencies": [{key: value for key, value in agency.items() if key != "endpoints"}],
        "response_plans": [{**plan, "agencies": ["a"]}],
        "shifts": {"shifts": shifts["shifts"][:1]},
    }
    assert retired(before, after) == [
        "1 endpoint of Damkar: meja",
        "b in the response plan for fire",
        "1 duty telephone: 112",
        "1 shift: Malam",
    ]
    assert retired(before, before) == []
    many = [{"code": str(n), "name": f"A{n}", "kind": "fire"} for n in range(12)]
    assert retired({"agencies": many}, {})[0].endswith("A7 and 4 more")


def test_plans_by_capability_and_with_other_conditions_are_named_when_they_go() -> None:
    plan = {"incident_type": "medical", "capability": "ambulance", "when": {"start": "22:00", "end": "05:00"}}
    assert retired({"response_plans": [plan]}, {"response_plans": [{**plan, "when": {"weekdays": ["monday"]}}]}) == [
        "1 response plan: medical to ambulance"
    ]
    assert retired({"response_plans": [plan]}, {"response_plans": [plan]}) == []


NEVER_RETIRED = {
    *("code", "name", "prefix", "time_zone"),  # who it is
    *("retired", "shifts"),  # told in words of their own
    *("standard_types", "standard_guidance", "assumptions"),  # take nothing away
}


def test_each_key_of_a_pack_is_told_of_when_it_goes() -> None:
    told = LISTS.keys() | PARTS.keys() | NEVER_RETIRED
    assert Pack.model_fields.keys() - told == set(), "LISTS or PARTS in sigap_cli/regency/retiring.py"
    assert told - Pack.model_fields.keys() == set()


def test_up_brings_packs_in_only_where_none_is_in_force(
    city: City, host: SingleHost, sigap: Sigap, capsys: pytest.CaptureFixture[str]
) -> None:
    assert city.apply(city.text.replace("calls_days: 400", "calls_days: 500"))[0] == DONE
    fresh = city.folder / "fresh.yaml"
    fresh.write_text(minimal(city).replace(city.code, "96.92").replace("prefix: TT", "prefix: WW"))
    bring_in(host.url, [Path(city.write(city.text)), fresh])
    assert f"{city.code} Kota Tetap: version 2 is in force and stays as it is" in capsys.readouterr().out
    assert (city.now["version"], city.now["pack"]["retention"]) == (2, {"calls_days": 500})
    assert sigap("regency", "show", "96.92")[0] == DONE


def test_an_endpoint_that_cannot_be_delivered_to_is_complained_of(city: City) -> None:
    hook = "{{channel: {channel}, name: {name}, url: {url}{more}}}"
    wrong = (
        hook.format(
            channel="webhook", name="a", url="https://example.go.id/h", more=f", secret_ref: 'file:{city.code}-none'"
        ),
        hook.format(channel="webhook", name="b", url="null", more=f", secret_ref: 'file:{city.code}-none'"),
        hook.format(
            channel="webhook", name="c", url="http://10.1.2.3/h", more=f", secret_ref: 'file:{city.code}-none'"
        ),
        hook.format(channel="merpati", name="d", url="null", more=""),
        hook.format(channel="webhook", name="e", url="https://example.go.id/h", more=", secret_ref: 'file:11.11-none'"),
    )
    changed = city.text.replace("[{channel: desk, name: meja}]", f"[{{channel: desk, name: meja}}, {', '.join(wrong)}]")
    code, _, err = city.apply(changed)
    assert code == DONE
    complaints = " ".join(err.split()).split("! ")[1:]
    assert [complaint.partition(":")[0] for complaint in complaints] == [f"{city.code}/damkar {one}" for one in "abcde"]
    told = ("secret", "URL", "URL", "no channel called merpati", "secret")
    assert all(word in complaint for word, complaint in zip(told, complaints, strict=True))
    assert all("or its desk" in complaint for complaint in complaints)
    assert "!" not in city.apply(city.text, "--yes")[2]
