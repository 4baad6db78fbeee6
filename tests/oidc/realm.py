"""A realm of Keycloak as its clients and its administrator see it."""

import json
from pathlib import Path
from typing import Any, Self

import httpx

from sigap_testing.keycloak import ADMIN, KeycloakServer
from sigap_testing.patience import patience

DEMO_PASSWORD = "demo-sigap-112"
CTI_SECRET = "secret-of-the-tests"


class Realm:
    def __init__(self, keycloak: KeycloakServer, name: str) -> None:
        self.name, self.issuer = name, keycloak.issuer(name)
        self._http = httpx.Client(base_url=keycloak.url, timeout=patience(30), trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def token(self, user: str, client: str = "sigap-demo", kind: str = "access_token", **more: str) -> str:
        """By password grant."""
        form = {"grant_type": "password", "client_id": client, "username": user, "password": DEMO_PASSWORD, **more}
        return str(self._tokens(self.issuer, form)[kind])

    def machine_token(self, client: str, secret: str) -> str:
        form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
        return str(self._tokens(self.issuer, form)["access_token"])

    def public_key(self) -> str:
        """PEM, as anybody can read it."""
        key = self._http.get(self.issuer).raise_for_status().json()["public_key"]
        return f"-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----\n"

    def import_copy(self, files: Path, name: str) -> "Realm":
        """Another realm with the same content, keys of its own, and nothing that makes it ours."""
        realm = json.loads((files / "sigap-realm.json").read_text()) | {"realm": name}
        realm["users"] = json.loads((files / "sigap-users-0.json").read_text())["users"]
        for client in realm["clients"]:
            client["enabled"] = True
        self._administer("POST", "/admin/realms", realm)
        copy = Realm.__new__(Realm)
        copy.name, copy.issuer, copy._http = name, self.issuer.replace(f"/{self.name}", f"/{name}"), self._http
        return copy

    def add_client(self, client: str, scopes: list[str]) -> None:
        """One with password grant and only these of the realm's client scopes."""
        described = {"clientId": client, "publicClient": True, "directAccessGrantsEnabled": True}
        self._administer("POST", self._path("clients"), described | {"defaultClientScopes": scopes})

    def put_into_group(self, user: str, group: str, attributes: dict[str, list[str]]) -> None:
        self._administer("POST", self._path("groups"), {"name": group, "attributes": attributes})
        found = self._administer("GET", self._path(f"groups?search={group}")).json()[0]["id"]
        self._administer("PUT", f"{self._account(user)}/groups/{found}", {})

    def add_user(self, user: str) -> None:
        """An account without roles and regencies."""
        credentials = [{"type": "password", "value": DEMO_PASSWORD, "temporary": False}]
        names = {"firstName": "Tanpa", "lastName": "Peran", "email": f"{user}@demo.invalid", "emailVerified": True}
        self._administer(
            "POST", self._path("users"), {"username": user, "enabled": True, **names, "credentials": credentials}
        )

    def end_sessions(self, user: str) -> None:
        """Ends the person's sessions: their refresh tokens no longer work."""
        self._administer("POST", f"{self._account(user)}/logout")

    def sessions(self, user: str) -> int:
        """How many sessions the person has."""
        return len(self._administer("GET", f"{self._account(user)}/sessions").json())

    def let_tokens_last(self, seconds: int) -> None:
        """How long access tokens last from now on."""
        self._administer("PUT", f"/admin/realms/{self.name}", {"accessTokenLifespan": seconds})

    def rotate_keys(self) -> None:
        """A new key signs from now on; the old one is still published."""
        config = {"priority": ["200"], "enabled": ["true"], "active": ["true"], "algorithm": ["RS256"]}
        key = {"name": "rotated", "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider"}
        self._administer("POST", self._path("components"), key | {"config": config})

    def _account(self, user: str) -> str:
        """The path of the person's account."""
        found = self._administer("GET", self._path(f"users?exact=true&username={user}")).json()
        return self._path(f"users/{found[0]['id']}")

    def _path(self, below: str) -> str:
        return f"/admin/realms/{self.name}/{below}"

    def _administer(self, method: str, path: str, body: Any = None) -> httpx.Response:
        name, password = ADMIN
        form = {"grant_type": "password", "client_id": "admin-cli", "username": name, "password": password}
        token = self._tokens(self.issuer.replace(f"/{self.name}", "/master"), form)["access_token"]
        answer = self._http.request(method, path, json=body, headers={"Authorization": f"Bearer {token}"})
        return answer.raise_for_status()

    def _tokens(self, issuer: str, form: dict[str, str]) -> Any:
        answer = self._http.post(f"{issuer}/protocol/openid-connect/token", data=form)
        assert answer.is_success, answer.text
        return answer.json()
