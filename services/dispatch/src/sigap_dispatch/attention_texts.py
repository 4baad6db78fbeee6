"""The words for the places on the board."""

from sigap_common.core.texts import LANGUAGES, Texts
from sigap_dispatch.domain.attention import Reason

_TEXTS = Texts.load("sigap_dispatch")
_IN_WORDS: dict[Reason, dict[str, str]] = {
    reason: {spoken: _TEXTS.get(f"attention.{reason}", spoken) for spoken in LANGUAGES} for reason in Reason
}


def reason_in_words(reason: Reason) -> dict[str, str]:
    """Why an incident stands where it stands, by language."""
    return _IN_WORDS[reason]
