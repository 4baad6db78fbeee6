"""The gateway's pure domain, without clock, database or network: forwardings, deliveries, endpoints, signatures."""
