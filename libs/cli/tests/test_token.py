"""Tokens for people who try things out, and for those who have an account."""

from pathlib import Path

import httpx

from sigap_cli.console import DONE, NOT_ACHIEVED, REFUSED
from sigap_testing.cluster import SingleHost

from .conftest import Sigap


def me(url: str, token: str) -> dict[str, object]:
    found: dict[str, object] = httpx.get(f"{url}/v1/me", headers={"Authorization": f"Bearer {token}"}).json()
    return found


def test_only_the_token_is_printed_and_it_says_what_was_asked_for(sigap: Sigap, host: SingleHost) -> None:
    args = ("token", "--role", "agency", "--regency", "17.71", "--agency", "damkar")
    code, out, err = sigap(*args)
    assert (code, err, out.count("\n")) == (DONE, "", 1)
    whose = me(host.url, out.strip())
    assert (whose["roles"], whose["regencies"], whose["agency"]) == (["agency"], ["17.71"], "17.71/damkar")


def test_an_unknown_role_is_a_problem_with_its_place(sigap: Sigap) -> None:
    code, out, err = sigap("token", "--role", "king")
    assert (code, out) == (REFUSED, "")
    assert "/roles/0" in err


def test_in_production_there_are_accounts_and_no_demonstration(tmp_path: Path, speak_to: Sigap) -> None:
    production = {"SIGAP_ENVIRONMENT": "production", "SIGAP_DATA_DIR": str(tmp_path / "data")}
    with SingleHost(folder=tmp_path, settings=production) as host:
        code, _, err = speak_to(host.url, "token", "--role", "operator")
        assert (code, "no demonstration tokens" in err) == (NOT_ACHIEVED, True)
        added = speak_to(
            host.url,
            *("user", "add", "siti", "--role", "operator", "--regency", "17.71", "--password-stdin"),
            **production,
            stdin="rahasia-sekali-112\n",
        )
        assert added[0] == DONE, added
        account = {"SIGAP_USERNAME": "siti", "SIGAP_PASSWORD": "rahasia-sekali-112"}
        code, token, _ = speak_to(host.url, "token", "--role", "operator", **account)
        assert (code, me(host.url, token.strip())["subject"]) == (DONE, "siti")
        wrong = speak_to(host.url, "token", "--role", "operator", **account | {"SIGAP_PASSWORD": "falsch"})
        assert (wrong[0], "(401)" in wrong[2]) == (REFUSED, True)
