"""Personal data: clear text in memory, ciphertext wherever it is kept or carried.

AES-256-GCM with a random nonce of 96 bits. A key must be rotated before it has sealed 2^32 values (NIST SP
800-38D, 8.3); that is a year of 136 values a second. The associated data is `<field>/<aggregate id>`, so a
token that is moved to another field or another aggregate does not open.

The lookup hash (HMAC-SHA256) uses a key derived by HKDF from the ring's entry with the id `lookup`, which never seals.
Without that entry it is derived from the oldest key. So you can add and remove other keys as long as the oldest stays.
To remove the oldest too, first add `lookup:<its key>` to the ring: then every hash stays the same.
"""

import hmac
import os
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from re import compile as regex
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

from sigap_common.core import private_files

MASK = "***"
LOOKUP = "lookup"

_KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_TOKEN = regex(r"s1\.([A-Za-z0-9_-]{1,16})\.([A-Za-z0-9_-]{38,}=*)")
_KEY_ID = regex(r"[A-Za-z0-9_-]{1,16}")


def is_token(text: str) -> bool:
    """Whether it has the form of a sealed value."""
    return _TOKEN.fullmatch(text) is not None


class CannotOpen(ValueError):
    """A token that is malformed, tampered with, of another context or of a key that is not in the ring."""


class Opaque(RuntimeError):
    """The clear text of a value was read, but this process has no key to open it."""


class CannotSeal(RuntimeError):
    """Clear text would be stored or sent, but this process has no key to seal it."""


class InvalidKeyRing(ValueError):
    """A key ring's text that cannot be used; its message never contains a key."""


class KeyRing:
    """Keys of 256 bits by short ids. The newest seals, all of them open."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        """`keys`, newest first. Raises InvalidKeyRing."""
        _check(keys)
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        sealing = [key_id for key_id in keys if key_id != LOOKUP]
        self._newest = sealing[0]
        self._seal = self._ciphers[self._newest].encrypt
        self._prefix = f"s1.{self._newest}."
        self._lookup_key = _derived(keys.get(LOOKUP, keys[sealing[-1]]), "sigap lookup v1")

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `id:base64key,id:base64key`, newest first. Raises InvalidKeyRing."""
        keys: dict[str, bytes] = {}
        for entry in text.strip().split(","):
            key_id, _, encoded = entry.strip().partition(":")
            if key_id in keys:
                raise InvalidKeyRing(f"key id {key_id!r} twice")
            keys[key_id] = _decoded(encoded)
        return cls(keys)

    @classmethod
    def load_or_create(cls, path: Path) -> Self:
        """From a file with the form of `parse`; made with one new key and mode 0600 if it is not there."""
        return cls.parse(cls.text_in(path))

    @staticmethod
    def text_in(path: Path) -> str:
        """The text of that file, made if it is not there."""
        return private_files.read_or_create(path, lambda: f"k1:{_new_key()}\n")

    def seal(self, clear: str, context: str) -> str:
        """`s1.<key id>.<base64url of nonce and ciphertext>`; `context` is `<field>/<aggregate id>`."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._seal(nonce, clear.encode(), context.encode())
        return self._prefix + urlsafe_b64encode(sealed).decode("ascii")

    def open(self, token: str, context: str) -> str:
        """The clear text. Raises CannotOpen."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            raise CannotOpen("not a sealed value")
        try:
            sealed = urlsafe_b64decode(match[2])
        except Base64Error:
            raise CannotOpen("not a sealed value") from None
        return self._opened(match[1], sealed, context).decode()

    def seal_bytes(self, clear: bytes, context: str) -> bytes:
        """As `seal`, for stored answers and rendered bodies.

        Shape: 0x01, length of the key id, key id, nonce, ciphertext.
        """
        nonce = os.urandom(_NONCE_BYTES)
        head = bytes((1, len(self._newest))) + self._newest.encode("ascii")
        return head + nonce + self._seal(nonce, clear, context.encode())

    def open_bytes(self, sealed: bytes, context: str) -> bytes:
        """The clear bytes. Raises CannotOpen."""
        if len(sealed) < 2 or sealed[0] != 1:
            raise CannotOpen("not a sealed value")
        end = 2 + sealed[1]
        return self._opened(sealed[2:end].decode("ascii", "replace"), sealed[end:], context)

    def lookup(self, value: str) -> str:
        """A keyed hash for finding equal values without opening them: 43 characters of base64url."""
        digest = hmac.digest(self._lookup_key, value.encode(), "sha256")
        return urlsafe_b64encode(digest).decode("ascii").rstrip("=")

    def key_for(self, purpose: str) -> str:
        """A key of 256 bits for somebody else to seal with: 43 characters of base64url. Each purpose has another one.
        It stays the same as long as lookup hashes do.
        """
        key = _derived(self._lookup_key, f"sigap key for {purpose}")
        return urlsafe_b64encode(key).decode("ascii").rstrip("=")

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(self._ciphers)})"

    def _opened(self, key_id: str, sealed: bytes, context: str) -> bytes:
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise CannotOpen(f"no key {key_id!r} in the ring")
        if len(sealed) < _NONCE_BYTES + _TAG_BYTES:
            raise CannotOpen("not a sealed value")
        try:
            return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context.encode())
        except InvalidTag:
            raise CannotOpen("tampered with, or sealed for another field or aggregate") from None


