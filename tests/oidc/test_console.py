"""The console signs people in at a real Keycloak, in a real browser."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, Route, expect
from tests.console.browsers import Screen, browser, screen
from tests.end_to_end.regency import pack

from sigap_cli.api import Api
from sigap_cli.regency.applying import Source, carry_out, plan
from sigap_cli.tokens import Who, signed_in
from sigap_testing.cluster import SingleHost
from sigap_testing.eventually import eventually
from sigap_testing.keycloak import KeycloakServer
from sigap_testing.patience import patience
from sigap_testing.plugin import or_missing

from .realm import DEMO_PASSWORD, Realm

pytestmark = [pytest.mark.keycloak, pytest.mark.timeout(400)]

CODE = "17.71"
"""The regency of the realm's accounts."""
TOKEN = re.compile(r"eyJ[\w-]+\.eyJ")
"""The beginning of any JWT."""
NOBODYS = "code=made-up&state=made-up"

Open = Callable[..., AbstractAsyncContextManager[Screen]]


@pytest.fixture
async def chrome() -> AsyncIterator[Browser]:
    with or_missing():
        async with browser() as running:
            yield running


@pytest.fixture
async def api(host: SingleHost, realm: Realm) -> AsyncIterator[Api]:
    """The API with the supervisor's token, after the regency's pack is applied."""
    nobody = Who(())
    async with signed_in(host.url, nobody, realm.token("admin")) as admin:
        (outcome,) = await carry_out(admin, await plan(admin, [Source("the tests' pack", pack(CODE))]), patience(30))
        assert outcome.ok, outcome
    async with signed_in(host.url, nobody, realm.token("supervisor")) as api:
        yield api
        for state in ("waiting", "answered"):
            for call in (await api.get("/v1/calls", regency=CODE, state=state))["items"]:
                await api.post(f"/v1/calls/{call['id']}/end", {"ended_by": "caller"})


@pytest.fixture
def opened(chrome: Browser, host: SingleHost) -> Open:
    return lambda theme="light": screen(chrome, host.url, theme, alone=False)  # people sign in elsewhere


async def begin(shown: Screen) -> None:
    """Goes to Keycloak."""
    await shown.page.goto(f"{shown.url}/")
    await shown.page.get_by_role("button", name="Masuk").click()


async def fill(page: Page, user: str) -> None:
    """Keycloak's own form."""
    await page.locator("#username").fill(user)
    await page.locator("#password").fill(DEMO_PASSWORD)
    await page.locator("#kc-login").click()


async def sign_in(shown: Screen, user: str) -> None:
    await begin(shown)
    await fill(shown.page, user)
    await shown.page.get_by_role("button", name="Keluar").wait_for()


async def is_told(shown: Screen, words: str) -> None:
    await expect(shown.page.get_by_role("alert").filter(has_text=words)).to_be_visible()
    assert await shown.violations() == []


async def type_a_note(shown: Screen, api: Api, text: str) -> str:
    """Answers a call and types; the call's id."""
    call = await api.post("/v1/calls", {"regency": CODE, "channel": "telephone"})
    await shown.take_first()
    await shown.page.keyboard.press("c")
    await shown.page.keyboard.type(text)
    return str(call["id"])


async def has_draft(api: Api, call: str, text: str) -> bool:
    drafts = (await api.get(f"/v1/calls/{call}/drafts"))["items"]
    return [draft["text"] for draft in drafts] == [text]


@asynccontextmanager
async def refusing(page: Page) -> AsyncIterator[None]:
    """The services refuse every token of the page, as they do when it is over."""

    async def refuse(route: Route) -> None:
        await route.fulfill(status=401, json={})

    await page.route("**/v1/**", refuse)
    yield
    await page.unroute("**/v1/**")


def renewals(shown: Screen) -> int:
    return sum(address.endswith("/protocol/openid-connect/token") for address in shown.asked)


