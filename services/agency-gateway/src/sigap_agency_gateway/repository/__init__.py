"""All SQL of the gateway, and its transaction with the repositories."""

from functools import cached_property

from sigap_agency_gateway.repository.deliveries import Deliveries
from sigap_agency_gateway.repository.endpoints import Endpoints
from sigap_agency_gateway.repository.forwardings import FORWARDINGS, Forwardings
from sigap_agency_gateway.repository.units import Units
from sigap_agency_gateway.resources import GatewayResources
from sigap_agency_gateway.settings import GatewaySettings
from sigap_common.app.running import RunningService
from sigap_common.messaging.transaction import Transaction


class GatewayTransaction(Transaction[GatewayResources]):
    @cached_property
    def forwardings(self) -> Forwardings:
        return Forwardings(self, FORWARDINGS)

    @cached_property
    def endpoints(self) -> Endpoints:
        return Endpoints(self)

    @cached_property
    def units(self) -> Units:
        return Units(self)

    @cached_property
    def deliveries(self) -> Deliveries:
        return Deliveries(self)


GatewayService = RunningService[GatewaySettings, GatewayResources, GatewayTransaction]
"""The type of the running gateway, which workers and handlers are given."""
