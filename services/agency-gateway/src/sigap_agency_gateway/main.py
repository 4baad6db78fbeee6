"""The agency gateway: the service that delivers notices to agencies and records their answers."""

from sigap_agency_gateway import models, retention
from sigap_agency_gateway.api import deliveries, drills, endpoints, forwardings
from sigap_agency_gateway.courier import carry
from sigap_agency_gateway.events import SUBSCRIPTIONS
from sigap_agency_gateway.repository import GatewayTransaction
from sigap_agency_gateway.resources import GatewayResources
from sigap_agency_gateway.settings import GatewaySettings
from sigap_agency_gateway.use_cases.endpoints import apply_pack
from sigap_agency_gateway.use_cases.watch_endpoints import watch_endpoints
from sigap_agency_gateway.use_cases.write_receipts import write_receipts
from sigap_common.app.manifest import Service
from sigap_common.contracts import topics

service = Service(
    name="agency-gateway",
    topic=topics.AGENCIES,
    settings=GatewaySettings,
    transaction=GatewayTransaction,
    resources=GatewayResources,
    routers=(forwardings.router, drills.router, endpoints.router, deliveries.router),
    metadata=models.metadata,
    tables=models.mechanisms,
    migrations="sigap_agency_gateway.migrations",
    subscriptions=SUBSCRIPTIONS,
    erasables=(retention.FORWARDINGS,),
    sweeps=(retention.DeliveryErasure,),
    background=(carry, write_receipts, watch_endpoints),
    sections=("agencies", "incident_types", "code_lists"),
    pack_applied=(apply_pack,),
    niceness=5,
)
