"""Examples of callbacks."""

from typing import Any

_CALL_ID = "018dbf52-3b80-7c3e-9d7e-1f2a3b4c5d6e"
RECORD_ATTEMPT: dict[str, Any] = {"outcome": "no_answer", "text": "Berdering, tidak diangkat"}
ADD_NOTE: dict[str, Any] = {"text": "Tetangga juga melapor ada asap"}
SAY_CONTACT: dict[str, Any] = {"contact_note": "Hanya pesan singkat, suaminya di rumah sampai pukul 17.00"}
CONTACT: dict[str, Any] = {
    "guarded": True,
    "declined": False,
    "contact_note": "Hanya pesan singkat, suaminya di rumah sampai pukul 17.00",
    "withheld": False,
}
REASON: dict[str, Any] = {"code": "again", "label": {"id": "Nomor yang sama menelepon lagi", "en": "Called again"}}
CALLBACK: dict[str, Any] = {
    "id": "018dbf60-1c00-7a3e-8d7e-2f2a3b4c5d6e",
    "regency": "17.71",
    "version": 2,
    "state": "open",
    "drill": False,
    "joined_by": "number",
    "cut_off": False,
    "points": 30,
    "parts": [
        {"reason": "again", "points": 20, "count": 1},
        {"reason": "place_known", "points": 10, "count": 1},
    ],
    "calls": [
        {
            "call_id": _CALL_ID,
            "drop": "abandoned",
            "channel": "telephone",
            "received_at": "2024-02-19T03:00:00Z",
            "ended_at": "2024-02-19T03:00:12Z",
        },
        {
            "call_id": "018dbf53-5d10-7b1e-9c2f-3b4c5d6e7f80",
            "drop": "abandoned",
            "channel": "telephone",
            "received_at": "2024-02-19T03:01:15Z",
            "ended_at": "2024-02-19T03:01:21Z",
        },
    ],
    "call_count": 2,
    "last_dropped_at": "2024-02-19T03:01:21Z",
    "expires_at": "2024-02-19T07:01:21Z",
    "first_for": None,
    "first_until": None,
    "claimed_by": None,
    "claimed_at": None,
    "claimed_until": None,
    "offered_to": None,
    "tried": 0,
    "outcome": None,
    "opened_call": None,
    "resolved_how": None,
    "resolved_by_call": None,
    "sampled": False,
    "call_by": None,
    "ended_at": None,
    "guarded": False,
    "declined": False,
    "withheld": False,
    "opened": True,
    "number": "+6281234567890",
    "operator": None,
    "location": {
        "lat": -3.7956,
        "lon": 102.2592,
        "uncertainty_m": 150,
        "cell": "8765a2a4dffffff",
        "address": None,
    },
    "contact_note": None,
    "attempts": [],
    "notes": [],
}
TIMELINE_ENTRY: dict[str, Any] = {
    "sequence": 3,
    "type": "sigap.CallbackClaimed.v1",
    "event": {
        "at": "2024-02-19T03:02:00Z",
        "recorded_at": "2024-02-19T03:02:00Z",
        "clock": "sigap",
        "by": "ani",
        "operator": "Ani Lestari",
        "until": "2024-02-19T03:12:00Z",
    },
    "in_words": {
        "id": "Panggilan balik diambil, paling lama sampai 19 Februari 2024 pukul 10:12:00 WIB. Oleh ani.",
        "en": "The callback was taken on, until 19 February 2024, 10:12:00 WIB at most. By ani.",
    },
}
