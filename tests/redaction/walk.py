"""A walk over everything that one token can read: each GET of every service, with its headers, and each live stream.

The operations come from the merged OpenAPI, so an operation that is added later is walked too.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from typing import Any

import httpx

from sigap_testing.operations import EVENTS, Operation, operations
from sigap_testing.patience import patience

FROM_THE_START = "0.0"
"""A stream that goes on from here sends all events that its process still has."""
SILENCE_SECONDS = 2.0
"""When a stream has sent nothing for so long, it has sent what it had. Its events are in memory and come at once."""
HEARTBEAT = ": still here"
"""A stream sends this comment only if it has nothing else to send."""
MOST_PAGES = 50


@dataclass(frozen=True, slots=True)
class Read:
    """What one request was answered with: the status line's code, the headers and the body."""

    where: str
    status: int
    text: str


def walk(
    client: httpx.Client,
    token: str,
    ids: Mapping[str, Collection[str]],
    queries: Mapping[str, Collection[str]] | None = None,
) -> list[Read]:
    """Every text that the token can read.

    `ids`: by the name of a path's parameter, such as `incident_id`, the values to try. A parameter that is missing
    there raises KeyError, so that no operation is left out unseen. `queries`: the same for parameters of queries;
    each is tried alone, and a required one that is missing raises KeyError.
    """
    reads = [read for operation in _readable() for read in _of_operation(client, token, operation, ids, queries or {})]
    assert any(read.status == 200 for read in reads), "the token reads nothing"
    return reads


def found(reads: Sequence[Read], hidden: Mapping[str, Collection[str]]) -> list[str]:
    """Where a hidden value can be read. `hidden`: by its name, the forms in which a value may be written."""
    return [
        f"{name} at {read.where}"
        for read in reads
        for name, forms in hidden.items()
        if any(form.lower() in read.text.lower() for form in forms)
    ]


def _readable() -> Iterator[Operation]:
    return (operation for operation in operations() if not operation.writes)


def _of_operation(
    client: httpx.Client,
    token: str,
    operation: Operation,
    ids: Mapping[str, Collection[str]],
    queries: Mapping[str, Collection[str]],
) -> Iterator[Read]:
    names = [name for name, _, _ in operation.parameters("path")]
    for values in product(*(ids[name] for name in names)):
        path = operation.path.format(**dict(zip(names, values, strict=True)))
        for query in _queries(operation, queries):
            if EVENTS in operation.spec["responses"].get("200", {}).get("content", {}):
                yield _stream(client, token, path, query)
            else:
                yield from _pages(client, token, path, query)


def _queries(operation: Operation, given: Mapping[str, Collection[str]]) -> Iterator[dict[str, str]]:
    """The query with what is required, and again with each further parameter that is given."""
    parameters = list(operation.parameters("query"))
    required = {name: next(iter(given[name])) for name, _, needed in parameters if needed}
    yield required
    for name, _, _ in parameters:
        for value in given.get(name, ()):
            if required.get(name) != value:
                yield {**required, name: value}


def _pages(client: httpx.Client, token: str, path: str, query: Mapping[str, str]) -> Iterator[Read]:
    """The answer, and the further pages of a list."""
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        params = {**query, **({"cursor": cursor} if cursor else {})}
        answer = client.get(path, params=params, headers=_bearer(token))
        yield Read(f"GET {answer.request.url}", answer.status_code, f"{answer.headers!r}\n{answer.text}")
        cursor = _next(answer)
        if cursor is None:
            return
    raise AssertionError(f"{path} has more than {MOST_PAGES} pages")


def _next(answer: httpx.Response) -> str | None:
    if answer.status_code != 200 or "json" not in answer.headers.get("content-type", ""):
        return None
    body: Any = answer.json()
    found = body.get("next") if isinstance(body, dict) else None
    return found if isinstance(found, str) else None


def _stream(client: httpx.Client, token: str, path: str, query: Mapping[str, str]) -> Read:
    """All that the stream sends from the start until it is silent."""
    headers = _bearer(token) | {"Last-Event-ID": FROM_THE_START}
    silence = httpx.Timeout(patience(60), read=patience(SILENCE_SECONDS))
    parts: list[str] = []
    with client.stream("GET", path, params=dict(query), headers=headers, timeout=silence) as answer:
        with suppress(httpx.ReadTimeout):
            for part in answer.iter_text():
                parts.append(part)
                if HEARTBEAT in part:
                    break
        return Read(f"GET {answer.request.url}", answer.status_code, "".join(parts))


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
