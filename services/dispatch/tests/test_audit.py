"""Histories of the audit: what happens to the record past the program is found, and named.

Each test tampers with the database as its administrator could, by SQL.
"""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from services.dispatch.tests.dispatch_histories import REGENCY, Desk, Shown, a_pack, call_id
from sqlalchemy import delete, insert, select, update
from typer.testing import CliRunner

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.audit import AuditDigestPublished
from sigap_common.messaging.audit_proof import Broken, DayDigest, Finding, Proof, prove
from sigap_dispatch.audit_command import audit, in_words
from sigap_dispatch.main import service
from sigap_dispatch.models import audit_digests, audited, incidents, tables
from sigap_dispatch.use_cases.audit import publish_digests
from sigap_testing.kit import another_process

t, blocks, entries = tables.timeline, audited.tables.blocks, audited.tables.entries
DAY = timedelta(days=1)


class Record:
    """The record of a desk: it is sealed by the relay, tampered with by SQL, and proved."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.database = desk, desk.kit.runtime.database

    async def relay(self) -> None:
        while await self.desk.kit.runtime.relay.relay_once():
            pass

    async def sql(self, *statements: Any) -> None:
        async with self.database.write() as connection:
            for statement in statements:
                await connection.execute(statement)

    async def proof(self, *digests: DayDigest) -> Proof:
        return await prove(self.database, audited, tables.outbox, digests, self.desk.now)

    async def broken(self, *digests: DayDigest) -> list[tuple[Broken, int | None]]:
        return [(one.broken, one.sequence) for one in (await self.proof(*digests)).findings]

    async def rows(self, incident: Shown) -> list[Any]:
        async with self.database.read() as connection:
            of_it = select(t).where(t.c.subject == incident["id"]).order_by(t.c.sequence)
            return list(await connection.execute(of_it))

    def entry(self, incident: Shown, sequence: int) -> Any:
        return (t.c.subject == incident["id"]) & (t.c.sequence == sequence)


@pytest.fixture
def record(desk: Desk) -> Record:
    return Record(desk)


async def an_incident(record: Record, n: int = 1) -> Shown:
    """One with some entries, all of them sealed."""
    await record.desk.classified(n)
    [incident] = await record.desk.incidents(call_id=str(call_id(n)))
    part = await record.desk.part("fire", incident)
    await part.hear(part.responded(Response.ACKNOWLEDGED, 5))
    await record.relay()
    return incident


async def test_an_untouched_record_fits(record: Record) -> None:
    first, second = await an_incident(record, 1), await an_incident(record, 2)
    proof = await record.proof()
    assert (proof.findings, proof.waiting) == ([], 0)
    assert proof.entries == len(await record.rows(first)) + len(await record.rows(second))


async def test_what_the_relay_has_not_published_waits_and_is_no_finding(record: Record) -> None:
    await record.desk.classified()
    proof = await record.proof()
    assert (proof.findings, proof.entries) == ([], 0)
    assert proof.waiting == len(await record.rows(await record.desk.incident()))


@pytest.mark.parametrize("column", ["type", "at", "data", "a sealed value", "the caller's hash"])
async def test_a_changed_entry_is_found(record: Record, column: str) -> None:
    incident = await an_incident(record)
    [first, *_] = await record.rows(incident)
    told = json.loads(first.data)
    tokens = [name for name, value in told.items() if str(value).startswith("s1.")]
    changed = {
        "type": {"type": "sigap.IncidentUpdated.v1"},
        "at": {"at": first.at + timedelta(seconds=1)},
        "data": {"data": json.dumps(told | {"priority": 5})},
        "a sealed value": {"data": json.dumps(told | {tokens[0]: told[tokens[1]]})},
        "the caller's hash": {"data": json.dumps(told | {"caller_hash": "h2"})},
    }
    await record.sql(update(t).where(record.entry(incident, 1)).values(**changed[column]))
    [finding] = (await record.proof()).findings
    assert (finding.broken, finding.label, finding.sequence) == (Broken.CHANGED, incident["number"], 1)
    assert f"entry 1 of {incident['number']}" in in_words(finding)


async def test_the_same_json_written_otherwise_is_the_same_entry(record: Record) -> None:
    incident = await an_incident(record)
    [first, *_] = await record.rows(incident)
    otherwise = json.dumps(dict(reversed(json.loads(first.data).items())), indent=1)
    await record.sql(update(t).where(record.entry(incident, 1)).values(data=otherwise))
    assert await record.broken() == []


async def test_a_removed_entry_is_found(record: Record) -> None:
    incident = await an_incident(record)
    await record.sql(delete(t).where(record.entry(incident, 2)))
    assert await record.broken() == [(Broken.REMOVED, 2)]


async def test_a_removed_entry_whose_seal_is_removed_too_is_found(record: Record) -> None:
    incident = await an_incident(record)
    sealed = (entries.c.subject == incident["id"]) & (entries.c.sequence == 2)
    await record.sql(delete(t).where(record.entry(incident, 2)), delete(entries).where(sealed))
    found = {broken for broken, _ in await record.broken()}
    assert {Broken.BLOCK_CHANGED, Broken.AGGREGATE_BEHIND} <= found


async def test_two_entries_in_another_order_are_found(record: Record) -> None:
    incident = await an_incident(record)
    aside = 1000
    await record.sql(
        update(t).where(record.entry(incident, 2)).values(sequence=aside),
        update(t).where(record.entry(incident, 3)).values(sequence=2),
        update(t).where(record.entry(incident, aside)).values(sequence=3),
    )
    findings = (await record.proof()).findings
    assert [(one.broken, one.sequence, one.stands_at) for one in findings] == [
        (Broken.MOVED, 2, 3),
        (Broken.MOVED, 3, 2),
    ]


async def test_an_added_entry_is_found(record: Record) -> None:
    incident = await an_incident(record)
    last = (await record.rows(incident))[-1]
    forged = {"subject": last.subject, "sequence": last.sequence + 1, "type": last.type, "at": last.at}
    await record.sql(insert(t).values(**forged, data=last.data))
    assert (Broken.ADDED, last.sequence + 1) in await record.broken()


async def test_a_tail_that_is_cut_off_together_with_its_seals_is_found_by_the_digest(record: Record) -> None:
    await an_incident(record, 1)
    kept = await record.proof()
    end = kept.ends[REGENCY]
    later = await an_incident(record, 2)
    proof = await record.proof()
    digest = await the_digest(record, proof.ends[REGENCY])

    async with record.database.read() as connection:
        before = (await connection.execute(select(blocks).where(blocks.c.number == end))).one()
    heads = audited.tables.heads
    await record.sql(
        delete(t).where(t.c.subject == later["id"]),
        delete(incidents).where(incidents.c.number == later["number"]),
        delete(entries).where(entries.c.block > end),
        delete(blocks).where(blocks.c.number > end),
        update(heads).values(number=end, digest=before.digest),
    )
    assert await record.broken() == [], "in itself the database is whole"
    [finding] = (await record.proof(digest)).findings
    assert (finding.broken, finding.day) == (Broken.TAIL_CUT, "2024-02-19")
    assert "cut off" in in_words(finding)


async def test_a_record_that_is_written_anew_as_a_whole_is_found_by_the_digest(record: Record) -> None:
    incident = await an_incident(record)
    digest = await the_digest(record, (await record.proof()).ends[REGENCY])
    heads = audited.tables.heads
    await record.sql(
        delete(entries), delete(blocks), delete(heads), update(t).where(record.entry(incident, 2)).values(data="{}")
    )
    await sweep(record)
    found = [broken for broken, _ in await record.broken(digest)]
    assert found[-1] in {Broken.DIGEST_DIFFERS, Broken.TAIL_CUT}


async def test_an_incident_that_vanishes_is_found(record: Record) -> None:
    gone, left = await an_incident(record, 1), await an_incident(record, 2)
    await record.sql(
        delete(t).where(t.c.subject == gone["id"]), delete(incidents).where(incidents.c.number == gone["number"])
    )
    [finding] = (await record.proof()).findings
    assert (finding.broken, finding.label) == (Broken.AGGREGATE_GONE, gone["id"])
    assert left["number"] not in in_words(finding)


async def test_a_block_that_is_removed_or_changed_is_found(record: Record) -> None:
    await an_incident(record)
    await record.sql(update(blocks).where(blocks.c.number == 1).values(digest="0" * 64))
    assert Broken.BLOCK_CHANGED in {broken for broken, _ in await record.broken()}
    await record.sql(delete(blocks).where(blocks.c.number == 1))
    assert Broken.BLOCK_GONE in {broken for broken, _ in await record.broken()}


async def test_erased_values_break_nothing_and_what_stands_beside_them_is_still_proved(record: Record) -> None:
    desk = record.desk
    await desk.kit.configure(a_pack(retention={"calls_days": 10, "positions_days": 5, "incidents_days": 20}), version=2)
    incident = await an_incident(record)
    await desk.ask("POST", f"/v1/incidents/{incident['id']}/close", {"disposition": "resolved", "note": "aman"})
    await record.relay()
    async with record.database.read() as connection:
        salts = audited.tables.salts
        assert (await connection.execute(select(salts))).all(), "a hash is salted"
    for _ in range(4):
        desk.kit.clock.advance((5 * DAY).total_seconds())
        await desk.kit.runtime.sweeps.sweep()
        proof = await record.proof()
        assert proof.findings == []
    assert proof.erased > 0
    async with record.database.read() as connection:
        assert not (await connection.execute(select(salts))).all(), "the salt goes with the hash"

    [first, *_] = await record.rows(incident)
    told = json.loads(first.data)
    assert told["caller_number"] is None
    await record.sql(
        update(t).where(record.entry(incident, 1)).values(data=json.dumps(told | {"incident_type": "flood"}))
    )
    assert await record.broken() == [(Broken.CHANGED, 1)]


async def test_a_value_that_is_erased_before_any_period_is_over_is_found(record: Record) -> None:
    incident = await an_incident(record)
    [first, *_] = await record.rows(incident)
    erased = json.dumps(json.loads(first.data) | {"caller_name": None})
    await record.sql(update(t).where(record.entry(incident, 1)).values(data=erased))
    assert await record.broken() == [(Broken.ERASED_EARLY, 1)]


async def sweep(record: Record) -> None:
    record.desk.kit.clock.advance(601)
    await record.desk.kit.runtime.sweeps.sweep()


async def test_entries_from_before_the_audit_are_sealed_once_in_blocks_that_say_so(record: Record) -> None:
    incident = await an_incident(record)
    old = len(await record.rows(incident))
    await record.sql(delete(entries), delete(blocks), delete(audited.tables.heads), delete(audited.tables.salts))
    part = await record.desk.part("fire")
    await part.hear(part.responded(Response.EN_ROUTE, 60))  # an entry of today, before the sweep has come
    await record.relay()
    await sweep(record)
    proof = await record.proof()
    assert (proof.findings, proof.beginning) == ([], old)

    last = (await record.rows(incident))[-1]
    forged = {"subject": last.subject, "sequence": last.sequence + 1, "type": last.type, "at": last.at}
    await record.sql(insert(t).values(**forged, data=last.data))
    await sweep(record)
    assert Broken.ADDED in {broken for broken, _ in await record.broken()}, "it is not taken for an old one"


async def test_two_relays_that_overlap_seal_an_entry_once(record: Record) -> None:
    await record.desk.classified()
    kit = record.desk.kit
    async with another_process(kit, service) as other, record.database.read() as connection:
        rows = (await connection.execute(select(tables.outbox).order_by(tables.outbox.c.id))).all()
        await kit.runtime.relay._take_out(rows)
        await other.runtime.relay._take_out(rows)
    proof = await record.proof()
    assert proof.findings == []
    assert proof.entries == len(await record.rows(await record.desk.incident()))


async def test_a_later_day_is_never_before_an_earlier_one_though_the_clock_goes_back(record: Record) -> None:
    await an_incident(record, 1)
    record.desk.kit.clock.advance(-3600)
    await an_incident(record, 2)
    async with record.database.read() as connection:
        moments = [row.sealed_at for row in await connection.execute(select(blocks).order_by(blocks.c.number))]
    assert moments == sorted(moments)
    assert await record.broken() == []


async def the_digest(record: Record, block: int) -> DayDigest:
    async with record.database.read() as connection:
        row = (await connection.execute(select(blocks).where(blocks.c.number == block))).one()
    return DayDigest(REGENCY, "2024-02-19", block, row.digest)


async def the_files(record: Record) -> list[Path]:
    return sorted(record.desk.kit.runtime.common.data_dir.glob("audit/*/*.json"))


async def test_a_days_digest_is_published_and_kept_once_when_the_regencys_day_is_over(record: Record) -> None:
    kit = record.desk.kit
    await an_incident(record)
    here = a_pack().local(record.desk.now)
    midnight = datetime.combine(here.date() + DAY, datetime.min.time(), here.tzinfo).astimezone(UTC)

    kit.clock.advance((midnight + timedelta(minutes=59) - record.desk.now).total_seconds())
    await publish_digests(kit.runtime, {})
    assert await the_files(record) == []

    kit.clock.advance(120)
    for _ in range(2):
        await publish_digests(kit.runtime, {})
    [file] = await the_files(record)
    told = json.loads(file.read_text())
    assert (file.parent.name, file.stem, told["day"]) == (REGENCY, str(here.date()), str(here.date()))
    assert file.stat().st_mode & 0o777 == 0o600
    [said] = await kit.said(AuditDigestPublished)
    assert isinstance(said.event, AuditDigestPublished)
    assert (said.event.digest, said.event.block) == (told["digest"], told["block"])
    await record.relay()
    assert await record.broken(DayDigest(REGENCY, told["day"], told["block"], told["digest"])) == []


async def test_days_without_entries_and_after_an_outage_have_their_digests_too(record: Record) -> None:
    kit = record.desk.kit
    await an_incident(record)
    kit.clock.advance((4 * DAY).total_seconds())
    await publish_digests(kit.runtime, {})
    told = [json.loads(file.read_text()) for file in await the_files(record)]
    assert len(told) == 4
    assert len({(one["block"], one["digest"]) for one in told}) == 1


async def test_a_digests_file_is_never_replaced(record: Record) -> None:
    kit = record.desk.kit
    await an_incident(record)
    kit.clock.advance((2 * DAY).total_seconds())
    await publish_digests(kit.runtime, {})
    before = {file: file.read_text() for file in await the_files(record)}
    await record.sql(delete(audit_digests), update(blocks).values(digest="f" * 64))
    await publish_digests(kit.runtime, {})
    assert {file: file.read_text() for file in await the_files(record)} == before


async def test_an_entry_that_cannot_be_sealed_does_not_stop_the_relay(
    record: Record, caplog: pytest.LogCaptureFixture
) -> None:
    await record.desk.classified()
    incident = await record.desk.incident()
    await record.sql(update(t).where(record.entry(incident, 1)).values(data="not JSON"))
    await record.relay()
    assert await record.desk.kit.said() == []
    assert "not sealed" in caplog.text
    assert Broken.ADDED in {broken for broken, _ in await record.broken()}


def test_every_finding_has_words() -> None:
    for broken in Broken:
        assert in_words(Finding(broken, REGENCY, 1, "CTH-20240219-0001", 2, "sigap.IncidentCreated.v1"))


async def told_by(record: Record, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    """What `sigap audit verify` prints beside the running service, and its exit code."""
    runtime = record.desk.kit.runtime
    monkeypatch.setenv("SIGAP_DISPATCH_DATABASE_URL", runtime.database.url)
    monkeypatch.setenv("SIGAP_DATA_DIR", str(runtime.common.data_dir))
    ran = await asyncio.to_thread(CliRunner().invoke, audit(), ["verify", *arguments])
    return ran.exit_code, ran.output


async def test_the_command_proves_the_record_or_names_the_first_broken_entry(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = await an_incident(record)
    code, told = await told_by(record, monkeypatch)
    assert code == 0
    assert "All fits" in told
    assert "No daily digest was compared" in told

    record.desk.kit.clock.advance((2 * DAY).total_seconds())
    await publish_digests(record.desk.kit.runtime, {})
    code, told = await told_by(record, monkeypatch)
    assert (code, "2 daily digests were compared" in told) == (0, True)

    await record.sql(update(t).where(record.entry(incident, 2)).values(data="{}"))
    code, told = await told_by(record, monkeypatch)
    assert code == 1
    assert told.startswith(f"{REGENCY}: entry 2 of {incident['number']} (")
    assert "BROKEN" in told


async def test_the_command_finds_an_end_that_was_cut_off_by_a_copy_of_the_digests(
    record: Record, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    incident = await an_incident(record)
    folder = tmp_path / "copy" / REGENCY
    folder.mkdir(parents=True)
    digest = {"regency": REGENCY, "day": "2024-02-19", "block": 99, "digest": "0" * 64}
    (folder / "2024-02-19.json").write_text(json.dumps(digest))
    code, told = await told_by(record, monkeypatch, "--digests", str(folder.parent))
    assert code == 1
    assert told.startswith(f"{REGENCY}: the end was cut off")
    assert incident["number"] not in told


async def test_the_command_says_why_it_could_not_look(
    record: Record, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code, told = await told_by(record, monkeypatch, "--digests", str(tmp_path / "nowhere"))
    assert (code, "there is no folder" in told) == (2, True)
    (tmp_path / REGENCY).mkdir()
    (tmp_path / REGENCY / "2024-02-19.json").write_text("[]")
    code, told = await told_by(record, monkeypatch, "--digests", str(tmp_path))
    assert (code, "is not a daily digest" in told) == (2, True)
    monkeypatch.setenv("SIGAP_DISPATCH_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/none.sqlite3")
    ran = await asyncio.to_thread(CliRunner().invoke, audit(), ["verify"])
    assert ran.exit_code == 2
    assert not (tmp_path / "none.sqlite3").exists()
