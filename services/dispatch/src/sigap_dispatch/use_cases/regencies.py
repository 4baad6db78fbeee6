"""Regencies come by a pack: taken whole or refused, announced by an event, answered by every service."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError

from sigap_common.auth import Access
from sigap_common.contracts.regencies import RegencyConfigured
from sigap_common.core.errors import Conflict, Fault, Invalid, NotFound, PreconditionFailed
from sigap_common.core.large_json import LARGE, read_large
from sigap_common.core.workers import PACKS
from sigap_common.http.etags import Expected
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.transaction import About
from sigap_common.regency import InvalidPack, Pack, validate_pack
from sigap_dispatch.models import Configuration, ServiceAnswer, StoredPack
from sigap_dispatch.repository import DispatchTransaction


class PackInvalid(Invalid):
    slug = "pack-invalid"


@dataclass(frozen=True, slots=True)
class CheckedPack:
    """A pack that is right by itself, and its document as it is stored."""

    pack: Pack
    text: str


async def check(document: dict[str, Any], code: str) -> CheckedPack:
    """The pack that a document describes. Takes long for a large one: nobody holds a transaction meanwhile.

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
    """The configuration in force, and whether the regency is new. The same pack again changes nothing.

    Raises PackInvalid, PreconditionRequired, PreconditionFailed, Conflict.
    """
    pack, text = checked.pack, checked.text
    known = await tx.configurations.find(code, lock=True)
    _check_preconditions(known, expected, if_none_match)
    digest = hashlib.sha256(text.encode()).hexdigest()
    if known and known.digest == digest:
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
        digest=digest,
        configured_at=tx.now(),
    )
    await _keep(tx, new, text, access.subject)
    await tx.say_large(About(code, code, version), _configured(tx, access, new, pack))
    return new, known is None


async def configuration(tx: DispatchTransaction, code: str) -> Configuration:
    """Raises NotFound."""
    found = await tx.configurations.find(code)
    if found is None:
        raise NotFound("regency-not-configured", regency=code)
    return found


async def version(tx: DispatchTransaction, code: str, wanted: int) -> StoredPack:
    """A version of the regency's pack, with its document. Raises NotFound."""
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


def _checked(document: dict[str, Any], code: str) -> CheckedPack:
    try:
        pack = validate_pack(document)
    except InvalidPack as invalid:
        named = [error.fault for error in invalid.errors]
        raise PackInvalid(errors=named, unnamed=invalid.count - len(named)) from None
    if pack.code != code:
        raise PackInvalid(errors=[Fault(("body", "code"), "code_of_path", {"named": code})])
    return CheckedPack(pack, pack.model_dump_json(exclude_defaults=True))


def _check_preconditions(known: Configuration | None, expected: Expected, if_none_match: str | None) -> None:
    if known is None:
        if expected.told:
            raise PreconditionFailed
        return
    if if_none_match is not None:
        raise PreconditionFailed
    expected.require("regency-exists").check(known.version)


async def _keep(tx: DispatchTransaction, new: Configuration, text: str, by: str) -> None:
    """Two requests at the same moment: the second finds the code or the prefix taken."""
    try:
        kept = await tx.configurations.keep(new, text, by)
    except IntegrityError as taken:
        raise Conflict from taken
    if not kept:
        raise Conflict


def _configured(tx: DispatchTransaction, access: Access, new: Configuration, pack: Pack) -> RegencyConfigured:
    return RegencyConfigured(at=tx.now(), recorded_at=tx.now(), by=access.subject, version=new.version, pack=pack)


async def shown(text: str, *, endpoints: bool) -> dict[str, Any]:
    """A stored pack as it is answered, with or without how agencies are reached. Raises Unavailable."""
    return await PACKS.run(_shown, text, endpoints=endpoints)


def _shown(text: str, *, endpoints: bool) -> dict[str, Any]:
    pack: dict[str, Any] = read_large(text) if len(text) > LARGE else json.loads(text)
    return pack if endpoints else without_endpoints(pack)


def without_endpoints(pack: Mapping[str, Any]) -> dict[str, Any]:
    """The pack for somebody who may not see how agencies are reached."""
    agencies = [{key: value for key, value in one.items() if key != "endpoints"} for one in pack.get("agencies", [])]
    return {**pack, **({"agencies": agencies} if agencies else {})}
