"""Fixtures with real parts for every test, and what all properties share."""

from hypothesis import HealthCheck, settings

from sigap_common.core.texts import Texts

pytest_plugins = ["sigap_testing.plugin"]

Texts.strict = True  # a text that is missing fails the test instead of showing its key

# A slow machine is no fault of the code: how long an example takes fails no test.
settings.register_profile("sigap", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("sigap")
