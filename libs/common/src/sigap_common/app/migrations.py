"""Alembic, the same for SQLite and PostgreSQL. A service's revisions lie in its package `migrations`.

python -m sigap_common.app.migrations            every installed service, and the bus's topics
python -m sigap_common.app.migrations intake     one
"""

import asyncio
import hashlib
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import resources
from typing import Any

import sqlalchemy as sa
from alembic import op
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData

from sigap_common.app.carrier import bus_of
from sigap_common.app.manifest import AnyService, services
from sigap_common.app.tables import mechanism_tables
from sigap_common.bus import TopicSpec
from sigap_common.contracts import topics
from sigap_common.core.private_folder import private_files
from sigap_common.core.production import UnsafeSettings, refuse_published
from sigap_common.core.settings import CommonSettings
from sigap_common.database import Database, Utc

MIB = 1024 * 1024
TOPICS = (
    TopicSpec(topics.REGENCIES, compacted=True, max_bytes=16 * MIB),
    TopicSpec(topics.REGENCY_ANSWERS, compacted=True),
    TopicSpec(topics.CALLS),
    TopicSpec(topics.INCIDENTS),
    TopicSpec(topics.AGENCIES),
    TopicSpec(topics.ROSTERS),
)


def config_of(service: AnyService) -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files(service.migrations)))
    return config


async def upgrade(service: AnyService, url: str, to: str = "head") -> None:
    """Brings a service's database to the newest revision, or to that of `to`. Raises Unavailable."""
    database = Database(url)
    try:
        async with database.write() as connection:
            await connection.run_sync(lambda sync: _upgrade(service, sync, to))
    finally:
        await database.close()


def _upgrade(service: AnyService, connection: Connection, to: str) -> None:
    config = config_of(service)
    script = ScriptDirectory.from_config(config)

    def steps(revision: Any, _: Any) -> Any:
        return script._upgrade_revs(to, revision)

    with EnvironmentContext(config, script, fn=steps) as environment:
        environment.configure(
            connection=connection,
            target_metadata=service.metadata,
            transactional_ddl=False,
            transaction_per_migration=False,
        )
        environment.run_migrations()


async def upgrade_all(names: Sequence[str] | None = None, *, make_topics: bool = True) -> None:
    """Brings every service's database to its newest revision, then makes the topics. Raises UnsafeSettings,
    Unavailable, BusUnavailable.
    """
    common = CommonSettings()
    refuse_published(common)
    with private_files(common.data_dir):
        await _upgrade_all(common, names, make_topics=make_topics)


async def _upgrade_all(common: CommonSettings, names: Sequence[str] | None, *, make_topics: bool) -> None:
    for service in services(names):
        await upgrade(service, service.settings().database_of(service.name, common))
    if not make_topics:
        return
    bus = bus_of(common)
    await bus.start()
    try:
        await bus.create_topics(TOPICS)
    finally:
        await bus.stop()


