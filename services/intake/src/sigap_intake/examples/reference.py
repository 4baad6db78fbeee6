"""Examples of reference data."""

from typing import Any

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
CALL_CLASS: dict[str, Any] = {"code": "prank", "label": {"id": "Panggilan iseng", "en": "Prank call"}}
OVERLAP: dict[str, Any] = {"regency": "17.01", "name": "Kabupaten Bengkulu Selatan", "area_m2": 1250000}
