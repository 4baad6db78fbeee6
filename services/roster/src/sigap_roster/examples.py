"""Examples of requests and answers, for the API's documentation."""

from typing import Any

_STAFF_ID = "018dbf52-3b80-7c3e-9d7e-1f2a3b4c5d6e"
_ROSTER_ID = "018dbf52-4c10-7d21-8a4b-6c5d4e3f2a1b"

STAFF_ENTRY: dict[str, Any] = {
    "name": "Budi Santoso",
    "contact": "0812-3456-7890",
    "number": "OP-07",
    "subject": "budi",
    "agency": "17.71/bpbd",
    "active": True,
    "employment": "civil_servant",
    "sex": "male",
    "no_nights_until": None,
    "skills": [{"code": "leader", "until": None}, {"code": "first-aid", "until": "2028-06-30"}],
    "weekly_hours": None,
    "overtime_agreed_on": "2027-01-04",
}
CREATE_STAFF: dict[str, Any] = {"regency": "17.71", **STAFF_ENTRY}
STAFF: dict[str, Any] = {"id": _STAFF_ID, "version": 1, **CREATE_STAFF}
_STILL_PLANNED: dict[str, Any] = {
    "roster_id": _ROSTER_ID,
    "staff_id": _STAFF_ID,
    "day": "2027-03-18",
    "shift": "malam",
    "is_published": True,
    "in_draft": True,
}
REPLACED_STAFF: dict[str, Any] = {**STAFF, "version": 2, "active": False, "still_planned": [_STILL_PLANNED]}

SHIFT_PATTERN: dict[str, Any] = {
    "regency": "17.71",
    "time_zone": "Asia/Jakarta",
    "handover_minutes": 0,
    "shifts": [
        {
            "code": "pagi",
            "name": "Pagi",
            "start": "07:00",
            "end": "14:00",
            "length_minutes": 420,
            "seats": 2,
            "minimum": 1,
            "break_minutes": 0,
        },
        {
            "code": "siang",
            "name": "Siang",
            "start": "14:00",
            "end": "21:00",
            "length_minutes": 420,
            "seats": 2,
            "minimum": 1,
            "break_minutes": 0,
        },
        {
            "code": "malam",
            "name": "Malam",
            "start": "21:00",
            "end": "07:00",
            "length_minutes": 600,
            "seats": 2,
            "minimum": 1,
            "break_minutes": 0,
        },
    ],
    "demand": [
        {
            "name": "Malam takbiran",
            "shifts": ["malam"],
            "weekdays": [],
            "dates": ["2027-03-09"],
            "holidays": None,
            "seats": 4,
            "minimum": 2,
        }
    ],
}

