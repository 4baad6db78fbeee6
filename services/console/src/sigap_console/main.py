"""The console's manifest: a site without tables. Its pages reach data by the public API alone."""

from importlib.resources import files
from pathlib import Path

from sigap_common.app.site import Site
from sigap_common.core.settings import CommonSettings
from sigap_console.pages import Pages
from sigap_console.settings import page_settings, sign_in_providers

PREFIX = "/console"
BUILT = "built"
"""The folder of the built files in this package; `make setup` makes it."""


def application(common: CommonSettings) -> Pages:
    folder = Path(str(files("sigap_console") / BUILT))
    return Pages(PREFIX, folder, page_settings(common), [one.issuer for one in sign_in_providers(common)])


site = Site(name="console", prefix=PREFIX, application=application, entrance=True)
