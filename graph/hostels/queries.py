"""Where hostels are found."""

import strawberry

from domain.hostels import finding
from domain.hostels.hostel import Hostel as Row
from graph.core.connection import After, Before, Connection, CursorBroken, First, Last, Paging, connect
from graph.core.context import Info
from graph.hostels.hostels import HOSTELS, Hostel
from graph.hostels.inputs import HostelFilter


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
        asked, view = (filter or HostelFilter()).to_domain(), HOSTELS.wanted(info)
        make = view.projection.make

        def show(found: tuple[Row, int | None]) -> Hostel:
            shown = view.show(found[0])
            shown.distance_meters = found[1]
            return shown

        async with info.context.read() as db:
            try:
                state = None if cursor is None else cursor.state
                found = await finding.find(db, asked, state, view.projection)
            except ValueError:
                raise CursorBroken("after" if after is not None else "before") from None
        state = None if found.query is None else found.query.to_state()
        return await connect(
            info.context,
            found.statement,
            lambda *row: (make(*row[:-1]), row[-1]),  # a hostel with its distance
            found.order,
            paging,
            show,
            state,
        )
