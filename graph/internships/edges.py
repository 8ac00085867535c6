"""What hangs on a listing for whoever looks at it, for many listings at once."""

from uuid import UUID

from domain.core.actors import YouthActor
from domain.core.refusals import Refusal
from domain.core.rights import Action
from domain.core.states import histories
from domain.internships import bookmarks
from domain.internships import listing as domain
from domain.internships.eligibility import eligibilities
from graph.core.context import Context, Loader, keyed_loader
from graph.core.errors import Eligibility
from graph.core.history import StateEvent, show_move


def bookmarks_of_viewer(context: Context) -> Loader[UUID, bool | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, bool]:
        if not isinstance(context.actor, YouthActor):
            return {}
        async with context.read() as db:
            return dict.fromkeys(await bookmarks.bookmarked(db, context.actor.id, ids), True)

    return keyed_loader(fetch)


def reasons_against(context: Context) -> Loader[domain.Listing, list[Refusal]]:
    async def fetch(rows: list[domain.Listing]) -> dict[UUID, list[Refusal]]:
        async with context.read() as db:
            return await eligibilities(db, context.actor, rows)

    return Loader(fetch, identity=lambda row: row.id)


def shown_eligibility(reasons: list[Refusal], context: Context) -> Eligibility:
    return Eligibility.of(reasons, context.language)


def moves_of_listings(context: Context) -> Loader[UUID, list[StateEvent] | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, list[StateEvent]]:
        async with context.read() as db:
            seen = await domain.visible_listing_records(
                db, context.actor, Action.SEE_UNPUBLISHED_INTERNSHIPS, ids
            )
            found = await histories(db, seen)
        return {key: [show_move(move) for move in moves] for key, moves in found.items()}

    return keyed_loader(fetch)
