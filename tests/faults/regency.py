"""The tests' own regency: three agencies, three kinds of emergency, one of them for two agencies."""

from typing import Any

CODE = "99.92"
AGENCIES = ("fire", "ems", "police")
KINDS = ("fire", "medical", "traffic_accident")
LAT, LON = -6.2, 106.8

PACK: dict[str, Any] = {
    "code": CODE,
    "name": "Kota Uji",
    "prefix": "UJI",
    "time_zone": "Asia/Jakarta",
    "zone": {
        "type": "Polygon",
        "coordinates": [[[106.7, -6.3], [106.9, -6.3], [106.9, -6.1], [106.7, -6.1], [106.7, -6.3]]],
    },
    "agencies": [
        {"code": "fire", "name": "Damkar Uji", "kind": "fire"},
        {"code": "ems", "name": "PSC 119 Uji", "kind": "ambulance"},
        {"code": "police", "name": "Polres Uji", "kind": "police"},
    ],
    "response_plans": [
        {"incident_type": "fire", "agencies": ["fire"]},
        {"incident_type": "medical", "agencies": ["ems"]},
        {"incident_type": "traffic_accident", "agencies": ["ems", "police"]},
    ],
}
