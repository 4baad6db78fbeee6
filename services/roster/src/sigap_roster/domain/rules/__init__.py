"""Checks a plan by the rules of a pack. It finds every breach, by rule, person and day, without input or output.

A plan is checked each time somebody asks for it, and each time it is published.
"""

from sigap_roster.domain.rules.asked import LOCKED, RULES, SEATS_FILLED, Breach, breaches, check, departures

__all__ = ["LOCKED", "RULES", "SEATS_FILLED", "Breach", "breaches", "check", "departures"]
