"""The built-in issuer: accounts, signing in, demonstration tokens."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from pathlib import Path
from threading import Thread

import httpx
import pytest
from argon2 import PasswordHasher
from services.dispatch.tests.dispatch_histories import Desk
from typer.testing import CliRunner, Result

from sigap_common.app.migrations import upgrade_all
from sigap_common.auth import Role, TokenIssuer
from sigap_common.core.settings import CommonSettings, TrustedIssuer
from sigap_dispatch.main import service
from sigap_dispatch.models import Account
from sigap_dispatch.use_cases.accounts import (
    AccountExists,
    add_user,
    give_password,
    let_sign_in,
    remove_user,
    without_pack,
)
from sigap_dispatch.user_command import user
from sigap_testing.kit import started

PASSWORD = "kata sandi yang panjang"


@pytest.fixture
async def sari(desk: Desk) -> Desk:
    async with desk.kit.runtime.transaction() as tx:
        await add_user(tx, "sari", PASSWORD, [Role.operator, Role.dispatcher], ["99.01"], name="Sari Dewi")
    return desk


async def sign_in(desk: Desk, username: str = "sari", password: str = PASSWORD) -> httpx.Response:
    return await desk.kit.client.post("/v1/auth/token", json={"username": username, "password": password})


async def test_who_signs_in_gets_a_token_of_12_hours_that_is_believed(sari: Desk) -> None:
    answer = await sign_in(sari)
    assert (answer.status_code, answer.json()["expires_in"]) == (200, 43_200), answer.text
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    me = (await sari.kit.client.get("/v1/me", headers=bearer)).json()
    key = me.pop("keeping_key")
    assert key == sari.kit.runtime.ring.key_for("texts kept for sari")
    assert key != sari.kit.runtime.ring.key_for("texts kept for dodi")
    assert me == {
        "subject": "sari",
        "name": "Sari Dewi",
        "roles": ["dispatcher", "operator"],
        "regencies": ["99.01"],
        "agency": None,
        "expires_at": "2024-02-19T15:00:00Z",
    }
    keys = (await sari.kit.client.get("/v1/auth/jwks")).json()["keys"]
    assert [(key["kty"], "d" in key) for key in keys] == [("OKP", False)]


async def renew(desk: Desk, token: str) -> httpx.Response:
    return await desk.kit.client.post("/v1/auth/token/renewal", headers={"Authorization": f"Bearer {token}"})


async def test_a_renewed_token_is_valid_for_12_hours_from_then(sari: Desk) -> None:
    first = (await sign_in(sari)).json()["access_token"]
    sari.kit.clock.advance(11 * 3_600)
    answer = await renew(sari, first)
    assert (answer.status_code, answer.json()["expires_in"]) == (200, 43_200), answer.text
    sari.kit.clock.advance(11 * 3_600)
    assert (await renew(sari, first)).status_code == 401
    assert (await renew(sari, answer.json()["access_token"])).status_code == 200


async def test_a_session_ends_24_hours_after_signing_in_however_often_it_was_renewed(sari: Desk) -> None:
    """So that a token that somebody else has got outlives a change of the password by a day at most."""
    token = (await sign_in(sari)).json()["access_token"]
    for hours, left in ((10, 12), (10, 4)):
        sari.kit.clock.advance(hours * 3_600)
        answer = await renew(sari, token)
        assert answer.json()["expires_in"] == left * 3_600
        token = answer.json()["access_token"]
    sari.kit.clock.advance(4 * 3_600)
    assert (await renew(sari, token)).status_code == 401


async def test_a_disabled_or_removed_account_gets_no_renewed_token(sari: Desk) -> None:
    token = (await sign_in(sari)).json()["access_token"]
    async with sari.kit.runtime.transaction() as tx:
        await let_sign_in(tx, "sari", may=False)
    refused = await renew(sari, token)
    assert (refused.status_code, refused.json()["type"]) == (401, "/problems/login-failed")
    async with sari.kit.runtime.transaction() as tx:
        await remove_user(tx, "sari")
    assert (await renew(sari, token)).status_code == 401


async def test_a_demonstration_token_is_renewed_with_the_same_rights(desk: Desk) -> None:
    asked = {"roles": ["agency"], "regencies": ["99.01"], "agency": "99.01/damkar"}
    token = (await desk.kit.client.post("/v1/auth/demo-tokens", json=asked)).json()["access_token"]
    new = (await renew(desk, token)).json()["access_token"]
    me = (await desk.kit.client.get("/v1/me", headers={"Authorization": f"Bearer {new}"})).json()
    assert {name: me[name] for name in asked} == asked


async def test_a_token_of_another_issuer_is_renewed_there(sari: Desk) -> None:
    """Its subject may be the name of somebody else's account here."""
    refused = await renew(sari, sari.kit.token(Role.operator, subject="sari"))
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/forbidden")
    assert "penerbit lain" in refused.json()["detail"]


