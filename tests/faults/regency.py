"""The tests' own regencies: three agencies, three kinds of emergency, one of them for two agencies."""

from typing import Any

AGENCIES = ("fire", "ems", "police")
KINDS = ("fire", "medical", "traffic_accident")


def place(code: str) -> tuple[float, float]:
    """Latitude and longitude of its middle; each regency lies somewhere else."""
    return -6.2, 100.0 + int(code.replace(".", "")) % 100 * 0.3


def scattered(code: str, number: int) -> tuple[float, float]:
    """A place of its own for each number, evenly in the regency: calls of one place would be likely duplicates. The two
    factors are those of the R2 sequence (Martin Roberts, 2018).
    """
    lat, lon = place(code)
    return lat + 0.18 * ((number * 0.7548776662466927) % 1 - 0.5), lon + 0.18 * (
        (number * 0.5698402909980532) % 1 - 0.5
    )


def pack(code: str) -> dict[str, Any]:
    lat, lon = place(code)
    south, north, west, east = lat - 0.1, lat + 0.1, lon - 0.1, lon + 0.1
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "code": code,
        "name": f"Kota Uji {code}",
        "time_zone": "Asia/Jakarta",
        "zone": {"type": "Polygon", "coordinates": [ring]},
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
