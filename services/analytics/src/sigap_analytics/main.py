"""Analytics: the service that computes figures from events, each with numerator, denominator and definition."""

from sigap_analytics import api
from sigap_analytics.events import SUBSCRIPTIONS
from sigap_analytics.models import metadata, tables
from sigap_analytics.repository import AnalyticsTransaction
from sigap_analytics.resources import AnalyticsResources
from sigap_analytics.settings import AnalyticsSettings
from sigap_common.app.manifest import Service
from sigap_common.contracts import topics

service = Service(
    name="analytics",
    topic=topics.REGENCY_ANSWERS,
    settings=AnalyticsSettings,
    transaction=AnalyticsTransaction,
    resources=AnalyticsResources,
    routers=(api.router,),
    metadata=metadata,
    tables=tables,
    migrations="sigap_analytics.migrations",
    subscriptions=SUBSCRIPTIONS,
    opens_sealed=False,
    patience=0.25,
    niceness=10,
)
