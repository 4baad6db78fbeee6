"""`python -m sigap_roster.solver`: the solving process. It reads a program from its standard input, and writes what it
finds to its standard output, in lines of JSON. `python -m sigap_roster.solver explain` reads a question instead, and
writes what cannot hold together.

It has no keys, no database and no names. It ends when its input does: with its parent, however that ended.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from threading import Thread
from typing import Any

from sigap_roster.solver.process import BYTES, EXPLAIN, MOST_BYTES

NICENESS = 19


def main() -> None:
    _give_way()
    from sigap_roster.solver.conflicts import Explaining
    from sigap_roster.solver.cp_sat import Solving
    from sigap_roster.solver.wire import read_lines, read_question

    found: Iterator[Mapping[str, Any]]
    if sys.argv[1:] == [EXPLAIN]:
        found = Explaining(*read_question(sys.stdin.buffer)).answers()
    else:
        found = Solving(*read_lines(sys.stdin.buffer), _write).solve()
    Thread(target=_end_with_parent, daemon=True).start()
    for told in found:
        _write(told)


def _give_way() -> None:
    if hasattr(os, "setpriority"):  # not on Windows
        import resource

        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
        most = int(os.environ.get(BYTES, MOST_BYTES))
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _end_with_parent() -> None:
    while os.read(0, 1024):
        pass
    os._exit(1)


def _write(told: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
