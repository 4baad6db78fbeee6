import gc
import weakref

from sigap_common.core.memory import COLLECT_AFTER_BYTES, LargeBodies


class Refused(Exception):
    """As of a request: its traceback holds the frame, which holds the body and the exception."""

    kept: "list[Refused]"


def refused() -> "weakref.ref[Refused]":
    kept: list[Refused] = []
    try:
        raise Refused
    except Refused as error:
        kept.append(error)
    caught = kept[0]
    caught.kept = kept
    return weakref.ref(caught)


def test_what_refused_requests_hold_is_let_go_after_so_many_bytes_of_bodies() -> None:
    bodies = LargeBodies()
    gc.disable()
    try:
        hangs = refused()
        bodies.read(COLLECT_AFTER_BYTES - 1)
        assert hangs() is not None
        bodies.read(1)
        assert hangs() is None
    finally:
        gc.enable()