async def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(sari: Desk) -> None:
    wrong, unknown = await sign_in(sari, password="salah"), await sign_in(sari, username="budi")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert wrong.json()["type"] == unknown.json()["type"] == "/problems/login-failed"


async def test_after_five_failures_one_waits_and_then_may_again(sari: Desk) -> None:
    for _ in range(5):
        assert (await sign_in(sari, password="salah")).status_code == 401
    refused = await sign_in(sari)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "30")
    assert (await sign_in(sari, username="budi")).status_code == 401  # others are not held up
    sari.kit.clock.advance(30)
    assert (await sign_in(sari)).status_code == 200


async def test_the_wait_is_no_longer_after_the_clock_was_put_back(sari: Desk) -> None:
    for _ in range(5):
        await sign_in(sari, password="salah")
    sari.kit.clock.put_back(3_600)
    assert (await sign_in(sari)).headers["Retry-After"] == "30"
    sari.kit.clock.advance(30)
    assert (await sign_in(sari)).status_code == 200


async def test_an_account_is_made_once_and_its_password_lies_nowhere(sari: Desk) -> None:
    async with sari.kit.runtime.transaction() as tx:
        with pytest.raises(AccountExists):
            await add_user(tx, "sari", PASSWORD, [Role.operator], ["99.01"])
        with pytest.raises(ValueError, match="12 characters"):
            await add_user(tx, "budi", "pendek", [Role.operator], ["99.01"])
        with pytest.raises(ValueError, match="must name its agency"):
            await add_user(tx, "budi", PASSWORD, [Role.agency], ["99.01"])
        with pytest.raises(ValueError, match="give --regency once for each"):
            await add_user(tx, "budi", PASSWORD, [Role.operator], ["99.01", "17.71,14.71", "1771"])
        with pytest.raises(ValueError, match="is in none of the account's regencies"):
            await add_user(tx, "budi", PASSWORD, [Role.agency], ["99.02"], "99.01/fire")
        with pytest.raises(ValueError, match="only an account with the role agency"):
            await add_user(tx, "budi", PASSWORD, [Role.operator], ["99.01"], "99.01/fire")
        account = await tx.accounts.find("sari")
    assert account.password_hash.startswith("$argon2id$")


DECOMPOSED = "rahasia-se\u0301kali\u00a02026"


@pytest.mark.parametrize(("made", "typed"), [("\u00e9", "e\u0301"), ("e\u0301", "\u00e9")])
async def test_name_and_password_may_come_from_another_keyboard(desk: Desk, made: str, typed: str) -> None:
    async with desk.kit.runtime.transaction() as tx:
        await add_user(tx, f"ani-{made}", f"rahasia-s{made}kali 2026", [Role.operator], ["99.01"])
    for name, letter, space in product((made, typed), (made, typed), (" ", "\u00a0")):
        answer = await sign_in(desk, f"ani-{name}", f"rahasia-s{letter}kali{space}2026")
        assert answer.status_code == 200, (name, letter, space)
    assert (await sign_in(desk, f"ani-{made}", "rahasia-sekali 2026")).status_code == 401


