"""What an issuer may say. Without a purpose it is believed for every role, regency and agency."""

from dataclasses import dataclass

from sigap_common.auth.access import Access, Role


@dataclass(frozen=True, slots=True)
class Purpose:
    """Believed for these roles only, and for agencies of this code in the token's own regency only."""

    roles: frozenset[Role]
    agency_code: str

    def covers(self, access: Access) -> bool:
        """Whether a token of this issuer says nothing beyond its purpose."""
        regency, _, code = (access.agency or "").partition("/")
        fits = code == self.agency_code and access.regencies == {regency}
        return bool(regency) and fits and bool(access.roles) and access.roles <= self.roles
