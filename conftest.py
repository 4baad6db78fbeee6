"""Fixtures with real parts for every test."""

pytest_plugins = ["sigap_common.testing.plugin"]
