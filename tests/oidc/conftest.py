"""One Keycloak for the whole group, with the realm that compose uses."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sigap_testing.keycloak import KeycloakServer
from sigap_testing.parts import NotHere
from sigap_testing.plugin import missing

from .realm import CTI_SECRET, Realm

FILES = Path(__file__).parents[2] / "deploy" / "keycloak"


@pytest.fixture(scope="session")
def server() -> Iterator[KeycloakServer]:
    try:
        server = KeycloakServer(FILES, {"SIGAP_CTI_CLIENT_SECRET": CTI_SECRET, "SIGAP_DEMO_CLIENT": "true"})
    except NotHere as reason:
        missing(reason)
    yield server
    server.remove()


@pytest.fixture
def keycloak(server: KeycloakServer) -> KeycloakServer:
    """Running, whatever the test before did to it."""
    if not server.running:
        server.start()
    return server


@pytest.fixture
def realm(keycloak: KeycloakServer) -> Iterator[Realm]:
    with Realm(keycloak, "sigap") as realm:
        yield realm
