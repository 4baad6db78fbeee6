"""Sends what Kamailio tells of calls to Sigap 112, signed; Kamailio's module app_python3 loads it (kamailio.cfg).

Settings, as environment variables of Kamailio (on Debian /etc/default/kamailio):

SIGAP_URL       such as https://112.example.go.id
SIGAP_EXCHANGE  such as 17.71/pbx
SIGAP_SECRET    whsec_..., the secret that intake has for this exchange
"""

import base64
import hmac
import http.client
import json
import os
import sys
import time
import uuid
from datetime import UTC, datetime
from urllib.parse import quote, unquote, urlsplit

PAUSE_SECONDS = 0.5
ANSWER_SECONDS = 10
NEVER_TAKEN = (400, 413, 422)
"""Sending the same again would not help."""


def document(told):
    """The generic adapter's document; `told`: the query string that kamailio.cfg makes."""
    fields = {name: unquote(value) for name, _, value in (part.partition("=") for part in told.split("&"))}
    at = datetime.fromtimestamp(float(fields.pop("at")), UTC)
    given = {name: value for name, value in fields.items() if value and value != "<null>"}
    return json.dumps({**given, "at": at.isoformat()}).encode()


def signed(secret, message, body):
    """The headers of a request, by Standard Webhooks."""
    now = str(int(time.time()))
    key = base64.b64decode(secret[len("whsec_") :])
    mac = hmac.digest(key, f"{message}.{now}.".encode() + body, "sha256")
    return {
        "content-type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": now,
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }


class Sigap:
    """What Kamailio calls. The connection is kept from one event to the next."""

    def __init__(self, url, exchange, secret):
        self._origin, self._secret = urlsplit(url), secret
        self._path = f"{self._origin.path}/v1/cti/generic?exchange={quote(exchange, safe='/')}"
        self._connection = None

    def child_init(self, _rank):
        return 0

    def tell(self, _request, told):
        """Returns when Sigap has it, and not before: the events behind it wait in Kamailio's queue."""
        body, message = document(told), uuid.uuid4().hex
        while True:
            status, said = self._post(body, message)
            if status == 202:
                return 1
            sys.stderr.write(f"sigap: {status} {said}\n")
            if status in NEVER_TAKEN:
                return 1
            time.sleep(PAUSE_SECONDS)

    def _post(self, body, message):
        """Status and text of the answer; status 0 if there was none."""
        try:
            if self._connection is None:
                kind = http.client.HTTPSConnection if self._origin.scheme == "https" else http.client.HTTPConnection
                self._connection = kind(self._origin.netloc, timeout=ANSWER_SECONDS)
            self._connection.request("POST", self._path, body, signed(self._secret, message, body))
            answer = self._connection.getresponse()
            return answer.status, answer.read(500).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return 0, f"{type(error).__name__}: {error}"

    def close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def mod_init():
    return Sigap(os.environ["SIGAP_URL"], os.environ["SIGAP_EXCHANGE"], os.environ["SIGAP_SECRET"])
