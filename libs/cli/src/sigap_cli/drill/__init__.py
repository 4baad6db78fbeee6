"""`sigap drill`: takes one drill call from its arrival to the acknowledgement, as a smoke test of an installation."""
