"""
Calendars of sessions as iCalendar feeds, by secret links: a calendar program sends no bearer token.

The link alone opens a feed and is good until its owner renews it; whatever is wrong with one is answered alike.
"""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.exports import PRIVATE, not_found
from api.limits import too_often
from api.runtime import Runtime
from domain.core.limits import AskedTooOften
from domain.mentorship.calendar import feed
from domain.mentorship.states import Side
from infra.links import calendar_path

router = APIRouter()


@router.api_route("/calendars/{side}/{name}.ics", methods=["GET", "HEAD"])
async def calendar(request: Request, side: str, name: str) -> Response:
    """The feed, or 404."""
    runtime: Runtime = request.app.state.runtime
    try:
        await runtime.door.enter(request.client.host if request.client else "", None)
    except AskedTooOften as often:
        return too_often(often)
    try:
        whose, key = Side(side.upper()), UUID(hex=name)
    except ValueError:
        return not_found()
    path = calendar_path(side, key)
    asked = request.query_params
    number = runtime.links.calendar_number(path, asked.get("number", ""), asked.get("signature", ""))
    if path != request.url.path or number is None:
        return not_found()
    async with runtime.database.read() as db:
        found = await feed(db, runtime.ports.sealer, whose, key, number)
    if found is None:
        return not_found()
    return Response(found, headers=PRIVATE, media_type="text/calendar")