async def test_an_account_of_before_signs_in_as_it_was_made(desk: Desk) -> None:
    name = "ani-e\u0301"
    hashed = PasswordHasher().hash(DECOMPOSED)
    async with desk.kit.runtime.transaction() as tx:
        account = Account(
            username=name,
            password_hash=hashed,
            name=None,
            roles=["operator"],
            regencies=["99.01"],
            agency=None,
            disabled=False,
            created_at=tx.now(),
        )
        await tx.accounts.add(account)
    assert (await sign_in(desk, name, DECOMPOSED)).status_code == 200
    assert (await sign_in(desk, "ani-\u00e9", DECOMPOSED)).status_code == 401
    async with desk.kit.runtime.transaction() as tx:
        await let_sign_in(tx, name, may=False)
    assert (await sign_in(desk, name, DECOMPOSED)).status_code == 401


async def test_no_account_is_made_that_nobody_could_sign_in_to(desk: Desk) -> None:
    async with desk.kit.runtime.transaction() as tx:
        for username in ("", " ", "a\x00b", "a\nb", "a\udce9", "n" * 201):
            with pytest.raises(ValueError, match="user name is one line"):
                await add_user(tx, username, PASSWORD, [Role.operator], ["99.01"])
        for password in (f"{PASSWORD}\x00", f"{PASSWORD}\udce9", " " * 12, "p" * 1001):
            with pytest.raises(ValueError, match="a password has at most 1000"):
                await add_user(tx, "ani", password, [Role.operator], ["99.01"])
        with pytest.raises(ValueError, match="person's name"):
            await add_user(tx, "ani", PASSWORD, [Role.operator], ["99.01"], name="A\x00")


async def test_a_demonstration_hands_out_tokens(desk: Desk) -> None:
    body = {"roles": ["agency"], "regencies": ["99.01"], "agency": "99.01/fire"}
    answer = await desk.kit.client.post("/v1/auth/demo-tokens", json=body)
    assert answer.status_code == 200, answer.text
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert (await desk.kit.client.get("/v1/me", headers=bearer)).json()["agency"] == "99.01/fire"
    without = await desk.kit.client.post("/v1/auth/demo-tokens", json=body | {"agency": None})
    assert without.status_code == 422


async def test_production_hands_out_no_demonstration_tokens(tmp_path: Path) -> None:
    common = CommonSettings(data_dir=tmp_path, environment="production")
    async with started(service, f"sqlite+aiosqlite:///{tmp_path / 'test.sqlite3'}", tmp_path, common=common) as kit:
        answer = await kit.client.post("/v1/auth/demo-tokens", json={"roles": ["admin"], "regencies": ["*"]})
        assert answer.status_code == 404


async def test_production_does_not_believe_what_a_demonstration_handed_out(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'test.sqlite3'}"
    production = CommonSettings(data_dir=tmp_path, environment="production")
    async with started(service, url, tmp_path) as demo:
        answer = await demo.client.post("/v1/auth/demo-tokens", json={"roles": ["admin"], "regencies": ["*"]})
        bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        assert (await demo.client.get("/v1/me", headers=bearer)).status_code == 200
        keys = demo.runtime.resources.issuer.jwks()
    async with started(service, url, tmp_path, common=production) as kit:
        assert kit.runtime.resources.issuer.jwks() == keys
        assert (await kit.client.get("/v1/me", headers=bearer)).status_code == 401
        named = TrustedIssuer(issuer=production.demo_issuer)
        assert production.model_copy(update={"auth_issuers": (named,)}).issuers() == ()


