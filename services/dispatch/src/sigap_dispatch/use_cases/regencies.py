"""Regencies come by a pack: taken whole or refused, announced by an event, answered by every service."""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.exc import IntegrityError

from sigap_common.auth import Access
from sigap_common.contracts.regencies import PackPublished, PackSectionPublished
from sigap_common.core.errors import Conflict, Fault, Invalid, NotFound, PreconditionFailed
from sigap_common.http.etags import Expected
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.transaction import About
from sigap_common.regency import InvalidPack, Pack, validate_pack
from sigap_common.regency.by_section import EMPTY, SectionText, section_text, split
from sigap_common.regency.model import SECTIONS
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.repository.configurations import Configuration, PackVersion, ServiceAnswer


class PackInvalid(Invalid):
    slug = "pack-invalid"


async def configure(
    tx: DispatchTransaction,
    access: Access,
    code: str,
    document: dict[str, Any],
    expected: Expected,
    if_none_match: str | None,
) -> tuple[Configuration, bool]:
    """The configuration in force, and whether the regency is new. The same pack again changes nothing.

    Raises PackInvalid with every error, PreconditionRequired, PreconditionFailed, Conflict.
    """
    pack, text = await asyncio.to_thread(_checked, document, code)
    known = await tx.configurations.find(code, lock=True)
    _check_preconditions(known, expected, if_none_match)
    digest = hashlib.sha256(text.encode()).hexdigest()
    if known and known.digest == digest:
        return known, False
    if await tx.configurations.owner_of(pack.prefix) not in (None, code):
        raise PackInvalid(errors=[Fault(("body", "prefix"), "prefix_taken", {"prefix": pack.prefix})])
    version = known.version + 1 if known else 1
    new = Configuration(code, version, pack.prefix, pack.name, pack.time_zone, digest, tx.now())
    sections = split(pack)
    before = await tx.configurations.sections(code, known.version) if known else {}
    await _keep(tx, new, sections, access.subject)
    _publish(tx, access, new, sections, before if known is None or known.by_section else None)
    return new, known is None


async def configuration(tx: DispatchTransaction, code: str) -> Configuration:
    """Raises NotFound."""
    found = await tx.configurations.find(code)
    if found is None:
        raise NotFound("regency-not-configured", regency=code)
    return found


async def version(tx: DispatchTransaction, code: str, wanted: int) -> tuple[PackVersion, dict[str, Any]]:
    """A version of the regency's pack and its document. Raises NotFound."""
    found = await tx.configurations.version(code, wanted)
    if found is None:
        raise NotFound("regency-version-unknown", regency=code, version=wanted)
    return found


async def keep_answers(tx: DispatchTransaction, heard: Sequence[ReceivedEvent]) -> None:
    await tx.configurations.keep_answers(heard)


def waiting_for(tx: DispatchTransaction, version: int, answers: Sequence[ServiceAnswer]) -> list[str]:
    """The services that have not answered for this version yet; none: it is complete."""
    answered = {answer.service for answer in answers if answer.version >= version}
    return [service for service in tx.resources.settings.expected_services() if service not in answered]


def _checked(document: dict[str, Any], code: str) -> tuple[Pack, str]:
    try:
        pack = validate_pack(document)
    except InvalidPack as invalid:
        named = [error.fault for error in invalid.errors]
        raise PackInvalid(errors=named, unnamed=invalid.count - len(named)) from None
    if pack.code != code:
        raise PackInvalid(errors=[Fault(("body", "code"), "code_of_path", {"named": code})])
    return pack, pack.model_dump_json(exclude_defaults=True)


def _check_preconditions(known: Configuration | None, expected: Expected, if_none_match: str | None) -> None:
    if known is None:
        if expected.told:
            raise PreconditionFailed
        return
    if if_none_match is not None:
        raise PreconditionFailed
    expected.require("regency-exists").check(known.version)


async def _keep(tx: DispatchTransaction, new: Configuration, sections: Mapping[str, SectionText], by: str) -> None:
    """Two requests at the same moment: the second finds the code or the prefix taken."""
    try:
        kept = await tx.configurations.keep(new, sections, by)
    except IntegrityError as taken:
        raise Conflict from taken
    if not kept:
        raise Conflict


def _publish(
    tx: DispatchTransaction,
    access: Access,
    new: Configuration,
    sections: Mapping[str, SectionText],
    before: Mapping[str, str] | None,
) -> None:
    """Says which sections the version consists of, and sends those that are not as `before`; None: all of them.

    A section that has its defaults now is sent empty, so that the topic no longer keeps what it was.
    """
    stamp: dict[str, Any] = {"at": tx.now(), "recorded_at": tx.now(), "by": access.subject, "version": new.version}
    for name in SECTIONS:
        text = sections.get(name)
        if before is None or (text.digest if text else None) != before.get(name):
            text = text or section_text(name, EMPTY)
            content = json.loads(text.content)
            event = PackSectionPublished(section=name, digest=text.digest, content=content, **stamp)
            tx.say(About(f"{new.code}/{name}", new.code, new.version), [event])
    digests = {name: text.digest for name, text in sections.items()}
    tx.say(About(new.code, new.code, new.version), [PackPublished(sections=digests, **stamp)])


def without_endpoints(pack: Mapping[str, Any]) -> dict[str, Any]:
    """The pack for somebody who may not see how agencies are reached."""
    agencies = [{key: value for key, value in one.items() if key != "endpoints"} for one in pack.get("agencies", [])]
    return {**pack, **({"agencies": agencies} if agencies else {})}
