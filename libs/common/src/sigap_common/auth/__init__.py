"""Access: tokens of trusted issuers, roles, and the rights of a token. It uses no web framework."""

from sigap_common.auth.access import ENDPOINT_KEEPERS, EVERYWHERE, Access, Role
from sigap_common.auth.issuer import TokenIssuer
from sigap_common.auth.keys import Issuer
from sigap_common.auth.own import ServiceVerifier
from sigap_common.auth.purpose import Purpose
from sigap_common.auth.verifier import Verifier

__all__ = [
    "ENDPOINT_KEEPERS",
    "EVERYWHERE",
    "Access",
    "Issuer",
    "Purpose",
    "Role",
    "ServiceVerifier",
    "TokenIssuer",
    "Verifier",
]