DRAFT_ROSTER: dict[str, Any] = {"regency": "17.71", "first_day": "2027-03-01", "last_day": "2027-03-31"}
PLANNED: dict[str, Any] = {"staff_id": _STAFF_ID, "day": "2027-03-01", "shift": "malam"}
PLAN_FILE = "staff_number,day,shift\nOP-07,2027-03-01,malam\nOP-08,2027-03-01,pagi\n"
STAFF_FILE = (
    "staff_number,name,agency,employment,sex,skills,no_nights_until\n"
    'OP-07,Budi Santoso,bpbd,civil_servant,L,"leader, first-aid:2028-06-30",\n'
    "OP-08,Siti Aminah,,contract,P,,2027-06-30\n"
)
ABSENCE_FILE = (
    "staff_number,kind,first_day,last_day,shift,weight\n"
    "OP-07,leave,2027-03-08,2027-03-12,,\n"
    "OP-08,wish,2027-03-14,,malam,5\n"
)
IMPORTED: dict[str, Any] = {"added": 2, "changed": 0, "unchanged": 0}
IMPORTED_STAFF: dict[str, Any] = {**IMPORTED, "changed": 1, "still_planned": [_STILL_PLANNED]}
ROSTER_SUMMARY: dict[str, Any] = {
    "id": _ROSTER_ID,
    **DRAFT_ROSTER,
    "version": 3,
    "state": "published",
    "changed": False,
    "published_version": 1,
    "published_at": "2027-02-12T03:00:00Z",
}
_ACCEPTED = {"rule": "rest-between-shifts", "reason": "Dua petugas sakit; Budi setuju."}
PUBLISH_ROSTER: dict[str, Any] = {"accepted": [_ACCEPTED]}
ROSTER: dict[str, Any] = {
    **ROSTER_SUMMARY,
    "published_by": "rina",
    "accepted": [_ACCEPTED | {"count": 1}],
    "assignments": [PLANNED],
}
CHANGES: dict[str, Any] = {
    "published_version": 1,
    "added": [PLANNED | {"name": "Budi Santoso"}],
    "removed": [PLANNED | {"staff_id": "018dbf52-3b80-7c3e-9d7e-1f2a3b4c5d6f", "name": "Siti Aminah"}],
}
BREACH: dict[str, Any] = {
    "rule": "rest-between-shifts",
    "strength": "hard",
    "weight": 1,
    "source": "Kesepakatan petugas 112, 2026",
    "day": "2027-03-02",
    "shift": "pagi",
    "staff_id": _STAFF_ID,
    "index": 1,
    "in_words": {
        "id": "Budi (OP-07): hanya 0 jam istirahat antara sif malam 1 Maret 2027 dan sif pagi 2 Maret 2027; "
        "seharusnya 11.",
        "en": "Budi (OP-07): only 0 hours of rest between shift malam of 1 March 2027 and shift pagi of "
        "2 March 2027; 11 due.",
    },
}
STAND_INS: dict[str, Any] = {
    "items": [
        {
            "staff_id": "018dbf52-3b80-7c3e-9d7e-1f2a3b4c5d6f",
            "name": "Siti Aminah",
            "contact": "0813-1111-2222",
            "could": True,
            "wishes_free": False,
            "soft": 0,
            "week_hours": 21.0,
            "hours": 126.0,
            "barred_by": [],
        },
        {
            "staff_id": _STAFF_ID,
            "name": "Budi Santoso",
            "contact": "0812-3456-7890",
            "could": False,
            "wishes_free": False,
            "soft": 0,
            "week_hours": 30.0,
            "hours": 130.0,
            "barred_by": [{**BREACH, "index": None}],
        },
    ]
}
_SITI_BARRED = {
    "rule": "available",
    "source": "staff",
    "day": "2027-03-01",
    "shift": "malam",
    "staff_id": "018dbf52-3b80-7c3e-9d7e-1f2a3b4c5d6f",
    "index": None,
    "in_words": {
        "id": "Siti Aminah tidak tersedia untuk sif malam tanggal 1 Maret 2027.",
        "en": "Siti Aminah is not available for shift malam of 1 March 2027.",
    },
}
WHY: dict[str, Any] = {
    **PLANNED,
    "name": "Budi Santoso",
    "reasons": [
        {
            "kind": "needed",
            "rule": "seats-filled",
            "in_words": {
                "id": "Tanpa penugasan ini: Sif malam tanggal 1 Maret 2027: 1 tempat masih kosong.",
                "en": "Without it: Shift malam of 1 March 2027: 1 seats are open.",
            },
        },
        {
            "kind": "only",
            "rule": None,
            "in_words": {
                "id": "Tidak ada petugas lain yang dapat mengisi sif ini.",
                "en": "Nobody else could be on this shift.",
            },
        },
    ],
    "against": [],
    "others": [
        {
            "staff_id": "018dbf52-3b80-7c3e-9d7e-1f2a3b4c5d6f",
            "name": "Siti Aminah",
            "could": False,
            "barred_by": [BREACH | _SITI_BARRED],
            "restriction": {
                "id": "Siti Aminah: tidak ada sif antara pukul 23.00 dan 07.00 sampai 30 Juni 2027.",
                "en": "Siti Aminah: no shift between 23:00 and 07:00 until 30 June 2027.",
            },
        }
    ],
}
LOCK_CELL: dict[str, Any] = {"staff_id": _STAFF_ID, "day": "2027-03-02", "shift": "pagi"}
LOCK: dict[str, Any] = {
    "id": "018dbf52-af70-7f81-8fb1-cfbdae9f8071",
    "roster_id": _ROSTER_ID,
    **LOCK_CELL,
    "name": "Budi Santoso",
    "holds": True,
    "locked_by": "rina",
    "locked_at": "2027-02-11T02:00:00Z",
}
LOCKED: dict[str, Any] = {**LOCK, "breaks": [{**BREACH, "index": None}]}
LOCKS: dict[str, Any] = {"items": [LOCK], "next": None, "breaks": []}
BREACHES: dict[str, Any] = {
    "open_seats": 0,
    "below_minimum": 0,
    "overtime_hours": 0.0,
    "hard": 1,
    "soft": 0,
    "notes": 0,
    "items": [BREACH],
}
PUBLICATION: dict[str, Any] = {
    "publication": 2,
    "at": "2027-02-20T03:00:00Z",
    "by": "rina",
    "assignments": 186,
    "accepted": [_ACCEPTED | {"count": 2}],
    **{name: CHANGES[name] for name in ("added", "removed")},
}

