"""Access: tokens of trusted issuers, roles, and what a token may touch."""

from sigap_common.auth.access import (
    EVERYWHERE,
    Access,
    Allowed,
    GuardedBy,
    Role,
    allowed,
    guarded_by,
    guarded_routes,
    guards_of,
)
from sigap_common.auth.issuer import TokenIssuer
from sigap_common.auth.keys import Issuer
from sigap_common.auth.verifier import Verifier
from sigap_common.problems import NotAuthenticated

__all__ = [
    "EVERYWHERE",
    "Access",
    "Allowed",
    "GuardedBy",
    "Issuer",
    "NotAuthenticated",
    "Role",
    "TokenIssuer",
    "Verifier",
    "allowed",
    "guarded_by",
    "guarded_routes",
    "guards_of",
]
