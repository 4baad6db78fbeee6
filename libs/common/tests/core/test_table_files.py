"""Tables as the world sends them: what is taken, what is refused, and where each fault is."""

import pytest

from sigap_common.core.table_files import Table, TableRefused, alike, decimal, named, rounded_by_spreadsheet, same_signs


def rows(text: str | bytes) -> list[tuple[str, ...]]:
    table = Table.of(text.encode() if isinstance(text, str) else text)
    return [table.head.cells, *(row.cells for row in table.rows)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line", ["", "sep={}", '"sep={}"', "SEP={}{}{}"])
def test_marks_line_ends_and_separators_are_no_content(end: str, mark: str, separator: str, line: str) -> None:
    first = line.format(separator, separator, separator) + end if line else ""
    text = f'{mark}{first}a{separator}"b, c"{end}1{separator}"2{separator}{end}3"{end}{end}'
    assert rows(text) == [("a", "b, c"), ("1", f"2{separator}{end}3")]


def test_a_head_that_begins_like_the_separator_line_is_a_head() -> None:
    assert rows("sep=;b\n1;2\n") == [("sep=", "b"), ("1", "2")]
    assert rows("\taddress\n0\tJl. A\n") == [("", "address"), ("0", "Jl. A")]


def test_rows_and_lines_are_told_apart() -> None:
    table = Table.of(b'sep=,\na,b\n\n"1\n1",2\n3,4\n')
    assert [(row.row, row.line) for row in (table.head, *table.rows)] == [(1, 2), (3, 4), (4, 6)]


def test_only_carriage_return_and_line_feed_end_a_row() -> None:
    assert rows("a,b\n1\x85 2,x\u2028y\x0bz\n") == [("a", "b"), ("1\x85 2", "x\u2028y\x0bz")]


def test_a_short_row_has_empty_cells_and_a_long_one_is_a_fault() -> None:
    table = Table.of(b"a,b,c\n1\n1,2,3,,\n1,2,3,4\n")
    assert [table.rows[0].cell(at) for at in (0, 2, None)] == ["1", "", ""]
    assert [(fault.row, fault.kind) for fault in table.faults] == [(4, "csv_row_too_long")]
    assert "line 4: The row has 4 cells, the head has 3." in str(table.faults[0])


def test_text_that_a_spreadsheet_was_told_to_leave_alone_is_the_text() -> None:
    assert rows("a,b,c\n=\"0812\",'0813,'Tis\n")[1] == ("0812", "0813", "'Tis")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("a,b\nCafé,1\n".encode("cp1252"), "line 2: The file is not in UTF-8; it looks like Windows-1252"),
        ("a,b\r1,2\rCafé,1\r".encode("cp1252"), "line 3: "),
        ("a,b\nCafé,1\n".encode("utf-16"), "line 1: The file is not in UTF-8; it looks like UTF-16"),
        ("a,b\nCafé,1\n".encode("utf-16-le"), "it looks like UTF-16"),
        ("a,b\nC,1\n".encode("utf-16-be"), "it looks like UTF-16"),
        (b"PK\x03\x04\x14\x00\x06", "This is a workbook"),
        (b'a,b\n1,2\n"3,4\n5,6\n', "line 3: The row is not valid CSV"),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence_with_its_line(data: bytes, said: str) -> None:
    with pytest.raises(TableRefused) as refused:
        Table.of(data)
    assert said in str(refused.value)


def test_an_empty_file_is_an_empty_table() -> None:
    for data in (b"", b"\n\n", b"\xef\xbb\xbf", b"sep=;"):
        assert (Table.of(data).head.cells, Table.of(data).rows) == ((), ())


def test_a_column_is_found_as_it_is_written_before_one_that_is_alike() -> None:
    table = Table.of("NAMA,nama, Jum\u2019at \n1,2,3\n".encode())
    assert [table.column("nama"), table.column("name", "NAMA"), table.column("jum'at"), table.column("x")] == [
        1,
        0,
        2,
        None,
    ]


def test_signs_that_look_the_same_compare_as_the_same() -> None:
    assert same_signs("Ma\u2019ruf\u00a0\u2013\u200b Jum\u02bcat\u2028") == "Ma'ruf - Jum'at"
    assert alike("Caf\u0065\u0301  A") == alike("CAF\u00c9 a")


@pytest.mark.parametrize(("text", "number"), [("-3.79", -3.79), ("-3,79", -3.79), ("\u22123.79", -3.79), ("1e2", 100)])
def test_a_decimal_number_has_a_point_or_a_comma(text: str, number: float) -> None:
    assert decimal(text) == number


@pytest.mark.parametrize(
    "text", ["", "nan", "NaN", "inf", "-Infinity", "1_0", "1.2.3", "1,022.6", "0x10", "1e999", "x"]
)
def test_what_is_no_finite_number_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        decimal(text)


def test_a_number_that_a_spreadsheet_rounded_is_seen() -> None:
    found = [rounded_by_spreadsheet(text) for text in ("8.129E+11", "8,129E+11", "0812", "E12", "12 E")]
    assert found == [True, True, False, False, False]


def test_of_many_faults_some_are_named_and_all_are_counted() -> None:
    assert named(["a", "b"]) == ["a", "b"]
    assert named([str(n) for n in range(60)])[49:] == ["49", "and 10 more, 60 in all"]
