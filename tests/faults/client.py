"""A client as it should be: each request has one key, and is repeated until it is answered."""

import asyncio
import random
import time
from collections import Counter
from itertools import chain, cycle, repeat
from typing import Any
from uuid import uuid4

import httpx

from sigap_common.outbound import no_cookies

AWAY = frozenset({502, 503, 504})
ANSWER_SECONDS = 10.0
PAUSES = (0.2, 0.4, 0.8, 1.6)
"""Seconds between repetitions; the last one for ever."""
PATIENCE_SECONDS = 120.0
POOLS = 32
"""A pool of httpx looks through all that it has at each request: with 600 that wait for 300 connections one pool leads
30 requests a second, on a whole core.
"""
MEDIA_TYPE = "application/problem+json"


class Unanswered(Exception):
    """Nobody answered for as long as one may wait."""


class StubbornClient:
    """Counts what it was answered; `odd`: answers that no outage excuses."""

    def __init__(self, url: str) -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=10)
        tls = httpx.create_ssl_context(trust_env=False)
        self._https = [
            httpx.AsyncClient(
                base_url=url, timeout=ANSWER_SECONDS, limits=limits, trust_env=False, verify=tls, cookies=no_cookies()
            )
            for _ in range(POOLS)
        ]
        self._turns = cycle(self._https)
        self.answers: Counter[str] = Counter()
        self.odd: list[str] = []

    async def post(self, path: str, body: dict[str, Any], token: str | None = None, key: str | None = None) -> Any:
        """The answer's body. Raises Unanswered, and AssertionError for a refusal."""
        headers = {"Idempotency-Key": key or uuid4().hex} | ({"Authorization": f"Bearer {token}"} if token else {})
        deadline = time.monotonic() + PATIENCE_SECONDS
        for pause in chain(PAUSES, repeat(PAUSES[-1])):
            answer = await self._once(path, body, headers)
            if answer is not None:
                return answer.json()
            if time.monotonic() > deadline:
                raise Unanswered(path)
            await asyncio.sleep(pause * random.uniform(0.7, 1.3))
        raise AssertionError

    async def _once(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> httpx.Response | None:
        """None: to be repeated."""
        try:
            answer = await next(self._turns).post(path, json=body, headers=headers)
        except httpx.TransportError as error:
            self.answers[type(error).__name__] += 1
            return None
        self.answers[str(answer.status_code)] += 1
        if answer.is_success:
            return answer
        if answer.headers.get("content-type") != MEDIA_TYPE or answer.status_code == 500:
            self._note(path, answer)
        if answer.status_code in AWAY or _still_in_progress(answer):
            return None
        self._note(path, answer)
        raise AssertionError(f"{path}: {answer.status_code} {answer.text[:500]}")

    def _note(self, path: str, answer: httpx.Response) -> None:
        self.odd.append(f"POST {path}: {answer.status_code} {answer.text[:300]}")

    async def close(self) -> None:
        await asyncio.gather(*(pool.aclose() for pool in self._https))


def _still_in_progress(answer: httpx.Response) -> bool:
    return answer.status_code == 409 and str(answer.json().get("type", "")).endswith("/idempotency-in-progress")
