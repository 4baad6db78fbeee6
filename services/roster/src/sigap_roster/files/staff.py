"""Reads a list of staff, a CSV file: one person in each row, known by the staff number."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from sigap_common.core.errors import Fault, faults
from sigap_common.core.table_files import alike, rounded_by_spreadsheet
from sigap_common.personal_data import Sealed
from sigap_common.regency import Employment
from sigap_roster.domain import Sex
from sigap_roster.files.lines import Form, Line
from sigap_roster.files.plan import plain
from sigap_roster.schemas.staff import StaffEntry

MOST_ROWS = 2000
_FIELDS = (
    "name",
    "contact",
    "subject",
    "agency",
    "active",
    "employment",
    "sex",
    "no_nights_until",
    "skills",
    "weekly_hours",
    "overtime_agreed_on",
)
STAFF_COLUMNS = {name: name for name in ("staff_number", *_FIELDS)} | {
    "nomor_petugas": "staff_number",
    "nama": "name",
    "kontak": "contact",
    "akun": "subject",
    "instansi": "agency",
    "aktif": "active",
    "status_kepegawaian": "employment",
    "jenis_kelamin": "sex",
    "tanpa_malam_sampai": "no_nights_until",
    "keahlian": "skills",
    "jam_seminggu": "weekly_hours",
    "setuju_lembur_sejak": "overtime_agreed_on",
}
STAFF = Form(STAFF_COLUMNS, ("name",), ("staff_number",), MOST_ROWS, "csv_staff_column_missing")
_WORDS: Mapping[str, Mapping[str, object]] = {
    "active": {
        **dict.fromkeys(("true", "ya", "yes", "1"), True),
        **dict.fromkeys(("false", "tidak", "no", "0"), False),
    },
    "sex": {
        **{alike(sex): sex for sex in Sex},
        **{"p": Sex.FEMALE, "perempuan": Sex.FEMALE, "wanita": Sex.FEMALE},
        **{"l": Sex.MALE, "laki-laki": Sex.MALE, "pria": Sex.MALE},
    },
    "employment": {
        **{one.value: one for one in Employment},
        **{"kontrak": Employment.CONTRACT, "pns": Employment.CIVIL_SERVANT, "asn": Employment.CIVIL_SERVANT},
        **{"kepolisian": Employment.POLICE, "militer": Employment.MILITARY, "relawan": Employment.VOLUNTEER},
    },
}
"""Every word that a cell of these columns may have."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row. `told`: the fields of a StaffMember that the file has; of a row with faults only those by which it may
    collide with other entries or with the pack, if their own cells have no fault. An empty cell empties its field, and
    means that the person is active.
    """

    line: Line
    told: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The number in the form that is compared."""
        return plain(self.line.cells["staff_number"])


def resolve(lines: Sequence[Line], regency: str) -> tuple[list[Entry], list[Fault]]:
    """The entries of the lines, and the faults that they have by themselves. The same rules hold as for an entry by
    hand.
    """
    entries, wrong = [], []
    for line in lines:
        body, found = _body(line, regency)
        told: dict[str, Any] = {}
        try:
            entry = StaffEntry.model_validate(body)
            told = {name: entry.told()[name] for name in ("number", *(one for one in _FIELDS if one in line.cells))}
        except ValidationError as error:
            found += [_at(line, fault) for fault in faults(error.errors(include_url=False))]
            found += [fault for one in _of_skills(body) if _is_new(fault := _at(line, one), found)]
        own = [*line.faults, *(fault for fault in found if _is_new(fault, line.faults))]
        wrong += own
        entries.append(Entry(line, told if not own else _unharmed(line, body, own)))
    return entries, [*wrong, *_twice(lines)]


def _of_skills(body: Mapping[str, Any]) -> list[Fault]:
    """The faults of a row's skills alone: pydantic asks no rule about them while another field is wrong."""
    try:
        StaffEntry.model_validate({"name": "-", "skills": body.get("skills", [])})
    except ValidationError as error:
        return faults(error.errors(include_url=False))
    return []


def _unharmed(line: Line, body: Mapping[str, Any], wrong: Sequence[Fault]) -> Mapping[str, Any]:
    """Number, agency and account of a row with faults, as far as these cells have none."""
    fields = {"number": "staff_number", "agency": "agency", "subject": "subject"}
    good = {
        field: body[field]
        for field, column in fields.items()
        if body.get(field) and _is_new(line.fault(column, ""), wrong)
    }
    return good | {"number": Sealed(good["number"]) if "number" in good else None}


def _body(line: Line, regency: str) -> tuple[dict[str, Any], list[Fault]]:
    """The row as the body of a request, and the cells whose words nobody knows."""
    body: dict[str, Any] = {"number": line.cells["staff_number"]}
    wrong = []
    for column, text in line.cells.items():
        if not text or column == "staff_number":
            continue
        known = _WORDS.get(column)
        if known is not None and alike(text) not in known:
            wrong.append(line.fault(column, "csv_word_unknown", known=", ".join(known)))
        elif known is not None:
            body[column] = known[alike(text)]
        elif column == "contact" and rounded_by_spreadsheet(text):
            wrong.append(line.fault(column, "csv_number_rounded"))
        elif column == "agency":
            body[column] = text if "/" in text else f"{regency}/{text.lower()}"
        elif column == "weekly_hours":
            body[column] = text.replace(",", ".")
        elif column == "skills":
            body[column] = [_skill(one) for one in text.replace(";", ",").split(",") if one.strip()]
        else:
            body[column] = text
    return body, wrong


def _skill(text: str) -> dict[str, str]:
    """A skill of a cell, such as `leader` or `first-aid:2028-06-30`."""
    code, _, until = text.partition(":")
    return {"code": code.strip()} | ({"until": until.strip()} if until.strip() else {})


def _at(line: Line, fault: Fault) -> Fault:
    """A fault of the entry at its cell. What pydantic says of all of the entry is about skills."""
    field = str(fault.place[0]) if fault.place else "skills"
    return line.fault("staff_number" if field == "number" else field, fault.kind, **fault.params)


def _is_new(fault: Fault, known: Sequence[Fault]) -> bool:
    """Whether nothing is said of the cell yet: an empty name is told once."""
    return fault.place not in [one.place for one in known]


def _twice(lines: Sequence[Line]) -> Iterator[Fault]:
    """The cells that name a person or an account of a row above."""
    for column in ("staff_number", "subject"):
        first: dict[str, int] = {}
        for line in lines:
            text = line.cells.get(column, "")
            key = plain(text) if column == "staff_number" else text
            if key and key in first:
                yield line.fault(column, "csv_person_twice", row=first[key])
            first.setdefault(key, line.row)
