"""`/v1/regencies`: regencies are added and changed by their packs."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Response

from sigap_common.auth import ENDPOINT_KEEPERS
from sigap_common.http.etags import IF_MATCH, IfMatchIfAny, etag
from sigap_common.http.listing import NoFilters, PageOf100
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_dispatch import examples
from sigap_dispatch.api.large_answers import in_a_thread, is_large
from sigap_dispatch.api.parameters import PACK_READERS, Admin, Code, IfNoneMatch, PackReader, RegencyReader, Tx, View
from sigap_dispatch.listings import REGENCIES
from sigap_dispatch.models import Configuration
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.schemas.reference import RegencyList, RegencyOut, RegencyWhole
from sigap_dispatch.use_cases import regencies

LARGEST_PACK = 8 * 1024 * 1024
"""Bytes."""

router = APIRouter(tags=["regencies"], route_class=UseCaseRoute)

Document = Annotated[
    dict[str, Any], Body(description="The pack; its schema: `sigap regency schema`", examples=[examples.PACK])
]


async def _checked(code: Code, document: Document, access: Admin) -> regencies.CheckedPack:
    """Checks a pack before a transaction is opened, because the check of a large zone takes long."""
    access.require(code)
    return await regencies.check(document, code)


Checked = Annotated[regencies.CheckedPack, Depends(_checked)]
NEW: dict[int | str, dict[str, Any]] = {201: {"model": RegencyOut, "description": "The regency is new"}}


@router.put(
    "/v1/regencies/{code}",
    summary="Send a regency's whole pack",
    responses={**NEW, **problems(409, *IF_MATCH)},
    max_body_size=LARGEST_PACK,
)
async def put_regency(
    regency: Code,
    document: Document,
    access: Admin,
    checked: Checked,
    tx: Tx,
    expected: IfMatchIfAny,
    response: Response,
    if_none_match: IfNoneMatch = None,
) -> RegencyOut:
    """Parts that the new pack does not have are retired, never deleted. If the same pack is sent again, nothing
    changes.

    A pack with `retired: true` retires the regency; a pack without it brings the regency back into service.
    """
    access.require(regency)
    found, new = await regencies.configure(tx, access, regency, checked, expected, if_none_match)
    response.status_code = 201 if new else 200
    return await _out(tx, found, response, retired=document.get("retired") is True)


@router.get("/v1/regencies", summary="List regencies by code, without their packs", responses=problems())
async def list_regencies(view: View, access: PackReader, page: PageOf100) -> RegencyList:
    found = (await REGENCIES.page(view, access, NoFilters(), page)).map(Configuration.of_row)
    answers = await view.configurations.answers([one.code for one in found.items])
    items = [
        RegencyOut.of(
            one,
            answers[one.code],
            regencies.waiting_for(view, one.version, answers[one.code]),
            retired=_retired(view, one.code),
        )
        for one in found.items
    ]
    return RegencyList(items=items, next=found.next)


@router.get(
    "/v1/regencies/{code}",
    summary="A regency's pack, and the services' answers to it",
    response_model=RegencyWhole,
    responses=problems(404),
)
async def read_regency(
    regency: Code,
    view: View,
    access: RegencyReader,
    response: Response,
    with_pack: Annotated[bool, Query(alias="pack", description="Whether the answer contains the pack")] = True,
) -> RegencyWhole | Response:
    """Only a supervisor or an admin sees the agencies' endpoints: for other roles `endpoints` is left out. To an agency
    the pack is not shown: `pack` is null.
    """
    access.require(regency)
    with_pack = with_pack and access.may(*PACK_READERS)
    found = await regencies.configuration(view, regency)
    contents = await view.configurations.pack(regency, found.version) if with_pack else []
    pack = await regencies.shown(contents, endpoints=access.may(*ENDPOINT_KEEPERS)) if with_pack else None
    answers = (await view.configurations.answers([regency]))[regency]
    response.headers.update(etag(found.version))
    waiting, retired = regencies.waiting_for(view, found.version, answers), _retired(view, regency)
    whole = RegencyWhole.of(found, answers, waiting, retired=retired, pack=pack)
    if not is_large(contents):
        return whole
    told = whole.model_dump(mode="json", exclude={"pack"}) | {"pack": pack}
    return await in_a_thread(told, etag(found.version))


def _retired(view: DispatchTransaction, code: str) -> bool:
    """Whether the regency is retired in the pack that this process uses. A process may begin to use a new version a
    moment after the database has it.
    """
    pack = view.packs.find(code)
    return pack is not None and pack.retired


async def _out(tx: DispatchTransaction, found: Configuration, response: Response, *, retired: bool) -> RegencyOut:
    answers = (await tx.configurations.answers([found.code]))[found.code]
    response.headers.update(etag(found.version))
    waiting = regencies.waiting_for(tx, found.version, answers)
    return RegencyOut.of(found, answers, waiting, retired=retired)
