"""What a repair costs: the people whose duties change, then the assignments that do."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sigap_roster.domain.program.limits import OPEN_SEAT, Price, Program, Tier
from sigap_roster.domain.program.sheet import Sheet
from sigap_roster.domain.roster import Planned


def write_changes(sheet: Sheet, choices: Sequence[Planned], drafted: Sequence[int]) -> None:
    """What differs from the draft, and who is disturbed by it. One person costs more than all assignments together."""
    before = set(drafted)
    change = Price(1, tier=Tier.CHANGES)
    disturbs = a_person(len(choices))
    own: defaultdict[UUID, list[int]] = defaultdict(list)
    for variable, one in enumerate(choices):
        own[one.staff_id].append(~variable if variable in before else variable)
    disturbed = {staff_id: sheet.new(differing) for staff_id, differing in own.items()}
    for variable, one in enumerate(choices):
        person = (disturbed[one.staff_id], -1)
        if variable in before:
            sheet.at_most(-1, ((variable, -1), person))
        else:
            sheet.at_most(0, ((variable, 1), person))
    sheet.at_most(-len(before), [(variable, -1) for variable in drafted], change)
    sheet.at_most(0, [(variable, 1) for variable in range(len(choices)) if variable not in before], change)
    for person_changes in disturbed.values():
        sheet.at_most(0, ((person_changes, 1),), disturbs)


def a_person(choices: int) -> Price:
    """What a disturbed person costs, beside 1 for each assignment that changes."""
    return Price(choices + 1, tier=Tier.CHANGES)


def least_kept(program: Program, cover: int, changes: int) -> int:
    """How many of the draft's assignments stay at least in any plan of these costs of its tiers.

    Each seat beyond those that the draft fills needs an assignment that is new, and so does each assignment that goes.
    What is left of the changes is too little for more to go. `hint` of the program is the draft.
    """
    cells, draft = changes % a_person(len(program.days)).cost, len(program.hint)
    # With n new ones and k that stay: n + k >= filled, and n + draft - k <= cells.
    return max(0, -((cells - draft - _filled(program, cover)) // 2))


def least_changed(program: Program, cover: int) -> int:
    """How many assignments change at least in any plan of this cover: each seat that is filled besides is a new one."""
    return max(0, _filled(program, cover) - len(program.hint))


def _filled(program: Program, cover: int) -> int:
    """How many seats a plan of this cover fills at least."""
    return sum(-limit.most for limit in program.limits if limit.price == OPEN_SEAT) - cover
