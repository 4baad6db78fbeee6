"""Transactions and events: stored aggregates, outbox, inbox, consumer, waiting store, leases, timers."""