async def test_a_person_signs_in_and_out_at_the_provider_and_no_token_stays_anywhere(
    opened: Open, api: Api, realm: Realm
) -> None:
    async with opened() as one:
        await one.page.goto(f"{one.url}/")
        await one.page.get_by_role("button", name="Masuk").wait_for()
        assert await one.violations() == []
        await sign_in(one, "operator")
        await expect(one.page.get_by_text("Tidak ada yang menunggu.")).to_be_visible()
        assert one.page.url == f"{one.url}/console/"
        kept = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, history.state])"
        stored = await one.page.evaluate(kept)
        assert not TOKEN.search(stored)
        assert "sigap.away" not in stored
        ours = {urlsplit(one.url).netloc, urlsplit(realm.issuer).netloc}
        assert {urlsplit(address).netloc for address in one.asked if not address.startswith("data:")} == ours
        to_us = [address for address in one.asked if address.startswith(one.url)]
        assert not [address for address in one.asked if TOKEN.search(address)]
        assert not [address for address in to_us if "code=" in urlsplit(address).query]
        assert one.complaints == []
        assert realm.sessions("operator") == 1

        await one.page.get_by_role("button", name="Keluar").click()
        await one.page.get_by_role("button", name="Masuk").wait_for()
        assert realm.sessions("operator") == 0
        assert not [address for address in one.asked if TOKEN.search(address)]
        assert one.complaints == []
        await one.page.get_by_role("button", name="Masuk").click()
        await one.page.locator("#password").wait_for()


async def test_a_person_with_several_roles_comes_back_to_the_screen_that_was_left(
    opened: Open, api: Api, realm: Realm
) -> None:
    async with opened() as one:
        # A browser that opens no windows: the tab itself goes away and comes back.
        await one.page.add_init_script("window.open = () => null")
        await sign_in(one, "supervisor")
        await one.page.get_by_role("navigation", name="Pilih layar").get_by_role("button", name="Operator").click()
        call = await type_a_note(one, api, "Tengah mengetik")
        realm.end_sessions("supervisor")
        async with refusing(one.page):
            # In one piece: what is typed after the dialog has opened belongs to the dialog.
            await one.page.keyboard.insert_text(", lalu")
            dialog = one.page.get_by_role("dialog", name="Sesi Anda berakhir")
            await dialog.wait_for()
        await dialog.get_by_role("button", name="Masuk").click()
        await fill(one.page, "supervisor")
        await expect(one.page.get_by_role("button", name="Operator", pressed=True)).to_be_visible()
        await expect(one.page.get_by_label("Catatan C")).to_have_value("Tengah mengetik, lalu")
        await eventually(lambda: has_draft(api, call, "Tengah mengetik, lalu"))


async def test_a_token_is_renewed_before_it_ends(opened: Open, api: Api, realm: Realm) -> None:
    realm.let_tokens_last(8)
    try:
        async with opened() as one:
            await sign_in(one, "operator")

            async def renewed_twice() -> bool:
                return renewals(one) >= 3  # the first is for the code

            await eventually(renewed_twice, within=patience(30))
            await expect(one.page.get_by_role("dialog")).not_to_be_visible()
            call = await type_a_note(one, api, "Dengan token baru")
            await eventually(lambda: has_draft(api, call, "Dengan token baru"))
    finally:
        realm.let_tokens_last(900)


async def test_a_session_that_ends_at_the_provider_is_told_and_a_window_goes_on_with_it(
    opened: Open, api: Api, realm: Realm
) -> None:
    async with opened() as one:
        await sign_in(one, "operator")
        call = await type_a_note(one, api, "Tengah mengetik")
        realm.end_sessions("operator")
        dialog = one.page.get_by_role("dialog", name="Sesi Anda berakhir")
        async with refusing(one.page):
            await one.page.keyboard.insert_text(", lalu")
            await dialog.wait_for()
            assert await one.violations() == []
        async with one.page.expect_popup() as opening:
            await dialog.get_by_role("button", name="Masuk").click()
        window = await opening.value
        await fill(window, "operator")
        await dialog.wait_for(state="detached")
        await eventually(lambda: _is_closed(window))
        await expect(one.page.get_by_label("Catatan C")).to_have_value("Tengah mengetik, lalu")
        await eventually(lambda: has_draft(api, call, "Tengah mengetik, lalu"))
        assert one.complaints == []


async def _is_closed(window: Page) -> bool:
    return window.is_closed()


async def test_a_refused_renewal_is_told_while_the_token_still_holds(opened: Open, api: Api, realm: Realm) -> None:
    realm.let_tokens_last(60)
    try:
        async with opened() as one:
            await sign_in(one, "operator")
            realm.end_sessions("operator")
            banner = one.page.get_by_role("alert").filter(has_text="Sesi tidak dapat diperpanjang")
            await banner.wait_for(timeout=patience(60) * 1000)
            await expect(one.page.get_by_role("dialog")).not_to_be_visible()
            async with one.page.expect_popup() as opening:
                await banner.get_by_role("button", name="Masuk").click()
            await fill(await opening.value, "operator")
            await banner.wait_for(state="detached")
    finally:
        realm.let_tokens_last(900)


