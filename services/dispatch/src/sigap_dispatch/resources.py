"""What a running dispatch holds beside its tables: the zones, the built-in issuer, and who failed to sign in."""

from sigap_common.app.resources import Environment
from sigap_common.app.zoning import ZonedResources
from sigap_common.auth import Issuer, TokenIssuer
from sigap_dispatch.settings import DispatchSettings
from sigap_dispatch.throttle import Throttle


class DispatchResources(ZonedResources):
    def __init__(self, environment: Environment[DispatchSettings]) -> None:
        super().__init__(environment)
        self.settings = environment.settings
        self.throttle = Throttle(environment.clock)
        self.issuer = _issuer(environment)


def _issuer(environment: Environment[DispatchSettings]) -> TokenIssuer:
    """The built-in issuer. If the settings trust it, its keys are asked for here and not over HTTP."""
    common = environment.common
    trusted = {issuer.issuer: issuer.audience for issuer in common.issuers()}
    audience = trusted.get(common.public_url, common.issuers()[0].audience)
    issuer = _with_keys(environment, common.public_url, audience)
    if common.public_url in trusted:
        environment.verifier.trust(Issuer(common.public_url, audience, keys=issuer.jwks))
    return issuer


def _with_keys(environment: Environment[DispatchSettings], name: str, audience: str) -> TokenIssuer:
    settings, clock, ids = environment.settings, environment.clock, environment.ids
    if settings.issuer_key is not None:
        return TokenIssuer.from_text(name, audience, settings.issuer_key.get_secret_value(), clock=clock, ids=ids)
    path = settings.issuer_key_file or environment.common.data_dir / "issuer.pem"
    return TokenIssuer.from_file(name, audience, path, clock=clock, ids=ids)
