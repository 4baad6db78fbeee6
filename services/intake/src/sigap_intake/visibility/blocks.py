"""Who sees what of a block."""

from sigap_common.auth import Access, Role
from sigap_common.contracts import blocks
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.visibility import Policy, Variant

DECIDERS = (Role.supervisor,)
"""The role that decides about blocks. Numbers and reasons are opened to it alone."""
READERS = (*DECIDERS, Role.admin)


class BlockPolicy(Policy):
    """Blocks of the token's regencies."""

    def variant(self, heard: ReceivedEvent, access: Access) -> Variant | None:
        """The stream of blocks shows what happens to blocks, and nothing of calls."""
        is_of_block = type(heard.event).__module__ == blocks.__name__
        return super().variant(heard, access) if is_of_block else None


BLOCK_POLICY = BlockPolicy(opened_to=DECIDERS)