async def test_production_lets_nobody_in_with_a_password_of_the_documents(tmp_path: Path) -> None:
    url, known = f"sqlite+aiosqlite:///{tmp_path / 'test.sqlite3'}", "demo-sigap-112"
    async with started(service, url, tmp_path) as demo:
        async with demo.runtime.transaction() as tx:
            await add_user(tx, "sari", known, [Role.admin], ["*"])
        answer = await demo.client.post("/v1/auth/token", json={"username": "sari", "password": known})
        assert answer.status_code == 200
    production = CommonSettings(data_dir=tmp_path, environment="production")
    async with started(service, url, tmp_path, common=production) as kit:
        answer = await kit.client.post("/v1/auth/token", json={"username": "sari", "password": known})
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/login-failed")
        async with kit.runtime.transaction() as tx:
            with pytest.raises(ValueError, match="choose another"):
                await add_user(tx, "budi", known, [Role.operator], ["99.01"])


async def test_what_of_an_account_no_pack_has_is_named(desk: Desk) -> None:
    agencies = [{"code": "fire", "name": "Damkar", "kind": "fire"}]
    pack = {"code": "99.07", "name": "Kota Baru", "time_zone": "Asia/Makassar", "prefix": "BRU", "agencies": agencies}
    bearer = desk.kit.bearer("admin", regencies=["*"])
    put = await desk.kit.client.put("/v1/regencies/99.07", json=pack, headers=bearer)
    assert put.status_code == 201, put.text
    async with desk.kit.runtime.transaction() as tx:
        assert await without_pack(tx, ["99.07", "*", "98.76"], "99.07/fire") == ["98.76"]
        assert await without_pack(tx, ["99.07"], "99.07/nobody") == ["99.07/nobody"]
        assert await without_pack(tx, [], "98.76/fire") == ["98.76/fire"]


def test_the_command_adds_a_user_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGAP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SIGAP_PUBLIC_URL", "http://127.0.0.1:9")
    arguments = ["add", "sari", "--role", "operator", "--regency", "99.01", "--password-stdin"]
    begin(tmp_path)
    added = CliRunner().invoke(user(), arguments, input=PASSWORD + "\n")
    assert added.exit_code == 0, added.output
    assert added.stdout == f"sari: operator in 99.01; written to {tmp_path / 'dispatch.sqlite3'}\n"
    assert "No pack in force there has 99.01:" in added.stderr
    again = CliRunner().invoke(user(), arguments, input=PASSWORD + "\n")
    assert (again.exit_code, "taken" in again.output) == (1, True)


def test_an_account_is_taken_away_and_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGAP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SIGAP_PUBLIC_URL", "http://127.0.0.1:9")

    def sigap_user(*arguments: str) -> Result:
        return CliRunner().invoke(user(), arguments, input=PASSWORD + "\n")

    begin(tmp_path)
    sigap_user("add", "pos", "--role", "agency", "--regency", "*", "--agency", "99.01/fire", "--password-stdin")
    sigap_user("add", "ani", "--role", "operator", "--regency", "99.01", "--password-stdin")
    assert sigap_user("disable", "pos").output.startswith("pos signs in no more; tokens given out before hold")
    assert sigap_user("list").output == "ani: operator in 99.01\npos: agency in *, 99.01/fire, disabled\n"
    assert sigap_user("enable", "pos").output == "pos may sign in\n"
    assert "disabled" not in sigap_user("list").output
    assert sigap_user("remove", "pos").output.startswith("pos is removed; tokens given out before hold")
    assert sigap_user("list").output == "ani: operator in 99.01\n"
    for command in (["disable"], ["remove"], ["passwd", "--password-stdin"]):
        nobody = sigap_user(*command, "budi")
        assert (nobody.exit_code, nobody.stderr) == (1, "there is no account 'budi'\n")


IN_PLACE = (
    ["add", "ani", "--role", "operator", "--regency", "99.01", "--password-stdin"],
    ["passwd", "ani", "--password-stdin"],
    ["list"],
    ["disable", "ani"],
    ["enable", "ani"],
    ["remove", "ani"],
)


