"""One Keycloak for the whole group, with the realm that compose uses."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sigap_testing.cluster import HOST, SingleHost, steady_port
from sigap_testing.keycloak import KeycloakServer
from sigap_testing.plugin import or_missing

from .realm import CTI_SECRET, Realm

FILES = Path(__file__).parents[2] / "deploy" / "keycloak"


@pytest.fixture(scope="session")
def console_port() -> int:
    """Where the host with the console is: the realm sends people back to it."""
    return steady_port()


@pytest.fixture(scope="session")
def server(console_port: int) -> Iterator[KeycloakServer]:
    filled = {
        "SIGAP_CTI_CLIENT_SECRET": CTI_SECRET,
        "SIGAP_DEMO_CLIENT": "true",
        "SIGAP_PUBLIC_URL": f"http://{HOST}:{console_port}",
    }
    with or_missing():
        server = KeycloakServer(FILES, filled)
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


@pytest.fixture(scope="session")
def host(server: KeycloakServer, console_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SingleHost]:
    """A single host that trusts the realm alone."""
    issuer = {"issuer": server.issuer("sigap"), "console_client_id": "sigap-console"}
    settings = {"SIGAP_AUTH_ISSUERS": json.dumps([issuer])}
    folder = tmp_path_factory.mktemp("host-of-the-realm")
    with SingleHost(folder=folder, port=console_port, settings=settings) as host:
        yield host
