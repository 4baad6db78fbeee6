"""The purpose of an issuer limits its tokens. Without a purpose they may have every role, regency and agency."""

from dataclasses import dataclass

from sigap_common.auth.access import Access, Role


@dataclass(frozen=True, slots=True)
class Purpose:
    """Tokens may have these roles only, and only the agency with this code in the token's own regency."""

    roles: frozenset[Role]
    agency_code: str

    def covers(self, access: Access) -> bool:
        """Whether a token stays within this purpose."""
        regency, _, code = (access.agency or "").partition("/")
        fits = code == self.agency_code and access.regencies == {regency}
        return bool(regency) and fits and bool(access.roles) and access.roles <= self.roles
