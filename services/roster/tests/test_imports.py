"""Lists of staff and of days off as files: all of a file, or nothing of it; each wrong cell is named."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from sigap_common.core.table_files import alike
from sigap_common.core.texts import Language, Texts
from sigap_roster.files.absences import ABSENCE_COLUMNS, ABSENCES
from sigap_roster.files.lines import Refused
from sigap_roster.files.staff import MOST_ROWS, STAFF, STAFF_COLUMNS, resolve
from sigap_testing.kit import Kit
from sigap_testing.refusals import faults_of

from .conftest import Desk, Draft, Enter
from .test_api import named, refused

Upload = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def upload(kit: Kit) -> Upload:
    async def send(what: str, file: str | bytes, *roles: str) -> httpx.Response:
        headers = kit.bearer(*(roles or ("planner",)), regencies=("99.01",)) | {"Content-Type": "text/csv"}
        return await kit.client.post(f"/v1/{what}/import?regency=99.01", content=file, headers=headers)

    return send


def counts(answer: httpx.Response) -> tuple[int, int, int]:
    """How many rows added something, changed something, and changed nothing."""
    assert answer.status_code == 200, answer.text
    told = answer.json()
    return told["added"], told["changed"], told["unchanged"]


async def people(desk: Desk) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await desk("GET", "/v1/staff?regency=99.01")).json()["items"]
    return sorted(found, key=lambda one: one["name"])


async def test_a_list_of_staff_is_taken_as_excel_in_indonesia_writes_it(desk: Desk, upload: Upload) -> None:
    file = (
        "\ufeffsep=;\r\nNomor Petugas;Nama;Kontak;Akun;Instansi;Status Kepegawaian;Jenis Kelamin;"
        "Tanpa Malam Sampai;Keahlian;Jam Seminggu;Setuju Lembur Sejak\r\n"
        'OP-07;Budi Santoso;="0812";budi;damkar;PNS;L;;"leader, first-aid:2028-06-30";32,5;2027-01-04\r\n'
        "OP-08;Siti Aminah;;;;Kontrak;Perempuan;2027-06-30;;;\r\n"
    )
    answer = await upload("staff", file)
    assert counts(answer) == (2, 0, 0)
    budi, siti = await people(desk)
    told = {name: budi[name] for name in ("number", "contact", "subject", "agency", "employment", "sex", "active")}
    assert told == {
        "number": "OP-07",
        "contact": "0812",
        "subject": "budi",
        "agency": "99.01/damkar",
        "employment": "civil_servant",
        "sex": "male",
        "active": True,
    }
    assert budi["skills"] == [{"code": "leader", "until": None}, {"code": "first-aid", "until": "2028-06-30"}]
    assert (siti["employment"], siti["sex"], siti["no_nights_until"]) == ("contract", "female", "2027-06-30")
    assert (budi["weekly_hours"], budi["overtime_agreed_on"]) == (32.5, "2027-01-04")
    assert (siti["weekly_hours"], siti["overtime_agreed_on"]) == (None, None)


async def test_hours_that_are_none_are_named_in_a_list_of_staff(desk: Desk, upload: Upload) -> None:
    rows = "".join(f"OP-{n},A{n},{hours}\n" for n, hours in enumerate(("penuh", "0", "nan", "-4", "1e9", "40")))
    answer = await upload("staff", f"staff_number,name,weekly_hours\n{rows}")
    refused(answer, 422, "invalid-request")
    assert [(row, column) for row, column, _ in named(answer)] == [(row, "weekly_hours") for row in range(2, 7)]


async def test_the_same_file_again_changes_nothing_and_another_only_its_own_columns(
    desk: Desk, enter: Enter, upload: Upload
) -> None:
    await enter("Budi", contact="0812", skills=[{"code": "leader"}])
    file = "staff_number,name,active\nop-budi,Budi,ya\nOP-Siti,Siti,\n"
    assert counts(await upload("staff", file)) == (1, 1, 0), "the number is op-budi now"
    assert counts(await upload("staff", file)) == (0, 0, 2)
    file = "staff_number,name,active\nop-budi,Budi Santoso,tidak\n"
    assert counts(await upload("staff", file)) == (0, 1, 0)
    budi, siti = await people(desk)
    assert (budi["name"], budi["active"], budi["contact"]) == ("Budi Santoso", False, "0812")
    assert (budi["skills"], budi["subject"]) == ([{"code": "leader", "until": None}], "budi")
    assert siti["active"]


async def test_every_wrong_cell_of_a_list_of_staff_is_named_at_once_and_nothing_is_taken(
    desk: Desk, enter: Enter, upload: Upload
) -> None:
    await enter("Wati")
    before = await people(desk)
    answer = await upload(
        "staff",
        "staff_number,name,agency,sex,employment,no_nights_until,skills,active,contact,subject\n"
        "OP-1,Budi,,,,2027-02-31,,,,\n"
        "OP-2,,nowhere,X,magang,,leader,mungkin,8.1E+11,wati\n"
        ",Siti,,,,,A B,,,\n"
        "op-1,Joko,,,,,,,,\n"
        "OP-4,Rina,,,,,,,,,too much\n"
        f"OP-5,{'x' * 201},,,,,leader;leader,,,rina\n"
        f"OP-6,Dewi,,,,,leader:kapan,,,rina\n",
    )
    refused(answer, 422, "invalid-request")
    assert named(answer) == [
        (2, "no_nights_until", "date_from_datetime_parsing"),
        (3, "name", "csv_value_missing"),
        (3, "sex", "csv_word_unknown"),
        (3, "employment", "csv_word_unknown"),
        (3, "active", "csv_word_unknown"),
        (3, "contact", "csv_number_rounded"),
        (3, "agency", "agency_unknown"),
        (3, "subject", "csv_subject_taken"),
        (4, "staff_number", "csv_value_missing"),
        (4, "skills", "string_pattern_mismatch"),
        (5, "staff_number", "csv_person_twice"),
        (6, "csv_row_too_long"),
        (7, "name", "csv_value_too_long"),
        (7, "skills", "skill_twice"),
        (8, "skills", "date_type"),
        (8, "subject", "csv_person_twice"),
    ]
    assert answer.json()["count"] == len(named(answer))
    assert await people(desk) == before


async def test_an_agency_and_an_account_of_others_are_named_with_their_rows(
    desk: Desk, enter: Enter, upload: Upload
) -> None:
    await enter("Wati")
    answer = await upload("staff", "staff_number,name,agency,subject\nOP-2,Rina,nowhere,wati\nOP-Wati,Wati,,\n")
    assert named(answer) == [(2, "agency", "agency_unknown"), (2, "subject", "csv_subject_taken")]
    assert "Wati" in answer.json()["errors"][1]["detail"]


@pytest.mark.parametrize(
    ("file", "found"),
    [
        (b"", [(1, "name", "csv_staff_column_missing"), (1, "staff_number", "csv_staff_column_missing")]),
        (b"staff_number;nama;name\n1;a;b\n", [(1, "name", "csv_column_twice")]),
        ("staff_number,name\n1,José\n".encode("cp1252"), [(2, "csv_not_utf8")]),
        ("staff_number,name\n1,José\n".encode("utf-16"), [(1, "csv_not_utf8")]),
        (b"staff_number,name\n" + b"1,x\n" * 10_000, [(4 * MOST_ROWS + 1, "csv_too_many_records")]),
        (b"staff_number,name\n" + b"1,x\n" * (MOST_ROWS + 1), [(MOST_ROWS + 2, "csv_too_many_rows")]),
    ],
)
def test_a_file_that_is_no_list_of_staff_is_refused_with_its_place(file: bytes, found: list[Any]) -> None:
    with pytest.raises(Refused) as refusal:
        STAFF.read(file)
    assert [(*error.place[1:], error.kind) for error in faults_of(refusal)] == found


def test_two_thousand_rows_are_read_and_each_wrong_one_is_counted() -> None:
    rows = "".join(f"OP-{number},Petugas {number},X\n" for number in range(MOST_ROWS))
    _, faults = resolve(STAFF.read(f"staff_number,name,sex\n{rows}".encode()), "99.01")
    assert len(faults) == MOST_ROWS


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("form", [(STAFF, STAFF_COLUMNS), (ABSENCES, ABSENCE_COLUMNS)])
def test_who_lacks_a_column_is_told_every_head_that_is_accepted(form: Any, language: Language) -> None:
    kind, columns = form[0].missing, form[1]
    told = alike(Texts.load("sigap_roster").get(f"validation.{kind}", language))
    heads = [head if head in columns.values() else head.replace("_", " ") for head in columns]
    assert [head for head in heads if head not in told] == []


async def test_days_off_come_from_a_file_once(desk: Desk, enter: Enter, upload: Upload) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    file = "Nama;Jenis;Dari;Sampai\nBudi;cuti;2024-03-08;2024-03-12\nSiti;Keinginan;2024-03-14;\n"
    assert (await upload("absences", file)).json() == {"added": 2, "changed": 0, "unchanged": 0}
    assert (await upload("absences", file)).json() == {"added": 0, "changed": 0, "unchanged": 2}
    found = (await desk("GET", "/v1/absences?regency=99.01")).json()["items"]
    assert sorted((one["staff_id"], one["kind"], one["first_day"], one["last_day"]) for one in found) == sorted(
        [(budi, "leave", "2024-03-08", "2024-03-12"), (siti, "wish", "2024-03-14", "2024-03-14")]
    )


async def test_wishes_come_from_a_file_with_their_weight(desk: Desk, enter: Enter, upload: Upload) -> None:
    await enter("Budi")
    file = (
        "Nama;Jenis;Dari;Sif;Bobot\nBudi;Ingin Bertugas;2024-03-08;malam hari;7\nBudi;keinginan;2024-03-09;PAGI;\n"
        "Budi;keinginan;2024-03-10;;\nBudi;keinginan;2024-03-11;;5\n"
    )
    for added in (4, 0):
        assert (await upload("absences", file)).json() == {"added": added, "changed": 0, "unchanged": 4 - added}
    found = (await desk("GET", "/v1/absences?regency=99.01")).json()["items"]
    assert [(one["kind"], one["shift"], one["weight"]) for one in found] == [
        ("wish_to_work", "malam", 7),
        ("wish", "pagi", 1),
        ("wish", None, 1),
        ("wish", None, 5),
    ]


async def test_every_wrong_wish_is_named_at_once(desk: Desk, enter: Enter, upload: Upload) -> None:
    await enter("Budi")
    answer = await upload(
        "absences",
        "name,kind,first_day,shift,weight\n"
        "Budi,wish_to_work,2024-03-01,,\n"
        "Budi,leave,2024-03-01,pagi,\n"
        "Budi,wish,2024-03-01,sore,11\n"
        "Budi,wish,2024-03-01,sore,\n"
        "Budi,asked,2024-03-01,,5\n"
        "Budi,wish,2024-03-01,pagi,satu\n"
        "Budi,wish,2024-03-01,pagi,2\n"
        "Budi,wish,2024-03-01,Pagi,2\n",
    )
    refused(answer, 422, "invalid-request")
    assert named(answer) == [
        (2, "shift", "shift_needed"),
        (3, "shift", "shift_only_of_wish"),
        (4, "weight", "csv_weight"),
        (4, "shift", "shift_unknown"),
        (5, "shift", "shift_unknown"),
        (6, "weight", "weight_only_of_wish"),
        (7, "weight", "csv_weight"),
        (9, "name", "csv_row_twice"),
    ]
    assert (await desk("GET", "/v1/absences?regency=99.01")).json()["items"] == []


async def test_every_wrong_cell_of_a_list_of_days_off_is_named_at_once(
    desk: Desk, enter: Enter, upload: Upload
) -> None:
    await enter("Budi")
    answer = await upload(
        "absences",
        "staff_number,kind,first_day,last_day\n"
        "OP-Budi,leave,2024-02-31,2024-03-01\n"
        "OP-Siti,sakit,2024-03-01,2024-02-01\n"
        "OP-Budi,wish,2024-03-01,2027-03-01\n"
        "OP-Budi,wish,2024-03-02,\n"
        ",,,\n"
        "OP-Budi,wish,2024-03-02,2024-03-02\n",
    )
    refused(answer, 422, "invalid-request")
    assert named(answer) == [
        (2, "first_day", "csv_day"),
        (3, "staff_number", "csv_staff_unknown"),
        (3, "kind", "csv_word_unknown"),
        (3, "last_day", "before_first_day"),
        (4, "last_day", "absence_too_long"),
        (7, "staff_number", "csv_row_twice"),
    ]
    assert (await desk("GET", "/v1/absences?regency=99.01")).json()["items"] == []


async def test_an_imported_plan_is_checked_by_the_same_rules_as_one_made_by_hand(
    kit: Kit, desk: Desk, enter: Enter, draft: Draft, upload: Upload
) -> None:
    budi = await enter("Budi")
    await upload("absences", "name,kind,first_day\nBudi,leave,2024-02-21\n")
    by_hand = await draft((budi, 21, "pagi"))
    other = await draft()
    headers = kit.bearer("planner", regencies=("99.01",)) | {"Content-Type": "text/csv", "If-Match": "*"}
    path = f"/v1/rosters/{other['id']}"
    answer = await kit.client.post(f"{path}/import", content="name,day,shift\nBudi,2024-02-21,pagi\n", headers=headers)
    assert answer.status_code == 200, answer.text
    found = [(await desk("GET", f"/v1/rosters/{one['id']}/breaches")).json() for one in (by_hand, other)]
    assert found[0] == found[1]
    assert [one["rule"] for one in found[1]["items"] if one["strength"] == "hard"] == ["available"]


async def test_only_planners_import(upload: Upload) -> None:
    for what in ("staff", "absences"):
        refused(await upload(what, "x", "supervisor", "staff"), 403, "role-missing")
