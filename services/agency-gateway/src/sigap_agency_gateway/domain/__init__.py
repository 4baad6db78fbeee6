"""What the gateway knows without a clock, a database or a network: the forwarding, its deliveries, signatures."""
