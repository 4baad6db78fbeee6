"""What the page must know before anybody has signed in. It is public: no secret and no personal data."""

from typing import Any

from sigap_common.core.settings import CommonSettings, TrustedIssuer


def page_settings(common: CommonSettings) -> dict[str, Any]:
    """`form`: whether the built-in issuer's tokens are accepted. `providers`: at which OIDC providers the page signs
    people in. `elsewhere`: the other trusted issuers. `demonstration`: whether everybody gets a token for every role.
    """
    trusted = [one for one in common.issuers() if one.issuer not in {common.demo_issuer, common.public_url}]
    return {
        "form": common.public_url in {one.issuer for one in common.issuers()},
        "providers": [
            {"issuer": one.issuer, "client_id": one.console_client_id, "scope": one.console_scope}
            for one in sign_in_providers(common)
        ],
        "elsewhere": [one.issuer for one in trusted if one.console_client_id is None],
        "demonstration": common.demo,
    }


def sign_in_providers(common: CommonSettings) -> list[TrustedIssuer]:
    """The trusted issuers at which the page signs people in."""
    return [one for one in common.issuers() if one.console_client_id is not None and one.issuer != common.public_url]
