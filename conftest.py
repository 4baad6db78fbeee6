"""Fixtures with real parts for every test."""

from sigap_common.texts import Texts

pytest_plugins = ["sigap_common.testing.plugin"]

Texts.strict = True  # a text that is missing fails the test instead of showing its key
