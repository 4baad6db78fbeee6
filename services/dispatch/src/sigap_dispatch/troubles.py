"""The texts about a failed delivery for dispatchers: the reason, and what happens next."""

from sigap_common.core.texts import LANGUAGES, Language, Texts
from sigap_dispatch.domain.state.forwarding import DeliveryTrouble

_TEXTS = Texts.load("sigap_dispatch")


def in_words(trouble: DeliveryTrouble) -> dict[str, str]:
    """Two sentences by language: the reason, and what happens next."""
    return {spoken: f"{_reason(trouble, spoken)} {_outcome(trouble, spoken)}" for spoken in LANGUAGES}


def _reason(trouble: DeliveryTrouble, spoken: Language) -> str:
    key = f"trouble.reasons.{trouble.reason}"
    if key not in _TEXTS:  # a reason of a plugin's channel
        return _TEXTS.get("trouble.reasons.other", spoken, channel=trouble.channel)
    return _TEXTS.get(key, spoken, channel=trouble.channel, status=trouble.status or "-")


def _outcome(trouble: DeliveryTrouble, spoken: Language) -> str:
    if trouble.recovered_at is not None:
        return _TEXTS.get("trouble.recovered", spoken, channel=trouble.recovered_by)
    if not trouble.final:
        return _TEXTS.get("trouble.tried_again", spoken)
    if trouble.goes_on_by:
        return _TEXTS.get("trouble.goes_on", spoken, channels=list(trouble.goes_on_by))
    return _TEXTS.get("trouble.given_up", spoken)
