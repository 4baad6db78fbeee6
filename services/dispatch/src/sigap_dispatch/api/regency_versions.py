"""`/v1/regencies/{code}/versions`: every pack that a regency ever had, so that one of them can be brought back.

Only an admin reads them: a pack of last year may name what the one in force hides.
"""

import json
from typing import Annotated

from fastapi import APIRouter, Path, Query

from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.types import RegencyCode
from sigap_dispatch.api.parameters import Admin, Cursor, Limit, View
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
    code: Code, view: View, access: Admin, version: Version = None, cursor: Cursor = None, limit: Limit = 100
) -> PackVersionList:
    """To bring a version back, send its pack by `PUT /v1/regencies/{code}`: it becomes the newest version."""
    access.require(code)
    newest = (await regencies.configuration(view, code)).version
    if version is not None:
        found, document = await regencies.version(view, code, version)
        return PackVersionList(items=[PackVersionOut.of(found, newest, pack=json.loads(document))], next=None)
    page, following = await view.configurations.versions(code, cursor, limit)
    return PackVersionList(items=[PackVersionOut.of(one, newest) for one in page], next=following)
