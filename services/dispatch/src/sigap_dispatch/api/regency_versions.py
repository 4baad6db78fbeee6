"""`/v1/regencies/{code}/versions`: all versions of a regency's pack, so that an earlier one can be restored.

Only admins may read them, because an earlier pack may contain what the present one hides.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from sigap_common.http.listing import NoFilters, PageOf100
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_dispatch.api.large_answers import in_a_thread, is_large
from sigap_dispatch.api.parameters import Admin, Code, View
from sigap_dispatch.listings import PACK_VERSIONS
from sigap_dispatch.models import PackVersion, packs
from sigap_dispatch.schemas.reference import PackVersionList, PackVersionOut
from sigap_dispatch.use_cases import regencies

router = APIRouter(tags=["regencies"], route_class=UseCaseRoute)

Version = Annotated[
    int | None,
    Query(ge=1, le=2_147_483_647, description="Only this version, with its pack; left out: all, without their packs"),
]


@router.get(
    "/v1/regencies/{code}/versions",
    summary="List the versions of a regency's pack, newest first",
    response_model=PackVersionList,
    responses=problems(404),
)
async def list_versions(
    regency: Code, view: View, access: Admin, page: PageOf100, version: Version = None
) -> PackVersionList | Response:
    """To restore a version, send its pack by `PUT /v1/regencies/{code}`: it becomes the newest version."""
    access.require(regency)
    newest = (await regencies.configuration(view, regency)).version
    if version is not None:
        one, contents = await regencies.version(view, regency, version)
        pack = await regencies.shown(contents, endpoints=True)
        shown = PackVersionOut.of(one, newest, pack=pack)
        if not is_large(contents):
            return PackVersionList(items=[shown], next=None)
        told = {"items": [shown.model_dump(mode="json", exclude={"pack"}) | {"pack": pack}], "next": None}
        return await in_a_thread(told)
    found = await PACK_VERSIONS.page(view, access, NoFilters(), page, packs.c.code == regency)
    items = [PackVersionOut.of(one, newest) for one in found.map(PackVersion.of_row).items]
    return PackVersionList(items=items, next=found.next)
