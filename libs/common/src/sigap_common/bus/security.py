"""TLS to Kafka: how a process recognises the brokers, and the certificate or password by which they recognise it."""

import logging
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BusSecurity:
    """The files and the account of a process at the brokers. All of it needs a URL `kafka+tls://`."""

    ca_file: Path | None = None
    """The authorities of the brokers' certificates, PEM; None: those of this machine."""
    certificate_file: Path | None = None
    key_file: Path | None = None
    username: str | None = None
    password: str | None = None

    @property
    def is_empty(self) -> bool:
        return self == BusSecurity()

    def check(self) -> None:
        """Raises ValueError if half of a pair is missing."""
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("SIGAP_BUS_CERTIFICATE_FILE and SIGAP_BUS_KEY_FILE belong together")
        if (self.username is None) != (self.password is None):
            raise ValueError("SIGAP_BUS_USERNAME and SIGAP_BUS_PASSWORD belong together")

    def options(self) -> dict[str, Any]:
        """The options of aiokafka's clients. The files are read anew for each connection, so that a client uses renewed
        certificates. Raises OSError, with the files' names, if one cannot be read.
        """
        context = _Renewed.by(self._context)
        if self.username is None:
            return {"security_protocol": "SSL", "ssl_context": context}
        return {
            "security_protocol": "SASL_SSL",
            "ssl_context": context,
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": self.username,
            "sasl_plain_password": self.password,
        }

    def _context(self) -> ssl.SSLContext:
        with _named(self.ca_file or "the authorities of this machine"):
            context = ssl.create_default_context(cafile=self.ca_file)
        if self.certificate_file is not None:
            with _named(self.certificate_file, self.key_file):
                context.load_cert_chain(self.certificate_file, self.key_file)
        return context


@contextmanager
def _named(*read: Path | str | None) -> Iterator[None]:
    """Lets an OSError name the files that are read, which OpenSSL's errors do not."""
    try:
        yield
    except OSError as error:
        raise OSError(f"{' or '.join(map(str, read))} cannot be read: {error}") from error


class _Renewed(ssl.SSLContext):
    """Makes each connection by a new context. A client keeps its context for as long as it lives, and when its brokers
    end it connects again without being made anew: after months, with a certificate that has expired meanwhile.
    """

    _made: Callable[[], ssl.SSLContext]
    _last: ssl.SSLContext
    _fault: str | None

    @classmethod
    def by(cls, made: Callable[[], ssl.SSLContext]) -> Self:
        """Raises OSError if `made` does."""
        context = cls(ssl.PROTOCOL_TLS_CLIENT)
        context._made, context._last, context._fault = made, made(), None
        return context

    def wrap_bio(self, *arguments: Any, **named: Any) -> ssl.SSLObject:
        try:
            self._last, self._fault = self._made(), None
        except OSError as error:  # half written, or gone for a moment: those before may still hold
            self._tell(str(error))
        return self._last.wrap_bio(*arguments, **named)

    def _tell(self, fault: str) -> None:
        """Once, not for each connection, until it is another fault."""
        if fault != self._fault:
            _log.warning("connections to Kafka are made with the files that were read before: %s", fault)
        self._fault = fault