def create_mechanism_tables() -> None:
    """Creates the frame's tables. The first revision of every service calls this, so never change what it does: if you
    change a mechanism's table, copy the table's first form here, and add a function for every service's next revision.
    """
    later = {"jobs", "regencies", "regency_sections"}  # the functions below add or change these
    for table in mechanism_tables(MetaData()).all():
        if table.name not in later:
            table.create(op.get_bind())
    op.create_table(
        "regencies",
        sa.Column("code", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("pack", sa.Text, nullable=False),
        sa.Column("applied_at", Utc, nullable=False, index=True),
    )


def create_jobs_table() -> None:
    """Creates the table of jobs. The revision of every service that adds retention calls it. Never
    change what it does.
    """
    op.create_table(
        "jobs",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("next_at", Utc, nullable=False),
        sa.Column("started_at", Utc),
        sa.Column("ended_at", Utc),
        sa.Column("progress", sa.Text, nullable=False),
        sa.Column("done", sa.Text, nullable=False),
        sa.Column("failure", sa.Text),
    )


def add_erase_at(table: str) -> None:
    """Adds the column by which retention finds a table's rows. The next run of retention checks every existing row."""
    op.add_column(table, sa.Column("erase_at", Utc))
    rows = sa.table(table, sa.column("erase_at", Utc))
    op.execute(rows.update().values(erase_at=datetime(1970, 1, 1, tzinfo=UTC)))
    where = sa.text("erase_at IS NOT NULL")
    op.create_index(f"{table}_erase", table, ["erase_at"], postgresql_where=where, sqlite_where=where)


def add_list_entry(table: str) -> None:
    """Adds the columns with a row's list entry. An existing row has no entry until it changes. Never change what it
    does.
    """
    op.add_column(table, sa.Column("list_form", sa.Integer, nullable=False, server_default="0"))
    op.add_column(table, sa.Column("list_version", sa.Integer, nullable=False, server_default="0"))
    op.add_column(table, sa.Column("list_entry", sa.Text))
    op.add_column(table, sa.Column("list_personal", sa.Text))


_SECTIONS = {
    "identity": ("code", "name", "prefix", "time_zone", "retired"),
    "zone": ("zone",),
    "agencies": ("agencies",),
    "incident_types": ("standard_types", "incident_types"),
    "response_plans": ("response_plans",),
    "code_lists": ("dispositions", "decline_reasons"),
    "guidance": ("triage", "instructions"),
    "rosters": ("shifts", "policies", "holidays"),
    "blocking": ("blocking",),
    "service_levels": ("service_levels",),
    "retention": ("retention",),
    "closing": ("closing", "reopen_window_minutes"),
    "transfers": ("transfer_limit_s",),
    "duty_telephones": ("duty_telephones",),
    "population": ("population",),
    "cameras": ("cctv_points", "cctv_total"),
    "gazetteer": ("gazetteer",),
    "assumptions": ("assumptions",),
}
"""The keys of each section at the release that first stored packs by section. Do not change."""


def sections_of(document: str) -> dict[str, tuple[str, str]]:
    """The digest and the content of each section of a pack's JSON, by name. Frozen like `create_mechanism_tables`."""
    pack, found = json.loads(document), {}
    for name, keys in _SECTIONS.items():
        if content := {key: pack[key] for key in keys if key in pack}:
            told = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
            found[name] = (hashlib.sha256(told.encode()).hexdigest(), told)
    return found


def keep_packs_by_section() -> None:
    """Splits a service's copies of packs into sections. Frozen like `create_mechanism_tables`.

    It keeps all sections: those that the service does not name go when the regency's next version comes.
    """
    before = sa.table("regencies", sa.column("code"), sa.column("version"), sa.column("pack"))
    packs = op.get_bind().execute(sa.select(before)).all()
    op.drop_table("regencies")
    regencies = op.create_table(
        "regencies",
        sa.Column("code", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("sections", sa.Text, nullable=False),
        sa.Column("heard_version", sa.Integer, nullable=False),
        sa.Column("heard_sections", sa.Text, nullable=False),
        sa.Column("answered", sa.Integer, nullable=False),
    )
    sections = op.create_table(
        "regency_sections",
        sa.Column("code", sa.String, primary_key=True),
        sa.Column("section", sa.String, primary_key=True),
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )
    for code, version, pack in packs:
        split = sections_of(pack)
        digests = json.dumps({name: digest for name, (digest, _) in split.items()})
        told = {"sections": digests, "heard_sections": digests}
        numbers = {"version": version, "heard_version": version, "answered": version}
        op.execute(regencies.insert().values(code=code, **told, **numbers))
        rows = [
            {"code": code, "section": name, "digest": digest, "version": version, "content": content}
            for name, (digest, content) in split.items()
        ]
        op.bulk_insert(sections, rows)


if __name__ == "__main__":
    try:
        asyncio.run(upgrade_all(sys.argv[1:] or None))
    except UnsafeSettings as unsafe:
        sys.exit(str(unsafe))
