"""Packs into a running system, and out of it again."""

import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from sigap_cli.console import DONE, NOT_ACHIEVED, REFUSED
from sigap_common.regency import pack_schema

from .conftest import Sigap

SHARED = Path(os.environ.get("SIGAP_TEST_DATA", Path(__file__).parents[4] / "shared" / "data")) / "regencies"

PACK = """\
code: "99.77"
name: Kota Contoh
time_zone: Asia/Makassar
agencies:
  - {code: damkar, name: Damkar, kind: fire}
response_plans:
  - {incident_type: fire, agencies: [damkar]}
"""


def written(folder: Path, text: str) -> str:
    path = folder / "pack.yaml"
    path.write_text(text)
    return str(path)


def test_a_pack_that_nobody_wrote_code_for_is_in_force_in_every_service(sigap: Sigap, tmp_path: Path) -> None:
    code, out, err = sigap("regency", "apply", written(tmp_path, PACK))
    assert (code, err) == (DONE, "")
    assert "99.77 Kota Contoh: version 1 in agency-gateway, analytics, dispatch, intake, roster" in out
    listed = json.loads(sigap("regency", "list", "--json")[1])
    assert {item["code"]: item["complete"] for item in listed}["99.77"]
    assert json.loads(sigap("regency", "show", "99.77")[1])["pack"]["name"] == "Kota Contoh"


def test_the_same_pack_again_makes_no_version_and_a_changed_one_makes_one(sigap: Sigap, tmp_path: Path) -> None:
    text = PACK.replace("99.77", "99.78")
    for said in (text, text, text.replace("Kota Contoh", "Kota Lain")):
        assert sigap("regency", "apply", written(tmp_path, said))[0] == DONE
    shown = json.loads(sigap("regency", "show", "99.78")[1])
    assert (shown["version"], shown["pack"]["name"]) == (2, "Kota Lain")


def test_a_wrong_pack_is_refused_whole_with_each_error_and_its_line(sigap: Sigap, tmp_path: Path) -> None:
    wrong = PACK.replace("99.77", "99.79").replace("[damkar]", "[damkar, polisi]").replace("Makassar", "Atlantis")
    code, _, err = sigap("regency", "apply", written(tmp_path, wrong))
    assert code == NOT_ACHIEVED
    assert "line 3, /time_zone" in err
    assert "line 7, /response_plans/0/agencies/1" in err
    assert sigap("regency", "show", "99.79")[0] == REFUSED


def test_of_several_packs_the_right_ones_are_taken_and_the_wrong_one_is_named(sigap: Sigap, tmp_path: Path) -> None:
    right, wrong = tmp_path / "right.yaml", tmp_path / "wrong.yaml"
    right.write_text(PACK.replace("99.77", "99.80"))
    wrong.write_text(PACK.replace("99.77", "99.81").replace("fire, agencies", "unknown, agencies"))
    code, out, err = sigap("regency", "apply", str(right), str(wrong))
    assert code == NOT_ACHIEVED
    assert "1 of 2 in force in every service" in out
    assert "99.81" in err


def test_files_that_are_no_packs_are_all_named_and_nothing_is_applied(sigap: Sigap, tmp_path: Path) -> None:
    files = {
        "right.yaml": PACK.replace("99.77", "99.82").encode(),
        "number.yaml": b"code: 17.10\nname: X\n",
        "list.yaml": b"- a\n",
        "latin.yaml": 'code: "99.83"\nname: Caf\u00e9\n'.encode("cp1252"),
        "deep.yaml": b"[" * 100_000,
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    code, out, err = sigap("regency", "apply", *(str(tmp_path / name) for name in (*files, "absent.yaml")))
    assert (code, out) == (NOT_ACHIEVED, "")
    assert 'number.yaml line 1: the code goes in quotes, such as "17.10"; without them it is the number 17.1' in err
    assert all(name in err for name in ("list.yaml", "latin.yaml", "deep.yaml", "absent.yaml"))
    assert sigap("regency", "show", "99.82")[0] == REFUSED


def test_a_pack_with_a_mark_and_crlf_is_a_pack(sigap: Sigap, tmp_path: Path) -> None:
    path = tmp_path / "pack.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + PACK.replace("99.77", "99.84").replace("\n", "\r\n").encode())
    assert sigap("regency", "apply", str(path))[0] == DONE


def test_the_schema_is_the_pack_s_own(sigap: Sigap) -> None:
    assert json.loads(sigap("regency", "schema")[1]) == pack_schema()


def boundaries(folder: Path) -> list[str]:
    def square(west: float) -> dict[str, Any]:
        east = west + 1
        return {"type": "Polygon", "coordinates": [[[west, 0], [east, 0], [east, 1], [west, 1], [west, 0]]]}

    features = [{"type": "Feature", "id": f"99.9{n}", "geometry": square(102 + n * 0.9)} for n in (2, 3)]
    shapes, rows = folder / "b.geojson", folder / "r.csv"
    shapes.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    rows.write_text("code,name,timezone\n99.92,Kabupaten A,Asia/Jakarta\n99.93,Kota B,Asia/Jakarta\n")
    return [str(shapes), "--csv", str(rows)]


def test_boundaries_become_packs_that_are_written_and_applied(sigap: Sigap, tmp_path: Path, api: httpx.Client) -> None:
    folder = tmp_path / "packs"
    code, out, err = sigap("regency", "import-boundaries", *boundaries(tmp_path), "--out", str(folder), "--apply")
    assert code == DONE, err
    assert "2 of 2 in force in every service" in out
    assert sorted(path.name for path in folder.iterdir()) == ["99.92.json", "99.93.json"]
    zones = api.get("/v1/zones", params={"lat": 0.5, "lon": 105.3}).json()
    assert zones["owner"] == "99.93"


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.exists(), reason=f"the boundaries of Indonesia are not at {SHARED}")
@pytest.mark.timeout(300)
def test_all_of_indonesia_is_in_force_within_a_minute(sigap: Sigap) -> None:
    files = [str(SHARED / "boundaries.geojson.gz"), "--csv", str(SHARED / "regencies.csv")]
    code, out, _ = sigap("regency", "import-boundaries", *files, "--apply", "--timeout", "60")
    assert (code, out.splitlines()[-1]) == (DONE, "514 of 514 in force in every service")
