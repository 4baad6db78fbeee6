"""Fixtures with real parts for every test."""

from sigap_common.core.texts import Texts

pytest_plugins = ["sigap_testing.plugin"]

Texts.strict = True  # a text that is missing fails the test instead of showing its key
