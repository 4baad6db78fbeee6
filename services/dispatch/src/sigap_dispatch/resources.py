"""The objects that one running dispatch service shares: the zones, the built-in issuers, and the
throttle of sign-in.
"""

from re import findall

from sigap_common.app.resources import Environment
from sigap_common.app.zoning import ZonedResources
from sigap_common.auth import Issuer, TokenIssuer
from sigap_common.auth.issuer import new_key
from sigap_common.core import private_files
from sigap_common.core.production import refuse_published_text
from sigap_common.core.published import PEM
from sigap_dispatch.settings import DispatchSettings
from sigap_dispatch.throttle import Throttle


class DispatchResources(ZonedResources):
    def __init__(self, environment: Environment[DispatchSettings]) -> None:
        super().__init__(environment)
        self.settings = environment.settings
        self.production = not environment.common.demo
        self.throttle = Throttle(environment.elapsed)
        self.issuer = _issuer(environment, environment.common.public_url)
        self.demo_issuer = _issuer(environment, environment.common.demo_issuer)
        """The issuer of a demonstration's tokens. It has a name of its own, so that production refuses these tokens:
        some are still valid for hours after the setting was changed.
        """


def _issuer(environment: Environment[DispatchSettings], name: str) -> TokenIssuer:
    """A built-in issuer. If the settings trust it, its keys are read from memory and not over HTTP."""
    common = environment.common
    trusted = {issuer.issuer: issuer.audience for issuer in common.issuers()}
    audience = trusted.get(name, common.issuers()[0].audience)
    issuer = _with_keys(environment, name, audience)
    if name in trusted:
        environment.verifier.shared.trust(Issuer(name, audience, keys=issuer.jwks))
    return issuer


def _with_keys(environment: Environment[DispatchSettings], name: str, audience: str) -> TokenIssuer:
    common, given = environment.common, environment.settings.issuer_key
    path = environment.settings.issuer_key_file or common.data_dir / "issuer.pem"
    text = given.get_secret_value() if given else private_files.read_or_create(path, new_key)
    for key in findall(PEM, text):
        refuse_published_text(common, "SIGAP_DISPATCH_ISSUER_KEY" if given else f"{path} (ISSUER_KEY)", key)
    return TokenIssuer.from_text(name, audience, text, clock=environment.clock, ids=environment.ids)
