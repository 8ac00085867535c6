"""
Download of a youth's copy of their data by its signed link.

The link alone opens it, for a day: a browser that downloads sends no bearer token, and only the youth's own signed-in
session was told the link. Whatever is wrong with it is answered alike.
"""

from collections.abc import AsyncIterator
from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse, StreamingResponse

from api.limits import too_often
from api.runtime import Runtime
from domain.accounts.exports import DataExport, note_download, ready_export
from domain.accounts.preparing import part
from domain.core.actors import System
from domain.core.limits import AskedTooOften
from infra.links import export_path

router = APIRouter()
DOWNLOADS = System("downloads")

PRIVATE = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


def not_found() -> Response:
    return JSONResponse({"error": "not found"}, status_code=404, headers=PRIVATE)


async def _found(runtime: Runtime, request: Request, name: str) -> DataExport | None:
    """The copy that the link leads to, if it does."""
    try:
        export_id = UUID(hex=name)
    except ValueError:
        return None
    expires = request.query_params.get("expires", "")
    signature = request.query_params.get("signature", "")
    now = runtime.database.clock()
    if export_id.hex != name or not runtime.links.holds(export_path(export_id), expires, signature, now):
        return None
    async with runtime.database.read() as db:
        return await ready_export(db, export_id)


async def _parts(runtime: Runtime, export_id: UUID) -> AsyncIterator[bytes]:
    """Part by part, each by a short look: however slowly somebody downloads, no connection is held."""
    number = 0
    while True:
        async with runtime.database.read() as db:
            text = await part(db, runtime.ports.sealer, export_id, number)
        if text is None:
            return
        yield text
        number += 1


@router.api_route("/exports/{name}", methods=["GET", "HEAD"])
async def download(request: Request, name: str) -> Response:
    """The copy as a file, or 404."""
    runtime: Runtime = request.app.state.runtime
    try:
        await runtime.door.enter(request.client.host if request.client else "", None)
    except AskedTooOften as often:
        return too_often(often)
    export = await _found(runtime, request, name)
    if export is None:
        return not_found()
    headers = {
        **PRIVATE,
        "content-disposition": 'attachment; filename="qingyi-personal-data.json"',
        "content-length": str(export.size),
    }
    if request.method == "HEAD":
        return Response(headers=headers, media_type="application/json")
    async with runtime.database.write(DOWNLOADS) as tx:
        await note_download(tx, export.id)
    return StreamingResponse(_parts(runtime, export.id), headers=headers, media_type="application/json")
