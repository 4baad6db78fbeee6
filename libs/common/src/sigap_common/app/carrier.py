"""The bus that the settings name."""

from sigap_common.bus import Bus, BusSecurity, open_bus
from sigap_common.core.production import UnsafeSettings
from sigap_common.core.settings import CommonSettings


def bus_of(common: CommonSettings) -> Bus:
    """Nothing is opened before its `start`. Raises UnsafeSettings if the settings of the bus do not fit each other."""
    security = BusSecurity(
        ca_file=common.bus_ca_file,
        certificate_file=common.bus_certificate_file,
        key_file=common.bus_key_file,
        username=common.bus_username,
        password=common.bus_password.get_secret_value() if common.bus_password else None,
    )
    try:
        return open_bus(common.bus_url, data_dir=common.data_dir, security=security)
    except ValueError as wrong:
        raise UnsafeSettings(str(wrong)) from wrong
