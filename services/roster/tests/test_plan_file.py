"""A duty plan as a file: what is taken, and how each row that cannot be taken is named."""

from datetime import date
from uuid import UUID, uuid5

import pytest

from sigap_common.core.texts import Language, Texts
from sigap_common.personal_data import Sealed
from sigap_common.regency import Shift, ShiftPattern
from sigap_roster.domain import StaffMember
from sigap_roster.files.lines import Refused
from sigap_roster.files.plan import COLUMNS, MOST_ROWS, PLAN, resolve
from sigap_testing.refusals import faults_of

SOME = UUID("018dc000-0000-7000-8000-000000000001")
MARCH = (date(2027, 3, 1), date(2027, 3, 31))
PATTERN = ShiftPattern(shifts=(Shift(code="malam", name="Jaga Malam", start="07:00", end="07:00"),))


def person(name: str, number: str | None = None) -> StaffMember:
    member_id = uuid5(SOME, name + str(number))
    return StaffMember(id=member_id, regency="99.01", name=Sealed(name), number=Sealed(number) if number else None)


BUDI, SITI = person("Budi Santoso", "OP-07"), person("Siti", "OP-08")


def planned(text: str, *people: StaffMember) -> list[tuple[UUID, str, str]]:
    known = {one.id: one for one in people or (BUDI, SITI)}
    understood, faults = resolve(PLAN.read(text.encode()), known, PATTERN, MARCH)
    if faults:
        raise Refused(faults)
    return [(one.staff_id, one.day.isoformat(), one.shift) for _, one in understood]


def refused(file: str | bytes, *people: StaffMember) -> list[tuple[str | int, ...]]:
    with pytest.raises(Refused) as refusal:
        planned(file, *people) if isinstance(file, str) else PLAN.read(file)
    return [(*error.place[1:], error.kind) for error in faults_of(refusal)]


@pytest.mark.parametrize(
    "text",
    [
        f"staff_id,day,shift\n{BUDI.id},2027-03-01,malam\n",
        "staff_number,day,shift\r\nop-07,2027-03-01,MALAM\r\n",
        "name,day,shift\nbudi  santoso,2027-03-01,jaga malam",
        "Nomor Petugas;Tanggal;Sif\nOP-07;2027-03-01;malam\n;;\n\n",
        "\ufeffday\tshift\tname\tcatatan\n2027-03-01\tmalam\t Budi Santoso \tbaru\n",
        '\nshift,note,day,name\nmalam,"a, b\nc",2027-03-01,"Budi Santoso"\n',
        "sep=;\r\nnomor_petugas;tanggal;sif\r\nOP-07;2027-03-01;malam\r\n",
        '"sep=\t"\nnama\ttanggal\tsif\nBudi\u00a0Santoso\t2027-03-01\tmalam\n',
        'staff_number,day,shift,note\n="OP-07",2027-03-01,malam,a\x85b\u2028c\n',
    ],
    ids=[
        "by id",
        "by number",
        "by name",
        "semicolons, Indonesian",
        "tabs, mark, more columns",
        "quoted, any order",
        "separator line of Excel",
        "separator line in quotes, hard space",
        "kept as text, other line signs",
    ],
)
def test_a_plan_is_read_as_spreadsheets_write_it(text: str) -> None:
    assert planned(text) == [(BUDI.id, "2027-03-01", "malam")]


def test_every_wrong_row_is_named_with_its_column_at_once() -> None:
    text = "staff_number,day,shift\nOP-07,2027-02-31,malam\n\nOP-99,1/3/2027,malam\nOP-08,2027-03-01,\nOP-08\n"
    assert refused(text + "OP-08,2027-03-01,malam,,x\n") == [
        (2, "day", "csv_day"),
        (4, "staff_number", "csv_staff_unknown"),
        (4, "day", "csv_day"),
        (5, "shift", "csv_value_missing"),
        (6, "day", "csv_value_missing"),
        (6, "shift", "csv_value_missing"),
        (7, "csv_row_too_long"),
    ]


