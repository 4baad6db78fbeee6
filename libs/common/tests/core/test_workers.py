import asyncio
import json
import threading
import time

import pytest

from sigap_common.core.errors import Unavailable
from sigap_common.core.large_json import read_large, write_large
from sigap_common.core.workers import Worker


async def test_so_much_at_once_so_much_in_the_queue_and_then_503() -> None:
    worker, go, begun = Worker("tested", at_once=2, waiting=1), threading.Event(), []

    def work(number: int) -> int:
        begun.append(number)
        assert go.wait(10)
        return number

    tasks = [asyncio.create_task(worker.run(work, number)) for number in range(3)]
    while len(begun) < 2:
        await asyncio.sleep(0.001)
    with pytest.raises(Unavailable) as refused:
        await worker.run(work, 3)
    assert int(refused.value.headers["Retry-After"]) > 0
    event = asyncio.create_task(worker.run_always(work, 4))
    await asyncio.sleep(0)
    assert begun == [0, 1]
    go.set()
    assert await asyncio.gather(*tasks, event) == [0, 1, 2, 4]
    assert await worker.run(work, 5) == 5


async def test_what_the_work_raises_is_raised_and_gives_its_place_back() -> None:
    worker = Worker("tested", at_once=1, waiting=0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await worker.run(lambda: 1 / 0)


async def test_who_gives_up_in_the_queue_leaves_it() -> None:
    worker, go = Worker("tested", at_once=1, waiting=1), threading.Event()
    first = asyncio.create_task(worker.run(go.wait, 10))
    second = asyncio.create_task(worker.run(lambda: None))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    third = asyncio.create_task(worker.run(lambda: 3))
    await asyncio.sleep(0)
    go.set()
    assert (await first, await third) == (True, 3)


def test_a_large_document_is_read_and_written_as_by_the_standard_library() -> None:
    document = {"a": [1, -2.5, 1e30, None, True, "\u00e9\n\U0001f600"], "": {"b": [[], {}, [[1, 2], [3, 4]]]}}
    assert read_large(json.dumps(document)) == document
    assert json.loads(write_large(document)) == document
    assert read_large(b'\n{"a" : [ 1 , 2 ] }\n') == {"a": [1, 2]}
    for wrong in (b"{", b"[1,]", b"\xff", b"", b"[" * 100_000):
        with pytest.raises((ValueError, RecursionError)):
            read_large(wrong)


def test_other_threads_go_on_while_a_large_document_is_read_and_written() -> None:
    """C code would hold them up from its beginning to its end; here they get dozens of turns."""
    document = json.dumps([[number, number / 7] for number in range(100_000)])
    for work in (lambda: read_large(document), lambda: write_large(json.loads(document))):
        turns, ended = 0, threading.Event()
        thread = threading.Thread(target=lambda work=work, ended=ended: (work(), ended.set()))
        thread.start()
        while not ended.is_set():
            time.sleep(0)
            turns += 1
        thread.join()
        assert turns > 10
