"""Example requests and answers for the API's documentation."""

from typing import Any

from sigap_intake.sop_examples import FIRST_TRIAGE

RECEIVE_CALL: dict[str, Any] = {
    "regency": "17.71",
    "channel": "telephone",
    "number": "0812-3456-7890",
    "caller_location": {"lat": -3.7956, "lon": 102.2592, "uncertainty_m": 150},
    "exchange_id": "1708311600.4711",
}
TELEPHONE_EVENT: dict[str, Any] = {
    "event": "ringing",
    "call_id": "1708311600.4711",
    "at": "2024-02-19T10:00:00+07:00",
    "number": "0812-3456-7890",
}
LOCATE_EMERGENCY: dict[str, Any] = {
    "lat": -3.7941,
    "lon": 102.2654,
    "uncertainty_m": 20,
    "address": "Jl. Suprapto, depan Masjid Jamik",
}
ADD_NOTE: dict[str, Any] = {"text": "Api dari dapur, dua orang masih di dalam"}
CLASSIFY_CALL: dict[str, Any] = {"call_class": "emergency", "incident_type": "fire", "priority": 1}
END_CALL: dict[str, Any] = {"ended_by": "caller"}

_ZONE: dict[str, Any] = {
    "owner": "17.71",
    "candidates": ["17.71"],
    "shares": [{"regency": "17.71", "share": 1.0}],
    "neighbours": [],
    "elsewhere": None,
    "in_words": None,
}
ZONE: dict[str, Any] = {
    "owner": "17.09",
    "candidates": ["17.09", "17.71"],
    "shares": [
        {"regency": "17.09", "share": 0.62},
        {"regency": "17.71", "share": 0.33},
        {"regency": None, "share": 0.05},
    ],
    "neighbours": ["17.71"],
    "elsewhere": {
        "regency": "17.09",
        "name": "Kabupaten Bengkulu Tengah",
        "by": "telephone",
        "telephones": ["07367310112"],
    },
    "in_words": {
        "id": "BUKAN WILAYAH SENDIRI: lokasi ini termasuk Kabupaten Bengkulu Tengah (17.09). Hubungi: 07367310112.",
        "en": "NOT OUR ZONE: this place belongs to Kabupaten Bengkulu Tengah (17.09). Dial: 07367310112.",
    },
}
HISTORY: dict[str, Any] = {
    "count": 3,
    "by_class": {"prank": 2},
    "last_at": "2024-02-18T13:20:00Z",
    "last_class": "prank",
}
CALL: dict[str, Any] = {
    "id": "018dbf52-3b80-7c3e-9d7e-1f2a3b4c5d6e",
    "regency": "17.71",
    "version": 5,
    "reference": "03YG-0HW0",
    "state": "answered",
    "channel": "telephone",
    "exchange_id": "1708311600.4711",
    "drill": False,
    "backfilled": False,
    "notify": True,
    "with_agencies": False,
    "received_at": "2024-02-19T03:00:00Z",
    "answered_at": "2024-02-19T03:00:08Z",
    "answered_by": "ani",
    "zone": _ZONE,
    "call_class": "emergency",
    "incident_type": "fire",
    "priority": 1,
    "same_incident": None,
    "ended_at": None,
    "ended_by": None,
    "cut_off": False,
    "complaints": [{"pointer": "#/caller_name", "code": "text_blank", "value": " "}],
    "opened": True,
    "operator": "Ani Lestari",
    "number": "+6281234567890",
    "caller_name": None,
    "caller_location": {
        "lat": -3.7956,
        "lon": 102.2592,
        "uncertainty_m": 150,
        "cell": "8765a2a4dffffff",
        "address": None,
    },
    "location": {
        "lat": -3.7941,
        "lon": 102.2654,
        "uncertainty_m": 20,
        "cell": "8765a2a4dffffff",
        "address": "Jl. Suprapto, depan Masjid Jamik",
    },
    "notes": [{"at": "2024-02-19T03:00:20Z", "by": "ani", "text": "Api dari dapur, dua orang masih di dalam"}],
    "history": HISTORY,
    "caller_zone": _ZONE,
    "block_id": None,
    "unscreened": None,
    "lowered_by_seconds": 0,
    "message": None,
    "callback_number": "+6281234567891",
    "language": "jv",
    "fixes": None,
    "claimed_at": "2024-02-19T03:00:08Z",
    "operator_gone": False,
    "offered_to": None,
    "waits_long": False,
    "position_reasons": [],
}
FIRST_LOOK: dict[str, Any] = {
    "call": CALL,
    "protected": False,
    "earlier": [
        {
            "id": "018dbe10-9a31-7d52-8a2e-6a0f8c1d2e3f",
            "received_at": "2024-02-18T13:20:00Z",
            "channel": "telephone",
            "state": "ended",
            "cut_off": False,
            "call_class": "prank",
            "incident_type": None,
            "answered_by": "budi",
            "operator": "Budi Santoso",
            "notes": [{"at": "2024-02-18T13:20:15Z", "by": "budi", "text": "Anak-anak tertawa"}],
        }
    ],
    "of_number": [],
    "closed_lately": [
        {
            "id": "018dbf10-2c00-7a11-9b22-334455667788",
            "protected": False,
            "reopen_until": "2024-02-19T03:10:00Z",
            "number": "BKL-20240219-0038",
            "incident_type": "fire",
            "closed_at": "2024-02-19T02:10:00Z",
        }
    ],
    "near": [
        {
            "id": "018dbf51-7c00-7a11-9b22-334455667788",
            "protected": False,
            "number": "BKL-20240219-0041",
            "incident_type": "fire",
            "priority": 1,
            "opened_at": "2024-02-19T02:58:40Z",
            "metres": 240,
        }
    ],
    "on_the_line": [],
    "blocks": [
        {
            "id": "018dbf60-0000-7c3e-9d7e-1f2a3b4c5d6e",
            "state": "active",
            "proposed_at": "2024-02-19T03:02:00Z",
            "decide_by": "2024-02-26T03:02:00Z",
            "ends_at": "2024-02-20T03:10:00Z",
            "over_at": None,
            "appealed_at": None,
        }
    ],
    "referrals": [
        {
            "id": "018dbf70-4b00-7c3e-9d7e-1f2a3b4c5d6e",
            "number": "BKL-R-20240219-0007",
            "to": "17.71/dinas-pu",
            "opened_at": "2024-02-19T08:01:30Z",
            "is_open": True,
            "answer": "Lampu jalan diperbaiki hari Kamis",
            "answered_at": "2024-02-20T02:00:00Z",
        }
    ],
    "triage": FIRST_TRIAGE,
    "contact": {"guarded": False, "declined": False, "contact_note": None, "withheld": False},
}
TIMELINE_ENTRY: dict[str, Any] = {
    "sequence": 2,
    "type": "sigap.CallAnswered.v1",
    "event": {
        "at": "2024-02-19T03:00:08Z",
        "recorded_at": "2024-02-19T03:00:08Z",
        "clock": "sigap",
        "by": "ani",
        "received_at": "2024-02-19T03:00:00Z",
        "waited_ms": 8000,
    },
    "in_words": {
        "id": "Panggilan dijawab. Oleh ani.",
        "en": "The call was answered. By ani.",
    },
}
CALL_CLASS: dict[str, Any] = {"code": "prank", "label": {"id": "Panggilan iseng", "en": "Prank call"}}
NAMED_PLACE: dict[str, Any] = {
    "name": "Masjid Jamik",
    "kind": "landmark",
    "lat": -3.7918,
    "lon": 102.2637,
    "uncertainty_m": 100,
    "typed_as": "Masjid Jamik",
    "alike": 97,
}
PLACE_READING: dict[str, Any] = {
    "source": None,
    "position": None,
    "zone": None,
    "problem": {
        "code": "coordinates_swapped",
        "in_words": {
            "id": "Lintang dan bujur mungkin tertukar. Tanyakan mana yang benar.",
            "en": "Latitude and longitude may be swapped. Ask which reading is right.",
        },
        "readings": [{"lat": 102.2654, "lon": -3.7941}, {"lat": -3.7941, "lon": 102.2654}],
    },
    "names": [],
}
OVERLAP: dict[str, Any] = {"regency": "17.01", "name": "Kabupaten Bengkulu Selatan", "area_m2": 1250000}
DESCRIBE_CALLER: dict[str, Any] = {"caller_name": "Ibu Sri", "callback_number": "0812-3456-7891", "language": "jv"}
POSITION_CALLER: dict[str, Any] = {"lat": -3.7956, "lon": 102.2592, "uncertainty_m": 30, "source": "device"}
WRITE_DRAFT: dict[str, Any] = {"field": "note", "text": "Api dari dapur, dua or", "follows": 6}
DRAFTED_FIELD: dict[str, Any] = {
    "field": "note",
    "version": 7,
    "by": "ani",
    "name": "Ani Lestari",
    "at": "2024-02-19T03:00:14Z",
    "text": "Api dari dapur, dua or",
    "earlier": [
        {"version": 5, "by": "budi", "name": "Budi", "at": "2024-02-19T03:00:12Z", "text": "Tabung gas masih di dalam"}
    ],
}
SIGN_ON: dict[str, Any] = {"regency": "17.71", "state": "available"}
HEARTBEAT: dict[str, Any] = {"regency": "17.71"}
SIGN_OFF: dict[str, Any] = {"regency": "17.71"}
HEARTBEAT_OUT: dict[str, Any] = {"stale_at": "2024-02-19T03:00:45Z", "next_within_s": 15}
PRESENCE: dict[str, Any] = {
    "id": "3f0d1c62-5a44-5b7e-9a55-0c5e7f6c9a10",
    "regency": "17.71",
    "version": 2,
    "operator": "ani",
    "name": "Ani Lestari",
    "state": "available",
    "label": {"id": "siap menerima", "en": "available"},
    "since": "2024-02-19T02:59:00Z",
    "signed_on_at": "2024-02-19T00:01:10Z",
    "heard_at": "2024-02-19T03:00:00Z",
    "stale": False,
    "calls": ["018dbf52-3b80-7c3e-9d7e-1f2a3b4c5d6e"],
}
TAKE_OVER: dict[str, Any] = {"answered_by": "ani", "reason": "Layar Ani mati, penelepon masih tersambung"}
OFFER: dict[str, Any] = {"to": "sari"}
HIDDEN_CALL: dict[str, Any] = {
    "id": "018dbf52-3b80-7c3e-9d7e-1f2a3b4c5d6e",
    "regency": "17.71",
    "version": 3,
    "reference": "2NQ7-K4XD",
    "state": "answered",
    "received_at": "2024-02-19T02:59:40Z",
    "answered_by": "ani",
    "operator_gone": False,
    "drill": False,
    "protected": True,
    "hidden": True,
}
