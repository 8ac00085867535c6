"""Where hostels are found."""

from typing import Any

import strawberry

from domain.hostels import finding
from domain.hostels.hostel import Hostel as Row
from graph.core.connection import After, Before, Connection, CursorBroken, First, Last, Paging, connect
from graph.core.context import Info
from graph.hostels.hostels import Hostel, show
from graph.hostels.inputs import HostelFilter


def _made(*row: Any) -> tuple[Row, int | None]:
    """A hostel with its distance."""
    return Row(*row[:-1]), row[-1]


@strawberry.type
class HostelQueries:
    @strawberry.field(
        description="Hostels that fit the filter: the nearest first where it names a point, else the best match for its text."
    )
    async def hostels(
        self,
        info: Info,
        filter: HostelFilter | None = None,  # the contract's name
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Hostel]:
        paging = Paging(first, after, last, before)
        cursor = paging.cursor(info.context)
        asked = (filter or HostelFilter()).to_domain()
        async with info.context.read() as db:
            try:
                found = await finding.find(db, asked, None if cursor is None else cursor.state)
            except ValueError:
                raise CursorBroken("after" if after is not None else "before") from None
        state = None if found.query is None else found.query.to_state()
        return await connect(
            info.context, found.statement, _made, found.order, paging, lambda row: show(*row), state
        )
