"""An example of the first look at a call."""

from typing import Any

from sigap_intake.examples.calls import CALL
from sigap_intake.examples.sop import FIRST_TRIAGE

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
