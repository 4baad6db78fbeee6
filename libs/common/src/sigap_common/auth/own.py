"""Issuers that only one service trusts, although several services share a process and its verifier."""

from typing import Any

import jwt

from sigap_common.auth.access import Access
from sigap_common.auth.keys import Issuer
from sigap_common.auth.verifier import Verifier
from sigap_common.core.clock import Clock


class ServiceVerifier:
    """The verifier of one service. It accepts tokens of the shared verifier's issuers and of those that only this
    service trusts.

    Each of the two verifiers remembers its own verified tokens. If they shared them, all other services would accept a
    token that only this one may accept.
    """

    def __init__(self, shared: Verifier, clock: Clock) -> None:
        self.shared = shared
        self._own = Verifier([], clock=clock)
        self._names: set[str] = set()

    def trust_alone(self, issuer: Issuer) -> None:
        """Accepts tokens of an issuer whose keys are in this process. Only this service accepts them."""
        self._names.add(issuer.issuer)
        self._own.trust(issuer)

    async def verify(self, token: str) -> Access:
        """The rights of a token. Raises NotAuthenticated (401), Unavailable (503)."""
        # Without this look the token of every request would be taken apart to see whose it is. The shared verifier
        # remembers only tokens of its own issuers.
        if (remembered := self.shared.remembered(token)) is not None:
            return remembered
        if self._names and _issuer_named_in(token) in self._names:
            return await self._own.verify(token)
        return await self.shared.verify(token)


def _issuer_named_in(token: str) -> Any:
    """The issuer that the token claims, not verified yet. It only chooses the verifier."""
    try:
        return str(jwt.decode(token, options={"verify_signature": False})["iss"])
    except (jwt.PyJWTError, KeyError, TypeError, ValueError, RecursionError):
        return None
