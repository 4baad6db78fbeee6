"""Log lines about tokens whose issuer is not trusted. Most often the settings write the issuer differently."""

import logging
from collections.abc import Iterable

from sigap_common.core.clock import Elapsed

PAUSE_SECONDS = 60.0
_SHOWN = 200
_log = logging.getLogger(__name__)


class ForeignIssuers:
    """Writes at most one line a minute, and one more a minute for an issuer that almost equals a trusted one. Anybody
    can make up tokens; they must not fill the log or hide the line that helps.
    """

    def __init__(self, elapsed: Elapsed) -> None:
        self._elapsed = elapsed
        self._told_at: dict[bool, float] = {}

    def tell(self, issuer: object, trusted: Iterable[str]) -> None:
        """`issuer` is what the token claims. It is not verified."""
        near = next((one for one in trusted if isinstance(issuer, str) and _alike(issuer, one)), None)
        now, last = self._elapsed(), self._told_at.get(near is not None)
        if last is not None and now < last + PAUSE_SECONDS:
            return
        self._told_at[near is not None] = now
        told = repr(issuer)[:_SHOWN]
        if near is None:
            _log.warning("token refused: its issuer %s is not in SIGAP_AUTH_ISSUERS", told)
        else:
            _log.warning(
                "token refused: its issuer is %s, SIGAP_AUTH_ISSUERS has %s; they must be the same", told, near
            )


def _alike(one: str, other: str) -> bool:
    """Whether they are equal, apart from a slash at the end, capital letters, or http instead of https."""
    return _bare(one[:_SHOWN]) == _bare(other)


def _bare(issuer: str) -> str:
    return issuer.casefold().strip().rstrip("/").replace("http://", "https://", 1)
