"""What the page must know before anybody has signed in. It is public: no secret and no personal data."""

from typing import Any

from sigap_common.core.settings import CommonSettings


def page_settings(common: CommonSettings) -> dict[str, Any]:
    """`sign_in`: `form` if the built-in issuer's tokens are accepted, otherwise `elsewhere`, with the names of the
    issuers. `demonstration`: whether everybody gets a token for every role.
    """
    issuers = [issuer.issuer for issuer in common.issuers() if issuer.issuer != common.demo_issuer]
    built_in = common.public_url in issuers
    return {
        "sign_in": "form" if built_in else "elsewhere",
        "issuers": [issuer for issuer in issuers if issuer != common.public_url],
        "demonstration": common.demo,
    }