_SUMS: dict[str, Any] = {
    "duties": 18,
    "hours": {"count": 144.0, "share": 141.33},
    "nights": {"count": 6, "share": 5.67},
    "weekends": {"count": 4, "share": 4.33},
    "holidays": {"count": 1, "share": 1.0},
}
HOURS: dict[str, Any] = {
    "regency": "17.71",
    "first_day": "2027-03-01",
    "last_day": "2027-03-31",
    "items": [
        {
            "staff_id": _STAFF_ID,
            "name": "Budi Santoso",
            "number": "OP-07",
            "agency": "17.71/bpbd",
            "employment": "civil_servant",
            "period": _SUMS,
            "year": _SUMS,
            "overtime_hours": 4.5,
            "attended_hours": 143.5,
            "late_minutes": 12,
        }
    ],
}
HOURS_FILE = "number,name,agency,employment,duties,hours\r\nOP-07,Budi Santoso,17.71/bpbd,civil_servant,18,144.0\r\n"

PAGE = '<!doctype html><html lang="id"><head><title>Jadwal jaga 112</title></head><body>…</body></html>'
CALENDAR_LINK: dict[str, Any] = {
    "staff_id": _STAFF_ID,
    "regency": "17.71",
    "made_at": "2027-02-12T03:00:00Z",
    "made_by": "budi",
}
NEW_CALENDAR_LINK: dict[str, Any] = {
    **CALENDAR_LINK,
    "url": "https://112.example.id/v1/calendars/duties.ics?secret=Nn0bV1dY2wZ3tq8m5c7kR4xJ6fH9sL0aPzE2uTgWvQy",
}
CALENDAR = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Sigap 112//roster//ID\r\nMETHOD:PUBLISH\r\nEND:VCALENDAR\r\n"

ATTENDANCE: dict[str, Any] = {"at": "2027-03-01T14:02:00Z"}
DUTY: dict[str, Any] = {
    "id": "6d1f0c5e-8a70-5b43-9c1e-2f3a4b5c6d7e",
    "regency": "17.71",
    "version": 2,
    "roster_id": _ROSTER_ID,
    "staff_id": _STAFF_ID,
    "name": "Budi Santoso",
    "day": "2027-03-01",
    "shift": "malam",
    "starts_at": "2027-03-01T14:00:00Z",
    "ends_at": "2027-03-02T00:00:00Z",
    "state": "started",
    "available": True,
    "started_at": "2027-03-01T14:02:00Z",
    "ended_at": None,
}

TEAM_ENTRY: dict[str, Any] = {
    "name": "Regu A",
    "cycle": ["pagi", "siang", "malam", None, None],
    "starts_on": "2027-03-01",
    "members": [_STAFF_ID],
}
MAKE_TEAM: dict[str, Any] = {"regency": "17.71", **TEAM_ENTRY}
TEAM: dict[str, Any] = {"id": "018dbf52-8a50-7d61-8e8f-af9b8c7d6e5f", "version": 1, **MAKE_TEAM}
ROTATE: dict[str, Any] = {"teams": [TEAM["id"]]}

OFFER_SWAP: dict[str, Any] = {
    "duty_id": DUTY["id"],
    "to_staff_id": "018dbf52-3b80-7c3e-9d7e-1f2a3b4c5d6f",
    "return_duty_id": "6d1f0c5e-8a70-5b43-9c1e-2f3a4b5c6d80",
}
SWAP: dict[str, Any] = {
    "id": "018dbf52-7f40-7c51-9d7e-9f8a7b6c5d4e",
    "regency": "17.71",
    "roster_id": _ROSTER_ID,
    "state": "offered",
    **OFFER_SWAP,
    "staff_id": _STAFF_ID,
    "name": "Budi Santoso",
    "day": "2027-03-01",
    "shift": "malam",
    "to_name": "Siti Aminah",
    "return_roster_id": _ROSTER_ID,
    "return_day": "2027-03-03",
    "return_shift": "pagi",
    "asked_by": "budi",
    "asked_at": "2027-02-20T03:00:00Z",
    "decided_by": None,
    "decided_at": None,
}

OPEN_SHIFT: dict[str, Any] = {
    "roster_id": _ROSTER_ID,
    "day": "2027-03-04",
    "shift": "siang",
    "starts_at": "2027-03-04T07:00:00Z",
    "ends_at": "2027-03-04T14:00:00Z",
    "open_seats": 1,
}
TAKE_OPEN_SHIFT: dict[str, Any] = {"roster_id": _ROSTER_ID, "day": "2027-03-04", "shift": "siang"}
PICKUP: dict[str, Any] = {
    "id": "018dbf52-9f60-7e71-8fa0-bfac9d8e7f60",
    "regency": "17.71",
    "state": "accepted",
    **TAKE_OPEN_SHIFT,
    "staff_id": _STAFF_ID,
    "name": "Budi Santoso",
    "asked_by": "budi",
    "asked_at": "2027-02-20T03:00:00Z",
    "decided_by": None,
    "decided_at": None,
}

