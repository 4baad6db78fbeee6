"""The state of an incident and of its forwardings, which follows from its events."""
