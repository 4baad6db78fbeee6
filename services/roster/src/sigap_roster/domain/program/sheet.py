"""What the limits are written from: everything that could be planned, as facts of one large plan."""

from dataclasses import dataclass

from sigap_roster.domain.program.limits import Variable, Writer
from sigap_roster.domain.rules.work import Facts, Work


@dataclass(slots=True, kw_only=True)
class Sheet(Writer):
    """`facts`: of a plan that has first what stands and then each assignment that could be, one a variable.
    `standing`: how many of them stand.
    """

    facts: Facts
    standing: int

    def variable(self, work: Work) -> Variable:
        return None if work.index is None or work.index < self.standing else work.index - self.standing
