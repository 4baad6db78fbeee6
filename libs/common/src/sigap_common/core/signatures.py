"""Standard Webhooks 1.0.0, scheme `v1`: HMAC-SHA256 over `{id}.{timestamp}.{body}`.

A secret is `whsec_` and base64 of 24 to 64 bytes. A timestamp is in Unix seconds, and is accepted within 5 minutes of
now.
"""

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from os import urandom

PREFIX = "whsec_"
TOLERANCE_SECONDS = 300
LEAST_BYTES, MOST_BYTES, OUR_BYTES = 24, 64, 32


class InvalidSecret(ValueError):
    """Not a signing secret; its message never holds it."""


class NotGenuine(ValueError):
    """The request is not signed with the secret, or too old, or from the future."""


def new_secret(random: Callable[[int], bytes] = urandom) -> str:
    return secret_of(random(OUR_BYTES))


def secret_of(key: bytes) -> str:
    return PREFIX + b64encode(key).decode("ascii")


def key_of(secret: str) -> bytes:
    """The key bytes of a secret. Raises InvalidSecret."""
    text = secret.strip()
    if not text.startswith(PREFIX):
        raise InvalidSecret("a signing secret begins with whsec_")
    try:
        key = b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidSecret("after whsec_ a signing secret is base64") from None
    if not LEAST_BYTES <= len(key) <= MOST_BYTES:
        raise InvalidSecret(f"a signing secret has {LEAST_BYTES} to {MOST_BYTES} bytes")
    return key


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`. Raises InvalidSecret."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.digest(key_of(secret), signed, "sha256")).decode("ascii")


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """Checks a signed request and returns its message id. `headers` have lower-case names. Raises NotGenuine."""
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > 12:
        raise NotGenuine("webhook-id or webhook-timestamp is missing or malformed")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise NotGenuine("webhook-timestamp is not within 5 minutes of now")
    expected = sign(secret, message_id, int(timestamp), body)
    given = headers.get("webhook-signature", "").split(" ")
    if not any(hmac.compare_digest(expected.encode(), one.encode("utf-8", "replace")) for one in given):
        raise NotGenuine("no signature of the list is that of the secret")
    return message_id
