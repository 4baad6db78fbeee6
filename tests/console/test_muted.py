"""A browser keeps a page silent on which nobody has pressed anything, such as after the way to an identity provider."""

from sigap_cli.api import Api
from sigap_testing.cluster import SingleHost
from sigap_testing.eventually import eventually
from sigap_testing.plugin import or_missing

from .browsers import PASSWORD
from .conftest import ring
from .tabs import tabbed_browser

_SIGN_IN = f"""{{
  for (const [name, text] of [["username", "ani"], ["password", "{PASSWORD}"]]) {{
    const field = document.querySelector(`input[name=${{name}}]`);
    field.value = text;
    field.dispatchEvent(new InputEvent("input", {{ bubbles: true }}));
  }}
  setTimeout(() => document.querySelector("form").requestSubmit(), 50);
}}"""
"""Signs in without a key or a click."""
_SOUND = "document.documentElement.dataset.sound"
_IS_WARNED = "document.body.innerText.includes('Browser membisukan halaman ini')"


async def test_a_page_that_the_browser_keeps_silent_says_so_until_something_is_pressed(
    desks: SingleHost, api: Api
) -> None:
    with or_missing():
        async with tabbed_browser("--autoplay-policy=document-user-activation-required") as browser:
            ani = await browser.open(f"{desks.url}/console/")
            await eventually(lambda: ani.value("document.querySelector('input[name=username]') !== null"), 20)
            await ani.value(_SIGN_IN)
            await eventually(lambda: ani.value(_IS_WARNED), 20)
            await ring(api)
            await eventually(lambda: ani.value("document.title.startsWith('(1)')"), 20)
            assert await ani.value(_SOUND) == ""
            for kind in ("rawKeyDown", "keyUp"):
                await ani.send("Input.dispatchKeyEvent", type=kind, key="x", code="KeyX", windowsVirtualKeyCode=88)
            await eventually(lambda: ani.value(f"{_SOUND} === 'ring'"), 20)
            assert not await ani.value(_IS_WARNED)