def test_all_that_is_wrong_with_one_row_is_named_at_once() -> None:
    text = "staff_number,day,shift\nOP-99,2027-04-01,senja\nOP-07,2027-02-31,senja\n"
    assert refused(text) == [
        (2, "staff_number", "csv_staff_unknown"),
        (2, "day", "not_in_plan"),
        (2, "shift", "shift_unknown"),
        (3, "day", "csv_day"),
        (3, "shift", "shift_unknown"),
    ]


def test_rows_are_counted_as_a_spreadsheet_shows_them() -> None:
    text = 'sep=;\nname;day;shift;note\nSiti;2027-03-01;malam;"two\nlines"\nWati;2027-03-01;malam;\n'
    assert refused(text) == [(3, "name", "csv_staff_unknown")]


@pytest.mark.parametrize(
    "written", ["Ma'ruf Al-Amin", "MA\u2019RUF AL\u2013AMIN", "Ma\u02bbruf\u00a0Al\u2010Amin\u200b"]
)
def test_a_name_is_known_by_any_apostrophe_and_hyphen(written: str) -> None:
    known = person("Ma\u2018ruf Al-Amin")
    assert planned(f"name,day,shift\n{written},2027-03-01,malam\n", known)[0][0] == known.id


@pytest.mark.parametrize(("number", "written"), [("0070", "70"), ("17.10", "17.1"), ("17.10", "17,1")])
def test_a_number_that_a_spreadsheet_changed_is_named_with_the_one_that_was_meant(number: str, written: str) -> None:
    text = f"staff_number;day;shift\n{written};2027-03-01;malam\n"
    assert refused(text, person("Budi", number)) == [(2, "staff_number", "csv_staff_number_reshaped")]


def test_a_name_that_two_have_names_nobody() -> None:
    text = "name,day,shift\nSiti,2027-03-01,malam\n"
    assert refused(text, SITI, person("SITI")) == [(2, "name", "csv_staff_ambiguous")]


@pytest.mark.parametrize(
    ("file", "found"),
    [
        (
            b"",
            [
                (1, "day", "csv_column_missing"),
                (1, "shift", "csv_column_missing"),
                (1, "staff_id", "csv_column_missing"),
            ],
        ),
        (b"name,shift\nx,y\n", [(1, "day", "csv_column_missing")]),
        (b"name,day,shift,nama\nx,2027-03-01,y,z\n", [(1, "name", "csv_column_twice")]),
        (b"name,day,shift\n", [(2, "csv_empty")]),
        (b'name,day,shift\n"x,2027-03-01,y\n', [(2, "csv_unreadable")]),
        (b"PK\x03\x04 a workbook", [(1, "csv_workbook")]),
        (b"name,day,shift\nJos\xe9,2027-03-01,malam\n", [(2, "csv_not_utf8")]),
        ("name,day,shift\nSiti,2027-03-01,malam\n".encode("utf-16"), [(1, "csv_not_utf8")]),
        ("name,day,shift\nSiti,2027-03-01,malam\n".encode("utf-16-le"), [(1, "csv_not_utf8")]),
        (b"name,day,shift\n" + b"x,y,z\n" * (MOST_ROWS + 1), [(MOST_ROWS + 2, "csv_plan_too_many_rows")]),
        (b"name,day,shift\n" + b"x" * 200_000 + b",y,z\n", [(2, "csv_unreadable")]),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_with_its_place(
    file: bytes, found: list[tuple[str | int, ...]]
) -> None:
    assert refused(file) == found


@pytest.mark.parametrize("language", ["id", "en"])
def test_who_lacks_a_column_is_told_every_head_that_is_accepted(language: Language) -> None:
    told = Texts.load("sigap_roster").get("validation.csv_column_missing", language)
    heads = [head if head in COLUMNS.values() else head.replace("_", " ") for head in COLUMNS]
    assert [head for head in heads if head not in told] == []