async def test_a_provider_that_is_away_at_a_renewal_is_asked_again_until_it_is_back(
    opened: Open, api: Api, realm: Realm
) -> None:
    realm.let_tokens_last(8)
    try:
        async with opened() as one:
            await sign_in(one, "operator")
            call = await type_a_note(one, api, "Sebelum")
            await eventually(lambda: has_draft(api, call, "Sebelum"))
            # The way from this browser to the provider is broken.
            await one.page.route(f"{realm.issuer}/**", lambda route: route.abort())
            dialog = one.page.get_by_role("dialog", name="Sesi Anda berakhir")
            await dialog.wait_for(timeout=patience(90) * 1000)
            await one.page.unroute(f"{realm.issuer}/**")
            await dialog.wait_for(state="detached")
            await one.page.get_by_label("Catatan C").press_sequentially(" dan sesudah")
            text = await one.page.get_by_label("Catatan C").input_value()
            await eventually(lambda: has_draft(api, call, text))
    finally:
        realm.let_tokens_last(900)


@pytest.mark.parametrize("mark", ["#", "?"])
async def test_an_answer_that_nobody_asked_for_is_not_believed(opened: Open, api: Api, mark: str) -> None:
    async with opened() as one:
        await one.page.goto(f"{one.url}/console/{mark}{NOBODYS}")
        await is_told(one, "Masuk tidak dimulai dari halaman ini")
        assert one.page.url == f"{one.url}/console/"
        assert not [address for address in one.asked if "/protocol/" in address]


async def test_an_answer_with_another_state_is_not_believed_though_one_is_awaited(opened: Open, api: Api) -> None:
    async with opened() as one:
        await begin(one)
        await one.page.locator("#password").wait_for()
        await one.page.goto(f"{one.url}/console/#{NOBODYS}")
        await is_told(one, "Masuk tidak dimulai dari halaman ini")
        assert "sigap.away" not in await one.page.evaluate("JSON.stringify({...sessionStorage})")
        await fill_again(one)


async def fill_again(shown: Screen) -> None:
    """A sign-in that went wrong is followed by one that goes well."""
    await shown.page.get_by_role("button", name="Masuk").click()
    await fill(shown.page, "operator")
    await shown.page.get_by_role("button", name="Keluar").wait_for()


async def test_a_code_that_was_used_already_is_refused_in_words(opened: Open, api: Api) -> None:
    async with opened() as one:

        async def used_twice(route: Route) -> None:
            await route.fetch()
            await route.continue_()

        await one.page.route("**/protocol/openid-connect/token", used_twice, times=1)
        await begin(one)
        await fill(one.page, "operator")
        await is_told(one, "menolak")


async def test_a_person_who_gives_up_at_the_provider_is_told_what_it_says(opened: Open, api: Api, realm: Realm) -> None:
    async with opened() as one:
        await begin(one)
        await one.page.locator("#password").wait_for()
        await one.page.goto(f"{one.url}/console/#error=access_denied&{_asked_with(one)}&iss={realm.issuer}")
        await is_told(one, "menolak: access_denied")


def _asked_with(shown: Screen) -> str:
    """The state that the page sent to the provider."""
    address = next(address for address in reversed(shown.asked) if "/protocol/openid-connect/auth" in address)
    return next(part for part in urlsplit(address).query.split("&") if part.startswith("state="))


@pytest.mark.parametrize("hours", [-3, 3])
async def test_a_computer_whose_clock_is_wrong_signs_in_all_the_same(opened: Open, api: Api, hours: int) -> None:
    async with opened() as one:
        await one.page.clock.install(time=datetime.now(UTC) + timedelta(hours=hours))
        await sign_in(one, "operator")


async def test_a_person_without_a_role_here_is_told_and_led_out(opened: Open, api: Api, realm: Realm) -> None:
    realm.add_user("tanpa-peran")
    async with opened() as one:
        await begin(one)
        await fill(one.page, "tanpa-peran")
        await is_told(one, "tidak punya peran di Sigap 112")
        await one.page.get_by_role("button", name="Keluar").click()
        await one.page.get_by_role("button", name="Masuk").wait_for()


async def test_a_provider_that_is_away_is_told_at_signing_in_and_out(
    opened: Open, api: Api, keycloak: KeycloakServer
) -> None:
    async with opened() as one:
        await sign_in(one, "operator")
        keycloak.stop()
        await one.page.get_by_role("button", name="Keluar").click()
        await is_told(one, "sesi di sana masih terbuka")
        await one.page.get_by_role("button", name="Masuk").click()
        await is_told(one, "tidak dapat dihubungi")
