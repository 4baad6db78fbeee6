"""Use cases of regencies' packs. A pack is accepted or refused as a whole. It is published by events, and every service
answers it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError

from sigap_common.auth import Access
from sigap_common.contracts.regencies import PackPublished, PackSectionPublished
from sigap_common.core.errors import Conflict, Fault, Invalid, NotFound, PreconditionFailed
from sigap_common.core.large_json import LARGE, read_large
from sigap_common.core.workers import EVENTS, PACKS
from sigap_common.http.etags import Expected
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.transaction import About
from sigap_common.regency import InvalidPack, Pack, validate_pack
from sigap_common.regency.by_section import EMPTY, SectionText, document_of, section_text, split
from sigap_common.regency.model import SECTIONS
from sigap_dispatch.models import Configuration, ServiceAnswer, StoredPack
from sigap_dispatch.repository import DispatchTransaction


class PackInvalid(Invalid):
    slug = "pack-invalid"


@dataclass(frozen=True, slots=True)
class CheckedPack:
    """A valid pack, and its sections in the form that is stored and published."""

    pack: Pack
    digest: str
    """The digest of the whole document."""
    sections: Mapping[str, SectionText]


async def check(document: dict[str, Any], code: str) -> CheckedPack:
    """Checks a document and returns its pack. A large one takes long, so call this before a transaction is opened.

    Raises PackInvalid with every error, Unavailable.
    """
    return await PACKS.run(_checked, document, code)


async def configure(
    tx: DispatchTransaction,
    access: Access,
    code: str,
    checked: CheckedPack,
    expected: Expected,
    if_none_match: str | None,
) -> tuple[Configuration, bool]:
    """Stores and publishes a pack. Returns the configuration in force, and whether the regency is new. Sending the same
    pack again changes nothing.

    Raises PackInvalid, PreconditionRequired, PreconditionFailed, Conflict.
    """
    pack = checked.pack
    known = await tx.configurations.find(code, lock=True)
    _check_preconditions(known, expected, if_none_match)
    if known and known.digest == checked.digest:
        return known, False
    if await tx.configurations.owner_of(pack.prefix) not in (None, code):
        raise PackInvalid(errors=[Fault(("body", "prefix"), "prefix_taken", {"prefix": pack.prefix})])
    version = known.version + 1 if known else 1
    new = Configuration(
        code=code,
        version=version,
        prefix=pack.prefix,
        name=pack.name,
        time_zone=pack.time_zone,
        digest=checked.digest,
        configured_at=tx.now(),
        by_section=True,
    )
    before = await tx.configurations.sections(code, known.version) if known else {}
    await _keep(tx, new, checked.sections, access.subject)
    await _publish(tx, access, new, checked.sections, before if known is None or known.by_section else None)
    return new, known is None


async def configuration(tx: DispatchTransaction, code: str) -> Configuration:
    """The configuration of a regency. Raises NotFound."""
    found = await tx.configurations.find(code)
    if found is None:
        raise NotFound("regency-not-configured", regency=code)
    return found


async def version(tx: DispatchTransaction, code: str, wanted: int) -> tuple[StoredPack, list[str]]:
    """A version of the regency's pack, and the contents of its sections as JSON. Raises NotFound."""
    found = await tx.configurations.version(code, wanted)
    if found is None:
        raise NotFound("regency-version-unknown", regency=code, version=wanted)
    return found


async def keep_answers(tx: DispatchTransaction, heard: Sequence[ReceivedEvent]) -> None:
    await tx.configurations.keep_answers(heard)


def waiting_for(tx: DispatchTransaction, version: int, answers: Sequence[ServiceAnswer]) -> list[str]:
    """The services that have not answered this version yet. If there are none, the version is complete."""
    answered = {answer.service for answer in answers if answer.version >= version}
    return [service for service in tx.resources.settings.expected_services() if service not in answered]


def _checked(document: dict[str, Any], code: str) -> CheckedPack:
    try:
        pack = validate_pack(document)
    except InvalidPack as invalid:
        named = [error.fault for error in invalid.errors]
        raise PackInvalid(errors=named, unnamed=invalid.count - len(named)) from None
    if pack.code != code:
        raise PackInvalid(errors=[Fault(("body", "code"), "code_of_path", {"named": code})])
    text = pack.model_dump_json(exclude_defaults=True)
    return CheckedPack(pack, hashlib.sha256(text.encode()).hexdigest(), split(pack))


def _check_preconditions(known: Configuration | None, expected: Expected, if_none_match: str | None) -> None:
    if known is None:
        if expected.told:
            raise PreconditionFailed
        return
    if if_none_match is not None:
        raise PreconditionFailed
    expected.require("regency-exists").check(known.version)


async def _keep(tx: DispatchTransaction, new: Configuration, sections: Mapping[str, SectionText], by: str) -> None:
    """Stores a version. Raises Conflict if another request took the code or the prefix at the same moment."""
    try:
        kept = await tx.configurations.keep(new, sections, by)
    except IntegrityError as taken:
        raise Conflict from taken
    if not kept:
        raise Conflict


async def _publish(
    tx: DispatchTransaction,
    access: Access,
    new: Configuration,
    sections: Mapping[str, SectionText],
    before: Mapping[str, str] | None,
) -> None:
    """Publishes a version and the sections that differ from `before`; None: all of them. A section that now has only
    defaults is published empty, so that the topic does not keep its old content.
    """
    stamp: dict[str, Any] = {"at": tx.now(), "recorded_at": tx.now(), "by": access.subject, "version": new.version}
    for name in SECTIONS:
        text = sections.get(name)
        if before is None or (text.digest if text else None) != before.get(name):
            event = await EVENTS.run_always(_published, text or section_text(name, EMPTY), stamp)
            await tx.say_large(About(f"{new.code}/{name}", new.code, new.version), event)
    digests = {name: text.digest for name, text in sections.items()}
    tx.say(About(new.code, new.code, new.version), [PackPublished(sections=digests, **stamp)])


def _published(text: SectionText, stamp: Mapping[str, Any]) -> PackSectionPublished:
    """The event of a section. It is built in a thread, because a section can be large."""
    return PackSectionPublished(section=text.name, digest=text.digest, content=_read(text.content), **stamp)


async def shown(contents: Sequence[str], *, endpoints: bool) -> dict[str, Any]:
    """A stored pack in the form of the answer, with or without the agencies' endpoints. Raises Unavailable.

    `contents`: the contents of its sections, as JSON.
    """
    return await PACKS.run(_shown, contents, endpoints=endpoints)


def _shown(contents: Sequence[str], *, endpoints: bool) -> dict[str, Any]:
    pack = document_of(map(_read, contents))
    return pack if endpoints else without_endpoints(pack)


def _read(content: str) -> dict[str, Any]:
    read: dict[str, Any] = read_large(content) if len(content) > LARGE else json.loads(content)
    return read


def without_endpoints(pack: Mapping[str, Any]) -> dict[str, Any]:
    """The pack without the agencies' endpoints, for tokens that may not see them."""
    agencies = [{key: value for key, value in one.items() if key != "endpoints"} for one in pack.get("agencies", [])]
    return {**pack, **({"agencies": agencies} if agencies else {})}
