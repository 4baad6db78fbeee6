"""Access: tokens of trusted issuers, roles, and what a token may touch. No web framework."""

from sigap_common.auth.access import EVERYWHERE, Access, Role
from sigap_common.auth.issuer import TokenIssuer
from sigap_common.auth.keys import Issuer
from sigap_common.auth.verifier import Verifier

__all__ = ["EVERYWHERE", "Access", "Issuer", "Role", "TokenIssuer", "Verifier"]
