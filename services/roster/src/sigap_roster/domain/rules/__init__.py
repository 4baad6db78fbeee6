"""The rules of a pack, asked of a plan: every breach by rule, person and day. Pure.

The same rules hold for a plan that was made by hand, imported or computed.
"""

from sigap_roster.domain.rules.asked import RULES, Breach, breaches, impossible
from sigap_roster.domain.rules.work import Facts, Work, facts_of

__all__ = ["RULES", "Breach", "Facts", "Work", "breaches", "facts_of", "impossible"]