def test_a_command_that_writes_in_place_makes_no_installation_of_a_mistyped_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {arguments[0] for arguments in IN_PLACE} == {
        command.name or command.callback.__name__ for command in user().registered_commands if command.callback
    }
    begin(tmp_path / "data")
    elsewhere = tmp_path / "dtaa"
    for arguments in IN_PLACE:
        nowhere = CliRunner().invoke(user(), [*arguments, "--data-dir", str(elsewhere)], input=PASSWORD + "\n")
        assert (nowhere.exit_code, nowhere.stderr.startswith(f"there is no {elsewhere}/")) == (1, True), arguments
        assert "--data-dir" in nowhere.stderr
        assert not elsewhere.exists()
        monkeypatch.setenv("SIGAP_PUBLIC_URL", "http://127.0.0.1:9")
        there = CliRunner().invoke(user(), [*arguments, "--data-dir", str(tmp_path / "data")], input=PASSWORD + "\n")
        assert there.exit_code == 0, there.output


def test_an_agency_is_named_by_its_code_beside_its_regency(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGAP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SIGAP_PUBLIC_URL", "http://127.0.0.1:9")
    begin(tmp_path)

    def add(name: str, *where: str) -> Result:
        arguments = ["add", name, "--role", "agency", "--agency", "fire", "--password-stdin", *where]
        return CliRunner().invoke(user(), arguments, input=PASSWORD + "\n")

    assert add("pos", "--regency", "99.01").exit_code == 0
    for where in (["--regency", "*"], ["--regency", "99.01", "--regency", "99.02"]):
        unclear = add("lain", *where)
        assert (unclear.exit_code, "<regency>/fire" in unclear.stderr) == (1, True)
    assert CliRunner().invoke(user(), ["list"]).output == "pos: agency in 99.01, 99.01/fire\n"


async def test_who_has_a_new_password_signs_in_with_it_alone(sari: Desk) -> None:
    async with sari.kit.runtime.transaction() as tx:
        await give_password(tx, "sari", "kata sandi yang baru")
        for refused in ("pendek", " " * 20):
            with pytest.raises(ValueError, match="a password has"):
                await give_password(tx, "sari", refused)
    assert (await sign_in(sari)).status_code == 401
    assert (await sign_in(sari, password="kata sandi yang baru")).status_code == 200


def begin(folder: Path) -> None:
    """An installation of dispatch alone, in this folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIGAP_DATA_DIR", str(folder))
        asyncio.run(upgrade_all(["dispatch"]))


async def test_who_is_disabled_signs_in_no_more_and_again_once_enabled(sari: Desk) -> None:
    for may, status in [(False, 401), (True, 200)]:
        async with sari.kit.runtime.transaction() as tx:
            await let_sign_in(tx, "sari", may=may)
        assert (await sign_in(sari)).status_code == status


@pytest.mark.parametrize(("folder", "warned"), [("elsewhere", True), ("running", False)])
def test_who_adds_a_user_beside_the_running_host_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, warned: bool
) -> None:
    (tmp_path / "running").mkdir()
    issuer = TokenIssuer.from_file("http://test", "sigap", tmp_path / "running" / "issuer.pem")
    with published(issuer.jwks()) as origin:
        monkeypatch.setenv("SIGAP_DATA_DIR", str(tmp_path / folder))
        monkeypatch.setenv("SIGAP_PUBLIC_URL", origin)
        begin(tmp_path / folder)
        for arguments in IN_PLACE:
            done = CliRunner().invoke(user(), arguments, input=PASSWORD + "\n")
            assert done.exit_code == 0, done.output
            told = f"The host at {origin} uses another data folder" in done.stderr
            assert told is (warned and arguments != ["list"]), arguments


@contextmanager
def published(keys: Mapping[str, object]) -> Iterator[str]:
    """A host that publishes these keys, and no more of itself; its origin."""

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(keys).encode())

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Keys) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
