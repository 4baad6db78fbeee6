"""Examples of requests and answers, for the API's documentation."""

from typing import Any

_PLACE: dict[str, Any] = {
    "lat": -3.7941,
    "lon": 102.2654,
    "uncertainty_m": 20,
    "address": "Jl. Suprapto, depan Masjid Jamik",
}
OPEN_INCIDENT: dict[str, Any] = {
    "regency": "17.71",
    "source": "observer",
    "incident_type": "fire",
    "place": _PLACE,
    "note": "Asap tebal terlihat dari CCTV simpang lima",
}
ADD_AGENCY: dict[str, Any] = {"agency": "17.71/damkar"}
WITHDRAW: dict[str, Any] = {"reason": "Sudah ditangani warga"}
ANSWER_QUESTION: dict[str, Any] = {"text": "RSUD M. Yunus, sudah diberi tahu"}
DISMISS_TRANSFER: dict[str, Any] = {"to": "17.02"}
DISMISS_LEVEL: dict[str, Any] = {"alarm_level": 2}
RECORD_ANSWER: dict[str, Any] = {"response": "acknowledged", "spoke_to": "Pak Harun", "channel": "telephone"}
AMEND: dict[str, Any] = {"incident_type": "traffic_accident", "priority": 1}
CLOSE: dict[str, Any] = {"disposition": "resolved", "note": "Api padam pukul 10.40"}
CANCEL: dict[str, Any] = {"reason": "Anak-anak bermain telepon; orang tuanya sudah menelepon balik"}
REOPEN: dict[str, Any] = {"reason": "Api menyala lagi", "other": "018dbf54-0c40-7d11-8f2a-6b7c8d9e0f11"}
SIGN_IN: dict[str, Any] = {"username": "sari", "password": "kata sandi yang panjang"}
DEMO_TOKEN: dict[str, Any] = {"roles": ["operator", "dispatcher"], "regencies": ["17.71"]}
TOKEN: dict[str, Any] = {"access_token": "eyJhbGciOiJFZERTQSJ9.e30.c2ln", "token_type": "Bearer", "expires_in": 43200}
JWKS: dict[str, Any] = {
    "keys": [
        {
            "crv": "Ed25519",
            "kty": "OKP",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
            "alg": "EdDSA",
            "use": "sig",
        }
    ]
}
ME: dict[str, Any] = {
    "subject": "sari",
    "name": "Sari Dewi",
    "roles": ["dispatcher", "operator"],
    "regencies": ["17.71"],
    "agency": None,
    "expires_at": "2024-02-19T15:00:00Z",
    "keeping_key": "q3Vn0YkX2wJ5bT8sRf1LzGd7hPmC6uAeK9oNxIiE4yQ",
}
INTERVALS: dict[str, Any] = {
    "processing_s": 24.0,
    "turnout_s": None,
    "travel_s": None,
    "on_scene_s": None,
    "total_s": None,
}
_FIRE = {"id": "pemadam kebakaran", "en": "fire brigade"}
_POLICE = {"id": "polisi", "en": "police"}
_PUMP = {"id": "pompa", "en": "pump"}
FORWARDING: dict[str, Any] = {
    "id": "018dbf52-4c10-7a55-8d0c-2f1e3d4c5b6a",
    "agency": "17.71/damkar",
    "name": "Dinas Pemadam Kebakaran",
    "state": "acknowledged",
    "revision": 1,
    "needs_acknowledgement": False,
    "acknowledge_by": "2024-02-19T03:01:12Z",
    "alarm_level": 1,
    "automatic": True,
    "forwarded_at": "2024-02-19T03:00:12Z",
    "delivered_at": "2024-02-19T03:00:13Z",
    "delivered_by": "desk",
    "delivered_revision": 1,
    "acknowledged_at": "2024-02-19T03:00:21Z",
    "on_behalf": [],
    "stand_down": False,
    "failures": 0,
    "role": "fire",
    "role_label": _FIRE,
    "failed": False,
    "intervals": INTERVALS,
    "units": [],
}
UNIT: dict[str, Any] = {
    "agency": "17.71/damkar",
    "callsign": "DAMKAR 1",
    "status": "en_route",
    "since": "2024-02-19T03:01:10Z",
    "incident_id": "018dbf52-4b00-7c3e-9d7e-1f2a3b4c5d6e",
    "number": "BKL-20240219-0042",
    "forwarding_id": "018dbf52-4c10-7a55-8d0c-2f1e3d4c5b6a",
    "hidden": False,
    "listed": True,
    "kind": "fire_engine",
    "kind_label": {"id": "mobil pemadam", "en": "fire engine"},
    "capabilities": ["pump"],
    "capability_labels": [_PUMP],
}
PROPOSAL: dict[str, Any] = {
    "agency": "17.71/polresta",
    "name": "Polresta Bengkulu",
    "role": "police",
    "role_label": _POLICE,
    "alarm_level": 1,
    "reason": "declined_before",
    "since": "2024-02-19T03:02:40Z",
    "in_words": {
        "id": "Instansi ini menolak sebelumnya. Tanyakan lagi bila perlu.",
        "en": "This agency declined before. Ask it again if it is needed.",
    },
}
QUESTION: dict[str, Any] = {
    "id": "018dbf52-9100-7c3e-9d7e-1f2a3b4c5d6e",
    "forwarding_id": "018dbf52-4c10-7a55-8d0c-2f1e3d4c5b6a",
    "agency": "17.71/damkar",
    "name": "Dinas Pemadam Kebakaran",
    "at": "2024-02-19T03:05:10Z",
    "text": "Korban dibawa ke rumah sakit mana?",
    "answered_at": None,
    "answered_by": None,
    "note": None,
}
NOTE_INCIDENT: dict[str, Any] = {
    "text": "Warga masih berada di lantai dua, sisi utara",
    "kind": "observation",
    "source": "observer",
}
INCIDENT_NOTE: dict[str, Any] = {
    "number": 1,
    "at": "2024-02-19T03:04:10Z",
    "by": "dodi",
    "text": "Warga masih berada di lantai dua, sisi utara",
    "kind": "observation",
    "source": "observer",
    "internal": False,
    "corrects": None,
    "report": None,
}
INCIDENT: dict[str, Any] = {
    "id": "018dbf52-4b00-7c3e-9d7e-1f2a3b4c5d6e",
    "regency": "17.71",
    "version": 4,
    "number": "BKL-20240219-0042",
    "day": "2024-02-19",
    "state": "acknowledged",
    "incident_type": "fire",
    "priority": 1,
    "place": {**_PLACE, "cell": "878c05d1bffffff"},
    "zone": {
        "owner": "17.71",
        "candidates": ["17.71"],
        "shares": [{"regency": "17.71", "share": 1.0}],
        "neighbours": [],
        "elsewhere": None,
        "in_words": None,
    },
    "zone_owner": "17.71",
    "source": "call",
    "call_id": "018dbf52-3b80-7c3e-9d7e-1f2a3b4c5d6e",
    "started_at": "2024-02-19T02:59:40Z",
    "created_at": "2024-02-19T03:00:12Z",
    "answered_at": "2024-02-19T02:59:48Z",
    "reports": 1,
    "doubted": False,
    "protected": False,
    "drill": False,
    "backfilled": False,
    "proposed_withdrawals": [],
    "forwardings": [FORWARDING],
    "proposals": [PROPOSAL],
    "questions": [QUESTION],
    "intervals": INTERVALS,
    "proposed_alarm_level": None,
    "proposed_disposition": None,
    "needs": [
        {"role": "fire", "role_label": _FIRE, "state": "met", "failed": [], "surplus": []},
        {"role": "police", "role_label": _POLICE, "state": "unmet", "failed": ["17.71/polresta"], "surplus": []},
    ],
    "unmet_roles": ["police"],
    "suggestions": [
        {
            "other": "018dbf50-1200-7c3e-9d7e-1f2a3b4c5d6e",
            "number": "BKL-20240219-0041",
            "score": 0.94,
            "reasons": [
                {"code": "near", "value": 38, "in_words": {"id": "berjarak 38 m", "en": "38 m away"}},
                {"code": "same_kind", "value": None, "in_words": {"id": "jenis sama", "en": "of the same kind"}},
            ],
            "waiting": [],
            "wait_until": None,
        }
    ],
    "links": [],
    "possibly_same_as": None,
    "merged_into": None,
    "merged_into_number": None,
    "unread_reports": 0,
    "by_hand": ["incident_type", "place"],
    "proposed_priority": None,
    "reopen_until": None,
    "linked_reopen_until": None,
    "alarm_level": 1,
    "shares": [],
    "opened": True,
    "responsible": "dodi",
    "responsible_name": "Dodi Irawan",
    "attention": {
        "order": "06000000000000011708311612000",
        "reason": "under_way",
        "in_words": {
            "id": "Semua instansi sudah menyatakan menerima.",
            "en": "All agencies have acknowledged.",
        },
    },
    "alarms": [],
    "notes": [INCIDENT_NOTE],
    "note_count": 1,
    "informed": [],
}
BOARD: dict[str, Any] = {
    "items": [INCIDENT],
    "next": None,
    "counts": {
        "incidents": 1,
        "unacknowledged": 0,
        "with_alarm": 0,
        "mine": 1,
        "by_type": [{"incident_type": "fire", "incidents": 1}],
    },
    "reasons": [{"rank": 6, "reason": "under_way", "in_words": INCIDENT["attention"]["in_words"]}],
}
ENTRY: dict[str, Any] = {
    "sequence": 1,
    "type": "sigap.IncidentCreated.v1",
    "event": {"at": "2024-02-19T03:00:12Z", "number": "BKL-20240219-0042", "incident_type": "fire"},
    "in_words": {
        "id": "Kejadian BKL-20240219-0042 dibuka, prioritas 2. Jenis: Kebakaran.",
        "en": "Incident BKL-20240219-0042 was opened, priority 2. Type: Fire.",
    },
}
ALARM: dict[str, Any] = {
    "id": "018dbf52-5d10-5a55-8d0c-2f1e3d4c5b6a",
    "service": "dispatch",
    "regency": "17.71",
    "kind": "acknowledgement_missed",
    "about": "incidents/018dbf52-4b00-7c3e-9d7e-1f2a3b4c5d6e",
    "label": "BKL-20240219-0042 17.71/damkar",
    "agency": "17.71/damkar",
    "role": None,
    "role_label": None,
    "drill": False,
    "group": "018dbf52-5d10-5a55-8d0c-2f1e3d4c5b6b",
    "severity": "serious",
    "since": "2024-02-19T03:01:12Z",
    "count": 1,
    "alarms": [],
    "acts": ["POST /v1/incidents/018dbf52-4b00-7c3e-9d7e-1f2a3b4c5d6e/forwardings/{forwarding_id}/answers"],
    "raised_at": "2024-02-19T03:01:12Z",
    "in_words": {
        "id": "BKL-20240219-0042 17.71/damkar: konfirmasi terlambat. Hubungi instansi ini.",
        "en": "BKL-20240219-0042 17.71/damkar: the acknowledgement is late. Call this agency.",
    },
}
PACK: dict[str, Any] = {
    "code": "17.71",
    "name": "Kota Bengkulu",
    "prefix": "BKL",
    "time_zone": "Asia/Jakarta",
    "agencies": [{"code": "damkar", "name": "Dinas Pemadam Kebakaran", "kind": "fire"}],
    "response_plans": [{"incident_type": "fire", "agencies": ["damkar"]}],
}
ANSWER: dict[str, Any] = {
    "service": "intake",
    "version": 3,
    "applied": True,
    "complaints": [],
    "answered_at": "2024-02-19T03:00:01Z",
}
REGENCY: dict[str, Any] = {
    "code": "17.71",
    "name": "Kota Bengkulu",
    "prefix": "BKL",
    "time_zone": "Asia/Jakarta",
    "version": 3,
    "configured_at": "2024-02-19T03:00:00Z",
    "retired": False,
    "complete": False,
    "waiting_for": ["roster"],
    "answers": [ANSWER],
}
PACK_VERSION: dict[str, Any] = {
    "version": 2,
    "configured_at": "2024-02-18T03:00:00Z",
    "configured_by": "citra",
    "in_force": False,
}
REGENCY_NAME: dict[str, Any] = {"code": "17.71", "name": "Kota Bengkulu", "retired": False}
AGENCY: dict[str, Any] = {
    "agency": "17.71/damkar",
    "code": "damkar",
    "name": "Dinas Pemadam Kebakaran",
    "kind": "fire",
    "kind_label": _FIRE,
    "telephones": ["113"],
    "capabilities": ["pump"],
    "capability_labels": [_PUMP],
}
INCIDENT_TYPE: dict[str, Any] = {
    "code": "fire",
    "label": {"id": "Kebakaran", "en": "Fire"},
    "priority": 1,
    "protected": False,
    "parent": None,
}
RESPONSE_PLAN: dict[str, Any] = {
    "incident_type": "fire",
    "min_priority": None,
    "when": {
        "start": "22:00",
        "end": "05:00",
        "weekdays": ["saturday"],
        "dates": [],
        "holidays": None,
        "cells": [],
    },
    "agencies": ["17.71/dinkes", "17.71/rsud"],
    "informs": ["17.71/camat"],
    "capability": None,
    "at_once": 1,
    "next": "automatic",
    "role": "ambulance",
    "alarm_level": 1,
    "automatic": True,
    "acknowledge_within_s": 60,
}
CODE: dict[str, Any] = {"code": "resolved", "label": {"id": "Selesai ditangani", "en": "Resolved"}}
HIDDEN_INCIDENT: dict[str, Any] = {
    "id": "018dbf52-4b00-7c3e-9d7e-1f2a3b4c5d6e",
    "regency": "17.71",
    "version": 4,
    "state": "acknowledged",
    "created_at": "2024-02-19T03:00:12Z",
    "drill": False,
    "order": "00700000000000021708311612000",
    "protected": True,
    "hidden": True,
}
GLASS: dict[str, Any] = {
    "id": "018dbf52-6e10-7a55-8d0c-2f1e3d4c5b6a",
    "by": "dodi",
    "at": "2024-02-19T03:10:00Z",
    "until": "2024-02-19T04:10:00Z",
    "seen": False,
}
BREAK_GLASS: dict[str, Any] = {"reason": "Petugas di lapangan minta alamat; penerima panggilan sudah pulang"}
LIFT_PROTECTION: dict[str, Any] = {"reason": "Ternyata kebakaran; tidak ada korban kekerasan"}
CAMERA: dict[str, Any] = {
    "code": "simpang-lima-2",
    "name": "Simpang Lima, arah Jl. Suprapto",
    "lat": -3.7952,
    "lon": 102.2661,
    "metres": 145,
    "direction_deg": 310.0,
    "stream_ref": "atcs/simpang-lima-2",
}
WAIVER: dict[str, Any] = {"role": "police", "reason": "Lalu lintas sudah diatur warga"}
ROLE: dict[str, Any] = {"role": "police"}
STAND_DOWN: dict[str, Any] = {"reason": "Unit terlihat sudah di pos"}
OFFER_INCIDENT: dict[str, Any] = {"to": "17.02", "message": "Kebakaran melewati batas kota"}
REFUSE_TRANSFER: dict[str, Any] = {"reason": "Semua unit sedang bertugas"}
TRANSFER: dict[str, Any] = {
    "id": "018dbf52-6e10-7a55-8d0c-2f1e3d4c5b6a",
    "regency": "17.71",
    "to": "17.02",
    "state": "offered",
    "offered_at": "2024-02-19T03:02:00Z",
    "due_at": "2024-02-19T03:04:00Z",
    "message": "Kebakaran melewati batas kota",
    "reason": None,
    "sent_number": "BKL-20240219-0042",
    "incident_type": "fire",
    "type_label": {"id": "Kebakaran", "en": "Fire"},
    "priority": 1,
    "cell": "878c05d1bffffff",
    "started_at": "2024-02-19T02:59:40Z",
    "protected": False,
    "drill": False,
    "incident_id": None,
    "number": None,
}
OFFER_HANDOVER: dict[str, Any] = {"regency": "17.71", "to": "rani", "note": "Dua kebakaran, satu belum dijawab PLN"}
DECLINE_HANDOVER: dict[str, Any] = {"reason": "Saya masih menangani banjir"}
HANDOVER: dict[str, Any] = {
    "id": "018dbf60-4b00-7c3e-9d7e-1f2a3b4c5d6e",
    "regency": "17.71",
    "version": 1,
    "state": "offered",
    "giver": "dodi",
    "giver_name": "Dodi Irawan",
    "to": "rani",
    "incidents": [INCIDENT["id"]],
    "note": OFFER_HANDOVER["note"],
    "offered_at": "2024-02-19T07:00:00Z",
    "answer_by": "2024-02-19T07:10:00Z",
}
LEAVING: dict[str, Any] = {"incidents": [INCIDENT], "unacknowledged": [], "proposals": [], "offered": HANDOVER}
PASS_ON: dict[str, Any] = {"agency": "17.71/dinas-pu"}
ANSWER_REFERRAL: dict[str, Any] = {"text": "Lampu jalan diperbaiki hari Kamis"}
REFERRAL: dict[str, Any] = {
    "id": "018dbf70-4b00-7c3e-9d7e-1f2a3b4c5d6e",
    "regency": "17.71",
    "version": 2,
    "number": "BKL-R-20240219-0007",
    "state": "answered",
    "call_id": "018dbf70-3b80-7c3e-9d7e-1f2a3b4c5d6e",
    "to": "17.71/dinas-pu",
    "to_name": "Dinas Pekerjaan Umum",
    "received_at": "2024-02-19T08:00:00Z",
    "opened_at": "2024-02-19T08:01:30Z",
    "protected": False,
    "backfilled": False,
    "drill": False,
    "caller_number": "+6281234567890",
    "caller_name": "Siti Aminah",
    "place": {**_PLACE, "cell": "878c05d1bffffff"},
    "notes": [{"at": "2024-02-19T08:01:10Z", "by": "sari", "text": "Lampu jalan padam tiga malam"}],
    "answers": [{"at": "2024-02-20T02:00:00Z", "by": "sari", "text": "Lampu jalan diperbaiki hari Kamis"}],
    "opened": True,
}
OTHER_INCIDENT: dict[str, Any] = {"other": "018dbf50-1200-7c3e-9d7e-1f2a3b4c5d6e"}
READ_UP_TO: dict[str, Any] = {"up_to": 2}
ALARM_LEVEL: dict[str, Any] = {"alarm_level": 2, "seen": 1, "reason": "Api merambat ke tiga rumah"}
RECOMMENDATION: dict[str, Any] = {
    "roles": [
        {
            "role": "ambulance",
            "role_label": {"id": "ambulans", "en": "ambulance"},
            "missing": None,
            "candidates": [
                {
                    "agency": "17.71/dinkes",
                    "name": "Dinas Kesehatan Kota Bengkulu",
                    "available": True,
                    "reasons": [
                        {
                            "code": "in_plan",
                            "value": 1,
                            "in_words": {"id": "Nomor 1 pada rencana.", "en": "Number 1 of the plan."},
                        }
                    ],
                }
            ],
        }
    ]
}
OWN_INCIDENT: dict[str, Any] = {"incident_type": "medical", "priority": 1}
REPORT: dict[str, Any] = {
    "report": 2,
    "call_id": "018dbf53-1a00-7c3e-9d7e-1f2a3b4c5d6e",
    "received_at": "2024-02-19T03:02:10Z",
    "unread": True,
    "stands_out": True,
    "metres": 740,
    "incident_type": "fire",
    "priority": 1,
    "caller_number": "+628111222444",
    "caller_name": "Rani",
    "place": {**_PLACE, "lat": -3.7888, "address": "Gang Melati", "cell": "878c05d1bffffff"},
    "notes": [{"at": "2024-02-19T03:02:40Z", "by": "sari", "text": "Dua orang di atap, api sudah di tangga"}],
    "of_merged": None,
}
SHARE_INCIDENT: dict[str, Any] = {
    "to": "17.02",
    "profile": "contact_hidden",
    "until": "2024-02-19T12:00:00Z",
    "message": "Asap mengarah ke wilayah Anda",
}
ASK_FOR_SHARE: dict[str, Any] = {
    "regency": "17.02",
    "owner": "17.71",
    "number": "BKL-20240219-0042",
    "profile": "block_level",
    "until": "2024-02-19T12:00:00Z",
    "reason": "Asap terlihat dari wilayah kami",
}
AGREE_TO_SHARE: dict[str, Any] = {"profile": "block_level"}
REFUSE_SHARE: dict[str, Any] = {"reason": "Sudah padam"}
END_SHARE: dict[str, Any] = {"reason": "Tidak perlu lagi"}
SHARE: dict[str, Any] = {
    "id": "018dbf52-7e10-7a55-8d0c-2f1e3d4c5b6a",
    "regency": "17.71",
    "to": "17.02",
    "state": "shared",
    "profile": "block_level",
    "until": "2024-02-19T12:00:00Z",
    "began_at": "2024-02-19T03:05:00Z",
    "drill": False,
    "asked": True,
    "incident_id": INCIDENT["id"],
    "number": "BKL-20240219-0042",
    "request": "Asap terlihat dari wilayah kami",
    "message": None,
    "reason": None,
}
SHARED_INCIDENT: dict[str, Any] = {
    "share_id": SHARE["id"],
    "profile": "block_level",
    "until": "2024-02-19T12:00:00Z",
    "hidden": False,
    "regency": "17.71",
    "number": "BKL-20240219-0042",
    "state": "acknowledged",
    "incident_type": "fire",
    "type_label": {"id": "Kebakaran", "en": "Fire"},
    "priority": 1,
    "alarm_level": 1,
    "reports": 1,
    "doubted": False,
    "drill": False,
    "started_at": "2024-02-19T02:59:40Z",
    "created_at": "2024-02-19T03:00:12Z",
    "closed_at": None,
    "forwardings": [
        {
            "agency": "17.71/damkar",
            "name": "Dinas Pemadam Kebakaran",
            "state": "acknowledged",
            "forwarded_at": "2024-02-19T03:00:12Z",
            "acknowledged_at": "2024-02-19T03:00:21Z",
            "en_route_at": None,
            "on_scene_at": None,
            "under_control_at": None,
            "done_at": None,
        }
    ],
    "block_cell": "898c05d1b83ffff",
    "place": None,
    "caller_number": None,
    "caller_name": None,
    "callback_number": None,
    "caller_language": None,
    "notes": [],
}
