"""The rules of a pack, asked of a plan: every breach by rule, person and day. Pure.

They are asked whenever a plan is checked or published, whoever made it.
"""

from sigap_roster.domain.rules.asked import RULES, Breach, breaches, check

__all__ = ["RULES", "Breach", "breaches", "check"]
