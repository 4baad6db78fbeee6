"""What a running dispatch holds beside its tables: the zones, the built-in issuer, and who failed to sign in."""

from typing import TYPE_CHECKING, cast

from sigap_common.app.zoning import ZonedResources
from sigap_common.auth import Issuer, TokenIssuer
from sigap_dispatch.settings import DispatchSettings
from sigap_dispatch.throttle import Throttle

if TYPE_CHECKING:
    from sigap_common.app.runtime import Runtime


class DispatchResources(ZonedResources):
    def __init__(self, runtime: "Runtime") -> None:
        super().__init__(runtime)
        self.settings = cast(DispatchSettings, runtime.settings)
        self.throttle = Throttle(runtime.clock)
        self.issuer = self._issuer()

    def _issuer(self) -> TokenIssuer:
        """The built-in issuer; where the settings trust it, its keys are asked for here and not over HTTP."""
        common = self.runtime.common
        trusted = {issuer.issuer: issuer.audience for issuer in common.issuers()}
        audience = trusted.get(common.public_url, common.issuers()[0].audience)
        issuer = self._with_keys(common.public_url, audience)
        if common.public_url in trusted:
            self.runtime.verifier.trust(Issuer(common.public_url, audience, keys=issuer.jwks))
        return issuer

    def _with_keys(self, name: str, audience: str) -> TokenIssuer:
        key, own = self.settings.issuer_key, {"clock": self.runtime.clock, "ids": self.runtime.ids}
        if key is not None:
            return TokenIssuer.from_text(name, audience, key.get_secret_value(), **own)  # type: ignore[arg-type]
        path = self.settings.issuer_key_file or self.runtime.common.data_dir / "issuer.pem"
        return TokenIssuer.from_file(name, audience, path, **own)  # type: ignore[arg-type]
