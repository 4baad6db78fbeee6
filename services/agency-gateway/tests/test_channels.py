"""A channel from elsewhere: a package of its own is installed, and the core carries by it unchanged."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from gateway_histories import DAMKAR, a_pack, carry_by, forwarded, hear

from sigap_agency_gateway.channels.webhook import is_url, retry_after_of
from sigap_agency_gateway.courier import Courier
from sigap_agency_gateway.main import service
from sigap_common.app.plugins import CannotLoad
from sigap_common.contracts.agencies import NotificationDelivered
from sigap_testing.kit import started

Install = Callable[[str, str], None]
"""Puts a module with this source where an installed package lies."""
PAGER = """
from sigap_agency_gateway.channels import Complaint
from sigap_agency_gateway.domain.delivery import Outcome

SENT = []

class Pager:
    pushes, signs = True, False
    def complaints(self, url, options):
        return () if "number" in options else (Complaint("options", "pager_needs_number"),)
    def render(self, notice):
        return f"{notice.incident.number} {notice.incident.type.label['id']}".encode()
    async def deliver(self, attempt):
        SENT.append((attempt.receiver.options["number"], attempt.body, attempt.message_id))
        return Outcome()
    async def close(self):
        SENT.append("closed")

def channel(settings):
    return Pager()
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs a package with an entry point `sigap.channels`."""

    def put(module: str, source: str) -> None:
        site = tmp_path / "site"
        information = site / f"{module}-1.0.dist-info"
        information.mkdir(parents=True)
        (site / f"{module}.py").write_text(source)
        (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (information / "entry_points.txt").write_text(f"[sigap.channels]\npager = {module}:channel\n")
        monkeypatch.syspath_prepend(site)

    return put


async def test_a_third_channel_needs_no_change_of_the_core(install: Install, database_url: str, tmp_path: Path) -> None:
    install("pager_of_test", PAGER)
    pager = {"channel": "pager", "name": "pager", "options": {"number": "112"}}
    async with started(service, database_url, tmp_path) as kit:
        pack = a_pack("http://127.0.0.1:1/")
        damkar = pack.agencies[0].model_dump() | {"endpoints": [pager]}
        await kit.configure(pack.model_validate(pack.model_dump() | {"agencies": [damkar]}))
        await hear(kit, forwarded())
        await carry_by(Courier(kit.runtime))
        (said,) = await kit.said(NotificationDelivered)
        assert (said.event.agency, said.event.channel) == (DAMKAR, "pager")
    sent = sys.modules["pager_of_test"].SENT
    assert sent[0][:2] == ("112", b"9901-20240219-0001 Kebakaran")
    assert sent[-1] == "closed"


async def test_a_channel_that_does_not_load_stops_the_start_with_its_name(install: Install, tmp_path: Path) -> None:
    install("broken_pager_of_test", "raise RuntimeError('no modem')")
    with pytest.raises(CannotLoad, match=r"pager.*no modem"):
        async with started(service, f"sqlite+aiosqlite:///{tmp_path / 'a.sqlite3'}", tmp_path):
            pass


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("https://a.example/x?y=1", True),
        ("http://10.0.0.1:8080", True),
        ("http://[::1]:80/", True),
        ("https://", False),
        ("https:///x", False),
        ("//a.example", False),
        ("javascript:alert(1)", False),
        ("https://a.example\\@b.example", False),
        ("https://a.example/\r\nX: y", False),
        ("https://a.example/#f", False),
        ("https://a.example:0/", False),
        ("https://" + "a" * 2000, False),
    ],
)
def test_which_urls_a_webhook_takes(url: str, fits: bool) -> None:
    assert is_url(url) is fits


@pytest.mark.parametrize("value", ["", "soon", "-1", "1.5", "Mon, 99 Foo 2024", "²"])
def test_a_nonsensical_retry_after_is_passed_over(value: str) -> None:
    assert retry_after_of(value) is None
