"""What must be true of the calls that an exchange told of: the right ones, once each, with their ends and times."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from math import inf
from typing import Any

from tests.exchange.sip import SipCall
from tests.faults.checker import in_turn, listed, timeline

from sigap_cli.api import Api
from sigap_testing.eventually import eventually

SETTLED_SECONDS = 120.0
NEAR_SECONDS = 0.05
"""Between the callers' clock and the exchange's: both are this machine's, and round differently."""
OVER = ("ended", "abandoned")
ONCE = {"CallReceived": "received", "CallAnswered": "answered", "CallEnded": "ended", "CallAbandoned": "abandoned"}


async def settled(api: Api, told: Sequence[SipCall], regency: str) -> list[dict[str, Any]]:
    """The calls of the regency, when all that were made are there and over, at most SETTLED_SECONDS later."""

    async def all_over() -> list[dict[str, Any]]:
        there = await listed(api, "/v1/calls", regency)
        over = {call["exchange_id"] for call in there if call["state"] in OVER}
        left = {call.id for call in told} - over
        assert not left, f"{len(left)} calls are not there or not over"
        return there

    try:
        return await eventually(all_over, SETTLED_SECONDS, every=1.0)
    except AssertionError:
        return await listed(api, "/v1/calls", regency)


def compare(told: Sequence[SipCall], there: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is wrong with the calls that are there, in words."""
    of_id = Counter(call["exchange_id"] for call in there)
    known = {call["exchange_id"]: call for call in there}
    strangers = sorted(str(one) for one in of_id.keys() - {call.id for call in told})
    return [
        *(f"{call.id} ({call.kind.scenario}) is lost" for call in told if call.id not in known),
        *(f"{one} is there {count} times" for one, count in of_id.items() if count > 1),
        *(f"{one} is there, and nobody called" for one in strangers),
        *(f"{call.id}: {wrong}" for call in told if call.id in known for wrong in _of_one(call, known[call.id])),
    ]


def _of_one(told: SipCall, call: Mapping[str, Any]) -> Iterator[str]:
    wanted = {"state": told.kind.state, "ended_by": told.kind.ended_by, "number": told.number}
    for name, value in wanted.items():
        if call[name] != value:
            yield f"{name} is {call[name]} instead of {value}"
    codes = [complaint["code"] for complaint in call["complaints"]]
    if codes != ([] if told.number else ["number_placeholder"]):
        yield f"complaints {codes}"
    yield from _times(told, call)


def _times(told: SipCall, call: Mapping[str, Any]) -> Iterator[str]:
    """Each moment lies between what the caller did before and what he heard of it afterwards."""
    answered = told.at.get("answered")
    heard = answered or told.at.get("ending") or told.at.get("over") or inf
    between = {"received_at": (told.at["invited"], heard)}
    if answered:
        between["answered_at"] = (told.at["invited"], answered)
    if "over" in told.at:
        between["ended_at"] = (answered or told.at["invited"], told.at["over"])
        if told.kind.ended_by == "caller":
            between["ended_at"] = (told.at["ending"], told.at["over"])
    else:
        yield "the caller never heard of its end"
    for name, (earliest, latest) in between.items():
        if call[name] is None:
            yield f"{name} is not known"
            continue
        at = datetime.fromisoformat(call[name]).timestamp()
        if not earliest - NEAR_SECONDS <= at <= latest + NEAR_SECONDS:
            yield f"{name} is {at:.3f}, not between {earliest:.3f} and {latest:.3f}"
    if not answered and call["answered_at"]:
        yield "it was never answered"


async def once_each(api: Api, there: Sequence[Mapping[str, Any]]) -> list[str]:
    """Whether each call's arrival, answer and end are in its timeline once."""
    wrong = []
    for some in in_turn([str(call["id"]) for call in there]):
        timelines = await asyncio.gather(*(timeline(api, "/v1/calls", one) for one in some))
        for one, entries in zip(some, timelines, strict=True):
            kinds = Counter(entry["type"].split(".")[1] for entry in entries)
            wrong += [f"{one}: {kinds[kind]} times {word}" for kind, word in ONCE.items() if kinds[kind] > 1]
            if kinds["CallEnded"] + kinds["CallAbandoned"] != 1 or not kinds["CallReceived"]:
                wrong.append(f"{one}: its timeline has {dict(kinds)}")
    return wrong
