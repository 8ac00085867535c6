"""Moves from one state to another, as clients see them."""

from datetime import datetime

import strawberry

from domain.core.states import Move


@strawberry.type(description="A move from one state to another, with what was said about it.")
class StateEvent:
    status: str = strawberry.field(description="The state moved to.")
    at: datetime = strawberry.field(description="When.")
    note: str | None = strawberry.field(description="What was said about it.")


def show_move(move: Move) -> StateEvent:
    return StateEvent(status=move.status, at=move.at, note=move.note)
