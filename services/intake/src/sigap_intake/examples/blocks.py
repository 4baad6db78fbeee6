"""Examples of blocks."""

from typing import Any

APPROVE: dict[str, Any] = {"reason": "Tiga panggilan iseng dalam seminggu, sudah diperingatkan"}
DECIDE: dict[str, Any] = {"reason": "Pemilik nomor menyesal dan berjanji tidak mengulangi"}
EXTEND: dict[str, Any] = {"ends_at": "2024-02-22T03:00:00Z", "reason": "Masih menelepon iseng selama pemblokiran"}
APPEAL: dict[str, Any] = {"text": "Ponsel dipakai anak; sekarang disimpan orang tuanya"}
MAKE_DOSSIER: dict[str, Any] = {"recipient": "Polresta Bengkulu", "reason": "LP/B/123/II/2024"}

_PRANK: dict[str, Any] = {"call_id": "018dbf52-3b80-7c3e-9d7e-1f2a3b4c5d6e", "at": "2024-02-19T03:00:00Z"}
BLOCK: dict[str, Any] = {
    "id": "018dbf60-0000-7c3e-9d7e-1f2a3b4c5d6e",
    "regency": "17.71",
    "version": 2,
    "state": "active",
    "rule": {"pranks": 3, "within_days": 7, "hours": 24, "approval": "supervisor"},
    "score": 2.71,
    "facts": [_PRANK],
    "proposed_at": "2024-02-19T03:02:00Z",
    "decide_by": "2024-02-26T03:02:00Z",
    "decided_at": "2024-02-19T03:10:00Z",
    "decided_by": "siti",
    "ends_at": "2024-02-20T03:10:00Z",
    "review_at": "2024-02-19T21:10:00Z",
    "review_due": False,
    "reviewed_at": None,
    "reviewed_by": None,
    "extensions": 0,
    "over_at": None,
    "dossiers": 0,
    "doubts": [],
    "opened": True,
    "number": "+6281234567890",
    "reason": "Tiga panggilan iseng dalam seminggu, sudah diperingatkan",
    "appeals": [],
}
TIMELINE_ENTRY: dict[str, Any] = {
    "sequence": 2,
    "type": "sigap.BlockApproved.v1",
    "event": {
        "at": "2024-02-19T03:10:00Z",
        "recorded_at": "2024-02-19T03:10:00Z",
        "clock": "sigap",
        "by": "siti",
        "ends_at": "2024-02-20T03:10:00Z",
        "review_at": "2024-02-19T21:10:00Z",
        "reason": "Tiga panggilan iseng dalam seminggu, sudah diperingatkan",
    },
    "in_words": {
        "id": "Pemblokiran disetujui sampai 20 Februari 2024 pukul 10:10:00 WIB. Oleh siti.",
        "en": "The block was approved until 20 February 2024, 10:10:00 WIB. By siti.",
    },
}
_DECISION: dict[str, Any] = {"at": "2024-02-19T03:10:00Z", "what": "BlockApproved", "by": "siti", "call_class": None}
DOSSIER: dict[str, Any] = {
    "regency": "17.71",
    "made_at": "2024-02-19T04:00:00Z",
    "made_by": "siti",
    "recipient": "Polresta Bengkulu",
    "reason": "LP/B/123/II/2024",
    "number": "+6281234567890",
    "block": BLOCK,
    "block_history": [_DECISION],
    "calls": [
        {
            "id": "018dbf52-3b80-7c3e-9d7e-1f2a3b4c5d6e",
            "channel": "telephone",
            "received_at": "2024-02-19T03:00:00Z",
            "answered_at": "2024-02-19T03:00:08Z",
            "ended_at": "2024-02-19T03:01:00Z",
            "state": "ended",
            "call_class": "prank",
            "answered_by": "ani",
            "caller_location": None,
            "location": None,
            "history": [{"at": "2024-02-19T03:00:50Z", "what": "CallClassified", "by": "ani", "call_class": "prank"}],
        }
    ],
}
