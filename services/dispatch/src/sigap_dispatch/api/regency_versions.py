"""`/v1/regencies/{code}/versions`: every pack that a regency ever had, so that one of them can be brought back.

Only an admin reads them: a pack of last year may name what the one in force hides.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from sigap_common.http.listing import NoFilters, PageOf100
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.types import RegencyCode
from sigap_dispatch.api.parameters import Admin, View
from sigap_dispatch.listings import PACK_VERSIONS
from sigap_dispatch.models import packs
from sigap_dispatch.repository.configurations import pack_version_of
from sigap_dispatch.schemas.reference import PackVersionList, PackVersionOut
from sigap_dispatch.use_cases import regencies

router = APIRouter(tags=["regencies"], route_class=UseCaseRoute)

Code = Annotated[RegencyCode, Path()]
Version = Annotated[
    int | None, Query(ge=1, le=2_147_483_647, description="Only this version, and with its pack; none: all, without")
]


@router.get(
    "/v1/regencies/{code}/versions",
    summary="List the versions of a regency's pack, newest first",
    responses=problems(404),
)
async def list_versions(
    code: Code, view: View, access: Admin, page: PageOf100, version: Version = None
) -> PackVersionList:
    """To bring a version back, send its pack by `PUT /v1/regencies/{code}`: it becomes the newest version."""
    access.require(code)
    newest = (await regencies.configuration(view, code)).version
    if version is not None:
        one, document = await regencies.version(view, code, version)
        return PackVersionList(items=[PackVersionOut.of(one, newest, pack=document)], next=None)
    found = await PACK_VERSIONS.page(view, access, NoFilters(), page, packs.c.code == code)
    return PackVersionList(
        items=[PackVersionOut.of(pack_version_of(one), newest) for one in found.items], next=found.next
    )
