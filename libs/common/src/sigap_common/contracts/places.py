"""Where something is: exact coordinates sealed, a coarse cell beside them in clear."""

from pydantic import Field

from sigap_common.contracts.base import Contract
from sigap_common.personal_data import Sealed
from sigap_common.regency.geometry import h3_cell


class Place(Contract):
    """A position with its uncertainty, an address as it was told, or both."""

    coordinates: Sealed | None = Field(default=None, description="`latitude,longitude` in degrees, WGS 84")
    uncertainty_m: float | None = Field(default=None, ge=0, description="Radius of the circle it lies in, metres")
    cell: str | None = Field(default=None, description="H3 cell of resolution 7 that holds the coordinates")
    address: Sealed | None = Field(default=None, description="Address or landmark in words")

    @classmethod
    def of(
        cls,
        lat: float | None = None,
        lon: float | None = None,
        uncertainty_m: float | None = None,
        address: str | None = None,
    ) -> "Place":
        known = lat is not None and lon is not None
        return cls(
            coordinates=Sealed(f"{lat:.6f},{lon:.6f}") if known else None,
            uncertainty_m=uncertainty_m if known else None,
            cell=h3_cell(lat, lon) if lat is not None and lon is not None else None,
            address=Sealed(address) if address else None,
        )

    @property
    def point(self) -> tuple[float, float] | None:
        """Latitude and longitude, where they are known and may be read."""
        if self.coordinates is None or self.coordinates.opaque:
            return None
        lat, lon = self.coordinates.clear.split(",")
        return float(lat), float(lon)
