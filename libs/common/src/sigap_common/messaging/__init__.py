"""Transactions and events: aggregates at rest, outbox, inbox, consumer, waiting store, leases, timers."""
