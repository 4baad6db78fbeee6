"""The client's address of a request: that of the connection, or the one that a trusted proxy gives."""

import logging

from starlette.types import ASGIApp, Receive, Scope, Send

from sigap_common.core.networks import TrustedProxies

log = logging.getLogger(__name__)


class ClientAddress:
    """Pure ASGI: puts the client's address into the scope, where `request.client` reads it."""

    def __init__(self, app: ASGIApp, proxies: TrustedProxies) -> None:
        self._app, self._proxies = app, proxies
        self._warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (peer := scope.get("client")):
            forwarded = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
            if forwarded:
                self._warn_of(peer[0])
                scope = {**scope, "client": (self._proxies.client(peer[0], forwarded), 0)}
        await self._app(scope, receive, send)

    def _warn_of(self, peer: str) -> None:
        """Warns once. Behind a proxy that the settings do not name, all clients count as one."""
        if not self._warned and not self._proxies.trust(peer):
            self._warned = True
            log.warning("X-Forwarded-For of %s is not believed: SIGAP_TRUSTED_PROXIES does not name it", peer)