@dataclass(frozen=True, slots=True)
class SealContext:
    """The context for serialising or validating a model with sealed fields: `context={"seal": SealContext(ring,
    aggregate)}`.

    Without a ring (a service that has no key) tokens stay opaque and are written as they were read.
    """

    ring: KeyRing | None
    aggregate: str

    def for_field(self, field: str) -> str:
        return f"{field}/{self.aggregate}"


class Sealed:
    """A personal value. Two are equal if their clear texts are. Printing it shows `***`.

    In a pydantic model, given a SealContext, it is written as a token bound to its field's name and the
    aggregate, nested models included, and read from one; a text that is no token is then refused. A null for a required
    value means that retention erased it: its clear text is empty. Without a context a token stays opaque, any other
    text is taken as clear, and JSON shows `***`. `model_dump()` in Python mode without a context keeps the object
    itself.
    """

    __slots__ = ("_clear", "_token", "_written", "erased")

    def __init__(self, clear: str) -> None:
        self._clear: str | None = clear
        self.erased = False
        """Whether retention removed the value. It is then written as null again."""
        self._token: str | None = None
        self._written: tuple[KeyRing, str, str] | None = None  # the ring, the context and the token of the last sealing

    @classmethod
    def unopened(cls, token: str) -> Self:
        """An opaque value; raises CannotOpen if `token` has not the form of one."""
        if not _TOKEN.fullmatch(token):
            raise CannotOpen("not a sealed value")
        sealed = cls.__new__(cls)
        sealed._clear, sealed._token, sealed._written, sealed.erased = None, token, None, False
        return sealed

    @classmethod
    def erasure(cls) -> Self:
        """The value that stands for one that retention erased."""
        sealed = cls("")
        sealed.erased = True
        return sealed

    @property
    def clear(self) -> str:
        """The clear text. Raises Opaque if it was never opened."""
        if self._clear is None:
            raise Opaque("this value was not opened: there is no key here")
        return self._clear

    @property
    def opaque(self) -> bool:
        return self._clear is None

    def token(self, seal: SealContext | None, field: str) -> str:
        """The serialised value: its token, or `***` without a SealContext. Raises CannotSeal for clear text with a
        SealContext without keys.
        """
        if self._clear is None:
            return self._token or MASK
        if seal is None:
            return MASK
        if seal.ring is None:
            raise CannotSeal("there is no key here to seal clear text with")
        context = seal.for_field(field)
        if self._written is None or self._written[0] is not seal.ring or self._written[1] != context:
            # An event and the state that follows from it write the same value: once is enough.
            self._written = (seal.ring, context, seal.ring.seal(self._clear, context))
        return self._written[2]

    @classmethod
    def read(cls, token: str, seal: SealContext, field: str) -> Self:
        """The value of a token; opaque if there is no ring. Raises CannotOpen."""
        if seal.ring is None:
            return cls.unopened(token)
        return cls(seal.ring.open(token, seal.for_field(field)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sealed):
            return False
        return (self._clear, self._token, self.erased) == (other._clear, other._token, other.erased)

    def __hash__(self) -> int:
        return hash((self._clear, self._token))

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("personal data is not pickled")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        # A field's serializer is told the field's name, also inside optional values, lists, mappings.
        return core_schema.with_info_plain_validator_function(
            _validated,
            serialization=core_schema.plain_serializer_function_ser_schema(
                _serialised, is_field_serializer=True, info_arg=True
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "format": "sealed"}


def _validated(value: object, info: core_schema.ValidationInfo) -> Sealed:
    if isinstance(value, Sealed):
        return value
    seal = _seal_of(info.context)
    if value is None and seal is not None:
        return Sealed.erasure()
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "Input should be a valid string")
    try:
        if seal is not None:
            return Sealed.read(value, seal, info.field_name or "")
        return Sealed.unopened(value) if _TOKEN.fullmatch(value) else Sealed(value)
    except CannotOpen as error:
        raise PydanticCustomError("sealed", "{reason}", {"reason": str(error)}) from None


def _serialised(_: object, value: Sealed, info: core_schema.FieldSerializationInfo) -> str | Sealed | None:
    seal = _seal_of(info.context)
    if seal is None and info.mode == "python":
        return value
    if value.erased:
        return None
    return value.token(seal, info.field_name)


def _seal_of(context: object) -> SealContext | None:
    found = context.get("seal") if isinstance(context, dict) else None
    return found if isinstance(found, SealContext) else None


def _check(keys: Mapping[str, bytes]) -> None:
    if not keys.keys() - {LOOKUP}:
        raise InvalidKeyRing("a key ring needs a key that seals")
    for key_id, key in keys.items():
        if not _KEY_ID.fullmatch(key_id):
            raise InvalidKeyRing("a key's id is 1 to 16 letters, digits, hyphens or underscores")
        if len(key) != _KEY_BYTES:
            raise InvalidKeyRing(f"key {key_id!r} has {len(key)} bytes instead of {_KEY_BYTES}")


def _decoded(encoded: str) -> bytes:
    try:
        return b64decode(encoded, validate=True)
    except ValueError:
        raise InvalidKeyRing("a key is id:base64, entries are joined by commas") from None


def _derived(material: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=purpose.encode()).derive(material)


def _new_key() -> str:
    return b64encode(os.urandom(_KEY_BYTES)).decode("ascii")
