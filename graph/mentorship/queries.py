"""Where mentors are found."""

from collections.abc import Callable

import strawberry

from domain.core.actors import YouthActor
from domain.mentorship import finding
from domain.mentorship.matching import reasons, spoken
from graph.core.connection import (
    After,
    Before,
    Connection,
    CursorBroken,
    Edge,
    First,
    Last,
    Paging,
    list_page,
)
from graph.core.context import Info
from graph.core.edges import looked_through
from graph.mentorship.inputs import MentorFilter
from graph.mentorship.mentors import MENTORS, Mentor


@strawberry.type(description="A mentor in a list.")
class MentorEdge(Edge[Mentor]):
    reasons: list[str] = strawberry.field(
        description="Why this mentor suits the viewer, when signed in; the weightiest first."
    )


@strawberry.type(description="A page of mentors.")
class MentorConnection(Connection[Mentor]):
    why: strawberry.Private[Callable[[], list[list[str]]]]

    @strawberry.field(description="The mentors of this page with their cursors.")
    @looked_through
    def edges(self) -> list[MentorEdge]:
        rows = zip(self.listed.cursors(), self.nodes, self.why(), strict=True)
        return [MentorEdge(cursor=cursor, node=node, reasons=words) for cursor, node, words in rows]


@strawberry.type
class MentorshipQueries:
    @strawberry.field(
        description="Mentors who fit the filter: those who suit the viewer best first, by field, place, language, free times,"
        " answers and load; whom the viewer has met before all others."
    )
    async def mentors(
        self,
        info: Info,
        filter: MentorFilter | None = None,  # the contract's name
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> MentorConnection:
        context, view = info.context, MENTORS.wanted(info)
        paging = Paging(first, after, last, before)
        cursor = paging.cursor(context)
        asked = (filter or MentorFilter()).to_domain()
        own = context.actor.id if isinstance(context.actor, YouthActor) else None
        async with context.read() as db:
            viewer = await finding.viewer_of(db, own, spoken(context.language), asked.fields or ())
            try:
                state = None if cursor is None else cursor.state
                found = await finding.find(db, asked, viewer, state, view.projection)
            except ValueError:
                raise CursorBroken("after" if after is not None else "before") from None
        made = finding.made_of(view.projection)
        listed = await list_page(context, found.statement, made, found.order, paging, found.state)
        rows = listed.page.rows

        def why() -> list[list[str]]:
            return [
                [] if own is None else reasons(row, parts, viewer, context.language) for row, parts in rows
            ]

        return MentorConnection(nodes=[view.show(row) for row, _ in rows], listed=listed, why=why)