ADD_ABSENCE: dict[str, Any] = {
    "staff_id": _STAFF_ID,
    "kind": "leave",
    "first_day": "2027-03-08",
    "last_day": "2027-03-12",
}
ABSENCE: dict[str, Any] = {
    "id": "018dbf52-5d20-7a31-9b5c-7d6e5f4a3b2c",
    "regency": "17.71",
    "shift": None,
    "weight": 1,
    **ADD_ABSENCE,
}
EFFECT: dict[str, Any] = {
    "items": [
        {
            "roster_id": _ROSTER_ID,
            "is_published": True,
            "day": "2027-03-09",
            "shift": "malam",
            "open_seats": 1,
            "could": 4,
            "first": ["018dbf52-3b80-7c3e-9d7e-1f2a3b4c5d6f"],
        }
    ]
}
ASK_FOR_PLAN: dict[str, Any] = {"existing": "keep", "seconds": 60, "seed": 0}
SOLVE_SUMMARY: dict[str, Any] = {
    "id": "018dbf52-6e30-7b41-8c6d-8e7f6a5b4c3d",
    "regency": "17.71",
    "roster_id": _ROSTER_ID,
    "roster_version": 2,
    "state": "done",
    **ASK_FOR_PLAN,
    "asked_by": "rina",
    "asked_at": "2027-02-11T02:00:00Z",
    "started_at": "2027-02-11T02:00:01Z",
    "ended_at": "2027-02-11T02:01:01Z",
    "found": {
        "open_seats": 0,
        "below_minimum": 0,
        "overtime_hours": 4.0,
        "spread": {"nights": 1.0, "weekends": 1.0, "holidays": 1.0, "hours": 7.0},
        "hard": 0,
        "soft": 3,
        "proven": False,
        "cost": 41,
        "bound": 12,
        "seconds": 48.2,
    },
    "ahead": None,
    "failure": None,
}
SOLVE: dict[str, Any] = {**SOLVE_SUMMARY, "assignments": [PLANNED]}

EXPLANATION: dict[str, Any] = {
    "state": "done",
    "shortages": [
        {
            "week": "2027-03-15",
            "hours": 46.0,
            "people": 2,
            "in_words": {
                "id": "Minggu mulai 15 Maret 2027: kurang 46 jam kerja, sedikitnya 2 petugas lagi.",
                "en": "The week of 15 March 2027 lacks 46 hours of work: at least 2 more people.",
            },
        }
    ],
    "gaps": [
        {
            "day": "2027-03-18",
            "shift": "malam",
            "open_seats": 1,
            "rule": None,
            "state": "cannot_be_filled",
            "stand_ins": None,
            "in_words": {
                "id": "Sif malam tanggal 18 Maret 2027: tidak dapat dipenuhi bersama tempat lain; sebabnya tercantum.",
                "en": "Shift malam of 18 March 2027: cannot be filled with all other seats; the conflicts say why.",
            },
        }
    ],
    "conflicts": [
        {
            "day": "2027-03-18",
            "shift": "malam",
            "rule": None,
            "irreducible": True,
            "in_words": {
                "id": "Sif malam tanggal 18 Maret 2027: 2 tempat terisi. "
                "Budi Santoso (OP-07): cuti dari 18 Maret 2027 sampai 20 Maret 2027.",
                "en": "Shift malam of 18 March 2027: 2 seats are filled. "
                "Budi Santoso (OP-07): leave from 18 March 2027 to 20 March 2027.",
            },
            "requirements": [
                {
                    "kind": "seats",
                    "rule": None,
                    "source": None,
                    "staff_id": None,
                    "day": "2027-03-18",
                    "last_day": None,
                    "shift": "malam",
                    "may_change": True,
                    "in_words": {
                        "id": "Sif malam tanggal 18 Maret 2027: 2 tempat terisi.",
                        "en": "Shift malam of 18 March 2027: 2 seats are filled.",
                    },
                },
                {
                    "kind": "leave",
                    "rule": None,
                    "source": None,
                    "staff_id": _STAFF_ID,
                    "day": "2027-03-18",
                    "last_day": "2027-03-20",
                    "shift": None,
                    "may_change": True,
                    "in_words": {
                        "id": "Budi Santoso (OP-07): cuti dari 18 Maret 2027 sampai 20 Maret 2027.",
                        "en": "Budi Santoso (OP-07): leave from 18 March 2027 to 20 March 2027.",
                    },
                },
            ],
        }
    ],
}
