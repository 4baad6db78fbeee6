"""Handles SIGINT and SIGTERM, which end every command in the same way."""

import signal


def end_on_signals() -> None:
    """Makes SIGINT and SIGTERM raise KeyboardInterrupt in the main thread, from which this must be called.

    A shell lets the commands that a script starts in the background ignore SIGINT. Python then installs no handler of
    its own, and without this one nothing but SIGKILL would end `sigap up`.
    """
    for told_to_end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told_to_end, signal.default_int_handler)
