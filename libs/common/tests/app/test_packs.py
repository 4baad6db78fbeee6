"""Packs come by section, in any order, and a service keeps the sections that it names."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from sigap_common.app import packs as pack_store
from sigap_common.app import runtime
from sigap_common.app.migrations import upgrade
from sigap_common.bus.envelope import Message
from sigap_common.contracts.regencies import Complaint, RegencyApplied, RegencyConfigured, RegencyRefused
from sigap_common.regency import Pack
from sigap_testing.eventually import eventually
from sigap_testing.kit import Kit, another_process, started
from sigap_testing.sample.main import service

CODE = "99.01"
SAMPLE = replace(service, sections=("agencies",))


def a_pack(telephone: str = "0274112", **beside: Any) -> Pack:
    agency = {"code": "fire", "name": "Damkar", "kind": "fire", "telephones": [telephone]}
    place = {"name": "Pasar", "kind": "landmark", "lat": -7.8, "lon": 110.4}
    document = {"code": CODE, "name": "Kota", "time_zone": "Asia/Jakarta", "agencies": [agency], "gazetteer": [place]}
    return Pack.model_validate(document | beside)


@pytest.fixture
async def kit(database_url: str, tmp_path: Path) -> AsyncIterator[Kit]:
    async with started(SAMPLE, database_url, tmp_path) as kit:
        yield kit


def changed(kit: Kit, before: Pack, after: Pack, version: int) -> list[Message]:
    """The events of a new version: the sections that are not as before, then the version."""
    same = {(message.key, message.data.partition(b'"digest"')[2]) for message in kit.published(before)}
    *sections, head = kit.published(after, version)
    return [m for m in sections if (m.key, m.data.partition(b'"digest"')[2]) not in same] + [head]


def telephone(kit: Kit) -> str:
    (agency,) = kit.runtime.packs.get(CODE).agencies
    return agency.telephones[0]


async def stored(kit: Kit) -> list[str]:
    table = kit.runtime.tables.regency_sections
    async with kit.runtime.database.read() as connection:
        return sorted((await connection.execute(select(table.c.section))).scalars())


async def test_a_service_keeps_the_sections_that_it_names(kit: Kit) -> None:
    await kit.configure(a_pack())
    assert await stored(kit) == ["agencies", "identity"]
    pack = kit.runtime.packs.get(CODE)
    assert (telephone(kit), pack.retention.calls_days) == ("0274112", 365)
    for key in ("gazetteer", "zone", "incident_types"):
        with pytest.raises(AttributeError, match=key):
            getattr(pack, key)


async def test_equal_sections_are_one_object_in_all_services_and_regencies_of_a_process(kit: Kit) -> None:
    await kit.configure(a_pack(), a_pack(code="99.02"))
    async with another_process(kit, SAMPLE) as other:
        one, two = kit.runtime.packs.get(CODE), other.runtime.packs.get("99.02")
        assert one.agencies is two.agencies
        assert one.retention is two.retention


async def test_the_events_of_a_version_may_come_in_any_order(kit: Kit) -> None:
    first, second = a_pack(), a_pack("0274113", name="Kota Baru")
    for message in reversed(kit.published(first)):
        await kit.hear_again(message)
    assert kit.runtime.packs.version(CODE) == 1
    *sections, head = changed(kit, first, second, 2)
    assert len(sections) == 2
    await kit.hear_again(head)
    for message in sections:
        assert (kit.runtime.packs.version(CODE), telephone(kit)) == (1, "0274112"), "not before it is complete"
        async with another_process(kit, SAMPLE) as restarted:
            assert telephone(restarted) == "0274112", "not after a restart either"
        await kit.hear_again(message)
    assert (kit.runtime.packs.get(CODE).name, telephone(kit)) == ("Kota Baru", "0274113")
    assert [one.event.version for one in await kit.said(RegencyApplied)] == [1, 2]
    assert await stored(kit) == ["agencies", "identity"]


@pytest.mark.parametrize("seed", range(8))
async def test_a_compacted_topic_leads_to_the_newest_version(kit: Kit, seed: int) -> None:
    """Only the newest record of a key is left, so most versions can never be complete; the newest is."""
    packs = [a_pack("0274112"), a_pack("0274113"), a_pack("0274113", name="Baru"), a_pack("0274112", name="Baru")]
    messages = kit.published(packs[0])
    for version, (before, after) in enumerate(pairwise(packs), start=2):
        messages += changed(kit, before, after, version)
    kept_from = random.Random(seed).randrange(len(messages))  # as far as compaction has come; what is newer is whole
    newest = {message.key: message for message in messages}
    left = [m for n, m in enumerate(messages) if n >= kept_from or newest[m.key] is m]
    random.Random(seed).shuffle(left)
    for message in left:
        await kit.hear_again(message)
    assert (kit.runtime.packs.version(CODE), kit.runtime.packs.get(CODE).name) == (4, "Baru")
    assert telephone(kit) == "0274112"
    assert await stored(kit) == ["agencies", "identity"]


async def test_events_that_come_again_change_nothing(kit: Kit) -> None:
    first, second = kit.published(a_pack()), changed(kit, a_pack(), a_pack("0274113"), 2)
    await kit.hear_again(*first, *second)
    await kit.hear_again(*first, *second)
    assert (kit.runtime.packs.version(CODE), telephone(kit)) == (2, "0274113")
    assert [one.event.version for one in await kit.said(RegencyApplied)] == [2]


async def test_a_section_of_a_refused_version_serves_the_next_one(database_url: str, tmp_path: Path) -> None:
    def check(pack: Pack) -> Sequence[Complaint]:
        return [Complaint(pointer="/name", message="no")] if pack.name == "Buruk" else ()

    async with started(replace(SAMPLE, pack_checks=(check,)), database_url, tmp_path) as kit:
        first, second, third = a_pack(), a_pack("0274113", name="Buruk"), a_pack("0274113")
        await kit.configure(first)
        await kit.hear_again(*changed(kit, first, second, 2))
        assert telephone(kit) == "0274112"
        assert [one.event.version for one in await kit.said(RegencyRefused)] == [2]
        messages = changed(kit, second, third, 3)
        assert [message.key for message in messages] == [f"{CODE}/identity", CODE]
        for message in messages:
            await kit.hear_again(message)
        assert telephone(kit) == "0274113"
        assert [one.event.version for one in await kit.said(RegencyRefused)] == [2], "it is answered once"


async def test_two_replicas_that_share_the_events_complete_the_version(kit: Kit) -> None:
    async with another_process(kit, SAMPLE) as other:
        for version in range(1, 6):
            *sections, head = kit.published(a_pack(f"027411{version}"), version)
            await asyncio.gather(kit.hear_again(*sections), other.hear_again(head))
            for replica in (kit, other):
                await replica.runtime.pack_store.load()
                assert telephone(replica) == f"027411{version}"


async def test_a_pack_as_it_was_published_before_is_read_and_goes_on_by_section(kit: Kit) -> None:
    stamp: dict[str, Any] = {"at": kit.clock(), "recorded_at": kit.clock()}
    whole = RegencyConfigured(**stamp, version=3, pack=a_pack())
    await kit.hear(whole, subject=CODE, regency=CODE, sequence=3)
    assert (kit.runtime.packs.version(CODE), telephone(kit)) == (3, "0274112")
    assert await stored(kit) == ["agencies", "identity"]
    await kit.hear_again(*kit.published(a_pack("0274113"), 4))
    assert telephone(kit) == "0274113"


async def test_a_section_that_a_service_begins_to_name_is_read_again_from_the_topic(kit: Kit) -> None:
    first, second = a_pack(), a_pack("0274113")
    await kit.runtime.bus.publish(kit.published(first))
    await kit.runtime.bus.publish(changed(kit, first, second, 2))
    await kit.configure(first)
    await kit.hear_again(*changed(kit, first, second, 2))
    async with another_process(kit, replace(SAMPLE, sections=("agencies", "gazetteer"))) as newer:
        assert newer.runtime.packs.find(CODE) is None, "it would work by an empty list"
        await newer.runtime.pack_store.read_missing()
        assert [place.name for place in newer.runtime.packs.get(CODE).gazetteer] == ["Pasar"]
        assert telephone(newer) == "0274113"


async def test_a_section_that_the_topic_does_not_show_yet_is_read_again_until_it_is_there(
    kit: Kit, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pack_store, "READ_AGAIN_PAUSE_SECONDS", 0.0)
    for looks in ("LOOK_SECONDS", "LOOK_ALONE_SECONDS"):  # a service alone on its database looks every 15 s
        monkeypatch.setattr(runtime, looks, 0.01)
    await kit.configure(a_pack())
    async with another_process(kit, replace(SAMPLE, sections=("agencies", "gazetteer"))) as newer:
        assert not await newer.runtime.pack_store.read_missing()
        caplog.clear()
        watching = asyncio.create_task(newer.runtime.pack_store.watch())
        try:
            await eventually(lambda: "waits for sections" in caplog.text)  # it has read, and found nothing
            await kit.runtime.bus.publish(kit.published(a_pack()))
            await eventually(lambda: newer.runtime.packs.find(CODE) is not None)
        finally:
            watching.cancel()
    assert [place.name for place in newer.runtime.packs.get(CODE).gazetteer] == ["Pasar"]


async def test_packs_stored_whole_are_split(kit: Kit, database_url: str) -> None:
    tables = kit.runtime.tables
    async with kit.runtime.database.write() as connection:
        for table in (tables.regencies, tables.regency_sections):
            await connection.run_sync(table.drop)
        old = "CREATE TABLE regencies (code VARCHAR PRIMARY KEY, version INTEGER, pack TEXT, applied_at TIMESTAMP)"
        await connection.execute(sa.text(old))
        row = {"pack": a_pack().model_dump_json(exclude_none=True), "code": CODE}
        await connection.execute(sa.text("INSERT INTO regencies VALUES (:code, 7, :pack, NULL)"), row)
        await connection.execute(sa.text("UPDATE alembic_version SET version_num = '0002'"))
    await upgrade(service, database_url)
    await kit.runtime.pack_store.load()
    assert (kit.runtime.packs.version(CODE), telephone(kit)) == (7, "0274112")
    await kit.hear_again(*kit.published(a_pack("0274113"), 8))
    assert (telephone(kit), await stored(kit)) == ("0274113", ["agencies", "identity"])
    assert json.loads(a_pack().model_dump_json())["gazetteer"], "the pack has more than the service names"
